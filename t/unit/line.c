/*
 * t/unit/line.c, included by the tests of route/ and service/: a world with
 * the modules "tcp" and, as "http", a proxy protocol of one line, so that
 * nothing of proxy/ is needed.
 *
 *   client: "host:port\n"     server: "OK\n" and then the tunnel, or "NO\n"
 *
 * The node asks for a user with its first line "user host:port\n" when it has
 * an auther.  A target "stall:1" is never answered.
 */

#include "core/mem.h"
#include "module/connector.h"
#include "module/handler.h"
#include "net/linger.h"
#include "module/registry.h"
#include "policy/auth.h"
#include "route/route.h"
#include "service/service.h"
#include "service/session.h"

#include "tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static gt_loop_t loop;

static unsigned line_drained, line_aborted, line_served;

enum { LINE_MAX = 256 };

/* --- the handler --- */

typedef struct {
    gt_session_t *ss;
    gt_stream_t  *st; /* ours */
    gt_chain_t    in;
    gt_op_t       op;
} line_t;


static void
line_end(line_t *l, gt_err_t why)
{
    gt_session_t *ss = l->ss;

    gt_op_cancel(&l->op);
    gt_chain_free(&l->in);

    if (l->st) {
        gt_stream_close(l->st, why);
    }

    gt_free(l);
    gt_session_end(ss, why);
}


static void
line_abort(gt_session_t *ss, gt_err_t why)
{
    line_aborted++;
    line_end(ss->handler, why);
}


static void
line_drain(gt_session_t *ss)
{
    line_t *l = ss->handler;

    line_drained++;

    if (!gt_op_busy(&l->op)) {
        line_end(l, GT_E_NONE);
    }
}


/* a few bytes always fit; under chaos only sooner or later */

static void
line_say(gt_stream_t *st, const char *text)
{
    int        i;
    ssize_t    rc = 1;
    gt_chain_t c = { 0 };

    (void) gt_chain_push(&c, text, strlen(text));

    for (i = 0; i < 1000 && c.len && rc != GT_ERROR; i++) {
        rc = gt_stream_send(st, &c);
    }

    gt_chain_free(&c);
}


static void
line_routed(gt_op_t *op, gt_stream_t *up, gt_err_t err)
{
    line_t       *l = op->owner;
    gt_stream_t  *st = l->st;
    gt_session_t *ss = l->ss;

    line_say(st, up ? "OK\n" : "NO\n");
    gt_session_count(ss, 0, 3);

    if (!up) {
        line_end(l, err);
        return;
    }

    if (l->in.len) {
        gt_stream_unread(st, &l->in);
    }

    l->st = NULL;
    gt_free(l);
    gt_session_tunnel(ss, st, up, 0);
}


static void
line_request(line_t *l, char *text, size_t n)
{
    char       *blank = memchr(text, ' ', n);
    size_t      host_n;
    uint16_t    port;
    gt_str_t    user = { text, blank ? (size_t) (blank - text) : 0 };
    const char *host, *why;
    gt_target_t to;

    if (!gt_auth_check(l->ss->auth, user, user)) {
        line_end(l, GT_E_AUTH);
        return;
    }

    if (blank) {
        (void) gt_session_set_user(l->ss, user);
        n -= user.n + 1;
        text = blank + 1;
    }

    if (gt_addr_split(text, n, &host, &host_n, &port, &why) != GT_OK) {
        line_end(l, GT_E_PROTO);
        return;
    }

    to = (gt_target_t){ gt_str_make(host, host_n), port };
    (void) gt_session_set_target(l->ss, &to);

    l->op.done = line_routed;
    l->op.owner = l;

    if (host_n != 5 || memcmp(host, "stall", 5) != 0) {
        gt_route_open(l->ss, &to, &l->op);
    }
}


static void
line_ready(gt_stream_t *st, unsigned ev)
{
    char    text[LINE_MAX], *end;
    size_t  n;
    line_t *l = st->owner;
    ssize_t rc;

    if ((ev & GT_EV_ERR) && !(ev & GT_EV_IN)) {
        line_end(l, GT_E_RESET);
        return;
    }

    rc = gt_stream_recv(st, &l->in, LINE_MAX);
    if (rc == 0 || rc == GT_ERROR) {
        line_end(l, rc == 0 ? GT_E_NONE : st->err);
        return;
    }

    n = gt_chain_peek(&l->in, text, sizeof(text));
    end = memchr(text, '\n', n);

    if (!end) {
        gt_stream_want(st, GT_EV_IN);
        return;
    }

    n = (size_t) (end - text);
    gt_chain_drop(&l->in, n + 1);
    gt_session_count(l->ss, n + 1, 0);
    line_served++;
    line_request(l, text, n);
}


static int
line_handle(void *conf, gt_session_t *ss, gt_stream_t *st)
{
    line_t *l = gt_calloc(sizeof(line_t));

    (void) conf;

    if (!l) {
        return GT_ERROR;
    }

    l->ss = ss;
    l->st = st;
    ss->handler = l;
    ss->abort = line_abort;
    ss->drain = line_drain;
    gt_stream_own(st, l, line_ready);
    gt_stream_want(st, GT_EV_IN);

    return GT_OK;
}


/* --- the connector --- */

typedef struct {
    gt_stream_t *st; /* ours */
    gt_op_t     *op;
    gt_chain_t   in;
} ask_t;


static void
ask_cancel(gt_op_t *op)
{
    ask_t *a = op->impl;

    gt_chain_free(&a->in);
    gt_stream_close(a->st, GT_E_CANCEL);
    gt_free(a);
}


static void
ask_end(ask_t *a, gt_err_t err)
{
    gt_op_t     *op = a->op;
    gt_stream_t *st = a->st;

    if (err != GT_E_NONE) {
        gt_stream_close(st, err);
        st = NULL;
    } else if (a->in.len) {
        gt_stream_unread(st, &a->in);
    }

    gt_chain_free(&a->in);
    gt_free(a);
    gt_op_finish(op, st, err);
}


static void
ask_ready(gt_stream_t *st, unsigned ev)
{
    char    text[3];
    ask_t  *a = st->owner;
    ssize_t rc;

    (void) ev;

    rc = gt_stream_recv(st, &a->in, 3 - a->in.len);
    if (rc == 0 || rc == GT_ERROR) {
        ask_end(a, GT_E_RESET);
        return;
    }

    if (gt_chain_peek(&a->in, text, 3) < 3) {
        gt_stream_want(st, GT_EV_IN);
        return;
    }

    gt_chain_drop(&a->in, 3);
    ask_end(a, memcmp(text, "OK\n", 3) == 0 ? GT_E_NONE : GT_E_NODE);
}


static void
ask_connect(void *conf, const gt_credentials_t *cred, gt_stream_t *st,
            const gt_target_t *to, gt_op_t *op)
{
    char   where[GT_HOSTPORT_TEXT], text[LINE_MAX];
    ask_t *a = gt_calloc(sizeof(ask_t));

    (void) conf;

    if (!a) {
        gt_stream_close(st, GT_E_NOMEM);
        gt_op_post(&loop, op, NULL, GT_E_NOMEM);
        return;
    }

    a->st = st;
    a->op = op;
    gt_op_start(op, a, ask_cancel);

    (void) gt_addr_join(to->host.p, to->host.n, to->port, where, sizeof(where));
    (void) gt_snprintf(text, sizeof(text), "%s%s%s\n",
                       cred->username ? cred->username : "",
                       cred->username ? " " : "", where);
    line_say(st, text);

    gt_stream_own(st, a, ask_ready);
    gt_stream_want(st, GT_EV_IN);
}


/* --- the modules --- */

typedef struct {
    bool known;
} line_conf_t;

/* clang-format off */
static const gt_opt_t line_opts[] = {
    { "known", gt_opt_bool, offsetof(line_conf_t, known), NULL, "for tests" },
    { .name = NULL }
};
/* clang-format on */

static const gt_handler_ops_t   line_ops = { .handle = line_handle };
static const gt_connector_ops_t ask_ops = { .connect = ask_connect };

static const gt_module_t line_handler = { .kind = GT_HANDLER,
                                          .name = "http",
                                          .help = "lines",
                                          .conf_size = sizeof(line_conf_t),
                                          .opts = line_opts,
                                          .ops = &line_ops };
static const gt_module_t line_connector = {
    .kind = GT_CONNECTOR, .name = "http", .help = "lines", .ops = &ask_ops
};

extern const gt_module_t gt_tcp_listener_module, gt_tcp_dialer_module,
    gt_direct_connector_module, gt_direct_dialer_module;

const gt_module_t *const gt_modules[] = { &gt_tcp_listener_module,
                                          &gt_tcp_dialer_module,
                                          &line_handler,
                                          &line_connector,
                                          &gt_direct_connector_module,
                                          &gt_direct_dialer_module,
                                          NULL };


/* --- the world --- */

static uint64_t line_later; /* ms by which the clock is ahead */
static uint64_t (*line_real)(gt_loop_t *loop);


static uint64_t
line_clock(gt_loop_t *l)
{
    return line_real(l) + line_later;
}


__attribute__((unused)) static void
line_loop(void)
{
    if (gt_loop_init(&loop) != GT_OK) {
        abort();
    }

    line_real = loop.clock;
    loop.clock = line_clock;
}


#define until(x)                                                               \
    do {                                                                       \
        int  until_n;                                                          \
        bool until_x = false;                                                  \
        for (until_n = 0; until_n < 1000 && !until_x; until_n++) {             \
            gt_loop_round(&loop, until_n < 10 ? 0 : 10);                       \
            until_x = (x);                                                     \
        }                                                                      \
        ok(until_x, "in the end: %s", #x);                                     \
    } while (0)

static void
line_said(void *data, bool is_error, const char *text)
{
    size_t *n = data;

    printf("# %s: %s\n", is_error ? "error" : "warning", text);
    (*n)++;
}


__attribute__((unused)) static void
line_diag(const gt_diag_t *d)
{
    size_t n = 0;

    gt_diag_each(d, line_said, &n);
}


/* a model from JSON; NULL with its errors printed */
__attribute__((unused)) static gt_model_t *
line_model(const char *json)
{
    gt_diag_t  *d = gt_diag_new();
    gt_model_t *m;
    gt_source_t src = { .sources = &json, .n_sources = 1 };

    m = gt_model_load(&src, d);
    if (!m) {
        line_diag(d);
    }

    gt_source_free(&src);
    gt_diag_free(d);

    return m;
}


__attribute__((unused)) static gt_services_t *
line_services(const gt_model_t *m)
{
    gt_diag_t     *d = gt_diag_new();
    gt_services_t *sv = gt_services_new(m, d);

    if (!sv) {
        line_diag(d);
    }

    gt_diag_free(d);

    return sv;
}


__attribute__((unused)) static int
line_bind(gt_services_t *sv, int slots, gt_bound_t *old, int n)
{
    int        rc;
    gt_diag_t *d = gt_diag_new();

    rc = gt_services_bind(sv, slots, old, n, d);
    line_diag(d);
    gt_diag_free(d);

    return rc;
}


__attribute__((unused)) static gt_stat_block_t *
line_stat(const gt_services_t *sv)
{
    return gt_calloc(
        gt_stat_block_size(gt_services_count(sv),
                           gt_routes_rows(gt_services_routes(sv))));
}


/* the port of a socket's own end */
__attribute__((unused)) static uint16_t
line_port(int fd)
{
    socklen_t          len = sizeof(struct sockaddr_in);
    struct sockaddr_in a = { 0 };

    (void) getsockname(fd, (struct sockaddr *) &a, &len);

    return ntohs(a.sin_port);
}


/* a plain socket that listens on loopback */
__attribute__((unused)) static int
line_listen(uint16_t *port)
{
    int                fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in a = { .sin_family = AF_INET };

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(fd, (struct sockaddr *) &a, sizeof(a)) != 0 || listen(fd, 100)) {
        abort();
    }

    *port = line_port(fd);

    return fd;
}


/* a client: loopback connects before anybody accepts */
__attribute__((unused)) static int
line_client(uint16_t port)
{
    int                fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in a = { .sin_family = AF_INET };

    a.sin_port = htons(port);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    if (connect(fd, (struct sockaddr *) &a, sizeof(a)) != 0) {
        close(fd);
        return -1;
    }

    fcntl(fd, F_SETFL, O_NONBLOCK);

    return fd;
}


__attribute__((unused)) static void
line_write(int fd, const char *text)
{
    if (write(fd, text, strlen(text)) != (ssize_t) strlen(text)) {
        abort();
    }
}


/* what has arrived so far, added to buf */
__attribute__((unused)) static bool
line_got(int fd, char *buf, const char *want)
{
    size_t  n = strlen(buf);
    ssize_t rc = read(fd, buf + n, LINE_MAX - 1 - n);

    if (rc > 0) {
        buf[n + (size_t) rc] = '\0';
    }

    return strcmp(buf, want) == 0;
}


__attribute__((unused)) static bool
line_eof(int fd)
{
    char c;

    return read(fd, &c, 1) == 0;
}


__attribute__((unused)) static bool
line_reset(int fd)
{
    char c;

    return read(fd, &c, 1) < 0 && errno == ECONNRESET;
}
