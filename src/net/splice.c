/*
 * net/splice.c: pipes between sockets.
 *
 * The pool is the process's: a worker is one thread.  A pipe is held only
 * while a direction moves bulk, so a few serve all tunnels.
 */

#include "net/splice.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { PIPE_POOL = 16 }; /* idle pipes kept: 32 descriptors */

static int pipe_pool[PIPE_POOL][2];
static int pipe_n;


int
gt_pipe_get(gt_pipe_t *p)
{
    p->n = 0;

    if (pipe_n) {
        pipe_n--;
        p->fd[0] = pipe_pool[pipe_n][0];
        p->fd[1] = pipe_pool[pipe_n][1];
        return GT_OK;
    }

    if (pipe2(p->fd, O_NONBLOCK | O_CLOEXEC) != 0) {
        p->fd[0] = p->fd[1] = -1;
        return GT_ERROR;
    }

    return GT_OK;
}


void
gt_pipe_put(gt_pipe_t *p)
{
    if (p->fd[0] < 0) {
        return;
    }

    if (p->n == 0 && pipe_n < PIPE_POOL) {
        pipe_pool[pipe_n][0] = p->fd[0];
        pipe_pool[pipe_n][1] = p->fd[1];
        pipe_n++;
    } else {
        (void) close(p->fd[0]);
        (void) close(p->fd[1]);
    }

    p->fd[0] = p->fd[1] = -1;
    p->n = 0;
}


void
gt_pipe_trim(void)
{
    while (pipe_n) {
        pipe_n--;
        (void) close(pipe_pool[pipe_n][0]);
        (void) close(pipe_pool[pipe_n][1]);
    }
}


static ssize_t
pipe_splice(int from, int to, size_t n)
{
    ssize_t rc;

    do {
        rc = splice(from, NULL, to, NULL, n, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    } while (rc < 0 && errno == EINTR);

    if (rc < 0) {
        return errno == EAGAIN ? GT_AGAIN : GT_ERROR;
    }

    return rc;
}


ssize_t
gt_pipe_fill(gt_pipe_t *p, int fd, size_t max)
{
    ssize_t n;

    GT_ASSERT(p->n == 0);

    n = pipe_splice(fd, p->fd[1], max);
    if (n > 0) {
        p->n = (size_t) n;
    }

    return n;
}


ssize_t
gt_pipe_drain(gt_pipe_t *p, int fd)
{
    ssize_t n = pipe_splice(p->fd[0], fd, p->n);

    if (n > 0) {
        p->n -= (size_t) n;
    }

    return n;
}


int
gt_pipe_read(gt_pipe_t *p, gt_chain_t *c)
{
    int          niov;
    ssize_t      n;
    struct iovec iov[4];

    while (p->n) {
        niov = (int) gt_nelts(iov);
        if (gt_chain_room(iov, &niov, p->n) == 0) {
            return GT_ERROR;
        }

        n = readv(p->fd[0], iov, niov);
        if (n <= 0 || gt_chain_fill(c, iov, (size_t) n) != GT_OK) {
            return GT_ERROR;
        }

        p->n -= (size_t) n;
    }

    return GT_OK;
}
