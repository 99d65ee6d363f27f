/*
 * net/op.h: a pending operation: dial, connect, resolve, handshake, relay.
 *
 * The caller embeds a gt_op_t in its object and sets done and owner.  done
 * runs exactly once, never before the starting call returns, and never after
 * gt_op_cancel(), which is idempotent and which the owner's close calls.
 * An operation ends in a stream (st), in a dgram (op->dgram), in neither, or
 * in an error; what it ends in belongs to the owner.
 */

#ifndef GT_NET_OP_H
#define GT_NET_OP_H

#include "core/err.h"
#include "event/loop.h"
#include "net/stream.h"

typedef struct gt_op    gt_op_t;
typedef struct gt_dgram gt_dgram_t; /* net/dgram.h */

struct gt_op {
    void (*done)(gt_op_t *op, gt_stream_t *st, gt_err_t err); /* caller's */
    void *owner;                                              /* caller's */
    void (*cancel)(gt_op_t *op);                              /* callee's */
    void       *impl;  /* callee's; NULL when idle */
    gt_dgram_t *dgram; /* the result, instead of st */
    gt_post_t   post;  /* carries a result that is known at once */
    gt_stream_t *st;   /* with post: the result */
    gt_err_t     err;  /* with post: the result */
};

/* --- for callers --- */

void gt_op_cancel(gt_op_t *op);

static inline bool
gt_op_busy(const gt_op_t *op)
{
    return op->impl != NULL;
}

/* --- for callees --- */

/* the operation has begun; impl is not NULL; cancel releases impl */
void gt_op_start(gt_op_t *op, void *impl, void (*cancel)(gt_op_t *op));

/* ends it now, from an event (never from the starting call): the op is idle,
   then done runs; the last statement of its caller */
void gt_op_finish(gt_op_t *op, gt_stream_t *st, gt_err_t err);

/* ends it from the posted queue; may be called in the starting call, with or
   without gt_op_start before.  Until then the op owns st and a cancel closes
   it.  The caller has let go of impl. */
void gt_op_post(gt_loop_t *loop, gt_op_t *op, gt_stream_t *st, gt_err_t err);

/* ends it without done(): the callee has been taken apart at the caller's
   request */
void gt_op_drop(gt_op_t *op);

/* operations pending in this process: 0 when a worker leaves */
unsigned gt_op_live(void);

#endif
