/*
 * Gost-Target: the specification's vector, and what is none.
 */

#include "proto/gosttarget.h"

#include "tap.h"


static void
good(const char *value, const char *want)
{
    char     buf[GT_GOSTTARGET_MAX];
    gt_str_t text;

    ok(gt_gosttarget_parse(gt_str_from(value), buf, sizeof(buf), &text) == GT_OK
           && gt_str_eq(text, gt_str_from(want)),
       "%s", want);
}


static void
bad(const char *value, const char *why)
{
    char     buf[GT_GOSTTARGET_MAX];
    gt_str_t text;

    is_int(gt_gosttarget_parse(gt_str_from(value), buf, sizeof(buf), &text),
           GT_ERROR, why);
}


int
main(void)
{
    size_t i;
    char   text[] = "T2WmIFpYaGhiWEJzWlM1amIyMDZORFF6", one[2000];

    good(text, "example.com:443");
    good("iKgK3U1USTNMakF1TUM0eE9qSTRNRGd3", "127.0.0.1:28080");

    for (i = 0; text[i]; i++) {
        text[i] ^= 2;
        bad(text, "a letter is another");
        text[i] ^= 2;
    }

    bad("", "nothing");
    bad("AAAA", "less than a checksum");
    bad("T2WmIFpYaGhiWEJzWlM1amIyMDZORFF6==", "padding");
    bad("T2WmIFpYaGhiWEJzWlM1amIyMDZORFF6 ", "a blank");
    bad("example.com:443", "in clear");

    memset(one, 'A', sizeof(one) - 1);
    one[sizeof(one) - 1] = '\0';
    bad(one, "too long");

    return tap_done();
}
