/*
 * os/fdpass.c: SCM_RIGHTS over SOCK_SEQPACKET.
 */

#include "os/fdpass.h"

#include "os/sock.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* room for one SCM_RIGHTS of the largest size */
typedef union {
    struct cmsghdr align;
    uint8_t        bytes[CMSG_SPACE(sizeof(int) * GT_FDPASS_MAX)];
} fdpass_control_t;


int
gt_fdpass_pair(int fd[2])
{
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
                      fd)
                   < 0
               ? GT_ERROR
               : GT_OK;
}


int
gt_fdpass_listen(const char *path, mode_t mode)
{
    return gt_sock_listen_unix(path, SOCK_SEQPACKET, mode);
}


int
gt_fdpass_accept(int fd)
{
    return gt_sock_accept(fd, NULL, NULL);
}


int
gt_fdpass_connect(const char *path)
{
    return gt_sock_connect_unix(path, SOCK_SEQPACKET);
}


int
gt_fdpass_peer(int fd, pid_t *pid, uid_t *uid)
{
    socklen_t    len;
    struct ucred cred;

    len = sizeof(cred);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0) {
        return GT_ERROR;
    }

    if (pid) {
        *pid = cred.pid;
    }

    if (uid) {
        *uid = cred.uid;
    }

    return GT_OK;
}


int
gt_fdpass_send(int fd, const void *p, size_t n, const int *fds, unsigned n_fds)
{
    ssize_t          rc;
    struct iovec     iov = { .iov_len = n };
    struct msghdr    msg = { .msg_iov = &iov, .msg_iovlen = 1 };
    struct cmsghdr  *cmsg;
    fdpass_control_t control;

    GT_ASSERT(n > 0 && n_fds <= GT_FDPASS_MAX);

    memcpy(&iov.iov_base, &p, sizeof(p)); /* sendmsg() only reads there */

    if (n_fds > 0) {
        memset(&control, 0, sizeof(control));
        msg.msg_control = &control;
        msg.msg_controllen = CMSG_SPACE(sizeof(int) * n_fds);
        cmsg = CMSG_FIRSTHDR(&msg);
        cmsg->cmsg_level = SOL_SOCKET;
        cmsg->cmsg_type = SCM_RIGHTS;
        cmsg->cmsg_len = CMSG_LEN(sizeof(int) * n_fds);
        memcpy(CMSG_DATA(cmsg), fds, sizeof(int) * n_fds);
    }

    do {
        rc = sendmsg(fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (rc < 0 && errno == EINTR);

    if (rc >= 0) {
        return GT_OK; /* a SEQPACKET message goes whole or not at all */
    }

    return errno == EAGAIN ? GT_AGAIN : GT_ERROR;
}


/* takes what fits into fds and closes the rest; how many came */

static unsigned
fdpass_take(struct msghdr *msg, int *fds, unsigned room)
{
    int             fd;
    size_t          i, n;
    unsigned        came = 0;
    struct cmsghdr *cmsg;

    for (cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
        if (cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS) {
            continue;
        }

        n = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);

        for (i = 0; i < n; i++) {
            memcpy(&fd, CMSG_DATA(cmsg) + i * sizeof(int), sizeof(int));

            if (came < room) {
                fds[came] = fd;
            } else {
                (void) close(fd);
            }

            came++;
        }
    }

    return came;
}


static void
fdpass_close(int *fds, unsigned n)
{
    while (n > 0) {
        (void) close(fds[--n]);
    }
}


ssize_t
gt_fdpass_recv(int fd, void *p, size_t size, int *fds, unsigned *n_fds)
{
    ssize_t          rc;
    unsigned         came, room = n_fds ? *n_fds : 0;
    struct iovec     iov = { .iov_base = p, .iov_len = size };
    struct msghdr    msg = { .msg_iov = &iov, .msg_iovlen = 1 };
    fdpass_control_t control;

    msg.msg_control = &control;
    msg.msg_controllen = sizeof(control);

    if (n_fds) {
        *n_fds = 0;
    }

    do {
        rc = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    } while (rc < 0 && errno == EINTR);

    if (rc < 0) {
        return errno == EAGAIN ? GT_AGAIN : GT_ERROR;
    }

    came = fdpass_take(&msg, fds, room);

    if (rc == 0 || came > room || (msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC))) {
        fdpass_close(fds, gt_min(came, room));
        /* there is control room for all: what is cut, our limit has cut */
        errno = (msg.msg_flags & MSG_CTRUNC) ? EMFILE : EMSGSIZE;
        return rc == 0 && came == 0 ? 0 : GT_ERROR;
    }

    if (n_fds) {
        *n_fds = came;
    }

    return rc;
}
