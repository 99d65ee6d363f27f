/*
 * net/http1_server.c: the HTTP/1.1 carrier: heads, deadlines, keep-alive.
 *
 *   WAIT    nothing is held; the first byte leads to HEAD
 *   HEAD    a head comes in; whole, it becomes an exchange
 *   SERVE   the exchange has the connection; its close leads on
 *   FLUSH   the end of the response has not left yet
 *   DONE    the connection is gone, done() is due or was called
 *
 * Malformed heads, and those that come too slowly, end in server_refuse();
 * everything else that ends the connection in server_end().
 */

#include "net/http1_server.h"

#include "net/http1_exchange.h"
#include "net/linger.h"

typedef enum {
    SERVER_WAIT,
    SERVER_HEAD,
    SERVER_SERVE,
    SERVER_FLUSH,
    SERVER_DONE
} server_state_t;

static int server_wait(gt_http1_server_t *s);
static int server_head(gt_http1_server_t *s);
static int server_serve(gt_http1_server_t *s);
static int server_flush(gt_http1_server_t *s);

/* a step says GT_OK to go on, GT_AGAIN when a want or the timer is armed,
   GT_DONE when s may be gone, GT_ERROR to end */

static const struct {
    const char *name;
    int (*step)(gt_http1_server_t *s);
} server_steps[] = {
    [SERVER_WAIT] = { "wait", server_wait },    /* to HEAD */
    [SERVER_HEAD] = { "head", server_head },    /* to SERVE */
    [SERVER_SERVE] = { "serve", server_serve }, /* to WAIT, FLUSH or DONE */
    [SERVER_FLUSH] = { "flush", server_flush }, /* to WAIT */
};


/* --- the end --- */

/* the connection is somebody else's from here on, or gone */

static gt_stream_t *
server_let_go(gt_http1_server_t *s)
{
    gt_stream_t *lo = s->lo;

    s->rx = lo->rx;
    s->tx = lo->tx + s->out.len; /* gt_linger() sends what is left */
    s->lo = NULL;

    return lo;
}


static void
server_release(gt_http1_server_t *s, gt_err_t why)
{
    gt_timer_del(s->loop, &s->timer);

    if (s->lo) {
        gt_stream_close(server_let_go(s), why);
    }

    gt_chain_free(&s->in);
    gt_chain_free(&s->out);
    s->state = SERVER_DONE;
}


/* from an event: the last statement */

static void
server_end(gt_http1_server_t *s, gt_err_t why)
{
    server_release(s, why);
    s->cf->done(s->owner, why);
}


static void
server_posted(gt_post_t *post)
{
    gt_http1_server_t *s = gt_container_of(post, gt_http1_server_t, post);

    s->cf->done(s->owner, s->why);
}


/* a head that no handler sees: the answer, and goodbye */

static void
server_refuse(gt_http1_server_t *s, int status)
{
    char   text[128];
    size_t n;

    n = gt_snprintf(text, sizeof(text),
                    "HTTP/1.1 %d %s\r\nConnection: close\r\n\r\n", status,
                    gt_http1_reason(status));

    if (gt_chain_push(&s->out, text, n) == GT_OK) {
        gt_linger(server_let_go(s), &s->out);
    }

    server_end(s, status == 408 ? GT_E_TIMEOUT : GT_E_PROTO);
}


/* --- waking --- */

static void
server_run(gt_http1_server_t *s)
{
    int rc;

    do {
        rc = server_steps[s->state].step(s);
    } while (rc == GT_OK);

    if (rc == GT_ERROR) {
        server_end(s, s->why);
    }
}


static void
server_ready(gt_stream_t *st, unsigned ev)
{
    gt_http1_server_t *s = st->owner;

    if ((ev & GT_EV_ERR) && s->state == SERVER_FLUSH) {
        server_end(s, st->err);
        return;
    }

    server_run(s);
}


static void
server_late(gt_timer_t *timer)
{
    gt_http1_server_t *s = gt_container_of(timer, gt_http1_server_t, timer);

    if (s->state == SERVER_HEAD) {
        server_refuse(s, 408);
        return;
    }

    if (s->state == SERVER_WAIT && s->served == 0) {
        /* a browser that has connected in advance: nothing went wrong */
        gt_stream_close(server_let_go(s), GT_E_NONE);
    }

    server_end(s, s->state == SERVER_FLUSH || s->served == 0 ? GT_E_TIMEOUT
                                                             : GT_E_NONE);
}


static void
server_deadline(gt_http1_server_t *s, uint64_t ms)
{
    gt_timer_set(s->loop, &s->timer, ms, server_late);
}


/* --- the steps --- */

/* GT_OK: there is more in s->in; GT_DONE: the client has finished */

static int
server_read(gt_http1_server_t *s)
{
    ssize_t n;

    n = gt_stream_recv(s->lo, &s->in, GT_HTTP1_HEAD_MAX + 1 - s->in.len);

    if (n == GT_AGAIN) {
        gt_stream_want(s->lo, GT_EV_IN);
        return GT_AGAIN;
    }

    if (n < 0) {
        s->why = s->lo->err;
        return GT_ERROR;
    }

    return n > 0 ? GT_OK : GT_DONE;
}


static int
server_wait(gt_http1_server_t *s)
{
    int rc = server_read(s);

    if (rc == GT_DONE) {
        s->why = GT_E_NONE;
        return GT_ERROR;
    }

    if (rc == GT_OK) {
        gt_http1_head_init(&s->head, NULL, 0);
        s->state = SERVER_HEAD;

        if (s->served > 0) { /* the first one's clock has begun before */
            server_deadline(s, s->cf->head_ms);
        }
    }

    return rc;
}


static int
server_head(gt_http1_server_t *s)
{
    int               rc;
    const uint8_t    *p;
    gt_http1_field_t  fields[GT_HTTP1_FIELDS];
    gt_http1_limits_t lim = { GT_HTTP1_HEAD_MAX, GT_HTTP1_LINE_MAX };

    p = gt_chain_pull(&s->in, s->in.len);
    if (!p) {
        s->why = GT_E_NOMEM;
        return GT_ERROR;
    }

    s->head.fields = fields;
    s->head.max = s->cf->fields_max ? s->cf->fields_max : GT_HTTP1_FIELDS;

    if (s->cf->head_max) {
        lim.head = s->cf->head_max;
    }

    rc = gt_http1_request_parse(p, s->in.len, &lim, &s->head);

    if (rc == GT_AGAIN) {
        rc = server_read(s);
        if (rc != GT_DONE) {
            return rc;
        }

        s->head.status = 400; /* it ends in the middle */
        rc = GT_ERROR;
    }

    if (rc == GT_ERROR) {
        server_refuse(s, s->head.status);
        return GT_DONE;
    }

    s->ex = gt_http1_exchange_new(s, p);
    if (!s->ex) {
        s->why = GT_E_NOMEM;
        return GT_ERROR;
    }

    gt_timer_del(s->loop, &s->timer);
    s->state = SERVER_SERVE;
    s->served++;
    s->cf->serve(s->owner, s->ex);

    return GT_DONE;
}


static int
server_serve(gt_http1_server_t *s)
{
    (void) s;

    return GT_AGAIN;
}


static int
server_flush(gt_http1_server_t *s)
{
    ssize_t n;

    while (s->out.len) {
        n = gt_stream_send(s->lo, &s->out);

        if (n == GT_AGAIN) {
            gt_stream_want(s->lo, GT_EV_OUT);
            return GT_AGAIN;
        }

        if (n <= 0) {
            s->why = s->lo->err;
            return GT_ERROR;
        }
    }

    s->state = SERVER_WAIT;
    server_deadline(s, s->cf->idle_ms);

    return GT_OK;
}


/* --- between exchange and connection --- */

/*
 * The exchange has closed.  lo is the connection, or NULL when it is gone.
 * Runs in a call down, so what follows is posted.
 */

void
gt_http1_server_closed(gt_http1_server_t *s, gt_stream_t *lo, gt_chain_t *out,
                       gt_http1_after_t after, gt_err_t why)
{
    s->ex = NULL;
    s->lo = lo;

    if (lo && after == GT_HTTP1_NEXT) {
        gt_stream_own(lo, s, server_ready);
        gt_chain_prepend(&s->out, out);
        s->state = SERVER_FLUSH;

        if (server_flush(s) == GT_OK) {
            gt_stream_want(lo, GT_EV_IN);
            return;
        }

        if (s->state == SERVER_FLUSH && lo->err == GT_E_NONE) {
            server_deadline(s, GT_HTTP1_SEND_MS);
            return;
        }

        why = lo->err;
    }

    if (lo && after == GT_HTTP1_LINGER) {
        gt_chain_prepend(&s->out, out);
        gt_linger(server_let_go(s), &s->out);
    }

    gt_chain_free(out);
    s->why = why;
    server_release(s, why);

    if (after != GT_HTTP1_GONE) {
        gt_post(s->loop, &s->post);
    }
}


/* --- for the owner --- */

void
gt_http1_server_start(gt_http1_server_t *s, gt_stream_t *st,
                      const gt_http1_server_conf_t *cf, void *owner)
{
    *s = (gt_http1_server_t){ .cf = cf, .owner = owner, .loop = st->loop };

    s->lo = st;
    gt_post_init(&s->post, server_posted);
    gt_stream_own(st, s, server_ready);
    server_deadline(s, cf->head_ms);
    gt_stream_want(st, GT_EV_IN);
}


void
gt_http1_server_drain(gt_http1_server_t *s)
{
    s->draining = 1;

    if (s->state == SERVER_WAIT && s->served > 0) {
        /* what the client has sent already is answered */
        server_run(s);

        if (s->state == SERVER_WAIT) {
            server_end(s, GT_E_NONE);
        }
    }
}


void
gt_http1_server_close(gt_http1_server_t *s, gt_err_t why)
{
    GT_ASSERT(!s->ex);

    gt_post_cancel(&s->post);
    server_release(s, why);
}


void
gt_http1_server_moved(const gt_http1_server_t *s, uint64_t *rx, uint64_t *tx)
{
    const gt_stream_t *lo = s->lo;

    if (!lo && s->ex) {
        lo = gt_http1_exchange_stream(s->ex);
    }

    *rx = lo ? lo->rx : s->rx;
    *tx = lo ? lo->tx : s->tx;
}
