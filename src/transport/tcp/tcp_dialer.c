/*
 * transport/tcp/tcp_dialer.c: plain TCP to a node: the stream beneath is all
 * there is.
 */

#include "transport/tcp/tcp.h"

#include "core/mem.h"
#include "module/dialer.h"

typedef struct {
    gt_tcp_chaos_t chaos;
} tcp_dialer_conf_t;

/* a dial in a build for tests: the lower stream is dressed */
typedef struct {
    gt_op_t               lower;
    gt_op_t              *op; /* the caller's */
    const gt_tcp_chaos_t *chaos;
} tcp_dial_t;


int
gt_tcp_opt_chaos(void *f, const gt_cnode_t *v, const char **why)
{
    gt_tcp_chaos_t *c = f;

    if (v->kind != GT_NODE_SCALAR) {
        *why = "want a text";
        return GT_ERROR;
    }

    c->on = v->text[0] != '\0';

    return c->on ? gt_chaos_parse(v->text, &c->conf, why) : GT_OK;
}


gt_stream_t *
gt_tcp_dress(const gt_tcp_chaos_t *chaos, gt_stream_t *st)
{
    return chaos->on ? gt_chaos_stream(st, &chaos->conf) : st;
}


static void
tcp_dial_done(gt_op_t *lower, gt_stream_t *st, gt_err_t err)
{
    tcp_dial_t *t = lower->owner;
    gt_op_t    *op = t->op;

    if (st) {
        st = gt_tcp_dress(t->chaos, st);
        err = st ? err : GT_E_NOMEM;
    }

    gt_free(t);
    gt_op_finish(op, st, err);
}


static void
tcp_dial_cancel(gt_op_t *op)
{
    tcp_dial_t *t = op->impl;

    gt_op_cancel(&t->lower);
    gt_free(t);
}


static void
tcp_dial(gt_node_t *nd, gt_op_t *op)
{
    tcp_dial_t        *t;
    tcp_dialer_conf_t *cf = nd->dialer_conf;

    if (!cf->chaos.on) {
        nd->lower(nd, op);
        return;
    }

    t = gt_calloc(sizeof(tcp_dial_t));
    if (!t) {
        gt_op_post(nd->loop, op, NULL, GT_E_NOMEM);
        return;
    }

    t->op = op;
    t->chaos = &cf->chaos;
    t->lower.done = tcp_dial_done;
    t->lower.owner = t;

    gt_op_start(op, t, tcp_dial_cancel);
    nd->lower(nd, &t->lower);
}


/* clang-format off */
static const gt_opt_t tcp_dialer_opts[] = {
    GT_TCP_OPT_CHAOS(tcp_dialer_conf_t, chaos)
    { .name = NULL }
};
/* clang-format on */

static const gt_dialer_ops_t tcp_dialer_ops = { .dial = tcp_dial };

const gt_module_t gt_tcp_dialer_module = {
    .kind = GT_DIALER,
    .name = "tcp",
    .help = "a TCP connection",
    .conf_size = sizeof(tcp_dialer_conf_t),
    .opts = tcp_dialer_opts,
    .ops = &tcp_dialer_ops,
};
