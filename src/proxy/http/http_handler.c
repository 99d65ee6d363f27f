/*
 * proxy/http/http_handler.c: the http proxy: who may, where to, and tunnels.
 *
 *   connection: HTTP/1.1 carrier -> exchange -> request -> ... -> end
 *   request:    auth -> target -> CONNECT: dial -> 200 -> tunnel
 *                              -> other: http_forward.c
 *
 * serve() knows exchanges only, so that every carrier of HTTP can use it.  A
 * connection and its requests end in one place each: conn_end() and
 * gt_http_req_end(); a tunnel leaves neither behind.
 */

#include "conf/opt.h"
#include "core/mem.h"
#include "module/handler.h"
#include "policy/auth.h"
#include "proto/basicauth.h"
#include "proxy/http/http.h"
#include "route/route.h"

#include <string.h>

struct http_conn {
    gt_http1_server_t  srv;
    gt_session_t      *ss;     /* the service's */
    const http_conf_t *cf;     /* the service's */
    http_req_t        *req;    /* its own owner; NULL between requests */
    http_keep_t       *keep;   /* ours, or NULL */
    uint64_t           rx, tx; /* counted so far */
    gt_reap_t          reap;
};


/* --- the end of a connection --- */

static void
conn_reap(gt_reap_t *reap)
{
    gt_free(gt_container_of(reap, http_conn_t, reap));
}


static void
conn_count(http_conn_t *hc)
{
    uint64_t rx, tx;

    gt_http1_server_moved(&hc->srv, &rx, &tx);

    if (rx > hc->rx || tx > hc->tx) {
        gt_session_count(hc->ss, rx - hc->rx, tx - hc->tx);
        hc->rx = rx;
        hc->tx = tx;
    }
}


/* the server has ended and there is no request */

static void
conn_release(http_conn_t *hc)
{
    GT_ASSERT(!hc->req);

    conn_count(hc);
    gt_http_keep_drop(&hc->keep);
    gt_reap(hc->srv.loop, &hc->reap, conn_reap);
}


static void
conn_end(void *owner, gt_err_t why)
{
    http_conn_t  *hc = owner;
    gt_session_t *ss = hc->ss;

    conn_release(hc);
    gt_session_end(ss, why);
}


/* --- the end of a request --- */

static void
req_reap(gt_reap_t *reap)
{
    gt_free(gt_container_of(reap, http_req_t, reap));
}


void
gt_http_req_count(http_req_t *r)
{
    if (r->conn) {
        conn_count(r->conn);
    }
}


/* everything but the exchange */

static void
req_release(http_req_t *r, gt_err_t why)
{
    gt_op_cancel(&r->op);
    gt_timer_del(r->ss->loop, &r->timer);

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


static void
req_close(http_req_t *r, gt_err_t why)
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

    req_close(r, why);

    if (hc) {
        conn_count(hc);
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
        conn_release(hc);
    }

    if (!client) {
        gt_stream_close(up, GT_E_RESET);
        gt_session_end(ss, GT_E_RESET);
        return;
    }

    gt_session_tunnel(ss, client, up, idle_ms);
}


/* --- the life of a request --- */

/* who is it?  Each request is asked, not each connection */

static bool
req_auth(http_req_t *r)
{
    bool     good;
    char     buf[GT_BASICAUTH_MAX];
    gt_str_t value, user, pass;

    if (!r->ss->auth) {
        return true;
    }

    user = pass = gt_str_from("");

    /* what cannot be read counts as nobody */
    if (!gt_exchange_field(r->ex, "Proxy-Authorization", &value)
        || gt_basicauth_parse(value, buf, sizeof(buf), &user, &pass) != GT_OK)
    {
        user = pass = gt_str_from("");
    }

    good = gt_auth_check(r->ss->auth, user, pass);

    if (good) {
        good = gt_session_set_user(r->ss, user) == GT_OK;
    }

    explicit_bzero(buf, sizeof(buf));

    return good;
}


static bool
req_is_udp(const http_req_t *r)
{
    gt_str_t value;

    return gt_exchange_field(r->ex, "X-Gost-Protocol", &value)
           && gt_str_ieq(value, GT_STR("udp"));
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

    if (gt_http1_hostport_parse(ex->authority, connect, &t) != GT_OK) {
        return GT_ERROR;
    }

    r->to.host = t.host;
    r->to.port = t.has_port ? t.port : 80; /* GOST's, even for CONNECT */

    return GT_OK;
}


static void
req_connected(gt_op_t *op, gt_stream_t *up, gt_err_t err)
{
    unsigned         n = 0;
    http_req_t      *r = op->owner;
    gt_http1_field_t f;

    if (err != GT_E_NONE) {
        gt_http_reply(r, GT_HTTP_NO_CONNECT);
        return;
    }

    if (r->cf->agent[0] != '\0') {
        f.name = GT_STR("Proxy-Agent");
        f.value = gt_str_from(r->cf->agent);
        n = 1;
    }

    if (gt_exchange_respond(r->ex, 200, GT_STR("Connection established"), &f, n,
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


static void
req_start(http_req_t *r)
{
    int  rc;
    bool connect = gt_str_eq(r->ex->method, GT_STR("CONNECT"));

    if (!req_auth(r)) {
        gt_http_reply(r, GT_HTTP_NO_AUTH);
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


static http_req_t *
req_new(const http_conf_t *cf, gt_session_t *ss, gt_exchange_t *ex)
{
    http_req_t *r = gt_calloc(sizeof(http_req_t));

    if (!r) {
        return NULL;
    }

    r->ss = ss;
    r->cf = cf;
    r->ex = ex;

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


static int
http_serve(void *conf, gt_session_t *ss, gt_exchange_t *ex)
{
    http_req_t *r = req_new(conf, ss, ex);

    if (!r) {
        return GT_ERROR;
    }

    req_start(r);

    return GT_OK;
}


/* --- the HTTP/1.1 connection --- */

static void
conn_serve(void *owner, gt_exchange_t *ex)
{
    http_conn_t *hc = owner;

    hc->req = req_new(hc->cf, hc->ss, ex);

    if (!hc->req) {
        gt_exchange_close(ex, GT_E_NOMEM);
        return;
    }

    hc->req->conn = hc;
    hc->req->keep = &hc->keep;
    req_start(hc->req);
}


static void
conn_abort(gt_session_t *ss, gt_err_t why)
{
    http_conn_t *hc = ss->handler;

    if (hc->req) {
        req_close(hc->req, why);
    }

    gt_http1_server_close(&hc->srv, why);
    conn_end(hc, why);
}


static void
conn_drain(gt_session_t *ss)
{
    http_conn_t *hc = ss->handler;

    gt_http1_server_drain(&hc->srv);
}


static int
http_handle(void *conf, gt_session_t *ss, gt_stream_t *st)
{
    http_conn_t *hc = gt_calloc(sizeof(http_conn_t));

    if (!hc) {
        return GT_ERROR;
    }

    hc->ss = ss;
    hc->cf = conf;

    ss->handler = hc;
    ss->abort = conn_abort;
    ss->drain = conn_drain;

    gt_http1_server_start(&hc->srv, st, &hc->cf->server, hc);

    return GT_OK;
}


/* --- the configuration --- */

static int
http_not_built(void *f, const gt_cnode_t *v, const char **why)
{
    (void) f;
    (void) v;

    *why = "not built yet; without it the proxy would be less guarded than"
           " this says";

    return GT_ERROR;
}


static int
http_check_realm(http_conf_t *cf, const char **why)
{
    size_t      n;
    const char *p;

    n = gt_str_copy(cf->challenge, sizeof(cf->challenge),
                    GT_STR("Basic realm=\""));

    for (p = cf->realm; *p != '\0' && n < sizeof(cf->challenge) - 4; p++) {
        if (*p == '"' || *p == '\\') {
            cf->challenge[n++] = '\\';
        }

        cf->challenge[n++] = *p;
    }

    if (*p != '\0' || !gt_http1_text_ok(gt_str_from(cf->realm))) {
        *why = "authBasicRealm is too long or has a control character";
        return GT_ERROR;
    }

    cf->challenge[n++] = '"';
    cf->challenge[n] = '\0';

    return GT_OK;
}


static int
http_check(void *conf, const char **why)
{
    http_conf_t *cf = conf;

    if (!gt_http1_text_ok(gt_str_from(cf->agent))) {
        *why = "proxyAgent has a control character";
        return GT_ERROR;
    }

    if (http_check_realm(cf, why) != GT_OK
        || gt_http_header(cf->header, cf->fields, &cf->n_fields, why) != GT_OK)
    {
        return GT_ERROR;
    }

    /* these have a deadline, whatever is said */
    if (cf->server.head_ms == 0) {
        cf->server.head_ms = GT_HTTP1_HEAD_MS;
    }

    if (cf->server.idle_ms == 0) {
        cf->server.idle_ms = GT_HTTP1_IDLE_MS;
    }

    cf->server.serve = conn_serve;
    cf->server.done = conn_end;

    return GT_OK;
}


/* clang-format off */
static const gt_opt_t http_opts[] = {
    { "proxyAgent|http.proxyAgent", gt_opt_str, offsetof(http_conf_t, agent),
      "gatun/" GT_VERSION, "Proxy-Agent of our answers; empty: none" },
    { "authBasicRealm", gt_opt_str, offsetof(http_conf_t, realm),
      "gost", "realm of the 407 answer" },
    { "idleTimeout", gt_opt_msec, offsetof(http_conf_t, idle_ms),
      "0s", "ends a tunnel without a byte for so long; 0: never" },
    { "readTimeout", gt_opt_msec, offsetof(http_conf_t, read_ms),
      "15s", "for an origin's response head; negative: no limit" },
    { "keepalive|http.keepalive", gt_opt_bool, offsetof(http_conf_t, keepalive),
      "false", "keeps an origin's connection for the client's next request" },
    { "header|http.header", gt_opt_map, offsetof(http_conf_t, header),
      NULL, "a map of fields for our own answers" },
    { "headTimeout", gt_opt_msec, offsetof(http_conf_t, server.head_ms),
      "15s", "for a client's request head" },
    { "keepaliveTimeout", gt_opt_msec, offsetof(http_conf_t, server.idle_ms),
      "60s", "between a client's requests" },
    { "probeResist|probe_resist", http_not_built, offsetof(http_conf_t, none),
      NULL, "not built yet" },
    { "knock", http_not_built, offsetof(http_conf_t, none),
      NULL, "not built yet" },
    { .name = NULL }
};

static const gt_handler_ops_t http_ops = {
    .handle = http_handle,
    .serve = http_serve,
};

extern const gt_module_t gt_http_handler_module;

const gt_module_t gt_http_handler_module = {
    .kind = GT_HANDLER,
    .name = "http",
    .help = "HTTP proxy: CONNECT, and forwarding of http:// requests",
    .conf_size = sizeof(http_conf_t),
    .opts = http_opts,
    .ops = &http_ops,
    .check = http_check,
};
/* clang-format on */
