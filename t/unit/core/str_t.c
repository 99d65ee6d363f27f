/*
 * Counted strings: comparing, cutting, splitting, numbers, bounded printing.
 */

#include "core/str.h"

#include "tap.h"


static void
test_compare(void)
{
    const gt_str_t list[] = { GT_STR("TE"), GT_STR("Upgrade") };

    ok(gt_str_eq(GT_STR("abc"), gt_str_from("abc")), "eq");
    ok(!gt_str_eq(GT_STR("abc"), GT_STR("abC")), "eq minds the case");
    ok(!gt_str_eq(GT_STR("abc"), GT_STR("ab")), "eq minds the length");
    ok(gt_str_eq(gt_str_from(NULL), GT_STR("")), "NULL is empty");
    ok(gt_str_ieq(GT_STR("Content-Length"), GT_STR("cONTENT-lENGTH")), "ieq");
    ok(!gt_str_ieq(GT_STR("a[b"), GT_STR("a{b")), "ieq folds letters only");
    ok(!gt_str_ieq(GT_STR("\xc4"), GT_STR("\xe4")), "ieq folds ASCII only");
    ok(gt_str_eq(GT_STR("a\0b"), gt_str_make("a\0b", 3)), "a NUL is a byte");
    ok(!gt_str_eq(GT_STR("a\0b"), GT_STR("a\0c")), "and so is what follows");

    ok(gt_str_among(GT_STR("upgrade"), list, 2), "among");
    ok(!gt_str_among(GT_STR("upgrade"), list, 1), "among the first");
    ok(!gt_str_among(GT_STR("T"), list, 2), "not among");

    ok(gt_str_starts(GT_STR("Basic x"), GT_STR("Basic ")), "starts");
    ok(!gt_str_starts(GT_STR("basic x"), GT_STR("Basic ")), "starts, case");
    ok(!gt_str_starts(GT_STR("Bas"), GT_STR("Basic ")), "starts, short");
    ok(gt_str_istarts(GT_STR("bASIC x"), GT_STR("Basic ")), "istarts");
    ok(gt_str_ends(GT_STR("a.example"), GT_STR(".example")), "ends");
    ok(!gt_str_ends(GT_STR("example"), GT_STR(".example")), "ends, short");
}


static void
test_cut(void)
{
    ok(gt_str_eq(gt_str_trim(GT_STR(" \t a b \t")), GT_STR("a b")), "trim");
    ok(gt_str_trim(GT_STR(" \t ")).n == 0, "trim of blanks");
    ok(gt_str_trim(gt_str_from(NULL)).n == 0, "trim of nothing");
    ok(gt_str_eq(gt_str_trim(GT_STR("\va\r")), GT_STR("\va\r")),
       "trim leaves other white space");
    ok(gt_str_eq(gt_str_sub(GT_STR("abcdef"), 2, 4), GT_STR("cd")), "sub");
    ok(gt_str_eq(gt_str_sub(GT_STR("abc"), 2, 99), GT_STR("c")), "sub, cut");
    ok(gt_str_sub(GT_STR("abc"), 9, 99).n == 0, "sub beyond the end");
    ok(gt_str_sub(GT_STR("abc"), 2, 1).n == 0, "sub reversed");

    is_int(gt_str_chr(GT_STR("a:b:c"), ':'), 1, "chr");
    is_int(gt_str_rchr(GT_STR("a:b:c"), ':'), 3, "rchr");
    is_int(gt_str_chr(GT_STR("abc"), ':'), -1, "chr, none");
    is_int(gt_str_rchr(gt_str_from(NULL), ':'), -1, "rchr, NULL");
    is_int(gt_str_find(GT_STR("http://x"), GT_STR("://")), 4, "find");
    is_int(gt_str_find(GT_STR("http:/"), GT_STR("://")), -1, "find, none");
    is_int(gt_str_find(gt_str_from(NULL), GT_STR("x")), -1, "find in NULL");
    is_int(gt_str_find(GT_STR("x"), GT_STR("")), 0, "find nothing");
}


static void
split_is(const char *text, const char *want)
{
    char     got[64];
    size_t   n;
    gt_str_t rest, part;

    rest = gt_str_from(text);
    got[0] = '\0';

    for (n = 0; gt_str_split(&rest, ',', &part);) {
        n += gt_snprintf(got + n, sizeof(got) - n, "<%.*s>", GT_STR_ARG(part));
    }

    is_str(got, want, "split");
}


static void
test_split(void)
{
    split_is("a,b,c", "<a><b><c>");
    split_is("a,,b", "<a><><b>");
    split_is("a,", "<a><>");
    split_is(",", "<><>");
    split_is("", "<>");
    split_is("abc", "<abc>");
    split_is(NULL, "");
}


static void
test_u64(void)
{
    size_t   i;
    uint64_t v;

    static const char *bad[] = { "",    "-1",   "+1",
                                 " 1",  "1 ",   "0x1",
                                 "1_0", "1.0",  "1e2",
                                 "101", "a",    "/",
                                 ":",   "\xb1", "18446744073709551616" };

    for (i = 0; i < gt_nelts(bad); i++) {
        ok(!gt_str_u64(gt_str_from(bad[i]), 100, &v), "u64 refuses \"%s\"",
           bad[i]);
    }

    ok(gt_str_u64(GT_STR("100"), 100, &v) && v == 100, "u64, the maximum");
    ok(gt_str_u64(GT_STR("007"), 100, &v) && v == 7, "u64, leading zeros");
    ok(gt_str_u64(GT_STR("0"), 0, &v) && v == 0, "u64, zero");
    ok(!gt_str_u64(GT_STR("1"), 0, &v), "u64, maximum zero");
    ok(gt_str_u64(GT_STR("18446744073709551615"), UINT64_MAX, &v)
           && v == UINT64_MAX,
       "u64, 2^64 - 1");
    ok(!gt_str_u64(GT_STR("18446744073709551616"), UINT64_MAX, &v),
       "u64, 2^64");
    ok(!gt_str_u64(GT_STR("99999999999999999999"), UINT64_MAX, &v),
       "u64, twenty nines");
}


static void
test_print(void)
{
    char buf[8];

    is_int(gt_snprintf(buf, sizeof(buf), "%d", 1234567), 7, "printed, fits");
    is_str(buf, "1234567", "text");
    is_int(gt_snprintf(buf, sizeof(buf), "%d", 12345678), 7, "printed, cut");
    is_str(buf, "1234567", "text");
    is_int(gt_snprintf(buf, 1, "x"), 0, "one byte takes the NUL");
    is_str(buf, "", "text");
    buf[0] = 'k';
    is_int(gt_snprintf(buf, 0, "x"), 0, "no byte takes nothing");
    ok(buf[0] == 'k', "untouched");

    is_int(gt_str_copy(buf, sizeof(buf), GT_STR("abc")), 3, "copied");
    is_str(buf, "abc", "text");
    is_int(gt_str_copy(buf, 3, GT_STR("abc")), 2, "copied, cut");
    is_str(buf, "ab", "text");
    is_int(gt_str_copy(buf, 0, GT_STR("abc")), 0, "copied nowhere");
    is_int(gt_str_copy(buf, 4, gt_str_from(NULL)), 0, "copied NULL");
    is_str(buf, "", "text");
}


int
main(void)
{
    test_compare();
    test_cut();
    test_split();
    test_u64();
    test_print();

    return tap_done();
}
