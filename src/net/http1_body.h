/*
 * net/http1_body.h: the bodies of an HTTP/1 request and its response as one
 * stream over the connection: what is received is taken out of its framing,
 * what is sent is put into one.  Both sides of HTTP/1 are built on it.
 *
 * Heads are queued in front of the body, so that head, body and the end of a
 * short message leave in one write at the end of the round.
 *
 * The message owns the stream below from init to release.  It is embedded in
 * its carrier's object, which frees it: by gt_reap(), with gt_stream_gone().
 */

#ifndef GT_NET_HTTP1_BODY_H
#define GT_NET_HTTP1_BODY_H

#include "net/stream.h"
#include "proto/http1.h"
#include "proto/http1_chunk.h"

enum {
    GT_HTTP1_MSG_IN = 65536,  /* read and not decoded, at most: one recv */
    GT_HTTP1_MSG_OUT = 65536, /* with so much unsent, send says GT_AGAIN; then
                                 it has taken as much again at most */
    GT_HTTP1_MSG_NOW = 16384  /* so much is written at once, not later in the
                                 round */
};

typedef struct gt_http1_msg gt_http1_msg_t;

struct gt_http1_msg {
    gt_stream_t  st;  /* what the user of the bodies sees */
    gt_stream_t *lo;  /* the connection, ours; NULL: reset, or released */
    gt_chain_t   raw; /* chunked: GT_HTTP1_MSG_IN at most */
    gt_chain_t   out; /* heads and framed body, not sent */

    /* the carrier's, or NULL; see gt_exchange_t */
    gt_chain_t *rx_trailers, *tx_trailers;

    /* set by gt_http1_msg_tunnel() */
    void (*gone)(gt_http1_msg_t *m);

    gt_http1_chunk_t chunk;
    uint64_t         rx_left, tx_left;
    uint64_t         lo_rx, lo_tx; /* the connection's, when it was let go */
    gt_post_t        post; /* writes `out` at the end of the round */
    uint8_t          rx, tx; /* gt_http1_body_t */
    unsigned         tx_set : 1;  /* a final head is queued: tx is known */
    unsigned         rx_done : 1; /* the end was decoded */
    unsigned         tx_done : 1; /* the end is queued */
    unsigned         tunnel : 1;
};

/* takes lo; receives nothing until gt_http1_msg_rx() */
void gt_http1_msg_init(gt_http1_msg_t *m, gt_stream_t *lo);

/* how the next body is framed; length counts for GT_HTTP1_BODY_LENGTH.  tx:
   also, the body may now be sent; NONE: it has ended */
void gt_http1_msg_rx(gt_http1_msg_t *m, gt_http1_body_t kind, uint64_t length);
void gt_http1_msg_tx(gt_http1_msg_t *m, gt_http1_body_t kind, uint64_t length);

/* the stream's recv, between the two files of this */
ssize_t gt_http1_msg_recv(gt_stream_t *st, gt_chain_t *to, size_t max);

/* a head, to leave before what is sent later; GT_ERROR: no memory */
int gt_http1_msg_queue(gt_http1_msg_t *m, const char *head, size_t n);

/* both bodies have ended, as far as we are concerned */
bool gt_http1_msg_complete(const gt_http1_msg_t *m);

/*
 * Lets go of the connection; what was read too far is unread, what is unsent
 * goes to out, which is empty before.  Closes m->st if it is open.  NULL when
 * the connection was reset.
 */
gt_stream_t *gt_http1_msg_release(gt_http1_msg_t *m, gt_chain_t *out);

/*
 * From now on the connection carries a tunnel.  When all is sent this is a
 * release.  Otherwise the result is m->st, which sends what is left first and
 * then passes bytes as they are; gone(m) then runs when it is closed.
 */
gt_stream_t *gt_http1_msg_tunnel(gt_http1_msg_t *m,
                                 void (*gone)(gt_http1_msg_t *m));

#endif
