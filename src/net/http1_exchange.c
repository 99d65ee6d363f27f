/*
 * net/http1_exchange.c: a request and its response on an HTTP/1.1 connection.
 *
 *   new -> [respond 1xx] -> respond -> body -> close, or tunnel
 *
 * One block of memory holds the exchange, its fields and a copy of its head.
 * It lives until the end of the round in which the exchange was closed.
 */

#include "net/http1_exchange.h"

#include "core/mem.h"
#include "net/http1_body.h"
#include "proto/http1_write.h"

#include <string.h>

/* what we may add to the fields that another head of the full size gave us */
enum { EXCHANGE_HEAD = GT_HTTP1_HEAD_MAX + 1024 };

typedef struct {
    gt_exchange_t      ex;
    gt_http1_msg_t     msg;
    gt_http1_server_t *s;               /* the carrier; outlives us */
    unsigned           responded : 1;   /* a final head is queued */
    unsigned           keep : 1;        /* the connection may go on */
    unsigned           until_close : 1; /* the response ends with it */
    gt_reap_t          reap;
    gt_http1_field_t   fields[]; /* and behind them the texts */
} exchange_t;


static exchange_t *
exchange_of(gt_exchange_t *ex)
{
    return gt_container_of(ex, exchange_t, ex);
}


static void
exchange_reap(gt_reap_t *reap)
{
    exchange_t *x = gt_container_of(reap, exchange_t, reap);

    gt_stream_gone(&x->msg.st);
    gt_free(x);
}


/* --- the response --- */

static bool
exchange_is(const exchange_t *x, const char *method)
{
    return gt_str_eq(x->ex.method, gt_str_from(method));
}


/* a response of this status has no body and says no length of one */

static bool
exchange_bare(const exchange_t *x, int status)
{
    return status < 200 || status == 204
           || (status < 300 && exchange_is(x, "CONNECT"));
}


/* fields that are ours to write */

static bool
exchange_ours(gt_str_t name)
{
    return gt_str_ieq(name, GT_STR("Connection"))
           || gt_str_ieq(name, GT_STR("Keep-Alive"))
           || gt_str_ieq(name, GT_STR("Transfer-Encoding"))
           || gt_str_ieq(name, GT_STR("Content-Length"));
}


static const gt_http1_field_t *
exchange_length(const gt_http1_field_t *f, unsigned n)
{
    unsigned i;

    for (i = 0; i < n; i++) {
        if (gt_str_ieq(f[i].name, GT_STR("Content-Length"))) {
            return &f[i];
        }
    }

    return NULL;
}


/*
 * How the body is framed, with the field that says so; sets x->keep and
 * x->until_close.  GT_ERROR: a length that is none.
 */

static int
exchange_framing(exchange_t *x, gt_http1_out_t *o, int status,
                 const gt_http1_field_t *length, unsigned flags)
{
    uint64_t        n = 0;
    gt_http1_body_t kind = GT_HTTP1_BODY_LENGTH;

    if (length && !gt_str_u64(length->value, INT64_MAX, &n)) {
        return GT_ERROR;
    }

    if (exchange_bare(x, status)) {
        kind = GT_HTTP1_BODY_NONE;
        length = NULL;

    } else if (status == 304 || exchange_is(x, "HEAD")) {
        kind = GT_HTTP1_BODY_NONE;

    } else if (flags & GT_EX_FIN) {
        kind = GT_HTTP1_BODY_NONE;

        if (n > 0) {
            return GT_ERROR;
        }

        if (!length && !(flags & GT_EX_BARE)) {
            gt_http1_write_length(o, 0);
        }

    } else if (!length) {
        kind = x->until_close ? GT_HTTP1_BODY_CLOSE : GT_HTTP1_BODY_CHUNKED;
    }

    if (length) {
        gt_http1_write_length(o, n);
    }

    if (kind == GT_HTTP1_BODY_CHUNKED) {
        gt_http1_write_field(o, GT_STR("Transfer-Encoding"), GT_STR("chunked"));
    }

    gt_http1_msg_tx(&x->msg, kind, n);

    return GT_OK;
}


static void
exchange_connection(exchange_t *x, gt_http1_out_t *o, int status,
                    unsigned flags)
{
    gt_str_t connection = GT_STR("Connection");

    if (status == 101) {
        gt_http1_write_field(o, connection, GT_STR("Upgrade"));

    } else if (status / 100 == 2 && exchange_is(x, "CONNECT")) {
        return;

    } else if (!x->keep && !(flags & GT_EX_QUIET)) {
        gt_http1_write_field(o, connection, GT_STR("close"));

    } else if (x->keep && x->ex.minor == 0) {
        gt_http1_write_field(o, connection, GT_STR("keep-alive"));
    }
}


/* may the connection go on, as far as the response is concerned? */

static void
exchange_persist(exchange_t *x, const gt_http1_field_t *length, unsigned flags)
{
    x->until_close = !(flags & GT_EX_FIN) && !length
                     && (x->ex.minor == 0 || (flags & GT_EX_CLOSE));

    if ((flags & GT_EX_CLOSE) || x->until_close || x->s->draining) {
        x->keep = 0;
    }
}


static int
exchange_final(exchange_t *x, gt_http1_out_t *o, int status,
               const gt_http1_field_t *f, unsigned n, unsigned flags)
{
    const gt_http1_field_t *length = exchange_length(f, n);

    /* these have no body whatever the flags say */
    if (exchange_bare(x, status) || status == 304 || exchange_is(x, "HEAD")) {
        flags |= GT_EX_FIN;
    }

    exchange_persist(x, length, flags);
    exchange_connection(x, o, status, flags);

    return exchange_framing(x, o, status, length, flags);
}


static int
exchange_respond(gt_exchange_t *ex, int status, gt_str_t reason,
                 const gt_http1_field_t *f, unsigned n, unsigned flags)
{
    int            minor;
    bool           final = status >= 200 || status == 101;
    char           buf[EXCHANGE_HEAD];
    unsigned       i;
    exchange_t    *x = exchange_of(ex);
    gt_http1_out_t o;

    if (x->responded || !x->msg.lo) {
        return GT_ERROR;
    }

    if (!final && ex->minor == 0) {
        return GT_OK; /* HTTP/1.0 knows no interim responses */
    }

    minor = (flags & GT_EX_BARE) || exchange_is(x, "CONNECT") ? 1 : ex->minor;

    gt_http1_write_init(&o, buf, sizeof(buf));
    gt_http1_write_status(&o, minor, status, reason);

    if (final && exchange_final(x, &o, status, f, n, flags) != GT_OK) {
        return GT_ERROR;
    }

    for (i = 0; i < n; i++) {
        if (!exchange_ours(f[i].name)) {
            gt_http1_write_field(&o, f[i].name, f[i].value);
        }
    }

    if (gt_http1_write_end(&o) != GT_OK) {
        return GT_ERROR;
    }

    x->responded = final;

    return gt_http1_msg_queue(&x->msg, buf, o.n);
}


static gt_stream_t *
exchange_body(gt_exchange_t *ex)
{
    exchange_t *x = exchange_of(ex);

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
exchange_after(const exchange_t *x, gt_err_t why)
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
    exchange_t        *x = exchange_of(ex);
    gt_chain_t         out = { 0 };
    gt_stream_t       *lo;
    gt_http1_after_t   after = exchange_after(x, why);
    gt_http1_server_t *s = x->s;

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
    exchange_t *x = gt_container_of(m, exchange_t, msg);

    gt_reap(m->st.loop, &x->reap, exchange_reap);
}


static gt_stream_t *
exchange_tunnel(gt_exchange_t *ex)
{
    exchange_t        *x = exchange_of(ex);
    gt_chain_t         none = { 0 };
    gt_stream_t       *st;
    gt_http1_server_t *s = x->s;

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
    .respond = exchange_respond,
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

static exchange_t *
exchange_copy(const gt_http1_head_t *head, const uint8_t *p)
{
    char          *copy;
    size_t         fields = head->nfields * sizeof(gt_http1_field_t);
    unsigned       i;
    exchange_t    *x;
    gt_exchange_t *ex;

    /* the head once, and a path that is made longer by one */
    x = gt_alloc(sizeof(exchange_t) + fields + head->len + head->target.n + 1);
    if (!x) {
        return NULL;
    }

    memset(x, 0, sizeof(exchange_t));
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
    exchange_t            *x;
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
    const exchange_t *x = gt_container_of(ex, exchange_t, ex);

    return x->msg.lo;
}
