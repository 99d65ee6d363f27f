/*
 * net/splice.h: bytes from one socket to another through a pipe, without
 * passing user space.  For net/relay only.
 */

#ifndef GT_NET_SPLICE_H
#define GT_NET_SPLICE_H

#include "core/buf.h"

/* a pipe and what is in it; all-zero but for fd -1 is none */
typedef struct {
    int    fd[2];
    size_t n; /* bytes in the pipe */
} gt_pipe_t;

/* clang-format off */
#define GT_PIPE_NONE { { -1, -1 }, 0 }
/* clang-format on */

/* from a small pool, or made; GT_ERROR: no descriptors */
int gt_pipe_get(gt_pipe_t *p);

/* back to the pool when it is empty, else closed; idempotent */
void gt_pipe_put(gt_pipe_t *p);

/* closes the pool */
void gt_pipe_trim(void);

/*
 * fd to pipe, which must be empty, at most max bytes: > 0, 0 at EOF, GT_AGAIN,
 * GT_ERROR with errno.  pipe to fd: > 0, GT_AGAIN, GT_ERROR with errno.
 */
ssize_t gt_pipe_fill(gt_pipe_t *p, int fd, size_t max);
ssize_t gt_pipe_drain(gt_pipe_t *p, int fd);

/* reads it back into a chain; GT_ERROR: no memory, some is lost */
int gt_pipe_read(gt_pipe_t *p, gt_chain_t *c);

#endif
