/*
 * net/exchange.h: one request and its response, whatever carries them: what
 * HTTP/1.1, HTTP/2 and HTTP/3 hand to a handler.
 *
 * A carrier makes the exchange and gives it to a handler (ops->serve), which
 * owns it until gt_exchange_close().  The request head is there; the body of
 * the request is read from ex->body and the body of the response is written
 * to the same stream: it is a stream (net/stream.h) in every respect, whose
 * EOF is the end of the request and whose shutdown is the end of the response.
 * ex->body is NULL until the handler calls gt_exchange_body().
 *
 * Connection-specific fields (RFC 9110 7.6.1) are the carrier's: it neither
 * gives them to the handler for copying (is_hop) nor takes them from it, but
 * for Connection: close, which it writes itself when the connection ends.
 */

#ifndef GT_NET_EXCHANGE_H
#define GT_NET_EXCHANGE_H

#include "core/str.h"
#include "net/stream.h"
#include "proto/http1.h"

typedef struct gt_exchange gt_exchange_t;

/* what respond() is told beside status and fields */
enum {
    GT_EX_FIN = 1,   /* no body: the response is complete */
    GT_EX_CLOSE = 2, /* the connection is of no use after it (HTTP/1) */
    GT_EX_BARE = 4,  /* no framing field is added, as GOST's errors have none,
                        and the version is 1.1; with GT_EX_FIN, GT_EX_CLOSE */
    GT_EX_QUIET = 8, /* with GT_EX_CLOSE: no field says so */
    GT_EX_DECOY = 16 /* CONNECT is answered as GET is, and with GT_EX_CLOSE and
                        a Content-Length a field says keep-alive, as a server
                        that is no proxy would */
};

typedef struct {
    const char *name; /* "http/1.1" */
    int (*respond)(gt_exchange_t *ex, int status, gt_str_t reason,
                   const gt_http1_field_t *f, unsigned n, unsigned flags);
    gt_stream_t *(*body)(gt_exchange_t *ex);
    gt_stream_t *(*tunnel)(gt_exchange_t *ex);
    void (*close)(gt_exchange_t *ex, gt_err_t why);
} gt_exchange_ops_t;

struct gt_exchange {
    const gt_exchange_ops_t *ops;
    gt_loop_t               *loop;
    void                    *owner; /* the handler's object */

    /* the request; all texts live until the exchange is closed */
    gt_str_t                method;    /* "CONNECT", "GET" */
    gt_str_t                scheme;    /* "http", or empty: origin-form */
    gt_str_t                authority; /* host:port as sent; CONNECT's target */
    gt_str_t                path;      /* path and query; empty for CONNECT */
    gt_str_t                protocol;  /* :protocol, or Upgrade's token */
    const gt_http1_field_t *fields;    /* as received, hop-by-hop ones too */
    unsigned                n_fields;
    uint8_t                 minor;     /* HTTP/1's: 0 or 1; others: 1 */
    uint64_t                length;    /* of the body, if has_length */
    unsigned                has_body : 1;
    unsigned                has_length : 1;
    unsigned                expect_continue : 1;
    unsigned                upgrade : 1;

    /* the handler's chains, set before gt_exchange_body(), or NULL: trailers
       are dropped.  Whole field lines with their CRLF, GT_HTTP1_TRAILER_MAX
       bytes at most: those of the request arrive before the EOF of body, those
       of the response are taken at its shutdown */
    gt_chain_t *trailers_in, *trailers_out;

    gt_stream_t *body; /* the carrier's; set by gt_exchange_body() */
};

/* must that field stay behind (RFC 9110 7.6.1)? */
bool gt_exchange_is_hop(const gt_exchange_t *ex, gt_str_t name);

/* the first field of that name, any case */
bool gt_exchange_field(const gt_exchange_t *ex, const char *name, gt_str_t *v);

/*
 * Sends a head.  1xx any number of times, then one final status.  reason with
 * p NULL is the standard one.  Without GT_EX_FIN a body follows through
 * gt_exchange_body(); it is framed by a Content-Length among the fields, else
 * as the carrier does (chunked; HTTP/1.0 and GT_EX_CLOSE: until the close).
 * GT_ERROR: a field is not well formed, no memory, too late: close.  Never
 * blocks: the head is queued in front of the body.
 */
int gt_exchange_respond(gt_exchange_t *ex, int status, gt_str_t reason,
                        const gt_http1_field_t *f, unsigned n, unsigned flags);

/*
 * The body of both messages as one stream; the exchange's, valid until the
 * close, but the caller owns it as streams are owned (gt_stream_own) and may
 * give it to gt_relay(): closing it orderly leaves the exchange to be closed,
 * closing it with a reason resets what carries it.  NULL: no memory.
 */
gt_stream_t *gt_exchange_body(gt_exchange_t *ex);

/*
 * After a 2xx to CONNECT or a 101: the exchange ends and its bytes are a
 * tunnel: over HTTP/1 the very stream below, so that a relay may splice.
 * Belongs to the caller; the exchange and its body are closed by this call,
 * and so is the carrier if it served nothing else.  NULL: no memory, or reset;
 * everything is closed.
 */
gt_stream_t *gt_exchange_tunnel(gt_exchange_t *ex);

/*
 * The end of the exchange, whatever its state; closes the body if that is
 * still open.  In order (GT_E_NONE) after a complete response the carrier goes
 * on to its next request, or says goodbye when the request has not been read
 * to its end.  Otherwise what carries it is closed or reset.
 */
void gt_exchange_close(gt_exchange_t *ex, gt_err_t why);

#endif
