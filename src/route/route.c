/*
 * route/route.c: what a route is made of: the modules of a chain's nodes,
 * found, configured, started and stopped.
 */

#include "route/route.h"

#include "core/mem.h"
#include "module/dialer.h"
#include "module/registry.h"
#include "route/impl.h"

#include <string.h>

enum { ROUTE_HOPS = 16 }; /* each adds a round trip and a little memory */


static void
route_node_free(gt_route_node_t *n)
{
    gt_free(n->dialer_conf);
    gt_free(n->connector_conf);
}


void
gt_route_free(gt_route_t *rt)
{
    int i;

    if (!rt) {
        return;
    }

    for (i = 0; i < rt->n; i++) {
        route_node_free(&rt->hops[i].node);
    }

    gt_free(rt);
}


typedef struct {
    const gt_route_node_t *node;
    gt_diag_t             *d;
    bool                   dialer; /* the dialer's map is looked at */
} route_unknown_t;


/* metadata of a node may be meant for either of its two modules */

static void
route_unknown(void *data, const gt_cnode_t *key)
{
    gt_str_t               near;
    route_unknown_t       *u = data;
    const gt_opt_t        *tables[2];
    static const gt_opt_t  none[] = { { .name = NULL } };
    const gt_node_model_t *m = u->node->model;

    tables[0] = u->node->dialer->opts ? u->node->dialer->opts : none;
    tables[1] = u->node->connector->opts ? u->node->connector->opts : none;

    if (gt_module_knows(tables[0], key->key)
        || gt_module_knows(tables[1], key->key))
    {
        return;
    }

    /* -F copies a key into both maps: once is enough */
    if (u->dialer && gt_cnode_get(m->connector.metadata, key->key)) {
        return;
    }

    near = gt_opt_nearest(tables, 2, key->key);

    gt_diag_warn(u->d, &key->place, "node %s: unknown key \"%.100s\"%s%.*s%s",
                 m->name, key->key, near.n ? ", did you mean \"" : "",
                 GT_STR_ARG(near), near.n ? "\"?" : " is ignored");
}


static const gt_module_t *
route_module(gt_kind_t kind, const gt_part_model_t *part, gt_diag_t *d)
{
    const gt_module_t *m = gt_module_find(kind, part->type);

    if (!m) {
        gt_diag_error(d, &part->place, "no %s \"%s\" in this build",
                      gt_module_kind(kind), part->type);
    }

    return m;
}


static int
route_node_addr(gt_route_node_t *n, gt_diag_t *d)
{
    size_t      len;
    const char *host, *why = "not an address";

    if (gt_addr_split(n->model->addr, strlen(n->model->addr), &host, &len,
                      &n->port, &why)
            != GT_OK
        || n->port == 0)
    {
        gt_diag_error(d, &n->model->place, "node %s: \"%s\": %s",
                      n->model->name, n->model->addr,
                      n->port ? why : "want host:port");
        return GT_ERROR;
    }

    n->host = gt_str_make(host, len);

    return GT_OK;
}


static int
route_node(gt_route_node_t *n, const gt_node_model_t *m, gt_diag_t *d)
{
    int             rc;
    route_unknown_t u = { .node = n, .d = d };

    n->model = m;
    n->cred.username = m->connector.auth.username;
    n->cred.password = m->connector.auth.password;

    rc = route_node_addr(n, d);

    n->dialer = route_module(GT_DIALER, &m->dialer, d);
    n->connector = route_module(GT_CONNECTOR, &m->connector, d);
    if (!n->dialer || !n->connector) {
        return GT_ERROR;
    }

    n->connector_conf =
        gt_module_configure(n->connector, m->connector.metadata,
                            &m->connector.place, d, route_unknown, &u);
    u.dialer = true;
    n->dialer_conf =
        gt_module_configure(n->dialer, m->dialer.metadata, &m->dialer.place, d,
                            route_unknown, &u);

    return n->connector_conf && n->dialer_conf ? rc : GT_ERROR;
}


static int
route_hops(gt_route_t *rt, const gt_chain_model_t *chain, gt_diag_t *d)
{
    int                   i, rc = GT_OK;
    const gt_hop_model_t *hop;

    for (i = 0; i < chain->n_hops; i++) {
        hop = &chain->hops[i];
        rt->hops[i].name = hop->name;
        rt->n = i + 1;

        if (hop->n_nodes == 0) {
            gt_diag_error(d, &hop->place, "hop %s has no node", hop->name);
            rc = GT_ERROR;
            continue;
        }

        if (hop->n_nodes > 1) {
            gt_diag_warn(d, &hop->place,
                         "hop %s: only the first of its nodes is used so far",
                         hop->name);
        }

        if (route_node(&rt->hops[i].node, &hop->nodes[0], d) != GT_OK) {
            rc = GT_ERROR;
        }
    }

    return rc;
}


static const gt_chain_model_t *
route_chain(const gt_context_model_t *cx, const char *name, gt_diag_t *d)
{
    const gt_chain_model_t *chain = gt_model_chain(cx, name);

    if (!chain) {
        gt_diag_error(d, NULL, "chain \"%s\" is not defined", name);
        return NULL;
    }

    if (chain->n_hops == 0 || chain->n_hops > ROUTE_HOPS) {
        gt_diag_error(d, &chain->place, "chain %s: want 1 to %d hops", name,
                      (int) ROUTE_HOPS);
        return NULL;
    }

    return chain;
}


gt_route_t *
gt_route_new(const gt_context_model_t *cx, const char *chain, int retries,
             gt_diag_t *d)
{
    int                     n = 0;
    gt_route_t             *rt;
    const gt_chain_model_t *model = NULL;

    if (chain) {
        model = route_chain(cx, chain, d);
        if (!model) {
            return NULL;
        }

        n = model->n_hops;
    }

    rt = gt_calloc(sizeof(gt_route_t) + (size_t) n * sizeof(gt_route_hop_t));
    if (!rt) {
        gt_diag_error(d, NULL, "no memory");
        return NULL;
    }

    rt->chain = model ? model->name : NULL;
    rt->retries = gt_max(retries, 0);

    if (model && route_hops(rt, model, d) != GT_OK) {
        gt_route_free(rt);
        return NULL;
    }

    return rt;
}


static void
route_module_stop(const gt_module_t *m, gt_loop_t *loop, void *conf)
{
    if (m->stop) {
        m->stop(loop, conf);
    }
}


/* stops the first n modules in the order of their start */

static void
route_stop(gt_route_t *rt, gt_loop_t *loop, int n)
{
    gt_route_node_t *node;

    while (n-- > 0) {
        node = &rt->hops[n / 2].node;

        if (n % 2) {
            route_module_stop(node->connector, loop, node->connector_conf);
        } else {
            route_module_stop(node->dialer, loop, node->dialer_conf);
        }
    }
}


int
gt_route_start(gt_route_t *rt, gt_loop_t *loop)
{
    int                n;
    void              *conf;
    gt_route_node_t   *node;
    const gt_module_t *m;

    for (n = 0; rt && n < rt->n * 2; n++) {
        node = &rt->hops[n / 2].node;
        m = n % 2 ? node->connector : node->dialer;
        conf = n % 2 ? node->connector_conf : node->dialer_conf;

        if (m->start && m->start(loop, conf) != GT_OK) {
            gt_error("node %s: %s %s cannot be started", node->model->name,
                     gt_module_kind(m->kind), m->name);
            route_stop(rt, loop, n);
            return GT_ERROR;
        }
    }

    return GT_OK;
}


void
gt_route_stop(gt_route_t *rt, gt_loop_t *loop)
{
    if (rt) {
        route_stop(rt, loop, rt->n * 2);
    }
}
