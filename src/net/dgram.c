/*
 * net/dgram.c: the front of every datagram socket, as net/stream.c is that of
 * every stream: counters, who may call whom, one wake-up for each want.
 */

#include "net/dgram.h"

static unsigned dgram_live;


static void
dgram_check(const gt_dgram_t *dg)
{
    GT_ASSERT(dg->magic == GT_DGRAM_MAGIC);
    GT_ASSERT(!dg->closed);
}


/* runs from the posted queue: what was posted and is wanted goes up */

static void
dgram_posted(gt_post_t *post)
{
    gt_dgram_t *dg = gt_container_of(post, gt_dgram_t, post);
    unsigned    ev;

    if (!dg->ready) {
        return; /* kept for the next owner */
    }

    ev = dg->pend & (dg->want | GT_EV_ERR);
    dg->pend = 0;
    dg->want &= (uint8_t) ~ev;

    if (ev) {
        dg->ready(dg, ev);
    }
}


void
gt_dgram_init(gt_dgram_t *dg, const gt_dgram_ops_t *ops, gt_loop_t *loop)
{
    *dg = (gt_dgram_t){ .ops = ops, .loop = loop, .magic = GT_DGRAM_MAGIC };
    gt_post_init(&dg->post, dgram_posted);
    dgram_live++;
}


void
gt_dgram_gone(gt_dgram_t *dg)
{
    GT_ASSERT(dg->closed && dg->magic == GT_DGRAM_MAGIC);

    dg->magic = 0;
    dgram_live--;
}


unsigned
gt_dgram_live(void)
{
    return dgram_live;
}


int
gt_dgram_recv(gt_dgram_t *dg, gt_packet_t *to, int n)
{
    int i, got;

    dgram_check(dg);

    for (i = 0; i < n; i++) {
        GT_ASSERT(to[i].data.len == 0);
    }

    dg->loop->down++;
    got = dg->ops->recv(dg, to, n);
    dg->loop->down--;

    for (i = 0; i < got; i++) {
        dg->rx += to[i].data.len;
    }

    return got;
}


int
gt_dgram_send(gt_dgram_t *dg, gt_packet_t *from, int n)
{
    int rc;

    dgram_check(dg);
    GT_ASSERT(n > 0);

    dg->loop->down++;
    rc = dg->ops->send(dg, from, n);
    dg->loop->down--;

    return rc;
}


void
gt_dgram_want(gt_dgram_t *dg, unsigned ev)
{
    dgram_check(dg);

    dg->want |= (uint8_t) ev;

    dg->loop->down++;
    dg->ops->want(dg, ev);
    dg->loop->down--;
}


void
gt_dgram_close(gt_dgram_t *dg)
{
    dgram_check(dg);

    gt_post_cancel(&dg->post);
    dg->closed = 1;
    dg->owner = NULL;
    dg->ready = NULL;
    dg->want = dg->pend = 0;

    dg->loop->down++;
    dg->ops->close(dg);
    dg->loop->down--;
}


int
gt_dgram_query(gt_dgram_t *dg, int what, void *out)
{
    dgram_check(dg);

    return dg->ops->query ? dg->ops->query(dg, what, out) : GT_ERROR;
}


void
gt_dgram_own(gt_dgram_t *dg, void *owner,
             void (*ready)(gt_dgram_t *dg, unsigned ev))
{
    dgram_check(dg);

    dg->owner = owner;
    dg->ready = ready;

    if (dg->pend) {
        gt_post(dg->loop, &dg->post);
    }
}


void
gt_dgram_post(gt_dgram_t *dg, unsigned ev)
{
    if (!dg->closed) {
        dg->pend |= (uint8_t) ev;
        gt_post(dg->loop, &dg->post);
    }
}


void
gt_dgram_notify(gt_dgram_t *dg, unsigned ev)
{
    GT_ASSERT(dg->loop->down == 0);

    if (dg->closed) {
        return;
    }

    if (!dg->ready) {
        dg->pend |= (uint8_t) (ev & GT_EV_ERR);
        return;
    }

    ev = (ev | dg->pend) & (dg->want | GT_EV_ERR);
    dg->want &= (uint8_t) ~ev;
    dg->pend = 0;
    gt_post_cancel(&dg->post);

    if (ev) {
        dg->ready(dg, ev);
    }
}


int
gt_dgram_fail(gt_dgram_t *dg, gt_err_t why)
{
    if (dg->err == GT_E_NONE) {
        dg->err = why;
        gt_dgram_post(dg, GT_EV_ERR);
    }

    return GT_ERROR;
}
