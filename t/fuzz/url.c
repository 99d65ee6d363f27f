/*
 * Fuzzes proto/url: both kinds of URL, and the addresses that come of them.
 * Every part lies in the text or in the buffer.
 */

#include "proto/url.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static const char *from, *copy;
static size_t      from_n, copy_n;


static void
inside(gt_str_t s)
{
    /* "auto" and "http+tls" are static */
    if (s.n == 0 || gt_str_eq(s, GT_STR("auto")) || gt_str_eq(s, GT_STR("http"))
        || gt_str_eq(s, GT_STR("tls")) || gt_str_eq(s, GT_STR("http+tls")))
    {
        return;
    }

    GT_ASSERT((s.p >= from && s.p + s.n <= from + from_n)
              || (s.p >= copy && s.p + s.n <= copy + copy_n));
}


static void
address(gt_str_t list)
{
    gt_str_t      part;
    gt_url_addr_t a;

    while (list.p != NULL && gt_str_split(&list, ',', &part)) {
        if (gt_url_addr_parse(part, &a) != GT_OK) {
            continue;
        }

        inside(a.host);
        GT_ASSERT(a.kind != GT_URL_PORT_ONE || a.lo == a.hi);
        GT_ASSERT(a.kind != GT_URL_PORT_RANGE || a.lo < a.hi);
        GT_ASSERT(a.kind != GT_URL_PORT_REVERSE || a.lo > a.hi);
    }
}


static void
parse(gt_url_kind_t kind)
{
    int      rc;
    unsigned i;
    gt_url_t u;
    gt_str_t value;

    memset(&u, 0, sizeof(u));
    rc = gt_url_parse(gt_str_make(from, from_n), kind, (char *) copy, copy_n,
                      &u);
    GT_ASSERT(rc == GT_OK || rc == GT_DONE || (rc == GT_ERROR && u.why));

    if (rc != GT_OK) {
        return;
    }

    inside(u.scheme);
    inside(u.user);
    inside(u.pass);
    inside(u.address);
    inside(u.path);
    inside(u.target);
    address(u.address);
    address(u.target);

    GT_ASSERT(u.npairs <= GT_URL_PAIRS);
    for (i = 0; i < u.npairs; i++) {
        inside(u.pairs[i].key);
        inside(u.pairs[i].value);
    }

    if (gt_url_get(&u, "auth", &value)) {
        GT_ASSERT(gt_url_iget(&u, "AUTH", &value));
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    from = (const char *) p;
    from_n = n;
    copy_n = GT_URL_ROOM(n);
    copy = malloc(copy_n);

    parse(GT_URL_LISTEN);
    parse(GT_URL_NODE);
    free((char *) copy);

    return 0;
}
