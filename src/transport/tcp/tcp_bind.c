/*
 * transport/tcp/tcp_bind.c: a TCP listener's sockets: one for each worker slot,
 * all on one port, made in the master.
 */

#include "transport/tcp/tcp_listener.h"

#include "core/str.h"
#include "os/sock.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <string.h>


/* the address to bind; IPv4 alone unless it begins with ':' or '[' */

static int
tcpb_address(const char *text, gt_addr_t *a, const char **why)
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


/* where a socket listens */

static void
tcpb_local(int fd, gt_addr_t *a)
{
    socklen_t               len = sizeof(struct sockaddr_storage);
    struct sockaddr_storage ss = { 0 };

    a->len = 0;

    if (getsockname(fd, (struct sockaddr *) &ss, &len) == 0) {
        gt_addr_set(a, (struct sockaddr *) &ss, len);
    }
}


static void
tcpb_int(int fd, int name, int64_t value)
{
    int v = (int) gt_min(value, (int64_t) 32767);

    if (v > 0) {
        (void) setsockopt(fd, IPPROTO_TCP, name, &v, sizeof(v));
    }
}


/* what accepted sockets inherit, so that it costs nothing for each */

static void
tcpb_options(int fd, const tcpl_conf_t *cf)
{
    (void) gt_sock_nodelay(fd, true);
    (void) gt_sock_keepalive(fd, GT_SOCK_KEEPALIVE);

    if (cf->keepalive) {
        tcpb_int(fd, TCP_KEEPIDLE, (int64_t) (cf->idle / 1000));
        tcpb_int(fd, TCP_KEEPINTVL, (int64_t) (cf->interval / 1000));
        tcpb_int(fd, TCP_KEEPCNT, cf->count);
    }
}


/* the first socket that is there; -1 */

static int
tcpb_first(const gt_listener_t *ls)
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
tcpb_open(gt_listener_t *ls, const gt_addr_t *want)
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
            fd = tcpb_first(ls);
            tcpb_local(fd, &ls->local);
            gt_addr_set_port(&a, gt_addr_port(&ls->local));
        }
    }

    for (i = 0; i < ls->n_slots; i++) {
        if (ls->fds[i] >= 0) {
            tcpb_options(ls->fds[i], cf);
        }
    }

    tcpb_local(ls->fds[0], &ls->local);

    return GT_OK;
}


/* as Go says it */

static int
tcpb_refused(const gt_listener_t *ls, const char *call, const char *reason,
             char *why, size_t size)
{
    (void) gt_snprintf(why, size, "listen tcp %s: %s%c%s", ls->addr, call,
                       gt_lower((unsigned char) reason[0]), reason + 1);

    return GT_ERROR;
}


int
gt_tcp_bind(gt_listener_t *ls, char *why, size_t size)
{
    int         fd = tcpb_first(ls);
    gt_addr_t   a;
    const char *reason = "not an address";

    if (tcpb_address(ls->addr, &a, &reason) != GT_OK) {
        return tcpb_refused(ls, "", reason, why, size);
    }

    if (fd >= 0) {
        tcpb_local(fd, &ls->local);
        gt_addr_set_port(&a, gt_addr_port(&ls->local));

    } else if (!ls->shared && gt_sock_probe(&a.sa, a.len, 0) != GT_OK) {
        return tcpb_refused(ls, "bind: ", strerror(errno), why, size);
    }

    if (tcpb_open(ls, &a) != GT_OK) {
        return tcpb_refused(ls, "bind: ", strerror(errno), why, size);
    }

    return GT_OK;
}
