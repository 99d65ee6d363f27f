/*
 * proxy/auto/auto_handler.c: several proxy protocols on one port.
 *
 *   first bytes -> the handler of the protocol that they are
 *
 * The bytes go back into the stream, so the handler reads all of them.  A
 * client that says nothing is let go after a while; one whose protocol this
 * build does not have, at once.
 */

#include "core/mem.h"
#include "module/handler.h"
#include "proto/sniff.h"
#include "proxy/http/http.h"

enum {
    AUTO_FIRST_MS = 15000, /* when readTimeout says none */
    AUTO_READ = 4096       /* mostly the whole first message */
};

typedef struct {
    gt_stream_t       *st; /* ours until it is known whose it is */
    gt_session_t      *ss; /* the service's */
    const http_conf_t *cf; /* the service's */
    gt_chain_t         in; /* GT_SNIFF_MAX - 1, but AUTO_READ at the end */
    gt_timer_t         timer;
    gt_reap_t          reap;
} auto_t;

/* by gt_sniff_t; NULL: it is served */
static const char *const auto_later[] = {
    [GT_SNIFF_HTTP] = NULL,
    [GT_SNIFF_SOCKS4] = "socks4",
    [GT_SNIFF_SOCKS5] = "socks5",
    [GT_SNIFF_TLS] = "sni",
};


static void
auto_reap(gt_reap_t *reap)
{
    gt_free(gt_container_of(reap, auto_t, reap));
}


/* the stream is somebody else's, or the caller's to close */

static gt_stream_t *
auto_release(auto_t *a)
{
    gt_loop_t *loop = a->ss->loop;

    gt_timer_del(loop, &a->timer);
    gt_chain_free(&a->in);
    gt_reap(loop, &a->reap, auto_reap);

    return a->st;
}


static void
auto_end(auto_t *a, gt_err_t why)
{
    gt_session_t *ss = a->ss;

    gt_stream_close(auto_release(a), why);
    gt_session_end(ss, why);
}


static void
auto_abort(gt_session_t *ss, gt_err_t why)
{
    auto_end(ss->handler, why);
}


static void
auto_late(gt_timer_t *timer)
{
    auto_t *a = gt_container_of(timer, auto_t, timer);

    /* nothing went wrong where nothing was said */
    auto_end(a, a->in.len ? GT_E_TIMEOUT : GT_E_NONE);
}


static void
auto_missing(auto_t *a, const char *name)
{
    gt_log_line_t ln;

    if (gt_session_log(a->ss, &ln, GT_LOG_WARN, "%s: not built yet", name)) {
        gt_log_end(&ln);
    }

    auto_end(a, GT_E_PROTO);
}


static void
auto_known(auto_t *a, gt_sniff_t what)
{
    void                   *conf = (void *) a->cf;
    gt_stream_t            *st;
    gt_session_t           *ss = a->ss;
    const gt_handler_ops_t *h = gt_http_handler_module.ops;

    if (auto_later[what]) {
        auto_missing(a, auto_later[what]);
        return;
    }

    gt_stream_unread(a->st, &a->in);
    st = auto_release(a);
    ss->abort = NULL;

    if (h->handle(conf, ss, st) != GT_OK) {
        gt_stream_close(st, GT_E_NOMEM);
        gt_session_end(ss, GT_E_NOMEM);
    }
}


static void
auto_ready(gt_stream_t *st, unsigned ev)
{
    int        rc;
    auto_t    *a = st->owner;
    uint8_t    p[GT_SNIFF_MAX];
    ssize_t    n;
    gt_sniff_t what;

    if (ev & GT_EV_ERR) {
        auto_end(a, st->err);
        return;
    }

    n = gt_stream_recv(st, &a->in, AUTO_READ - a->in.len);

    if (n == GT_ERROR) {
        auto_end(a, st->err);
        return;
    }

    rc = gt_sniff(p, gt_chain_peek(&a->in, p, sizeof(p)), &what);

    if (rc == GT_OK) {
        auto_known(a, what);

    } else if (n == 0) {
        auto_end(a, GT_E_NONE);

    } else {
        gt_stream_want(st, GT_EV_IN);
    }
}


static int
auto_handle(void *conf, gt_session_t *ss, gt_stream_t *st)
{
    auto_t *a = gt_calloc(sizeof(auto_t));

    if (!a) {
        return GT_ERROR;
    }

    a->st = st;
    a->ss = ss;
    a->cf = conf;

    ss->handler = a;
    ss->abort = auto_abort;

    gt_timer_set(ss->loop, &a->timer,
                 a->cf->read_ms ? a->cf->read_ms : AUTO_FIRST_MS, auto_late);
    gt_stream_own(st, a, auto_ready);
    gt_stream_want(st, GT_EV_IN);

    return GT_OK;
}


/* an exchange is HTTP */

static int
auto_serve(void *conf, gt_session_t *ss, gt_exchange_t *ex)
{
    const gt_handler_ops_t *h = gt_http_handler_module.ops;

    return h->serve(conf, ss, ex);
}


/* clang-format off */
static const gt_handler_ops_t auto_ops = {
    .handle = auto_handle,
    .serve = auto_serve,
};

extern const gt_module_t gt_auto_handler_module;

const gt_module_t gt_auto_handler_module = {
    .kind = GT_HANDLER,
    .name = "auto",
    .help = "HTTP proxy and, once they are built, SOCKS on one port",
    .conf_size = sizeof(http_conf_t),
    .opts = gt_http_opts,
    .ops = &auto_ops,
    .check = gt_http_check,
    .start = gt_http_start,
    .stop = gt_http_stop,
};
/* clang-format on */
