/*
 * Sets of networks: lists, texts, families, the edges of prefixes, what is
 * none.
 */

#include "policy/cidr.h"

#include "tap.h"

#include <stdlib.h>

static gt_diag_t *d;


static gt_cidrs_t *
set(const char *text, int rc)
{
    gt_cidrs_t *c;
    gt_cnode_t  v = { .kind = GT_NODE_SCALAR, .text = text };

    is_int(gt_cidrs_new(&v, "skipauth", &c, d), rc, text);

    return c;
}


static bool
has(const gt_cidrs_t *c, const char *ip)
{
    gt_addr_t a;

    if (gt_addr_literal(&a, ip, strlen(ip), 1) != GT_OK) {
        abort();
    }

    return gt_cidrs_has(c, &a);
}


int
main(void)
{
    gt_addr_t   path = { 0 };
    gt_cidrs_t *c;
    gt_cnode_t  two = { .kind = GT_NODE_SCALAR, .text = "192.0.2.0/31" };
    gt_cnode_t  one = { .kind = GT_NODE_SCALAR, .text = "::1", .next = &two };
    gt_cnode_t  list = { .kind = GT_NODE_LIST, .first = &one, .last = &two };
    size_t      i;

    static const char *const bad[] = { "10.0.0.0/33", "::/129",
                                       "10.0.0/8",    "example.com",
                                       "10.0.0.0/",   "10.0.0.0/-1",
                                       "/8",          "10.0.0.1 x" };

    d = gt_diag_new();

    c = set("10.0.0.0/8, 192.168.1.77,fe80::/10,,172.16.0.0/12", GT_OK);
    ok(has(c, "10.0.0.0") && has(c, "10.255.255.255"), "a /8");
    ok(!has(c, "9.255.255.255") && !has(c, "11.0.0.0"), "and its edges");
    ok(has(c, "172.31.255.255") && !has(c, "172.32.0.0"), "a /12");
    ok(has(c, "192.168.1.77") && !has(c, "192.168.1.78"), "one address");
    ok(has(c, "febf::1") && !has(c, "fec0::1"), "IPv6");
    ok(has(c, "::ffff:10.1.1.1"), "a mapped address is an IPv4 one");
    ok(!gt_cidrs_has(c, &path), "no address is in none");
    gt_cidrs_free(c);

    is_int(gt_cidrs_new(&list, "x", &c, d), GT_OK, "a list");
    ok(has(c, "::1") && has(c, "192.0.2.1") && !has(c, "192.0.2.2"), "of two");
    gt_cidrs_free(c);

    c = set("0.0.0.0/0", GT_OK);
    ok(has(c, "1.2.3.4") && !has(c, "::1"), "all of a family");
    gt_cidrs_free(c);

    is_int(gt_cidrs_new(NULL, "x", &c, d), GT_OK, "nothing");
    ok(!c && !has(c, "::1"), "holds nobody");
    is_int(gt_diag_errors(d), 0, "no errors so far");

    for (i = 0; i < gt_nelts(bad); i++) {
        gt_cidrs_free(set(bad[i], GT_ERROR));
    }

    is_int(gt_diag_errors(d), gt_nelts(bad), "an error for each");
    gt_diag_free(d);

    return tap_done();
}
