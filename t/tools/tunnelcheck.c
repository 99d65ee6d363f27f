/*
 * tunnelcheck: drives tunnels through a proxy to an origin of its own, and
 * checks every byte, every end and every order of both.
 *
 *   tunnelcheck -m MODE [-x HOST:PORT] [-a USER:PASS] [-n BYTES] [-c TUNNELS]
 *               [-p AT_ONCE] [-T SECONDS] [-b SNDBUF] [-E] [-u]
 *
 *   -x  the proxy to CONNECT through; absent: straight to the origin
 *   -n  bytes a direction (default 1000)       -c  tunnels in all (default 1)
 *   -p  of them at once (default all)          -T  give up after (default 60)
 *   -E  the first bytes go into the segment of the CONNECT
 *   -u  new tunnels until standard input ends; -c is then how many at once
 *
 * The modes, where "up" is from the client to the origin:
 *
 *   echo              the client sends, the origin sends it back
 *   up, down, both    one way, the other, both at the same time
 *   halfclose-client  the client ends its half, the origin answers after that
 *   halfclose-server  the other way round
 *   reset-client      the client resets; it has to arrive as a reset
 *   reset-server      the other way round
 *   slow-reader       the client does not read until the origin is stuck
 *   slow-reader-up    the other way round
 *   slow-writer       the client sends a little at a time
 *   hold              short echoes every 50 ms until standard input ends
 *
 * "ready" is printed when the first -c tunnels stand (hold), and at the end
 * one line of JSON; the exit status is 1 if there was an error.
 */

#include "bytes.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    CHUNK = 128 * 1024, /* bytes a call */
    TURN = 8 * CHUNK,   /* bytes an event, so that all get their turn */
    HELLO = 8,          /* what a client says first: "TCK\n", its number */
    PING = 64,
    PING_MS = 50,
    STUCK_MS = 150, /* a sender without progress is stuck */
    SLOW_STEPS = 400
};

typedef struct tunnel tunnel_t;

typedef struct {
    tunnel_t *t; /* NULL for an accepted end that has not said who it is */
    int       fd;
    bool      up, shut, eof, rst; /* connected; what we did; what we saw */
    bool      deaf;               /* reads nothing for now */
    bool      gone;               /* closed by us */
    uint64_t  rx, tx;             /* payload so far */
    uint64_t  may;                /* payload it may have sent by now */
    uint64_t  step;               /* bytes a read; 0: all there is */
    uint64_t  rx_seed, tx_seed;
    uint8_t   pre[2048]; /* a head being read, or what is to be sent first */
    size_t    pre_n, pre_sent;
    uint32_t  events;
    double    moved; /* when it last sent something */
} end_t;

struct tunnel {
    end_t    c, o; /* client, origin */
    uint32_t number;
    bool     used, head_done, head_sent, finished, stands;
    double   next;       /* the next step of a slow one */
    uint64_t allowed;    /* bytes that a slow writer may have sent */
    char     head[2048]; /* the answer to the CONNECT */
    size_t   head_n;
};

/* when an end may be seen */
typedef enum {
    END_AFTER_SHUT, /* when the client has ended its half, then the origin */
    END_AFTER_ALL,  /* behind all bytes */
    END_RESET_CLIENT,
    END_RESET_SERVER
} end_rule_t;

typedef struct {
    const char *name;
    void (*plan)(tunnel_t *t);
    end_rule_t end;
    bool       timed;
} check_mode_t;

static struct {
    const check_mode_t *mode;
    const char         *auth;
    struct sockaddr_in  proxy, origin;
    bool                direct, early, until_eof, stop;
    uint64_t            n;
    unsigned            count, parallel, timeout;
    int                 sndbuf, ep, listener;
    unsigned            started, ok, errors, running, standing;
    uint64_t            bytes, stuck_at;
    double              at; /* now */
    char                first[256];
    tunnel_t           *tunnels;
    bool                ready;
} cf = { .n = 1000, .count = 1, .timeout = 60 };

static uint8_t chunk[CHUNK], expected[CHUNK + 16];

static void
die(const char *what)
{
    fprintf(stderr, "tunnelcheck: %s: %s\n", what, strerror(errno));
    exit(2);
}


/* --- ends --- */

static void
end_watch(end_t *e)
{
    struct epoll_event ev;
    uint32_t           want = 0;

    if (e->fd < 0) {
        return;
    }

    if (!e->eof && !e->deaf) {
        want |= EPOLLIN;
    }

    if (!e->up || e->pre_sent < e->pre_n
        || (e->t != NULL && !e->shut && e->tx < e->may))
    {
        want |= EPOLLOUT;
    }

    if (want == e->events) {
        return;
    }

    ev.events = want;
    ev.data.ptr = e;
    e->events = want;

    if (epoll_ctl(cf.ep, EPOLL_CTL_MOD, e->fd, &ev) == -1) {
        die("epoll_ctl");
    }
}


static void
end_open(end_t *e, int fd)
{
    int                one = 1;
    struct epoll_event ev = { .events = EPOLLIN, .data.ptr = e };

    e->fd = fd;
    e->events = EPOLLIN;
    e->moved = now();
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));

    if (cf.sndbuf) {
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &cf.sndbuf, sizeof(cf.sndbuf));
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &cf.sndbuf, sizeof(cf.sndbuf));
    }

    if (epoll_ctl(cf.ep, EPOLL_CTL_ADD, fd, &ev) == -1) {
        die("epoll_ctl");
    }
}


static void
end_close(end_t *e, bool reset)
{
    struct linger hard = { 1, 0 };

    if (e->fd < 0) {
        return;
    }

    if (reset) {
        setsockopt(e->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
    }

    close(e->fd);
    e->fd = -1;
    e->gone = true;
}


static void
end_shutdown(end_t *e)
{
    if (e->fd >= 0 && !e->shut && e->pre_sent == e->pre_n) {
        shutdown(e->fd, SHUT_WR);
        e->shut = true;
    }
}


/* --- tunnels --- */

static void
tunnel_end(tunnel_t *t)
{
    cf.bytes += t->c.rx + t->o.rx;
    end_close(&t->c, false);
    end_close(&t->o, false);
    t->finished = true;
    cf.running--;
}


static void __attribute__((format(printf, 2, 3)))
tunnel_fail(tunnel_t *t, const char *fmt, ...)
{
    int     n;
    va_list ap;

    if (t->finished) {
        return;
    }

    if (cf.errors++ == 0) {
        n = snprintf(cf.first, sizeof(cf.first), "tunnel %u: ", t->number);
        va_start(ap, fmt);
        vsnprintf(cf.first + n, sizeof(cf.first) - (size_t) n, fmt, ap);
        va_end(ap);
    }

    tunnel_end(t);
}


static void
tunnel_ok(tunnel_t *t)
{
    cf.ok++;
    tunnel_end(t);
}


/* what the client says: the CONNECT, then its number */

static void
client_speak(tunnel_t *t)
{
    char *p = (char *) t->c.pre;
    char  to[32];
    int   n = 0;

    if (!cf.direct && !t->head_sent) {
        snprintf(to, sizeof(to), "127.0.0.1:%d", ntohs(cf.origin.sin_port));
        n = snprintf(p, sizeof(t->c.pre),
                     "CONNECT %s HTTP/1.1\r\nHost: %s\r\n%s%s%s\r\n", to, to,
                     cf.auth ? "Proxy-Authorization: Basic " : "",
                     cf.auth ? cf.auth : "", cf.auth ? "\r\n" : "");
        t->head_sent = true;
    }

    if (cf.direct || cf.early || t->head_done) {
        memcpy(p + n, "TCK\n", 4);
        memcpy(p + n + 4, &t->number, 4);
        n += HELLO;
    }

    t->c.pre_n = (size_t) n;
    t->c.pre_sent = 0;
}


static void
tunnel_start(tunnel_t *t)
{
    int                       fd;
    const struct sockaddr_in *to = cf.direct ? &cf.origin : &cf.proxy;

    memset(t, 0, sizeof(*t));
    t->used = true;
    t->number = cf.started++;
    t->c.t = t->o.t = t;
    t->c.fd = t->o.fd = -1;
    t->c.tx_seed = t->o.rx_seed = 2 * (uint64_t) t->number * 0x10001 + 1;
    t->c.rx_seed = t->o.tx_seed = t->c.tx_seed + 1;
    t->head_done = cf.direct;
    t->next = now();
    cf.running++;

    fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd == -1) {
        die("socket");
    }

    end_open(&t->c, fd);
    client_speak(t);

    if (connect(fd, (const struct sockaddr *) to, sizeof(*to)) == -1
        && errno != EINPROGRESS)
    {
        tunnel_fail(t, "connect: %s", strerror(errno));
        return;
    }

    end_watch(&t->c);
}


#include "tunnelcheck_plans.h"

/* what each mode does, which ends may come while bytes are still awaited, and
   whether time drives it */

static const check_mode_t modes[] = {
    { "echo", plan_echo_all, END_AFTER_SHUT, false },
    { "hold", plan_hold, END_AFTER_SHUT, true },
    { "up", plan_up_once, END_AFTER_SHUT, false },
    { "slow-writer", plan_slow_writer, END_AFTER_SHUT, true },
    { "down", plan_down, END_AFTER_ALL, false },
    { "both", plan_both, END_AFTER_ALL, false },
    { "halfclose-client", plan_half_close_client, END_AFTER_ALL, false },
    { "halfclose-server", plan_half_close_server, END_AFTER_ALL, false },
    { "reset-client", plan_reset_client, END_RESET_CLIENT, false },
    { "reset-server", plan_reset_server, END_RESET_SERVER, false },
    { "slow-reader", plan_slow_down, END_AFTER_ALL, true },
    { "slow-reader-up", plan_slow_up, END_AFTER_ALL, true },
};


static void
plan(tunnel_t *t)
{
    if (!t->head_done) {
        return;
    }

    cf.mode->plan(t);

    if (!t->finished) {
        end_watch(&t->c);
        end_watch(&t->o);
    }
}


/* may this end see that just now? */

static bool
end_expected(const end_t *e)
{
    const tunnel_t *t = e->t;
    bool            client = e == &t->c;

    switch (cf.mode->end) {
    case END_AFTER_SHUT: return !e->rst && (client ? t->o.gone : t->c.shut);
    case END_AFTER_ALL: return !e->rst && e->rx == cf.n;
    case END_RESET_CLIENT: return !client && t->c.gone;
    case END_RESET_SERVER: return client && t->o.gone;
    }

    return false;
}


/* --- bytes --- */

static bool
end_payload(end_t *e, const uint8_t *p, size_t n)
{
    if (memcmp(p, pattern(expected, e->rx_seed, e->rx, n), n) != 0) {
        tunnel_fail(e->t, "%s: wrong bytes at %llu",
                    e == &e->t->c ? "client" : "origin",
                    (unsigned long long) e->rx);
        return false;
    }

    e->rx += n;

    return true;
}


/* the answer to the CONNECT; what stands behind it is payload */

static bool
client_head(tunnel_t *t, const uint8_t *p, size_t n)
{
    end_t *c = &t->c;
    char  *end;
    size_t used;

    if (t->head_n + n >= sizeof(t->head)) {
        tunnel_fail(t, "the answer's head is too long");
        return false;
    }

    memcpy(t->head + t->head_n, p, n);
    t->head_n += n;
    t->head[t->head_n] = 0;

    end = strstr(t->head, "\r\n\r\n");
    if (end == NULL) {
        return true;
    }

    used = (size_t) (end - t->head) + 4;

    if (strncmp(t->head, "HTTP/1.1 200 ", 13) != 0) {
        t->head[strcspn(t->head, "\r\n")] = 0;
        tunnel_fail(t, "%.100s", t->head);
        return false;
    }

    t->head_done = true;

    if (!cf.early) {
        client_speak(t);
    }

    return t->head_n == used
           || end_payload(c, (uint8_t *) t->head + used, t->head_n - used);
}


/* the first bytes of an accepted end say whose it is */

static end_t *
origin_hello(end_t *e, const uint8_t *p, size_t n)
{
    unsigned           i;
    uint32_t           number;
    tunnel_t          *t = NULL;
    struct epoll_event ev = { .events = EPOLLIN };
    end_t             *o;
    size_t             left = HELLO - e->pre_n, more;

    more = n > left ? n - left : 0;
    memcpy(e->pre + e->pre_n, p, n - more);
    e->pre_n += n - more;

    if (e->pre_n < HELLO) {
        return NULL;
    }

    memcpy(&number, e->pre + 4, 4);

    for (i = 0; i < cf.parallel; i++) {
        if (cf.tunnels[i].used && !cf.tunnels[i].finished
            && cf.tunnels[i].number == number)
        {
            t = &cf.tunnels[i];
        }
    }

    if (t == NULL || memcmp(e->pre, "TCK\n", 4) != 0 || t->o.fd >= 0) {
        /* one whose client has given up may still come */
        if ((memcmp(e->pre, "TCK\n", 4) != 0 || number >= cf.started
             || (t != NULL && t->o.fd >= 0))
            && cf.errors++ == 0)
        {
            snprintf(cf.first, sizeof(cf.first), "a stranger at the origin");
        }
        close(e->fd);
        free(e);
        return NULL;
    }

    o = &t->o;
    o->fd = e->fd;
    o->up = true;
    o->events = EPOLLIN;
    o->moved = now();
    ev.data.ptr = o;
    free(e);

    if (epoll_ctl(cf.ep, EPOLL_CTL_MOD, o->fd, &ev) == -1) {
        die("epoll_ctl");
    }

    return more == 0 || end_payload(o, p + n - more, more) ? o : NULL;
}


/* false when there is nothing more to do with e now */

static bool
end_read(end_t *e)
{
    ssize_t   n;
    size_t    max, sum = 0;
    tunnel_t *t = e->t;

    while (sum < TURN) {
        max = e->step ? e->step : CHUNK;

        if (t == NULL) {
            max = HELLO - e->pre_n;
        } else if (!t->head_done) {
            max = 1024;
        }

        n = recv(e->fd, chunk, max, 0);

        if (n > 0) {
            sum += (size_t) n;

            if (t == NULL) {
                e = origin_hello(e, chunk, (size_t) n);
                if (e != NULL) {
                    plan(e->t);
                }
                return false;
            }

            if (e == &t->c && !t->head_done) {
                if (!client_head(t, chunk, (size_t) n)) {
                    return false;
                }
                return true;
            }

            if (!end_payload(e, chunk, (size_t) n)) {
                return false;
            }

            if (e->step || (size_t) n < max) {
                return true;
            }

            continue;
        }

        if (n == -1 && (errno == EAGAIN || errno == EINTR)) {
            return true;
        }

        if (t == NULL) {
            close(e->fd);
            free(e);
            return false;
        }

        e->eof = true;
        e->rst = n == -1;

        if (!end_expected(e)) {
            tunnel_fail(t, "%s: %s after %llu bytes, %llu sent",
                        e == &t->c ? "client" : "origin",
                        e->rst ? strerror(errno) : "end",
                        (unsigned long long) e->rx, (unsigned long long) e->tx);
            return false;
        }

        return true;
    }

    return true;
}


static bool
end_write(end_t *e)
{
    int       error = 0;
    size_t    want, sum = 0;
    ssize_t   n;
    socklen_t len = sizeof(error);
    tunnel_t *t = e->t;

    if (!e->up) {
        getsockopt(e->fd, SOL_SOCKET, SO_ERROR, &error, &len);
        if (error) {
            tunnel_fail(t, "connect: %s", strerror(error));
            return false;
        }
        e->up = true;
    }

    while (sum < TURN) {
        if (e->pre_sent < e->pre_n) {
            n = send(e->fd, e->pre + e->pre_sent, e->pre_n - e->pre_sent,
                     MSG_NOSIGNAL);
            if (n > 0) {
                e->pre_sent += (size_t) n;
                continue;
            }
        } else {
            want = e->may - e->tx < CHUNK ? (size_t) (e->may - e->tx) : CHUNK;
            if (want == 0 || e->shut) {
                return true;
            }
            n = send(e->fd, pattern(expected, e->tx_seed, e->tx, want), want,
                     MSG_NOSIGNAL);
            if (n > 0) {
                e->tx += (size_t) n;
                sum += (size_t) n;
                e->moved = now();
                continue;
            }
        }

        if (errno == EAGAIN || errno == EINTR) {
            return true;
        }

        tunnel_fail(t, "%s: send: %s", e == &t->c ? "client" : "origin",
                    strerror(errno));
        return false;
    }

    return true;
}


/* --- the whole --- */

static void
origin_accept(void)
{
    int    fd;
    end_t *e;

    for (;;) {
        fd = accept4(cf.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd == -1) {
            return;
        }

        e = calloc(1, sizeof(*e));
        if (e == NULL) {
            die("calloc");
        }

        e->up = true;
        end_open(e, fd);
    }
}


static void
standing(void)
{
    if (!cf.ready && cf.standing >= cf.count) {
        cf.ready = true;
        puts("ready");
        fflush(stdout);
    }
}


/* does the end of standard input end it? */

static bool
until_told(void)
{
    return cf.until_eof || cf.mode->plan == plan_hold;
}


static bool
over(void)
{
    if (until_told()) {
        return cf.stop && cf.running == 0;
    }

    return cf.running == 0 && cf.started >= cf.count;
}


static void
fill(void)
{
    unsigned i;
    bool     more;

    for (i = 0; i < cf.parallel; i++) {
        more = cf.until_eof ? !cf.stop : cf.started < cf.count;

        if (more && (!cf.tunnels[i].used || cf.tunnels[i].finished)) {
            tunnel_start(&cf.tunnels[i]);
        }
    }
}


static void
turn(bool slow)
{
    int                i, n;
    unsigned           k;
    end_t             *e;
    char               c;
    tunnel_t          *t;
    struct epoll_event evs[256];

    n = epoll_wait(cf.ep, evs, 256, slow ? 2 : 100);

    for (i = 0; i < n; i++) {
        e = evs[i].data.ptr;

        if ((void *) e == (void *) &cf.listener) {
            origin_accept();
            continue;
        }

        if ((void *) e == (void *) &cf.stop) {
            if (read(0, &c, 1) <= 0) {
                cf.stop = true;
                epoll_ctl(cf.ep, EPOLL_CTL_DEL, 0, NULL);
            }
            continue;
        }

        t = e->t;
        if (e->fd < 0 || (t != NULL && t->finished)) {
            continue;
        }

        if (evs[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)
            && (t == NULL || (!e->deaf && (t->c.up || e != &t->c))) && !e->eof)
        {
            if (!end_read(e)) {
                continue;
            }
        }

        if (t == NULL) {
            continue;
        }

        if (evs[i].events & (EPOLLOUT | EPOLLERR) && e->fd >= 0 && !e->rst
            && !end_write(e))
        {
            continue;
        }

        end_watch(e);
        plan(t);
    }

    for (k = 0; slow && k < cf.parallel; k++) {
        t = &cf.tunnels[k];
        if (t->used && !t->finished) {
            plan(t);
        }
    }
}


static void
run(void)
{
    double   end = now() + cf.timeout;
    unsigned i;

    cf.at = now();

    while (!over()) {
        fill();
        turn(cf.mode->timed);
        standing();
        cf.at = now();

        if (cf.at > end) {
            for (i = 0; i < cf.parallel; i++) {
                tunnel_t *t = &cf.tunnels[i];

                if (t->used && !t->finished) {
                    tunnel_fail(t,
                                "no end in time: head %d, client %llu in %llu "
                                "out%s, origin %llu in %llu out%s",
                                t->head_done, (unsigned long long) t->c.rx,
                                (unsigned long long) t->c.tx,
                                t->c.eof ? " eof" : "",
                                (unsigned long long) t->o.rx,
                                (unsigned long long) t->o.tx,
                                t->o.eof ? " eof" : "");
                }
            }
            cf.stop = true;
            return;
        }
    }
}


static void
set_up(void)
{
    struct rlimit      rl;
    socklen_t          len = sizeof(cf.origin);
    struct epoll_event ev = { .events = EPOLLIN };

    if (getrlimit(RLIMIT_NOFILE, &rl) == 0) {
        rl.rlim_cur = rl.rlim_max;
        setrlimit(RLIMIT_NOFILE, &rl);
    }

    cf.ep = epoll_create1(EPOLL_CLOEXEC);
    cf.listener =
        socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    cf.origin.sin_family = AF_INET;
    cf.origin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    if (bind(cf.listener, (struct sockaddr *) &cf.origin, len) == -1
        || listen(cf.listener, 4096) == -1
        || getsockname(cf.listener, (struct sockaddr *) &cf.origin, &len) == -1)
    {
        die("origin");
    }

    ev.data.ptr = &cf.listener;
    epoll_ctl(cf.ep, EPOLL_CTL_ADD, cf.listener, &ev);

    if (until_told()) {
        ev.data.ptr = &cf.stop;
        if (epoll_ctl(cf.ep, EPOLL_CTL_ADD, 0, &ev) == -1) {
            die("standard input");
        }
    }

    if (cf.parallel == 0 || cf.parallel > cf.count) {
        cf.parallel = cf.count;
    }

    cf.tunnels = calloc(cf.parallel, sizeof(tunnel_t));
    if (cf.tunnels == NULL) {
        die("calloc");
    }
}


static void
proxy_parse(char *text)
{
    char *colon = strrchr(text, ':');

    if (colon == NULL) {
        errno = EINVAL;
        die(text);
    }

    *colon = 0;
    cf.proxy.sin_family = AF_INET;
    cf.proxy.sin_port = htons((uint16_t) strtoul(colon + 1, NULL, 10));

    if (inet_pton(AF_INET, text, &cf.proxy.sin_addr) != 1) {
        errno = EINVAL;
        die(text);
    }

    cf.direct = false;
}


static bool
option(int letter, char *text)
{
    size_t             i;
    unsigned long long n = text ? strtoull(text, NULL, 10) : 0;

    switch (letter) {
    case 'x': proxy_parse(text); return true;
    case 'a': cf.auth = base64(text); return cf.auth != NULL;
    case 'n': cf.n = n; return true;
    case 'c': cf.count = (unsigned) n; return true;
    case 'p': cf.parallel = (unsigned) n; return true;
    case 'T': cf.timeout = (unsigned) n; return true;
    case 'b': cf.sndbuf = (int) n; return true;
    case 'E': cf.early = true; return true;
    case 'u': cf.until_eof = true; return true;
    default: break;
    }

    for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (strcmp(text, modes[i].name) == 0) {
            cf.mode = &modes[i];
            return true;
        }
    }

    return false;
}


int
main(int argc, char **argv)
{
    int    opt;
    double began;

    cf.direct = true;
    cf.mode = &modes[0];

    while ((opt = getopt(argc, argv, "m:x:a:n:c:p:T:b:Eu")) != -1) {
        if (opt == '?' || !option(opt, optarg)) {
            fprintf(stderr, "usage: tunnelcheck -m MODE [-x HOST:PORT] ...\n");
            return 2;
        }
    }

    set_up();
    began = now();
    run();

    printf("{\"mode\":\"%s\",\"tunnels\":%u,\"ok\":%u,\"errors\":%u,"
           "\"bytes\":%llu,\"seconds\":%.3f,\"stuck_at\":%llu,\"first\":\"",
           cf.mode->name, cf.started, cf.ok, cf.errors,
           (unsigned long long) cf.bytes, now() - began,
           (unsigned long long) cf.stuck_at);
    for (opt = 0; cf.first[opt]; opt++) {
        putchar(cf.first[opt] < ' ' || cf.first[opt] == '"'
                        || cf.first[opt] == '\\'
                    ? '?'
                    : cf.first[opt]);
    }
    printf("\"}\n");

    return cf.errors ? 1 : 0;
}
