/*
 * Connecting: one address and many, refused, black holes, the order and the
 * delays of happy eyeballs, cancelling at every stage, descriptors and memory
 * that run out.
 */

#include "net/connect.h"

#include "core/buf.h"
#include "core/log.h"
#include "core/mem.h"
#include "net/resolve.h"
#include "net/stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "rig.h"
#include "tap.h"

enum { ROUNDS = 500, HOLE_FILL = 4 };

static char dir[] = "/tmp/gatun-connect-XXXXXX", hosts[64], path[64];


/* ---- the other side */

static int
listen_at(const char *ip, uint16_t *port, int backlog)
{
    int       fd, one = 1;
    gt_addr_t a;

    if (gt_addr_literal(&a, ip, strlen(ip), *port) != GT_OK) {
        abort();
    }

    fd = socket(a.sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    (void) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));

    if (fd < 0 || bind(fd, &a.sa, a.len) < 0 || listen(fd, backlog) < 0
        || getsockname(fd, &a.sa, &a.len) < 0)
    {
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }

    *port = gt_addr_port(&a);

    return fd;
}


/* a listening socket whose queue is full: the kernel drops what comes */

static struct {
    int      fd, fill[HOLE_FILL];
    uint16_t port;
} hole;


static void
hole_open(void)
{
    int                i;
    struct sockaddr_in in = { .sin_family = AF_INET };

    hole.port = 0;
    hole.fd = listen_at("127.0.0.1", &hole.port, 0);
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    in.sin_port = htons(hole.port);

    for (i = 0; i < HOLE_FILL; i++) {
        hole.fill[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void) connect(hole.fill[i], (struct sockaddr *) &in, sizeof(in));
    }
}


static void
hole_close(void)
{
    int i;

    for (i = 0; i < HOLE_FILL; i++) {
        close(hole.fill[i]);
    }

    close(hole.fd);
}


static void
write_hosts(const char *p)
{
    FILE *f = fopen(hosts, "w");

    if (!f || fputs(p, f) < 0 || fclose(f) != 0
        || gt_resolve_hosts(hosts) != GT_OK) {
        abort();
    }
}


/* ---- connecting */

typedef struct {
    gt_op_t      op;
    unsigned     done;
    gt_err_t     err;
    gt_stream_t *st;
} try_t;


static void
try_done(gt_op_t *op, gt_stream_t *st, gt_err_t err)
{
    try_t *t = op->owner;

    t->done++;
    t->err = err;
    t->st = st;
}


static void
try_init(try_t *t)
{
    memset(t, 0, sizeof(*t));
    t->op.done = try_done;
    t->op.owner = t;
}


static void
try_host(try_t *t, const char *host, uint16_t port)
{
    try_init(t);
    gt_connect(&loop, host, strlen(host), port, NULL, &t->op);
    GT_ASSERT(!t->done);
}


static bool
try_settle(const try_t *t)
{
    int i;

    for (i = 0; i < ROUNDS && !t->done; i++) {
        gt_loop_round(&loop, 10);
    }

    return t->done == 1 && (t->st == NULL) == (t->err != GT_E_NONE);
}


static void
try_close(try_t *t)
{
    if (t->st) {
        gt_stream_close(t->st, GT_E_NONE);
        t->st = NULL;
    }

    gt_loop_round(&loop, 0);
}


/* how it ended: the peer's address or the error; closes */

static const char *
try_text(try_t *t)
{
    gt_addr_t   a;
    static char buf[GT_ADDR_TEXT];

    if (!try_settle(t)) {
        return t->done ? "broken" : "pending";
    }

    if (t->err != GT_E_NONE) {
        return gt_err_name(t->err);
    }

    if (gt_stream_query(t->st, GT_Q_REMOTE, &a) != GT_OK) {
        return "no address";
    }

    gt_addr_set_port(&a, 1);
    (void) gt_addr_text(&a, buf, sizeof(buf));
    try_close(t);

    return buf;
}


static const char *
connect_to(const char *host, uint16_t port)
{
    try_t t;

    try_host(&t, host, port);

    return try_text(&t);
}


static int
option(int fd, int level, int name)
{
    int       v = -1;
    socklen_t n = sizeof(v);

    (void) getsockopt(fd, level, name, &v, &n);

    return v;
}


/* ---- tests */

static void
test_one(void)
{
    int      ls, ls6, fd = -1;
    try_t    t;
    uint16_t port = 0;

    ls = listen_at("127.0.0.1", &port, 16);
    is_str(connect_to("127.0.0.1", port), "127.0.0.1:1", "a literal");
    is_str(connect_to("localhost", port), "127.0.0.1:1", "a name");
    is_str(connect_to("", port), "127.0.0.1:1", "this machine");
    is_str(connect_to("no such", port), "dns", "no name");

    try_host(&t, "127.0.0.1", port);
    ok(try_settle(&t), "a stream");
    ok(gt_stream_query(t.st, GT_Q_FD, &fd) == GT_OK, "with a descriptor");
    is_int(option(fd, IPPROTO_TCP, TCP_NODELAY), 1, "TCP_NODELAY");
    is_int(option(fd, SOL_SOCKET, SO_KEEPALIVE), 1, "SO_KEEPALIVE");
    is_int(option(fd, IPPROTO_TCP, TCP_KEEPIDLE), 15, "of 15 s");
    try_close(&t);

    ls6 = listen_at("::1", &port, 16);
    if (ls6 >= 0) {
        is_str(connect_to("localhost", port), "[::1]:1", "IPv6 first");
        is_str(connect_to("::1", port), "[::1]:1", "an IPv6 literal");
        close(ls6);
    } else {
        ok(true, "# SKIP no IPv6 on loopback");
        is_int(errno, EADDRNOTAVAIL, "because there is none");
    }

    close(ls);
    is_str(connect_to("127.0.0.1", port), "refused", "refused");
    is_str(connect_to("localhost", port), "refused", "by both families");
    is_int(gt_op_live(), 0, "no operation is left");
    is_int(gt_stream_live(), 0, "no stream either");
}


static void
test_error(void)
{
    try_t    t;
    uint16_t port = 0;
    int      ls = listen_at("127.0.0.1", &port, 1);

    close(ls);

    /* multicast has no TCP: ENETUNREACH at once, as IPv6 without a route */
    write_hosts("224.0.0.1 none\n224.0.0.2 none\n"
                "224.0.0.1 half\n127.0.0.1 half\n");
    is_str(connect_to("none", port), "unreach", "no way to any address");
    is_str(connect_to("half", port), "refused", "the one that was tried");

    try_init(&t);
    gt_connect(&loop, "127.0.0.1", 9, port,
               &(gt_connect_conf_t){ .interface = "nowhere0" }, &t.op);
    ok(strcmp(try_text(&t), "refused") != 0 && t.err, "no such interface");
}


static void
test_order(void)
{
    int      ls, i;
    try_t    t;
    unsigned fds;

    hole_open();
    ls = listen_at("127.0.0.2", &hole.port, 16);
    fds = count_fds();

    write_hosts("127.0.0.1 hole\n127.0.0.2 hole\n"
                "127.0.0.3 mixed\n127.0.0.1 mixed\n127.0.0.2 mixed\n"
                "127.0.0.1 bad\n127.0.0.3 bad\n"
                "127.0.0.1 all\n127.0.0.1 all\n");

    try_host(&t, "hole", hole.port);
    for (i = 0; i < 5; i++) {
        gt_loop_round(&loop, 1);
    }
    is_int(t.done, 0, "a black hole does not answer");
    is_int(count_fds(), fds + 1, "the next address waits for its turn");
    forward(GT_CONNECT_DELAY);
    is_str(try_text(&t), "127.0.0.2:1", "then it wins");
    is_int(count_fds(), fds, "the loser is closed");

    try_host(&t, "mixed", hole.port);
    for (i = 0; i < 5; i++) {
        gt_loop_round(&loop, 1);
    }
    is_int(count_fds(), fds + 1, "refused: the next at once");
    forward(GT_CONNECT_DELAY);
    is_str(try_text(&t), "127.0.0.2:1", "then the third");

    try_host(&t, "bad", hole.port);
    for (i = 0; i < 5; i++) {
        gt_loop_round(&loop, 1);
    }
    forward(GT_CONNECT_DELAY);
    for (i = 0; i < 5; i++) {
        gt_loop_round(&loop, 1);
    }
    is_int(t.done, 0, "the first may answer still");
    forward(GT_CONNECT_MS - GT_CONNECT_DELAY - 500);
    is_int(t.done, 0, "until the time is over");
    forward(600);
    is_str(try_text(&t), "refused", "the error of the one that failed");

    try_init(&t);
    gt_connect(&loop, "all", 3, hole.port,
               &(gt_connect_conf_t){ .timeout_ms = 1000 }, &t.op);
    gt_loop_round(&loop, 1);
    forward(1100);
    is_str(try_text(&t), "timeout", "a limit of its own");

    is_int(count_fds(), fds, "no descriptor is left");
    is_int(gt_op_live(), 0, "nor an operation");
    is_int(gt_stream_live(), 0, "nor a stream");
    close(ls);
    hole_close();
}


static void
test_cancel(void)
{
    int      i, k, ls;
    try_t    t;
    unsigned fds, late = 0;

    hole_open();
    ls = listen_at("127.0.0.2", &hole.port, 64);
    write_hosts("127.0.0.1 hole\n127.0.0.2 hole\n127.0.0.2 good\n");
    fds = count_fds();

    for (i = 0; i < 4; i++) {
        for (k = 0; k < 8; k++) {
            int n;

            try_host(&t,
                     (const char *[]){ "hole", "good", "127.0.0.2",
                                       "127.0.0.1" }[i],
                     hole.port);
            for (n = 0; n < k && !t.done; n++) {
                gt_loop_round(&loop, 0);
                if (n == 3 && !t.done) {
                    forward(GT_CONNECT_DELAY);
                }
            }

            late += t.done;
            gt_op_cancel(&t.op);
            gt_op_cancel(&t.op);
            try_close(&t);
            memset(&t, 0xee, sizeof(t));
            gt_loop_round(&loop, 0);
        }
    }

    ok(late > 0, "some were done before");
    is_int(count_fds(), fds, "no descriptor is left");
    is_int(gt_op_live(), 0, "nor an operation");
    is_int(gt_stream_live(), 0, "nor a stream");
    close(ls);
    hole_close();
}


static void
test_unix(void)
{
    int                fd;
    try_t              t;
    struct sockaddr_un sun = { .sun_family = AF_UNIX };

    try_init(&t);
    gt_connect_unix(&loop, path, &t.op);
    is_int(t.done, 0, "never at once");
    is_str(try_text(&t), "refused", "no such path");

    memcpy(sun.sun_path, path, strlen(path) + 1);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (bind(fd, (struct sockaddr *) &sun, sizeof(sun)) < 0
        || listen(fd, 1) < 0) {
        abort();
    }

    try_init(&t);
    gt_connect_unix(&loop, path, &t.op);
    gt_op_cancel(&t.op);
    gt_loop_round(&loop, 0);
    is_int(gt_stream_live(), 0, "cancelled, the stream is closed");

    try_init(&t);
    gt_connect_unix(&loop, path, &t.op);
    ok(try_settle(&t) && t.st, "connected");
    try_close(&t);

    close(fd);
    try_init(&t);
    gt_connect_unix(&loop, path, &t.op);
    is_str(try_text(&t), "refused", "nobody listens");
    (void) unlink(path);
}


static void
test_fds(void)
{
    int           ls;
    try_t         t;
    uint16_t      port = 0;
    struct rlimit was, now;

    ls = listen_at("127.0.0.1", &port, 16);
    (void) getrlimit(RLIMIT_NOFILE, &was);
    now = was;
    now.rlim_cur = 0;
    (void) setrlimit(RLIMIT_NOFILE, &now);

    try_host(&t, "127.0.0.1", port);
    is_str(try_text(&t), "nomem", "no descriptor");
    try_init(&t);
    gt_connect_unix(&loop, path, &t.op);
    is_str(try_text(&t), "nomem", "nor for a path");

    (void) setrlimit(RLIMIT_NOFILE, &was);
    is_str(connect_to("127.0.0.1", port), "127.0.0.1:1", "later it works");
    close(ls);
}


static void
test_memory(void)
{
    int           ls, i;
    try_t         t;
    uint16_t      port = 0;
    unsigned      good = 0, bad = 0;
    unsigned long n, made = 1;

    ls = listen_at("127.0.0.2", &port, 64);
    write_hosts("127.0.0.1 name\n127.0.0.2 name\n");

    for (n = 1; made + 1 >= n; n++) {
        (void) gt_mem_fail_at(n);
        try_host(&t, "name", port);
        for (i = 0; i < ROUNDS && !t.done; i++) {
            gt_loop_round(&loop, 1);
        }
        made = gt_mem_fail_at(0);

        if (t.done != 1) {
            ok(false, "done %u times at %lu", t.done, n);
            break;
        }

        *(t.err ? &bad : &good) += 1;
        try_close(&t);
    }

    ok(good > 0 && (made == 0 || bad > 0), "%u times it failed", bad);
    is_int(gt_op_live(), 0, "no operation is left");
    is_int(gt_stream_live(), 0, "no stream either");
    close(ls);
}


int
main(void)
{
    unsigned fds;

    gt_log_set_level(GT_LOG_OFF);

    if (!mkdtemp(dir) || gt_loop_init(&loop) != GT_OK) {
        abort();
    }

    (void) snprintf(hosts, sizeof(hosts), "%s/hosts", dir);
    (void) snprintf(path, sizeof(path), "%s/sock", dir);
    loop.clock = test_clock;
    is_int(gt_resolve_start(&loop), GT_OK, "the resolver");
    fds = count_fds();

    test_one();
    test_error();
    test_order();
    test_cancel();
    test_unix();
    test_fds();
    test_memory();

    is_int(count_fds(), fds, "no descriptor is left");
    gt_resolve_stop();
    gt_loop_round(&loop, 0);
    gt_loop_free(&loop);
    (void) unlink(hosts);
    (void) rmdir(dir);

    return tap_done();
}
