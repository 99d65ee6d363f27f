/*
 * route/route_open.c: along a route, to a target.
 *
 * An attempt chooses its nodes (select.c) and goes along them (way.c); it ends
 * in a stream or an error, or at the deadline.  Then the next attempt begins,
 * or the caller's operation ends.
 */

#include "core/mem.h"
#include "net/deny.h"
#include "route/way.h"

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


/* --- log --- */

/* the fields of the hop where it failed, as GOST has them */

static void
route_log_node(const route_open_t *o, gt_err_t err)
{
    gt_log_line_t           ln;
    const gt_route_hop_t   *hop;
    const gt_route_node_t  *node;
    const gt_route_chain_t *chain = o->rt->chain;

    if (!chain || o->way.failed < 0) {
        return;
    }

    hop = chain->hops[o->way.failed];
    node = o->levels[o->way.failed].node;

    if (!node) {
        if (gt_session_log(o->ss, &ln, GT_LOG_ERROR,
                           "no node takes this target")) {
            gt_log_str(&ln, "chain", chain->model->name);
            gt_log_str(&ln, "hop", hop->model->name);
            gt_log_end(&ln);
        }

        return;
    }

    if (gt_session_log(o->ss, &ln, GT_LOG_ERROR, "%s: %s", node->model->addr,
                       gt_err_text(err)))
    {
        gt_log_str(&ln, "chain", chain->model->name);
        gt_log_str(&ln, "hop", hop->model->name);
        gt_log_str(&ln, "node", node->model->name);
        gt_log_str(&ln, "connector", node->model->connector.type);
        gt_log_str(&ln, "dialer", node->model->dialer.type);
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


/* --- where a session counts --- */

/* ss->via holds the rows plus 1 */

void
gt_route_leave(gt_session_t *ss)
{
    int             i;
    gt_stat_node_t *stat;

    if (!ss->route) {
        return;
    }

    stat = ss->route->routes->stat;

    for (i = 0; i < GT_SESSION_HOPS && ss->via[i]; i++) {
        gt_stat_sub(&stat[ss->via[i] - 1][GT_STAT_NODE_ACTIVE], 1);
        ss->via[i] = 0;
    }
}


static void
route_arrive(route_open_t *o)
{
    int               k;
    gt_session_t     *ss = o->ss;
    const gt_route_t *rt = o->rt;

    gt_route_leave(ss);

    for (k = 0; k < o->way.top; k++) {
        ss->via[k] = (uint16_t) (rt->chain->rows[k] + o->levels[k].index + 1);
        gt_stat_add(&rt->routes->stat[ss->via[k] - 1][GT_STAT_NODE_ACTIVE], 1);
    }
}


/* --- an attempt --- */

/* an attempt has ended */

static void
route_tried(route_open_t *o, gt_stream_t *st, gt_err_t err)
{
    gt_op_t *op = o->op;

    gt_timer_del(o->ss->loop, &o->timer);

    if (st) {
        route_arrive(o);

    } else {
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

    if (o->race) {
        gt_race_late(o->race);
    } else {
        gt_way_late(&o->way);
    }

    gt_op_cancel(&o->top);
    route_tried(o, NULL, GT_E_TIMEOUT);
}


static void
route_try(route_open_t *o)
{
    o->way.failed = -1;

    if (gt_way_choose(&o->way) != GT_OK) {
        o->levels[o->way.failed].node = NULL;
        gt_op_post(o->ss->loop, &o->top, NULL, GT_E_DENIED);
        return;
    }

    if (o->way.top) {
        /* a plain connection has a deadline of its own */
        gt_timer_set(o->ss->loop, &o->timer, o->rt->dial_ms, route_due);
    }

    gt_way_level(&o->way, o->way.top, &o->to, &o->rt->net, &o->top);
}


void
gt_route_open(gt_session_t *ss, const gt_target_t *to, gt_op_t *op)
{
    char             *host;
    size_t            n, size;
    route_open_t     *o;
    const gt_route_t *rt = ss->route;

    /* what a name becomes is the far end's to judge, which looks it up */
    if (rt->chain && ss->deny_private && gt_deny_host(to->host.p, to->host.n)) {
        ss->failed = true;
        gt_op_post(ss->loop, op, NULL, GT_E_DENIED);
        return;
    }

    n = rt->chain ? (size_t) rt->chain->n : 0;
    size = sizeof(route_open_t)
           + n * (sizeof(route_level_t) + sizeof(route_tried_t));

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
    o->tried = (void *) &o->levels[n];
    o->way = (route_way_t){ .o = o, .top = (int) n, .levels = o->levels };
    o->top.done = route_top_done;
    o->top.owner = o;

    gt_op_start(op, o, route_cancel);
    route_try(o);
}
