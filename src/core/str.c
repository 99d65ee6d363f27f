/*
 * core/str.c: counted strings.
 */

#include "core/str.h"

#include <stdio.h>
#include <string.h>


gt_str_t
gt_str_from(const char *s)
{
    return gt_str_make(s, s != NULL ? strlen(s) : 0);
}


bool
gt_str_eq(gt_str_t a, gt_str_t b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}


bool
gt_str_ieq(gt_str_t a, gt_str_t b)
{
    size_t i;

    if (a.n != b.n) {
        return false;
    }

    for (i = 0; i < a.n; i++) {
        if (gt_lower((unsigned char) a.p[i])
            != gt_lower((unsigned char) b.p[i])) {
            return false;
        }
    }

    return true;
}


bool
gt_str_starts(gt_str_t s, gt_str_t with)
{
    return gt_str_eq(gt_str_sub(s, 0, with.n), with);
}


bool
gt_str_istarts(gt_str_t s, gt_str_t with)
{
    return gt_str_ieq(gt_str_sub(s, 0, with.n), with);
}


bool
gt_str_ends(gt_str_t s, gt_str_t with)
{
    return s.n >= with.n && gt_str_eq(gt_str_sub(s, s.n - with.n, s.n), with);
}


gt_str_t
gt_str_trim(gt_str_t s)
{
    while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t')) {
        s.p++;
        s.n--;
    }

    while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t')) {
        s.n--;
    }

    return s;
}


gt_str_t
gt_str_sub(gt_str_t s, size_t from, size_t to)
{
    to = gt_min(to, s.n);
    from = gt_min(from, to);

    /* NULL + 0 is not for C11 */
    return gt_str_make(from > 0 ? s.p + from : s.p, to - from);
}


ssize_t
gt_str_chr(gt_str_t s, char c)
{
    const char *at;

    at = s.n > 0 ? memchr(s.p, c, s.n) : NULL;

    return at != NULL ? at - s.p : -1;
}


ssize_t
gt_str_rchr(gt_str_t s, char c)
{
    const char *at;

    at = s.n > 0 ? memrchr(s.p, c, s.n) : NULL;

    return at != NULL ? at - s.p : -1;
}


ssize_t
gt_str_find(gt_str_t s, gt_str_t what)
{
    const char *at;

    if (what.n == 0) {
        return 0;
    }

    at = s.n >= what.n ? memmem(s.p, s.n, what.p, what.n) : NULL;

    return at != NULL ? at - s.p : -1;
}


bool
gt_str_split(gt_str_t *rest, char sep, gt_str_t *part)
{
    ssize_t at;

    if (rest->p == NULL) {
        return false;
    }

    at = gt_str_chr(*rest, sep);

    if (at < 0) {
        *part = *rest;
        *rest = gt_str_make(NULL, 0);
        return true;
    }

    *part = gt_str_sub(*rest, 0, (size_t) at);
    *rest = gt_str_sub(*rest, (size_t) at + 1, rest->n);

    return true;
}


bool
gt_str_u64(gt_str_t s, uint64_t max, uint64_t *value)
{
    size_t   i;
    unsigned digit;
    uint64_t v;

    for (v = 0, i = 0; i < s.n; i++) {
        digit = (unsigned) (unsigned char) s.p[i] - '0';

        if (digit > 9 || v > max / 10 || digit > max - v * 10) {
            return false;
        }

        v = v * 10 + digit;
    }

    if (s.n == 0) {
        return false;
    }

    *value = v;

    return true;
}


bool
gt_str_among(gt_str_t s, const gt_str_t *list, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++) {
        if (gt_str_ieq(s, list[i])) {
            return true;
        }
    }

    return false;
}


size_t
gt_str_copy(char *buf, size_t size, gt_str_t s)
{
    size_t n;

    if (size == 0) {
        return 0;
    }

    n = gt_min(s.n, size - 1);

    if (n > 0) {
        memcpy(buf, s.p, n);
    }

    buf[n] = '\0';

    return n;
}


size_t
gt_vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
    int n;

    if (size == 0) {
        return 0;
    }

    n = vsnprintf(buf, size, fmt, ap);

    if (n < 0) {
        buf[0] = '\0';
        return 0;
    }

    return gt_min((size_t) n, size - 1);
}


size_t
gt_snprintf(char *buf, size_t size, const char *fmt, ...)
{
    size_t  n;
    va_list ap;

    va_start(ap, fmt);
    n = gt_vsnprintf(buf, size, fmt, ap);
    va_end(ap);

    return n;
}
