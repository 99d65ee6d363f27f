/*
 * os/sock.c: sockets and their options.
 */

#include "os/sock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { SOCK_EPHEMERAL_MIN = 1024 }; /* where the kernel does not say */

static const gt_sock_conf_t sock_default;


/* closes fd and keeps errno; -1 */

static int
sock_drop(int fd)
{
    int eno = errno;

    (void) close(fd);
    errno = eno;

    return -1;
}


static int
sock_set(int fd, int level, int name, int value)
{
    return setsockopt(fd, level, name, &value, sizeof(value)) < 0 ? GT_ERROR
                                                                  : GT_OK;
}


static int
sock_get(int fd, int level, int name)
{
    int       value = 0;
    socklen_t len = sizeof(value);

    return getsockopt(fd, level, name, &value, &len) < 0 ? -1 : value;
}


int
gt_sock_open(int family, int type)
{
    return socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}


static bool
sock_is_any6(const struct sockaddr *sa, socklen_t len)
{
    struct sockaddr_in6 in6;

    if (sa->sa_family != AF_INET6 || len < (socklen_t) sizeof(in6)) {
        return false;
    }

    memcpy(&in6, sa, sizeof(in6));

    return IN6_IS_ADDR_UNSPECIFIED(&in6.sin6_addr);
}


/* what a listening and a probing socket have in common */

static int
sock_prepare(int fd, const struct sockaddr *sa, socklen_t len, int type)
{
    /* of UDP, the option would let two processes have one port */
    if (type == SOCK_STREAM
        && sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1) != GT_OK) {
        return GT_ERROR;
    }

    if (sa->sa_family == AF_INET6) {
        return sock_set(fd, IPPROTO_IPV6, IPV6_V6ONLY, !sock_is_any6(sa, len));
    }

    return GT_OK;
}


static int
sock_conf(int fd, const gt_sock_conf_t *conf)
{
    if (conf->reuseport && sock_set(fd, SOL_SOCKET, SO_REUSEPORT, 1) != GT_OK) {
        return GT_ERROR;
    }

    if (conf->mark && gt_sock_mark(fd, conf->mark) != GT_OK) {
        return GT_ERROR;
    }

    return conf->interface ? gt_sock_interface(fd, conf->interface) : GT_OK;
}


int
gt_sock_listen(const struct sockaddr *sa, socklen_t len,
               const gt_sock_conf_t *conf)
{
    int fd, type;

    conf = conf ? conf : &sock_default;
    type = conf->type ? conf->type : SOCK_STREAM;

    fd = gt_sock_open(sa->sa_family, type);
    if (fd < 0) {
        return -1;
    }

    if (sock_prepare(fd, sa, len, type) != GT_OK || sock_conf(fd, conf) != GT_OK
        || bind(fd, sa, len) < 0)
    {
        return sock_drop(fd);
    }

    if (type != SOCK_DGRAM
        && listen(fd, conf->backlog > 0 ? conf->backlog : GT_SOCK_BACKLOG) < 0)
    {
        return sock_drop(fd);
    }

    return fd;
}


int
gt_sock_probe(const struct sockaddr *sa, socklen_t len, int type)
{
    int fd, rc;

    fd = gt_sock_open(sa->sa_family, type ? type : SOCK_STREAM);
    if (fd < 0) {
        return GT_ERROR;
    }

    rc = sock_prepare(fd, sa, len, type ? type : SOCK_STREAM);
    if (rc == GT_OK && bind(fd, sa, len) < 0) {
        rc = GT_ERROR;
    }

    (void) sock_drop(fd);

    return rc;
}


socklen_t
gt_sock_wildcard(struct sockaddr_storage *ss, uint16_t port)
{
    int                 fd;
    struct sockaddr_in  in = { .sin_family = AF_INET };
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

    memset(ss, 0, sizeof(*ss));
    in.sin_port = in6.sin6_port = htons(port);

    fd = gt_sock_open(AF_INET6, SOCK_STREAM);

    if (fd >= 0
        && bind(fd,
                (struct sockaddr *) &(struct sockaddr_in6){ .sin6_family =
                                                                AF_INET6 },
                sizeof(in6))
               == 0)
    {
        (void) close(fd);
        memcpy(ss, &in6, sizeof(in6));
        return sizeof(in6);
    }

    if (fd >= 0) {
        (void) close(fd);
    }

    memcpy(ss, &in, sizeof(in));

    return sizeof(in);
}


/* --- unix --- */

/* the address's length; 0 with errno */

static socklen_t
sock_path(struct sockaddr_un *sun, const char *path)
{
    size_t n = strlen(path);

    *sun = (struct sockaddr_un){ .sun_family = AF_UNIX };

    if (n == 0 || n >= sizeof(sun->sun_path)) {
        errno = n ? ENAMETOOLONG : EINVAL;
        return 0;
    }

    memcpy(sun->sun_path, path, n);

    if (path[0] == '@') {
        sun->sun_path[0] = '\0';
        return (socklen_t) (offsetof(struct sockaddr_un, sun_path) + n);
    }

    return (socklen_t) sizeof(*sun);
}


int
gt_sock_connect_unix(const char *path, int type)
{
    int                fd;
    socklen_t          len;
    struct sockaddr_un sun;

    len = sock_path(&sun, path);
    if (len == 0) {
        return -1;
    }

    fd = gt_sock_open(AF_UNIX, type);
    if (fd >= 0 && connect(fd, (struct sockaddr *) &sun, len) < 0
        && errno != EINPROGRESS)
    {
        return sock_drop(fd);
    }

    return fd;
}


/* makes place at path, if nobody answers there */

static int
sock_clear(const char *path, int type)
{
    int         fd;
    struct stat sb;

    if (path[0] == '@' || lstat(path, &sb) < 0) {
        return GT_OK;
    }

    if (!S_ISSOCK(sb.st_mode)) {
        errno = EEXIST;
        return GT_ERROR;
    }

    fd = gt_sock_connect_unix(path, type);
    if (fd < 0 && errno == ECONNREFUSED) {
        return unlink(path) < 0 && errno != ENOENT ? GT_ERROR : GT_OK;
    }

    if (fd >= 0) {
        (void) close(fd);
    }

    errno = EADDRINUSE; /* busy, or of another type, or not ours to ask */

    return GT_ERROR;
}


int
gt_sock_listen_unix(const char *path, int type, mode_t mode)
{
    int                fd, rc;
    mode_t             was;
    socklen_t          len;
    struct sockaddr_un sun;

    len = sock_path(&sun, path);
    if (len == 0 || sock_clear(path, type) != GT_OK) {
        return -1;
    }

    fd = gt_sock_open(AF_UNIX, type);
    if (fd < 0) {
        return -1;
    }

    was = umask(~mode & 0777); /* a chmod() afterwards would come too late */
    rc = bind(fd, (struct sockaddr *) &sun, len);
    (void) umask(was);

    if (rc < 0 || listen(fd, GT_SOCK_BACKLOG) < 0) {
        return sock_drop(fd);
    }

    return fd;
}


int
gt_sock_accept(int fd, struct sockaddr *sa, socklen_t *len)
{
    int c;

    do {
        c = accept4(fd, sa, len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    } while (c < 0 && errno == EINTR);

    return c;
}


/* --- options --- */

int
gt_sock_nodelay(int fd, bool on)
{
    return sock_set(fd, IPPROTO_TCP, TCP_NODELAY, on);
}


int
gt_sock_keepalive(int fd, int idle_s)
{
    if (idle_s <= 0) {
        return sock_set(fd, SOL_SOCKET, SO_KEEPALIVE, 0);
    }

    if (sock_set(fd, SOL_SOCKET, SO_KEEPALIVE, 1) != GT_OK
        || sock_set(fd, IPPROTO_TCP, TCP_KEEPIDLE, idle_s) != GT_OK)
    {
        return GT_ERROR;
    }

    /* how many probes is the kernel's to say: 9, as Go has it */
    return sock_set(fd, IPPROTO_TCP, TCP_KEEPINTVL, idle_s);
}


uint16_t
gt_sock_ephemeral(void)
{
    int             low = 0;
    FILE           *f;
    static uint16_t known;

    if (known) {
        return known;
    }

    f = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");
    if (f) {
        if (fscanf(f, "%d", &low) != 1) {
            low = 0;
        }

        (void) fclose(f);
    }

    known = low > 0 && low < 65536 ? (uint16_t) low : SOCK_EPHEMERAL_MIN;

    return known;
}


int
gt_sock_mark(int fd, uint32_t mark)
{
    return setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) < 0
               ? GT_ERROR
               : GT_OK;
}


int
gt_sock_source(int fd, const struct sockaddr *sa, socklen_t len)
{
    int on = 1;

    (void) setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));

    return bind(fd, sa, len) < 0 ? GT_ERROR : GT_OK;
}


int
gt_sock_interface(int fd, const char *name)
{
    size_t n = strlen(name);

    if (n >= IFNAMSIZ) {
        errno = ENODEV;
        return GT_ERROR;
    }

    return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, (socklen_t) n) < 0
               ? GT_ERROR
               : GT_OK;
}


int
gt_sock_reset_on_close(int fd)
{
    struct linger linger = { .l_onoff = 1, .l_linger = 0 };

    return setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)) < 0
               ? GT_ERROR
               : GT_OK;
}


int
gt_sock_nonblock(int fd, bool on)
{
    int flags = fcntl(fd, F_GETFL);

    if (flags < 0) {
        return GT_ERROR;
    }

    flags = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;

    return fcntl(fd, F_SETFL, flags) < 0 ? GT_ERROR : GT_OK;
}


int
gt_sock_cloexec(int fd, bool on)
{
    return fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0) < 0 ? GT_ERROR : GT_OK;
}


int
gt_sock_error(int fd)
{
    int eno = sock_get(fd, SOL_SOCKET, SO_ERROR);

    return eno < 0 ? errno : eno;
}


bool
gt_sock_is_listening(int fd)
{
    return sock_get(fd, SOL_SOCKET, SO_ACCEPTCONN) == 1;
}


int
gt_sock_queued(int fd)
{
    socklen_t       len;
    struct tcp_info info;

    len = sizeof(info);

    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0) {
        return -1;
    }

    return (int) info.tcpi_unacked; /* of a listener: its queue's length */
}
