/*
 * net/relay.c: pumps two streams into each other.
 *
 *   gt_half_run() moves one direction until nothing moves; relay_run() calls it
 *   for both and ends when both have ended.
 *
 * All ends meet in relay_end(): streams, buffers, pipes and the timer are
 * released there.
 */

#include "net/relay.h"

#include "core/mem.h"
#include "net/half.h"
#include "net/linger.h"

typedef struct {
    gt_half_t       half[2];
    gt_op_t        *op; /* the owner's */
    gt_loop_t      *loop;
    gt_relay_conf_t cf;
    uint64_t        last; /* loop->now when a byte last moved */
    gt_timer_t      timer;
    gt_post_t       post; /* the first turn, and turns cut short */
    gt_reap_t       reap;
} relay_t;


/* --- both directions --- */

static void
relay_reap(gt_reap_t *reap)
{
    gt_free(gt_container_of(reap, relay_t, reap));
}


/* lets go of everything but the streams */

static void
relay_release(relay_t *r)
{
    gt_half_drop(&r->half[0]);
    gt_half_drop(&r->half[1]);
    gt_timer_del(r->loop, &r->timer);
    gt_post_cancel(&r->post);
    gt_reap(r->loop, &r->reap, relay_reap);
}


/* says what has moved, to whoever asked */

static void
relay_report(const relay_t *r)
{
    if (r->cf.moved) {
        r->cf.moved[0] += r->half[0].moved;
        r->cf.moved[1] += r->half[1].moved;
    }
}


static void
relay_close(relay_t *r, gt_err_t why)
{
    relay_report(r);
    gt_stream_close(r->half[0].from, why);
    gt_stream_close(r->half[1].from, why);
    relay_release(r);
}


/*
 * A stream that has got all of its data and still sends is left to linger: to
 * close it now would send a reset, which could overtake the data.  When the
 * other end has gone by a reset it is told so, behind the data.
 */

static void
relay_part(gt_half_t *from, const gt_half_t *to)
{
    if (!to->done || from->eof) {
        gt_stream_close(from->from, GT_E_NONE);
    } else if (from->dead) {
        gt_linger_reset(from->from);
    } else {
        gt_linger(from->from, NULL);
    }
}


/* a failure of the source of `to` is passed on, behind what came before it */

static void
relay_part_reset(gt_half_t *from, const gt_half_t *to, gt_err_t why)
{
    if (to->broken && !to->dead && !from->broken) {
        gt_linger_reset(from->from);
    } else {
        gt_stream_close(from->from, why);
    }
}


static void
relay_end(relay_t *r, gt_err_t why, bool reset)
{
    gt_op_t   *op = r->op;
    gt_half_t *h = r->half;

    relay_report(r);

    if (reset) {
        relay_part_reset(&h[0], &h[1], why);
        relay_part_reset(&h[1], &h[0], why);
    } else {
        relay_part(&h[0], &h[1]);
        relay_part(&h[1], &h[0]);
    }

    relay_release(r);
    gt_op_finish(op, NULL, why);
}


static void
relay_cancel(gt_op_t *op)
{
    relay_close(op->impl, GT_E_CANCEL);
}


static void relay_timer(relay_t *r);


static void
relay_run(relay_t *r)
{
    bool       any = false;
    int        more;
    gt_half_t *h = r->half;
    gt_err_t   why;

    more = gt_half_run(&h[0], &any) == GT_AGAIN;
    more |= gt_half_run(&h[1], &any) == GT_AGAIN;

    if (any) {
        r->last = r->loop->now;
    }

    /* a failure that has been delivered ends both directions */
    if ((h[0].broken && gt_half_over(&h[0]))
        || (h[1].broken && gt_half_over(&h[1])))
    {
        why = h[0].broken ? h[0].why : h[1].why;
        relay_end(r, why, true);
        return;
    }

    if (gt_half_over(&h[0]) && gt_half_over(&h[1])) {
        why = h[0].dead || h[1].dead ? GT_E_RESET : GT_E_NONE;
        relay_end(r, why, h[0].dead && h[1].dead);
        return;
    }

    if (more) {
        gt_post(r->loop, &r->post);
    }

    relay_timer(r);
}


static void
relay_posted(gt_post_t *post)
{
    relay_run(gt_container_of(post, relay_t, post));
}


static void
relay_ready(gt_stream_t *st, unsigned ev)
{
    relay_t   *r = st->owner;
    gt_half_t *in, *out;

    in = &r->half[r->half[0].from != st];
    out = &r->half[r->half[0].to != st];

    in->can_in |= (ev & (GT_EV_IN | GT_EV_ERR)) && !in->eof;
    out->can_out |= (ev & GT_EV_OUT) != 0;

    if ((ev & GT_EV_ERR) && !out->done) {
        gt_half_dead(out);
    }

    relay_run(r);
}


/* --- the idle limits --- */

/* how long this relay may be idle now; 0: for ever */

static uint64_t
relay_limit(const relay_t *r)
{
    uint64_t limit = r->cf.idle_ms;

    if (r->half[0].eof || r->half[1].eof || r->half[0].dead || r->half[1].dead)
    {
        limit = limit ? gt_min(limit, (uint64_t) GT_RELAY_HALF_CLOSED)
                      : (uint64_t) GT_RELAY_HALF_CLOSED;
    }

    return limit;
}


static void
relay_due(gt_timer_t *timer)
{
    relay_t *r = gt_container_of(timer, relay_t, timer);

    if (r->last + relay_limit(r) <= r->loop->now) {
        relay_end(r, GT_E_TIMEOUT, false);
        return;
    }

    relay_timer(r);
}


/* lazily: a set timer is left alone and looks again when it fires */

static void
relay_timer(relay_t *r)
{
    uint64_t at, limit = relay_limit(r);

    if (limit && !r->timer.set) {
        at = r->last + limit;
        gt_timer_set(r->loop, &r->timer,
                     at > r->loop->now ? at - r->loop->now : 0, relay_due);
    }
}


/* --- beginning, taking apart --- */

static relay_t *
relay_new(gt_stream_t *a, gt_stream_t *b, const gt_relay_conf_t *cf,
          gt_op_t *op)
{
    relay_t *r = gt_calloc(sizeof(relay_t));

    if (!r) {
        gt_op_post(a->loop, op, NULL, GT_E_NOMEM);
        gt_stream_close(a, GT_E_NOMEM);
        gt_stream_close(b, GT_E_NOMEM);
        return NULL;
    }

    r->op = op;
    r->loop = a->loop;
    r->cf = *cf;
    r->last = a->loop->now;
    gt_half_init(&r->half[0], a, b, cf->up);
    gt_half_init(&r->half[1], b, a, cf->down);

    gt_stream_own(a, r, relay_ready);
    gt_stream_own(b, r, relay_ready);

    gt_op_start(op, r, relay_cancel);
    gt_post_init(&r->post, relay_posted);
    gt_post(r->loop, &r->post);

    return r;
}


void
gt_relay(gt_stream_t *a, gt_stream_t *b, const gt_relay_conf_t *cf, gt_op_t *op)
{
    (void) relay_new(a, b, cf, op);
}


int
gt_relay_take(gt_op_t *op, gt_relay_parts_t *out)
{
    int        i;
    gt_half_t *h;
    relay_t   *r = op->impl;

    for (i = 0; i < 2; i++) {
        h = &r->half[i];
        if (h->dead || h->broken) {
            return GT_ERROR; /* about to end */
        }

        if (gt_pipe_read(&h->pipe, &h->buf) != GT_OK) {
            gt_half_dead(h);
            gt_post(r->loop, &r->post);
            return GT_ERROR;
        }
    }

    h = r->half;
    *out = (gt_relay_parts_t){
        .a = h[0].from,
        .b = h[1].from,
        .a_to_b = h[0].buf,
        .b_to_a = h[1].buf,
        .a_eof = h[0].eof,
        .b_eof = h[1].eof,
        .up = h[0].moved,
        .down = h[1].moved,
    };

    h[0].buf = h[1].buf = (gt_chain_t){ 0 };
    relay_release(r);
    gt_op_drop(op);

    return GT_OK;
}


void
gt_relay_resume(gt_relay_parts_t *in, const gt_relay_conf_t *cf, gt_op_t *op)
{
    relay_t *r = relay_new(in->a, in->b, cf, op);

    if (!r) {
        gt_chain_free(&in->a_to_b);
        gt_chain_free(&in->b_to_a);
        return;
    }

    r->half[0].buf = in->a_to_b;
    r->half[1].buf = in->b_to_a;
    r->half[0].eof = in->a_eof;
    r->half[1].eof = in->b_eof;
    r->half[0].moved = in->up;
    r->half[1].moved = in->down;
    *in = (gt_relay_parts_t){ 0 };
}
