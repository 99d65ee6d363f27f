/*
 * net/tcp.c: kernel byte-stream sockets as streams.
 *
 * Registered once, edge-triggered, for both directions.  can_read and
 * can_write are sticky: true until the kernel says EAGAIN or does less than
 * it was asked, true again at its next edge.
 */

#include "net/tcp.h"

#include "core/mem.h"
#include "net/addr.h"
#include "os/sock.h"

#include <errno.h>
#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    TCP_RECV_IOV = 4,         /* slabs: 64 KiB a call */
    TCP_SEND_IOV = 16,        /* windows a call */
    TCP_SEND_MAX = 256 * 1024 /* bytes a call */
};

typedef struct {
    gt_stream_t st;
    gt_event_t  ev;
    gt_reap_t   reap;
    unsigned    can_read : 1, can_write : 1;
    unsigned    rdhup : 1;  /* a FIN is in the queue: no edge will follow */
    unsigned    failed : 1; /* the kernel's error was taken, st.err has it */
} tcp_t;


static ssize_t
tcp_recv(gt_stream_t *st, gt_chain_t *to, size_t max)
{
    int          niov = TCP_RECV_IOV;
    tcp_t       *t = (tcp_t *) st;
    size_t       room;
    ssize_t      n;
    struct iovec iov[TCP_RECV_IOV];

    if (!t->can_read) {
        return GT_AGAIN;
    }

    room = gt_chain_room(iov, &niov, max);
    if (room == 0) {
        return gt_stream_fail(st, GT_E_NOMEM);
    }

    do {
        n = readv(t->ev.fd, iov, niov);
    } while (n < 0 && errno == EINTR);

    if (n > 0) {
        if ((size_t) n < room && !t->rdhup) {
            t->can_read = 0;
        }

        return gt_chain_fill(to, iov, (size_t) n) == GT_OK
                   ? n
                   : gt_stream_fail(st, GT_E_NOMEM);
    }

    if (n == 0) {
        /* whoever met the error first has taken it from the kernel, which
           now shows an orderly end */
        return t->failed || st->err != GT_E_NONE ? GT_ERROR : 0;
    }

    if (errno == EAGAIN) {
        t->can_read = 0;
        return GT_AGAIN;
    }

    return gt_stream_fail(st, gt_err_errno(errno));
}


static ssize_t
tcp_send(gt_stream_t *st, gt_chain_t *from)
{
    int           niov = TCP_SEND_IOV;
    tcp_t        *t = (tcp_t *) st;
    size_t        want;
    ssize_t       n;
    struct iovec  iov[TCP_SEND_IOV];
    struct msghdr msg = { .msg_iov = iov };

    if (t->failed) {
        return GT_ERROR;
    }

    if (!t->can_write) {
        return GT_AGAIN;
    }

    want = gt_chain_iov(from, iov, &niov, TCP_SEND_MAX);
    msg.msg_iovlen = (size_t) niov;

    do {
        n = sendmsg(t->ev.fd, &msg, MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);

    if (n < 0) {
        if (errno == EAGAIN) {
            t->can_write = 0;
            return GT_AGAIN;
        }

        return gt_stream_fail(st, errno == EPIPE ? GT_E_RESET
                                                 : gt_err_errno(errno));
    }

    if ((size_t) n < want) {
        t->can_write = 0;
    }

    gt_chain_drop(from, (size_t) n);

    return n;
}


static int
tcp_shutdown(gt_stream_t *st)
{
    tcp_t *t = (tcp_t *) st;

    /* ENOTCONN: the peer has reset; the read side will say so */
    (void) shutdown(t->ev.fd, SHUT_WR);

    return GT_OK;
}


static void
tcp_want(gt_stream_t *st, unsigned ev)
{
    tcp_t   *t = (tcp_t *) st;
    unsigned now = 0;

    if (t->can_read) {
        now |= ev & GT_EV_IN;
    }

    if (t->can_write || t->failed) {
        now |= ev & GT_EV_OUT;
    }

    if (now) {
        gt_stream_post(st, now);
    }
}


static void
tcp_reap(gt_reap_t *reap)
{
    tcp_t *t = gt_container_of(reap, tcp_t, reap);

    gt_stream_gone(&t->st);
    gt_free(t);
}


static void
tcp_close(gt_stream_t *st, gt_err_t why)
{
    tcp_t *t = (tcp_t *) st;

    gt_event_forget(&t->ev);

    if (why != GT_E_NONE && !t->failed) {
        (void) gt_sock_reset_on_close(t->ev.fd);
    }

    (void) close(t->ev.fd);
    t->ev.fd = -1;
    gt_reap(st->loop, &t->reap, tcp_reap);
}


static int
tcp_raw_fd(gt_stream_t *st)
{
    tcp_t *t = (tcp_t *) st;

    return t->failed ? -1 : t->ev.fd;
}


static int
tcp_addr(int rc, const struct sockaddr_storage *ss, socklen_t len, void *out)
{
    gt_addr_set(out, (const struct sockaddr *) ss, len);

    return rc == 0 ? GT_OK : GT_ERROR;
}


static bool
tcp_silent(const tcp_t *t)
{
    char c;

    return recv(t->ev.fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) < 0
           && errno == EAGAIN;
}


static int
tcp_query(gt_stream_t *st, int what, void *out)
{
    int                     rc;
    tcp_t                  *t = (tcp_t *) st;
    socklen_t               len;
    struct sockaddr_storage ss = { 0 };

    len = sizeof(ss);

    switch (what) {
    case GT_Q_LOCAL:
        rc = getsockname(t->ev.fd, (struct sockaddr *) &ss, &len);
        return tcp_addr(rc, &ss, len, out);

    case GT_Q_REMOTE:
        rc = getpeername(t->ev.fd, (struct sockaddr *) &ss, &len);
        return tcp_addr(rc, &ss, len, out);

    case GT_Q_UNSENT:
        return ioctl(t->ev.fd, SIOCOUTQ, out) == 0 ? GT_OK : GT_ERROR;

    case GT_Q_STALLED:
        t->can_read &= !(*(unsigned *) out & GT_EV_IN);
        t->can_write &= !(*(unsigned *) out & GT_EV_OUT);
        return GT_OK;

    case GT_Q_CAN_RESET: *(bool *) out = true; return GT_OK;

    case GT_Q_FD: *(int *) out = t->ev.fd; return GT_OK;

    case GT_Q_SILENT: *(bool *) out = tcp_silent(t); return GT_OK;

    default: return GT_ERROR;
    }
}


static const gt_stream_ops_t tcp_ops = {
    .name = "tcp",
    .recv = tcp_recv,
    .send = tcp_send,
    .shutdown = tcp_shutdown,
    .want = tcp_want,
    .close = tcp_close,
    .raw_fd = tcp_raw_fd,
    .query = tcp_query,
};


static void
tcp_event(gt_event_t *ev, uint32_t events)
{
    int      eno;
    tcp_t   *t = gt_container_of(ev, tcp_t, ev);
    unsigned up = 0;

    if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
        t->can_read = 1;
        up |= GT_EV_IN;
    }

    if (events & (EPOLLRDHUP | EPOLLHUP)) {
        t->rdhup = 1;
    }

    if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) {
        t->can_write = 1;
        up |= GT_EV_OUT;
    }

    if (events & EPOLLERR) {
        eno = gt_sock_error(ev->fd);
        if (eno && !t->failed) {
            t->failed = 1;
            t->rdhup = 1;
            up |= t->st.err == GT_E_NONE ? GT_EV_ERR : 0;
            t->st.err = gt_err_errno(eno);
        }
    }

    gt_stream_notify(&t->st, up);
}


gt_stream_t *
gt_tcp_stream(gt_loop_t *loop, int fd)
{
    tcp_t *t = gt_calloc(sizeof(tcp_t));

    if (!t) {
        (void) close(fd);
        return NULL;
    }

    t->ev.fd = fd;
    t->ev.handler = tcp_event;

    if (gt_event_add(loop, &t->ev, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET)
        != GT_OK)
    {
        (void) close(fd);
        gt_free(t);
        return NULL;
    }

    gt_stream_init(&t->st, &tcp_ops, loop);

    /* a client's first bytes are often there, a fresh socket takes ours */
    t->can_read = t->can_write = 1;

    return &t->st;
}


int
gt_tcp_release(gt_stream_t *st, int *fd)
{
    int    copy;
    tcp_t *t = (tcp_t *) st;

    if (st->ops != &tcp_ops || st->unread.len || t->failed) {
        return GT_ERROR;
    }

    gt_event_del(st->loop, &t->ev);
    copy = t->ev.fd;

    gt_post_cancel(&st->post);
    st->closed = 1;
    st->owner = NULL;
    st->ready = NULL;
    gt_reap(st->loop, &t->reap, tcp_reap);

    *fd = copy;

    return GT_OK;
}
