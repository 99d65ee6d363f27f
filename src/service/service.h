/*
 * service/service.h: a service binds a listener, a policy and a handler, and
 * owns the sessions that come of them.
 *
 * A gt_services_t is what a configuration's services are in one process
 * generation.  The master makes it (modules configured, everything checked)
 * and binds all sockets of all worker slots, then forks; each worker starts
 * its slot's listeners on its own loop.  Immutable from then on, but for the
 * worker's own run-time state.
 */

#ifndef GT_SERVICE_SERVICE_H
#define GT_SERVICE_SERVICE_H

#include "conf/model.h"
#include "core/stat_client.h"
#include "event/loop.h"
#include "route/route.h"

typedef struct gt_services gt_services_t;

/*
 * A socket that the master holds: one per listening address and worker slot.
 * The key says what it is, so that a reload finds the one it can inherit.
 */
typedef struct {
    char key[128]; /* network and address as configured: "tcp/127.0.0.1:8080";
                      "tcp@4026532301/..." is of the network namespace of that
                      number */
    int  slot;
    int  fd;
} gt_bound_t;

/*
 * Configures every module of the model and checks references: NULL with
 * errors in d.  Warnings (unknown keys) go there too.  Keeps a pointer to
 * the model, which must outlive it.
 */
gt_services_t *gt_services_new(const gt_model_t *model, gt_diag_t *d);

/* closes the sockets that it still has; in a worker after gt_services_kill() or
   when no session is left.  NULL is harmless */
void gt_services_free(gt_services_t *sv);

/*
 * Opens (or takes from `old`, n_old entries; the taken ones get fd = -1 there)
 * the listening sockets of n_slots worker slots.  All or nothing: GT_ERROR
 * with errors in d, and then `old` is as it was and what was opened is closed.
 * An address is first probed without SO_REUSEPORT, unless it or its port is
 * among `old`, so that a second start on the same port fails.  Once: the
 * namespaces where services listen are left behind closed.
 *
 * Sockets of more slots than n_slots are taken too, and the workers share
 * them, so that fewer workers lose no connection that waits in a queue.
 */
int gt_services_bind(gt_services_t *sv, int n_slots, gt_bound_t *old, int n_old,
                     gt_diag_t *d);

/* before gt_services_bind(): workers of earlier generations may still hold the
   sockets of an address that comes back, so what a probe finds says nothing */
void gt_services_unprobed(gt_services_t *sv);

/*
 * All sockets bound; *n entries, which are sv's.  For the next generation's
 * gt_services_bind(): what it takes is no longer sv's; gt_services_free()
 * closes the rest.  A list from elsewhere is its owner's to close.
 */
gt_bound_t *gt_services_bound(gt_services_t *sv, int *n);

/* "listening on 127.0.0.1:8080/tcp" at info, once, by the master */
void gt_services_announce(gt_services_t *sv);

/* in a worker, before gt_services_start(): the worker's rows for clients of
   services, n of them; without it, or without room, a client's figures are its
   service's alone */
void gt_services_clients(gt_services_t *sv, gt_stat_client_t *rows, uint32_t n);

/*
 * In a worker: starts accepting on slot's sockets.  `stat` is the worker's
 * block of counters (core/stat.h), with a row per service.  max_conns: at most
 * so many client connections (0: no limit).  GT_ERROR: said in the log.
 */
int gt_services_start(gt_services_t *sv, gt_loop_t *loop, int slot,
                      gt_stat_block_t *stat, uint64_t max_conns);

/*
 * In a worker: what waits in the queues is still accepted, then there are no
 * new connections and this process's copies of all sockets are closed; idle
 * keep-alive connections are closed.  Tunnels go on.
 */
void gt_services_stop(gt_services_t *sv);

/* in a worker: the same without the queues; every session is closed now, and
   what lingers.  The idle callback is not called for it. */
void gt_services_kill(gt_services_t *sv);

/* in a worker: sessions alive; `idle` runs, from the posted queue, when there
   is none after gt_services_stop() */
unsigned gt_services_sessions(const gt_services_t *sv);
void     gt_services_on_idle(gt_services_t *sv, void (*idle)(void *data),
                             void *data);

/* its chains, which are its own */
gt_routes_t *gt_services_routes(const gt_services_t *sv);

/* in this order the rows of a counter block's services[] */
int         gt_services_count(const gt_services_t *sv);
const char *gt_services_name(const gt_services_t *sv, int i);

/* the i-th table of the options of services' own metadata, and of that of a
   handler of that type; NULL behind the last */
const gt_opt_t *gt_service_options(int i);
const gt_opt_t *gt_service_handler_options(const char *type, int i);

#endif
