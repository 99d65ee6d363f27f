/*
 * process/spawn.c: the master's workers: how they start, and what follows when
 * one ends; spawn_stats.c is their sibling.
 *
 * A worker that dies is replaced at once; when it dies again within
 * SPAWN_QUICK, after a pause that doubles from SPAWN_FIRST to SPAWN_LAST.  It
 * gets the same sockets, so what waits in their queues waits for it.
 */

#include "process/master.h"

#include "core/log.h"
#include "process/asker.h"
#include "process/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    SPAWN_QUICK = 5000, /* ms: a death after less of a life is a quick one */
    SPAWN_FIRST = 100,
    SPAWN_LAST = 5000
};

static gt_master_t *spawn_master; /* for timers, which carry no pointer */


static uint64_t
spawn_wall_ms(void)
{
    struct timespec ts;

    (void) clock_gettime(CLOCK_REALTIME, &ts);

    return (uint64_t) ts.tv_sec * 1000 + (uint64_t) ts.tv_nsec / 1000000;
}


unsigned
gt_spawn_quick(uint64_t lived, unsigned quick)
{
    return lived < SPAWN_QUICK ? quick + 1 : 1;
}


uint64_t
gt_spawn_pause(unsigned quick)
{
    if (quick < 2) {
        return 0;
    }

    return gt_min((uint64_t) SPAWN_FIRST << gt_min(quick - 2, 16u),
                  (uint64_t) SPAWN_LAST);
}


/* --- messages of workers --- */

static void
spawn_ended(gt_master_t *ms, gt_slot_t *sl, const char *how, bool good);


/* a worker that does not read what it has asked for has to do without */

static void
spawn_give(gt_slot_t *sl, const gt_msg_t *ask)
{
    gt_msg_t m;

    gt_asker_answer(&sl->cycle->spaces, ask, &m);
    (void) gt_channel_send(&sl->ch, &m);
    gt_msg_drop(&m);
}


static void
spawn_got(gt_channel_t *ch, gt_msg_t *m)
{
    gt_slot_t   *sl = ch->owner;
    gt_master_t *ms = spawn_master;

    if (!m) {
        /* a child's end comes with SIGCHLD, which knows how it was */
        if (!sl->child && sl->pid) {
            spawn_ended(ms, sl, "gone", true);
        }

        return;
    }

    if (m->type == GT_MSG_ASK) {
        spawn_give(sl, m);

    } else if (m->type == GT_MSG_READY && sl->state == GT_SLOT_STARTING) {
        sl->state = GT_SLOT_READY;
        gt_debug("worker %d of generation %u accepts, pid %d", sl->slot,
                 sl->cycle->generation, (int) sl->pid);

        if (sl->cycle == ms->next) {
            gt_reload_ready(ms);
        }
    }
}


/* --- workers --- */

GT_NORETURN static void
spawn_be_worker(gt_master_t *ms, gt_slot_t *sl, int fd)
{
    gt_worker_conf_t cf = { .cycle = sl->cycle,
                            .slot = sl->slot,
                            .channel = fd,
                            .cycles = &ms->cycles,
                            .lasting = ms->lasting };

    /* signals stay blocked until it reads them: one that comes now waits */
    exit(gt_worker_run(&cf));
}


static void
spawn_again(gt_timer_t *timer)
{
    gt_spawn_worker(spawn_master, gt_container_of(timer, gt_slot_t, respawn));
}


static void
spawn_later(gt_master_t *ms, gt_slot_t *sl)
{
    uint64_t pause = gt_spawn_pause(sl->quick);

    if (pause > 0) {
        gt_warn("worker %d is started again in %llu ms", sl->slot,
                (unsigned long long) pause);
    }

    gt_timer_set(&ms->loop, &sl->respawn, pause, spawn_again);
}


/* before the fork: from then on the worker writes here */

static void
spawn_note(gt_slot_t *sl)
{
    gt_slots_worker_t *s = gt_tally_worker(sl->cycle->zone, sl->slot);

    s->started_ms = spawn_wall_ms();
    __atomic_store_n(&s->state, GT_SLOT_STARTING, __ATOMIC_RELEASE);
}


void
gt_spawn_worker(gt_master_t *ms, gt_slot_t *sl)
{
    int   fd[2];
    pid_t pid;

    spawn_master = ms;
    sl->forked = ms->loop.now;

    if (gt_fdpass_pair(fd) != GT_OK) {
        gt_error("worker %d: socketpair(): %s", sl->slot, strerror(errno));
        sl->quick++;
        spawn_later(ms, sl);
        return;
    }

    spawn_note(sl);

    pid = gt_proc_fork();
    if (pid == 0) {
        spawn_be_worker(ms, sl, fd[1]);
    }

    (void) close(fd[1]);

    if (pid < 0) {
        gt_error("worker %d: fork(): %s", sl->slot, strerror(errno));
        (void) close(fd[0]);
        sl->quick++;
        spawn_later(ms, sl);
        return;
    }

    sl->pid = pid;
    sl->child = true;
    sl->state = GT_SLOT_STARTING;

    if (gt_channel_open(&sl->ch, &ms->loop, fd[0], sl, spawn_got) != GT_OK) {
        gt_error("worker %d cannot be heard: %s", sl->slot, strerror(errno));
        (void) kill(pid, SIGKILL);
    }
}


void
gt_spawn_cycle(gt_master_t *ms, gt_cycle_t *cy)
{
    int i;

    for (i = 0; i < cy->n_slots; i++) {
        gt_spawn_worker(ms, &cy->slots[i]);
    }
}


int
gt_spawn_adopt(gt_master_t *ms, gt_slot_t *sl, const gt_msg_t *hello, int fd)
{
    spawn_master = ms;

    if (gt_channel_open(&sl->ch, &ms->loop, fd, sl, spawn_got) != GT_OK) {
        return GT_ERROR;
    }

    sl->pid = hello->pid;
    sl->child = false;
    sl->state = (gt_slot_state_t) hello->state;

    return GT_OK;
}


/* --- the end of a worker --- */

static void
spawn_cleared(gt_master_t *ms, gt_slot_t *sl)
{
    gt_slots_worker_t *s = gt_tally_worker(sl->cycle->zone, sl->slot);

    gt_channel_close(&sl->ch);
    sl->pid = 0;
    sl->state = GT_SLOT_NONE;
    gt_tally_bury(sl->cycle->zone, sl->slot);
    __atomic_store_n(&s->state, GT_SLOT_NONE, __ATOMIC_RELAXED);
    __atomic_store_n(&s->pid, 0, __ATOMIC_RELEASE);

    if (!sl->child) {
        gt_cycle_unlink(sl, ms->dir); /* nobody opens that door again */
    }
}


/* is there to be another one in its place? */

static bool
spawn_replaces(const gt_master_t *ms, const gt_slot_t *sl)
{
    return ms->state == GT_MASTER_RUNNING && !ms->paused
           && sl->cycle == ms->current && sl->cycle->services;
}


static void
spawn_ended(gt_master_t *ms, gt_slot_t *sl, const char *how, bool good)
{
    int         pid = (int) sl->pid;
    bool        asked = sl->state == GT_SLOT_QUITTING;
    gt_cycle_t *cy = sl->cycle;

    spawn_cleared(ms, sl);

    if (!good) {
        gt_log_alert("worker %d of generation %u, pid %d, %s", sl->slot,
                     cy->generation, pid, how);
        gt_tally_worker(cy->zone, sl->slot)->deaths++;
        gt_tally_died(ms->lasting);

    } else {
        gt_info("worker %d of generation %u, pid %d, has ended", sl->slot,
                cy->generation, pid);
    }

    if (cy == ms->next && !asked) {
        gt_reload_abort(ms, "a worker of the new generation does not start");

    } else if (spawn_replaces(ms, sl)) {
        sl->quick = gt_spawn_quick(ms->loop.now - sl->forked, sl->quick);
        spawn_later(ms, sl);
    }

    gt_post(&ms->loop, &ms->sweep);
    gt_master_check(ms);
}


static gt_slot_t *
spawn_find(gt_master_t *ms, pid_t pid)
{
    int         i;
    gt_list_t  *l, *tmp;
    gt_cycle_t *cy;

    gt_list_each(l, tmp, &ms->cycles)
    {
        cy = gt_list_entry(l, gt_cycle_t, link);

        for (i = 0; i < cy->n_slots; i++) {
            if (cy->slots[i].pid == pid && cy->slots[i].child) {
                return &cy->slots[i];
            }
        }
    }

    return NULL;
}


/* "ended with status 1", "was killed by signal 9 (Killed)" */

static void
spawn_how(int status, char *buf, size_t size)
{
    if (WIFSIGNALED(status)) {
        (void) gt_snprintf(buf, size, "was killed by signal %d (%s)%s",
                           WTERMSIG(status), strsignal(WTERMSIG(status)),
                           WCOREDUMP(status) ? ", core dumped" : "");
        return;
    }

    (void) gt_snprintf(buf, size, "ended with status %d", WEXITSTATUS(status));
}


void
gt_spawn_reap(gt_master_t *ms)
{
    int        status;
    char       how[128];
    bool       good;
    pid_t      pid;
    gt_slot_t *sl;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
        spawn_how(status, how, sizeof(how));

        if (pid == ms->stats_pid) {
            gt_spawn_stats_ended(ms, how, good);
            continue;
        }

        sl = spawn_find(ms, pid);
        if (sl) {
            spawn_ended(ms, sl, how, good);
        }
    }
}


/* --- telling them --- */

static void
spawn_tell(gt_master_t *ms, gt_slot_t *sl, gt_msg_type_t type)
{
    gt_msg_t m = { .type = type };

    gt_timer_del(&ms->loop, &sl->respawn);

    if (sl->pid == 0) {
        return;
    }

    sl->state = GT_SLOT_QUITTING;

    if (gt_channel_send(&sl->ch, &m) != GT_OK && sl->child) {
        (void) kill(sl->pid, type == GT_MSG_STOP ? SIGTERM : SIGQUIT);
    }
}


void
gt_spawn_tell(gt_master_t *ms, gt_cycle_t *cy, gt_msg_type_t type)
{
    int         i;
    gt_list_t  *l, *tmp;
    gt_cycle_t *it;

    gt_list_each(l, tmp, &ms->cycles)
    {
        it = gt_list_entry(l, gt_cycle_t, link);

        for (i = 0; (!cy || it == cy) && i < it->n_slots; i++) {
            spawn_tell(ms, &it->slots[i], type);
        }
    }
}


void
gt_spawn_kill(gt_master_t *ms, gt_cycle_t *cy)
{
    int         i;
    gt_list_t  *l, *tmp;
    gt_cycle_t *it;

    gt_list_each(l, tmp, &ms->cycles)
    {
        it = gt_list_entry(l, gt_cycle_t, link);

        for (i = 0; (!cy || it == cy) && i < it->n_slots; i++) {
            if (it->slots[i].pid) {
                (void) kill(it->slots[i].pid, SIGKILL);
            }
        }
    }
}
