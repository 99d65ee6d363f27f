/*
 * os/signal.c: signalfd.
 */

#include "os/signal.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>


int
gt_signal_open(const int *signals)
{
    int      fd;
    sigset_t set;

    (void) sigemptyset(&set);

    for (; *signals; signals++) {
        (void) sigaddset(&set, *signals);
    }

    fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd < 0) {
        return -1;
    }

    (void) signal(SIGPIPE, SIG_IGN);
    (void) sigprocmask(SIG_BLOCK, &set, NULL);

    return fd;
}


void
gt_signal_hold(const int *signals, bool hold)
{
    sigset_t set;

    (void) sigemptyset(&set);

    for (; *signals; signals++) {
        (void) sigaddset(&set, *signals);

        if (hold) {
            (void) signal(*signals, SIG_DFL);
        }
    }

    (void) sigprocmask(hold ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}


int
gt_signal_read(int fd, pid_t *pid)
{
    ssize_t                 n;
    struct signalfd_siginfo info;

    do {
        n = read(fd, &info, sizeof(info));
    } while (n < 0 && errno == EINTR);

    if (n != (ssize_t) sizeof(info)) {
        return n < 0 && errno == EAGAIN ? GT_AGAIN : GT_ERROR;
    }

    if (pid) {
        *pid = info.ssi_code == SI_KERNEL ? 0 : (pid_t) info.ssi_pid;
    }

    return (int) info.ssi_signo;
}


/* a sanitizer has handlers for these, and nobody else sets any */

static bool
signal_is_fault(int sig)
{
    return sig == SIGSEGV || sig == SIGBUS || sig == SIGFPE || sig == SIGILL
           || sig == SIGABRT || sig == SIGTRAP;
}


void
gt_signal_reset(bool pipe)
{
    int      sig;
    sigset_t none;

    for (sig = 1; sig < NSIG; sig++) {
        if (!signal_is_fault(sig) && (sig != SIGPIPE || pipe)) {
            (void) signal(sig, SIG_DFL); /* KILL and STOP refuse, of course */
        }
    }

    (void) sigemptyset(&none);
    (void) sigprocmask(SIG_SETMASK, &none, NULL);
}
