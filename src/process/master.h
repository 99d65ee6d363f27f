/*
 * process/master.h: the master's process, which owns every socket, starts the
 * others and serves nobody.
 *
 *   start -> RUNNING -> STOPPING: everybody ends at once   -> exit
 *                    -> QUITTING: workers serve what is left -> exit
 *
 * While RUNNING a reload makes `next`, which becomes `current` when all its
 * workers accept; until then nothing of `current` has changed.
 *
 * The parts: master.c (start, exit), command.c (commands and signals),
 * reload.c, reload_say.c, watch.c, spawn.c (workers), spawn_stats.c,
 * takeover.c (workers of a master that died), control.c.
 */

#ifndef GT_PROCESS_MASTER_H
#define GT_PROCESS_MASTER_H

#include "core/log.h"
#include "process/control.h"
#include "process/cycle.h"
#include "process/fetch.h"

typedef enum { GT_MASTER_RUNNING, GT_MASTER_QUITTING, GT_MASTER_STOPPING }
gt_master_state_t;

typedef struct {
    gt_loop_t         loop;
    gt_master_state_t state;
    gt_source_t      *src;    /* the caller's */
    uint64_t          nofile; /* descriptors a process may have */

    gt_zone_t  *lasting; /* ours */
    gt_list_t   cycles;  /* ours, the oldest first */
    gt_cycle_t *current; /* in cycles: it serves; NULL before the first */
    gt_cycle_t *next;    /* in cycles: a reload is starting it, or NULL */
    uint32_t    made;    /* the last generation's number */
    bool        paused;  /* WINCH: no workers until the next reload */

    gt_timer_t deadline; /* of `next`; of STOPPING */
    gt_post_t  sweep;    /* frees cycles whose last worker has gone */
    bool       again;    /* a reload was asked for during a reload */
    gt_diag_t *diag;     /* ours: what the reload of `next` has to say */

    gt_fetch_t *fetch;  /* ours: reads URLs for a reload, or NULL */
    bool        looked; /* ... to see whether one is needed */
    bool        alone;  /* nobody asked for the reload that goes on: watch.c */
    gt_timer_t  watch;
    uint64_t    watch_due; /* ms of the loop: the sources are looked at */
    char       *said;      /* ours: the last failure of such a reload */

    /* clients of control.sock that wait for the end of a reload */
    gt_control_id_t waiters[GT_CONTROL_CONNS];
    int             n_waiters;

    /* those that wait for the end of it all */
    gt_control_id_t stoppers[GT_CONTROL_CONNS];
    int             n_stoppers;

    char         *dir;      /* ours; NULL: no runtimeDir */
    char         *pid_file; /* ours; NULL: none */
    gt_control_t *control;  /* ours; NULL without dir */
    gt_event_t    signals;

    /* the stats process */
    pid_t        stats_pid; /* 0: none */
    gt_channel_t stats_ch;
    uint64_t     stats_forked;
    unsigned     stats_quick;
    gt_timer_t   stats_respawn;

    int status; /* to exit with */
} gt_master_t;

/* runs until it is told to end; the status to exit with */
int gt_master_run(gt_source_t *src);

/* of the control socket in a runtime directory; false: too long */
bool gt_master_control_path(char *buf, size_t size, const char *dir);

/* --- for the parts of the master only --- */

/* errors and warnings of d into the log; errors at that level */
void gt_master_report(const gt_diag_t *d, gt_log_level_t level);

/* command.c: a worker has ended (or `current` has no more): is it time to go?
 */
void gt_master_check(gt_master_t *ms);

/* command.c: of control.sock, data is the master */
void gt_master_command(void *data, gt_control_id_t id, const char *word);
/* signals from now on; GT_ERROR with errno */
int  gt_master_watch(gt_master_t *ms);

/* reload.c: begins one, or notes that another has to follow */
void gt_reload_begin(gt_master_t *ms);
/* one that nobody asked for; fetched: what URLs give is there */
void gt_reload_alone(gt_master_t *ms, bool fetched);
/* gives up reading for one; nothing is said */
void gt_reload_forget(gt_master_t *ms);
/* forks what is loaded, bound and shared; cy is the master's from here on */
void gt_reload_start(gt_master_t *ms, gt_cycle_t *cy);
void gt_reload_ready(gt_master_t *ms); /* a worker of `next` accepts */
/* tells who waits, and begins again when that was asked for */
void gt_reload_done(gt_master_t *ms, bool good, const char *text);
/* `next` cannot become current; why for people */
void gt_reload_abort(gt_master_t *ms, const char *why);
/* the log's output, level and format; GT_ERROR with errors in d */
int  gt_reload_log(const gt_model_t *m, gt_diag_t *d);

/* watch.c: looks now and then whether `current` is still what is configured */
void gt_watch_begin(gt_master_t *ms);

/* reload_say.c: good or not, what d (or NULL) has and `last` (or NULL): into
   the lasting zone; to those who wait, who then wait no longer */
void gt_reload_note(gt_master_t *ms, bool good, const gt_diag_t *d,
                    const char *last);
void gt_reload_answer(gt_master_t *ms, bool good, const gt_diag_t *d,
                      const char *last);
/* one that nobody asked for is tried again and again: what has been said of it
   is not said again */
void gt_reload_alone_failed(gt_master_t *ms, const gt_diag_t *d);

/* spawn.c */
void gt_spawn_worker(gt_master_t *ms, gt_slot_t *sl);
void gt_spawn_cycle(gt_master_t *ms, gt_cycle_t *cy);
void gt_spawn_reap(gt_master_t *ms); /* SIGCHLD */
/* tells every worker of cy (NULL: of all) and no longer replaces it */
void gt_spawn_tell(gt_master_t *ms, gt_cycle_t *cy, gt_msg_type_t type);
/* SIGKILL to who is still there */
void gt_spawn_kill(gt_master_t *ms, gt_cycle_t *cy);
/* makes a worker of a former master's one of ours; takes fd */
int gt_spawn_adopt(gt_master_t *ms, gt_slot_t *sl, const gt_msg_t *hello,
                   int fd);

/* quick deaths in a row after one more, of a child that lived that long (ms) */
unsigned gt_spawn_quick(uint64_t lived, unsigned quick);
/* ms to wait with the next one then */
uint64_t gt_spawn_pause(unsigned quick);

/* spawn_stats.c: makes sure of one, if one is wanted */
void gt_spawn_stats(gt_master_t *ms);
void gt_spawn_stats_stop(gt_master_t *ms);
void gt_spawn_stats_ended(gt_master_t *ms, const char *how, bool good);

/* takeover.c: finds the workers of a master that died in ms->dir; their
   generations go to ms->cycles, their zone to ms->lasting, their sockets to
   *b (the caller's, with gt_free()).  How many sockets */
int gt_takeover(gt_master_t *ms, gt_bound_t **b);

/* the first generation of which a worker may still live; those to be made
   included */
uint32_t gt_master_oldest(const gt_master_t *ms);

#endif
