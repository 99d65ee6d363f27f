/*
 * route/route_net.c: how sockets leave this machine: interface, so_mark, netns.
 */

#include "core/str.h"
#include "os/proc.h"
#include "route/impl.h"

#include <errno.h>
#include <linux/capability.h>
#include <net/if.h>
#include <string.h>

typedef struct {
    const char *interface;
    int64_t     mark;
    const char *netns;
} route_net_conf_t;

/* clang-format off */
const gt_opt_t gt_route_net_opts[] = {
    { "interface", gt_opt_str, offsetof(route_net_conf_t, interface), NULL,
      "leave by this device, or from this address" },
    { "so_mark",   gt_opt_int, offsetof(route_net_conf_t, mark), "0",
      "the mark of outgoing packets; needs CAP_NET_ADMIN" },
    { "netns|netns.out", gt_opt_str, offsetof(route_net_conf_t, netns), NULL,
      "not built yet" },
    { .name = NULL }
};
/* clang-format on */


static int
route_net_interface(gt_route_net_t *net, const char *name,
                    const gt_place_t *where, gt_diag_t *d)
{
    net->cf.interface = NULL;
    net->source.len = 0;

    if (gt_addr_literal(&net->source, name, strlen(name), 0) == GT_OK) {
        return GT_OK;
    }

    if (strlen(name) >= IFNAMSIZ) {
        gt_diag_error(d, where,
                      "interface \"%.100s\": neither a device nor an "
                      "address",
                      name);
        return GT_ERROR;
    }

    if (if_nametoindex(name) == 0) {
        gt_diag_warn(d, where, "interface \"%s\": there is none now", name);
    }

    net->cf.interface = name;

    return GT_OK;
}


int
gt_route_net_init(gt_route_net_t *net, const gt_cnode_t *owner,
                  const gt_route_net_t *up, gt_routes_t *rs, gt_diag_t *d)
{
    int               rc;
    const char       *why;
    route_net_conf_t  cf = { 0 };
    const gt_cnode_t *opts = gt_cnode_get(owner, "sockopts");
    const gt_cnode_t *meta = gt_cnode_get(owner, "metadata");

    if (up) {
        *net = *up;
    }

    /* the old spots first: metadata overrules them */
    rc = gt_opt_apply(gt_route_net_opts, &cf, owner, d, NULL, NULL);
    if (gt_cnode_get(opts, "mark")
        && gt_opt_int(&cf.mark, gt_cnode_get(opts, "mark"), &why) != GT_OK)
    {
        gt_diag_error(d, &opts->place, "sockopts.mark: %s", why);
        rc = GT_ERROR;
    }

    if (meta && meta->kind == GT_NODE_MAP
        && gt_opt_apply(gt_route_net_opts, &cf, meta, d, NULL, NULL) != GT_OK)
    {
        rc = GT_ERROR;
    }

    if (cf.netns && cf.netns[0]) {
        gt_diag_error(d, &owner->place,
                      "netns: not built yet, and not safe to "
                      "ignore");
        rc = GT_ERROR;
    }

    if (cf.mark < 0 || cf.mark > UINT32_MAX) {
        gt_diag_error(d, &owner->place, "so_mark: want 0 to 4294967295");
        rc = GT_ERROR;

    } else if (cf.mark > 0) {
        net->cf.mark = (uint32_t) cf.mark;
        rs->caps |= GT_PROC_CAP(CAP_NET_ADMIN);
    }

    if (cf.interface && cf.interface[0]
        && route_net_interface(net, cf.interface, &owner->place, d) != GT_OK)
    {
        rc = GT_ERROR;
    }

    net->cf.source = net->source.len ? &net->source : NULL;

    return rc;
}


void
gt_route_net_later(const gt_cnode_t *owner, gt_diag_t *d)
{
    const gt_cnode_t *meta = gt_cnode_get(owner, "metadata");
    const gt_cnode_t *v = gt_cnode_get(meta, "proxyProtocol");

    if (v && v->kind == GT_NODE_SCALAR && v->text[0]
        && strcmp(v->text, "0") != 0) {
        gt_diag_warn(d, &v->place, "proxyProtocol: not built yet, ignored");
    }
}
