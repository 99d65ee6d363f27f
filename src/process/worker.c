/*
 * process/worker.c: a worker's process, from the fork to its exit.
 */

#include "process/worker.h"

#include "core/buf.h"
#include "core/log.h"
#include "core/mem.h"
#include "net/dgram.h"
#include "net/linger.h"
#include "net/op.h"
#include "net/resolve.h"
#include "net/stream.h"
#include "os/signal.h"
#include "process/worker_impl.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    WORKER_LOG_MS = 20,      /* a line waits at most so long, */
    WORKER_LOG_FULL = 16384, /* or until there is so much */
    WORKER_KEEP = 64,        /* descriptors kept beside sockets and inboxes */
    WORKER_ROUNDS = 64       /* at the end: what is posted may post again */
};


static void
worker_state(gt_worker_t *w, gt_slot_state_t state)
{
    gt_slots_worker_t *s = gt_tally_worker(w->cycle->zone, w->slot->slot);

    w->slot->state = state;
    __atomic_store_n(&s->pid, (int32_t) getpid(), __ATOMIC_RELAXED);
    __atomic_store_n(&s->state, (uint32_t) state, __ATOMIC_RELEASE);
}


/* --- going --- */

static void
worker_end(gt_post_t *post)
{
    gt_container_of(post, gt_worker_t, end)->loop.stop = true;
}


static bool
worker_is_done(const gt_worker_t *w)
{
    return w->quitting && gt_services_sessions(w->cycle->services) == 0
           && gt_linger_live() == 0;
}


static void
worker_log_due(gt_timer_t *timer)
{
    (void) timer;

    gt_log_flush();
}


/* a write for each round would cost a busy worker more than its lines do */

static void
worker_log(gt_worker_t *w)
{
    size_t n = gt_log_pending();

    if (n >= WORKER_LOG_FULL || (n && w->quitting)) {
        gt_log_flush();

    } else if (n && !w->log.set) {
        gt_timer_set(&w->loop, &w->log, WORKER_LOG_MS, worker_log_due);
    }
}


static void
worker_beat(gt_timer_t *timer)
{
    gt_worker_t *w = gt_container_of(timer, gt_worker_t, beat);

    gt_timer_set(&w->loop, &w->beat, GT_SLOTS_BEAT_MS, worker_beat);
}


/* once a round */

static void
worker_after(gt_loop_t *loop)
{
    gt_worker_t *w = loop->data;
    uint64_t     dropped = gt_log_dropped();

    worker_log(w);
    gt_stat_add(&w->stat->worker[GT_STAT_BEAT], 1);
    __atomic_store_n(&w->row->beat_ms, loop->now, __ATOMIC_RELAXED);

    if (dropped != w->dropped) {
        gt_stat_add(&w->stat->worker[GT_STAT_LOG_DROPPED],
                    dropped - w->dropped);
        w->dropped = dropped;
    }

    if (worker_is_done(w)) {
        gt_post(loop, &w->end);
    }
}


void
gt_worker_stop(gt_worker_t *w)
{
    worker_state(w, GT_SLOT_QUITTING);
    gt_services_kill(w->cycle->services);
    w->quitting = true;
    w->loop.stop = true;
}


static void
worker_deadline(gt_timer_t *timer)
{
    gt_worker_t *w = gt_container_of(timer, gt_worker_t, deadline);

    gt_info("worker %d: shutdownTimeout, %u sessions are closed", w->slot->slot,
            gt_services_sessions(w->cycle->services));
    gt_worker_stop(w);
}


void
gt_worker_quit(gt_worker_t *w)
{
    uint64_t ms = w->cycle->model->own.shutdown_timeout;

    if (w->quitting) {
        return;
    }

    gt_proc_title("gatun: worker %d (leaving)", w->slot->slot);
    worker_state(w, GT_SLOT_QUITTING);
    w->quitting = true;
    gt_services_stop(w->cycle->services);

    if (ms > 0) {
        gt_timer_set(&w->loop, &w->deadline, ms, worker_deadline);
    }
}


static void
worker_signal(gt_event_t *ev, uint32_t events)
{
    int          sig;
    bool         quit = false, stop = false, reopen = false;
    gt_worker_t *w = gt_container_of(ev, gt_worker_t, signals);

    (void) events;

    while ((sig = gt_signal_read(ev->fd, NULL)) > 0) {
        stop |= sig == SIGTERM || sig == SIGINT;
        quit |= sig == SIGQUIT;
        reopen |= sig == SIGUSR1;
    }

    if (w->finished) {
        return;
    }

    if (reopen) {
        gt_worker_reopen(w, NULL);
    }

    if (stop) {
        gt_worker_stop(w);
    } else if (quit) {
        gt_worker_quit(w);
    }
}


/* --- the start --- */

/* descriptors of the master and of other workers go, whatever they are: one
   that stayed would keep a channel or a port alive */

static int
worker_shed(gt_worker_t *w, const gt_worker_conf_t *cf)
{
    int         i, n, n_keep = 0, *keep;
    size_t      room = WORKER_KEEP + GT_NETNS_MAX;
    gt_list_t  *l, *tmp;
    gt_bound_t *b = gt_services_bound(w->cycle->services, &n);

    gt_list_each(l, tmp, cf->cycles)
    {
        room += (size_t) gt_list_entry(l, gt_cycle_t, link)->n_slots;
    }

    keep = gt_alloc((room + (size_t) n) * sizeof(int));
    if (!keep) {
        return GT_ERROR;
    }

    keep[n_keep++] = gt_log_fd();
    keep[n_keep++] = cf->channel;
    keep[n_keep++] = gt_zone_fd(w->lasting);
    keep[n_keep++] = gt_zone_fd(w->cycle->zone);
    keep[n_keep++] = w->slot->inbox[0];
    keep[n_keep++] = w->slot->door;

    gt_list_each(l, tmp, cf->cycles)
    {
        for (i = 0; i < gt_list_entry(l, gt_cycle_t, link)->n_slots; i++) {
            keep[n_keep++] =
                gt_list_entry(l, gt_cycle_t, link)->slots[i].inbox[1];
        }
    }

    for (i = 0; i < n; i++) {
        if (b[i].slot % w->cycle->n_slots == w->slot->slot) {
            keep[n_keep++] = b[i].fd;
        } else {
            b[i].fd = -1; /* the number may be anything's from now on */
        }
    }

    /* for the next master, should it be needed */
    for (i = 0; i < w->cycle->spaces.n; i++) {
        keep[n_keep++] = w->cycle->spaces.list[i].fd;
    }

    for (i = 0; i < GT_DESKS; i++) {
        w->cycle->desks[i].fd = -1;
    }

    gt_proc_close_others(keep, n_keep);
    gt_free(keep);

    return GT_OK;
}


static void
worker_mesh_stream(void *data, const gt_mesh_key_t *from, unsigned kind,
                   const void *header, size_t n, gt_stream_t *st)
{
    (void) data;
    (void) from;
    (void) header;
    (void) n;

    gt_warn("mesh: nobody here takes streams of kind %u", kind);
    gt_stream_close(st, GT_E_PROTO);
}


static void
worker_mesh_dgram(void *data, const gt_mesh_key_t *from, unsigned kind,
                  const void *p, size_t n)
{
    (void) data;
    (void) from;
    (void) kind;
    (void) p;
    (void) n;
}


static int
worker_mesh(gt_worker_t *w, const gt_worker_conf_t *cf)
{
    int           i;
    gt_list_t    *l, *tmp;
    gt_slot_t    *sl;
    gt_mesh_key_t key = { w->cycle->generation, (uint32_t) w->slot->slot };
    const gt_mesh_conf_t mc = { worker_mesh_stream, worker_mesh_dgram, w };

    w->mesh = gt_mesh_new(&w->loop, key, w->slot->inbox[0], &mc);
    if (!w->mesh) {
        return GT_ERROR;
    }

    gt_list_each(l, tmp, cf->cycles)
    {
        for (i = 0; i < gt_list_entry(l, gt_cycle_t, link)->n_slots; i++) {
            sl = &gt_list_entry(l, gt_cycle_t, link)->slots[i];
            if (sl == w->slot || sl->inbox[1] < 0) {
                continue;
            }

            key = (gt_mesh_key_t){ sl->cycle->generation, (uint32_t) sl->slot };
            (void) gt_mesh_peer(w->mesh, key, sl->inbox[1]);
            (void) close(sl->inbox[1]); /* the mesh has its own */
            sl->inbox[1] = -1;
        }
    }

    return GT_OK;
}


static int
worker_watch(gt_worker_t *w, int channel)
{
    static const int signals[] = { SIGTERM, SIGINT,  SIGQUIT,  SIGUSR1,
                                   SIGHUP,  SIGUSR2, SIGWINCH, 0 };

    w->signals.fd = gt_signal_open(signals);
    w->signals.handler = worker_signal;

    if (w->signals.fd < 0
        || gt_event_add(&w->loop, &w->signals, EPOLLIN) != GT_OK) {
        (void) close(channel);
        return GT_ERROR;
    }

    return gt_channel_open(&w->ch, &w->loop, channel, w, gt_worker_told);
}


/* sockets of namespaces that only the master may enter */

static int
worker_asker(gt_worker_t *w)
{
    if (w->cycle->spaces.n == 0) {
        return GT_OK;
    }

    w->asker = gt_asker_new(&w->loop, &w->ch, &w->cycle->spaces);
    if (!w->asker) {
        gt_error("worker %d: no memory", w->slot->slot);
        return GT_ERROR;
    }

    gt_routes_giver(gt_services_routes(w->cycle->services),
                    gt_asker_giver(w->asker));

    return GT_OK;
}


static int
worker_start(gt_worker_t *w, const gt_worker_conf_t *cf)
{
    uint64_t    keep = gt_routes_caps(gt_services_routes(w->cycle->services));
    const char *why = "memory";

    if (worker_shed(w, cf) != GT_OK) {
        gt_error("worker %d: no memory", cf->slot);
        return GT_WORKER_FATAL;
    }

    if (gt_proc_drop(&w->cycle->user, keep, &why) != GT_OK) {
        gt_error("worker %d: privileges cannot be dropped: %s: %s", cf->slot,
                 why, strerror(errno));
        return GT_WORKER_FATAL;
    }

    if (gt_loop_init(&w->loop) != GT_OK) {
        gt_error("worker %d: epoll: %s", cf->slot, strerror(errno));
        return GT_WORKER_FATAL;
    }

    w->loop.data = w;
    gt_post_init(&w->end, worker_end);

    if (worker_watch(w, cf->channel) != GT_OK || worker_mesh(w, cf) != GT_OK) {
        gt_error("worker %d cannot start: %s", cf->slot, strerror(errno));
        return GT_WORKER_FATAL;
    }

    gt_services_clients(w->cycle->services,
                        gt_tally_clients(w->cycle->zone, cf->slot),
                        gt_tally_head(w->cycle->zone)->n_clients);

    if (worker_asker(w) != GT_OK || gt_resolve_start(&w->loop) != GT_OK
        || gt_services_start(w->cycle->services, &w->loop, cf->slot, w->stat,
                             w->cycle->max_conns)
               != GT_OK)
    {
        return GT_WORKER_FATAL; /* they have said why */
    }

    w->loop.after = worker_after;
    worker_beat(&w->beat);

    return GT_WORKER_DONE;
}


/* --- the end --- */

static void
worker_leaks(void)
{
    unsigned streams = gt_stream_live(), ops = gt_op_live();
    unsigned slabs = gt_slab_live(), linger = gt_linger_live();
    unsigned dgrams = gt_dgram_live();

    if (streams || dgrams || ops || slabs || linger) {
        gt_log_alert("a worker ends with %u streams, %u dgrams, %u operations, "
                     "%u slabs, %u goodbyes",
                     streams, dgrams, ops, slabs, linger);
    }
}


static void
worker_finish(gt_worker_t *w)
{
    int i;

    w->finished = true;
    w->loop.after = NULL;

    if (w->door.handler) {
        gt_event_del(&w->loop, &w->door);
    }

    gt_services_kill(w->cycle->services);
    gt_linger_close_all();
    gt_timer_del(&w->loop, &w->deadline);
    gt_timer_del(&w->loop, &w->log);
    gt_timer_del(&w->loop, &w->beat);
    gt_mesh_free(w->mesh);
    w->mesh = NULL;

    /* what was closed is freed, what was posted runs */
    for (i = 0; i < WORKER_ROUNDS && (i < 2 || !gt_list_empty(&w->loop.posted));
         i++)
    {
        gt_loop_round(&w->loop, 0);
    }

    gt_cycle_retire(w->cycle);
    gt_resolve_stop();
    gt_loop_round(&w->loop, 0);
    gt_asker_free(w->asker);

    gt_event_del(&w->loop, &w->signals);
    (void) close(w->signals.fd);
    worker_leaks();
    gt_slab_trim();
    gt_log_flush();

    /* last: the master counts what we counted when this ends */
    gt_channel_close(&w->ch);
    gt_loop_free(&w->loop);
}


int
gt_worker_run(const gt_worker_conf_t *cf)
{
    int         rc;
    gt_worker_t w = { .cycle = cf->cycle,
                      .slot = &cf->cycle->slots[cf->slot],
                      .lasting = cf->lasting,
                      .ch = { .fd = -1 } };
    gt_msg_t    ready = { .type = GT_MSG_READY };

    gt_proc_title("gatun: worker %d", cf->slot);
    w.stat = gt_tally_block(w.cycle->zone, cf->slot);
    w.row = gt_tally_worker(w.cycle->zone, cf->slot);
    worker_state(&w, GT_SLOT_STARTING);

    rc = worker_start(&w, cf);
    if (rc != GT_WORKER_DONE) {
        gt_log_flush();
        return rc;
    }

    worker_state(&w, GT_SLOT_READY);
    (void) gt_channel_send(&w.ch, &ready);

    gt_loop_run(&w.loop);
    worker_finish(&w);

    return w.status;
}
