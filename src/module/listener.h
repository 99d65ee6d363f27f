/*
 * module/listener.h: makes streams out of the network.
 */

#ifndef GT_MODULE_LISTENER_H
#define GT_MODULE_LISTENER_H

#include "module/module.h"
#include "net/addr.h"
#include "net/stream.h"

typedef struct gt_listener gt_listener_t;

/* what is known about an accepted stream beyond its bytes */
typedef struct {
    gt_addr_t remote, local;
} gt_meta_t;

/*
 * A service's listener.  In the master bind() opens the sockets of all worker
 * slots; a worker starts one slot of them on its loop.
 */
struct gt_listener {
    const gt_module_t *module;
    const char        *service; /* its name, for the log; the model's */
    const char        *addr;    /* as configured; the model's */
    void              *conf;    /* the module's; the service's to free */

    int  n_slots;
    int *fds; /* one a slot, -1: none yet; the service's to close */

    /* set by the service before start() */
    gt_loop_t *loop;
    int        slot;
    void      *owner; /* the service */

    /* takes st; called from an event, never from start() */
    void (*accept)(gt_listener_t *ls, gt_stream_t *st, const gt_meta_t *meta);

    /* before each accept: GT_OK; GT_AGAIN: not now, the service calls
       ops->resume when there is room; GT_ERROR: take it and close it at once */
    int (*admit)(gt_listener_t *ls);

    void *impl; /* the module's own, from start() to stop() */
};

typedef struct {
    /*
     * In the master: opens ls->fds[] where it is -1.  GT_ERROR with the
     * reason in why; the sockets opened stay in fds, the service closes them.
     */
    int (*bind)(gt_listener_t *ls, char *why, size_t size);

    /* in a worker: watches ls->fds[slot], and each slot + k * workers that a
       smaller generation inherited; GT_ERROR: said in the log */
    int (*start)(gt_listener_t *ls);

    /* no new ones; what waits in the queues of sockets that nobody inherits is
       still accepted when drain is set */
    void (*stop)(gt_listener_t *ls, bool drain);

    void (*resume)(gt_listener_t *ls);
} gt_listener_ops_t;

#endif
