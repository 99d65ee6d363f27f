/*
 * proxy/http/http_request.c: one request: who may, where to, and tunnels.
 *
 *   auth -> target -> CONNECT: dial -> 200 -> tunnel
 *                  -> other: http_forward.c
 *
 * It ends in one place, gt_http_req_end(); a tunnel leaves neither it nor its
 * connection behind.
 */

#include "core/mem.h"
#include "proxy/http/http.h"
#include "proto/gosttarget.h"
#include "route/route.h"

#include <unistd.h>


/* --- the end --- */

static void
req_reap(gt_reap_t *reap)
{
    gt_free(gt_container_of(reap, http_req_t, reap));
}


void
gt_http_req_count(http_req_t *r)
{
    if (r->conn) {
        gt_http_conn_count(r->conn);
    }
}


/* everything but the exchange */

static void
req_release(http_req_t *r, gt_err_t why)
{
    gt_op_cancel(&r->op);
    gt_timer_del(r->ss->loop, &r->timer);
    gt_http_login_release(r);
    gt_free(r->gost);

    if (r->file >= 0) {
        (void) close(r->file);
        r->file = -1;
    }

    if (r->up) {
        gt_http1_client_close(r->up, why);
        r->up = NULL;
    }

    gt_chain_free(&r->req.q);
    gt_chain_free(&r->res.q);

    if (r->conn) {
        r->conn->req = NULL;
    }

    gt_reap(r->ss->loop, &r->reap, req_reap);
}


void
gt_http_req_close(http_req_t *r, gt_err_t why)
{
    req_release(r, why);
    gt_exchange_close(r->ex, why);
    gt_chain_free(&r->req_trailers);
    gt_chain_free(&r->res_trailers);
}


void
gt_http_req_end(http_req_t *r, gt_err_t why)
{
    http_conn_t  *hc = r->conn;
    gt_session_t *ss = r->ss;

    gt_http_req_close(r, why);

    if (hc) {
        gt_http_conn_count(hc);
    } else {
        gt_session_end(ss, why);
    }
}


void
gt_http_req_tunnel(http_req_t *r, gt_stream_t *up)
{
    uint64_t      idle_ms = r->cf->idle_ms;
    http_conn_t  *hc = r->conn;
    gt_stream_t  *client;
    gt_session_t *ss = r->ss;

    req_release(r, GT_E_NONE);
    client = gt_exchange_tunnel(r->ex);
    gt_chain_free(&r->req_trailers);
    gt_chain_free(&r->res_trailers);

    if (hc) {
        gt_http_conn_free(hc);
    }

    if (!client) {
        gt_stream_close(up, GT_E_RESET);
        gt_session_end(ss, GT_E_RESET);
        return;
    }

    gt_session_tunnel(ss, client, up, idle_ms);
}


/* --- the life --- */

static bool
req_is_udp(const http_req_t *r)
{
    gt_str_t value;

    return gt_exchange_field(r->ex, "X-Gost-Protocol", &value)
           && gt_str_ieq(value, GT_STR("udp"));
}


/* GOST's fields may say where in place of the request; what they say wrongly is
   as if it were not there */

static void
req_gost_target(http_req_t *r)
{
    size_t            i;
    char              buf[GT_GOSTTARGET_MAX];
    gt_str_t          value, text;
    gt_http1_target_t t;

    static const char *const names[] = { "Gost-Target", "X-Gost-Target" };

    for (i = 0; i < gt_nelts(names); i++) {
        if (gt_exchange_field(r->ex, names[i], &value)
            && gt_gosttarget_parse(value, buf, sizeof(buf), &text) == GT_OK
            && gt_http1_hostport_parse(text, true, &t) == GT_OK)
        {
            r->gost = gt_strndup(text.p, text.n);
            r->authority = gt_str_from(r->gost);
            return;
        }
    }
}


/*
 * Where to?  GT_ERROR: nowhere; GT_DONE: to us, as if we were an origin.
 */

static int
req_target(http_req_t *r, bool connect)
{
    gt_exchange_t    *ex = r->ex;
    gt_http1_target_t t;

    if (!connect && ex->scheme.n == 0) {
        return ex->authority.n > 0
                       && (ex->path.p[0] == '/'
                           || gt_str_eq(ex->path, GT_STR("*")))
                   ? GT_DONE
                   : GT_ERROR;
    }

    if (!connect && !gt_str_ieq(ex->scheme, GT_STR("http"))) {
        return GT_ERROR;
    }

    if (gt_http1_hostport_parse(r->authority, connect, &t) != GT_OK) {
        return GT_ERROR;
    }

    r->to.host = t.host;
    r->to.port = t.has_port ? t.port : 80; /* GOST's, even for CONNECT */

    return GT_OK;
}


static void
req_connected(gt_op_t *op, gt_stream_t *up, gt_err_t err)
{
    unsigned         n;
    http_req_t      *r = op->owner;
    gt_http1_field_t f[GT_HTTP_REPLY_FIELDS];

    if (err != GT_E_NONE) {
        gt_http_no_way(r, err);
        return;
    }

    n = gt_http_own_fields(r, true, f);

    if (gt_exchange_respond(r->ex, 200, GT_STR("Connection established"), f, n,
                            0)
        != GT_OK)
    {
        gt_stream_close(up, GT_E_NOMEM);
        gt_http_req_end(r, GT_E_NOMEM);
        return;
    }

    gt_http_req_tunnel(r, up);
}


/* while dialing only a reset can come: nothing is wanted */

static void
req_client_ready(gt_stream_t *st, unsigned ev)
{
    http_req_t *r = st->owner;

    if (ev & GT_EV_ERR) {
        gt_http_req_end(r, st->err);
    }
}


static void
req_connect(http_req_t *r)
{
    if (gt_session_set_target(r->ss, &r->to) != GT_OK) {
        gt_http_req_end(r, GT_E_NOMEM);
        return;
    }

    gt_stream_own(r->client, r, req_client_ready);

    r->op.done = req_connected;
    r->op.owner = r;
    gt_route_open(r->ss, &r->to, &r->op);
}


void
gt_http_req_start(http_req_t *r)
{
    int        rc;
    bool       connect = gt_str_eq(r->ex->method, GT_STR("CONNECT"));
    gt_login_t login = gt_http_login(r);

    if (login != GT_LOGIN_IN) {
        gt_http_refuse(r, login);
        return;
    }

    if (gt_str_eq(r->ex->method, GT_STR("PRI"))) {
        gt_http_reply(r, GT_HTTP_BAD);
        return;
    }

    if (req_is_udp(r)) {
        gt_http_reply(r, GT_HTTP_NO_UDP);
        return;
    }

    req_gost_target(r);
    rc = req_target(r, connect);

    if (rc == GT_ERROR) {
        gt_http_reply(r, GT_HTTP_BAD);

    } else if (rc == GT_DONE) {
        gt_http_reply(r, GT_HTTP_NO_UPSTREAM);

    } else if (connect) {
        req_connect(r);

    } else {
        gt_http_forward(r);
    }
}


http_req_t *
gt_http_req_new(const http_conf_t *cf, gt_session_t *ss, gt_exchange_t *ex)
{
    http_req_t *r = gt_calloc(sizeof(http_req_t));

    if (!r) {
        return NULL;
    }

    r->ss = ss;
    r->cf = cf;
    r->ex = ex;
    r->authority = ex->authority;
    r->file = -1;

    ex->owner = r;
    ex->trailers_in = &r->req_trailers;
    ex->trailers_out = &r->res_trailers;

    r->client = gt_exchange_body(ex);
    if (!r->client) {
        gt_free(r);
        return NULL;
    }

    return r;
}
