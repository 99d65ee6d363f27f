/*
 * net/stream.h: the one abstraction.  A stream is a stream: nothing above
 * this header knows whether bytes come from a socket, TLS, a WebSocket or an
 * HTTP/2 stream.
 *
 * The contract:
 *
 *   recv appends up to `max` bytes to the caller's chain: > 0, 0 = the peer
 *     finished, GT_AGAIN, GT_ERROR (st->err says why).
 *   send moves bytes out of the caller's chain: > 0, GT_AGAIN or GT_ERROR.
 *     A stream may keep a reference to a slab, never a pointer to the chain.
 *   AGAIN means: call want(ev), then you get one ready(ev).  If it is already
 *     true, it is posted, never called inline.  GT_EV_ERR needs no want.
 *   A filter answers want(IN) from its own buffered input first and only then
 *     asks below.
 *   shutdown: everything accepted has left for the layer below, then our half
 *     ends.  May say GT_AGAIN: want(OUT), then call it again.  The read side
 *     goes on.
 *   GT_EV_ERR ends the write side only: the owner goes on with recv until it
 *     says GT_ERROR, so that data before an error is delivered.
 *   close(why) is immediate and silent: after it, no ready.  why = GT_E_NONE
 *     is orderly, anything else a reset (RST, RST_STREAM, STOP_SENDING).
 *     Memory goes at the end of the round.
 *   Any failure is reported twice on purpose: as a return value where it was
 *     met, and once as a posted GT_EV_ERR.
 *   A stream never closes itself and never frees its owner.
 *   A stream exists only when it is usable: connecting and handshaking are
 *     operations (net/op.h).
 *   unread gives back what a parser read too far; the front functions serve
 *     it before they ask the implementation.
 *   raw_fd is >= 0 only while the stream is byte-transparent and empty.
 *   query(what) carries everything else; unknown ones are passed below.
 */

#ifndef GT_NET_STREAM_H
#define GT_NET_STREAM_H

#include "core/buf.h"
#include "core/core.h"
#include "core/err.h"
#include "event/loop.h"

enum {
    GT_EV_IN = 1,
    GT_EV_OUT = 2,
    GT_EV_ERR = 4
};

/* what query() can be asked; `out` is the type in brackets */
enum {
    GT_Q_LOCAL = 1, /* (gt_addr_t) our end's address */
    GT_Q_REMOTE,    /* (gt_addr_t) the peer's */
    GT_Q_UNSENT,    /* (int) bytes accepted that the peer has not confirmed */
    GT_Q_STALLED,   /* (unsigned) GT_EV_* that raw_fd said EAGAIN to: a note
                       to the stream that the next want must wait */
    GT_Q_CAN_RESET, /* (bool) a reset reaches the peer as one */
    GT_Q_FD,        /* (int) the descriptor at the bottom, for hand-over */
    GT_Q_SILENT     /* (bool) nothing has come to the bottom, not even an end,
                       that the loop may just not have told yet */
};

typedef struct gt_stream gt_stream_t;

/* what an implementation supplies */
typedef struct {
    const char *name; /* "tcp", "tls": for traces */
    ssize_t (*recv)(gt_stream_t *st, gt_chain_t *to, size_t max);
    ssize_t (*send)(gt_stream_t *st, gt_chain_t *from);
    int (*shutdown)(gt_stream_t *st);
    void (*want)(gt_stream_t *st, unsigned ev); /* arm, one shot */
    void (*close)(gt_stream_t *st, gt_err_t why);
    int (*raw_fd)(gt_stream_t *st);                         /* or NULL */
    int (*query)(gt_stream_t *st, int what, void *out);     /* or NULL */
} gt_stream_ops_t;

/* the first member of every implementation; the implementation allocates it */
struct gt_stream {
    const gt_stream_ops_t *ops;
    gt_loop_t             *loop;
    void (*ready)(gt_stream_t *st, unsigned ev); /* upcall */
    void      *owner;  /* exactly one; NULL once closed */
    gt_post_t  post;   /* carries `pend` up */
    gt_chain_t unread; /* pushed back by whoever peeked */
    uint64_t   rx, tx; /* bytes to and from the owner */
    gt_err_t   err;
    uint8_t    want, pend; /* armed; posted: GT_EV_* */
    unsigned   rx_eof : 1, tx_shut : 1, closed : 1;
    unsigned   magic : 29; /* GT_STREAM_MAGIC until freed */
};

enum { GT_STREAM_MAGIC = 0x57eea };

/* --- for owners: these never call back --- */

ssize_t gt_stream_recv(gt_stream_t *st, gt_chain_t *to, size_t max);
ssize_t gt_stream_send(gt_stream_t *st, gt_chain_t *from);
int     gt_stream_shutdown(gt_stream_t *st);
void    gt_stream_want(gt_stream_t *st, unsigned ev);
void    gt_stream_close(gt_stream_t *st, gt_err_t why);
int     gt_stream_raw_fd(gt_stream_t *st); /* -1: not raw now */

/* GT_OK when *out was filled, GT_ERROR when nobody in the stack knows */
int gt_stream_query(gt_stream_t *st, int what, void *out);

/* takes over: from now on ready() goes to `owner`; earlier posts are kept */
void gt_stream_own(gt_stream_t *st, void *owner,
                   void (*ready)(gt_stream_t *st, unsigned ev));

/* gives back all of c, read too far; before anything else that is unread */
void gt_stream_unread(gt_stream_t *st, gt_chain_t *c);

/* --- for implementors --- */

void gt_stream_init(gt_stream_t *st, const gt_stream_ops_t *ops,
                    gt_loop_t *loop);

/* up, from anywhere: ready(ev) runs from the posted queue */
void gt_stream_post(gt_stream_t *st, unsigned ev);

/* up, from an event handler: calls ready(ev) now, for what is wanted, and
   notes the rest; the last statement of the handler */
void gt_stream_notify(gt_stream_t *st, unsigned ev);

/* records why and posts GT_EV_ERR once; returns GT_ERROR */
int gt_stream_fail(gt_stream_t *st, gt_err_t why);

/* streams alive in this process: 0 when a worker leaves */
unsigned gt_stream_live(void);

/* an implementation's reaper calls it just before it frees */
void gt_stream_gone(gt_stream_t *st);

#endif
