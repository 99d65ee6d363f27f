/*
 * t/unit/proxy/talk.h: one case with the rig: opens it, talks, waits, closes.
 * Every wait is a bounded number of rounds of the loop.
 */

#ifndef T_UNIT_PROXY_TALK_H
#define T_UNIT_PROXY_TALK_H

#include "core/mem.h"

#include "proxy/rig.h"


/* --- one case --- */

__attribute__((unused)) static void
rig_option(const char *key, const char *value)
{
    gt_cnode_t map = { .kind = GT_NODE_MAP };
    gt_cnode_t v = { .kind = GT_NODE_SCALAR, .key = key, .text = value };
    gt_diag_t *d = gt_diag_new();

    map.first = map.last = &v;
    (void) gt_opt_apply(rig.module->opts, rig.conf, &map, d, NULL, NULL);
    GT_ASSERT(gt_diag_errors(d) == 0);
    gt_diag_free(d);
}


__attribute__((unused)) static void
rig_open(const char *key, const char *value)
{
    int         fd[2];
    const char *why = NULL, *chaos = rig.chaos;

    const gt_handler_ops_t *ops;

    memset(&rig, 0, sizeof(rig));
    rig.chaos = chaos;
    rig.now = 1000000;

    GT_ASSERT(gt_loop_init(&rig.loop) == GT_OK);
    rig.loop.clock = rig_clock;
    rig.loop.now = rig.now;

    rig.module = &gt_http_handler_module;
    rig.conf = gt_calloc(rig.module->conf_size);
    gt_opt_defaults(rig.module->opts, rig.conf);
    rig_option("proxyAgent", "gost/3.0");

    if (key) {
        rig_option(key, value);
    }

    GT_ASSERT(rig.module->check(rig.conf, &why) == GT_OK);
    GT_ASSERT(rig.module->start(&rig.loop, rig.conf) == GT_OK);

    rig.ss.ops = &rig_ops;
    rig.ss.loop = &rig.loop;
    rig.ss.in = &rig.in;
    rig.ss.out = &rig.out;
    rig.ss.service = "service-0";

    GT_ASSERT(rig_pair(fd) == 0);
    rig_end_open(&rig.client, fd[1]);

    ops = rig.module->ops;
    GT_ASSERT(ops->handle(rig.conf, &rig.ss, rig_stream(fd[0])) == GT_OK);
}


__attribute__((unused)) static void
rig_end_close(rig_end_t *e)
{
    if (e->p) {
        if (e->fd >= 0) {
            close(e->fd);
        }

        free(e->p);
    }

    e->p = NULL;
    e->fd = -1;
}


/* closes the test's ends: everything else must follow */

__attribute__((unused)) static void
rig_close(const char *name)
{
    int i, closed;

    rig_end_close(&rig.client);

    /* what hangs up may be dialed again */
    for (i = closed = 0; i < 3; i++) {
        for (; closed < rig.dials && closed < RIG_DIALS; closed++) {
            rig_end_close(&rig.origin[closed]);
        }

        rig_settle();

        if (i == 1 && !rig.ended && rig.ss.abort) {
            rig.ss.abort(&rig.ss, GT_E_CANCEL);
        }
    }

    gt_op_cancel(&rig.ss.relay);
    gt_linger_close_all();
    rig.module->stop(&rig.loop, rig.conf);
    gt_loop_round(&rig.loop, 0);

    ok(gt_stream_live() == 0 && gt_op_live() == 0 && gt_slab_live() == 0,
       "%s: nothing is left (%u streams, %u ops, %u slabs)", name,
       gt_stream_live(), gt_op_live(), gt_slab_live());

    gt_free(rig.ss.user);
    gt_free(rig.ss.target);
    gt_free(rig.conf);
    gt_loop_free(&rig.loop);
}


/* --- talking --- */

__attribute__((unused)) static void
rig_sayn(rig_end_t *e, const char *p, size_t len)
{
    ssize_t n;

    while (len > 0) {
        n = send(e->fd, p, len, MSG_NOSIGNAL);

        if (n > 0) {
            p += n;
            len -= (size_t) n;
        } else if (errno != EAGAIN) {
            return;
        }

        rig_round();
    }
}


__attribute__((unused)) static void
rig_say(rig_end_t *e, const char *text)
{
    rig_sayn(e, text, strlen(text));
}


/* one byte a round */

__attribute__((unused)) static void
rig_drip(rig_end_t *e, const char *text)
{
    for (; *text != '\0'; text++) {
        rig_sayn(e, text, 1);
    }
}


/* waits until the end has got as many bytes as text has, and compares */

__attribute__((unused)) static bool
rig_gets(rig_end_t *e, const char *text, const char *name)
{
    int    i;
    bool   good;
    size_t n = strlen(text);

    for (i = 0; i < RIG_ROUNDS && e->n < n && !e->eof; i++) {
        rig_round();
    }

    good = ok(e->n >= n && memcmp(e->p, text, n) == 0, "%s", name);

    if (!good) {
        printf("# got %zu bytes: %.*s\n", e->n, (int) gt_min(e->n, 400), e->p);
        n = e->n;
    }

    memmove(e->p, e->p + n, e->n - n + 1);
    e->n -= n;

    return good;
}


/* the end sees a FIN and nothing before it */

__attribute__((unused)) static void
rig_fin(rig_end_t *e, const char *name)
{
    int i;

    for (i = 0; i < RIG_ROUNDS && !e->eof; i++) {
        rig_round();
    }

    if (!ok(e->eof && !e->reset && e->n == 0, "%s: FIN", name)) {
        printf("# eof %d reset %d, %zu bytes: %s\n", e->eof, e->reset, e->n,
               e->p);
    }
}


__attribute__((unused)) static void
rig_quiet(rig_end_t *e, const char *name)
{
    rig_settle();
    ok(!e->eof && e->n == 0, "%s: silence", name);
}


/* the proxy has dialed so many times */

__attribute__((unused)) static void
rig_dialed(int n, const char *name)
{
    int i;

    for (i = 0; i < RIG_ROUNDS && rig.dials < n; i++) {
        rig_round();
    }

    is_int(rig.dials, n, name);
}


__attribute__((unused)) static bool
rig_done(void)
{
    int i;

    for (i = 0; i < RIG_ROUNDS && !rig.ended; i++) {
        rig_round();
    }

    return rig.ended;
}

#endif
