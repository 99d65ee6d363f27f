/*
 * net/linger.c: goodbye to a stream.
 *
 *   send what is left -> shutdown -> read and drop until EOF -> close
 *
 * Any failure, the deadline and too many bytes end in linger_end().
 */

#include "net/linger.h"

#include "core/mem.h"

typedef struct {
    gt_stream_t *st;  /* ours */
    gt_chain_t   out; /* what is left to say */
    gt_timer_t   timer;
    gt_list_t    link; /* in linger_all */
    gt_reap_t    reap;
    uint64_t     until; /* the deadline */
    size_t       dropped;
    unsigned     shut : 1;
    unsigned     reset : 1; /* as soon as nothing is unconfirmed */
} linger_t;

static gt_list_t linger_all = { &linger_all, &linger_all };
static unsigned  linger_count;


static void
linger_reap(gt_reap_t *reap)
{
    gt_free(gt_container_of(reap, linger_t, reap));
}


static void
linger_end(linger_t *l, gt_err_t why)
{
    gt_loop_t *loop = l->st->loop;

    gt_timer_del(loop, &l->timer);
    gt_chain_free(&l->out);
    gt_stream_close(l->st, why);
    l->st = NULL;
    gt_list_del(&l->link);
    linger_count--;
    gt_reap(loop, &l->reap, linger_reap);
}


/* GT_OK when all is said and our half has ended */

static int
linger_say(linger_t *l)
{
    int     rc;
    ssize_t n;

    while (l->out.len) {
        n = gt_stream_send(l->st, &l->out);
        if (n <= 0) {
            return n == GT_AGAIN ? GT_AGAIN : GT_ERROR;
        }
    }

    if (!l->shut && !l->reset) {
        rc = gt_stream_shutdown(l->st);
        if (rc != GT_OK) {
            return rc;
        }

        l->shut = 1;
    }

    return GT_OK;
}


/* GT_DONE when the peer has finished too, or talks too much */

static int
linger_hear(linger_t *l)
{
    ssize_t    n;
    gt_chain_t c = { 0 };

    while (l->dropped < GT_LINGER_READ) {
        n = gt_stream_recv(l->st, &c, GT_SLAB_LARGE);
        gt_chain_free(&c);

        if (n <= 0) {
            return n == GT_AGAIN ? GT_AGAIN : GT_DONE;
        }

        l->dropped += (size_t) n;
    }

    return GT_DONE;
}


/* has the peer confirmed everything?  True if the stream cannot tell */

static bool
linger_confirmed(gt_stream_t *st)
{
    int n = 0;

    return gt_stream_query(st, GT_Q_UNSENT, &n) != GT_OK || n == 0;
}


static void
linger_run(linger_t *l)
{
    int rc, heard;

    if (l->reset && linger_confirmed(l->st)) {
        linger_end(l, GT_E_RESET);
        return;
    }

    rc = linger_say(l);
    heard = linger_hear(l);

    if (rc == GT_ERROR || (rc == GT_OK && heard == GT_DONE && !l->reset)) {
        linger_end(l, rc == GT_ERROR ? GT_E_RESET : GT_E_NONE);
        return;
    }

    if (heard == GT_AGAIN) {
        gt_stream_want(l->st, GT_EV_IN);
    }

    if (rc == GT_AGAIN) {
        gt_stream_want(l->st, GT_EV_OUT);
    }
}


static void
linger_ready(gt_stream_t *st, unsigned ev)
{
    linger_t *l = st->owner;

    if (ev & GT_EV_ERR) {
        linger_end(l, GT_E_RESET);
        return;
    }

    linger_run(l);
}


static void
linger_late(gt_timer_t *timer)
{
    linger_t  *l = gt_container_of(timer, linger_t, timer);
    gt_loop_t *loop = l->st->loop;

    if (l->reset && loop->now < l->until) {
        gt_timer_set(loop, timer, GT_LINGER_POLL, linger_late);
        linger_run(l);
        return;
    }

    linger_end(l, l->shut && !l->reset ? GT_E_NONE : GT_E_TIMEOUT);
}


static void
linger_start(gt_stream_t *st, gt_chain_t *out, bool reset)
{
    linger_t *l = gt_calloc(sizeof(linger_t));

    if (!l) {
        if (out) {
            gt_chain_free(out);
        }

        gt_stream_close(st, reset ? GT_E_RESET : GT_E_NONE);
        return;
    }

    l->st = st;
    l->reset = reset;
    l->until = st->loop->now + GT_LINGER_MS;
    if (out) {
        gt_chain_prepend(&l->out, out);
    }

    gt_list_init(&l->link);
    gt_list_push(&linger_all, &l->link);
    linger_count++;

    gt_timer_set(st->loop, &l->timer, reset ? GT_LINGER_POLL : GT_LINGER_MS,
                 linger_late);
    gt_stream_own(st, l, linger_ready);
    linger_run(l);
}


void
gt_linger(gt_stream_t *st, gt_chain_t *out)
{
    linger_start(st, out, false);
}


void
gt_linger_reset(gt_stream_t *st)
{
    if (linger_confirmed(st)) {
        gt_stream_close(st, GT_E_RESET);
    } else {
        linger_start(st, NULL, true);
    }
}


unsigned
gt_linger_live(void)
{
    return linger_count;
}


void
gt_linger_close_all(void)
{
    while (!gt_list_empty(&linger_all)) {
        linger_end(gt_list_entry(linger_all.next, linger_t, link), GT_E_CANCEL);
    }
}
