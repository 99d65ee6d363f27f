/*
 * net/udp.c: kernel datagram sockets as dgrams.
 *
 * Registered once, edge-triggered; can_read and can_write are sticky: true
 * until the kernel says EAGAIN or gives less than it was asked for.  What an
 * ICMP message says about a peer comes up as an error of the socket: it is
 * counted, and the socket goes on.
 */

#include "net/udp.h"

#include "core/mem.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    UDP_IOV = 8,    /* windows of a datagram; with more it is put together */
    UDP_ERRORS = 16 /* in a row, in a call: then others run */
};

typedef struct {
    gt_dgram_t dg;
    gt_event_t ev;
    gt_reap_t  reap;
    int        family;
    unsigned   connected : 1, can_read : 1, can_write : 1;
} udp_t;

/*
 * Where the kernel puts what it has, for all sockets of the process: only the
 * first page of each is touched while datagrams are small.
 */
static uint8_t udp_in[GT_UDP_BATCH][GT_DGRAM_MAX + 1];


/* is it about one datagram or peer, not about the socket? */

static bool
udp_is_soft(int eno)
{
    switch (eno) {
    case EBADF:
    case ENOTSOCK:
    case ENOTCONN:
    case EFAULT:
    case EINVAL:
    case EPIPE: return false;
    default: return true;
    }
}


/* ---- receiving */

static void
udp_prepare(const udp_t *u, struct mmsghdr *msgs, struct iovec *iov,
            struct sockaddr_storage *names, int n)
{
    int i;

    for (i = 0; i < n; i++) {
        iov[i].iov_base = udp_in[i];
        iov[i].iov_len = sizeof(udp_in[i]);
        memset(&msgs[i], 0, sizeof(msgs[i]));
        msgs[i].msg_hdr.msg_iov = &iov[i];
        msgs[i].msg_hdr.msg_iovlen = 1;

        if (!u->connected) {
            msgs[i].msg_hdr.msg_name = &names[i];
            msgs[i].msg_hdr.msg_namelen = sizeof(names[i]);
        }
    }
}


static int
udp_read(udp_t *u, struct mmsghdr *msgs, struct sockaddr_storage *names, int n)
{
    int          i, got;
    struct iovec iov[GT_UDP_BATCH];

    udp_prepare(u, msgs, iov, names, n);

    for (i = 0;; i++) {
        got = recvmmsg(u->ev.fd, msgs, (unsigned) n, MSG_DONTWAIT, NULL);

        if (got > 0) {
            u->can_read = got == n;
            return got;
        }

        if (errno == EAGAIN) {
            u->can_read = 0;
            return GT_AGAIN;
        }

        if (!udp_is_soft(errno)) {
            return gt_dgram_fail(&u->dg, gt_err_errno(errno));
        }

        if (errno != EINTR) {
            u->dg.dropped++;
        }

        if (i == UDP_ERRORS) {
            return GT_AGAIN; /* can_read stays: the next want is posted */
        }
    }
}


/* what there is no memory for is lost, as datagrams are */

static int
udp_recv(gt_dgram_t *dg, gt_packet_t *to, int n)
{
    int                     i, got, k = 0;
    udp_t                  *u = (udp_t *) dg;
    struct mmsghdr          msgs[GT_UDP_BATCH];
    struct sockaddr_storage names[GT_UDP_BATCH];

    if (!u->can_read) {
        return GT_AGAIN;
    }

    got = udp_read(u, msgs, names, gt_min(n, (int) GT_UDP_BATCH));

    for (i = 0; i < got; i++) {
        to[k].peer.len = 0;
        if (!u->connected) {
            gt_addr_set(&to[k].peer, (struct sockaddr *) &names[i],
                        msgs[i].msg_hdr.msg_namelen);
        }

        if (gt_chain_push(&to[k].data, udp_in[i], msgs[i].msg_len) == GT_OK) {
            k++;
        } else {
            gt_chain_free(&to[k].data);
            dg->dropped++;
        }
    }

    return got < 0 ? got : k > 0 ? k : GT_AGAIN;
}


/* ---- sending */

/* a dual-stack socket wants addresses of IPv4 as IPv6 ones */

static socklen_t
udp_name(const udp_t *u, const gt_addr_t *a, struct sockaddr_storage *ss)
{
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

    if (u->family == AF_INET6 && a->sa.sa_family == AF_INET) {
        in6.sin6_port = a->in.sin_port;
        in6.sin6_addr.s6_addr[10] = in6.sin6_addr.s6_addr[11] = 0xff;
        memcpy(&in6.sin6_addr.s6_addr[12], &a->in.sin_addr, 4);
        memcpy(ss, &in6, sizeof(in6));
        return sizeof(in6);
    }

    memcpy(ss, &a->sa, a->len);

    return a->len;
}


/* GT_ERROR: too long, or no memory to put it together */

static int
udp_iov(gt_chain_t *c, struct iovec *iov, size_t *n)
{
    int    k = UDP_IOV;
    void  *p;
    size_t described;

    *n = 0;

    if (c->len == 0) {
        return GT_OK;
    }

    if (c->len > GT_DGRAM_MAX) {
        return GT_ERROR;
    }

    described = gt_chain_iov(c, iov, &k, c->len);

    if (described < c->len) {
        p = gt_chain_pull(c, c->len);
        if (!p) {
            return GT_ERROR;
        }

        k = 1;
        iov[0] = (struct iovec){ .iov_base = p, .iov_len = c->len };
    }

    *n = (size_t) k;

    return GT_OK;
}


/* describes packets until one cannot be sent at all; how many */

static int
udp_describe(const udp_t *u, gt_packet_t *from, int n, struct mmsghdr *msgs,
             struct sockaddr_storage *names, struct iovec iov[][UDP_IOV])
{
    int            i;
    struct msghdr *m;

    for (i = 0; i < n; i++) {
        m = &msgs[i].msg_hdr;
        memset(&msgs[i], 0, sizeof(msgs[i]));

        if (udp_iov(&from[i].data, iov[i], &m->msg_iovlen) != GT_OK) {
            return i;
        }

        m->msg_iov = iov[i];

        if (!u->connected && from[i].peer.len > 0) {
            m->msg_name = &names[i];
            m->msg_namelen = udp_name(u, &from[i].peer, &names[i]);
        }
    }

    return n;
}


static void
udp_drop(udp_t *u, gt_packet_t *p)
{
    u->dg.dropped++;
    gt_chain_free(&p->data);
}


/* how many of n described ones are dealt with, GT_AGAIN, GT_ERROR */

static int
udp_write(udp_t *u, gt_packet_t *from, struct mmsghdr *msgs, int n)
{
    int  i, sent;
    bool again = false;

    for (;;) {
        sent = sendmmsg(u->ev.fd, msgs, (unsigned) n, MSG_NOSIGNAL);

        if (sent > 0) {
            for (i = 0; i < sent; i++) {
                u->dg.tx += from[i].data.len;
                gt_chain_free(&from[i].data);
            }

            return sent;
        }

        if (errno == EAGAIN) {
            u->can_write = 0;
            return GT_AGAIN;
        }

        if (errno == EINTR) {
            continue;
        }

        if (errno == ECONNREFUSED && !again) {
            again = true; /* the fate of an earlier one; it is reported once */
            continue;
        }

        if (!udp_is_soft(errno) && errno != EINVAL) {
            return gt_dgram_fail(&u->dg, gt_err_errno(errno));
        }

        udp_drop(u, &from[0]);

        return 1;
    }
}


static int
udp_send(gt_dgram_t *dg, gt_packet_t *from, int n)
{
    int                     k;
    udp_t                  *u = (udp_t *) dg;
    struct iovec            iov[GT_UDP_BATCH][UDP_IOV];
    struct mmsghdr          msgs[GT_UDP_BATCH];
    struct sockaddr_storage names[GT_UDP_BATCH];

    if (!u->can_write) {
        return GT_AGAIN;
    }

    k = udp_describe(u, from, gt_min(n, (int) GT_UDP_BATCH), msgs, names, iov);

    if (k == 0) {
        udp_drop(u, &from[0]);
        return 1;
    }

    return udp_write(u, from, msgs, k);
}


/* ---- the rest */

static void
udp_want(gt_dgram_t *dg, unsigned ev)
{
    udp_t   *u = (udp_t *) dg;
    unsigned now = 0;

    if (u->can_read) {
        now |= ev & GT_EV_IN;
    }

    if (u->can_write) {
        now |= ev & GT_EV_OUT;
    }

    if (now) {
        gt_dgram_post(dg, now);
    }
}


static void
udp_reaped(gt_reap_t *reap)
{
    udp_t *u = gt_container_of(reap, udp_t, reap);

    gt_dgram_gone(&u->dg);
    gt_free(u);
}


/* a master may hold the same socket: it is not forgotten but deleted */

static void
udp_close(gt_dgram_t *dg)
{
    udp_t *u = (udp_t *) dg;

    gt_event_del(dg->loop, &u->ev);
    (void) close(u->ev.fd);
    u->ev.fd = -1;
    gt_reap(dg->loop, &u->reap, udp_reaped);
}


static int
udp_query(gt_dgram_t *dg, int what, void *out)
{
    int                     rc;
    udp_t                  *u = (udp_t *) dg;
    socklen_t               len = sizeof(struct sockaddr_storage);
    struct sockaddr_storage ss;

    switch (what) {
    case GT_Q_LOCAL:
        rc = getsockname(u->ev.fd, (struct sockaddr *) &ss, &len);
        break;

    case GT_Q_REMOTE:
        rc = getpeername(u->ev.fd, (struct sockaddr *) &ss, &len);
        break;

    case GT_Q_FD: *(int *) out = u->ev.fd; return GT_OK;

    default: return GT_ERROR;
    }

    if (rc < 0) {
        return GT_ERROR;
    }

    gt_addr_set(out, (struct sockaddr *) &ss, len);

    return GT_OK;
}


static const gt_dgram_ops_t udp_ops = {
    .name = "udp",
    .recv = udp_recv,
    .send = udp_send,
    .want = udp_want,
    .close = udp_close,
    .query = udp_query,
};


static void
udp_event(gt_event_t *ev, uint32_t events)
{
    udp_t   *u = gt_container_of(ev, udp_t, ev);
    unsigned up = 0;

    if (events & (EPOLLIN | EPOLLERR | EPOLLHUP)) {
        u->can_read = 1; /* an error is read as well */
        up |= GT_EV_IN;
    }

    if (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) {
        u->can_write = 1;
        up |= GT_EV_OUT;
    }

    gt_dgram_notify(&u->dg, up);
}


gt_dgram_t *
gt_udp_dgram(gt_loop_t *loop, int fd)
{
    udp_t                  *u = gt_calloc(sizeof(*u));
    socklen_t               len = sizeof(struct sockaddr_storage);
    struct sockaddr_storage ss;

    if (!u || getsockname(fd, (struct sockaddr *) &ss, &len) < 0) {
        (void) close(fd);
        gt_free(u);
        return NULL;
    }

    u->family = ss.ss_family;
    len = sizeof(ss);
    u->connected = getpeername(fd, (struct sockaddr *) &ss, &len) == 0;
    u->can_read = u->can_write = 1;
    u->ev.fd = fd;
    u->ev.handler = udp_event;

    if (gt_event_add(loop, &u->ev, EPOLLIN | EPOLLOUT | EPOLLET) != GT_OK) {
        (void) close(fd);
        gt_free(u);
        return NULL;
    }

    gt_dgram_init(&u->dg, &udp_ops, loop);

    return &u->dg;
}
