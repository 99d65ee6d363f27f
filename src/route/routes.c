/*
 * route/routes.c: the chains of a configuration, made once and used by all its
 * services.
 *
 *   new -> share (the master) -> fork -> start -> ... -> stop -> free
 */

#include "core/mem.h"
#include "core/num.h"
#include "core/str.h"
#include "os/proc.h"
#include "os/sock.h"
#include "route/impl.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    const char *strategy;
    int64_t     max_fails;
    uint64_t    fail_ms, max_latency_ms;
} route_selector_t;

/* where a hop stands */
typedef struct {
    const gt_context_model_t *cx;
    const char               *chain;
} routes_place_t;

/* clang-format off */
static const gt_opt_t route_selector_opts[] = {
    { "strategy", gt_opt_str, offsetof(route_selector_t, strategy), "round",
      "round, rand, fifo, hash, parallel or lowestlatency" },
    { "maxFails", gt_opt_int, offsetof(route_selector_t, max_fails), "1",
      "failures in a row until a node is passed over" },
    { "failTimeout", gt_route_opt_dur, offsetof(route_selector_t, fail_ms),
      "10s", "for how long" },
    { "maxLatency", gt_route_opt_dur,
      offsetof(route_selector_t, max_latency_ms), NULL,
      "a node that takes longer to dial is passed over" },
    { .name = NULL }
};

static const struct {
    const char   *name;
    gt_strategy_t strategy;
} route_strategies[] = {
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


/* --- a hop --- */

static void
routes_strategy(gt_route_hop_t *hop, const char *name, gt_diag_t *d)
{
    size_t i;

    for (i = 0; i < gt_nelts(route_strategies); i++) {
        if (gt_str_ieq(gt_str_from(route_strategies[i].name),
                       gt_str_from(name))) {
            hop->strategy = route_strategies[i].strategy;
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
routes_selector(gt_route_hop_t *hop, gt_diag_t *d)
{
    int              rc;
    route_selector_t sel = { 0 };

    gt_opt_defaults(route_selector_opts, &sel);
    rc =
        gt_opt_apply(route_selector_opts, &sel,
                     gt_cnode_get(hop->model->node, "selector"), d, NULL, NULL);

    routes_strategy(hop, sel.strategy ? sel.strategy : "", d);
    hop->max_fails = sel.max_fails ? sel.max_fails : 1;
    hop->fail_ms = sel.fail_ms ? sel.fail_ms : 10000;
    hop->max_latency_ms = sel.max_latency_ms;

    return rc;
}


static void
routes_hop_free(gt_route_hop_t *hop)
{
    int i;

    for (i = 0; i < hop->n; i++) {
        gt_route_node_free(&hop->nodes[i]);
    }

    gt_free(hop);
}


static int
routes_nodes(gt_routes_t *rs, gt_route_hop_t *hop, gt_diag_t *d)
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
routes_is_named(const gt_context_model_t *cx, const gt_hop_model_t *hm)
{
    const gt_cnode_t *v, *hops = gt_cnode_get(cx->root, "hops");

    for (v = hops ? hops->first : NULL; v; v = v->next) {
        if (v == hm->node) {
            return true;
        }
    }

    return false;
}


/* NULL with errors in d */

static gt_route_hop_t *
routes_hop_new(gt_routes_t *rs, const gt_hop_model_t *hm,
               const routes_place_t *at, gt_diag_t *d)
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
    hop->group = at->cx->group;
    hop->scope = routes_is_named(at->cx, hm) ? "" : at->chain;

    rc = routes_selector(hop, d);
    gt_route_net_later(hm->node, d);

    if (gt_route_net_init(&hop->net, hm->node, NULL, rs, d) != GT_OK
        || routes_nodes(rs, hop, d) != GT_OK || rc != GT_OK)
    {
        routes_hop_free(hop);
        return NULL;
    }

    return hop;
}


/* that hop, made if no chain had it before; NULL with errors in d, or if it
   has failed before */

static gt_route_hop_t *
routes_hop(gt_routes_t *rs, const gt_hop_model_t *hm, const routes_place_t *at,
           gt_diag_t *d)
{
    int              i;
    gt_route_hop_t **hops;

    for (i = 0; i < rs->n_hops; i++) {
        if (hm->nodes && rs->hops[i]->model->nodes == hm->nodes) {
            return rs->hops[i];
        }
    }

    hops = gt_realloc(rs->hops, (size_t) (rs->n_hops + 1) * sizeof(*hops));
    if (!hops) {
        gt_diag_error(d, NULL, "no memory");
        return NULL;
    }

    rs->hops = hops;
    hops[rs->n_hops] = routes_hop_new(rs, hm, at, d);
    if (hops[rs->n_hops]) {
        rs->n_hops++;
    }

    return i < rs->n_hops ? hops[i] : NULL;
}


/* --- a chain --- */

static int
routes_chain(gt_routes_t *rs, const gt_context_model_t *cx,
             const gt_chain_model_t *cm, gt_diag_t *d)
{
    int               i, rc = GT_OK;
    routes_place_t    at = { cx, cm->name };
    gt_route_chain_t *ch = &rs->chains[rs->n_chains++];

    ch->model = cm;

    if (cm->n_hops == 0 || cm->n_hops > GT_ROUTE_HOPS) {
        gt_diag_error(d, &cm->place, "chain %s: want 1 to %d hops", cm->name,
                      (int) GT_ROUTE_HOPS);
        return GT_ERROR;
    }

    for (i = 0; i < cm->n_hops; i++) {
        ch->hops[i] = routes_hop(rs, &cm->hops[i], &at, d);

        if (!ch->hops[i]) {
            rc = GT_ERROR;
            continue;
        }

        ch->rows[i] = rs->n_rows;
        rs->n_rows += ch->hops[i]->n;
    }

    ch->n = cm->n_hops;

    if (rc == GT_OK && rs->n_rows >= UINT16_MAX) {
        gt_diag_error(d, &cm->place, "chain %s: too many nodes", cm->name);
        return GT_ERROR;
    }

    return rc;
}


/* records of its own, so that a mark is always somewhere */

static int
routes_own(gt_routes_t *rs)
{
    int i, k, n = 0;

    for (i = 0; i < rs->n_hops; i++) {
        n += 1 + rs->hops[i]->n;
    }

    rs->own = gt_calloc((size_t) (n + 1) * sizeof(gt_mark_t));
    rs->spare = gt_calloc((size_t) (rs->n_rows + 1) * sizeof(gt_stat_node_t));
    if (!rs->own || !rs->spare) {
        return GT_ERROR;
    }

    rs->marks = rs->own;
    rs->stat = rs->spare;
    n = 0;

    for (i = 0; i < rs->n_hops; i++) {
        rs->hops[i]->mark = &rs->own[n++];

        for (k = 0; k < rs->hops[i]->n; k++) {
            rs->hops[i]->nodes[k].mark = &rs->own[n++];
        }
    }

    return GT_OK;
}


gt_routes_t *
gt_routes_new(const gt_model_t *m, gt_diag_t *d)
{
    int                       i, k, n = 0, rc = GT_OK;
    gt_routes_t              *rs = gt_calloc(sizeof(*rs));
    const gt_context_model_t *cx;

    for (i = 0; i < m->n_contexts; i++) {
        n += m->contexts[i].n_chains;
    }

    if (rs) {
        rs->model = m;
        rs->chains = gt_calloc((size_t) (n + 1) * sizeof(gt_route_chain_t));
    }

    for (i = 0; rs && rs->chains && i < m->n_contexts; i++) {
        cx = &m->contexts[i];
        gt_diag_group(d, cx->group);

        for (k = 0; k < cx->n_chains; k++) {
            if (routes_chain(rs, cx, &cx->chains[k], d) != GT_OK) {
                rc = GT_ERROR;
            }
        }
    }

    gt_diag_group(d, -1);

    if (!rs || !rs->chains || routes_own(rs) != GT_OK) {
        gt_diag_error(d, NULL, "no memory");
        rc = GT_ERROR;
    }

    if (rc != GT_OK) {
        gt_routes_free(rs);
        return NULL;
    }

    return rs;
}


void
gt_routes_free(gt_routes_t *rs)
{
    int i;

    if (!rs) {
        return;
    }

    for (i = 0; i < rs->n_hops; i++) {
        routes_hop_free(rs->hops[i]);
    }

    gt_free(rs->hops);
    gt_free(rs->chains);
    gt_free(rs->own);
    gt_free(rs->spare);
    gt_free(rs);
}


/* --- in the master --- */

/* the record of a hop, or of a node in it */

static gt_mark_t *
routes_mark(gt_mark_t *marks, const gt_route_hop_t *hop,
            const gt_node_model_t *node, uint32_t generation, uint32_t oldest)
{
    int  i;
    char name[512];

    (void) gt_snprintf(name, sizeof(name), "%d\t%s\t%s\t%s\t%s", hop->group,
                       hop->scope, hop->model->name, node ? node->name : "",
                       node ? node->addr : "");

    i = gt_mark_take(marks, gt_mark_key(name), generation, oldest);

    return i < 0 ? NULL : &marks[i];
}


/* may a socket be marked?  Asked once, of a socket of its own */

static int
routes_may_mark(const gt_routes_t *rs, gt_diag_t *d)
{
    int fd, rc;

    if (!(rs->caps & GT_PROC_CAP(CAP_NET_ADMIN))) {
        return GT_OK;
    }

    fd = gt_sock_open(AF_INET, SOCK_STREAM);
    rc = fd < 0 ? GT_ERROR : gt_sock_mark(fd, 1);

    if (rc != GT_OK) {
        gt_diag_error(d, NULL, "so_mark: %s; it needs CAP_NET_ADMIN",
                      strerror(errno));
    }

    if (fd >= 0) {
        (void) close(fd);
    }

    return rc;
}


int
gt_routes_share(gt_routes_t *rs, gt_mark_t *marks, uint32_t generation,
                uint32_t oldest, gt_diag_t *d)
{
    int              i, k;
    gt_mark_t       *m;
    gt_route_hop_t  *hop;
    gt_route_node_t *node;

    for (i = 0; i < rs->n_hops; i++) {
        hop = rs->hops[i];

        for (k = -1; k < hop->n; k++) {
            node = k < 0 ? NULL : &hop->nodes[k];
            m = routes_mark(marks, hop, node ? node->model : NULL, generation,
                            oldest);
            if (!m) {
                gt_diag_error(d, &hop->model->place,
                              "hop %s: more than %d hops and nodes in all",
                              hop->model->name, (int) GT_MARKS);
                return GT_ERROR;
            }

            if (node) {
                node->mark = m;
            } else {
                hop->mark = m;
            }
        }
    }

    rs->marks = marks;

    return routes_may_mark(rs, d);
}


int
gt_routes_rows(const gt_routes_t *rs)
{
    return rs->n_rows;
}


gt_route_row_t
gt_routes_row(const gt_routes_t *rs, int i)
{
    int                      k, c;
    const gt_route_hop_t    *hop;
    const gt_route_node_t   *node;
    const gt_route_chain_t  *ch;
    static const char *const names[] = { "round", "rand",     "fifo",
                                         "hash",  "parallel", "lowestlatency" };

    GT_ASSERT(i >= 0 && i < rs->n_rows);

    /* the last chain and hop that begin at i or before */
    for (c = rs->n_chains - 1; rs->chains[c].rows[0] > i; c--) {
    }

    ch = &rs->chains[c];

    for (k = ch->n - 1; ch->rows[k] > i; k--) {
    }

    hop = ch->hops[k];
    node = &hop->nodes[i - ch->rows[k]];

    return (gt_route_row_t){
        .chain = ch->model->name,
        .hop = hop->model->name,
        .strategy = names[hop->strategy],
        .node = node->model,
        .mark = (uint32_t) (node->mark - rs->marks),
        .max_fails = node->max_fails,
        .fail_ms = node->fail_ms,
        .weight = node->weight,
        .backup = node->backup,
    };
}


uint64_t
gt_routes_caps(const gt_routes_t *rs)
{
    return rs->caps;
}


/* --- in a worker --- */

static const gt_module_t *
routes_module(const gt_route_node_t *node, int which, void **conf)
{
    *conf = which ? node->connector_conf : node->dialer_conf;

    return which ? node->connector : node->dialer;
}


/* stops the first n modules in the order of their start; -1: all */

static void
routes_stop(gt_routes_t *rs, gt_loop_t *loop, int n)
{
    int                i, k, which;
    void              *conf;
    const gt_module_t *m;

    for (i = 0; i < rs->n_hops; i++) {
        for (k = 0; k < rs->hops[i]->n; k++) {
            for (which = 0; which < 2; which++) {
                if (n-- == 0) {
                    return;
                }

                m = routes_module(&rs->hops[i]->nodes[k], which, &conf);
                if (m->stop) {
                    m->stop(loop, conf);
                }
            }
        }
    }
}


int
gt_routes_start(gt_routes_t *rs, gt_loop_t *loop, gt_stat_node_t *stat)
{
    int                i, k, which, n = 0;
    void              *conf;
    const gt_module_t *m;

    for (i = 0; i < rs->n_hops; i++) {
        for (k = 0; k < rs->hops[i]->n; k++) {
            for (which = 0; which < 2; which++, n++) {
                m = routes_module(&rs->hops[i]->nodes[k], which, &conf);

                if (m->start && m->start(loop, conf) != GT_OK) {
                    gt_error("node %s: %s %s cannot be started",
                             rs->hops[i]->nodes[k].model->name,
                             which ? "connector" : "dialer", m->name);
                    routes_stop(rs, loop, n);
                    return GT_ERROR;
                }
            }
        }
    }

    rs->stat = stat;

    return GT_OK;
}


void
gt_routes_stop(gt_routes_t *rs, gt_loop_t *loop)
{
    routes_stop(rs, loop, -1);
    rs->stat = rs->spare;
}
