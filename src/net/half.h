/*
 * net/half.h: one direction of a relay.  For net/relay only.
 *
 *   open -> eof (its source has finished) -> done (all of it has left and the
 *   end was passed on)
 *
 * dead: its destination takes no more.  broken: its source has failed; what
 * came before is delivered, then the relay ends and passes the failure on.
 */

#ifndef GT_NET_HALF_H
#define GT_NET_HALF_H

#include "net/splice.h"
#include "net/stream.h"

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
} gt_half_t;

void gt_half_init(gt_half_t *h, gt_stream_t *from, gt_stream_t *to,
                  uint64_t *count);

/*
 * Moves until nothing moves, passes the end on, and asks to be woken for what
 * stopped it; sets *any when something left.  GT_AGAIN: the turn is over and
 * there is more.
 */
int gt_half_run(gt_half_t *h, bool *any);

/* nothing more will come of it */
bool gt_half_over(const gt_half_t *h);

/* its destination takes no more: what is held is lost */
void gt_half_dead(gt_half_t *h);

/* lets go of buffers and pipe */
void gt_half_drop(gt_half_t *h);

#endif
