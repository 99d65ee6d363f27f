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
#define ROUTE_NET_OPTS                                                        \
    { "interface", gt_opt_str, offsetof(route_net_conf_t, interface), NULL,   \
      "leave by this device, or from this address" },                         \
    { "so_mark",   gt_opt_int, offsetof(route_net_conf_t, mark), "0",         \
      "the mark of outgoing packets; needs CAP_NET_ADMIN" }

const gt_opt_t gt_route_out_opts[] = {
    ROUTE_NET_OPTS,
    { "netns.out", gt_opt_str, offsetof(route_net_conf_t, netns), NULL,
      "dial from this network namespace: a name under /run/netns, or a path" },
    { .name = NULL }
};

const gt_opt_t gt_route_net_opts[] = {
    ROUTE_NET_OPTS,
    { "netns", gt_opt_str, offsetof(route_net_conf_t, netns), NULL,
      "dial from this network namespace: a name under /run/netns, or a path" },
    { .name = NULL }
};
/* clang-format on */


/* where it stands in the configuration */

static const gt_place_t *
route_net_place(const gt_cnode_t *owner, const char *key)
{
    const gt_cnode_t *v = gt_cnode_get(gt_cnode_get(owner, "metadata"), key);

    v = v ? v : gt_cnode_get(owner, key);

    return v ? &v->place : &owner->place;
}


static int
route_net_space(gt_route_net_t *net, const char *name, const gt_place_t *where,
                gt_routes_t *rs, gt_diag_t *d)
{
    int         i;
    const char *why;

    i = gt_netns_add(&rs->spaces, name, &why);
    if (i < 0) {
        gt_diag_error(d, where, "netns \"%.100s\": %s", name, why);
        return GT_ERROR;
    }

    net->space = (unsigned) i;

    return GT_OK;
}


/* is there such a device, where the sockets are? */

static bool
route_net_has(const gt_route_net_t *net, const gt_routes_t *rs,
              const char *name)
{
    int  home = -1;
    bool has;

    if (net->space) {
        home = gt_netns_enter(&rs->spaces.list[net->space - 1]);
        if (home < 0) {
            return false;
        }
    }

    has = if_nametoindex(name) != 0;

    if (home >= 0) {
        gt_netns_leave(home);
    }

    return has;
}


static int
route_net_interface(gt_route_net_t *net, const char *name,
                    const gt_place_t *where, const gt_routes_t *rs,
                    gt_diag_t *d)
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

    if (!route_net_has(net, rs, name)) {
        gt_diag_warn(d, where, "interface \"%s\": there is none now", name);
    }

    net->cf.interface = name;

    return GT_OK;
}


int
gt_route_net_init(gt_route_net_t *net, const gt_opt_t *opts,
                  const gt_cnode_t *owner, const gt_route_net_t *up,
                  gt_routes_t *rs, gt_diag_t *d)
{
    int               rc;
    const char       *why;
    route_net_conf_t  cf = { 0 };
    const gt_cnode_t *old = gt_cnode_get(owner, "sockopts");
    const gt_cnode_t *meta = gt_cnode_get(owner, "metadata");

    if (up) {
        *net = *up;
    }

    /* the old spots first: metadata overrules them */
    rc = gt_opt_apply(opts, &cf, owner, d, NULL, NULL);
    if (gt_cnode_get(old, "mark")
        && gt_opt_int(&cf.mark, gt_cnode_get(old, "mark"), &why) != GT_OK)
    {
        gt_diag_error(d, &old->place, "sockopts.mark: %s", why);
        rc = GT_ERROR;
    }

    if (meta && meta->kind == GT_NODE_MAP
        && gt_opt_apply(opts, &cf, meta, d, NULL, NULL) != GT_OK)
    {
        rc = GT_ERROR;
    }

    if (cf.netns && cf.netns[0]
        && route_net_space(net, cf.netns, route_net_place(owner, opts[2].name),
                           rs, d)
               != GT_OK)
    {
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
        && route_net_interface(net, cf.interface, &owner->place, rs, d)
               != GT_OK)
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
