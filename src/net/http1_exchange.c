/*
 * net/http1_exchange.c: a request and its response on an HTTP/1.1 connection.
 *
 *   new -> [respond 1xx] -> respond -> body -> close, or tunnel
 *
 * respond is http1_respond.c.
 *
 * One block of memory holds the exchange, its fields and a copy of its head.
 * It lives until the end of the round in which the exchange was closed.
 */

#include "net/http1_exchange.h"

#include "core/mem.h"

#include <string.h>


static gt_http1_exchange_t *
exchange_of(gt_exchange_t *ex)
{
    return gt_container_of(ex, gt_http1_exchange_t, ex);
}


static void
exchange_reap(gt_reap_t *reap)
{
    gt_http1_exchange_t *x = gt_container_of(reap, gt_http1_exchange_t, reap);

    gt_stream_gone(&x->msg.st);
    gt_free(x);
}


static gt_stream_t *
exchange_body(gt_exchange_t *ex)
{
    gt_http1_exchange_t *x = exchange_of(ex);

    x->msg.rx_trailers = ex->trailers_in;
    x->msg.tx_trailers = ex->trailers_out;

    return &x->msg.st;
}


/* --- the end --- */

/*
 * An exchange that failed: a response that has begun and whose end the client
 * can tell from its framing is cut off, with what it got so far; any other
 * connection is reset.
 */

static gt_http1_after_t
exchange_after(const gt_http1_exchange_t *x, gt_err_t why)
{
    if (why != GT_E_NONE) {
        return x->responded && !x->until_close && why != GT_E_CANCEL
                       && why != GT_E_RESET
                   ? GT_HTTP1_LINGER
                   : GT_HTTP1_RESET;
    }

    if (!x->responded || !x->msg.tx_done) {
        return GT_HTTP1_RESET;
    }

    return x->keep && x->msg.rx_done && !x->s->draining ? GT_HTTP1_NEXT
                                                        : GT_HTTP1_LINGER;
}


static void
exchange_close(gt_exchange_t *ex, gt_err_t why)
{
    gt_http1_exchange_t *x = exchange_of(ex);
    gt_chain_t           out = { 0 };
    gt_stream_t         *lo;
    gt_http1_after_t     after = exchange_after(x, why);
    gt_http1_server_t   *s = x->s;

    if (after == GT_HTTP1_RESET && why == GT_E_NONE) {
        why = GT_E_RESET;
    }

    lo = gt_http1_msg_release(&x->msg, &out);
    s->rx = x->msg.lo_rx;
    s->tx = x->msg.lo_tx;

    gt_reap(ex->loop, &x->reap, exchange_reap);
    gt_http1_server_closed(s, lo, &out, after, why);
}


static void
exchange_tunnel_gone(gt_http1_msg_t *m)
{
    gt_http1_exchange_t *x = gt_container_of(m, gt_http1_exchange_t, msg);

    gt_reap(m->st.loop, &x->reap, exchange_reap);
}


static gt_stream_t *
exchange_tunnel(gt_exchange_t *ex)
{
    gt_http1_exchange_t *x = exchange_of(ex);
    gt_chain_t           none = { 0 };
    gt_stream_t         *st;
    gt_http1_server_t   *s = x->s;

    GT_ASSERT(x->responded);

    st = gt_http1_msg_tunnel(&x->msg, exchange_tunnel_gone);
    s->rx = x->msg.lo_rx;
    s->tx = x->msg.lo_tx;

    if (st != &x->msg.st) {
        gt_reap(ex->loop, &x->reap, exchange_reap);
    }

    gt_http1_server_closed(s, NULL, &none, GT_HTTP1_GONE, GT_E_NONE);

    return st;
}


static const gt_exchange_ops_t exchange_ops = {
    .name = "http/1.1",
    .respond = gt_http1_respond,
    .body = exchange_body,
    .tunnel = exchange_tunnel,
    .close = exchange_close,
};


/* --- the request --- */

/* the same text in our copy of the head */

static gt_str_t
exchange_text(const char *copy, const uint8_t *p, gt_str_t s)
{
    if (s.n == 0) {
        return gt_str_from(NULL);
    }

    return gt_str_make(copy + (s.p - (const char *) p), s.n);
}


/*
 * Cuts an absolute target at its authority; the handler judges the parts.
 * room is a byte in front of the path, for what http://host?query leaves out.
 */

static void
exchange_absolute(gt_exchange_t *ex, gt_str_t target, size_t scheme, char *room)
{
    size_t i, begin = scheme + 3;

    for (i = begin; i < target.n && target.p[i] != '/' && target.p[i] != '?';
         i++) {
        /* the authority ends there */
    }

    ex->scheme = gt_str_sub(target, 0, scheme);
    ex->authority = gt_str_sub(target, begin, i);
    ex->path = gt_str_sub(target, i, target.n);

    if (ex->path.n == 0) {
        ex->path = gt_str_eq(ex->method, GT_STR("OPTIONS")) ? GT_STR("*")
                                                            : GT_STR("/");

    } else if (ex->path.p[0] == '?') {
        room[0] = '/';
        memcpy(room + 1, ex->path.p, ex->path.n);
        ex->path = gt_str_make(room, ex->path.n + 1);
    }
}


static void
exchange_target(gt_exchange_t *ex, gt_str_t target, gt_str_t host, char *room)
{
    ssize_t scheme;

    if (gt_str_eq(ex->method, GT_STR("CONNECT"))) {
        ex->authority = target;
        return;
    }

    scheme = target.p[0] == '/' ? -1 : gt_str_find(target, GT_STR("://"));

    if (scheme > 0) {
        exchange_absolute(ex, target, (size_t) scheme, room);
        return;
    }

    ex->authority = host;
    ex->path = target;
}


static void
exchange_flags(gt_exchange_t *ex, const gt_http1_head_t *head)
{
    ex->minor = head->minor;
    ex->length = head->length;
    ex->has_length = head->has_length;
    ex->has_body = head->body != GT_HTTP1_BODY_NONE;
    ex->expect_continue = head->expect_continue;
    ex->upgrade = head->upgrade;

    if (ex->upgrade) {
        (void) gt_exchange_field(ex, "Upgrade", &ex->protocol);
    }
}


/* with a copy of the head at p, and all of it that the handler sees */

static gt_http1_exchange_t *
exchange_copy(const gt_http1_head_t *head, const uint8_t *p)
{
    char                *copy;
    size_t               fields = head->nfields * sizeof(gt_http1_field_t);
    unsigned             i;
    gt_http1_exchange_t *x;
    gt_exchange_t       *ex;

    /* the head once, and a path that is made longer by one */
    x = gt_alloc(sizeof(gt_http1_exchange_t) + fields + head->len
                 + head->target.n + 1);
    if (!x) {
        return NULL;
    }

    memset(x, 0, sizeof(gt_http1_exchange_t));
    copy = (char *) x->fields + fields;
    memcpy(copy, p, head->len);

    for (i = 0; i < head->nfields; i++) {
        x->fields[i].name = exchange_text(copy, p, head->fields[i].name);
        x->fields[i].value = exchange_text(copy, p, head->fields[i].value);
    }

    ex = &x->ex;
    ex->fields = x->fields;
    ex->n_fields = head->nfields;
    ex->method = exchange_text(copy, p, head->method);
    exchange_flags(ex, head);
    exchange_target(ex, exchange_text(copy, p, head->target),
                    exchange_text(copy, p, head->host), copy + head->len);

    return x;
}


gt_exchange_t *
gt_http1_exchange_new(gt_http1_server_t *s, const uint8_t *p)
{
    gt_http1_exchange_t   *x;
    const gt_http1_head_t *head = &s->head;

    x = exchange_copy(head, p);
    if (!x) {
        return NULL;
    }

    x->ex.ops = &exchange_ops;
    x->ex.loop = s->loop;
    x->s = s;
    x->keep = head->keep_alive;

    gt_chain_drop(&s->in, head->len);
    if (s->in.len) {
        gt_stream_unread(s->lo, &s->in);
    }

    gt_http1_msg_init(&x->msg, s->lo);
    gt_http1_msg_rx(&x->msg, head->body, head->length);
    s->lo = NULL;

    return &x->ex;
}


gt_stream_t *
gt_http1_exchange_stream(const gt_exchange_t *ex)
{
    const gt_http1_exchange_t *x = gt_container_of(ex, gt_http1_exchange_t, ex);

    return x->msg.lo;
}
