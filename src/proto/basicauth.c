/*
 * proto/basicauth.c: HTTP Basic credentials.
 */

#include "proto/basicauth.h"
#include "core/enc.h"

#include <string.h>


static bool
basicauth_text_ok(const char *p, size_t n)
{
    size_t        i;
    unsigned char c;

    for (i = 0; i < n; i++) {
        c = (unsigned char) p[i];

        if (c < 0x20 || c == 0x7f) {
            return false;
        }
    }

    return true;
}


int
gt_basicauth_parse(gt_str_t value, char *buf, size_t size, gt_str_t *user,
                   gt_str_t *pass)
{
    ssize_t  n, colon;
    gt_str_t text;

    if (!gt_str_istarts(value, GT_STR("Basic "))) {
        return GT_ERROR;
    }

    text = gt_str_trim(gt_str_sub(value, 6, value.n));

    n = gt_base64_decode(text, buf, gt_min(size, (size_t) GT_BASICAUTH_MAX));
    if (n < 0 || !basicauth_text_ok(buf, (size_t) n)) {
        return GT_ERROR;
    }

    text = gt_str_make(buf, (size_t) n);

    colon = gt_str_chr(text, ':');
    if (colon < 0) {
        return GT_ERROR;
    }

    *user = gt_str_sub(text, 0, (size_t) colon);
    *pass = gt_str_sub(text, (size_t) colon + 1, text.n);

    return GT_OK;
}


ssize_t
gt_basicauth_write(gt_str_t user, gt_str_t pass, char *out, size_t size)
{
    char    text[GT_BASICAUTH_MAX + 1]; /* gt_str_copy() adds a NUL */
    size_t  n;
    ssize_t rc;

    if (user.n >= GT_BASICAUTH_MAX || pass.n >= GT_BASICAUTH_MAX - user.n
        || gt_str_chr(user, ':') >= 0 || !basicauth_text_ok(user.p, user.n)
        || !basicauth_text_ok(pass.p, pass.n)
        || gt_str_copy(out, size, GT_STR("Basic ")) != 6)
    {
        return GT_ERROR;
    }

    n = gt_str_copy(text, sizeof(text), user);
    text[n++] = ':';
    n += gt_str_copy(text + n, sizeof(text) - n, pass);

    rc = gt_base64_encode(gt_str_make(text, n), out + 6, size - 6);
    explicit_bzero(text, sizeof(text));

    return rc < 0 ? GT_ERROR : rc + 6;
}


bool
gt_basicauth_same(gt_str_t given, gt_str_t want)
{
    size_t           i, j;
    volatile uint8_t diff;

    diff = given.n != want.n;

    if (want.n == 0) {
        want = GT_STR("x"); /* something to compare with */
    }

    /* want is gone through again and again, as long as given lasts */
    for (j = 0, i = 0; i < given.n; i++) {
        diff |= (uint8_t) given.p[i] ^ (uint8_t) want.p[j];
        j = j + 1 < want.n ? j + 1 : 0;
    }

    return diff == 0;
}
