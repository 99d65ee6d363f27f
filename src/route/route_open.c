/*
 * route/route_open.c: along a route, to a target.
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

#include "core/mem.h"
#include "module/connector.h"
#include "module/dialer.h"
#include "net/connect.h"
#include "net/deny.h"
#include "route/impl.h"

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
    gt_log_line_t         ln;
    const gt_route_hop_t *hop;

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

        if (o->attempt < o->rt->retries && err != GT_E_NOMEM
            && err != GT_E_DENIED) {
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
    const gt_route_node_t    *next;
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
    const gt_route_node_t *node;
    const gt_dialer_ops_t *d;
    gt_connect_conf_t      cf = { .deny_private = o->ss->deny_private };

    if (k == 0) {
        if (o->rt->n) {
            node = &o->rt->hops[0].node;
            to = (gt_target_t){ .host = node->host, .port = node->port };
            cf.deny_private = false; /* the configuration wants it */
        }

        gt_connect(o->ss->loop, to.host.p, to.host.n, to.port, &cf, op);
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
    route_level_t         *lv = &o->levels[k - 1];
    const gt_route_node_t *node = &o->rt->hops[k - 1].node;

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

    /* what a name becomes is the far end's to judge, which looks it up */
    if (rt->n && ss->deny_private && gt_deny_host(to->host.p, to->host.n)) {
        ss->failed = true;
        gt_op_post(ss->loop, op, NULL, GT_E_DENIED);
        return;
    }

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
