/*
 * transport/tcp/tcp_listener.c: accepts TCP connections.
 *
 * In the master: one socket for each worker slot, all on one port.  In a
 * worker: the sockets of its slot are watched, level-triggered, and accepted
 * from in batches; a batch is one connection while they come one by one, and
 * grows while the queue is not empty from one round to the next.
 *
 *   watching -> paused (no descriptors, or the service said not now)
 *            -> watching (the timer, or resume) -> stopped
 */

#include "transport/tcp/tcp.h"

#include "core/log.h"
#include "core/mem.h"
#include "core/stat.h"
#include "core/str.h"
#include "module/listener.h"
#include "net/tcp.h"
#include "os/sock.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
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

typedef struct {
    bool           reuseport;      /* what GOST asks for and we always do */
    bool           keepalive;      /* the three below are set */
    uint64_t       idle, interval; /* ms */
    int64_t        count;
    int64_t        backlog;
    gt_tcp_chaos_t chaos;
} tcpl_conf_t;

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


/* --- in the master --- */

/* the address to bind; IPv4 alone unless it begins with ':' or '[' */

static int
tcpl_address(const char *text, gt_addr_t *a, const char **why)
{
    char                    name[GT_HOST_MAX + 1];
    size_t                  n;
    uint16_t                port;
    socklen_t               len;
    const char             *host;
    struct addrinfo         hints = { .ai_family = AF_INET,
                                      .ai_socktype = SOCK_STREAM };
    struct addrinfo        *list;
    struct sockaddr_storage ss;

    if (gt_addr_split(text, strlen(text), &host, &n, &port, why) != GT_OK) {
        return GT_ERROR;
    }

    if (n == 0) {
        len = gt_sock_wildcard(&ss, port);
        gt_addr_set(a, (struct sockaddr *) &ss, len);
        return GT_OK;
    }

    if (gt_addr_literal(a, host, n, port) == GT_OK) {
        return GT_OK;
    }

    (void) gt_str_copy(name, sizeof(name), gt_str_make(host, n));

    if (getaddrinfo(name, NULL, &hints, &list) != 0) {
        *why = "no such host";
        return GT_ERROR;
    }

    gt_addr_set(a, list->ai_addr, list->ai_addrlen);
    gt_addr_set_port(a, port);
    freeaddrinfo(list);

    return GT_OK;
}


static bool
tcpl_is_any(const gt_addr_t *a)
{
    return a->sa.sa_family == AF_INET6
               ? IN6_IS_ADDR_UNSPECIFIED(&a->in6.sin6_addr)
               : a->in.sin_addr.s_addr == htonl(INADDR_ANY);
}


/* where a socket listens */

static void
tcpl_local(int fd, gt_addr_t *a)
{
    socklen_t               len = sizeof(struct sockaddr_storage);
    struct sockaddr_storage ss = { 0 };

    a->len = 0;

    if (getsockname(fd, (struct sockaddr *) &ss, &len) == 0) {
        gt_addr_set(a, (struct sockaddr *) &ss, len);
    }
}


static void
tcpl_int(int fd, int name, int64_t value)
{
    int v = (int) gt_min(value, (int64_t) 32767);

    if (v > 0) {
        (void) setsockopt(fd, IPPROTO_TCP, name, &v, sizeof(v));
    }
}


/* what accepted sockets inherit, so that it costs nothing for each */

static void
tcpl_options(int fd, const tcpl_conf_t *cf)
{
    (void) gt_sock_nodelay(fd, true);
    (void) gt_sock_keepalive(fd, GT_SOCK_KEEPALIVE);

    if (cf->keepalive) {
        tcpl_int(fd, TCP_KEEPIDLE, (int64_t) (cf->idle / 1000));
        tcpl_int(fd, TCP_KEEPINTVL, (int64_t) (cf->interval / 1000));
        tcpl_int(fd, TCP_KEEPCNT, cf->count);
    }
}


/* the first socket that is there; -1 */

static int
tcpl_first(const gt_listener_t *ls)
{
    int i;

    for (i = 0; i < ls->n_slots; i++) {
        if (ls->fds[i] >= 0) {
            return ls->fds[i];
        }
    }

    return -1;
}


static int
tcpl_open(gt_listener_t *ls, const gt_addr_t *want)
{
    int                i, fd;
    gt_addr_t          a = *want;
    const tcpl_conf_t *cf = ls->conf;
    gt_sock_conf_t     sc = { .reuseport = true };

    sc.backlog = (int) gt_min(cf->backlog, (int64_t) INT32_MAX);

    for (i = 0; i < ls->n_workers; i++) {
        if (ls->fds[i] < 0) {
            ls->fds[i] = gt_sock_listen(&a.sa, a.len, &sc);
        }

        if (ls->fds[i] < 0) {
            return GT_ERROR;
        }

        /* port 0: all slots have the port that the first one got */
        if (gt_addr_port(&a) == 0) {
            fd = tcpl_first(ls);
            tcpl_local(fd, &ls->local);
            gt_addr_set_port(&a, gt_addr_port(&ls->local));
        }
    }

    for (i = 0; i < ls->n_slots; i++) {
        if (ls->fds[i] >= 0) {
            tcpl_options(ls->fds[i], cf);
        }
    }

    tcpl_local(ls->fds[0], &ls->local);

    return GT_OK;
}


/* as Go says it */

static int
tcpl_refused(const gt_listener_t *ls, const char *call, const char *reason,
             char *why, size_t size)
{
    (void) gt_snprintf(why, size, "listen tcp %s: %s%c%s", ls->addr, call,
                       gt_lower((unsigned char) reason[0]), reason + 1);

    return GT_ERROR;
}


static int
tcpl_bind(gt_listener_t *ls, char *why, size_t size)
{
    int         fd = tcpl_first(ls);
    gt_addr_t   a;
    const char *reason = "not an address";

    if (tcpl_address(ls->addr, &a, &reason) != GT_OK) {
        return tcpl_refused(ls, "", reason, why, size);
    }

    if (fd >= 0) {
        tcpl_local(fd, &ls->local);
        gt_addr_set_port(&a, gt_addr_port(&ls->local));

    } else if (!ls->shared && gt_sock_probe(&a.sa, a.len, 0) != GT_OK) {
        return tcpl_refused(ls, "bind: ", strerror(errno), why, size);
    }

    if (tcpl_open(ls, &a) != GT_OK) {
        return tcpl_refused(ls, "bind: ", strerror(errno), why, size);
    }

    return GT_OK;
}


/* --- in a worker --- */

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


/* GT_OK: go on; GT_AGAIN: nobody waits; GT_DONE: no more for now */

static int
tcpl_accept(tcpl_t *l, int fd)
{
    int                     c, rc;
    gt_meta_t               meta;
    socklen_t               len = sizeof(struct sockaddr_storage);
    gt_stream_t            *st;
    gt_listener_t          *ls = l->ls;
    const tcpl_conf_t      *cf = ls->conf;
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

    st = gt_tcp_stream(ls->loop, c);
    if (st) {
        st = gt_tcp_dress(&cf->chaos, st);
    }

    if (!st) {
        tcpl_pause(l, ENOMEM);
        return GT_DONE;
    }

    l->said &= ls->loop->now - l->failed < TCPL_WELL_MS;
    l->pause = TCPL_PAUSE_MIN;

    gt_addr_set(&meta.remote, (struct sockaddr *) &ss, len);
    meta.local.len = 0;
    if (!l->any) {
        meta.local = ls->local;
    }

    ls->accept(ls, st, &meta);

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
    .bind = tcpl_bind,
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
