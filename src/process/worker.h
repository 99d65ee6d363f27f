/*
 * process/worker.h: a worker's process.
 *
 *   start -> READY -> QUIT: no new connections, the tunnels go on -> end
 *                  -> STOP or TERM: end
 *
 * The master's death is the end of its channel.  A worker with a door goes on
 * serving then and gives its sockets to the next master that knocks; without
 * one nobody could ever take them over, so it quits and frees its ports.
 */

#ifndef GT_PROCESS_WORKER_H
#define GT_PROCESS_WORKER_H

#include "process/cycle.h"

/* exit statuses; 2: it cannot start, and another one could not either */
enum { GT_WORKER_DONE = 0, GT_WORKER_FAILED = 1, GT_WORKER_FATAL = 2 };

typedef struct {
    gt_cycle_t *cycle;
    int         slot;
    int         channel; /* to the master; the worker's */
    gt_list_t  *cycles;  /* all generations whose inboxes are known */
    gt_zone_t  *lasting;
} gt_worker_conf_t;

/* in the child, right after the fork; the status to exit with */
int gt_worker_run(const gt_worker_conf_t *cf);

#endif
