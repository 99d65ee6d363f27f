/*
 * process/statsd_conn.c: the stats process's connections.
 *
 *   accept -> one request head -> the answer in a chain -> goodbye
 *
 * All of it is in the chain at once but for metrics, which come piece by piece
 * in chunks.
 *
 * One request a connection, one deadline for all of it: slow readers cost a
 * place for that long at most, and less when places run out.
 */

#include "process/statsd_impl.h"

#include "core/buf.h"
#include "core/mem.h"
#include "net/linger.h"
#include "net/stream.h"
#include "net/tcp.h"
#include "os/sock.h"
#include "proto/http1_chunk.h"
#include "proto/http1_write.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

enum {
    CONN_ACCEPTS = 64,  /* a round */
    CONN_PIECE = 65536, /* of metrics */
    CONN_PIECES = 16    /* a round: others want to be served too */
};

static char conn_piece[CONN_PIECE]; /* of whoever fills its chain */

typedef struct {
    gt_list_t         link;
    gt_reap_t         reap;
    gt_timer_t        timer;
    gt_statsd_t      *sd;
    gt_statsd_desk_t *at;      /* sd's */
    gt_stream_t      *st;      /* ours */
    gt_chain_t        in, out; /* in: up to GT_STATSD_HEAD */
    gt_http1_head_t   head;
    gt_metrics_t     *metrics; /* ours; NULL: all is in out */
    bool              answered, chunked;
    gt_http1_field_t  fields[GT_HTTP1_FIELDS];
} conn_t;


static void
conn_free(gt_reap_t *reap)
{
    gt_free(gt_container_of(reap, conn_t, reap));
}


static void
conn_metrics_end(conn_t *cn)
{
    if (cn->metrics) {
        gt_metrics_free(cn->metrics);
        cn->metrics = NULL;
        cn->sd->n_scrapes--;
    }
}


static void
conn_close(conn_t *cn, gt_err_t why)
{
    conn_metrics_end(cn);
    gt_timer_del(&cn->sd->loop, &cn->timer);

    if (cn->st && why == GT_E_NONE) {
        gt_linger(cn->st, &cn->out);
    } else if (cn->st) {
        gt_stream_close(cn->st, why);
    }

    cn->st = NULL;
    gt_chain_free(&cn->in);
    gt_chain_free(&cn->out);
    gt_list_del(&cn->link);
    cn->sd->n_conns--;
    gt_reap(&cn->sd->loop, &cn->reap, conn_free);
}


static void
conn_late(gt_timer_t *timer)
{
    conn_close(gt_container_of(timer, conn_t, timer), GT_E_TIMEOUT);
}


/* of every answer: the page is made of its own parts and nothing else, and is
   no part of anybody's */
static const struct {
    const char *name, *value;
} conn_fields[] = {
    { "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; "
      "img-src 'self'; connect-src 'self'; base-uri 'none'; "
      "form-action 'none'; frame-ancestors 'none'" },
    { "Cross-Origin-Resource-Policy", "same-origin" },
    { "Referrer-Policy", "no-referrer" },
    { "X-Content-Type-Options", "nosniff" },
    { "X-Frame-Options", "DENY" },
    { "Connection", "close" },
};


/* the next lines into the empty chain; GT_ERROR: no memory */

static int
conn_fill(conn_t *cn)
{
    int    rc;
    char   size[20];
    size_t n = gt_metrics_next(cn->metrics, conn_piece, sizeof(conn_piece));

    if (n == 0) {
        conn_metrics_end(cn);

        return cn->chunked ? gt_chain_push(&cn->out, GT_HTTP1_CHUNK_LAST,
                                           sizeof(GT_HTTP1_CHUNK_LAST) - 1)
                           : GT_OK;
    }

    if (!cn->chunked) {
        return gt_chain_push(&cn->out, conn_piece, n);
    }

    rc = gt_chain_push(&cn->out, size, gt_http1_chunk_head(n, size));
    rc |= gt_chain_push(&cn->out, conn_piece, n);
    rc |= gt_chain_push(&cn->out, GT_HTTP1_CHUNK_END,
                        sizeof(GT_HTTP1_CHUNK_END) - 1);

    return rc == GT_OK ? GT_OK : GT_ERROR;
}


/* how long the body is, or that it says so itself; before HTTP/1.1 its end is
   the connection's */

static void
conn_length(conn_t *cn, const gt_statsd_answer_t *a, gt_http1_out_t *o)
{
    if (!a->metrics) {
        (void) gt_http1_write_length(o, a->body.n);
        return;
    }

    cn->metrics = a->metrics;
    cn->sd->n_scrapes++;
    cn->chunked = cn->head.minor > 0;

    if (cn->chunked) {
        (void) gt_http1_write_field(o, GT_STR("Transfer-Encoding"),
                                    GT_STR("chunked"));
    }

    if (gt_str_eq(cn->head.method, GT_STR("HEAD"))) {
        conn_metrics_end(cn);
    }
}


static void
conn_answer(conn_t *cn, const gt_statsd_answer_t *a)
{
    char           head[2048];
    size_t         i;
    gt_http1_out_t o;

    gt_http1_write_init(&o, head, sizeof(head));
    (void) gt_http1_write_status(&o, 1, a->status, gt_str_from(NULL));

    if (a->type) {
        (void) gt_http1_write_field(&o, GT_STR("Content-Type"),
                                    gt_str_from(a->type));
        conn_length(cn, a, &o);
    }

    if (a->etag) {
        (void) gt_http1_write_field(&o, GT_STR("ETag"), gt_str_from(a->etag));
    }

    /* no-cache: it may be kept, and is asked for again with its tag */
    (void) gt_http1_write_field(&o, GT_STR("Cache-Control"),
                                gt_str_from(a->etag ? "no-cache" : "no-store"));

    for (i = 0; i < gt_nelts(conn_fields); i++) {
        (void) gt_http1_write_field(&o, gt_str_from(conn_fields[i].name),
                                    gt_str_from(conn_fields[i].value));
    }

    if (a->extra) {
        (void) gt_http1_write_field(&o, gt_str_from(a->extra),
                                    gt_str_from(a->value));
    }

    GT_ASSERT(gt_http1_write_end(&o) == GT_OK);

    cn->answered = true;

    if (gt_chain_push(&cn->out, head, o.n) != GT_OK
        || (a->body.n > 0 && !gt_str_eq(cn->head.method, GT_STR("HEAD"))
            && gt_chain_push(&cn->out, a->body.p, a->body.n) != GT_OK))
    {
        gt_chain_free(&cn->out); /* an empty goodbye: no memory */
        conn_metrics_end(cn);
    }
}


/* GT_OK: there is an answer; GT_AGAIN; GT_ERROR: close */

static int
conn_read(conn_t *cn)
{
    int                rc;
    char              *json = NULL;
    uint8_t           *p;
    ssize_t            n;
    gt_statsd_answer_t a;

    n = gt_stream_recv(cn->st, &cn->in, GT_STATSD_HEAD - cn->in.len);
    if (n == GT_AGAIN) {
        gt_stream_want(cn->st, GT_EV_IN);
        return GT_AGAIN;
    }

    if (n <= 0) {
        return GT_ERROR;
    }

    p = gt_chain_pull(&cn->in, cn->in.len);
    if (!p) {
        return GT_ERROR;
    }

    rc = gt_http1_request_parse(p, cn->in.len, NULL, &cn->head);

    if (rc == GT_AGAIN && cn->in.len < GT_STATSD_HEAD) {
        gt_stream_want(cn->st, GT_EV_IN);
        return GT_AGAIN;
    }

    if (rc != GT_OK) {
        a = gt_statsd_text(rc == GT_AGAIN ? 431 : cn->head.status,
                           rc == GT_AGAIN ? "too long\n" : "bad request\n");
        cn->head.method = GT_STR("GET");
    } else {
        a = gt_statsd_ask(cn->at, &cn->head, &json);
    }

    conn_answer(cn, &a);
    free(json);

    return GT_OK;
}


/* GT_OK: all is sent; GT_AGAIN; GT_ERROR: *why */

static int
conn_send(conn_t *cn, gt_err_t *why)
{
    int     pieces = 0;
    ssize_t n;

    *why = GT_E_NOMEM;

    for (;;) {
        if (cn->out.len == 0 && !cn->metrics) {
            return GT_OK;
        }

        if (cn->out.len == 0) {
            if (pieces++ == CONN_PIECES) {
                gt_stream_want(cn->st, GT_EV_OUT);
                return GT_AGAIN;
            }

            if (conn_fill(cn) != GT_OK) {
                return GT_ERROR;
            }

            continue;
        }

        n = gt_stream_send(cn->st, &cn->out);
        if (n == GT_AGAIN) {
            gt_stream_want(cn->st, GT_EV_OUT);
            return GT_AGAIN;
        }

        if (n < 0) {
            *why = cn->st->err;
            return GT_ERROR;
        }
    }
}


static void
conn_run(conn_t *cn)
{
    int      rc;
    gt_err_t why;

    if (!cn->answered) {
        rc = conn_read(cn);
        if (rc == GT_AGAIN) {
            return;
        }

        if (rc == GT_ERROR) {
            conn_close(cn, GT_E_RESET);
            return;
        }
    }

    rc = conn_send(cn, &why);
    if (rc == GT_AGAIN) {
        return;
    }

    conn_close(cn, rc == GT_OK ? GT_E_NONE : why);
}


static void
conn_ready(gt_stream_t *st, unsigned ev)
{
    if (ev & GT_EV_ERR) {
        conn_close(st->owner, st->err ? st->err : GT_E_RESET);
        return;
    }

    conn_run(st->owner);
}


static void
conn_new(gt_statsd_desk_t *at, int fd)
{
    conn_t      *cn;
    gt_statsd_t *sd = at->sd;
    gt_stream_t *st;

    st = gt_tcp_stream(&sd->loop, fd);
    if (!st) {
        return;
    }

    if (sd->n_conns == GT_STATSD_CONNS) {
        conn_close(gt_list_entry(sd->conns.next, conn_t, link), GT_E_LIMIT);
    }

    cn = gt_calloc(sizeof(*cn));
    if (!cn) {
        gt_stream_close(st, GT_E_NOMEM);
        return;
    }

    cn->sd = sd;
    cn->at = at;
    cn->st = st;
    gt_http1_head_init(&cn->head, cn->fields, GT_HTTP1_FIELDS);
    gt_stream_own(st, cn, conn_ready);
    gt_list_push(&sd->conns, &cn->link);
    sd->n_conns++;
    gt_timer_set(&sd->loop, &cn->timer, GT_STATSD_MS, conn_late);
    gt_stream_want(st, GT_EV_IN);
}


static void
conn_resume(gt_timer_t *timer)
{
    gt_statsd_desk_t *at = gt_container_of(timer, gt_statsd_desk_t, pause);

    (void) gt_event_mod(&at->sd->loop, &at->listener, EPOLLIN);
}


void
gt_statsd_accept(gt_event_t *ev, uint32_t events)
{
    int               i, fd;
    gt_statsd_desk_t *at = gt_container_of(ev, gt_statsd_desk_t, listener);

    (void) events;

    for (i = 0; i < CONN_ACCEPTS; i++) {
        fd = gt_sock_accept(ev->fd, NULL, NULL);
        if (fd >= 0) {
            conn_new(at, fd);
            continue;
        }

        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM
            || errno == ENOBUFS) {
            (void) gt_event_mod(&at->sd->loop, ev, 0);
            gt_timer_set(&at->sd->loop, &at->pause, 100, conn_resume);
        }

        return;
    }
}


void
gt_statsd_conns_close(gt_statsd_t *sd)
{
    while (!gt_list_empty(&sd->conns)) {
        conn_close(gt_list_entry(sd->conns.next, conn_t, link), GT_E_CANCEL);
    }
}
