/*
 * proxy/http/http_connector.c: asks an http proxy for a tunnel.
 *
 *   ASK -> ANSWER -> the same stream, with what was read too far unread
 *
 * The request is GOST's, byte for byte, and leaves in one write.  Only status
 * 200 is a tunnel, and whatever framing that answer claims is not looked at.
 * Everything ends in connect_end().
 */

#include "conf/opt.h"
#include "core/enc.h"
#include "core/mem.h"
#include "module/connector.h"
#include "net/addr.h"
#include "proto/basicauth.h"
#include "proto/http1_write.h"
#include "proxy/http/http_field.h"

#include <string.h>

enum {
    CONNECT_ANSWER_MS = 15000, /* when no timeout is set: as one dial */
    CONNECT_HEAD = 32 * 1024 + 1,
    CONNECT_OUT = 16384, /* the request */
    CONNECT_BASIC = GT_BASE64_SIZE(GT_BASICAUTH_MAX) + 8,
    CONNECT_INTERIM = 16
};

typedef struct {
    uint64_t          timeout_ms;
    const gt_cnode_t *header; /* the tree's */

    /* made by check() */
    gt_http1_field_t fields[GT_HTTP_HEADERS];
    unsigned         n_fields;
} connect_conf_t;

typedef enum { CONNECT_ASK, CONNECT_ANSWER } connect_state_t;

typedef struct {
    connect_state_t state;
    gt_stream_t    *st;      /* ours until the end */
    gt_op_t        *op;      /* the caller's */
    gt_chain_t      out, in; /* the request; the answer, CONNECT_HEAD at most */
    gt_http1_head_t head;
    unsigned        interim;
    gt_err_t        why;
    gt_timer_t      timer;
    gt_reap_t       reap;
} connect_t;

static int connect_ask(connect_t *c);
static int connect_answer(connect_t *c);

static const struct {
    const char *name;
    int (*step)(connect_t *c);
} connect_steps[] = {
    [CONNECT_ASK] = { "ask", connect_ask },          /* to ANSWER */
    [CONNECT_ANSWER] = { "answer", connect_answer }, /* the end */
};


/* --- the end --- */

static void
connect_reap(gt_reap_t *reap)
{
    gt_free(gt_container_of(reap, connect_t, reap));
}


static void
connect_release(connect_t *c)
{
    gt_loop_t *loop = c->st->loop;

    gt_timer_del(loop, &c->timer);
    gt_chain_free(&c->out);
    gt_chain_free(&c->in);
    gt_reap(loop, &c->reap, connect_reap);
}


/* from an event: the last statement */

static void
connect_end(connect_t *c, gt_err_t why)
{
    gt_op_t     *op = c->op;
    gt_stream_t *st = c->st;

    if (why == GT_E_NONE && c->in.len) {
        gt_stream_unread(st, &c->in);
    }

    connect_release(c);

    if (why != GT_E_NONE) {
        gt_stream_close(st, why);
        st = NULL;
    }

    gt_op_finish(op, st, why);
}


static void
connect_cancel(gt_op_t *op)
{
    connect_t   *c = op->impl;
    gt_stream_t *st = c->st;

    connect_release(c);
    gt_stream_close(st, GT_E_CANCEL);
}


/* --- waking --- */

static void
connect_run(connect_t *c)
{
    int rc;

    do {
        rc = connect_steps[c->state].step(c);
    } while (rc == GT_OK);

    if (rc != GT_AGAIN) {
        connect_end(c, rc == GT_DONE ? GT_E_NONE : c->why);
    }
}


/* an error is told by send or recv, after an answer that came before it */

static void
connect_ready(gt_stream_t *st, unsigned ev)
{
    (void) ev;

    connect_run(st->owner);
}


static void
connect_late(gt_timer_t *timer)
{
    connect_end(gt_container_of(timer, connect_t, timer), GT_E_TIMEOUT);
}


/* --- the steps --- */

static int
connect_fail(connect_t *c, gt_err_t why)
{
    c->why = why;

    return GT_ERROR;
}


static int
connect_ask(connect_t *c)
{
    ssize_t n;

    while (c->out.len) {
        n = gt_stream_send(c->st, &c->out);

        if (n == GT_AGAIN) {
            gt_stream_want(c->st, GT_EV_OUT);
            return GT_AGAIN;
        }

        if (n <= 0) {
            return connect_fail(c, c->st->err);
        }
    }

    c->state = CONNECT_ANSWER;

    return GT_OK;
}


/* a whole head is there */

static int
connect_status(connect_t *c)
{
    int status = c->head.status;

    gt_chain_drop(&c->in, c->head.len);

    if (status == 200) {
        return GT_DONE;
    }

    if (status < 200 && c->interim++ < CONNECT_INTERIM) {
        gt_http1_head_init(&c->head, NULL, 0);
        return GT_OK;
    }

    if (status < 200) {
        return connect_fail(c, GT_E_PROTO);
    }

    return connect_fail(c, status == 407 ? GT_E_AUTH : GT_E_NODE);
}


static int
connect_parse(connect_t *c)
{
    int              rc;
    const uint8_t   *p;
    gt_http1_field_t fields[GT_HTTP1_FIELDS];

    if (c->in.len == 0) {
        return GT_AGAIN;
    }

    p = gt_chain_pull(&c->in, c->in.len);
    if (!p) {
        return connect_fail(c, GT_E_NOMEM);
    }

    c->head.fields = fields;
    c->head.max = GT_HTTP1_FIELDS;

    rc = gt_http1_response_parse(p, c->in.len, NULL, GT_STR("CONNECT"),
                                 &c->head);

    if (rc == GT_ERROR) {
        return connect_fail(c, GT_E_PROTO);
    }

    return rc == GT_OK ? connect_status(c) : GT_AGAIN;
}


static int
connect_answer(connect_t *c)
{
    int     rc;
    ssize_t n;

    rc = connect_parse(c);
    if (rc != GT_AGAIN) {
        return rc;
    }

    n = gt_stream_recv(c->st, &c->in, CONNECT_HEAD - c->in.len);

    if (n == GT_AGAIN) {
        gt_stream_want(c->st, GT_EV_IN);
        return GT_AGAIN;
    }

    if (n <= 0) {
        return connect_fail(c, n == 0 ? GT_E_PROTO : c->st->err);
    }

    return GT_OK;
}


/* --- the request --- */

/* the header map may set the User-Agent; the rest is sorted by name */

static gt_str_t
connect_agent(const connect_conf_t *cf)
{
    unsigned i;

    for (i = 0; i < cf->n_fields; i++) {
        if (gt_str_ieq(cf->fields[i].name, GT_STR("User-Agent"))) {
            return cf->fields[i].value;
        }
    }

    return GT_STR("Go-http-client/1.1");
}


/* is it in the header map, and not in what we say ourselves? */

static bool
connect_extra(gt_str_t name, const gt_credentials_t *cred)
{
    return !gt_str_ieq(name, GT_STR("User-Agent"))
           && !(cred && cred->username
                && gt_str_ieq(name, GT_STR("Proxy-Authorization")));
}


/* the fields after User-Agent; credentials go to basic, which f points into.
   GT_ERROR: some that no field can carry, or too long */

static int
connect_fields(const connect_conf_t *cf, const gt_credentials_t *cred,
               char basic[CONNECT_BASIC], gt_http1_field_t *f, unsigned *n)
{
    ssize_t  len;
    unsigned i;

    *n = 0;

    if (cred && cred->username) {
        len = gt_basicauth_write(gt_str_from(cred->username),
                                 gt_str_from(cred->password), basic,
                                 CONNECT_BASIC);
        if (len < 0) {
            return GT_ERROR;
        }

        gt_http_add(f, n, GT_STR("Proxy-Authorization"),
                    gt_str_make(basic, (size_t) len));
    }

    gt_http_add(f, n, GT_STR("Proxy-Connection"), GT_STR("keep-alive"));

    for (i = 0; i < cf->n_fields; i++) {
        if (connect_extra(cf->fields[i].name, cred)) {
            gt_http_add(f, n, cf->fields[i].name, cf->fields[i].value);
        }
    }

    return GT_OK;
}


static int
connect_request(connect_t *c, const connect_conf_t *cf,
                const gt_credentials_t *cred, const gt_target_t *to)
{
    int              rc;
    char             host[GT_HOSTPORT_TEXT], buf[CONNECT_OUT];
    char             basic[CONNECT_BASIC];
    gt_str_t         target;
    unsigned         i, n;
    gt_http1_out_t   o;
    gt_http1_field_t f[GT_HTTP_HEADERS + 2];

    gt_addr_join(to->host.p, to->host.n, to->port, host, sizeof(host));
    target = gt_str_from(host);

    if (connect_fields(cf, cred, basic, f, &n) != GT_OK) {
        return GT_ERROR;
    }

    gt_http1_write_init(&o, buf, sizeof(buf));
    gt_http1_write_request(&o, GT_STR("CONNECT"), gt_str_from(""), target, 1);
    gt_http1_write_field(&o, GT_STR("Host"), target);
    gt_http1_write_field(&o, GT_STR("User-Agent"), connect_agent(cf));

    for (i = 0; i < n; i++) {
        gt_http1_write_field(&o, f[i].name, f[i].value);
    }

    rc = gt_http1_write_end(&o);

    if (rc == GT_OK) {
        rc = gt_chain_push(&c->out, buf, o.n);
    }

    explicit_bzero(basic, sizeof(basic));
    explicit_bzero(buf, sizeof(buf));

    return rc;
}


static void
connect_start(void *conf, const gt_credentials_t *cred, gt_stream_t *st,
              const gt_target_t *to, gt_op_t *op)
{
    gt_loop_t            *loop = st->loop;
    connect_t            *c = gt_calloc(sizeof(connect_t));
    const connect_conf_t *cf = conf;

    if (!c) {
        gt_stream_close(st, GT_E_NOMEM);
        gt_op_post(loop, op, NULL, GT_E_NOMEM);
        return;
    }

    c->st = st;

    if (connect_request(c, cf, cred, to) != GT_OK) {
        connect_release(c);
        gt_stream_close(st, GT_E_PROTO);
        gt_op_post(loop, op, NULL, GT_E_PROTO);
        return;
    }

    c->op = op;
    gt_http1_head_init(&c->head, NULL, 0);
    gt_timer_set(loop, &c->timer,
                 cf->timeout_ms ? cf->timeout_ms : CONNECT_ANSWER_MS,
                 connect_late);

    gt_stream_own(st, c, connect_ready);
    gt_op_start(op, c, connect_cancel);
    gt_stream_want(st, GT_EV_OUT);
}


/* --- the configuration --- */

static int
connect_check(void *conf, const char **why)
{
    connect_conf_t *cf = conf;

    static const gt_str_t ours[] = {
        GT_STR_INIT("Content-Length"),    GT_STR_INIT("Host"),
        GT_STR_INIT("Proxy-Connection"),  GT_STR_INIT("Trailer"),
        GT_STR_INIT("Transfer-Encoding"),
    };

    return gt_http_header(cf->header, ours, gt_nelts(ours), cf->fields,
                          &cf->n_fields, why);
}


/* clang-format off */
static const gt_opt_t connect_opts[] = {
    { "timeout", gt_opt_msec, offsetof(connect_conf_t, timeout_ms),
      "0s", "for the node's answer; 0: 15s" },
    { "header|http.header", gt_opt_map, offsetof(connect_conf_t, header),
      NULL, "a map of fields for the request" },
    { .name = NULL }
};

static const gt_connector_ops_t connect_ops = {
    .connect = connect_start,
};

extern const gt_module_t gt_http_connector_module;

const gt_module_t gt_http_connector_module = {
    .kind = GT_CONNECTOR,
    .name = "http",
    .help = "HTTP proxy: CONNECT",
    .conf_size = sizeof(connect_conf_t),
    .opts = connect_opts,
    .ops = &connect_ops,
    .check = connect_check,
};
/* clang-format on */
