/*
 * net/http1_exchange.h: one exchange of an HTTP/1.1 connection.  Between
 * http1_server.c, http1_exchange.c and http1_respond.c only.
 */

#ifndef GT_NET_HTTP1_EXCHANGE_H
#define GT_NET_HTTP1_EXCHANGE_H

#include "net/http1_body.h"
#include "net/http1_server.h"

typedef struct {
    gt_exchange_t      ex;
    gt_http1_msg_t     msg;
    gt_http1_server_t *s;               /* the carrier; outlives us */
    unsigned           responded : 1;   /* a final head is queued */
    unsigned           keep : 1;        /* the connection may go on */
    unsigned           until_close : 1; /* the response ends with it */
    gt_reap_t          reap;
    gt_http1_field_t   fields[]; /* and behind them the texts */
} gt_http1_exchange_t;

/* what becomes of the connection after an exchange */
typedef enum {
    GT_HTTP1_NEXT,   /* the next request */
    GT_HTTP1_LINGER, /* goodbye */
    GT_HTTP1_RESET,
    GT_HTTP1_GONE /* it was given away as a tunnel */
} gt_http1_after_t;

/*
 * From the head in s->head, whose bytes begin at p and are the front of s->in:
 * takes s->in and s->lo.  NULL: no memory, nothing has changed.
 */
gt_exchange_t *gt_http1_exchange_new(gt_http1_server_t *s, const uint8_t *p);

/* the respond of gt_exchange_ops_t */
int gt_http1_respond(gt_exchange_t *ex, int status, gt_str_t reason,
                     const gt_http1_field_t *f, unsigned n, unsigned flags);

/* the connection; NULL: it was reset */
gt_stream_t *gt_http1_exchange_stream(const gt_exchange_t *ex);

/* back to the server; takes lo and out */
void gt_http1_server_closed(gt_http1_server_t *s, gt_stream_t *lo,
                            gt_chain_t *out, gt_http1_after_t after,
                            gt_err_t why);

#endif
