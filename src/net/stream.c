/*
 * net/stream.c: the front of every stream.  What all implementations have in
 * common is done here once: unread bytes, counters, who may call whom, and
 * the one wake-up for each want.
 */

#include "net/stream.h"

static unsigned stream_live;


static void
stream_check(const gt_stream_t *st)
{
    GT_ASSERT(st->magic == GT_STREAM_MAGIC);
    GT_ASSERT(!st->closed);
}


/* runs from the posted queue: what was posted and is wanted goes up */

static void
stream_posted(gt_post_t *post)
{
    gt_stream_t *st = gt_container_of(post, gt_stream_t, post);
    unsigned     ev;

    if (!st->ready) {
        return; /* kept for the next owner */
    }

    ev = st->pend & (st->want | GT_EV_ERR);
    st->pend = 0;
    st->want &= (uint8_t) ~ev;

    if (ev) {
        st->ready(st, ev);
    }
}


void
gt_stream_init(gt_stream_t *st, const gt_stream_ops_t *ops, gt_loop_t *loop)
{
    *st = (gt_stream_t){ .ops = ops, .loop = loop, .magic = GT_STREAM_MAGIC };
    gt_post_init(&st->post, stream_posted);
    stream_live++;
}


void
gt_stream_gone(gt_stream_t *st)
{
    GT_ASSERT(st->closed && st->magic == GT_STREAM_MAGIC);

    st->magic = 0;
    stream_live--;
}


unsigned
gt_stream_live(void)
{
    return stream_live;
}


ssize_t
gt_stream_recv(gt_stream_t *st, gt_chain_t *to, size_t max)
{
    ssize_t n;

    stream_check(st);

    if (st->unread.len) {
        n = (ssize_t) gt_chain_move(to, &st->unread, max);
        st->rx += (uint64_t) n;
        return n > 0 ? n : gt_stream_fail(st, GT_E_NOMEM);
    }

    if (st->rx_eof) {
        return 0;
    }

    st->loop->down++;
    n = st->ops->recv(st, to, max);
    st->loop->down--;

    if (n > 0) {
        st->rx += (uint64_t) n;
    } else if (n == 0) {
        st->rx_eof = 1;
    }

    return n;
}


ssize_t
gt_stream_send(gt_stream_t *st, gt_chain_t *from)
{
    ssize_t n;

    stream_check(st);
    GT_ASSERT(from->len > 0 && !st->tx_shut);

    st->loop->down++;
    n = st->ops->send(st, from);
    st->loop->down--;

    if (n > 0) {
        st->tx += (uint64_t) n;
    }

    return n;
}


int
gt_stream_shutdown(gt_stream_t *st)
{
    int rc;

    stream_check(st);

    if (st->tx_shut) {
        return GT_OK;
    }

    st->loop->down++;
    rc = st->ops->shutdown(st);
    st->loop->down--;

    st->tx_shut = rc == GT_OK;

    return rc;
}


void
gt_stream_want(gt_stream_t *st, unsigned ev)
{
    stream_check(st);

    st->want |= (uint8_t) ev;

    if ((ev & GT_EV_IN) && (st->unread.len || st->rx_eof)) {
        gt_stream_post(st, GT_EV_IN);
        ev &= ~(unsigned) GT_EV_IN;
    }

    if (ev) {
        st->loop->down++;
        st->ops->want(st, ev);
        st->loop->down--;
    }
}


void
gt_stream_close(gt_stream_t *st, gt_err_t why)
{
    stream_check(st);

    gt_post_cancel(&st->post);
    gt_chain_free(&st->unread);

    st->closed = 1;
    st->owner = NULL;
    st->ready = NULL;
    st->want = st->pend = 0;

    st->loop->down++;
    st->ops->close(st, why);
    st->loop->down--;
}


int
gt_stream_raw_fd(gt_stream_t *st)
{
    stream_check(st);

    return st->unread.len || !st->ops->raw_fd ? -1 : st->ops->raw_fd(st);
}


int
gt_stream_query(gt_stream_t *st, int what, void *out)
{
    stream_check(st);

    return st->ops->query ? st->ops->query(st, what, out) : GT_ERROR;
}


void
gt_stream_own(gt_stream_t *st, void *owner,
              void (*ready)(gt_stream_t *st, unsigned ev))
{
    stream_check(st);

    st->owner = owner;
    st->ready = ready;

    if (st->pend) {
        gt_post(st->loop, &st->post);
    }
}


void
gt_stream_unread(gt_stream_t *st, gt_chain_t *c)
{
    stream_check(st);
    GT_ASSERT(st->rx >= c->len);

    st->rx -= c->len;
    gt_chain_prepend(&st->unread, c);
}


void
gt_stream_post(gt_stream_t *st, unsigned ev)
{
    if (!st->closed) {
        st->pend |= (uint8_t) ev;
        gt_post(st->loop, &st->post);
    }
}


void
gt_stream_notify(gt_stream_t *st, unsigned ev)
{
    GT_ASSERT(st->loop->down == 0);

    if (st->closed) {
        return;
    }

    if (!st->ready) {
        st->pend |= (uint8_t) (ev & GT_EV_ERR);
        return;
    }

    ev = (ev | st->pend) & (st->want | GT_EV_ERR);
    st->want &= (uint8_t) ~ev;
    st->pend = 0;
    gt_post_cancel(&st->post);

    if (ev) {
        st->ready(st, ev);
    }
}


int
gt_stream_fail(gt_stream_t *st, gt_err_t why)
{
    if (st->err == GT_E_NONE) {
        st->err = why;
        gt_stream_post(st, GT_EV_ERR);
    }

    return GT_ERROR;
}
