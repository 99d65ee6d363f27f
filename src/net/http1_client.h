/*
 * net/http1_client.h: one HTTP/1.1 request over a connection, and its
 * response.
 *
 *     cl = gt_http1_client_new(up, GT_STR("GET"));
 *     gt_http1_client_request(cl, head, n, GT_HTTP1_BODY_NONE, 0);
 *     gt_stream_own(gt_http1_client_body(cl), owner, ready);
 *
 *     in ready(): gt_http1_client_head(), any number of 1xx, each followed by
 *     gt_http1_client_next(); after the final head, recv on the body.
 */

#ifndef GT_NET_HTTP1_CLIENT_H
#define GT_NET_HTTP1_CLIENT_H

#include "core/str.h"
#include "net/stream.h"
#include "proto/http1.h"

enum {
    GT_HTTP1_INTERIM = 16 /* 1xx before a final head: more is an error */
};

typedef struct gt_http1_client gt_http1_client_t;

/* takes lo; method is the request's, not kept.  NULL: no memory, lo closed */
gt_http1_client_t *gt_http1_client_new(gt_stream_t *lo, gt_str_t method);

/* queues a whole head, with the framing of the body that will follow it, which
   is sent through the body stream.  GT_ERROR: no memory */
int gt_http1_client_request(gt_http1_client_t *cl, const char *head, size_t n,
                            gt_http1_body_t framing, uint64_t length);

/* both bodies: send and shutdown for the request's, recv for the response's,
   whose EOF comes when it is complete; a cut one is GT_ERROR.  The client's,
   until detach or close; the caller owns it as streams are owned */
gt_stream_t *gt_http1_client_body(gt_http1_client_t *cl);

/* where trailers of the response go, those of the request come from; the
   caller's chains, or NULL */
void gt_http1_client_trailers(gt_http1_client_t *cl, gt_chain_t *rx,
                              gt_chain_t *tx);

/*
 * The next head.  GT_OK: it is in *head, with the caller's fields, until
 * gt_http1_client_next().  GT_AGAIN: the body's ready(IN) says when to call
 * again.  GT_ERROR: the body's err says why: GT_E_PROTO for a malformed head
 * or an end before it.
 */
int gt_http1_client_head(gt_http1_client_t *cl, gt_http1_field_t *fields,
                         unsigned max, const gt_http1_head_t **head);

/* done with that head: after 1xx the next one follows, after a final one its
   body; 101 is final */
void gt_http1_client_next(gt_http1_client_t *cl);

/* has anything of a response come yet? */
bool gt_http1_client_heard(const gt_http1_client_t *cl);

/* is all of the response received and all of the request sent?  With head's
   keep_alive the connection may then be used again */
bool gt_http1_client_complete(const gt_http1_client_t *cl);

/* ends the client and gives the connection back, with what was read too far
   unread; NULL: it was reset, or has bytes unsent and is closed */
gt_stream_t *gt_http1_client_detach(gt_http1_client_t *cl);

/* ends the client and the connection */
void gt_http1_client_close(gt_http1_client_t *cl, gt_err_t why);

#endif
