/*
 * Fuzzes the http handler with its HTTP/1 carrier and client: one client and
 * every origin say what the input says, in pieces of a size that it gives.
 *
 *     one byte: the size of the pieces; the client's bytes; 0xff 0xfe; the
 *     bytes that each origin says
 *
 * Whatever comes: what an origin gets is one well-formed request or the
 * beginning of one, and at the end nothing is left.
 */

#include "conf/opt.h"
#include "core/log.h"
#include "core/mem.h"
#include "module/handler.h"
#include "net/linger.h"
#include "policy/auth.h"
#include "route/route.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

extern const gt_module_t gt_http_handler_module;

enum { FUZZ_ROUNDS = 300, FUZZ_SINK = 1 << 18, FUZZ_DIALS = 16 };

typedef struct {
    gt_stream_t    st;
    const uint8_t *p; /* still to be said */
    size_t         n;
    gt_chain_t    *to; /* what it gets */
    gt_reap_t      reap;
} mem_t;

static struct {
    gt_loop_t      loop;
    bool           made;
    gt_session_t   ss;
    bool           ended;
    void          *confs[2]; /* the second keeps origins */
    uint64_t       now, in, out;
    size_t         piece;
    const uint8_t *origin;
    size_t         origin_n;
    gt_chain_t     sinks[FUZZ_DIALS + 1]; /* the last one is the client's */
    bool           switched[FUZZ_DIALS];
    unsigned       dials;
} fuzz;


/* --- a stream in memory --- */

static ssize_t
mem_recv(gt_stream_t *st, gt_chain_t *to, size_t max)
{
    mem_t *m = (mem_t *) st;
    size_t n = gt_min(gt_min(max, fuzz.piece), m->n);

    if (n == 0) {
        return 0;
    }

    if (gt_chain_push(to, m->p, n) != GT_OK) {
        return gt_stream_fail(st, GT_E_NOMEM);
    }

    m->p += n;
    m->n -= n;

    return (ssize_t) n;
}


static ssize_t
mem_send(gt_stream_t *st, gt_chain_t *from)
{
    mem_t *m = (mem_t *) st;
    size_t n = gt_min(from->len, fuzz.piece * 4);

    if (m->to->len > FUZZ_SINK) {
        return gt_stream_fail(st, GT_E_RESET);
    }

    return (ssize_t) gt_chain_move(m->to, from, n);
}


static int
mem_shutdown(gt_stream_t *st)
{
    (void) st;

    return GT_OK;
}


static void
mem_want(gt_stream_t *st, unsigned ev)
{
    gt_stream_post(st, ev);
}


static void
mem_reap(gt_reap_t *reap)
{
    mem_t *m = gt_container_of(reap, mem_t, reap);

    gt_stream_gone(&m->st);
    gt_free(m);
}


static void
mem_close(gt_stream_t *st, gt_err_t why)
{
    mem_t *m = (mem_t *) st;

    (void) why;
    gt_reap(st->loop, &m->reap, mem_reap);
}


static const gt_stream_ops_t mem_ops = {
    .name = "memory",
    .recv = mem_recv,
    .send = mem_send,
    .shutdown = mem_shutdown,
    .want = mem_want,
    .close = mem_close,
};


static gt_stream_t *
mem_stream(const uint8_t *p, size_t n, gt_chain_t *to)
{
    mem_t *m = gt_calloc(sizeof(mem_t));

    GT_ASSERT(m);
    gt_stream_init(&m->st, &mem_ops, &fuzz.loop);
    m->p = p;
    m->n = n;
    m->to = to;

    return &m->st;
}


/* --- what the handler calls --- */

void
gt_route_open(gt_session_t *ss, const gt_target_t *to, gt_op_t *op)
{
    gt_stream_t *st = NULL;

    (void) ss;
    GT_ASSERT(to->port > 0 && to->host.n > 0 && to->host.n < 256);

    if (fuzz.dials < FUZZ_DIALS) {
        st = mem_stream(fuzz.origin, fuzz.origin_n, &fuzz.sinks[fuzz.dials++]);
    }

    gt_op_post(&fuzz.loop, op, st, st ? GT_E_NONE : GT_E_LIMIT);
}


bool
gt_auth_check(const gt_auth_t *a, gt_str_t user, gt_str_t password)
{
    (void) a;

    return user.n == password.n;
}


static void
session_end(gt_session_t *ss, gt_err_t why)
{
    (void) ss;
    (void) why;
    GT_ASSERT(!fuzz.ended);
    fuzz.ended = true;
}


static void
session_relayed(gt_op_t *op, gt_stream_t *st, gt_err_t err)
{
    (void) op;
    (void) st;
    session_end(&fuzz.ss, err);
}


static void
session_tunnel(gt_session_t *ss, gt_stream_t *a, gt_stream_t *b,
               uint64_t idle_ms)
{
    gt_relay_conf_t cf = { .idle_ms = idle_ms };

    fuzz.switched[fuzz.dials - 1] = true;
    ss->relay.done = session_relayed;
    gt_relay(a, b, &cf, &ss->relay);
}


static const gt_session_ops_t session_ops = { session_tunnel, session_end };


static uint64_t
fuzz_clock(gt_loop_t *loop)
{
    (void) loop;

    return fuzz.now;
}


/* --- one input --- */

static void
fuzz_make(void)
{
    int         i;
    void       *conf;
    gt_cnode_t  v = { .kind = GT_NODE_SCALAR, .key = "keepalive", .text = "1" };
    gt_cnode_t  map = { .kind = GT_NODE_MAP, .first = &v, .last = &v };
    gt_diag_t  *d = gt_diag_new();
    const char *why = NULL;

    gt_log_set_level(GT_LOG_OFF);
    GT_ASSERT(gt_loop_init(&fuzz.loop) == GT_OK);
    fuzz.loop.clock = fuzz_clock;
    fuzz.now = 1000;

    for (i = 0; i < 2; i++) {
        conf = gt_calloc(gt_http_handler_module.conf_size);
        GT_ASSERT(conf && d);
        gt_opt_defaults(gt_http_handler_module.opts, conf);
        (void) gt_opt_apply(gt_http_handler_module.opts, conf, i ? &map : NULL,
                            d, NULL, NULL);
        GT_ASSERT(gt_http_handler_module.check(conf, &why) == GT_OK);
        GT_ASSERT(gt_http_handler_module.start(&fuzz.loop, conf) == GT_OK);
        fuzz.confs[i] = conf;
    }

    gt_diag_free(d);
    fuzz.made = true;
}


static void
fuzz_start(const uint8_t *p, size_t n)
{
    const gt_handler_ops_t *ops = gt_http_handler_module.ops;

    memset(&fuzz.ss, 0, sizeof(fuzz.ss));
    fuzz.ss.ops = &session_ops;
    fuzz.ss.loop = &fuzz.loop;
    fuzz.ss.in = &fuzz.in;
    fuzz.ss.out = &fuzz.out;
    fuzz.ss.auth = fuzz.piece & 1 ? (const gt_auth_t *) &fuzz : NULL;
    fuzz.ended = false;
    fuzz.dials = 0;

    GT_ASSERT(ops->handle(fuzz.confs[fuzz.piece >> 1 & 1], &fuzz.ss,
                          mem_stream(p, n, &fuzz.sinks[FUZZ_DIALS]))
              == GT_OK);
}


/* what an origin got, if once only: a request whose body cannot be misread */

static void
fuzz_judge(gt_chain_t *c, bool switched)
{
    int              rc;
    size_t           n = gt_min(c->len, (size_t) 60000);
    gt_http1_head_t  head;
    gt_http1_field_t fields[GT_HTTP1_FIELDS + 4];

    static const gt_http1_limits_t lim = { 60000, 40000 };

    if (n == 0 || switched) {
        return;
    }

    gt_http1_head_init(&head, fields, gt_nelts(fields));
    rc = gt_http1_request_parse(gt_chain_pull(c, n), n, &lim, &head);
    GT_ASSERT(rc != GT_ERROR);

    if (rc == GT_OK) {
        GT_ASSERT(head.body != GT_HTTP1_BODY_NONE || c->len == head.len);
        GT_ASSERT(head.body != GT_HTTP1_BODY_LENGTH
                  || c->len - head.len <= head.length);
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    int            i;
    unsigned       k;
    const uint8_t *cut;

    if (n < 3) {
        return 0;
    }

    if (!fuzz.made) {
        fuzz_make();
    }

    fuzz.piece = (size_t) p[0] * p[0] + 1;
    p++;
    n--;

    cut = memmem(p, n, "\xff\xfe", 2);
    fuzz.origin = cut ? cut + 2 : p + n;
    fuzz.origin_n = (size_t) (p + n - fuzz.origin);
    memset(fuzz.switched, 0, sizeof(fuzz.switched));

    fuzz_start(p, cut ? (size_t) (cut - p) : n);

    for (i = 0; i < FUZZ_ROUNDS && !fuzz.ended; i++) {
        gt_loop_round(&fuzz.loop, 0);
        fuzz.now += i;
    }

    if (!fuzz.ended && fuzz.ss.abort) {
        fuzz.ss.abort(&fuzz.ss, GT_E_CANCEL);
    }

    gt_op_cancel(&fuzz.ss.relay);
    gt_linger_close_all();

    /* the pool of the one that keeps origins */
    gt_http_handler_module.stop(&fuzz.loop, fuzz.confs[1]);
    GT_ASSERT(gt_http_handler_module.start(&fuzz.loop, fuzz.confs[1]) == GT_OK);
    gt_loop_round(&fuzz.loop, 0);

    for (k = 0; k <= FUZZ_DIALS; k++) {
        if (k < FUZZ_DIALS) {
            fuzz_judge(&fuzz.sinks[k], fuzz.switched[k] || fuzz.piece >> 1 & 1);
        }

        gt_chain_free(&fuzz.sinks[k]);
    }

    gt_free(fuzz.ss.user);
    gt_free(fuzz.ss.target);

    GT_ASSERT(gt_stream_live() == 0 && gt_op_live() == 0
              && gt_slab_live() == 0);

    return 0;
}
