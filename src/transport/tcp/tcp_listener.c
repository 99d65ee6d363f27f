/*
 * transport/tcp/tcp_listener.c: accepts TCP connections.
 *
 * The sockets of a worker's slot (tcp_bind.c) are watched, level-triggered,
 * and accepted from in batches; a batch is one connection while they come one
 * by one, and grows while the queue is not empty from one round to the next.
 *
 *   watching -> paused (no descriptors, or the service said not now)
 *            -> watching (the timer, or resume) -> stopped
 */

#include "transport/tcp/tcp_listener.h"

#include "core/log.h"
#include "core/mem.h"
#include "core/stat.h"
#include "net/tcp.h"
#include "os/sock.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    TCPL_BATCH = 64,      /* connections a turn */
    TCPL_DRAIN = 8192,    /* at the stop: more than a backlog holds */
    TCPL_PAUSE_MIN = 100, /* ms without accepting when descriptors run out */
    TCPL_PAUSE_MAX = 1000,
    TCPL_WELL_MS = 10000 /* without a pause: the next one is news again */
};

typedef struct tcpl tcpl_t;

typedef struct {
    gt_event_t ev; /* fd: the service's */
    tcpl_t    *l;
    uint64_t   round; /* in which it last had something */
    int        batch;
} tcpl_slot_t;

struct tcpl {
    gt_listener_t *ls; /* the service's */
    gt_timer_t     timer;
    gt_reap_t      reap;
    uint64_t       pause; /* ms, of the next one */
    bool           paused, stopped;
    uint64_t       failed; /* loop->now of the last pause */
    bool           said;   /* that it pauses: once until it went well again */
    bool           any;    /* bound to every address: local ones differ */
    int            n;
    tcpl_slot_t    slots[];
};


static void
tcpl_unwatch(tcpl_t *l)
{
    int i;

    for (i = 0; i < l->n; i++) {
        if (l->slots[i].ev.handler) {
            gt_event_del(l->ls->loop, &l->slots[i].ev);
            l->slots[i].ev.handler = NULL;
        }
    }
}


static void tcpl_event(gt_event_t *ev, uint32_t events);


static int
tcpl_watch(tcpl_t *l)
{
    int i;

    for (i = 0; i < l->n; i++) {
        l->slots[i].ev.handler = tcpl_event;

        if (gt_event_add(l->ls->loop, &l->slots[i].ev, EPOLLIN) != GT_OK) {
            l->slots[i].ev.handler = NULL;
            tcpl_unwatch(l);
            return GT_ERROR;
        }
    }

    return GT_OK;
}


static void tcpl_retry(gt_timer_t *timer);


/* descriptors or memory have run out: others need time to give some back */

static void
tcpl_pause(tcpl_t *l, int eno)
{
    gt_listener_t *ls = l->ls;

    if (!l->said) {
        gt_error("service %s: accept: %s: pausing", ls->service, strerror(eno));
        l->said = true;
    }

    if (ls->paused) {
        gt_stat_add(ls->paused, 1);
    }

    tcpl_unwatch(l);
    l->paused = true;
    l->failed = ls->loop->now;
    gt_timer_set(ls->loop, &l->timer, l->pause, tcpl_retry);
    l->pause = gt_min(l->pause * 2, (uint64_t) TCPL_PAUSE_MAX);
}


static void
tcpl_retry(gt_timer_t *timer)
{
    tcpl_t *l = gt_container_of(timer, tcpl_t, timer);

    l->paused = false;

    if (tcpl_watch(l) != GT_OK) {
        tcpl_pause(l, errno);
    }
}


static void
tcpl_resume(gt_listener_t *ls)
{
    tcpl_t *l = ls->impl;

    if (l && l->paused && !l->timer.set) {
        tcpl_retry(&l->timer);
    }
}


/* accept() has failed: GT_OK: try the next one */

static int
tcpl_failed(tcpl_t *l, int eno)
{
    switch (eno) {
    case EAGAIN: return GT_AGAIN;

    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM: tcpl_pause(l, eno); return GT_DONE;

    case EBADF:
    case EINVAL:
    case ENOTSOCK:
        gt_log_alert("service %s: accept: %s", l->ls->service, strerror(eno));
        tcpl_unwatch(l);
        return GT_DONE;

    default: /* that connection's own trouble */ return GT_OK;
    }
}


/* c as a stream, the service's; GT_ERROR: no memory */

static int
tcpl_hand_on(tcpl_t *l, int c, gt_meta_t *meta)
{
    gt_stream_t       *st;
    gt_listener_t     *ls = l->ls;
    const tcpl_conf_t *cf = ls->conf;

    st = gt_tcp_stream(ls->loop, c);
    if (st) {
        st = gt_tcp_dress(&cf->chaos, st);
    }

    if (!st) {
        return GT_ERROR;
    }

    l->said &= ls->loop->now - l->failed < TCPL_WELL_MS;
    l->pause = TCPL_PAUSE_MIN;

    meta->local.len = 0;
    if (!l->any) {
        meta->local = ls->local;
    }

    ls->accept(ls, st, meta);

    return GT_OK;
}


/* GT_OK: go on; GT_AGAIN: nobody waits; GT_DONE: no more for now */

static int
tcpl_accept(tcpl_t *l, int fd)
{
    int                     c, rc;
    gt_meta_t               meta;
    socklen_t               len = sizeof(struct sockaddr_storage);
    gt_listener_t          *ls = l->ls;
    struct sockaddr_storage ss;

    c = gt_sock_accept(fd, (struct sockaddr *) &ss, &len);
    if (c < 0) {
        return tcpl_failed(l, errno);
    }

    rc = ls->admit ? ls->admit(ls) : GT_OK;
    if (rc == GT_ERROR) {
        (void) close(c);
        return GT_OK;
    }

    if (rc == GT_AGAIN) {
        tcpl_unwatch(l);
        l->paused = true;
    }

    gt_addr_set(&meta.remote, (struct sockaddr *) &ss, len);

    if (tcpl_hand_on(l, c, &meta) != GT_OK) {
        tcpl_pause(l, ENOMEM);
        return GT_DONE;
    }

    return rc == GT_AGAIN ? GT_DONE : GT_OK;
}


static void
tcpl_event(gt_event_t *ev, uint32_t events)
{
    int          i, rc = GT_OK;
    tcpl_slot_t *s = gt_container_of(ev, tcpl_slot_t, ev);
    tcpl_t      *l = s->l;
    uint64_t     round = l->ls->loop->rounds;

    (void) events;

    s->batch = round == s->round + 1 ? gt_min(s->batch * 2 + 1, TCPL_BATCH) : 1;
    s->round = round;

    GT_ASSERT(s->batch > 0);

    for (i = 0; i < s->batch && rc == GT_OK && !l->stopped; i++) {
        rc = tcpl_accept(l, ev->fd);
    }
}


static bool
tcpl_is_any(const gt_addr_t *a)
{
    return a->sa.sa_family == AF_INET6
               ? IN6_IS_ADDR_UNSPECIFIED(&a->in6.sin6_addr)
               : a->in.sin_addr.s_addr == htonl(INADDR_ANY);
}


static void
tcpl_reap(gt_reap_t *reap)
{
    gt_free(gt_container_of(reap, tcpl_t, reap));
}


static int
tcpl_start(gt_listener_t *ls)
{
    int     i, n = 0;
    tcpl_t *l;

    GT_ASSERT(!ls->impl && ls->slot < ls->n_workers);

    for (i = ls->slot; i < ls->n_slots; i += ls->n_workers) {
        n++;
    }

    l = gt_calloc(sizeof(tcpl_t) + (size_t) n * sizeof(tcpl_slot_t));
    if (!l) {
        gt_error("service %s: no memory", ls->service);
        return GT_ERROR;
    }

    l->ls = ls;
    l->pause = TCPL_PAUSE_MIN;
    l->any = tcpl_is_any(&ls->local);

    for (i = ls->slot; i < ls->n_slots; i += ls->n_workers) {
        if (ls->fds[i] >= 0) {
            l->slots[l->n].ev.fd = ls->fds[i];
            l->slots[l->n].batch = 1;
            l->slots[l->n++].l = l;
        }
    }

    if (tcpl_watch(l) != GT_OK) {
        gt_error("service %s: %s", ls->service, strerror(errno));
        gt_free(l);
        return GT_ERROR;
    }

    ls->impl = l;

    return GT_OK;
}


static void
tcpl_stop(gt_listener_t *ls, bool drain)
{
    int     i, n, rc = GT_OK;
    tcpl_t *l = ls->impl;

    if (!l) {
        return;
    }

    for (i = 0; drain && i < l->n && rc != GT_DONE; i++) {
        for (n = 0, rc = GT_OK; n < TCPL_DRAIN && rc == GT_OK; n++) {
            rc = tcpl_accept(l, l->slots[i].ev.fd);
        }
    }

    tcpl_unwatch(l);
    gt_timer_del(ls->loop, &l->timer);
    l->stopped = true;
    ls->impl = NULL;
    gt_reap(ls->loop, &l->reap, tcpl_reap);
}


/* clang-format off */
static const gt_opt_t tcpl_opts[] = {
    { "reuseport", gt_opt_bool, offsetof(tcpl_conf_t, reuseport), "false",
      "taken and always on: each worker has a socket of its own" },
    { "backlog", gt_opt_int, offsetof(tcpl_conf_t, backlog), "0",
      "connections that may wait; 0: as many as the kernel allows" },
    { "keepalive", gt_opt_bool, offsetof(tcpl_conf_t, keepalive), "false",
      "probe as below, not every 15s" },
    { "keepalive.idle", gt_opt_msec, offsetof(tcpl_conf_t, idle), "15s",
      "silence before the first probe" },
    { "keepalive.interval", gt_opt_msec, offsetof(tcpl_conf_t, interval), "15s",
      "between probes" },
    { "keepalive.count", gt_opt_int, offsetof(tcpl_conf_t, count), "9",
      "probes without an answer" },
    GT_TCP_OPT_CHAOS(tcpl_conf_t, chaos)
    { .name = NULL }
};
/* clang-format on */

static const gt_listener_ops_t tcpl_ops = {
    .bind = gt_tcp_bind,
    .start = tcpl_start,
    .stop = tcpl_stop,
    .resume = tcpl_resume,
};

const gt_module_t gt_tcp_listener_module = {
    .kind = GT_LISTENER,
    .name = "tcp",
    .help = "TCP connections",
    .conf_size = sizeof(tcpl_conf_t),
    .opts = tcpl_opts,
    .ops = &tcpl_ops,
};
