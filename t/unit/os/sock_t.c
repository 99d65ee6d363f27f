/*
 * Sockets: listening on every kind of address, two slots on one port, the
 * probe that a second start fails on, and options read back.
 */

#include "os/sock.h"

#include "core/str.h"

#include "tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

typedef union {
    struct sockaddr         sa;
    struct sockaddr_in      in;
    struct sockaddr_in6     in6;
    struct sockaddr_storage ss;
} addr_t;

static const gt_sock_conf_t shared = { .reuseport = true };


static addr_t
v4(const char *ip, int port)
{
    addr_t a = { .in = { .sin_family = AF_INET } };

    a.in.sin_port = htons((uint16_t) port);
    (void) inet_pton(AF_INET, ip, &a.in.sin_addr);

    return a;
}


static addr_t
v6(const char *ip, int port)
{
    addr_t a = { .in6 = { .sin6_family = AF_INET6 } };

    a.in6.sin6_port = htons((uint16_t) port);
    (void) inet_pton(AF_INET6, ip, &a.in6.sin6_addr);

    return a;
}


static socklen_t
size_of(const addr_t *a)
{
    return a->sa.sa_family == AF_INET ? sizeof(a->in) : sizeof(a->in6);
}


static int
listen_on(const addr_t *a, const gt_sock_conf_t *conf)
{
    return gt_sock_listen(&a->sa, size_of(a), conf);
}


static int
probe(const addr_t *a, int type)
{
    return gt_sock_probe(&a->sa, size_of(a), type);
}


static int
port_of(int fd)
{
    addr_t    a;
    socklen_t len = sizeof(a);

    (void) getsockname(fd, &a.sa, &len);

    return ntohs(a.in.sin_port); /* in the same place for both */
}


static int
option(int fd, int level, int name)
{
    int       v = -1;
    socklen_t len = sizeof(v);

    (void) getsockopt(fd, level, name, &v, &len);

    return v;
}


/* connects and waits until it is or is not; -1: refused */

static int
call(const addr_t *a)
{
    int           fd = gt_sock_open(a->sa.sa_family, SOCK_STREAM);
    struct pollfd p = { .fd = fd, .events = POLLOUT };

    if (connect(fd, &a->sa, size_of(a)) < 0 && errno == EINPROGRESS) {
        (void) poll(&p, 1, 5000);
    }

    if (gt_sock_error(fd) != 0) {
        (void) close(fd);
        return -1;
    }

    return fd;
}


static int
answer(int ls)
{
    struct pollfd p = { .fd = ls, .events = POLLIN };

    (void) poll(&p, 1, 5000);

    return gt_sock_accept(ls, NULL, NULL);
}


static void
test_listen(void)
{
    int       ls, c, s, port;
    addr_t    a = v4("127.0.0.1", 0), peer;
    socklen_t len = sizeof(peer);

    ls = listen_on(&a, NULL);
    port = port_of(ls);
    ok(ls >= 0 && port > 0, "listening on a free port");
    ok(fcntl(ls, F_GETFL) & O_NONBLOCK, "non-blocking");
    ok(fcntl(ls, F_GETFD) & FD_CLOEXEC, "close-on-exec");
    ok(gt_sock_is_listening(ls), "it listens");
    is_int(option(ls, SOL_SOCKET, SO_REUSEPORT), 0, "the port is its own");
    ok(gt_sock_accept(ls, NULL, NULL) < 0 && errno == EAGAIN, "nobody came");

    a = v4("127.0.0.1", port);
    c = call(&a);
    ok(c >= 0 && !gt_sock_is_listening(c), "connected");
    is_int(gt_sock_queued(ls), 1, "one waits");
    s = gt_sock_accept(ls, &peer.sa, &len);
    ok(s >= 0 && ntohs(peer.in.sin_port) == port_of(c), "accepted, from us");
    ok(fcntl(s, F_GETFL) & O_NONBLOCK, "non-blocking");
    ok(fcntl(s, F_GETFD) & FD_CLOEXEC, "close-on-exec");
    is_int(gt_sock_queued(ls), 0, "nobody waits");
    is_int(gt_sock_queued(-1), -1, "of a bad descriptor");

    ok(listen_on(&a, NULL) < 0 && errno == EADDRINUSE, "a second listener");
    ok(listen_on(&a, &shared) < 0 && errno == EADDRINUSE,
       "even one that would share");

    (void) close(s); /* first, so that TIME_WAIT is ours */
    (void) close(c);
    (void) close(ls);
    ls = listen_on(&a, NULL);
    ok(ls >= 0, "again at once, whatever is left of connections");
    (void) close(ls);
    is_int(call(&a), -1, "nobody listens");

    a = v4("192.0.2.1", 0);
    ok(listen_on(&a, NULL) < 0 && errno == EADDRNOTAVAIL, "not our address");
}


static void
test_reuseport(void)
{
    int    slot[3], c[60], i, k, got[3] = { 0 }, port, n = 0;
    addr_t a = v4("127.0.0.1", 0);

    slot[0] = listen_on(&a, &shared);
    port = port_of(slot[0]);
    a = v4("127.0.0.1", port);
    slot[1] = listen_on(&a, &shared);
    slot[2] = listen_on(&a, &shared);
    ok(slot[0] >= 0 && slot[1] >= 0 && slot[2] >= 0, "three slots, one port");

    ok(probe(&a, 0) == GT_ERROR && errno == EADDRINUSE,
       "a second start does not get the port");

    for (i = 0; i < 60; i++) {
        c[i] = call(&a);
    }

    for (k = 0; k < 3; k++) {
        while ((i = gt_sock_accept(slot[k], NULL, NULL)) >= 0) {
            got[k]++;
            n++;
            (void) close(i);
        }

        (void) close(slot[k]);
    }

    ok(n == 60 && got[0] && got[1] && got[2], "spread %d, %d, %d", got[0],
       got[1], got[2]);

    for (i = 0; i < 60; i++) {
        (void) close(c[i]);
    }

    is_int(probe(&a, SOCK_STREAM), GT_OK, "free again");
    a = v4("127.0.0.1", 0);
    is_int(probe(&a, 0), GT_OK, "any port");
}


static void
test_udp(void)
{
    int            one, two;
    addr_t         a = v4("127.0.0.1", 0);
    gt_sock_conf_t udp = { .type = SOCK_DGRAM, .reuseport = true };

    one = listen_on(&a, &udp);
    a = v4("127.0.0.1", port_of(one));
    two = listen_on(&a, &udp);
    ok(one >= 0 && two >= 0, "two datagram sockets, one port");
    ok(!gt_sock_is_listening(one), "they do not listen");
    ok(probe(&a, SOCK_DGRAM) == GT_ERROR && errno == EADDRINUSE, "taken");
    (void) close(one);
    (void) close(two);
    is_int(probe(&a, SOCK_DGRAM), GT_OK, "free");
}


static void
test_v6(void)
{
    int                     ls, c, s, port;
    addr_t                  any, four, six;
    struct sockaddr_storage ss;

    any.ss = (struct sockaddr_storage){ 0 };
    (void) gt_sock_wildcard(&ss, 0);
    memcpy(&any.ss, &ss, sizeof(ss));
    ls = listen_on(&any, NULL);
    port = port_of(ls);
    ok(ls >= 0, "every address");

    four = v4("127.0.0.1", port);
    c = call(&four);
    s = answer(ls);
    ok(c >= 0 && s >= 0, "reached by IPv4");
    (void) close(c);
    (void) close(s);

    if (any.sa.sa_family == AF_INET) {
        ok(1, "no IPv6 here: 0.0.0.0");
        (void) close(ls);
        return;
    }

    six = v6("::1", port);
    c = call(&six);
    s = answer(ls);
    ok(c >= 0 && s >= 0, "reached by IPv6");
    (void) close(c);
    (void) close(s);
    any.in6.sin6_port = htons((uint16_t) port);
    ok(probe(&any, 0) == GT_ERROR && errno == EADDRINUSE, "taken");
    any.in6.sin6_port = 0;
    (void) close(ls);

    six = v6("::1", 0);
    ls = listen_on(&six, NULL);
    six = v6("::1", port_of(ls));
    c = call(&six);
    ok(ls >= 0 && c >= 0, "the IPv6 loopback");
    (void) close(c);
    (void) close(ls);

    ls = listen_on(&any, NULL);
    four = v4("0.0.0.0", port_of(ls));
    (void) close(ls);
    ls = listen_on(&four, NULL);
    six = v6("::1", port_of(ls));
    is_int(call(&six), -1, "an IPv4 address is IPv4 only");
    (void) close(ls);

    (void) gt_sock_wildcard(&ss, 8080);
    memcpy(&any.ss, &ss, sizeof(ss));
    is_int(ntohs(any.in6.sin6_port), 8080, "the wildcard's port");
}


static void
test_options(void)
{
    int       ls, c, s;
    char      byte;
    addr_t    a = v4("127.0.0.1", 0);
    socklen_t len;

    ls = listen_on(&a, NULL);
    a = v4("127.0.0.1", port_of(ls));
    c = call(&a);
    s = answer(ls);

    is_int(gt_sock_nodelay(s, true), GT_OK, "nodelay");
    ok(option(s, IPPROTO_TCP, TCP_NODELAY) != 0, "is set");
    is_int(gt_sock_nodelay(s, false), GT_OK, "delay");
    is_int(option(s, IPPROTO_TCP, TCP_NODELAY), 0, "is not set");

    is_int(gt_sock_keepalive(s, GT_SOCK_KEEPALIVE), GT_OK, "keepalive");
    is_int(option(s, SOL_SOCKET, SO_KEEPALIVE), 1, "on");
    is_int(option(s, IPPROTO_TCP, TCP_KEEPIDLE), 15, "after 15 s");
    is_int(option(s, IPPROTO_TCP, TCP_KEEPINTVL), 15, "every 15 s");
    is_int(option(s, IPPROTO_TCP, TCP_KEEPCNT), 9, "nine times");
    is_int(gt_sock_keepalive(s, 0), GT_OK, "no keepalive");
    is_int(option(s, SOL_SOCKET, SO_KEEPALIVE), 0, "off");

    is_int(gt_sock_nonblock(s, false), GT_OK, "blocking");
    ok(!(fcntl(s, F_GETFL) & O_NONBLOCK), "it is");
    is_int(gt_sock_nonblock(s, true), GT_OK, "non-blocking");
    ok(fcntl(s, F_GETFL) & O_NONBLOCK, "it is");
    is_int(gt_sock_cloexec(s, false), GT_OK, "kept over exec");
    is_int(fcntl(s, F_GETFD), 0, "it is");
    is_int(gt_sock_cloexec(s, true), GT_OK, "closed at exec");
    is_int(fcntl(s, F_GETFD), FD_CLOEXEC, "it is");

    is_int(gt_sock_reset_on_close(s), GT_OK, "reset at close");
    (void) close(s);
    len = (socklen_t) recv(c, &byte, 1, 0);
    ok((int) len == -1 && errno == ECONNRESET, "a reset arrives");
    (void) close(c);
    is_int(gt_sock_error(c), EBADF, "of a closed one");
    ok(gt_sock_nodelay(c, true) == GT_ERROR && errno == EBADF, "nothing set");

    c = gt_sock_open(AF_INET, SOCK_STREAM);
    ok(gt_sock_interface(c, "no-such-interface-at-all") == GT_ERROR,
       "no such interface");

    if (geteuid() == 0) {
        is_int(gt_sock_interface(c, "lo"), GT_OK, "an interface");
        ok(gt_sock_mark(c, 7) == GT_OK ? option(c, SOL_SOCKET, SO_MARK) == 7
                                       : errno == EPERM,
           "a mark, where that is allowed");
    }

    (void) close(c);
    (void) close(ls);
}


static void
test_unix(void)
{
    int  ls, c, s;
    char name[64], byte;

    (void) gt_snprintf(name, sizeof(name), "@gatun-sock-%d", (int) getpid());
    ls = gt_sock_listen_unix(name, SOCK_STREAM, 0600);
    ok(ls >= 0, "an abstract name");
    ok(gt_sock_listen_unix(name, SOCK_STREAM, 0600) < 0 && errno == EADDRINUSE,
       "taken");
    c = gt_sock_connect_unix(name, SOCK_STREAM);
    s = answer(ls);
    ok(c >= 0 && s >= 0 && write(c, "x", 1) == 1 && read(s, &byte, 1) == 1,
       "a byte through it");
    (void) close(c);
    (void) close(s);
    (void) close(ls);
    ok(gt_sock_connect_unix(name, SOCK_STREAM) < 0 && errno == ECONNREFUSED,
       "gone");
    ok(gt_sock_connect_unix("", SOCK_STREAM) < 0 && errno == EINVAL, "no name");
}


int
main(void)
{
    test_listen();
    test_reuseport();
    test_udp();
    test_v6();
    test_options();
    test_unix();

    return tap_done();
}
