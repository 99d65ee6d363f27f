/*
 * net/relay.h: joins two streams until both directions have ended.
 *
 * Half-close passes both ways.  A reset of one side, or a failure, is passed
 * to the other as a reset, after what was received before it.  An idle relay
 * holds no buffer and no pipe.  Where both ends are raw sockets bytes go by
 * splice(2) once a direction has shown that it is bulk.
 */

#ifndef GT_NET_RELAY_H
#define GT_NET_RELAY_H

#include "net/op.h"
#include "net/stream.h"

enum {
    GT_RELAY_HALF = 65536,      /* bytes a direction may hold */
    GT_RELAY_TURN = 256 * 1024, /* bytes a direction moves before others run */
    GT_RELAY_HALF_CLOSED = 3600 * 1000 /* ms without a byte, when half-closed */
};

typedef struct {
    uint64_t  idle_ms; /* no byte either way for so long ends it; 0: never */
    uint64_t *up;      /* counts bytes a to b as they move (core/stat.h), */
    uint64_t *down;    /* and b to a; NULL: nobody counts */
    uint64_t *moved;   /* [2]: at its end, before done runs, what it has moved
                          is added, a to b and b to a; NULL: nobody asks */
} gt_relay_conf_t;

/*
 * Takes both streams until op is done, then it has closed them.  done gets no
 * stream; err is GT_E_NONE when both directions ended in order, else why not:
 * GT_E_TIMEOUT for the idle limit.  gt_op_cancel() closes both with a reset.
 * Bytes left unread in either stream are relayed first.  cf is copied; what it
 * points to outlives the operation.
 */
void gt_relay(gt_stream_t *a, gt_stream_t *b, const gt_relay_conf_t *cf,
              gt_op_t *op);

/* a relay taken apart, for hand-over: two streams and what was received from
   each and not yet sent to the other (GT_RELAY_HALF at most) */
typedef struct {
    gt_stream_t *a, *b;
    gt_chain_t   a_to_b, b_to_a;
    bool         a_eof, b_eof; /* that side has finished, and that was seen */
    uint64_t     up, down;     /* bytes moved before */
} gt_relay_parts_t;

/*
 * Ends the relay without closing anything: op is idle, done does not run, and
 * everything in out is the caller's.  GT_ERROR: bytes in a pipe could not be
 * read back; the relay goes on.
 */
int gt_relay_take(gt_op_t *op, gt_relay_parts_t *out);

/* as gt_relay(), from parts; takes the streams and the chains */
void gt_relay_resume(gt_relay_parts_t *in, const gt_relay_conf_t *cf,
                     gt_op_t *op);

#endif
