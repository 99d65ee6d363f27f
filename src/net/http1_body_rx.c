/*
 * net/http1_body_rx.c: the receiving half of HTTP/1 bodies.
 *
 * NONE, LENGTH and CLOSE read the caller's bytes straight from below; CHUNKED
 * reads into `raw` and moves the payload out of it.
 */

#include "net/http1_body.h"


static void
msg_rx_end(gt_http1_msg_t *m)
{
    m->rx_done = 1;

    if (m->raw.len) {
        gt_stream_unread(m->lo, &m->raw);
    }
}


/* what lo's recv said, which was not a number of bytes */

static ssize_t
msg_rx_fail(gt_http1_msg_t *m, ssize_t n)
{
    if (n == GT_AGAIN) {
        return GT_AGAIN;
    }

    /* an end in the middle of a message is the peer's fault */
    return gt_stream_fail(&m->st, n == 0 ? GT_E_PROTO : m->lo->err);
}


static ssize_t
msg_recv_length(gt_http1_msg_t *m, gt_chain_t *to, size_t max)
{
    ssize_t n;

    if (m->rx_left < max) {
        max = (size_t) m->rx_left;
    }

    n = gt_stream_recv(m->lo, to, max);
    if (n <= 0) {
        return msg_rx_fail(m, n);
    }

    m->rx_left -= (uint64_t) n;
    m->rx_done = m->rx_left == 0;

    return n;
}


static ssize_t
msg_recv_close(gt_http1_msg_t *m, gt_chain_t *to, size_t max)
{
    ssize_t n;

    n = gt_stream_recv(m->lo, to, max);

    if (n == 0) {
        m->rx_done = 1;
        return 0;
    }

    return n > 0 ? n : msg_rx_fail(m, n);
}


/* a span of the decoder's, at the front of raw */

static int
msg_span(gt_http1_msg_t *m, const gt_http1_span_t *span, gt_chain_t *to)
{
    gt_chain_drop(&m->raw, span->used - span->n);

    if (!span->trailer) {
        return gt_chain_move(to, &m->raw, span->n) == span->n ? GT_OK
                                                              : GT_ERROR;
    }

    if (m->rx_trailers) {
        return gt_chain_move(m->rx_trailers, &m->raw, span->n) == span->n
                   ? GT_OK
                   : GT_ERROR;
    }

    gt_chain_drop(&m->raw, span->n);

    return GT_OK;
}


/*
 * Moves payload out of raw, max bytes at most.  GT_AGAIN: more is needed;
 * GT_OK: there is more in raw; GT_DONE: the body has ended; GT_ERROR: m->st
 * has failed.
 */

static int
msg_decode(gt_http1_msg_t *m, gt_chain_t *to, size_t max)
{
    int             rc, niov;
    size_t          n;
    size_t          had = to->len;
    struct iovec    iov;
    gt_http1_span_t span;

    while (m->raw.len && to->len - had < max) {
        niov = 1;
        n = gt_chain_iov(&m->raw, &iov, &niov, max - (to->len - had));

        rc = gt_http1_chunk_decode(&m->chunk, iov.iov_base, n, &span);

        if (rc == GT_ERROR) {
            if (to->len > had) {
                return GT_OK; /* the decoder says it again */
            }

            return gt_stream_fail(&m->st, GT_E_PROTO);
        }

        if (msg_span(m, &span, to) != GT_OK) {
            return gt_stream_fail(&m->st, GT_E_NOMEM);
        }

        if (rc == GT_DONE) {
            msg_rx_end(m);
            return GT_DONE;
        }
    }

    return m->raw.len ? GT_OK : GT_AGAIN;
}


static ssize_t
msg_recv_chunked(gt_http1_msg_t *m, gt_chain_t *to, size_t max)
{
    int     rc;
    size_t  had = to->len;
    ssize_t n;

    for (;;) {
        rc = msg_decode(m, to, max);

        if (rc == GT_ERROR) {
            return GT_ERROR;
        }

        if (to->len > had || rc == GT_DONE) {
            return (ssize_t) (to->len - had);
        }

        n = gt_stream_recv(m->lo, &m->raw, GT_HTTP1_MSG_IN - m->raw.len);
        if (n <= 0) {
            return msg_rx_fail(m, n);
        }
    }
}


ssize_t
gt_http1_msg_recv(gt_stream_t *st, gt_chain_t *to, size_t max)
{
    gt_http1_msg_t *m = (gt_http1_msg_t *) st;

    if (m->rx_done) {
        return 0;
    }

    switch ((gt_http1_body_t) m->rx) {

    case GT_HTTP1_BODY_LENGTH: return msg_recv_length(m, to, max);

    case GT_HTTP1_BODY_CHUNKED: return msg_recv_chunked(m, to, max);

    case GT_HTTP1_BODY_CLOSE: return msg_recv_close(m, to, max);

    default: return 0;
    }
}


void
gt_http1_msg_rx(gt_http1_msg_t *m, gt_http1_body_t kind, uint64_t length)
{
    m->rx = kind;
    m->rx_left = length;
    m->rx_done = kind == GT_HTTP1_BODY_NONE
                 || (kind == GT_HTTP1_BODY_LENGTH && length == 0);

    if (kind == GT_HTTP1_BODY_CHUNKED) {
        gt_http1_chunk_init(&m->chunk);
    }
}
