/*
 * route/route.c: the way to a target.
 *
 * A way has levels.  Level 0 is a plain connection from this machine.  Level
 * k, which goes through hop k - 1, dials that hop's node and asks its
 * connector for what is wanted:
 *
 *     level n   wants the target          dial node n-1, connector n-1
 *     level k   wants the address of      dial node k-1, connector k-1
 *               node k
 *     level 0   wants the address of node 0, or, without hops, the target
 *
 * A dialer reaches the level beneath it through nd->lower, whatever it is.
 * An attempt starts at the top; it ends there in a stream or an error, or at
 * the deadline.  Then the next attempt begins, or the caller's operation ends.
 */

#include "route/route.h"

#include "core/mem.h"
#include "module/connector.h"
#include "module/dialer.h"
#include "module/registry.h"
#include "net/connect.h"

#include <string.h>

enum { ROUTE_HOPS = 16 }; /* each adds a round trip and a little memory */

typedef struct {
    const gt_node_model_t *model; /* the model's */
    const gt_module_t     *dialer, *connector;
    void                  *dialer_conf, *connector_conf; /* ours */
    gt_credentials_t       cred;
    gt_str_t               host; /* of the model's addr */
    uint16_t               port;
} route_node_t;

typedef struct {
    const char  *name; /* the model's */
    route_node_t node; /* one for now */
} route_hop_t;

struct gt_route {
    const char *chain; /* the model's; NULL: direct */
    int         retries;
    int         n;
    route_hop_t hops[];
};

typedef struct route_open route_open_t;

/* level 1 and up; see above */
typedef struct {
    gt_node_t     nd;    /* the view of hop k - 1's node */
    gt_op_t       op;    /* its dial, then its connector's */
    gt_op_t      *outer; /* who asked */
    route_open_t *o;
    bool          dialed;
} route_level_t;

struct route_open {
    gt_op_t          *op; /* the caller's */
    gt_session_t     *ss; /* outlives the operation */
    const gt_route_t *rt; /* the service's */
    gt_op_t           top;
    gt_timer_t        timer; /* of an attempt through hops */
    gt_reap_t         reap;
    int               attempt;
    int               failed;   /* hop where it failed first; -1: none */
    gt_target_t       to;       /* its host is behind the levels */
    route_level_t     levels[]; /* [k - 1]: level k */
};


/* --- configuration --- */

static void
route_node_free(route_node_t *n)
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
    const route_node_t *node;
    gt_diag_t          *d;
    bool                dialer; /* the dialer's map is looked at */
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
route_node_addr(route_node_t *n, gt_diag_t *d)
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
route_node(route_node_t *n, const gt_node_model_t *m, gt_diag_t *d)
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
route_chain(const gt_model_t *m, const char *name, gt_diag_t *d)
{
    const gt_chain_model_t *chain = gt_model_chain(m, name);

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
gt_route_new(const gt_model_t *m, const char *chain, int retries, gt_diag_t *d)
{
    int                     n = 0;
    gt_route_t             *rt;
    const gt_chain_model_t *model = NULL;

    if (chain) {
        model = route_chain(m, chain, d);
        if (!model) {
            return NULL;
        }

        n = model->n_hops;
    }

    rt = gt_calloc(sizeof(gt_route_t) + (size_t) n * sizeof(route_hop_t));
    if (!rt) {
        gt_diag_error(d, NULL, "no memory");
        return NULL;
    }

    rt->chain = chain;
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
    route_node_t *node;

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
    route_node_t      *node;
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


/* --- an attempt --- */

static void route_try(route_open_t *o);


static void
route_reap(gt_reap_t *reap)
{
    gt_free(gt_container_of(reap, route_open_t, reap));
}


static void
route_close(route_open_t *o)
{
    gt_timer_del(o->ss->loop, &o->timer);
    gt_op_cancel(&o->top);
    gt_reap(o->ss->loop, &o->reap, route_reap);
}


static void
route_cancel(gt_op_t *op)
{
    route_close(op->impl);
}


/* the fields of the hop where it failed, as GOST has them */

static void
route_log_node(const route_open_t *o, gt_err_t err)
{
    gt_log_line_t      ln;
    const route_hop_t *hop;

    if (o->failed < 0) {
        return;
    }

    hop = &o->rt->hops[o->failed];

    if (gt_session_log(o->ss, &ln, GT_LOG_ERROR, "%s: %s",
                       hop->node.model->addr, gt_err_text(err)))
    {
        gt_log_str(&ln, "chain", o->rt->chain);
        gt_log_str(&ln, "hop", hop->name);
        gt_log_str(&ln, "node", hop->node.model->name);
        gt_log_str(&ln, "connector", hop->node.model->connector.type);
        gt_log_str(&ln, "dialer", hop->node.model->dialer.type);
        gt_log_end(&ln);
    }
}


static void
route_log(const route_open_t *o, gt_err_t err)
{
    char          buf[GT_HOSTPORT_TEXT];
    gt_log_line_t ln;

    route_log_node(o, err);

    (void) gt_addr_join(o->to.host.p, o->to.host.n, o->to.port, buf,
                        sizeof(buf));

    if (gt_session_log(o->ss, &ln, GT_LOG_ERROR, "route(retry=%d) %s: %s",
                       o->attempt, buf, gt_err_text(err)))
    {
        gt_log_end(&ln);
    }
}


/* an attempt has ended */

static void
route_tried(route_open_t *o, gt_stream_t *st, gt_err_t err)
{
    gt_op_t *op = o->op;

    gt_timer_del(o->ss->loop, &o->timer);

    if (!st) {
        route_log(o, err);

        if (o->attempt < o->rt->retries && err != GT_E_NOMEM) {
            o->attempt++;
            route_try(o);
            return;
        }
    }

    o->ss->failed |= !st;
    route_close(o);
    gt_op_finish(op, st, err);
}


static void
route_top_done(gt_op_t *top, gt_stream_t *st, gt_err_t err)
{
    route_tried(top->owner, st, err);
}


static void
route_due(gt_timer_t *timer)
{
    route_open_t *o = gt_container_of(timer, route_open_t, timer);

    gt_op_cancel(&o->top);
    route_tried(o, NULL, GT_E_TIMEOUT);
}


/* --- a level --- */

static int
route_level_no(const route_level_t *lv)
{
    return (int) (lv - lv->o->levels) + 1;
}


static void
route_level_done(gt_op_t *op, gt_stream_t *st, gt_err_t err)
{
    int                       k;
    gt_target_t               to;
    route_level_t            *lv = op->owner;
    route_open_t             *o = lv->o;
    const route_node_t       *next;
    const gt_connector_ops_t *c = lv->nd.connector->ops;

    k = route_level_no(lv);

    if (!st && o->failed < 0) {
        o->failed = k - 1;
    }

    if (!st || lv->dialed) {
        gt_op_finish(lv->outer, st, err);
        return;
    }

    lv->dialed = true;

    if (k == o->rt->n) {
        to = o->to;
    } else {
        next = &o->rt->hops[k].node;
        to = (gt_target_t){ .host = next->host, .port = next->port };
    }

    c->connect(lv->nd.connector_conf, &o->rt->hops[k - 1].node.cred, st, &to,
               &lv->op);
}


static void
route_level_cancel(gt_op_t *op)
{
    route_level_t *lv = op->impl;

    gt_op_cancel(&lv->op);
}


/* begins level k for op */

static void
route_level(route_open_t *o, int k, gt_op_t *op)
{
    gt_target_t            to = o->to;
    route_level_t         *lv;
    const route_node_t    *node;
    const gt_dialer_ops_t *d;

    if (k == 0) {
        if (o->rt->n) {
            node = &o->rt->hops[0].node;
            to = (gt_target_t){ .host = node->host, .port = node->port };
        }

        gt_connect(o->ss->loop, to.host.p, to.host.n, to.port, NULL, op);
        return;
    }

    lv = &o->levels[k - 1];
    d = lv->nd.dialer->ops;

    lv->outer = op;
    lv->dialed = false;
    gt_op_start(op, lv, route_level_cancel);
    d->dial(&lv->nd, &lv->op);
}


static void
route_lower(gt_node_t *nd, gt_op_t *op)
{
    route_level_t *lv = gt_container_of(nd, route_level_t, nd);

    route_level(lv->o, route_level_no(lv) - 1, op);
}


static void
route_try(route_open_t *o)
{
    o->failed = -1;

    if (o->rt->n) {
        /* a plain connection has a deadline of its own */
        gt_timer_set(o->ss->loop, &o->timer, GT_ROUTE_MS, route_due);
    }

    route_level(o, o->rt->n, &o->top);
}


static void
route_level_init(route_open_t *o, int k)
{
    route_level_t      *lv = &o->levels[k - 1];
    const route_node_t *node = &o->rt->hops[k - 1].node;

    lv->o = o;
    lv->op.done = route_level_done;
    lv->op.owner = lv;
    lv->nd = (gt_node_t){
        .name = node->model->name,
        .addr = node->model->addr,
        .loop = o->ss->loop,
        .dialer = node->dialer,
        .connector = node->connector,
        .dialer_conf = node->dialer_conf,
        .connector_conf = node->connector_conf,
        .lower = route_lower,
        .path = o,
    };
}


void
gt_route_open(gt_session_t *ss, const gt_target_t *to, gt_op_t *op)
{
    int               k;
    char             *host;
    size_t            size;
    route_open_t     *o;
    const gt_route_t *rt = ss->route;

    size = sizeof(route_open_t) + (size_t) rt->n * sizeof(route_level_t);

    o = gt_calloc(size + to->host.n + 1);
    if (!o) {
        gt_op_post(ss->loop, op, NULL, GT_E_NOMEM);
        return;
    }

    host = (char *) o + size;
    (void) gt_str_copy(host, to->host.n + 1, to->host);

    o->op = op;
    o->ss = ss;
    o->rt = rt;
    o->to = (gt_target_t){ .host = gt_str_make(host, to->host.n),
                           .port = to->port };
    o->top.done = route_top_done;
    o->top.owner = o;

    for (k = 1; k <= rt->n; k++) {
        route_level_init(o, k);
    }

    gt_op_start(op, o, route_cancel);
    route_try(o);
}
