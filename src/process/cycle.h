/*
 * process/cycle.h: a generation: a configuration, its services, its sockets
 * and the workers that serve them.
 *
 *   gt_cycle_load()  text -> checked model and services; touches nothing else
 *   gt_cycle_bind()  sockets of all slots, those of the one before inherited
 *   gt_cycle_share() counters, inboxes, doors: what its workers will have
 *   ...              workers come and go (process/spawn.h)
 *   gt_cycle_retire() another one serves now: configuration and sockets go
 *   gt_cycle_free()  after its last worker
 *
 * A generation of a former master has neither configuration nor sockets, only
 * workers that are asked to go, and the namespaces that they may want sockets
 * of until then.
 */

#ifndef GT_PROCESS_CYCLE_H
#define GT_PROCESS_CYCLE_H

#include "conf/model.h"
#include "core/list.h"
#include "os/proc.h"
#include "process/channel.h"
#include "process/desk.h"
#include "process/tally.h"
#include "service/service.h"

typedef struct gt_cycle gt_cycle_t;

/* a file that the configuration names and that is read with it */
typedef struct {
    const char *path;   /* the model's */
    uint64_t    period; /* ms between two looks; 0: nobody looks */
    uint64_t    due;    /* ms of the loop */
    uint64_t    digest; /* of what was in it, or rather before it was read */
    bool        differs; /* now, when it was looked at last */
} gt_watched_t;

typedef struct {
    gt_cycle_t     *cycle; /* whose it is */
    int             slot;
    pid_t           pid;   /* 0: no process */
    bool            child; /* ours by fork(), else a former master's */
    gt_slot_state_t state;
    gt_channel_t    ch;
    int             inbox[2]; /* net/mesh.h; -1: none */
    int             door;     /* where a later master knocks; -1: none */
    uint64_t        forked;   /* ms of the loop */
    unsigned        quick;    /* deaths in a row that came too soon */
    gt_timer_t      respawn;
} gt_slot_t;

struct gt_cycle {
    gt_list_t        link; /* in the master's list, the oldest first */
    uint32_t         generation;
    gt_model_t      *model;    /* ours; NULL once retired */
    uint64_t         digest;   /* of its sources */
    bool             differs;  /* they do now */
    gt_watched_t    *watched;  /* ours, n_watched; none once retired */
    int              n_watched;
    gt_services_t   *services; /* ours; NULL once retired */
    gt_netns_set_t   spaces;   /* ours: from where its nodes and targets are
                                  dialed; for as long as it has workers */
    gt_zone_t       *zone;     /* ours: its counters */
    gt_slot_t       *slots;    /* ours, n_slots */
    int              n_slots;
    uint64_t         max_conns; /* of each worker */
    bool             drop;      /* workers become `user` */
    gt_proc_user_t   user;
    gt_desk_t        desks[GT_DESKS]; /* of the stats process */
};

/*
 * Everything that can be checked without touching the world; NULL with errors
 * in d, else warnings may be there.  nofile: descriptors a worker may have.
 */
gt_cycle_t *gt_cycle_load(gt_source_t *src, uint64_t nofile, gt_diag_t *d);

/*
 * Opens the sockets, or takes copies of those of `from` (NULL: none) or of the
 * n_old entries of old; what is not wanted stays where it is.  GT_ERROR with
 * errors in d; the cycle is then only good for gt_cycle_free().
 */
int gt_cycle_bind(gt_cycle_t *cy, gt_cycle_t *from, gt_bound_t *old, int n_old,
                  gt_diag_t *d);

/*
 * Makes what the workers share.  lasting: where its nodes' marks are; oldest:
 * the first generation that still lives.  dir: where the doors go, NULL: no
 * doors.  GT_ERROR with errors in d.
 */
int gt_cycle_share(gt_cycle_t *cy, gt_zone_t *lasting, uint32_t generation,
                   uint32_t oldest, const char *dir, gt_diag_t *d);

/* one of a former master: its zone is taken; NULL: no memory, and then the
   zone is still the caller's */
gt_cycle_t *gt_cycle_adopt(gt_zone_t *zone);

/* configuration and listening sockets go, workers stay */
void gt_cycle_retire(gt_cycle_t *cy);

/* everything, the doors' files too (dir as above) */
void gt_cycle_free(gt_cycle_t *cy, const char *dir);

/* slots that have a process */
int gt_cycle_alive(const gt_cycle_t *cy);

/* the path of a door in dir; false: too long */
bool gt_cycle_door(char *buf, size_t size, const char *dir, uint32_t generation,
                   uint32_t slot);

/* the door's file goes */
void gt_cycle_unlink(const gt_slot_t *sl, const char *dir);

/* --- for the parts of a cycle only --- */

/* watch.c: what is to be looked at, as it is before it is read: of the sources
   before the model is loaded, of the files behind it; GT_ERROR: no memory */
void gt_watch_sources(gt_cycle_t *cy, const gt_source_t *src);
int  gt_watch_files(gt_cycle_t *cy, const gt_source_t *src);

/* cycle_check.c: the process's own settings: user, limits, stats; errors in
   d */
void gt_cycle_check(gt_cycle_t *cy, uint64_t nofile, gt_diag_t *d);

#endif
