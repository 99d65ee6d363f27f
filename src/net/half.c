/*
 * net/half.c: moves bytes one way.
 */

#include "net/half.h"

#include "core/stat.h"
#include "net/relay.h"

#include <errno.h>

enum {
    HALF_BULK = 32 * 1024, /* one recv of so much: the direction is bulk */
    HALF_THIN = 4 * 1024   /* one splice of less: it is not any more */
};

void
gt_half_init(gt_half_t *h, gt_stream_t *from, gt_stream_t *to, uint64_t *count)
{
    *h = (gt_half_t){
        .from = from,
        .to = to,
        .pipe = GT_PIPE_NONE,
        .count = count,
        .can_in = 1,
        .can_out = 1,
    };
}


static size_t
half_held(const gt_half_t *h)
{
    return h->buf.len + h->pipe.n;
}


void
gt_half_drop(gt_half_t *h)
{
    gt_chain_free(&h->buf);
    gt_pipe_put(&h->pipe);
}


static void
half_moved(gt_half_t *h, ssize_t n)
{
    h->moved += (uint64_t) n;

    if (h->count) {
        gt_stat_add(h->count, (uint64_t) n);
    }
}


/* the destination takes no more; what is held for it is lost */

void
gt_half_dead(gt_half_t *h)
{
    gt_half_drop(h);
    h->dead = 1;
}


static void
half_source_ended(gt_half_t *h, gt_err_t why)
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
half_splices(gt_half_t *h)
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
half_splice_in(gt_half_t *h)
{
    ssize_t n =
        gt_pipe_fill(&h->pipe, gt_stream_raw_fd(h->from), GT_RELAY_TURN);

    if (n > 0) {
        h->from->rx += (uint64_t) n;
        h->bulk = n >= HALF_THIN;
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
half_splice_out(gt_half_t *h)
{
    int     fd = gt_stream_raw_fd(h->to);
    ssize_t n;

    if (fd < 0) {
        gt_half_dead(h);
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
        gt_half_dead(h);
    }

    return n;
}


/* --- by copying --- */

static ssize_t
half_recv(gt_half_t *h)
{
    ssize_t n = gt_stream_recv(h->from, &h->buf, GT_RELAY_HALF - h->buf.len);

    if (n > 0) {
        h->bulk |= n >= HALF_BULK;
    } else if (n == GT_AGAIN) {
        h->can_in = 0;
    } else {
        half_source_ended(h, n == 0 ? GT_E_NONE : h->from->err);
    }

    return n;
}


static ssize_t
half_send(gt_half_t *h)
{
    ssize_t n = gt_stream_send(h->to, &h->buf);

    if (n > 0) {
        half_moved(h, n);
    } else if (n == GT_AGAIN) {
        h->can_out = 0;
    } else {
        gt_half_dead(h);
    }

    return n;
}


/* --- one direction --- */

/* all that its source had to say has left: pass the end on */

static void
half_finish(gt_half_t *h)
{
    int rc;

    if (h->broken || h->done || h->dead) {
        return;
    }

    rc = gt_stream_shutdown(h->to);

    if (rc == GT_OK) {
        h->done = 1;
        gt_half_drop(h);
    } else if (rc == GT_AGAIN) {
        h->can_out = 0;
    } else {
        gt_half_dead(h);
    }
}


/* one step: true when something moved */

static bool
half_step(gt_half_t *h, size_t *moved)
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
half_wait(gt_half_t *h)
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

int
gt_half_run(gt_half_t *h, bool *any)
{
    bool   more;
    size_t moved = 0;

    do {
        more = half_step(h, &moved);
    } while (more && moved < GT_RELAY_TURN);

    *any |= moved > 0;
    half_wait(h);

    return more ? GT_AGAIN : GT_OK;
}


bool
gt_half_over(const gt_half_t *h)
{
    return h->done || h->dead || (h->broken && half_held(h) == 0);
}
