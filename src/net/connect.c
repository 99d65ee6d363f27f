/*
 * net/connect.c: a host and a port to one connected stream.
 *
 *   resolve -> the addresses in turn -> the first that answers
 *
 * The next address is tried GT_CONNECT_DELAY after the one before, or at once
 * when one has failed.  Whatever the end, it comes by gt_op_post(): a connect
 * may be done, or have failed, within the call that began it.
 */

#include "net/connect.h"

#include "core/mem.h"
#include "net/connect_impl.h"
#include "net/deny.h"
#include "net/resolve.h"
#include "net/tcp.h"
#include "os/sock.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

typedef struct cn cn_t;

typedef struct {
    gt_stream_t *st; /* ours; NULL: not tried, failed or given away */
    cn_t        *cn; /* we are in its tries */
} cn_try_t;

struct cn {
    gt_loop_t        *loop;
    gt_op_t          *op; /* the caller's */
    gt_connect_conf_t cf; /* the interface's name is the caller's */
    gt_resolve_t      r;  /* the addresses, or the lookup */
    cn_try_t          tries[GT_RESOLVE_MAX]; /* one for each address */
    unsigned          next, active;          /* in tries */
    gt_err_t          err;                   /* what to say at the end */
    bool              weak; /* err is that there was no way to begin */
    gt_timer_t        delay, deadline;
    gt_reap_t         reap;
    gt_give_t         gives[]; /* one for each try, if there is a giver */
};


static void
cn_reaped(gt_reap_t *reap)
{
    gt_free(gt_container_of(reap, cn_t, reap));
}


static gt_give_t *
cn_give(const cn_try_t *t)
{
    return &t->cn->gives[t - t->cn->tries];
}


static void
cn_drop(cn_try_t *t)
{
    if (t->cn->cf.giver) {
        gt_op_cancel(&cn_give(t)->op);
    }

    if (t->st) {
        gt_stream_close(t->st, GT_E_NONE);
        t->st = NULL;
    }
}


static void
cn_close(cn_t *cn)
{
    unsigned i;

    gt_op_cancel(&cn->r.op);
    gt_timer_del(cn->loop, &cn->delay);
    gt_timer_del(cn->loop, &cn->deadline);

    for (i = 0; i < cn->next; i++) {
        cn_drop(&cn->tries[i]);
    }

    gt_reap(cn->loop, &cn->reap, cn_reaped);
}


static void
cn_cancel(gt_op_t *op)
{
    cn_close(op->impl);
}


static void
cn_finish(cn_t *cn, gt_stream_t *st, gt_err_t err)
{
    gt_op_t *op = cn->op;

    cn_close(cn);
    gt_op_post(cn->loop, op, st, err);
}


static void
cn_expire(gt_timer_t *timer)
{
    cn_t *cn = gt_container_of(timer, cn_t, deadline);

    cn_finish(cn, NULL, cn->err && !cn->weak ? cn->err : GT_E_TIMEOUT);
}


static cn_t *
cn_new(gt_loop_t *loop, const gt_connect_conf_t *cf, gt_op_t *op)
{
    unsigned i, n = cf && cf->giver ? GT_RESOLVE_MAX : 0;
    cn_t    *cn = gt_calloc(sizeof(*cn) + n * sizeof(gt_give_t));

    if (!cn) {
        gt_op_post(loop, op, NULL, GT_E_NOMEM);
        return NULL;
    }

    cn->loop = loop;
    cn->op = op;
    if (cf) {
        cn->cf = *cf;
    }

    for (i = 0; i < GT_RESOLVE_MAX; i++) {
        cn->tries[i].cn = cn;
    }

    gt_op_start(op, cn, cn_cancel);
    gt_timer_set(loop, &cn->deadline,
                 cn->cf.timeout_ms ? cn->cf.timeout_ms : GT_CONNECT_MS,
                 cn_expire);

    return cn;
}


/* ---- one address */

static const gt_addr_t *
cn_addr(const cn_try_t *t)
{
    return &t->cn->r.addrs[t - t->cn->tries];
}


/*
 * A socket that connects to a port of this machine where nobody listens may
 * get that very port as its own, and then it is connected to itself.
 */
static bool
cn_is_self(const cn_try_t *t)
{
    gt_addr_t local;

    /* which ports are lent elsewhere is not known here */
    return (t->cn->cf.giver || gt_addr_port(cn_addr(t)) >= gt_sock_ephemeral())
           && gt_stream_query(t->st, GT_Q_LOCAL, &local) == GT_OK
           && gt_addr_eq(&local, cn_addr(t));
}


static void
cn_won(cn_try_t *t)
{
    int          fd;
    gt_stream_t *st = t->st;

    t->st = NULL;
    gt_stream_own(st, NULL, NULL);

    if (gt_stream_query(st, GT_Q_FD, &fd) == GT_OK) {
        (void) gt_sock_nodelay(fd, true);
        (void) gt_sock_keepalive(fd, GT_SOCK_KEEPALIVE);
    }

    cn_finish(t->cn, st, GT_E_NONE);
}


static void
cn_failed(cn_try_t *t, gt_err_t err, bool weak)
{
    cn_t *cn = t->cn;

    cn_drop(t);

    if (cn->err == GT_E_NONE || (cn->weak && !weak)) {
        cn->err = err;
        cn->weak = weak;
    }
}


/* of connect(): these two say that no local port is free */

static gt_err_t
cn_errno(const cn_try_t *t, int eno)
{
    if (eno == EAGAIN
        || (eno == EADDRNOTAVAIL && cn_addr(t)->sa.sa_family == AF_INET))
    {
        return GT_E_NOMEM;
    }

    return gt_err_errno(eno);
}


static void cn_next(cn_t *cn);


static void
cn_ready(gt_stream_t *st, unsigned ev)
{
    cn_try_t *t = st->owner;

    if (!(ev & GT_EV_ERR) && !cn_is_self(t)) {
        cn_won(t);
        return;
    }

    cn_failed(t, ev & GT_EV_ERR ? st->err : GT_E_REFUSED, false);
    t->cn->active--;
    cn_next(t->cn);
}


/*
 * One socket, which is taken, is one registration for life: the stream is made
 * while it connects, and is told that neither side is ready yet.
 */
static int
cn_socket(cn_try_t *t, int fd)
{
    int      rc = gt_connect_call(fd, cn_addr(t), &t->cn->cf);
    gt_err_t err;
    unsigned both = GT_EV_IN | GT_EV_OUT;

    if (rc == GT_ERROR) {
        err = cn_errno(t, errno);
        cn_failed(t, err, err == GT_E_UNREACH);
        return GT_ERROR;
    }

    t->st = gt_tcp_stream(t->cn->loop, fd);
    if (!t->st) {
        cn_failed(t, GT_E_NOMEM, false);
        return GT_ERROR;
    }

    if (rc == GT_AGAIN) {
        (void) gt_stream_query(t->st, GT_Q_STALLED, &both);
        gt_stream_own(t->st, t, cn_ready);
        gt_stream_want(t->st, GT_EV_OUT);
    }

    return rc;
}


static void
cn_given(gt_op_t *op, gt_stream_t *st, gt_err_t err)
{
    int       rc = GT_ERROR;
    cn_try_t *t = op->owner;

    (void) st;

    if (err == GT_E_NONE) {
        rc = cn_socket(t, cn_give(t)->fd);
    } else {
        cn_failed(t, err, false);
    }

    if (rc == GT_OK) {
        cn_won(t);

    } else if (rc == GT_ERROR) {
        t->cn->active--;
        cn_next(t->cn);
    }
}


/* a socket of another namespace; GT_AGAIN: it was asked for */

static int
cn_foreign(cn_try_t *t)
{
    int         fd;
    gt_give_t  *gv = cn_give(t);
    gt_giver_t *gr = t->cn->cf.giver;

    gv->op.done = cn_given;
    gv->op.owner = t;
    gv->space = t->cn->cf.space;
    gv->family = cn_addr(t)->sa.sa_family;
    gv->type = SOCK_STREAM;

    fd = gr->take(gr, gv);
    if (fd >= 0) {
        return cn_socket(t, fd);
    }

    gr->ask(gr, gv);

    return GT_AGAIN;
}


static int
cn_begin(cn_try_t *t)
{
    int                      fd, family = cn_addr(t)->sa.sa_family;
    gt_err_t                 err;
    const gt_connect_conf_t *cf = &t->cn->cf;

    /* here and not after the lookup: no other answer can come between */
    if (cf->deny_private && gt_deny_addr(cn_addr(t))) {
        cn_failed(t, GT_E_DENIED, true);
        return GT_ERROR;
    }

    if (cf->source && cf->source->sa.sa_family != family) {
        cn_failed(t, GT_E_UNREACH, true); /* no way from there */
        return GT_ERROR;
    }

    if (cf->giver) {
        return cn_foreign(t);
    }

    fd = gt_sock_open(family, SOCK_STREAM);
    if (fd < 0) {
        err = cn_errno(t, errno);
        cn_failed(t, err, err == GT_E_UNREACH);
        return GT_ERROR;
    }

    return cn_socket(t, fd);
}


/* ---- all of them */

static void
cn_delayed(gt_timer_t *timer)
{
    cn_next(gt_container_of(timer, cn_t, delay));
}


/* begins with the next address that can be begun with; may be the end of cn */

static void
cn_next(cn_t *cn)
{
    int       rc;
    cn_try_t *t;

    gt_timer_del(cn->loop, &cn->delay);

    while (cn->next < cn->r.n) {
        t = &cn->tries[cn->next++];
        rc = cn_begin(t);

        if (rc == GT_OK) {
            cn_won(t);
            return;
        }

        if (rc == GT_AGAIN) {
            cn->active++;
            if (cn->next < cn->r.n) {
                gt_timer_set(cn->loop, &cn->delay, GT_CONNECT_DELAY,
                             cn_delayed);
            }

            return;
        }
    }

    if (cn->active == 0) {
        cn_finish(cn, NULL, cn->err);
    }
}


static void
cn_resolved(gt_op_t *op, gt_stream_t *st, gt_err_t err)
{
    cn_t *cn = op->owner;

    (void) st;

    if (err != GT_E_NONE) {
        cn_finish(cn, NULL, err);
        return;
    }

    cn_next(cn);
}


void
gt_connect(gt_loop_t *loop, const char *host, size_t n, uint16_t port,
           const gt_connect_conf_t *cf, gt_op_t *op)
{
    cn_t     *cn;
    gt_addr_t to;

    /* "127.1" is no name, but what it means is clear */
    if (cf && cf->deny_private && gt_deny_host(host, n)) {
        gt_op_post(loop, op, NULL, GT_E_DENIED);
        return;
    }

    if (gt_addr_literal(&to, host, n, port) == GT_OK) {
        gt_connect_addr(loop, &to, cf, op);
        return;
    }

    cn = cn_new(loop, cf, op);
    if (cn) {
        cn->r.op.done = cn_resolved;
        cn->r.op.owner = cn;
        gt_resolve(loop, host, n, port, &cn->r);
    }
}


void
gt_connect_addr(gt_loop_t *loop, const gt_addr_t *to,
                const gt_connect_conf_t *cf, gt_op_t *op)
{
    cn_t *cn = cn_new(loop, cf, op);

    GT_ASSERT(to->len > 0);

    if (cn) {
        cn->r.addrs[0] = *to;
        cn->r.n = 1;
        cn_next(cn);
    }
}
