/*
 * route/route.c: a service's way out: one of the chains, or direct.
 */

#include "route/route.h"

#include "core/mem.h"
#include "route/impl.h"


static const gt_route_chain_t *
route_chain(const gt_routes_t *rs, const gt_route_conf_t *cf, gt_diag_t *d)
{
    int                     i;
    const gt_chain_model_t *cm = gt_model_chain(cf->context, cf->chain);

    for (i = 0; cm && i < rs->n_chains; i++) {
        if (rs->chains[i].model == cm) {
            return &rs->chains[i];
        }
    }

    gt_diag_error(d, NULL, "chain \"%s\" is not defined", cf->chain);

    return NULL;
}


gt_route_t *
gt_route_new(gt_routes_t *rs, const gt_route_conf_t *cf, gt_diag_t *d)
{
    gt_route_t *rt = gt_calloc(sizeof(*rt));

    if (!rt) {
        gt_diag_error(d, NULL, "no memory");
        return NULL;
    }

    rt->routes = rs;
    rt->retries = gt_max(cf->retries, 0);
    rt->dial_ms = cf->dial_ms ? cf->dial_ms : GT_ROUTE_MS;

    if (cf->chain) {
        rt->chain = route_chain(rs, cf, d);
    }

    if ((cf->chain && !rt->chain)
        || gt_route_net_init(&rt->net, gt_route_out_opts, cf->owner, NULL, rs,
                             d)
               != GT_OK)
    {
        gt_route_free(rt);
        return NULL;
    }

    rt->net.cf.timeout_ms = rt->dial_ms;

    return rt;
}


void
gt_route_free(gt_route_t *rt)
{
    gt_free(rt);
}
