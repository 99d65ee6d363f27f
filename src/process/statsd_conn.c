/*
 * process/statsd_conn.c: the stats process's connections.
 *
 *   accept -> one request head -> the whole answer in a chain -> goodbye
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
#include "proto/http1_write.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

enum { CONN_ACCEPTS = 64 /* a round */ };

typedef struct {
    gt_list_t         link;
    gt_reap_t         reap;
    gt_timer_t        timer;
    gt_statsd_t      *sd;
    gt_statsd_desk_t *at;      /* sd's */
    gt_stream_t      *st;      /* ours */
    gt_chain_t        in, out; /* in: up to GT_STATSD_HEAD */
    gt_http1_head_t   head;
    bool              answered;
    gt_http1_field_t  fields[GT_HTTP1_FIELDS];
} conn_t;


static void
conn_free(gt_reap_t *reap)
{
    gt_free(gt_container_of(reap, conn_t, reap));
}


static void
conn_close(conn_t *cn, gt_err_t why)
{
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
        (void) gt_http1_write_length(&o, a->body.n);
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


static void
conn_run(conn_t *cn)
{
    int     rc;
    ssize_t n;

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

    while (cn->out.len > 0) {
        n = gt_stream_send(cn->st, &cn->out);
        if (n == GT_AGAIN) {
            gt_stream_want(cn->st, GT_EV_OUT);
            return;
        }

        if (n < 0) {
            conn_close(cn, cn->st->err);
            return;
        }
    }

    conn_close(cn, GT_E_NONE);
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
