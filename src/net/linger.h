/*
 * net/linger.h: says goodbye to a stream whose owner has gone on: what is left
 * to say, our FIN, then what the peer still sends is read and dropped, so that
 * no reset overtakes the last words; all under one deadline.
 */

#ifndef GT_NET_LINGER_H
#define GT_NET_LINGER_H

#include "net/stream.h"

enum {
    GT_LINGER_MS = 5000,        /* for all of it */
    GT_LINGER_READ = 256 * 1024, /* bytes of the peer's that are dropped */
    GT_LINGER_POLL = 20 /* ms; nothing tells that the peer has confirmed */
};

/*
 * Takes st and all of out (NULL: nothing).  Without memory the stream is
 * closed at once.
 */
void gt_linger(gt_stream_t *st, gt_chain_t *out);

/*
 * For a stream that is to end in a reset: that waits until the peer has
 * confirmed what was sent, which it would destroy, and no longer.  No FIN is
 * sent.
 */
void gt_linger_reset(gt_stream_t *st);

/* streams that linger in this process; closes all of them now */
unsigned gt_linger_live(void);
void     gt_linger_close_all(void);

#endif
