/*
 * os/signal.h: signals as bytes of a descriptor, so that they come in the
 * order of the event loop and never in the middle of something.
 */

#ifndef GT_OS_SIGNAL_H
#define GT_OS_SIGNAL_H

#include "core/core.h"

/*
 * Blocks the signals of a list that ends with 0 and returns a non-blocking,
 * close-on-exec descriptor that is readable while one is pending; -1 with
 * errno.  SIGPIPE is ignored from here on.  A child reads its own signals, but
 * must watch the descriptor with an epoll of its own.
 */
int gt_signal_open(const int *signals);

/* blocks them, so that they wait for gt_signal_open() instead of ending the
   process, and undoes what it inherited (nohup); hold false: unblocks */
void gt_signal_hold(const int *signals, bool hold);

/* the next signal's number, GT_AGAIN, or GT_ERROR; pid of who sent it (0: the
   kernel) unless NULL */
int gt_signal_read(int fd, pid_t *pid);

/* in a child, or before exec: nothing blocked, everything at its default;
   SIGPIPE stays ignored unless `pipe` */
void gt_signal_reset(bool pipe);

#endif
