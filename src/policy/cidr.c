/*
 * policy/cidr.c: a set of networks, as an array that is gone through.
 */

#include "policy/cidr.h"

#include "core/mem.h"
#include "core/str.h"

#include <string.h>

enum { CIDR_MAX = 4096 };

typedef struct {
    gt_addr_t net;
    unsigned  bits;
} cidr_t;

struct gt_cidrs {
    size_t n;
    cidr_t nets[];
};


static const uint8_t *
cidr_bytes(const gt_addr_t *a)
{
    return a->sa.sa_family == AF_INET ? (const uint8_t *) &a->in.sin_addr
                                      : (const uint8_t *) &a->in6.sin6_addr;
}


static int
cidr_parse(gt_str_t s, cidr_t *c)
{
    ssize_t  at = gt_str_chr(s, '/');
    gt_str_t ip = gt_str_sub(s, 0, at < 0 ? s.n : (size_t) at);
    uint64_t max, bits;

    if (gt_addr_literal(&c->net, ip.p, ip.n, 0) != GT_OK) {
        return GT_ERROR;
    }

    max = bits = c->net.sa.sa_family == AF_INET ? 32 : 128;

    if (at >= 0 && !gt_str_u64(gt_str_sub(s, (size_t) at + 1, s.n), max, &bits))
    {
        return GT_ERROR;
    }

    c->bits = (unsigned) bits;

    return GT_OK;
}


static int
cidr_add(gt_cidrs_t *c, gt_str_t s, const char *what, const gt_place_t *place,
         gt_diag_t *d)
{
    s = gt_str_trim(s);

    if (s.n == 0) {
        return GT_OK;
    }

    if (c->n == CIDR_MAX) {
        gt_diag_error(d, place, "%s: more than %d networks", what,
                      (int) CIDR_MAX);
        return GT_ERROR;
    }

    if (cidr_parse(s, &c->nets[c->n]) != GT_OK) {
        gt_diag_error(d, place, "%s: \"%.*s\" is no address and no network",
                      what, (int) gt_min(s.n, (size_t) 100), s.p);
        return GT_ERROR;
    }

    c->n++;

    return GT_OK;
}


static size_t
cidr_commas(const char *p)
{
    size_t n;

    for (n = 1; *p; p++) {
        n += *p == ',';
    }

    return n;
}


int
gt_cidrs_new(const gt_cnode_t *v, const char *what, gt_cidrs_t **out,
             gt_diag_t *d)
{
    int               rc = GT_OK;
    size_t            n = 0;
    gt_str_t          rest, part;
    gt_cidrs_t       *c;
    const gt_cnode_t *m, *first;

    *out = NULL;

    if (!v || v->kind == GT_NODE_NULL) {
        return GT_OK;
    }

    first = v->kind == GT_NODE_LIST ? v->first : v;

    for (m = first; m; m = v->kind == GT_NODE_LIST ? m->next : NULL) {
        if (m->kind != GT_NODE_SCALAR) {
            gt_diag_error(d, &m->place, "%s: want addresses", what);
            return GT_ERROR;
        }

        n += cidr_commas(m->text);
    }

    c = gt_calloc(sizeof(gt_cidrs_t)
                  + gt_min(n, (size_t) CIDR_MAX) * sizeof(cidr_t));
    if (!c) {
        gt_diag_error(d, &v->place, "no memory");
        return GT_ERROR;
    }

    for (m = first; m; m = v->kind == GT_NODE_LIST ? m->next : NULL) {
        rest = gt_str_from(m->text);

        while (gt_str_split(&rest, ',', &part)) {
            if (cidr_add(c, part, what, &m->place, d) != GT_OK) {
                rc = GT_ERROR;
            }
        }
    }

    *out = c;

    return rc;
}


void
gt_cidrs_free(gt_cidrs_t *c)
{
    gt_free(c);
}


static bool
cidr_has(const cidr_t *c, const gt_addr_t *a)
{
    unsigned       n = c->bits / 8, rest = c->bits % 8;
    const uint8_t *net, *ip;

    if (c->net.sa.sa_family != a->sa.sa_family) {
        return false;
    }

    net = cidr_bytes(&c->net);
    ip = cidr_bytes(a);

    return memcmp(net, ip, n) == 0
           && (rest == 0 || (net[n] ^ ip[n]) >> (8 - rest) == 0);
}


bool
gt_cidrs_has(const gt_cidrs_t *c, const gt_addr_t *a)
{
    size_t i;

    for (i = 0; c && a->len && i < c->n; i++) {
        if (cidr_has(&c->nets[i], a)) {
            return true;
        }
    }

    return false;
}
