/*
 * os/fdpass.h: messages with descriptors, over SOCK_SEQPACKET.
 *
 * Used between master and workers, between generations (the mesh) and on
 * control.sock.  A message keeps its boundaries and its descriptors.  All
 * sockets are non-blocking and close-on-exec.
 */

#ifndef GT_OS_FDPASS_H
#define GT_OS_FDPASS_H

#include "core/core.h"

enum {
    GT_FDPASS_MAX = 253 /* descriptors in a message: the kernel's SCM_MAX_FD */
};

/* both ends; GT_ERROR with errno */
int gt_fdpass_pair(int fd[2]);

/*
 * A listening socket at a path, which gets `mode`.  A stale one, to which
 * nobody answers, is replaced; a living one is EADDRINUSE.  -1 with errno.
 */
int gt_fdpass_listen(const char *path, mode_t mode);

/* -1 with errno; EAGAIN when the listener's queue is full */
int gt_fdpass_accept(int fd);
int gt_fdpass_connect(const char *path);

/* who is at the other end, as the kernel knows it; pid, uid may be NULL */
int gt_fdpass_peer(int fd, pid_t *pid, uid_t *uid);

/*
 * Sends a message of n > 0 bytes with n_fds descriptors, which stay the
 * caller's.  GT_OK (all of it left), GT_AGAIN, GT_ERROR with errno.
 */
int gt_fdpass_send(int fd, const void *p, size_t n, const int *fds,
                   unsigned n_fds);

/*
 * One message: > 0 bytes of it in p; fds[0..*n_fds) now belong to the caller
 * and are close-on-exec.  On the way in *n_fds is the room in fds (fds may be
 * NULL with room 0).  0: the peer has gone.  GT_AGAIN.  GT_ERROR with errno: of
 * the socket, or EMSGSIZE when bytes or descriptors did not fit; that message
 * is then gone and its descriptors are closed.
 */
ssize_t gt_fdpass_recv(int fd, void *p, size_t size, int *fds, unsigned *n_fds);

#endif
