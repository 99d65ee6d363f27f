/*
 * proxy/http/http_handler.c: the http proxy: connections and configuration.
 *
 *   HTTP/1.1 carrier -> exchange -> http_request.c -> ... -> end
 *
 * serve() knows exchanges only, so that every carrier of HTTP can use it.  A
 * connection ends in one place, conn_end(), unless a tunnel is left of it.
 */

#include "conf/opt.h"
#include "core/mem.h"
#include "module/handler.h"
#include "proxy/http/http.h"


/* --- the HTTP/1.1 connection --- */

static void
conn_reap(gt_reap_t *reap)
{
    gt_free(gt_container_of(reap, http_conn_t, reap));
}


void
gt_http_conn_count(http_conn_t *hc)
{
    uint64_t rx, tx;

    gt_http1_server_moved(&hc->srv, &rx, &tx);

    if (rx > hc->rx || tx > hc->tx) {
        gt_session_count(hc->ss, rx - hc->rx, tx - hc->tx);
        hc->rx = rx;
        hc->tx = tx;
    }
}


void
gt_http_conn_free(http_conn_t *hc)
{
    GT_ASSERT(!hc->req);

    gt_http_conn_count(hc);
    gt_http_keep_drop(&hc->keep);
    gt_reap(hc->srv.loop, &hc->reap, conn_reap);
}


static void
conn_end(void *owner, gt_err_t why)
{
    http_conn_t  *hc = owner;
    gt_session_t *ss = hc->ss;

    gt_http_conn_free(hc);
    gt_session_end(ss, why);
}


static void
conn_serve(void *owner, gt_exchange_t *ex)
{
    http_conn_t *hc = owner;

    hc->req = gt_http_req_new(hc->cf, hc->ss, ex);

    if (!hc->req) {
        gt_exchange_close(ex, GT_E_NOMEM);
        return;
    }

    hc->req->conn = hc;
    gt_http_req_start(hc->req);
}


static void
conn_abort(gt_session_t *ss, gt_err_t why)
{
    http_conn_t *hc = ss->handler;

    if (hc->req) {
        gt_http_req_close(hc->req, why);
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
    ss->hash_host = hc->cf->hash[0] != '\0';

    gt_http1_server_start(&hc->srv, st, &hc->cf->server, hc);

    return GT_OK;
}


/* --- a connection of another carrier --- */

static int
http_serve(void *conf, gt_session_t *ss, gt_exchange_t *ex)
{
    http_req_t *r = gt_http_req_new(conf, ss, ex);

    ss->hash_host = ((const http_conf_t *) conf)->hash[0] != '\0';

    if (!r) {
        return GT_ERROR;
    }

    gt_http_req_start(r);

    return GT_OK;
}


/* --- the configuration --- */

static int
http_hash(void *f, const gt_cnode_t *v, const char **why)
{
    const char **hash = f;

    if (gt_opt_str(f, v, why) != GT_OK) {
        return GT_ERROR;
    }

    if ((*hash)[0] != '\0' && !gt_str_ieq(gt_str_from(*hash), GT_STR("host"))) {
        *why = "want \"host\", or nothing";
        return GT_ERROR;
    }

    return GT_OK;
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


/* there is a deadline and a limit, whatever is said */

static void
http_check_limits(http_conf_t *cf)
{
    if (cf->server.head_ms == 0) {
        cf->server.head_ms = GT_HTTP1_HEAD_MS;
    }

    if (cf->server.idle_ms == 0) {
        cf->server.idle_ms = cf->idle_ms ? cf->idle_ms : GT_HTTP1_IDLE_MS;
    }

    cf->server.head_max = gt_min(cf->head_max, (uint64_t) GT_HTTP1_HEAD_MAX);
    cf->server.fields_max =
        cf->fields_max < 0
            ? 0
            : (unsigned) gt_min(cf->fields_max, (int64_t) GT_HTTP1_FIELDS);
}


int
gt_http_check(void *conf, const char **why)
{
    http_conf_t *cf = conf;

    /* how an answer is framed, and what 407 asks for */
    static const gt_str_t ours[] = {
        GT_STR_INIT("Connection"),        GT_STR_INIT("Content-Length"),
        GT_STR_INIT("Keep-Alive"),        GT_STR_INIT("Proxy-Authenticate"),
        GT_STR_INIT("Proxy-Connection"),  GT_STR_INIT("Trailer"),
        GT_STR_INIT("Transfer-Encoding"),
    };

    if (!gt_http1_text_ok(gt_str_from(cf->agent))) {
        *why = "proxyAgent has a control character";
        return GT_ERROR;
    }

    if (http_check_realm(cf, why) != GT_OK
        || gt_http_header(cf->header, ours, gt_nelts(ours), cf->fields,
                          &cf->n_fields, why)
               != GT_OK)
    {
        return GT_ERROR;
    }

    if (gt_http_probe_parse(cf->probe_text, &cf->probe, why) != GT_OK) {
        return GT_ERROR;
    }

    http_check_limits(cf);

    cf->server.serve = conn_serve;
    cf->server.done = conn_end;

    return GT_OK;
}


int
gt_http_start(gt_loop_t *loop, void *conf)
{
    http_conf_t *cf = conf;

    (void) loop;

    if (cf->keepalive) {
        cf->pool = gt_http_pool_new();
        return cf->pool ? GT_OK : GT_ERROR;
    }

    return GT_OK;
}


void
gt_http_stop(gt_loop_t *loop, void *conf)
{
    http_conf_t *cf = conf;

    (void) loop;

    gt_http_pool_free(cf->pool);
    cf->pool = NULL;
}


/* clang-format off */
const gt_opt_t gt_http_opts[] = {
    { "proxyAgent|http.proxyAgent", gt_opt_str, offsetof(http_conf_t, agent),
      "gatun/" GT_VERSION, "Proxy-Agent of our answers; empty: none" },
    { "authBasicRealm", gt_opt_str, offsetof(http_conf_t, realm),
      "gost", "realm of the 407 answer" },
    { "idleTimeout", gt_opt_msec, offsetof(http_conf_t, idle_ms),
      "0s", "ends a tunnel without a byte for so long; 0: never" },
    { "readTimeout", gt_opt_msec, offsetof(http_conf_t, read_ms),
      "15s", "for an origin's response head; negative: no limit" },
    { "keepalive|http.keepalive", gt_opt_bool, offsetof(http_conf_t, keepalive),
      "false", "keeps connections to origins for later requests, 30s" },
    { "hash", http_hash, offsetof(http_conf_t, hash),
      "", "\"host\": a hash selector takes the target's host" },
    { "header|http.header", gt_opt_map, offsetof(http_conf_t, header),
      NULL, "a map of fields for our own answers" },
    { "headTimeout", gt_opt_msec, offsetof(http_conf_t, server.head_ms),
      "15s", "for a client's request head" },
    { "keepaliveTimeout", gt_opt_msec, offsetof(http_conf_t, server.idle_ms),
      NULL, "between a client's requests; 0: idleTimeout, or 60s" },
    { "maxHeaderSize", gt_opt_size, offsetof(http_conf_t, head_max),
      "32k", "bytes of a request head, 32k at most" },
    { "maxHeaders", gt_opt_int, offsetof(http_conf_t, fields_max),
      "100", "fields of a request head, 100 at most" },
    { "probeResist|probe_resist", gt_opt_str, offsetof(http_conf_t, probe_text),
      NULL, "for who may not in: code:N web:URL host:HOST:PORT file:PATH" },
    { "knock", gt_opt_str, offsetof(http_conf_t, knock),
      NULL, "hosts, with commas: who asks for them is asked for a password" },
    { .name = NULL }
};

static const gt_handler_ops_t http_ops = {
    .handle = http_handle,
    .serve = http_serve,
};

const gt_module_t gt_http_handler_module = {
    .kind = GT_HANDLER,
    .name = "http",
    .help = "HTTP proxy: CONNECT, and forwarding of http:// requests",
    .conf_size = sizeof(http_conf_t),
    .opts = gt_http_opts,
    .ops = &http_ops,
    .check = gt_http_check,
    .start = gt_http_start,
    .stop = gt_http_stop,
};
/* clang-format on */
