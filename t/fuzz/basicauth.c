/*
 * Fuzzes proto/basicauth: what parses is written again, and parses to the
 * same; nothing lies outside the buffer.
 */

#include "proto/basicauth.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);


int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    char     buf[GT_BASICAUTH_MAX], again[GT_BASICAUTH_MAX];
    char     text[2 * GT_BASICAUTH_MAX];
    ssize_t  len;
    gt_str_t user, pass, user2, pass2;

    if (gt_basicauth_parse(gt_str_make(p, n), buf, sizeof(buf), &user, &pass)
        != GT_OK)
    {
        return 0;
    }

    GT_ASSERT(user.p >= buf && pass.p + pass.n <= buf + sizeof(buf));
    GT_ASSERT(gt_str_chr(user, ':') < 0);

    len = gt_basicauth_write(user, pass, text, sizeof(text));
    GT_ASSERT(len > 0);
    GT_ASSERT(gt_basicauth_parse(gt_str_make(text, (size_t) len), again,
                                 sizeof(again), &user2, &pass2)
              == GT_OK);
    GT_ASSERT(gt_basicauth_same(user, user2) && gt_basicauth_same(pass, pass2));
    GT_ASSERT(!gt_basicauth_same(user, gt_str_make(buf, user.n + pass.n + 1)));

    return 0;
}
