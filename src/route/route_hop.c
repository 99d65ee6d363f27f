/*
 * route/route_hop.c: a hop of a chain: its selector and its nodes.
 */

#include "core/mem.h"
#include "core/num.h"
#include "core/str.h"
#include "route/impl.h"

#include <string.h>

typedef struct {
    const char *strategy;
    int64_t     max_fails;
    uint64_t    fail_ms, max_latency_ms;
} hop_selector_t;

/* clang-format off */
static const gt_opt_t hop_selector_opts[] = {
    { "strategy", gt_opt_str, offsetof(hop_selector_t, strategy), "round",
      "round, rand, fifo, hash, parallel or lowestlatency" },
    { "maxFails", gt_opt_int, offsetof(hop_selector_t, max_fails), "1",
      "failures in a row until a node is passed over" },
    { "failTimeout", gt_route_opt_dur, offsetof(hop_selector_t, fail_ms),
      "10s", "for how long" },
    { "maxLatency", gt_route_opt_dur,
      offsetof(hop_selector_t, max_latency_ms), NULL,
      "a node that takes longer to dial is passed over" },
    { .name = NULL }
};

static const struct {
    const char   *name;
    gt_strategy_t strategy;
} hop_strategies[] = {
    { "round", GT_ROUTE_ROUND },       { "rr", GT_ROUTE_ROUND },
    { "rand", GT_ROUTE_RAND },         { "random", GT_ROUTE_RAND },
    { "fifo", GT_ROUTE_FIFO },         { "ha", GT_ROUTE_FIFO },
    { "hash", GT_ROUTE_HASH },         { "parallel", GT_ROUTE_PARALLEL },
    { "lowest", GT_ROUTE_LATENCY },    { "ll", GT_ROUTE_LATENCY },
    { "lowestlatency", GT_ROUTE_LATENCY },
};
/* clang-format on */


int
gt_route_opt_dur(void *f, const gt_cnode_t *v, const char **why)
{
    int64_t   ns;
    uint64_t *ms = f;

    if (v->kind != GT_NODE_SCALAR
        || gt_num_duration_typed(gt_str_from(v->text), v->quoted, &ns) != GT_OK)
    {
        *why = "want a duration such as 30s";
        return GT_ERROR;
    }

    *ms = ns <= 0 ? 0 : (uint64_t) gt_max(ns / GT_NS_MS, 1);

    return GT_OK;
}


static void
hop_strategy(gt_route_hop_t *hop, const char *name, gt_diag_t *d)
{
    size_t i;

    for (i = 0; i < gt_nelts(hop_strategies); i++) {
        if (gt_str_ieq(gt_str_from(hop_strategies[i].name), gt_str_from(name)))
        {
            hop->strategy = hop_strategies[i].strategy;
            return;
        }
    }

    if (name[0]) {
        gt_diag_warn(d, &hop->model->place,
                     "hop %s: unknown strategy \"%.100s\", round is used",
                     hop->model->name, name);
    }
}


static int
hop_selector(gt_route_hop_t *hop, gt_diag_t *d)
{
    int            rc;
    hop_selector_t sel = { 0 };

    gt_opt_defaults(hop_selector_opts, &sel);
    rc =
        gt_opt_apply(hop_selector_opts, &sel,
                     gt_cnode_get(hop->model->node, "selector"), d, NULL, NULL);

    hop_strategy(hop, sel.strategy ? sel.strategy : "", d);
    hop->max_fails = sel.max_fails ? sel.max_fails : 1;
    hop->fail_ms = sel.fail_ms ? sel.fail_ms : 10000;
    hop->max_latency_ms = sel.max_latency_ms;

    return rc;
}


void
gt_route_hop_free(gt_route_hop_t *hop)
{
    int i;

    for (i = 0; i < hop->n; i++) {
        gt_route_node_free(&hop->nodes[i]);
    }

    gt_free(hop);
}


static int
hop_nodes(gt_routes_t *rs, gt_route_hop_t *hop, gt_diag_t *d)
{
    int i, rc = GT_OK;

    for (i = 0; i < hop->model->n_nodes; i++) {
        hop->n = i + 1;

        if (gt_route_node_init(&hop->nodes[i], &hop->model->nodes[i], hop, rs,
                               d)
            != GT_OK)
        {
            rc = GT_ERROR;
        }

        hop->filters |= hop->nodes[i].filter.n > 0;
    }

    return rc;
}


/* a hop of the top level is the same whichever chains there are */

static bool
hop_is_named(const gt_context_model_t *cx, const gt_hop_model_t *hm)
{
    const gt_cnode_t *v, *hops = gt_cnode_get(cx->root, "hops");

    for (v = hops ? hops->first : NULL; v; v = v->next) {
        if (v == hm->node) {
            return true;
        }
    }

    return false;
}


gt_route_hop_t *
gt_route_hop_new(gt_routes_t *rs, const gt_hop_model_t *hm,
                 const gt_context_model_t *cx, const char *chain, gt_diag_t *d)
{
    int             rc;
    gt_route_hop_t *hop;

    if (hm->n_nodes == 0 || hm->n_nodes > GT_ROUTE_NODES) {
        gt_diag_error(d, &hm->place, "hop %s: want 1 to %d nodes", hm->name,
                      (int) GT_ROUTE_NODES);
        return NULL;
    }

    hop = gt_calloc(sizeof(*hop)
                    + (size_t) hm->n_nodes * sizeof(gt_route_node_t));
    if (!hop) {
        gt_diag_error(d, NULL, "no memory");
        return NULL;
    }

    hop->model = hm;
    hop->group = cx->group;
    hop->scope = hop_is_named(cx, hm) ? "" : chain;

    rc = hop_selector(hop, d);
    gt_route_net_later(hm->node, d);

    if (gt_route_net_init(&hop->net, gt_route_net_opts, hm->node, NULL, rs, d)
            != GT_OK
        || hop_nodes(rs, hop, d) != GT_OK || rc != GT_OK)
    {
        gt_route_hop_free(hop);
        return NULL;
    }

    return hop;
}
