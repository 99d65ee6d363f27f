/*
 * net/relay.c: pumps two streams into each other.
 *
 *   half_run() moves one direction until nothing moves; relay_run() calls it
 *   for both and ends when both have ended.
 *
 * Life of a direction: open -> eof (its source has finished) -> done (all of
 * it has left and the FIN was passed on).  dead: its destination takes no
 * more.  broken: its source has failed; what came before is delivered, then
 * the whole relay ends and the failure is passed on.
 *
 * All ends meet in relay_end(): streams, buffers, pipes and the timer are
 * released there.
 */

#include "net/relay.h"

#include "core/mem.h"
#include "core/stat.h"
#include "net/linger.h"
#include "net/splice.h"

#include <errno.h>

enum {
    RELAY_BULK = 32 * 1024, /* one recv of so much: the direction is bulk */
    RELAY_THIN = 4 * 1024   /* one splice of less: it is not any more */
};

typedef struct {
    gt_stream_t *from, *to; /* the relay's */
    gt_chain_t   buf;       /* received, not sent; GT_RELAY_HALF at most */
    gt_pipe_t    pipe;      /* the same, by splice; one of the two is empty */
    uint64_t     moved;
    uint64_t    *count;                   /* the service's, or NULL */
    gt_err_t     why;                     /* broken: what its source said */
    unsigned     can_in : 1, can_out : 1; /* not said AGAIN since last asked */
    unsigned     bulk : 1;
    unsigned     eof : 1, done : 1, dead : 1, broken : 1;
} half_t;

typedef struct {
    half_t          half[2];
    gt_op_t        *op; /* the owner's */
    gt_loop_t      *loop;
    gt_relay_conf_t cf;
    uint64_t        last; /* loop->now when a byte last moved */
    gt_timer_t      timer;
    gt_post_t       post; /* the first turn, and turns cut short */
    gt_reap_t       reap;
} relay_t;


static size_t
half_held(const half_t *h)
{
    return h->buf.len + h->pipe.n;
}


static void
half_drop(half_t *h)
{
    gt_chain_free(&h->buf);
    gt_pipe_put(&h->pipe);
}


static void
half_moved(half_t *h, ssize_t n)
{
    h->moved += (uint64_t) n;

    if (h->count) {
        gt_stat_add(h->count, (uint64_t) n);
    }
}


/* the destination takes no more; what is held for it is lost */

static void
half_dead(half_t *h)
{
    half_drop(h);
    h->dead = 1;
}


static void
half_source_ended(half_t *h, gt_err_t why)
{
    h->eof = 1;
    h->can_in = 0;

    if (why != GT_E_NONE) {
        h->broken = 1;
        h->why = why;
    }
}


/* --- by splice --- */

/* may this direction go by splice now?  Then it has a pipe */

static bool
half_splices(half_t *h)
{
    if (h->pipe.n) {
        return true;
    }

    if (!h->bulk || h->buf.len || gt_stream_raw_fd(h->from) < 0
        || gt_stream_raw_fd(h->to) < 0)
    {
        return false;
    }

    return h->pipe.fd[0] >= 0 || gt_pipe_get(&h->pipe) == GT_OK;
}


static void
half_stalled(gt_stream_t *st, unsigned ev)
{
    (void) gt_stream_query(st, GT_Q_STALLED, &ev);
}


static ssize_t
half_splice_in(half_t *h)
{
    ssize_t n =
        gt_pipe_fill(&h->pipe, gt_stream_raw_fd(h->from), GT_RELAY_TURN);

    if (n > 0) {
        h->from->rx += (uint64_t) n;
        h->bulk = n >= RELAY_THIN;
        return n;
    }

    if (n == GT_AGAIN) {
        half_stalled(h->from, GT_EV_IN);
        h->can_in = 0;

    } else if (n == GT_ERROR && errno == EINVAL) {
        h->bulk = 0; /* this pair cannot: go on by copying */

    } else {
        half_source_ended(h, n == 0 ? h->from->err : gt_err_errno(errno));
    }

    return n;
}


static ssize_t
half_splice_out(half_t *h)
{
    int     fd = gt_stream_raw_fd(h->to);
    ssize_t n;

    if (fd < 0) {
        half_dead(h);
        return GT_ERROR;
    }

    n = gt_pipe_drain(&h->pipe, fd);

    if (n > 0) {
        h->to->tx += (uint64_t) n;
        half_moved(h, n);

    } else if (n == GT_AGAIN) {
        half_stalled(h->to, GT_EV_OUT);
        h->can_out = 0;

    } else {
        (void) gt_stream_fail(h->to, gt_err_errno(errno));
        half_dead(h);
    }

    return n;
}


/* --- by copying --- */

static ssize_t
half_recv(half_t *h)
{
    ssize_t n = gt_stream_recv(h->from, &h->buf, GT_RELAY_HALF - h->buf.len);

    if (n > 0) {
        h->bulk |= n >= RELAY_BULK;
    } else if (n == GT_AGAIN) {
        h->can_in = 0;
    } else {
        half_source_ended(h, n == 0 ? GT_E_NONE : h->from->err);
    }

    return n;
}


static ssize_t
half_send(half_t *h)
{
    ssize_t n = gt_stream_send(h->to, &h->buf);

    if (n > 0) {
        half_moved(h, n);
    } else if (n == GT_AGAIN) {
        h->can_out = 0;
    } else {
        half_dead(h);
    }

    return n;
}


/* --- one direction --- */

/* all that its source had to say has left: pass the end on */

static void
half_finish(half_t *h)
{
    int rc;

    if (h->broken || h->done || h->dead) {
        return;
    }

    rc = gt_stream_shutdown(h->to);

    if (rc == GT_OK) {
        h->done = 1;
        half_drop(h);
    } else if (rc == GT_AGAIN) {
        h->can_out = 0;
    } else {
        half_dead(h);
    }
}


/* one step: true when something moved */

static bool
half_step(half_t *h, size_t *moved)
{
    ssize_t in = 0, out = 0;
    bool    splices;

    if (h->dead) {
        return false;
    }

    splices = half_splices(h);

    if (h->can_in && !h->eof && (splices ? !h->pipe.n : !h->buf.len)) {
        in = splices ? half_splice_in(h) : half_recv(h);
    }

    if (h->can_out && half_held(h)) {
        out = h->pipe.n ? half_splice_out(h) : half_send(h);
    }

    if (h->eof && h->can_out && !half_held(h)) {
        half_finish(h);
    }

    *moved += out > 0 ? (size_t) out : 0;

    return in > 0 || out > 0;
}


/* asks to be woken for what stopped it; an idle direction keeps nothing */

static void
half_wait(half_t *h)
{
    if (h->dead || h->done) {
        return;
    }

    if (half_held(h) == 0) {
        gt_pipe_put(&h->pipe);
    }

    if (!h->eof && !h->can_in && !(h->from->want & GT_EV_IN)) {
        gt_stream_want(h->from, GT_EV_IN);
    }

    if (!h->can_out && (half_held(h) || (h->eof && !h->broken))
        && !(h->to->want & GT_EV_OUT))
    {
        gt_stream_want(h->to, GT_EV_OUT);
    }
}


/* moves until nothing moves; GT_AGAIN: the turn is over and there is more */

static int
half_run(half_t *h, relay_t *r)
{
    bool   more;
    size_t moved = 0;

    do {
        more = half_step(h, &moved);
    } while (more && moved < GT_RELAY_TURN);

    if (moved) {
        r->last = r->loop->now;
    }

    half_wait(h);

    return more ? GT_AGAIN : GT_OK;
}


static bool
half_over(const half_t *h)
{
    return h->done || h->dead || (h->broken && half_held(h) == 0);
}


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
    half_drop(&r->half[0]);
    half_drop(&r->half[1]);
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
relay_part(half_t *from, const half_t *to)
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
relay_part_reset(half_t *from, const half_t *to, gt_err_t why)
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
    gt_op_t *op = r->op;
    half_t  *h = r->half;

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
    int      more;
    half_t  *h = r->half;
    gt_err_t why;

    more = half_run(&h[0], r) == GT_AGAIN;
    more |= half_run(&h[1], r) == GT_AGAIN;

    /* a failure that has been delivered ends both directions */
    if ((h[0].broken && half_over(&h[0])) || (h[1].broken && half_over(&h[1])))
    {
        why = h[0].broken ? h[0].why : h[1].why;
        relay_end(r, why, true);
        return;
    }

    if (half_over(&h[0]) && half_over(&h[1])) {
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
    relay_t *r = st->owner;
    half_t  *in, *out;

    in = &r->half[r->half[0].from != st];
    out = &r->half[r->half[0].to != st];

    in->can_in |= (ev & (GT_EV_IN | GT_EV_ERR)) && !in->eof;
    out->can_out |= (ev & GT_EV_OUT) != 0;

    if ((ev & GT_EV_ERR) && !out->done) {
        half_dead(out);
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

static void
half_init(half_t *h, gt_stream_t *from, gt_stream_t *to, uint64_t *count)
{
    *h = (half_t){
        .from = from,
        .to = to,
        .pipe = GT_PIPE_NONE,
        .count = count,
        .can_in = 1,
        .can_out = 1,
    };
}


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
    half_init(&r->half[0], a, b, cf->up);
    half_init(&r->half[1], b, a, cf->down);

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


void
gt_relay_moved(const gt_op_t *op, uint64_t *up, uint64_t *down)
{
    const relay_t *r = op->impl;

    *up = r->half[0].moved;
    *down = r->half[1].moved;
}


int
gt_relay_take(gt_op_t *op, gt_relay_parts_t *out)
{
    int      i;
    half_t  *h;
    relay_t *r = op->impl;

    for (i = 0; i < 2; i++) {
        h = &r->half[i];
        if (h->dead || h->broken) {
            return GT_ERROR; /* about to end */
        }

        if (gt_pipe_read(&h->pipe, &h->buf) != GT_OK) {
            half_dead(h);
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
