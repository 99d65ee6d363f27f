/*
 * Signals by descriptor: they wait, come once each, and a child starts afresh.
 */

#include "os/signal.h"

#include "tap.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>


static int
readable(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };

    return poll(&p, 1, 0);
}


static int
end_of(pid_t pid)
{
    int status = -1;

    (void) waitpid(pid, &status, 0);

    return status;
}


int
main(void)
{
    static const int list[] = { SIGHUP, SIGTERM, SIGUSR1, SIGCHLD, 0 };

    int   fd, status, pipes[2];
    pid_t pid, from = -1;

    fd = gt_signal_open(list);
    ok(fd >= 0, "a descriptor");
    is_int(gt_signal_read(fd, NULL), GT_AGAIN, "nothing yet");

    (void) kill(getpid(), SIGTERM); /* would end us if it were not blocked */
    ok(readable(fd) == 1, "readable");
    is_int(gt_signal_read(fd, &from), SIGTERM, "TERM");
    is_int(from, getpid(), "from us");
    is_int(gt_signal_read(fd, NULL), GT_AGAIN, "once");

    (void) kill(getpid(), SIGUSR1);
    (void) kill(getpid(), SIGHUP);
    status = gt_signal_read(fd, NULL);
    status += gt_signal_read(fd, NULL);
    is_int(status, SIGUSR1 + SIGHUP, "two");
    is_int(gt_signal_read(-1, NULL), GT_ERROR, "a bad descriptor");

    (void) !pipe(pipes);
    (void) close(pipes[0]);
    ok(write(pipes[1], "x", 1) < 0, "PIPE does not end us");

    pid = fork();
    if (pid == 0) {
        gt_signal_reset(false);
        (void) !write(pipes[1], "x", 1); /* still ignored */
        (void) kill(getpid(), SIGTERM);
        _exit(7); /* not reached */
    }

    status = end_of(pid);
    ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM,
       "a child that resets gets its signals as usual");
    is_int(gt_signal_read(fd, &from), SIGCHLD, "CHLD");
    is_int(from, pid, "from the child");

    pid = fork();
    if (pid == 0) {
        gt_signal_reset(true);
        (void) !write(pipes[1], "x", 1);
        _exit(7);
    }

    status = end_of(pid);
    ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE, "even PIPE");

    pid = fork();
    if (pid == 0) {
        (void) kill(getpid(), SIGHUP);
        _exit(gt_signal_read(fd, NULL) == SIGHUP ? 7 : 1);
    }

    is_int(WEXITSTATUS(end_of(pid)), 7, "one that does not reads its own");
    ok(gt_signal_read(fd, NULL) == SIGCHLD
           && gt_signal_read(fd, NULL) == GT_AGAIN,
       "which we do not see");
    (void) close(fd);

    return tap_done();
}
