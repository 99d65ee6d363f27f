/*
 * t/unit/proxy/rig.h: a handler between two socket pairs: the test is the
 * client and every origin, speaks in texts and drives the loop itself.
 */

#ifndef T_UNIT_PROXY_RIG_H
#define T_UNIT_PROXY_RIG_H

#include "conf/opt.h"
#include "module/handler.h"
#include "net/chaos.h"
#include "net/linger.h"
#include "net/tcp.h"
#include "policy/auth.h"
#include "route/route.h"

#include "tap.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    RIG_TEXT = 1 << 20,
    RIG_ROUNDS = 20000, /* more than any exchange of texts takes */
    RIG_DIALS = 8
};

/* one end that the test holds */
typedef struct {
    int    fd;
    char  *p; /* what has come */
    size_t n;
    bool   eof, reset;
} rig_end_t;

static struct {
    gt_loop_t          loop;
    gt_session_t       ss;
    const gt_module_t *module;
    void              *conf;
    rig_end_t          client, origin[RIG_DIALS];
    int                dials;
    char               host[300]; /* of the last dial */
    unsigned           port;
    gt_err_t           refuse; /* what the next dials end in */
    bool               hold;   /* dials do not end */
    gt_op_t           *held;
    bool               auth; /* user u, password p */
    const char        *chaos;
    bool               began, ended, tunnel;
    gt_err_t           why;
    uint64_t           idle_ms, in, out, now;
} rig;

extern const gt_module_t gt_http_handler_module;


/* --- what the handler calls --- */

__attribute__((unused)) static int
rig_pair(int fd[2])
{
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
                      fd);
}


__attribute__((unused)) static gt_stream_t *
rig_stream(int fd)
{
    const char     *why;
    gt_stream_t    *st = gt_tcp_stream(&rig.loop, fd);
    gt_chaos_conf_t cf;

    if (rig.chaos && st) {
        if (gt_chaos_parse(rig.chaos, &cf, &why) != GT_OK) {
            abort();
        }

        st = gt_chaos_stream(st, &cf);
    }

    return st;
}


__attribute__((unused)) static void
rig_end_open(rig_end_t *e, int fd)
{
    e->fd = fd;
    e->p = malloc(RIG_TEXT);
    e->n = 0;
    e->eof = e->reset = false;
}


__attribute__((unused)) static void
rig_held_cancel(gt_op_t *op)
{
    (void) op;
    rig.held = NULL;
}


void
gt_route_open(gt_session_t *ss, const gt_target_t *to, gt_op_t *op)
{
    int          fd[2];
    gt_stream_t *st;

    (void) ss;
    gt_str_copy(rig.host, sizeof(rig.host), to->host);
    rig.port = to->port;

    if (rig.hold) {
        rig.held = op;
        rig.dials++;
        gt_op_start(op, &rig, rig_held_cancel);
        return;
    }

    if (rig.refuse != GT_E_NONE || rig.dials == RIG_DIALS
        || rig_pair(fd) != 0) {
        rig.dials++;
        gt_op_post(&rig.loop, op, NULL, rig.refuse);
        return;
    }

    rig_end_open(&rig.origin[rig.dials++], fd[1]);
    st = rig_stream(fd[0]);
    gt_op_post(&rig.loop, op, st, st ? GT_E_NONE : GT_E_NOMEM);
}


bool
gt_auth_check(const gt_auth_t *a, gt_str_t user, gt_str_t password)
{
    (void) a;

    return gt_str_eq(user, GT_STR("u")) && gt_str_eq(password, GT_STR("p"));
}


__attribute__((unused)) static void
rig_session_end(gt_session_t *ss, gt_err_t why)
{
    (void) ss;
    GT_ASSERT(!rig.ended);
    rig.ended = true;
    rig.why = why;
}


__attribute__((unused)) static void
rig_relayed(gt_op_t *op, gt_stream_t *st, gt_err_t err)
{
    (void) op;
    (void) st;
    rig_session_end(&rig.ss, err);
}


__attribute__((unused)) static void
rig_tunnel(gt_session_t *ss, gt_stream_t *a, gt_stream_t *b, uint64_t idle_ms)
{
    gt_relay_conf_t cf = { .idle_ms = idle_ms };

    rig.tunnel = true;
    rig.idle_ms = idle_ms;
    ss->relay.done = rig_relayed;
    ss->relay.owner = &rig;
    gt_relay(a, b, &cf, &ss->relay);
}


static const gt_session_ops_t rig_ops = { rig_tunnel, rig_session_end };

/* --- the loop --- */

__attribute__((unused)) static uint64_t
rig_clock(gt_loop_t *loop)
{
    (void) loop;

    return rig.now;
}


__attribute__((unused)) static void
rig_take(rig_end_t *e)
{
    ssize_t n;

    while (e->fd >= 0 && e->p && !e->eof && e->n < RIG_TEXT - 1) {
        n = recv(e->fd, e->p + e->n, RIG_TEXT - 1 - e->n, 0);

        if (n < 0) {
            if (errno != EAGAIN) {
                e->eof = e->reset = true;
            }

            break;
        }

        e->eof = n == 0;
        e->n += (size_t) n;
    }

    if (e->p) {
        e->p[e->n] = '\0';
    }
}


__attribute__((unused)) static void
rig_round(void)
{
    int i;

    gt_loop_round(&rig.loop, 0);
    rig_take(&rig.client);

    for (i = 0; i < rig.dials && i < RIG_DIALS; i++) {
        rig_take(&rig.origin[i]);
    }
}


__attribute__((unused)) static void
rig_settle(void)
{
    int i;

    for (i = 0; i < 200; i++) {
        rig_round();
    }
}


__attribute__((unused)) static void
rig_advance(uint64_t ms)
{
    rig.now += ms;
    rig_settle();
}

#endif
