/*
 * net/op.c: pending operations.
 *
 *   idle -> started -> finished (done runs) or cancelled (nothing runs)
 */

#include "net/op.h"

#include "net/dgram.h"

static unsigned op_live;


void
gt_op_start(gt_op_t *op, void *impl, void (*cancel)(gt_op_t *op))
{
    GT_ASSERT(op->impl == NULL && impl != NULL);

    op->impl = impl;
    op->cancel = cancel;
    op_live++;
}


static void
op_end(gt_op_t *op)
{
    op->impl = NULL;
    op->cancel = NULL;
    op_live--;
}


void
gt_op_finish(gt_op_t *op, gt_stream_t *st, gt_err_t err)
{
    GT_ASSERT(op->impl != NULL);

    op_end(op);
    op->done(op, st, err);
}


void
gt_op_drop(gt_op_t *op)
{
    GT_ASSERT(op->impl != NULL);

    op_end(op);
}


static void
op_posted(gt_post_t *post)
{
    gt_op_t     *op = gt_container_of(post, gt_op_t, post);
    gt_stream_t *st = op->st;

    op->st = NULL;
    gt_op_finish(op, st, op->err);
}


static void
op_post_cancel(gt_op_t *op)
{
    gt_post_cancel(&op->post);

    if (op->st) {
        gt_stream_close(op->st, GT_E_CANCEL);
        op->st = NULL;
    }

    if (op->dgram) {
        gt_dgram_close(op->dgram);
        op->dgram = NULL;
    }
}


void
gt_op_post(gt_loop_t *loop, gt_op_t *op, gt_stream_t *st, gt_err_t err)
{
    if (!op->impl) {
        op->impl = op;
        op_live++;
    }

    op->cancel = op_post_cancel;
    op->st = st;
    op->err = err;
    gt_post_init(&op->post, op_posted);
    gt_post(loop, &op->post);
}


void
gt_op_cancel(gt_op_t *op)
{
    void (*cancel)(gt_op_t * op) = op->cancel;

    if (op->impl) {
        cancel(op);
        op_end(op);
    }
}


unsigned
gt_op_live(void)
{
    return op_live;
}
