/*
 * proto/url_addr.c: one address of a URL: host[:port[-port]].
 */

#include "proto/url.h"

#include <string.h>


/* port[-port] */
static void
url_ports(gt_str_t s, gt_url_addr_t *a)
{
    ssize_t  dash;
    uint64_t lo, hi;

    a->kind = GT_URL_PORT_ODD;

    dash = gt_str_chr(s, '-');

    if (!gt_str_u64(gt_str_sub(s, 0, dash < 0 ? s.n : (size_t) dash), 65535,
                    &lo)) {
        return;
    }

    hi = lo;

    if (dash >= 0
        && !gt_str_u64(gt_str_sub(s, (size_t) dash + 1, s.n), 65535, &hi)) {
        return;
    }

    a->lo = (uint16_t) lo;
    a->hi = (uint16_t) hi;

    if (lo == hi) {
        a->kind = GT_URL_PORT_ONE;

    } else {
        a->kind = lo < hi ? GT_URL_PORT_RANGE : GT_URL_PORT_REVERSE;
    }
}


int
gt_url_addr_parse(gt_str_t s, gt_url_addr_t *a)
{
    ssize_t  at;
    gt_str_t rest;

    memset(a, 0, sizeof(*a));
    a->ipv6 = s.n > 0 && s.p[0] == '[';

    if (a->ipv6) {
        at = gt_str_chr(s, ']');
        if (at < 0) {
            return GT_ERROR;
        }

        a->host = gt_str_sub(s, 1, (size_t) at);
        rest = gt_str_sub(s, (size_t) at + 1, s.n);

    } else {
        at = gt_str_chr(s, ':');
        a->host = gt_str_sub(s, 0, at < 0 ? s.n : (size_t) at);
        rest = gt_str_sub(s, a->host.n, s.n);
    }

    if (rest.n == 0) {
        return GT_OK;
    }

    rest = rest.p[0] == ':' ? gt_str_sub(rest, 1, rest.n) : GT_STR(":");

    if (gt_str_chr(rest, ':') >= 0) {
        return GT_ERROR;
    }

    url_ports(rest, a);

    return GT_OK;
}
