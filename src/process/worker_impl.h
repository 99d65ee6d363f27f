/*
 * process/worker_impl.h: what the files of a worker's process share.
 */

#ifndef GT_PROCESS_WORKER_IMPL_H
#define GT_PROCESS_WORKER_IMPL_H

#include "net/mesh.h"
#include "process/asker.h"
#include "process/worker.h"

typedef struct {
    gt_loop_t          loop;
    gt_cycle_t        *cycle; /* the master's copy in this process */
    gt_slot_t         *slot;  /* of it: ours */
    gt_zone_t         *lasting;
    gt_stat_block_t   *stat; /* in shared memory; only we write it */
    gt_slots_worker_t *row; /* our line there, likewise */
    gt_mesh_t         *mesh; /* ours */
    gt_channel_t       ch;   /* to the master */
    gt_asker_t        *asker; /* ours; NULL: all is dialed from here */
    gt_event_t         signals, door;
    gt_timer_t         deadline; /* shutdownTimeout */
    gt_timer_t         log;      /* of lines that wait to be written */
    gt_timer_t         beat;     /* of a round when there is nothing to do */
    gt_post_t          end;
    uint64_t           dropped; /* log lines, as far as counted */
    bool               quitting;
    bool               finished; /* the services go: nobody is heard any more */
    bool               orphan;   /* no master, or one that has not asked yet */
    int                status;
} gt_worker_t;

/* ends it now */
void gt_worker_stop(gt_worker_t *w);

/* ends it with its last session, or at shutdownTimeout */
void gt_worker_quit(gt_worker_t *w);

/* worker_master.c: takes over the log that came in m, or, without a master,
   opens its own again; m NULL: a signal */
void gt_worker_reopen(gt_worker_t *w, gt_msg_t *m);

/* worker_master.c: a channel's message; NULL: the master has gone */
void gt_worker_told(gt_channel_t *ch, gt_msg_t *m);

#endif
