/*
 * route/routes.c: the chains of a configuration, made once and used by all its
 * services.
 *
 *   new -> share (the master) -> fork -> start -> ... -> stop -> free
 */

#include "core/mem.h"
#include "route/impl.h"

#include <string.h>


/* that hop, made if no chain had it before; NULL with errors in d, or if it
   has failed before */

static gt_route_hop_t *
routes_hop(gt_routes_t *rs, const gt_hop_model_t *hm,
           const gt_context_model_t *cx, const char *chain, gt_diag_t *d)
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
    hops[rs->n_hops] = gt_route_hop_new(rs, hm, cx, chain, d);
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
    gt_route_chain_t *ch = &rs->chains[rs->n_chains++];

    ch->model = cm;

    if (cm->n_hops == 0 || cm->n_hops > GT_ROUTE_HOPS) {
        gt_diag_error(d, &cm->place, "chain %s: want 1 to %d hops", cm->name,
                      (int) GT_ROUTE_HOPS);
        return GT_ERROR;
    }

    for (i = 0; i < cm->n_hops; i++) {
        ch->hops[i] = routes_hop(rs, &cm->hops[i], cx, cm->name, d);

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
        gt_route_hop_free(rs->hops[i]);
    }

    gt_netns_close(&rs->spaces);
    gt_free(rs->hops);
    gt_free(rs->chains);
    gt_free(rs->own);
    gt_free(rs->spare);
    gt_free(rs);
}


void
gt_routes_spaces(gt_routes_t *rs, gt_netns_set_t *to)
{
    gt_netns_move(to, &rs->spaces);
}


/* --- in a worker --- */

void
gt_routes_giver(gt_routes_t *rs, gt_giver_t *gr)
{
    rs->giver = gr;
}


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
