/*
 * Durations, sizes, booleans: read as Go and GOST read them, printed as Go
 * prints them.
 */

#include "core/num.h"

#include "tap.h"

#include <stdlib.h>

static const int64_t untouched = 4242;


static void
duration_is(const char *text, int64_t want)
{
    int     rc;
    int64_t ns = untouched;

    rc = gt_num_duration(gt_str_from(text), &ns);
    ok(rc == GT_OK && ns == want, "\"%s\" is %lld, got %lld", text,
       (long long) want, (long long) ns);
}


static void
test_duration(void)
{
    duration_is("0", 0);
    duration_is("-0", 0);
    duration_is("5s", 5 * GT_NS_S);
    duration_is("30m", 30 * GT_NS_M);
    duration_is("1h15m30.5s", GT_NS_H + 15 * GT_NS_M + 30500 * GT_NS_MS);
    duration_is("-1.5ms", -1500000);
    duration_is("+2us", 2000);
    duration_is("3\xc2\xb5s", 3000);
    duration_is("3\xce\xbcs", 3000);
    duration_is("7ns", 7);
    duration_is(".5s", 500 * GT_NS_MS);
    duration_is("5.s", 5 * GT_NS_S);
    duration_is("0.1ns", 0);
    duration_is("1.00000000000000000000001s", GT_NS_S);
    duration_is("0.9999999999999999999999s", GT_NS_S); /* as in Go */
    duration_is("1m1m", 2 * GT_NS_M);
    duration_is("100h", 100 * GT_NS_H);
    duration_is("9223372036854775807ns", INT64_MAX);
    duration_is("-9223372036854775808ns", INT64_MIN);
    duration_is("2562047h47m16.854775807s", INT64_MAX);
}


static void
test_duration_bad(void)
{
    size_t  i;
    int64_t ns = untouched;

    static const char *const bad[] = { "",
                                       "-",
                                       "+",
                                       "1",
                                       "00",
                                       "s",
                                       ".s",
                                       ".",
                                       "1.s.",
                                       "1 s",
                                       " 1s",
                                       "1s ",
                                       "1S",
                                       "1d",
                                       "1e3s",
                                       "--1s",
                                       "1s-1s",
                                       "\xb5s",
                                       "9223372036854775808ns",
                                       "-9223372036854775809ns",
                                       "2562047h47m16.854775808s",
                                       "99999999999999999999s",
                                       "5124095h34m33.709551616s" };

    for (i = 0; i < gt_nelts(bad); i++) {
        ok(gt_num_duration(gt_str_from(bad[i]), &ns) == GT_ERROR
               && ns == untouched,
           "\"%s\" is no duration", bad[i]);
    }

    ok(gt_num_duration(GT_STR("1\0s"), &ns) == GT_ERROR, "a NUL is no unit");
}


static void
test_rules(void)
{
    int64_t ns = 0;

    ok(gt_num_duration_typed(GT_STR("10"), false, &ns) == GT_OK && ns == 10,
       "typed: a bare number is nanoseconds");
    ok(gt_num_duration_typed(GT_STR("-10.9"), false, &ns) == GT_OK && ns == -10,
       "typed: its fraction is cut");
    ok(gt_num_duration_typed(GT_STR("10"), true, &ns) == GT_ERROR,
       "typed: digits in quotes are an error");
    ok(gt_num_duration_typed(GT_STR("10s"), true, &ns) == GT_OK
           && ns == 10 * GT_NS_S,
       "typed: a duration");

    ok(gt_num_duration_meta(GT_STR("10"), &ns) == GT_OK && ns == 10 * GT_NS_S,
       "metadata: a bare number is seconds");
    ok(gt_num_duration_meta(GT_STR("1.5"), &ns) == GT_OK
           && ns == 1500 * GT_NS_MS,
       "metadata: half a second more");
    ok(gt_num_duration_meta(GT_STR("10ms"), &ns) == GT_OK
           && ns == 10 * GT_NS_MS,
       "metadata: a duration");
    ok(gt_num_duration_meta(GT_STR("10000000000"), &ns) == GT_ERROR,
       "metadata: too many seconds");
    ok(gt_num_duration_meta(GT_STR("ten"), &ns) == GT_ERROR,
       "metadata: a word");
}


static void
size_is(const char *text, uint64_t want)
{
    int      rc;
    uint64_t n = 1;

    rc = gt_num_size(gt_str_from(text), &n);
    ok(rc == GT_OK && n == want, "\"%s\" is %llu, got %llu", text,
       (unsigned long long) want, (unsigned long long) n);
}


static void
test_size(void)
{
    size_t   i;
    uint64_t n;

    static const char *const bad[] = {
        "",    "k",   "-1k", "+1",   "1 k", "1kk",      "1x",
        "1ki", "1bi", "1bb", "1.k1", "0x1", "8388608t", "9223372036854775808"
    };

    size_is("0", 0);
    size_is("1000", 1000);
    size_is("7B", 7);
    size_is("16k", 16384);
    size_is("16K", 16384);
    size_is("1.5MB", 1572864);
    size_is("64KiB", 65536);
    size_is("2g", (uint64_t) 2 << 30);
    size_is("1TiB", (uint64_t) 1 << 40);
    size_is("0.5k", 512);
    size_is("1.9", 1);
    size_is("9223372036854775807", INT64_MAX);

    for (i = 0; i < gt_nelts(bad); i++) {
        ok(gt_num_size(gt_str_from(bad[i]), &n) == GT_ERROR,
           "\"%s\" is no size", bad[i]);
    }
}


static void
test_plain(void)
{
    bool    b = false;
    int64_t v = 0;

    ok(gt_num_i64(GT_STR("-9223372036854775808"), &v) == GT_OK
           && v == INT64_MIN,
       "the smallest");
    ok(gt_num_i64(GT_STR("9223372036854775807"), &v) == GT_OK && v == INT64_MAX,
       "the largest");
    ok(gt_num_i64(GT_STR("9223372036854775808"), &v) == GT_ERROR, "one more");
    ok(gt_num_i64(GT_STR("-9223372036854775809"), &v) == GT_ERROR, "one less");
    ok(gt_num_i64(GT_STR("+12"), &v) == GT_OK && v == 12, "a plus");
    ok(gt_num_i64(GT_STR("1.0"), &v) == GT_ERROR, "a fraction");
    ok(gt_num_i64(GT_STR("-"), &v) == GT_ERROR, "a sign alone");

    ok(gt_num_bool(GT_STR("True"), &b) == GT_OK && b, "True");
    ok(gt_num_bool(GT_STR("f"), &b) == GT_OK && !b, "f");
    ok(gt_num_bool(GT_STR("1"), &b) == GT_OK && b, "1");
    ok(gt_num_bool(GT_STR("False"), &b) == GT_OK && !b, "False");
    ok(gt_num_bool(GT_STR("t"), &b) == GT_OK && b, "t");
    ok(gt_num_bool(GT_STR("yes"), &b) == GT_ERROR && b, "yes is neither");
    ok(gt_num_bool(GT_STR("tRUE"), &b) == GT_ERROR, "nor is tRUE");
    ok(gt_num_bool(GT_STR(""), &b) == GT_ERROR, "nor nothing");
}


static void
text_is(int64_t ns, const char *want)
{
    char    buf[GT_NUM_TEXT];
    int64_t back = 0;

    is_str(gt_num_duration_text(ns, buf, sizeof(buf)), want, want);
    ok(gt_num_duration(gt_str_from(buf), &back) == GT_OK && back == ns,
       "and back");
}


static void
test_text(void)
{
    char buf[GT_NUM_TEXT];

    text_is(0, "0s");
    text_is(7, "7ns");
    text_is(-7, "-7ns");
    text_is(1100, "1.1\xc2\xb5s");
    text_is(1460000, "1.46ms");
    text_is(2200000, "2.2ms");
    text_is(999999999, "999.999999ms");
    text_is(GT_NS_S, "1s");
    text_is(3300 * GT_NS_MS, "3.3s");
    text_is(GT_NS_M, "1m0s");
    text_is(4 * GT_NS_M + 5 * GT_NS_S, "4m5s");
    text_is(4 * GT_NS_M + 5001 * GT_NS_MS, "4m5.001s");
    text_is(GT_NS_H, "1h0m0s");
    text_is(5 * GT_NS_H + 6 * GT_NS_M + 7001 * GT_NS_MS, "5h6m7.001s");
    text_is(8 * GT_NS_M + 1, "8m0.000000001s");
    text_is(INT64_MAX, "2562047h47m16.854775807s");
    text_is(INT64_MIN, "-2562047h47m16.854775808s");

    is_str(gt_num_size_text(0, buf, sizeof(buf)), "0B", "0B");
    is_str(gt_num_size_text(1000, buf, sizeof(buf)), "1000B", "1000B");
    is_str(gt_num_size_text(65536, buf, sizeof(buf)), "64KiB", "64KiB");
    is_str(gt_num_size_text((uint64_t) 3 << 20, buf, sizeof(buf)), "3MiB",
           "3MiB");
    is_str(gt_num_size_text((uint64_t) 5000 << 40, buf, sizeof(buf)), "5000TiB",
           "5000TiB");
}


/* whatever is printed is read back */

static void
test_random(void)
{
    int     i, bad = 0;
    char    buf[GT_NUM_TEXT];
    int64_t ns, back;

    srandom(7);

    for (i = 0; i < 20000; i++) {
        ns = (int64_t) ((uint64_t) random() << 33 ^ (uint64_t) random() << 11
                        ^ (uint64_t) random())
             >> random() % 64;
        back = ~ns;
        bad += gt_num_duration(gt_str_from(
                                   gt_num_duration_text(ns, buf, sizeof(buf))),
                               &back)
                   != GT_OK
               || back != ns;
    }

    is_int(bad, 0, "20000 durations to text and back");
}


int
main(void)
{
    test_duration();
    test_duration_bad();
    test_rules();
    test_size();
    test_plain();
    test_text();
    test_random();

    return tap_done();
}
