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
    gt_addr_t remote;
    gt_addr_t local; /* len 0: the stream knows (GT_Q_LOCAL) */
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

    /* sockets: one for each of n_workers, and behind them those that a
       generation with more workers has left; -1: none yet.  The service's to
       close */
    int *fds;
    int  n_slots;
    int  n_workers; /* n_slots or less */

    bool      shared; /* no probing: whoever has the port is one of us */
    gt_addr_t local;  /* set by bind(): the address, with the port it got */

    /* set by the service before start() */
    gt_loop_t *loop;
    int        slot;
    void      *owner;  /* the service */
    uint64_t  *paused; /* a counter (core/stat.h), the service's; or NULL */

    /* takes st; called from an event or from stop(), never from start() */
    void (*accept)(gt_listener_t *ls, gt_stream_t *st, const gt_meta_t *meta);

    /* for each connection, before accept() gets it: GT_OK; GT_ERROR: close it
       at once; GT_AGAIN: this one, and then no more until ops->resume */
    int (*admit)(gt_listener_t *ls);

    void *impl; /* the module's own, from start() to stop() */
};

typedef struct {
    /*
     * In the master: opens ls->fds[0..n_workers) where it is -1.  The address
     * is first probed without SO_REUSEPORT, unless ls->shared or a socket was
     * inherited.  May look a name up.  GT_ERROR with the reason in why; the
     * sockets opened stay in fds, the service closes them.
     */
    int (*bind)(gt_listener_t *ls, char *why, size_t size);

    /* in a worker: watches ls->fds[slot], and each slot + k * n_workers below
       n_slots; GT_ERROR: said in the log */
    int (*start)(gt_listener_t *ls);

    /* no new ones; drain: what waits in the queues is accepted before that, in
       this call (ls->accept is called), as far as ls->admit lets it */
    void (*stop)(gt_listener_t *ls, bool drain);

    void (*resume)(gt_listener_t *ls);
} gt_listener_ops_t;

#endif
