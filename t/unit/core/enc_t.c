/*
 * base64, hexadecimal and percent encoding: vectors, bounds, round trips.
 */

#include "core/enc.h"

#include "tap.h"


/* RFC 4648 10 */
static const struct {
    const char *plain, *std, *url;
} vectors[] = {
    { "", "", "" },
    { "f", "Zg==", "Zg" },
    { "fo", "Zm8=", "Zm8" },
    { "foo", "Zm9v", "Zm9v" },
    { "foob", "Zm9vYg==", "Zm9vYg" },
    { "fooba", "Zm9vYmE=", "Zm9vYmE" },
    { "foobar", "Zm9vYmFy", "Zm9vYmFy" },
    { "l:?\?\?>", "bDo/Pz8+", "bDo_Pz8-" },
};


static void
test_base64(void)
{
    char     buf[32];
    size_t   i;
    ssize_t  n;
    gt_str_t plain, std, url;

    for (i = 0; i < gt_nelts(vectors); i++) {
        plain = gt_str_from(vectors[i].plain);
        std = gt_str_from(vectors[i].std);
        url = gt_str_from(vectors[i].url);

        n = gt_base64_encode(plain, buf, std.n);
        ok(n >= 0 && gt_str_eq(gt_str_make(buf, (size_t) n), std),
           "base64 of \"%s\"", plain.p);
        is_int(GT_BASE64_SIZE(plain.n), std.n, "size");

        n = gt_base64_decode(std, buf, plain.n);
        ok(n >= 0 && gt_str_eq(gt_str_make(buf, (size_t) n), plain),
           "and back");

        n = gt_base64url_encode(plain, buf, url.n);
        ok(n >= 0 && gt_str_eq(gt_str_make(buf, (size_t) n), url),
           "base64url of \"%s\"", plain.p);

        n = gt_base64url_decode(url, buf, plain.n);
        ok(n >= 0 && gt_str_eq(gt_str_make(buf, (size_t) n), plain),
           "and back");

        if (plain.n > 0) {
            is_int(gt_base64_encode(plain, buf, std.n - 1), GT_ERROR,
                   "no room to encode");
            is_int(gt_base64_decode(std, buf, plain.n - 1), GT_ERROR,
                   "no room to decode");
            is_int(gt_base64url_encode(plain, buf, url.n - 1), GT_ERROR,
                   "no room to encode, url");
            is_int(gt_base64url_decode(url, buf, plain.n - 1), GT_ERROR,
                   "no room to decode, url");
        }
    }
}


static void
test_base64_bad(void)
{
    char   buf[32];
    size_t i;

    static const char *bad[] = { "Zg",     "Zg=",      "Zg===",    "Z===",
                                 "====",   "=Zg=",     "Zg==Zg==", "Zh==",
                                 "Zm9=",   "Zm 9",     "Zm9-",     "Zm9_",
                                 "Zm9v\n", "Zm9v\r\n", "Z" };
    static const char *bad_url[] = { "Z",    "Zg==", "Zh",    "Zm9",
                                     "bDo/", "bDo+", "Zm9vZ", "Zm 9" };

    for (i = 0; i < gt_nelts(bad); i++) {
        is_int(gt_base64_decode(gt_str_from(bad[i]), buf, sizeof(buf)),
               GT_ERROR, "base64 refused");
    }

    for (i = 0; i < gt_nelts(bad_url); i++) {
        is_int(gt_base64url_decode(gt_str_from(bad_url[i]), buf, sizeof(buf)),
               GT_ERROR, "base64url refused");
    }
}


static void
test_round_trip(void)
{
    char     text[1024];
    bool     good;
    size_t   i, n;
    ssize_t  m;
    uint8_t  in[256], out[256];
    gt_str_t s;

    for (i = 0; i < sizeof(in); i++) {
        in[i] = (uint8_t) (i * 167 + 13);
    }

    for (good = true, n = 0; n <= sizeof(in); n++) {
        s = gt_str_make(in, n);

        m = gt_base64_encode(s, text, sizeof(text));
        good = good && m == (ssize_t) GT_BASE64_SIZE(n);
        m = gt_base64_decode(gt_str_make(text, (size_t) m), out, n);
        good = good && gt_str_eq(gt_str_make(out, (size_t) m), s);

        m = gt_base64url_encode(s, text, sizeof(text));
        m = gt_base64url_decode(gt_str_make(text, (size_t) m), out, n);
        good = good && gt_str_eq(gt_str_make(out, (size_t) m), s);

        m = gt_hex_encode(s, text, n * 2);
        m = gt_hex_decode(gt_str_make(text, (size_t) m), out, n);
        good = good && gt_str_eq(gt_str_make(out, (size_t) m), s);

        m = gt_percent_encode(s, text, sizeof(text), "");
        m = gt_percent_decode(gt_str_make(text, (size_t) m), (char *) out, n,
                              true);
        good = good && gt_str_eq(gt_str_make(out, (size_t) m), s);
    }

    ok(good, "every length up to 256 comes back, in four encodings");
}


static void
test_hex(void)
{
    char buf[8];

    is_int(gt_hex_decode(GT_STR("0aFf"), buf, 2), 2, "hex");
    ok(memcmp(buf, "\x0a\xff", 2) == 0, "bytes");
    is_int(gt_hex_decode(GT_STR("0aF"), buf, 8), GT_ERROR, "odd length");
    is_int(gt_hex_decode(GT_STR("0g"), buf, 8), GT_ERROR, "no digit");
    is_int(gt_hex_decode(GT_STR("0a0b"), buf, 1), GT_ERROR, "no room");
    is_int(gt_hex_encode(GT_STR("abcd"), buf, 7), GT_ERROR, "no room");
    is_int(gt_hex_digit('G'), -1, "G");
    is_int(gt_hex_digit('@'), -1, "@");
    is_int(gt_hex_digit('F'), 15, "F");
}


static void
percent_is(const char *in, bool plus, const char *want)
{
    char    buf[32];
    ssize_t n;

    n = gt_percent_decode(gt_str_from(in), buf, sizeof(buf) - 1, plus);
    buf[n < 0 ? 0 : n] = '\0';

    if (want == NULL) {
        is_int(n, GT_ERROR, in);

    } else {
        is_str(n < 0 ? "(refused)" : buf, want, in);
    }
}


static void
test_percent(void)
{
    char    buf[16];
    ssize_t n;

    percent_is("a%20b+c", false, "a b+c");
    percent_is("a%20b+c", true, "a b c");
    percent_is("%2B%2b", true, "++");
    percent_is("%", false, NULL);
    percent_is("%2", false, NULL);
    percent_is("%zz", false, NULL);
    percent_is("a%2", false, NULL);
    percent_is("%%41", false, NULL);
    percent_is("", false, "");

    is_int(gt_percent_decode(GT_STR("%41%42"), buf, 1, false), GT_ERROR,
           "no room");
    is_int(gt_percent_decode(GT_STR("%41%42"), buf, 2, false), 2, "room");

    n = gt_percent_encode(GT_STR("a b/~\xff"), buf, sizeof(buf), "/");
    ok(n == 10 && memcmp(buf, "a%20b/~%FF", 10) == 0, "encoded");
    is_int(gt_percent_encode(GT_STR("a b"), buf, 4, ""), GT_ERROR, "no room");
    is_int(gt_percent_encode(GT_STR("ab"), buf, 1, ""), GT_ERROR, "no room");
    n = gt_percent_encode(GT_STR("\0"), buf, sizeof(buf), "/");
    ok(n == 3 && memcmp(buf, "%00", 3) == 0, "a NUL is never kept");

    memcpy(buf, "%41b%43", 7);
    n = gt_percent_decode(gt_str_make(buf, 7), buf, 7, false);
    ok(n == 3 && memcmp(buf, "AbC", 3) == 0, "in place");
}


int
main(void)
{
    test_base64();
    test_base64_bad();
    test_round_trip();
    test_hex();
    test_percent();

    return tap_done();
}
