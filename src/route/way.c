/*
 * route/way.c: the levels of a way, and who is to blame when one fails.
 */

#include "route/way.h"

#include "core/num.h"

#include <string.h>
#include <time.h>


static uint64_t
way_us(void)
{
    struct timespec ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000000 + (uint64_t) ts.tv_nsec / 1000;
}


static int
way_no(const route_level_t *lv)
{
    return (int) (lv - lv->way->levels) + 1;
}


/* the worker's row of the node that a level goes to */

static gt_stat_node_t *
way_row(const route_level_t *lv)
{
    const gt_route_t *rt = lv->way->o->rt;

    return &rt->routes->stat[rt->chain->rows[way_no(lv) - 1] + lv->index];
}


/* --- choosing --- */

gt_route_ask_t
gt_way_ask(const route_open_t *o, int hop, char buf[GT_ADDR_TEXT])
{
    size_t               n;
    const char          *ip, *why;
    uint16_t             port;
    const gt_session_t  *ss = o->ss;
    const route_tried_t *t = &o->tried[hop];
    gt_route_ask_t       ask = {
              .now = ss->loop->now,
              .host = o->to.host,
              .tried = t->index,
              .n_tried = gt_min(t->n, (uint16_t) GT_ROUTE_TRIED),
              .again = o->attempt > 0,
    };

    if (o->rt->chain->hops[hop]->strategy != GT_ROUTE_HASH) {
        return ask;
    }

    /* in GOST's order and in its texts, so that the same clients get the same
       nodes */
    if (ss->user) {
        ask.hash = gt_str_from(ss->user);

    } else if (ss->hash_host) {
        ask.hash = gt_str_from(ss->target);

    } else if (ss->remote.len) {
        (void) gt_addr_text(&ss->remote, buf, GT_ADDR_TEXT);

        if (gt_addr_split(buf, strlen(buf), &ip, &n, &port, &why) == GT_OK) {
            ask.hash = gt_str_make(ip, n);
        }
    }

    return ask;
}


static void way_lower(gt_node_t *nd, gt_op_t *op);
static void way_op_done(gt_op_t *op, gt_stream_t *st, gt_err_t err);


void
gt_way_take(route_way_t *w, int k, int index)
{
    route_level_t         *lv = &w->levels[k - 1];
    const gt_route_node_t *node;

    node = &w->o->rt->chain->hops[k - 1]->nodes[index];

    lv->way = w;
    lv->node = node;
    lv->index = (uint16_t) index;
    lv->busy = false;
    lv->dialed = false;
    lv->op.done = way_op_done;
    lv->op.owner = lv;
    lv->nd = (gt_node_t){
        .name = node->model->name,
        .addr = node->model->addr,
        .loop = w->o->ss->loop,
        .dialer = node->dialer,
        .connector = node->connector,
        .dialer_conf = node->dialer_conf,
        .connector_conf = node->connector_conf,
        .lower = way_lower,
        .path = w->o,
    };
}


int
gt_way_choose(route_way_t *w)
{
    int            k, index;
    char           buf[GT_ADDR_TEXT];
    gt_route_ask_t ask;

    for (k = 1; k <= w->top; k++) {
        ask = gt_way_ask(w->o, k - 1, buf);
        index = gt_route_select(w->o->rt->chain->hops[k - 1], &ask);

        if (index < 0) {
            w->failed = k - 1;
            return GT_ERROR;
        }

        gt_way_take(w, k, index);
    }

    return GT_OK;
}


/* --- failing --- */

static void
way_in_vain(const route_level_t *lv)
{
    route_tried_t *t = &lv->way->o->tried[way_no(lv) - 1];

    t->index[t->n++ % GT_ROUTE_TRIED] = lv->index;
}


static const gt_route_hop_t *
way_hop(const route_level_t *lv)
{
    return lv->way->o->rt->chain->hops[way_no(lv) - 1];
}


static void
way_log_end(const route_level_t *lv, gt_log_line_t *ln)
{
    gt_log_str(ln, "chain", lv->way->o->rt->chain->model->name);
    gt_log_str(ln, "hop", way_hop(lv)->model->name);
    gt_log_str(ln, "node", lv->node->model->name);
    gt_log_end(ln);
}


/* that a node is out from now on is worth a line, once */

static void
way_mark(const route_level_t *lv)
{
    char                   buf[GT_NUM_TEXT];
    uint32_t               fails;
    gt_log_line_t          ln;
    const gt_session_t    *ss = lv->way->o->ss;
    const gt_route_node_t *node = lv->node;

    fails = gt_mark_set(node->mark, ss->loop->now);

    if (way_hop(lv)->n > 1 && fails == node->max_fails
        && gt_session_log(ss, &ln, GT_LOG_WARN, "%s is passed over for %s",
                          node->model->addr,
                          gt_num_duration_text((int64_t) node->fail_ms
                                                   * GT_NS_MS,
                                               buf, sizeof(buf))))
    {
        way_log_end(lv, &ln);
    }
}


/* it had failed so often in a row before */

static void
way_well(const route_level_t *lv, uint32_t fails)
{
    gt_log_line_t          ln;
    const gt_route_node_t *node = lv->node;

    if (fails > 0 && fails >= node->max_fails && way_hop(lv)->n > 1
        && gt_session_log(lv->way->o->ss, &ln, GT_LOG_INFO, "%s is back",
                          node->model->addr))
    {
        way_log_end(lv, &ln);
    }
}


static void
way_blame(const route_level_t *lv)
{
    way_mark(lv);
    gt_stat_add(&(*way_row(lv))[GT_STAT_NODE_FAILED], 1);
}


/*
 * How a node took a request.  One that hangs, or lets go of whoever comes, can
 * be reached all the same.
 */
static void
way_answer(const route_level_t *lv, gt_err_t err)
{
    gt_mark_t *m = lv->node->mark;

    if (way_hop(lv)->n == 1) {
        return;
    }

    switch (err) {

    case GT_E_NONE:
    case GT_E_NODE:
    case GT_E_AUTH: way_well(lv, gt_mark_answered(m, lv->nd.loop->now)); return;

    case GT_E_TIMEOUT:
    case GT_E_RESET:
    case GT_E_PROTO:
        if (gt_mark_unanswered(m, lv->asked)) {
            way_blame(lv);
        }

        return;

    default: return;
    }
}


/*
 * A node that cannot be dialed is to blame, also when it is the node before it
 * that cannot: then that one works.  What the last one says to the request
 * itself is an answer, and no blame; but a retry had better ask another.
 */
static void
way_failed(route_level_t *lv, gt_err_t err)
{
    route_way_t *w = lv->way;

    if (lv->dialed) {
        way_in_vain(lv);
        way_answer(lv, err);

        if (lv->outer == &w->o->top) {
            w->failed = way_no(lv) - 1;
        }

        return;
    }

    if (w->failed >= 0) {
        return; /* what is beneath has failed */
    }

    w->failed = way_no(lv) - 1;

    /* what this machine lacks is no node's fault */
    if (err != GT_E_NOMEM && err != GT_E_DENIED) {
        way_in_vain(lv);
        way_blame(lv);
    }
}


void
gt_way_late(route_way_t *w)
{
    int            k;
    route_level_t *lv, *last = NULL, *asked = NULL;

    for (k = 1; k <= w->top; k++) {
        lv = &w->levels[k - 1];

        if (lv->busy) {
            last = lv;

            if (!lv->dialed) {
                break;
            }

            asked = lv;
        }
    }

    if (asked && asked != last) {
        way_answer(asked, GT_E_TIMEOUT);
    }

    if (last) {
        way_failed(last, GT_E_TIMEOUT);
    }
}


/* --- a level --- */

static void
way_op_cancel(gt_op_t *op)
{
    route_level_t *lv = op->impl;
    route_open_t  *o = lv->way->o;

    if (!lv->way->race && o->race && !gt_op_busy(&lv->op)) {
        gt_race_drop(o->race);
    }

    gt_op_cancel(&lv->op);
}


void
gt_way_dial(route_level_t *lv, gt_op_t *op)
{
    const gt_dialer_ops_t *d = lv->nd.dialer->ops;

    if (op) {
        lv->outer = op;
        gt_op_start(op, lv, way_op_cancel);
    }

    lv->busy = true;
    lv->began = way_us();
    gt_stat_add(&(*way_row(lv))[GT_STAT_NODE_TRIED], 1);
    d->dial(&lv->nd, &lv->op);
}


/* a plain connection: to the first node, or to the target */

static void
way_direct(route_way_t *w, const gt_target_t *to, const gt_route_net_t *net,
           gt_op_t *op)
{
    gt_connect_conf_t cf = net->cf;

    cf.timeout_ms = w->o->rt->dial_ms;

    if (net->space) {
        cf.giver = w->o->rt->routes->giver;
        cf.space = net->space - 1;

        if (!cf.giver) {
            gt_op_post(w->o->ss->loop, op, NULL, GT_E_NOMEM);
            return;
        }
    }

    /* where nodes are, the configuration wants it */
    cf.deny_private = w->o->ss->deny_private && to->host.p == w->o->to.host.p;
    gt_connect(w->o->ss->loop, to->host.p, to->host.n, to->port, &cf, op);
}


void
gt_way_level(route_way_t *w, int k, const gt_target_t *to,
             const gt_route_net_t *net, gt_op_t *op)
{
    route_level_t            *lv;
    const gt_connector_ops_t *c;

    for (/* void */; k > 0 && w->levels[k - 1].node->pass; k--) {
        lv = &w->levels[k - 1];
        c = lv->node->connector->ops;

        if (c->pass(lv->node->connector_conf) != GT_OK) {
            w->failed = k - 1;
            gt_op_post(w->o->ss->loop, op, NULL, GT_E_DENIED);
            return;
        }

        if (lv->node->net.cf.mark || lv->node->net.space
            || lv->node->net.cf.interface || lv->node->net.cf.source)
        {
            net = &lv->node->net;
        }
    }

    if (k == 0) {
        way_direct(w, to, net, op);
        return;
    }

    lv = &w->levels[k - 1];
    lv->to = *to;
    lv->outer = op;
    lv->busy = true;
    gt_op_start(op, lv, way_op_cancel);

    if (w->o->rt->chain->hops[k - 1]->strategy == GT_ROUTE_PARALLEL && !w->race
        && !w->o->race && gt_race_begin(w->o, k) == GT_OK)
    {
        return;
    }

    gt_way_dial(lv, NULL);
}


static void
way_lower(gt_node_t *nd, gt_op_t *op)
{
    gt_target_t    to;
    route_level_t *lv = gt_container_of(nd, route_level_t, nd);

    to = (gt_target_t){ .host = lv->node->host, .port = lv->node->port };
    gt_way_level(lv->way, way_no(lv) - 1, &to, &lv->node->net, op);
}


void
gt_way_dialed(route_level_t *lv, gt_stream_t *st)
{
    const gt_connector_ops_t *c = lv->nd.connector->ops;

    lv->dialed = true;
    lv->asked = lv->nd.loop->now;
    c->connect(lv->nd.connector_conf, &lv->node->cred, st, &lv->to, &lv->op);
}


void
gt_way_lost(route_level_t *lv, gt_err_t err)
{
    lv->busy = false;
    gt_op_finish(lv->outer, NULL, err);
}


static void
way_op_done(gt_op_t *op, gt_stream_t *st, gt_err_t err)
{
    uint64_t       us;
    route_level_t *lv = op->owner;
    route_way_t   *w = lv->way;

    if (!st) {
        way_failed(lv, err);

    } else if (!lv->dialed) {
        us = way_us() - lv->began;
        way_well(lv, gt_mark_good(lv->node->mark, us));
        gt_stat_node_dialed(way_row(lv), us);

        if (!w->race || way_no(lv) < w->top) {
            gt_way_dialed(lv, st);
            return;
        }

    } else {
        way_answer(lv, GT_E_NONE);
    }

    lv->busy = false;
    gt_op_finish(lv->outer, st, err);
}
