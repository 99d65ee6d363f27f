/*
 * proxy/http/http_forward.c: requests that are forwarded to their origin.
 *
 *   PEEK -> DIAL -> HEAD -> BODY -> end
 *                   HEAD -> (101) tunnel
 *
 *   PEEK  what has come of the request's body is looked at, so that a
 *         malformed one reaches nobody
 *   DIAL  the way to the origin
 *   HEAD  the request is sent, heads of the response come in
 *   BODY  the response's body is passed on, and the rest of the request's
 *
 * The request ends when its response has been delivered, or cannot be.  Until
 * a final head was passed on a failure is answered, later it cuts the
 * client's connection.
 */

#include "proxy/http/http.h"

#include "route/route.h"

typedef enum { FWD_PEEK, FWD_DIAL, FWD_HEAD, FWD_BODY } fwd_state_t;

static int fwd_peek(http_req_t *r);
static int fwd_dial(http_req_t *r);
static int fwd_head(http_req_t *r);
static int fwd_body(http_req_t *r);

/* a step says GT_OK to go on, GT_AGAIN when a want, the op or the timer is
   armed, GT_DONE when r may be gone */

static const struct {
    const char *name;
    int (*step)(http_req_t *r);
} fwd_steps[] = {
    [FWD_PEEK] = { "peek", fwd_peek }, /* to DIAL */
    [FWD_DIAL] = { "dial", fwd_dial }, /* to HEAD, when connected */
    [FWD_HEAD] = { "head", fwd_head }, /* to BODY */
    [FWD_BODY] = { "body", fwd_body }, /* the end */
};


static void
fwd_run(http_req_t *r)
{
    int rc;

    do {
        rc = fwd_steps[r->state].step(r);
    } while (rc == GT_OK);
}


/* --- waking --- */

static void
fwd_client_ready(gt_stream_t *st, unsigned ev)
{
    http_req_t *r = st->owner;

    if (ev & GT_EV_ERR) {
        gt_http_req_end(r, st->err);
        return;
    }

    if (r->state >= FWD_HEAD) {
        fwd_run(r);
    }
}


/* of an error recv tells, after what came before it */

static void
fwd_up_ready(gt_stream_t *st, unsigned ev)
{
    (void) ev;

    fwd_run(st->owner);
}


static uint64_t
fwd_limit(const http_req_t *r)
{
    if (r->decoy) {
        return GT_HTTP_DECOY_MS;
    }

    if (r->state == FWD_BODY) {
        return r->cf->idle_ms;
    }

    return r->req.over ? r->cf->read_ms : GT_HTTP_STALL_MS;
}


static void
fwd_late(gt_timer_t *timer)
{
    http_req_t *r = gt_container_of(timer, http_req_t, timer);
    gt_loop_t  *loop = r->ss->loop;
    uint64_t    limit = fwd_limit(r);

    if (r->last + limit > loop->now) {
        gt_timer_set(loop, timer, r->last + limit - loop->now, fwd_late);

    } else if (r->state == FWD_BODY) {
        gt_http_req_end(r, GT_E_TIMEOUT);

    } else {
        gt_http_reply(r, r->req.over ? GT_HTTP_NO_UPSTREAM : GT_HTTP_SLOW);
    }
}


/* the limit has changed */

static void
fwd_arm(http_req_t *r)
{
    gt_loop_t *loop = r->ss->loop;
    uint64_t   limit = fwd_limit(r);

    r->last = loop->now;

    if (limit) {
        gt_timer_set(loop, &r->timer, limit, fwd_late);
    } else {
        gt_timer_del(loop, &r->timer);
    }
}


/* --- the request --- */

void
gt_http_forward(http_req_t *r)
{
    if (gt_session_set_target(r->ss, &r->to) != GT_OK) {
        gt_http_req_end(r, GT_E_NOMEM);
        return;
    }

    r->req.from = r->client;
    r->res.to = r->client;
    gt_stream_own(r->client, r, fwd_client_ready);

    r->state = FWD_PEEK;
    fwd_run(r);
}


static int
fwd_peek(http_req_t *r)
{
    ssize_t n = GT_AGAIN;

    if (r->ex->has_body && !r->ex->expect_continue && !r->req.over) {
        n = gt_stream_recv(r->client, &r->req.q, GT_SLAB_LARGE);
    }

    if (n == GT_ERROR) {
        gt_http_reply(r, GT_HTTP_BAD);
        return GT_DONE;
    }

    r->req.eof = n == 0;
    r->state = FWD_DIAL;

    return GT_OK;
}


static void fwd_connected(gt_op_t *op, gt_stream_t *up, gt_err_t err);
static int  fwd_send(http_req_t *r, gt_stream_t *up);


/* a request that may be sent twice, should the origin have hung up meanwhile
 */

static bool
fwd_repeatable(const http_req_t *r)
{
    gt_str_t m = r->ex->method;

    return !r->ex->has_body && !r->ex->upgrade && !r->decoy
           && (gt_str_eq(m, GT_STR("GET")) || gt_str_eq(m, GT_STR("HEAD"))
               || gt_str_eq(m, GT_STR("OPTIONS")));
}


static int
fwd_dial(http_req_t *r)
{
    gt_stream_t *up = r->again ? NULL : gt_http_kept(r, fwd_repeatable(r));

    if (up) {
        r->kept = true;
        return fwd_send(r, up);
    }

    r->op.done = fwd_connected;
    r->op.owner = r;

    if (r->decoy) {
        gt_http_probe_dial(r);
    } else {
        gt_route_open(r->ss, &r->to, &r->op);
    }

    return GT_AGAIN;
}


/* takes up; GT_DONE: r is gone */

static int
fwd_send(http_req_t *r, gt_stream_t *up)
{
    r->up =
        gt_http1_client_new(up, r->decoy == GT_HTTP_PROBE_WEB ? GT_STR("GET")
                                                              : r->ex->method);

    if (!r->up) {
        gt_http_reply(r, GT_HTTP_NO_UPSTREAM);
        return GT_DONE;
    }

    r->up_body = gt_http1_client_body(r->up);
    gt_stream_own(r->up_body, r, fwd_up_ready);
    gt_http1_client_trailers(r->up, &r->res_trailers, &r->req_trailers);

    if (gt_http_send_head(r) != GT_OK) {
        gt_http_reply(r, GT_HTTP_BAD);
        return GT_DONE;
    }

    r->req.to = r->res.from = r->up_body;
    r->state = FWD_HEAD;
    fwd_arm(r);

    return GT_OK;
}


static void
fwd_connected(gt_op_t *op, gt_stream_t *up, gt_err_t err)
{
    http_req_t *r = op->owner;

    if (err != GT_E_NONE) {
        gt_http_no_way(r, err);

    } else if (fwd_send(r, up) == GT_OK) {
        fwd_run(r);
    }
}


static void
fwd_move(http_req_t *r, http_pump_t *p)
{
    bool moved = false;

    if (p->over) {
        return;
    }

    (void) gt_http_pump_run(p, &moved);

    if (moved) {
        r->last = r->ss->loop->now;
        gt_http_req_count(r);
    }
}


/* --- the response --- */

/* both sides agree to another protocol: from here on it is a tunnel */

static int
fwd_switch(http_req_t *r, const gt_http1_head_t *head, gt_http1_field_t *f,
           unsigned n)
{
    gt_str_t     token;
    gt_stream_t *up;

    if (!gt_http_upgrades(r) || !r->req.over || r->req.dead
        || !gt_http1_field_find(head, "Upgrade", &token)
        || !gt_str_ieq(token, r->ex->protocol))
    {
        gt_http_reply(r, GT_HTTP_NO_UPSTREAM);
        return GT_DONE;
    }

    f[n++] = (gt_http1_field_t){ GT_STR("Upgrade"), token };

    if (gt_exchange_respond(r->ex, head->status, head->reason, f, n, 0)
        != GT_OK) {
        gt_http_req_end(r, GT_E_PROTO);
        return GT_DONE;
    }

    gt_http1_client_next(r->up);
    up = gt_http1_client_detach(r->up);
    r->up = NULL;

    if (up) {
        gt_http_req_tunnel(r, up);
    } else {
        gt_http_req_end(r, GT_E_RESET);
    }

    return GT_DONE;
}


/* the response is framed for the client as it was for us */

static unsigned
fwd_flags(const http_req_t *r, const gt_http1_head_t *head)
{
    unsigned flags = r->decoy ? GT_EX_DECOY : 0;

    if (r->decoy == GT_HTTP_PROBE_WEB || head->body == GT_HTTP1_BODY_CLOSE) {
        flags |= GT_EX_CLOSE;
    }

    /* web was asked for with GET, whatever the client said */
    if (head->body == GT_HTTP1_BODY_NONE
        || gt_str_eq(r->ex->method, GT_STR("HEAD")))
    {
        flags |= GT_EX_FIN;
    }

    return flags;
}


/* a decoy that opens tunnels would open them to those who may not */

static bool
fwd_opens(const http_req_t *r, int status)
{
    return r->decoy == GT_HTTP_PROBE_HOST && status / 100 == 2
           && gt_str_eq(r->ex->method, GT_STR("CONNECT"));
}


static int
fwd_respond(http_req_t *r, const gt_http1_head_t *head)
{
    unsigned         n, flags;
    gt_http1_field_t f[GT_HTTP1_FIELDS + 1];

    n = gt_http_pass_fields(head, f);

    if (head->status == 101) {
        return fwd_switch(r, head, f, n);
    }

    flags = fwd_flags(r, head);

    if (fwd_opens(r, head->status)
        || gt_exchange_respond(r->ex, head->status, head->reason, f, n, flags)
               != GT_OK)
    {
        gt_http_reply(r, GT_HTTP_NO_UPSTREAM);
        return GT_DONE;
    }

    if (head->status >= 200) {
        gt_http_heard(r, head);
        r->state = FWD_BODY;
        r->res.over = flags & GT_EX_FIN ? 1 : 0;
        fwd_arm(r);
    }

    gt_http1_client_next(r->up);

    return GT_OK;
}


/* the origin has failed; one that was kept may just have hung up */

static int
fwd_again(http_req_t *r)
{
    if (!r->kept || !fwd_repeatable(r) || r->state != FWD_HEAD
        || gt_http1_client_heard(r->up))
    {
        gt_http_reply(r, GT_HTTP_NO_UPSTREAM);
        return GT_DONE;
    }

    gt_http1_client_close(r->up, GT_E_NONE);
    r->up = NULL;
    r->up_body = NULL;
    r->req.over = r->req.dead = 0;
    r->kept = false;
    r->again = true;
    r->state = FWD_DIAL;
    gt_timer_del(r->ss->loop, &r->timer);

    return GT_OK;
}


static int
fwd_head(http_req_t *r)
{
    int                    rc;
    bool                   over = r->req.over;
    gt_http1_field_t       fields[GT_HTTP1_FIELDS];
    const gt_http1_head_t *head;

    fwd_move(r, &r->req);

    if (r->req.over && r->req.why != GT_E_NONE) {
        gt_http_reply(r, GT_HTTP_BAD);
        return GT_DONE;
    }

    if (r->req.over && !over) {
        fwd_arm(r);
    }

    rc = gt_http1_client_head(r->up, fields, GT_HTTP1_FIELDS, &head);

    if (rc == GT_OK) {
        return fwd_respond(r, head);
    }

    return rc == GT_ERROR ? fwd_again(r) : GT_AGAIN;
}


/* the response is delivered; the origin's connection may be of use again */

static void
fwd_finish(http_req_t *r)
{
    gt_stream_t *up;

    /* who was asked for an upgrade may think that it has begun */
    if (r->cf->keepalive && r->lasts && !r->decoy && !r->ex->upgrade
        && gt_http1_client_complete(r->up))
    {
        up = gt_http1_client_detach(r->up);
        r->up = NULL;

        if (up) {
            gt_http_keep(r, up);
        }
    }

    gt_http_req_end(r, GT_E_NONE);
}


static int
fwd_body(http_req_t *r)
{
    fwd_move(r, &r->req);
    fwd_move(r, &r->res);

    if (r->res.dead) {
        gt_http_req_end(r, GT_E_RESET);
        return GT_DONE;
    }

    if (r->res.over && r->res.why == GT_E_NONE) {
        fwd_finish(r);
        return GT_DONE;
    }

    if (r->res.over) {
        gt_http_req_end(r, GT_E_PROTO); /* it was cut, and is never completed */
        return GT_DONE;
    }

    if (r->req.over && r->req.why != GT_E_NONE) {
        gt_http_req_end(r, r->req.why);
        return GT_DONE;
    }

    return GT_AGAIN;
}
