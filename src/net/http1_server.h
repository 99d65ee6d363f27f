/*
 * net/http1_server.h: the HTTP/1.1 carrier: one connection of a client as
 * exchanges (net/exchange.h), one after another.
 *
 *   WAIT -> HEAD -> SERVE -> [FLUSH] -> WAIT ...
 *
 * A connection that waits holds no buffer.  Bytes behind a request stay unread
 * until its exchange is over (pipelining); malformed heads are answered, with
 * a close, and never reach the handler.
 */

#ifndef GT_NET_HTTP1_SERVER_H
#define GT_NET_HTTP1_SERVER_H

#include "core/buf.h"
#include "net/exchange.h"

enum {
    GT_HTTP1_HEAD_MS = 15000, /* a head, from its first byte, the first one
                                 from the start: absolute */
    GT_HTTP1_IDLE_MS = 60000, /* between requests */
    GT_HTTP1_SEND_MS = 60000, /* for what is left of a response */
    GT_HTTP1_HEAD_MAX = 32 * 1024,
    GT_HTTP1_LINE_MAX = 8 * 1024
};

typedef struct {
    uint64_t head_ms, idle_ms;
    size_t   head_max;   /* GT_HTTP1_HEAD_MAX at most; 0: so many bytes */
    unsigned fields_max; /* GT_HTTP1_FIELDS at most; 0: so many */

    /* a request: ex is the callee's until it closes it; must be the last
       thing that happens to the server in this event */
    void (*serve)(void *owner, gt_exchange_t *ex);

    /* the connection has ended, the server is the owner's to free; from an
       event, or in gt_http1_server_drain() */
    void (*done)(void *owner, gt_err_t why);
} gt_http1_server_conf_t;

/* embedded in the owner's object, which lives until the end of the round in
   which the server ended (gt_reap) */
typedef struct {
    const gt_http1_server_conf_t *cf;    /* the owner's */
    void                         *owner; /* the handler's connection */
    gt_loop_t                    *loop;
    gt_stream_t                  *lo; /* ours; NULL while ex has it, and after
                                         the end */
    gt_exchange_t  *ex;   /* the handler's, or NULL */
    gt_chain_t      in;   /* a head so far, GT_HTTP1_HEAD_MAX + 1 at most */
    gt_chain_t      out;  /* FLUSH: what is left of the last response */
    gt_http1_head_t head; /* while it is incomplete */
    gt_timer_t      timer;
    gt_post_t       post;   /* done(), where it cannot be called */
    uint64_t        rx, tx; /* bytes, of the time when lo was let go */
    uint64_t        served; /* requests */
    gt_err_t        why;
    uint8_t         state;
    unsigned        draining : 1;
} gt_http1_server_t;

/* takes st; serve and done are never called before it returns */
void gt_http1_server_start(gt_http1_server_t *s, gt_stream_t *st,
                           const gt_http1_server_conf_t *cf, void *owner);

/* no more requests after the one that is being served; with none, and none in
   sight, the connection ends now */
void gt_http1_server_drain(gt_http1_server_t *s);

/* ends it without done(); the exchange, if any, must be closed before; safe on
   a server that has ended */
void gt_http1_server_close(gt_http1_server_t *s, gt_err_t why);

/* bytes received from and sent to the client so far */
void gt_http1_server_moved(const gt_http1_server_t *s, uint64_t *rx,
                           uint64_t *tx);

#endif
