/*
 * Plain scalars: what they read as, how Go prints numbers, which texts need
 * quotes, and which.
 */

#include "conf/dump.h"
#include "conf/plain.h"

#include "tap.h"

#include <stdio.h>
#include <stdlib.h>


static void
test_kind(void)
{
    static const struct {
        const char     *text;
        gt_plain_kind_t kind;
    } rows[] = { { "", GT_PLAIN_NULL },
                 { "~", GT_PLAIN_NULL },
                 { "Null", GT_PLAIN_NULL },
                 { "nULL", GT_PLAIN_TEXT },
                 { "true", GT_PLAIN_BOOL },
                 { "FALSE", GT_PLAIN_BOOL },
                 { "yes", GT_PLAIN_TEXT },
                 { "0", GT_PLAIN_INT },
                 { "-0", GT_PLAIN_INT },
                 { "+1", GT_PLAIN_INT },
                 { "010", GT_PLAIN_INT },
                 { "0x1F", GT_PLAIN_INT },
                 { "0o17", GT_PLAIN_INT },
                 { "-0b11", GT_PLAIN_INT },
                 { "1_000", GT_PLAIN_INT },
                 { "0x", GT_PLAIN_TEXT },
                 { "0b12", GT_PLAIN_TEXT },
                 { "08", GT_PLAIN_REAL },
                 { "1.", GT_PLAIN_REAL },
                 { ".5", GT_PLAIN_REAL },
                 { ".", GT_PLAIN_TEXT },
                 { "1e3", GT_PLAIN_REAL },
                 { "1e", GT_PLAIN_TEXT },
                 { "e3", GT_PLAIN_TEXT },
                 { ".inf", GT_PLAIN_REAL },
                 { "-.Inf", GT_PLAIN_REAL },
                 { ".nan", GT_PLAIN_REAL },
                 { "-.nan", GT_PLAIN_TEXT },
                 { "1e999", GT_PLAIN_TEXT },
                 { "18446744073709551615", GT_PLAIN_INT },
                 { "18446744073709551616", GT_PLAIN_REAL },
                 { "-9223372036854775808", GT_PLAIN_INT },
                 { "-9223372036854775809", GT_PLAIN_REAL },
                 { "2001-02-03", GT_PLAIN_DATE },
                 { "2001-2-3", GT_PLAIN_DATE },
                 { "2001-13-03", GT_PLAIN_TEXT },
                 { "201-01-03", GT_PLAIN_TEXT },
                 { "10.0.0.1", GT_PLAIN_TEXT },
                 { "1-2-3", GT_PLAIN_TEXT },
                 { "::1", GT_PLAIN_TEXT },
                 { "-", GT_PLAIN_TEXT } };
    size_t     i;
    gt_plain_t v;

    for (i = 0; i < gt_nelts(rows); i++) {
        is_int(gt_plain_kind(rows[i].text, &v), rows[i].kind, rows[i].text);
    }

    gt_plain_kind("-0x10", &v);
    ok(v.minus && v.whole == 16, "-0x10 is -16");
}


static void
test_real(void)
{
    static const struct {
        double      v;
        const char *yaml, *json, *digits;
    } rows[] = {
        { 0, "0", "0", "0" },
        { 1.5, "1.5", "1.5", "1.5" },
        { 0.1, "0.1", "0.1", "0.1" },
        { -0.001, "-0.001", "-0.001", "-0.001" },
        { 1000, "1000", "1000", "1000" },
        { 1e6, "1e+06", "1000000", "1000000" },
        { 12345678901., "1.2345678901e+10", "12345678901", "12345678901" },
        { 123456789.25, "1.2345678925e+08", "123456789.25", "123456789.25" },
        { 1e-5, "1e-05", "0.00001", "0.00001" },
        { 1.5e-7, "1.5e-07", "1.5e-7", "0.00000015" },
        { 1e21, "1e+21", "1e+21", "1000000000000000000000" },
        { 1. / 3, "0.3333333333333333", "0.3333333333333333",
          "0.3333333333333333" }
    };
    char   buf[GT_REAL_TEXT];
    size_t i;

    for (i = 0; i < gt_nelts(rows); i++) {
        is_str(gt_plain_real(rows[i].v, GT_REAL_YAML, buf, sizeof(buf)),
               rows[i].yaml, "for YAML");
        is_str(gt_plain_real(rows[i].v, GT_REAL_JSON, buf, sizeof(buf)),
               rows[i].json, "for JSON");
        is_str(gt_plain_real(rows[i].v, GT_REAL_DIGITS, buf, sizeof(buf)),
               rows[i].digits, "digits");
    }

    gt_plain_real(-1.7976931348623157e308, GT_REAL_DIGITS, buf, sizeof(buf));
    is_int(strlen(buf), 310, "the longest");
    gt_plain_real(-5e-324, GT_REAL_DIGITS, buf, sizeof(buf));
    is_int(strlen(buf), 327, "the smallest");
}


static void
text_is(const char *text, bool key, const char *want)
{
    char  *got = NULL;
    size_t n;
    FILE  *out = open_memstream(&got, &n);

    is_int(gt_emit_text(text, key, 2, out), GT_OK, "written");
    fclose(out);
    is_str(got, want, want);
    free(got);
}


static void
test_text(void)
{
    static const char *const same[] = {
        "a",     "a b", ":1",    "::1",     "10.0.0.1:80", "~x",
        "$ 1KB", "a#b", "<x>&",  "^/c(.*)", "Host(`x`)",   "-x",
        "<<",    "=",   "1-2-3", "\xc3\xa9"
    };
    static const char *const doubles[] = { "",     "~",    "1",    "1.5",
                                           "0x1",  "y",    "No",   "on",
                                           "null", "True", "1:30", "2001-01-01",
                                           "+1",   ".5",   "1_000" };
    static const char *const singles[] = { ":",    "-",     "#x", "*.a", "a: b",
                                           "a #b", "[::1]", "{}", " a",  "a ",
                                           ",",    "---",   "%",  "@",   "!x" };
    char                     want[64];
    size_t                   i;

    for (i = 0; i < gt_nelts(same); i++) {
        text_is(same[i], false, same[i]);
    }

    for (i = 0; i < gt_nelts(doubles); i++) {
        gt_snprintf(want, sizeof(want), "\"%s\"", doubles[i]);
        text_is(doubles[i], false, want);
    }

    for (i = 0; i < gt_nelts(singles); i++) {
        gt_snprintf(want, sizeof(want), "'%s'", singles[i]);
        text_is(singles[i], false, want);
    }

    text_is("it's", false, "it's");
    text_is("'", false, "''''");
    text_is("\"q\"", false, "'\"q\"'");
    text_is("\t", false, "\"\\t\"");
    text_is("a\rb", false, "\"a\\rb\"");
    text_is("\x1b\x7f", false, "\"\\e\\x7F\"");
    text_is("\xf0\x9f\x98\x80", false, "\"\\U0001F600\"");
    text_is("\xe2\x80\xa8", false, "\"\\L\"");
    text_is("\xef\xbb\xbf", false, "\"\\uFEFF\"");
    text_is("a\nb", false, "|-\n  a\n  b");
    text_is("a\nb\n", false, "|\n  a\n  b");
    text_is("a\n\n", false, "|+\n  a\n");
    text_is(" a\n\nb", false, "|2-\n   a\n\n  b");
    text_is("a \nb", false, "\"a \\nb\"");
    text_is("a\nb", true, "\"a\\nb\"");
}


int
main(void)
{
    test_kind();
    test_real();
    test_text();

    return tap_done();
}
