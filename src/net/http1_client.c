/*
 * net/http1_client.c: one HTTP/1.1 request and its response.
 *
 *   request -> head (1xx) -> next -> ... -> head (final) -> next -> body
 *
 * The heads are read from the connection directly; what follows them is given
 * back to it, where the body stream finds it.
 */

#include "net/http1_client.h"

#include "core/mem.h"
#include "net/http1_body.h"

enum { CLIENT_HEAD = 32 * 1024 + 1 /* the parser says no to so much */ };

struct gt_http1_client {
    gt_http1_msg_t  msg;
    gt_chain_t      in;     /* a head, CLIENT_HEAD at most */
    gt_http1_head_t head;   /* its fields are the caller's */
    gt_str_t        method; /* static */
    unsigned        interim;
    unsigned        parsed : 1; /* head is whole and still in `in` */
    gt_reap_t       reap;
};


static gt_str_t
client_method(gt_str_t method)
{
    if (gt_str_eq(method, GT_STR("HEAD"))) {
        return GT_STR("HEAD");
    }

    return gt_str_eq(method, GT_STR("CONNECT")) ? GT_STR("CONNECT")
                                                : GT_STR("GET");
}


gt_http1_client_t *
gt_http1_client_new(gt_stream_t *lo, gt_str_t method)
{
    gt_http1_client_t *cl = gt_calloc(sizeof(gt_http1_client_t));

    if (!cl) {
        gt_stream_close(lo, GT_E_NOMEM);
        return NULL;
    }

    cl->method = client_method(method);
    gt_http1_head_init(&cl->head, NULL, 0);
    gt_http1_msg_init(&cl->msg, lo);
    gt_http1_msg_rx(&cl->msg, GT_HTTP1_BODY_CLOSE, 0); /* until the head */

    return cl;
}


int
gt_http1_client_request(gt_http1_client_t *cl, const char *head, size_t n,
                        gt_http1_body_t framing, uint64_t length)
{
    if (gt_http1_msg_queue(&cl->msg, head, n) != GT_OK) {
        return GT_ERROR;
    }

    gt_http1_msg_tx(&cl->msg, framing, length);

    return GT_OK;
}


gt_stream_t *
gt_http1_client_body(gt_http1_client_t *cl)
{
    return &cl->msg.st;
}


void
gt_http1_client_trailers(gt_http1_client_t *cl, gt_chain_t *rx, gt_chain_t *tx)
{
    cl->msg.rx_trailers = rx;
    cl->msg.tx_trailers = tx;
}


static int
client_fail(gt_http1_client_t *cl, gt_err_t why)
{
    return gt_stream_fail(&cl->msg.st, why);
}


static int
client_parse(gt_http1_client_t *cl, gt_http1_field_t *fields, unsigned max)
{
    int            rc;
    const uint8_t *p;

    if (cl->in.len == 0) {
        return GT_AGAIN;
    }

    p = gt_chain_pull(&cl->in, cl->in.len);
    if (!p) {
        return client_fail(cl, GT_E_NOMEM);
    }

    cl->head.fields = fields;
    cl->head.max = max;

    rc = gt_http1_response_parse(p, cl->in.len, NULL, cl->method, &cl->head);

    if (rc == GT_ERROR) {
        return client_fail(cl, GT_E_PROTO);
    }

    if (rc == GT_OK && cl->head.status < 200 && cl->head.status != 101
        && cl->interim++ == GT_HTTP1_INTERIM)
    {
        return client_fail(cl, GT_E_PROTO);
    }

    return rc;
}


int
gt_http1_client_head(gt_http1_client_t *cl, gt_http1_field_t *fields,
                     unsigned max, const gt_http1_head_t **head)
{
    int          rc;
    ssize_t      n;
    gt_stream_t *lo = cl->msg.lo;

    GT_ASSERT(lo && !cl->parsed);

    for (;;) {
        n = gt_stream_recv(lo, &cl->in, CLIENT_HEAD - cl->in.len);

        if (n == GT_AGAIN) {
            gt_stream_want(&cl->msg.st, GT_EV_IN);
            return GT_AGAIN;
        }

        if (n <= 0) {
            return client_fail(cl, n == 0 ? GT_E_PROTO : lo->err);
        }

        rc = client_parse(cl, fields, max);

        if (rc == GT_OK) {
            cl->parsed = 1;
            *head = &cl->head;
        }

        if (rc != GT_AGAIN) {
            return rc;
        }
    }
}


void
gt_http1_client_next(gt_http1_client_t *cl)
{
    GT_ASSERT(cl->parsed);

    cl->parsed = 0;
    gt_chain_drop(&cl->in, cl->head.len);

    if (cl->in.len) {
        gt_stream_unread(cl->msg.lo, &cl->in);
    }

    if (cl->head.status >= 200 || cl->head.status == 101) {
        gt_http1_msg_rx(&cl->msg, cl->head.body, cl->head.length);
    }

    gt_http1_head_init(&cl->head, NULL, 0);
}


bool
gt_http1_client_heard(const gt_http1_client_t *cl)
{
    return cl->in.len > 0 || cl->interim > 0 || cl->parsed;
}


bool
gt_http1_client_complete(const gt_http1_client_t *cl)
{
    return gt_http1_msg_complete(&cl->msg) && cl->msg.out.len == 0;
}


static void
client_reap(gt_reap_t *reap)
{
    gt_http1_client_t *cl = gt_container_of(reap, gt_http1_client_t, reap);

    gt_stream_gone(&cl->msg.st);
    gt_free(cl);
}


gt_stream_t *
gt_http1_client_detach(gt_http1_client_t *cl)
{
    gt_chain_t   out = { 0 };
    gt_stream_t *lo;

    lo = gt_http1_msg_release(&cl->msg, &out);

    if (lo && out.len) {
        gt_stream_close(lo, GT_E_CANCEL);
        lo = NULL;
    }

    if (lo && cl->in.len && !cl->parsed) {
        gt_stream_unread(lo, &cl->in);
    }

    gt_chain_free(&out);
    gt_chain_free(&cl->in);
    gt_reap(cl->msg.st.loop, &cl->reap, client_reap);

    return lo;
}


void
gt_http1_client_close(gt_http1_client_t *cl, gt_err_t why)
{
    gt_stream_t *lo = gt_http1_client_detach(cl);

    if (lo) {
        gt_stream_close(lo, why);
    }
}
