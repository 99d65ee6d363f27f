/*
 * net/http1_body.c: HTTP/1 bodies over a connection.
 *
 * Receiving is http1_body_rx.c.  Sending: everything goes through `out`, which
 * is written when it has grown large, when the message ends, and else at the
 * end of the round.
 */

#include "net/http1_body.h"

#include "net/linger.h"


/* --- sending --- */

/* GT_OK: all has left; GT_AGAIN: lo is asked to say when; or m->st has failed
 */

static int
msg_flush(gt_http1_msg_t *m)
{
    ssize_t n;

    gt_post_cancel(&m->post);

    while (m->out.len) {
        n = gt_stream_send(m->lo, &m->out);

        if (n == GT_AGAIN) {
            if (!(m->lo->want & GT_EV_OUT)) {
                gt_stream_want(m->lo, GT_EV_OUT);
            }

            return GT_AGAIN;
        }

        if (n <= 0) {
            gt_chain_free(&m->out);
            return gt_stream_fail(&m->st, m->lo->err);
        }
    }

    return GT_OK;
}


/* puts n bytes of from into out; GT_ERROR: no memory */

static int
msg_frame(gt_http1_msg_t *m, gt_chain_t *from, size_t n)
{
    char   head[20];
    size_t len;

    if (m->tx != GT_HTTP1_BODY_CHUNKED) {
        return gt_chain_move(&m->out, from, n) == n ? GT_OK : GT_ERROR;
    }

    len = gt_http1_chunk_head(n, head);

    if (gt_chain_push(&m->out, head, len) != GT_OK
        || gt_chain_move(&m->out, from, n) != n)
    {
        return GT_ERROR;
    }

    return gt_chain_push(&m->out, GT_HTTP1_CHUNK_END,
                         sizeof(GT_HTTP1_CHUNK_END) - 1);
}


static ssize_t
msg_send(gt_stream_t *st, gt_chain_t *from)
{
    size_t          n;
    gt_http1_msg_t *m = (gt_http1_msg_t *) st;

    GT_ASSERT(m->tx_set);

    if (m->out.len >= GT_HTTP1_MSG_OUT && msg_flush(m) == GT_ERROR) {
        return GT_ERROR;
    }

    if (m->lo->err != GT_E_NONE) {
        return gt_stream_fail(st, m->lo->err);
    }

    if (m->out.len >= GT_HTTP1_MSG_OUT) {
        return GT_AGAIN;
    }

    n = gt_min(from->len, (size_t) GT_HTTP1_MSG_OUT);

    if (m->tx == GT_HTTP1_BODY_LENGTH || m->tx == GT_HTTP1_BODY_NONE) {
        if (n > m->tx_left) {
            return gt_stream_fail(st, GT_E_PROTO); /* more than was said */
        }

        m->tx_left -= n;
    }

    if (msg_frame(m, from, n) != GT_OK) {
        return gt_stream_fail(st, GT_E_NOMEM);
    }

    if (m->out.len < GT_HTTP1_MSG_NOW) {
        gt_post(st->loop, &m->post);

    } else if (msg_flush(m) == GT_ERROR) {
        return GT_ERROR;
    }

    return (ssize_t) n;
}


/* the end of the body, after which nothing is framed */

static int
msg_finish(gt_http1_msg_t *m)
{
    int rc = GT_OK;

    if (m->tx_left > 0 || !m->tx_set) {
        return gt_stream_fail(&m->st, GT_E_PROTO);
    }

    if (m->tx == GT_HTTP1_BODY_CHUNKED) {
        rc = gt_chain_push(&m->out, "0\r\n", 3);

        if (m->tx_trailers) {
            (void) gt_chain_move(&m->out, m->tx_trailers, m->tx_trailers->len);
        }

        if (rc == GT_OK) {
            rc = gt_chain_push(&m->out, "\r\n", 2);
        }
    }

    if (rc != GT_OK) {
        return gt_stream_fail(&m->st, GT_E_NOMEM);
    }

    m->tx_done = 1;

    return GT_OK;
}


static int
msg_shutdown(gt_stream_t *st)
{
    int             rc;
    gt_http1_msg_t *m = (gt_http1_msg_t *) st;

    if (!m->tx_done && msg_finish(m) != GT_OK) {
        return GT_ERROR;
    }

    rc = msg_flush(m);

    if (rc == GT_OK && m->tunnel) {
        rc = gt_stream_shutdown(m->lo);
    }

    return rc;
}


/* --- waking --- */

static bool
msg_writable(const gt_http1_msg_t *m)
{
    return m->out.len == 0 || (!m->tx_done && m->out.len < GT_HTTP1_MSG_OUT);
}


static void
msg_want(gt_stream_t *st, unsigned ev)
{
    unsigned        now = 0;
    gt_http1_msg_t *m = (gt_http1_msg_t *) st;

    if (m->rx_done || m->raw.len || m->rx == GT_HTTP1_BODY_NONE) {
        now |= GT_EV_IN;
    }

    /* in a tunnel the FIN may wait for the layer below */
    if (msg_writable(m) && !(m->tunnel && m->tx_done)) {
        now |= GT_EV_OUT;
    }

    if (ev & now) {
        gt_stream_post(st, ev & now);
    }

    if (ev & ~now) {
        gt_stream_want(m->lo, ev & ~now);
    }
}


static void
msg_ready(gt_stream_t *lo, unsigned ev)
{
    unsigned        up = ev & GT_EV_IN;
    gt_http1_msg_t *m = lo->owner;

    if (m->out.len) {
        (void) msg_flush(m);
    }

    if (ev & GT_EV_ERR) {
        if (m->st.err == GT_E_NONE) {
            m->st.err = lo->err;
        }

        up |= GT_EV_ERR;
    }

    if (msg_writable(m)) {
        up |= GT_EV_OUT;
    }

    gt_stream_notify(&m->st, up);
}


static void
msg_posted(gt_post_t *post)
{
    gt_http1_msg_t *m = gt_container_of(post, gt_http1_msg_t, post);

    if (m->lo && msg_flush(m) == GT_OK) {
        gt_stream_notify(&m->st, GT_EV_OUT);
    }
}


/* --- the end --- */

static void
msg_count(gt_http1_msg_t *m)
{
    m->lo_rx = m->lo->rx;
    m->lo_tx = m->lo->tx + m->out.len;
}


static void
msg_reset(gt_http1_msg_t *m, gt_err_t why)
{
    gt_post_cancel(&m->post);
    gt_chain_free(&m->out);
    gt_chain_free(&m->raw);
    msg_count(m);
    gt_stream_close(m->lo, why);
    m->lo = NULL;
}


static void
msg_close(gt_stream_t *st, gt_err_t why)
{
    gt_http1_msg_t *m = (gt_http1_msg_t *) st;

    if (!m->tunnel) {
        if (why != GT_E_NONE && m->lo) {
            msg_reset(m, why);
        }

        return;
    }

    if (why == GT_E_NONE && m->out.len) {
        gt_post_cancel(&m->post);
        gt_linger(m->lo, &m->out);
        m->lo = NULL;

    } else {
        msg_reset(m, why);
    }

    m->gone(m);
}


static int
msg_raw_fd(gt_stream_t *st)
{
    gt_http1_msg_t *m = (gt_http1_msg_t *) st;

    return m->tunnel && m->out.len == 0 ? gt_stream_raw_fd(m->lo) : -1;
}


static int
msg_query(gt_stream_t *st, int what, void *out)
{
    gt_http1_msg_t *m = (gt_http1_msg_t *) st;

    return m->lo ? gt_stream_query(m->lo, what, out) : GT_ERROR;
}


static const gt_stream_ops_t msg_ops = {
    .name = "http1",
    .recv = gt_http1_msg_recv,
    .send = msg_send,
    .shutdown = msg_shutdown,
    .want = msg_want,
    .close = msg_close,
    .raw_fd = msg_raw_fd,
    .query = msg_query,
};


/* --- for the carriers --- */

void
gt_http1_msg_init(gt_http1_msg_t *m, gt_stream_t *lo)
{
    *m = (gt_http1_msg_t){ .lo = lo };

    gt_stream_init(&m->st, &msg_ops, lo->loop);
    gt_post_init(&m->post, msg_posted);
    gt_stream_own(lo, m, msg_ready);
}


void
gt_http1_msg_tx(gt_http1_msg_t *m, gt_http1_body_t kind, uint64_t length)
{
    m->tx = kind;
    m->tx_left = kind == GT_HTTP1_BODY_LENGTH ? length : 0;
    m->tx_set = 1;
    m->tx_done = kind == GT_HTTP1_BODY_NONE;
}


int
gt_http1_msg_queue(gt_http1_msg_t *m, const char *head, size_t n)
{
    if (!m->lo || gt_chain_push(&m->out, head, n) != GT_OK) {
        return GT_ERROR;
    }

    gt_post(m->st.loop, &m->post);

    return GT_OK;
}


bool
gt_http1_msg_complete(const gt_http1_msg_t *m)
{
    return m->rx_done && m->tx_done;
}


gt_stream_t *
gt_http1_msg_release(gt_http1_msg_t *m, gt_chain_t *out)
{
    gt_stream_t *lo = m->lo;

    if (!m->st.closed) {
        gt_stream_close(&m->st, GT_E_NONE);
    }

    gt_post_cancel(&m->post);

    if (lo) {
        if (m->raw.len) {
            gt_stream_unread(lo, &m->raw);
        }

        msg_count(m);
        gt_chain_prepend(out, &m->out);
        m->lo = NULL;
    }

    return lo;
}


gt_stream_t *
gt_http1_msg_tunnel(gt_http1_msg_t *m, void (*gone)(gt_http1_msg_t *m))
{
    gt_chain_t none = { 0 };

    if (!m->lo || m->st.closed) {
        return gt_http1_msg_release(m, &none);
    }

    if (msg_flush(m) != GT_AGAIN) {
        return gt_http1_msg_release(m, &none);
    }

    if (m->raw.len) {
        gt_stream_unread(m->lo, &m->raw);
    }

    msg_count(m);
    m->tunnel = 1;
    m->gone = gone;
    m->st.rx_eof = m->st.tx_shut = 0;
    gt_http1_msg_rx(m, GT_HTTP1_BODY_CLOSE, 0);
    gt_http1_msg_tx(m, GT_HTTP1_BODY_CLOSE, 0);

    return &m->st;
}
