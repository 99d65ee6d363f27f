/*
 * process/command.c: what the master is asked, by control.sock or by a signal,
 * which is the same command without the answer.
 */

#include "process/master.h"

#include "core/log.h"
#include "os/signal.h"
#include "process/status.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    COMMAND_STOP_MS = 3000, /* to end at once, before SIGKILL */
    COMMAND_ZONES = 256     /* generations in a status */
};


/* --- going --- */

static int
command_alive(const gt_master_t *ms)
{
    int               i, n = 0;
    gt_list_t        *l, *tmp;
    const gt_cycle_t *cy;

    gt_list_each(l, tmp, &ms->cycles)
    {
        cy = gt_list_entry(l, gt_cycle_t, link);

        for (i = 0; i < cy->n_slots; i++) {
            /* a start that failed leaves a former master's workers alone */
            n += cy->slots[i].pid != 0
                 && (cy->slots[i].child || ms->status == 0);
        }
    }

    return n;
}


void
gt_master_check(gt_master_t *ms)
{
    if (ms->state == GT_MASTER_RUNNING || command_alive(ms) > 0) {
        return;
    }

    if (ms->stats_pid) {
        gt_spawn_stats_stop(ms);
        return;
    }

    ms->loop.stop = true;
}


static void
command_kill(gt_timer_t *timer)
{
    gt_master_t *ms = gt_container_of(timer, gt_master_t, deadline);

    gt_warn("%d workers do not end: killed", command_alive(ms));
    gt_spawn_kill(ms, NULL);

    if (ms->stats_pid) {
        (void) kill(ms->stats_pid, SIGKILL);
    }
}


/* our copies of the listening sockets go, and nobody is replaced any more */

static void
command_leave(gt_master_t *ms, gt_master_state_t state, gt_msg_type_t type)
{
    if (ms->state >= state) {
        return;
    }

    ms->state = state;

    if (ms->next) {
        gt_reload_abort(ms, "gatun is going");

    } else if (ms->fetch) {
        gt_reload_forget(ms);
        gt_reload_done(ms, false, "gatun is going");
    }

    if (ms->current) {
        gt_cycle_retire(ms->current);
    }

    gt_spawn_tell(ms, NULL, type);
}


static void
command_stop(gt_master_t *ms)
{
    if (ms->state != GT_MASTER_STOPPING) {
        gt_info("stopping");
        command_leave(ms, GT_MASTER_STOPPING, GT_MSG_STOP);
        gt_spawn_stats_stop(ms);
        gt_timer_set(&ms->loop, &ms->deadline, COMMAND_STOP_MS, command_kill);
    }

    gt_master_check(ms);
}


static void
command_quit(gt_master_t *ms)
{
    if (ms->state == GT_MASTER_RUNNING) {
        gt_info("quitting: running connections may end by themselves");
        command_leave(ms, GT_MASTER_QUITTING, GT_MSG_QUIT);
    }

    gt_master_check(ms);
}


/* --- commands --- */

/* GT_ERROR with errno: the old file is still in use */

static int
command_reopen(gt_master_t *ms)
{
    int         i;
    gt_list_t  *l, *tmp;
    gt_msg_t    m = { .type = GT_MSG_LOG, .n_fds = 1 };
    gt_cycle_t *cy;

    if (gt_log_reopen() != GT_OK) {
        gt_error("the log cannot be opened again: %s", strerror(errno));
        return GT_ERROR;
    }

    m.fds[0] = gt_log_fd();

    if (m.fds[0] < 0) {
        return GT_OK;
    }

    gt_list_each(l, tmp, &ms->cycles)
    {
        cy = gt_list_entry(l, gt_cycle_t, link);

        for (i = 0; i < cy->n_slots; i++) {
            (void) gt_channel_send(&cy->slots[i].ch, &m);
        }
    }

    (void) gt_channel_send(&ms->stats_ch, &m);
    gt_info("the log is opened again");

    return GT_OK;
}


static void
command_pause(gt_master_t *ms)
{
    if (ms->state == GT_MASTER_RUNNING && ms->current && !ms->next) {
        gt_info("the workers quit; a reload starts new ones");
        ms->paused = true;
        gt_spawn_tell(ms, ms->current, GT_MSG_QUIT);
    }
}


static void
command_status(gt_master_t *ms, gt_control_id_t id)
{
    int        n = 0;
    char      *text;
    gt_list_t *l, *tmp;
    gt_zone_t *zones[COMMAND_ZONES];

    gt_list_each(l, tmp, &ms->cycles)
    {
        if (n < COMMAND_ZONES) {
            zones[n++] = gt_list_entry(l, gt_cycle_t, link)->zone;
        }
    }

    text = gt_status_json(ms->lasting, zones, n, getpid());

    gt_control_answer(ms->control, id, text != NULL,
                      gt_str_from(text ? text : "no memory\n"));

    if (text) {
        gt_control_answer(ms->control, id, true, gt_str_from("\n"));
    }

    free(text);
}


void
gt_master_command(void *data, gt_control_id_t id, const char *word)
{
    gt_master_t *ms = data;

    if (strcmp(word, "status") == 0) {
        command_status(ms, id);

    } else if (strcmp(word, "stop") == 0) {
        if (ms->n_stoppers < GT_CONTROL_CONNS) {
            ms->stoppers[ms->n_stoppers++] = id; /* answered by the end */
        }

        command_stop(ms);

    } else if (strcmp(word, "quit") == 0) {
        gt_control_answer(ms->control, id, true,
                          GT_STR("quitting: running connections may end by "
                                 "themselves\n"));
        command_quit(ms);

    } else if (strcmp(word, "reopen") == 0) {
        if (command_reopen(ms) == GT_OK) {
            gt_control_answer(ms->control, id, true,
                              GT_STR("the log is opened again\n"));
        } else {
            gt_control_answer(ms->control, id, false,
                              gt_str_from(strerror(errno)));
        }

    } else if (strcmp(word, "reload") != 0) {
        gt_control_answer(ms->control, id, false, GT_STR("unknown command\n"));

    } else if (ms->state != GT_MASTER_RUNNING) {
        gt_control_answer(ms->control, id, false, GT_STR("it is going\n"));

    } else if (ms->n_waiters == GT_CONTROL_CONNS) {
        gt_control_answer(ms->control, id, false, GT_STR("too many\n"));

    } else {
        ms->waiters[ms->n_waiters++] = id;
        gt_reload_begin(ms);
    }
}


/* --- signals --- */

/* all that are pending at once: the strongest wins */

static void
command_signal(gt_event_t *ev, uint32_t events)
{
    int          sig;
    bool         got[NSIG] = { false };
    gt_master_t *ms = gt_container_of(ev, gt_master_t, signals);

    (void) events;

    while ((sig = gt_signal_read(ev->fd, NULL)) > 0) {
        got[sig] = sig < NSIG;
    }

    if (got[SIGTERM] || got[SIGINT]) {
        command_stop(ms);
    } else if (got[SIGQUIT]) {
        command_quit(ms);
    }

    if (got[SIGCHLD]) {
        gt_spawn_reap(ms);
    }

    if (got[SIGUSR1]) {
        (void) command_reopen(ms);
    }

    if (ms->state != GT_MASTER_RUNNING) {
        return;
    }

    if (got[SIGUSR2]) {
        gt_warn("this version cannot upgrade itself; SIGUSR2 is ignored");
    }

    if (got[SIGWINCH]) {
        command_pause(ms);
    }

    if (got[SIGHUP]) {
        gt_reload_begin(ms);
    }
}


int
gt_master_watch(gt_master_t *ms)
{
    static const int signals[] = { SIGHUP,  SIGTERM, SIGINT,   SIGQUIT, SIGUSR1,
                                   SIGUSR2, SIGCHLD, SIGWINCH, 0 };

    ms->signals.fd = gt_signal_open(signals);
    ms->signals.handler = command_signal;

    return ms->signals.fd >= 0
                   && gt_event_add(&ms->loop, &ms->signals, EPOLLIN) == GT_OK
               ? GT_OK
               : GT_ERROR;
}
