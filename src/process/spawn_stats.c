/*
 * process/spawn_stats.c: the stats process as the master's child: there is one
 * while there is a place to listen, and it is replaced as a worker is.
 */

#include "process/master.h"

#include "core/log.h"
#include "process/statsd.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>


static void
stats_got(gt_channel_t *ch, gt_msg_t *m)
{
    (void) ch;
    (void) m; /* it says nothing; its end comes with SIGCHLD */
}


static void
stats_again(gt_timer_t *timer)
{
    gt_spawn_stats(gt_container_of(timer, gt_master_t, stats_respawn));
}


static void
stats_later(gt_master_t *ms)
{
    ms->stats_quick =
        gt_spawn_quick(ms->loop.now - ms->stats_forked, ms->stats_quick);
    gt_timer_set(&ms->loop, &ms->stats_respawn, gt_spawn_pause(ms->stats_quick),
                 stats_again);
}


GT_NORETURN static void
stats_be(gt_master_t *ms, int fd, pid_t master)
{
    gt_statsd_conf_t cf = { .cycle = ms->current,
                            .channel = fd,
                            .cycles = &ms->cycles,
                            .lasting = ms->lasting,
                            .master = master };

    exit(gt_statsd_run(&cf));
}


void
gt_spawn_stats(gt_master_t *ms)
{
    int   fd[2];
    pid_t pid, master = getpid();

    if (!ms->current || !gt_desks_open(ms->current->desks) || ms->stats_pid
        || ms->state == GT_MASTER_STOPPING)
    {
        return;
    }

    ms->stats_forked = ms->loop.now;

    if (gt_fdpass_pair(fd) != GT_OK) {
        gt_error("stats process: socketpair(): %s", strerror(errno));
        stats_later(ms);
        return;
    }

    pid = gt_proc_fork();
    if (pid == 0) {
        stats_be(ms, fd[1], master);
    }

    (void) close(fd[1]);

    if (pid < 0) {
        gt_error("stats process: fork(): %s", strerror(errno));
        (void) close(fd[0]);
        stats_later(ms);
        return;
    }

    ms->stats_pid = pid;

    if (gt_channel_open(&ms->stats_ch, &ms->loop, fd[0], ms, stats_got)
        != GT_OK) {
        (void) kill(pid, SIGKILL);
    }
}


void
gt_spawn_stats_ended(gt_master_t *ms, const char *how, bool good)
{
    bool asked = ms->stats_ch.fd < 0;

    gt_channel_close(&ms->stats_ch);
    ms->stats_pid = 0;

    if (!good) {
        gt_log_alert("the stats process %s", how);
    }

    if (asked) {
        gt_spawn_stats(ms); /* the one of a newer configuration */
    } else {
        stats_later(ms);
    }

    gt_master_check(ms);
}


/* its end is the end of the channel: it cannot miss that */

void
gt_spawn_stats_stop(gt_master_t *ms)
{
    gt_timer_del(&ms->loop, &ms->stats_respawn);
    gt_channel_close(&ms->stats_ch);
}
