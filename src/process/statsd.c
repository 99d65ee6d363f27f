/*
 * process/statsd.c: the stats process, from the fork to its exit.
 */

#include "process/statsd.h"

#include "core/buf.h"
#include "core/log.h"
#include "core/mem.h"
#include "net/linger.h"
#include "net/stream.h"
#include "os/signal.h"
#include "process/statsd_impl.h"
#include "process/worker.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { STATSD_KEEP = 8 /* descriptors kept beside the zones */ };


void
gt_statsd_sweep(gt_statsd_t *sd)
{
    int i, n = 0;

    for (i = 0; i < sd->n_zones; i++) {
        if (gt_tally_head(sd->zones[i])->folded) {
            gt_zone_free(sd->zones[i]);
        } else {
            sd->zones[n++] = sd->zones[i];
        }
    }

    sd->n_zones = n;
}


static void
statsd_zone(gt_statsd_t *sd, gt_msg_t *m)
{
    gt_zone_t  *z;
    const char *why = "no descriptor";

    gt_statsd_sweep(sd);
    z = m->n_fds == 1 ? gt_zone_map(m->fds[0], &why) : NULL;

    if (!z || sd->n_zones == GT_STATSD_ZONES) {
        gt_error("stats: a generation's counters: %s", z ? "too many" : why);
        if (z) {
            m->fds[0] = -1;
            gt_zone_free(z);
        }

        return;
    }

    m->fds[0] = -1;
    sd->zones[sd->n_zones++] = z;
}


static void
statsd_told(gt_channel_t *ch, gt_msg_t *m)
{
    gt_statsd_t *sd = ch->owner;

    if (!m) {
        sd->loop.stop = true;
        return;
    }

    if (m->type == GT_MSG_ZONE) {
        statsd_zone(sd, m);

    } else if (m->type == GT_MSG_LOG && m->n_fds == 1) {
        gt_log_take_fd(m->fds[0]);
        m->fds[0] = -1;
    }
}


static void
statsd_signal(gt_event_t *ev, uint32_t events)
{
    int          sig;
    gt_statsd_t *sd = gt_container_of(ev, gt_statsd_t, signals);

    (void) events;

    while ((sig = gt_signal_read(ev->fd, NULL)) > 0) {
        if (sig == SIGTERM || sig == SIGINT) {
            sd->loop.stop = true;
        }
    }
}


static void
statsd_after(gt_loop_t *loop)
{
    (void) loop;
    gt_log_flush();
}


/* our own mappings of all zones; everything else is closed */

static int
statsd_shed(gt_statsd_t *sd, const gt_statsd_conf_t *cf)
{
    int         i, n_keep = 0, *keep;
    gt_list_t  *l, *tmp;
    gt_cycle_t *cy;

    keep = gt_alloc((STATSD_KEEP + GT_STATSD_ZONES) * sizeof(int));
    if (!keep) {
        return GT_ERROR;
    }

    keep[n_keep++] = gt_log_fd();
    keep[n_keep++] = cf->channel;

    for (i = 0; i < GT_DESKS; i++) {
        keep[n_keep++] = cf->cycle->desks[i].fd;
    }

    keep[n_keep++] = gt_zone_fd(cf->lasting);

    gt_list_each(l, tmp, cf->cycles)
    {
        cy = gt_list_entry(l, gt_cycle_t, link);

        if (cy->zone && sd->n_zones < GT_STATSD_ZONES) {
            keep[n_keep++] = gt_zone_fd(cy->zone);
            sd->zones[sd->n_zones++] = cy->zone;
            cy->zone = NULL;
        }
    }

    gt_proc_close_others(keep, n_keep);
    gt_free(keep);

    return GT_OK;
}


static int
statsd_listen(gt_statsd_t *sd, const gt_cycle_t *cy)
{
    int               i;
    gt_statsd_desk_t *at;

    for (i = 0; i < GT_DESKS; i++) {
        at = &sd->desks[i];
        at->sd = sd;
        at->desk = &cy->desks[i];
        at->listener.fd = at->desk->fd;
        at->listener.handler = gt_statsd_accept;

        if (at->listener.fd >= 0
            && gt_event_add(&sd->loop, &at->listener, EPOLLIN) != GT_OK)
        {
            return GT_ERROR;
        }
    }

    return GT_OK;
}


static int
statsd_start(gt_statsd_t *sd, const gt_statsd_conf_t *cf)
{
    const char      *why = "memory";
    static const int signals[] = { SIGTERM, SIGINT,  SIGQUIT,  SIGHUP,
                                   SIGUSR1, SIGUSR2, SIGWINCH, 0 };

    if (statsd_shed(sd, cf) != GT_OK
        || gt_proc_drop(&cf->cycle->user, 0, &why) != GT_OK)
    {
        gt_error("stats process: %s: %s", why, strerror(errno));
        return GT_ERROR;
    }

    sd->lasting = cf->lasting;
    sd->master = cf->master;

    gt_list_init(&sd->conns);

    if (gt_loop_init(&sd->loop) != GT_OK) {
        return GT_ERROR;
    }

    sd->loop.after = statsd_after;
    sd->signals.fd = gt_signal_open(signals);
    sd->signals.handler = statsd_signal;

    return sd->signals.fd >= 0
                   && gt_event_add(&sd->loop, &sd->signals, EPOLLIN) == GT_OK
                   && statsd_listen(sd, cf->cycle) == GT_OK
                   && gt_channel_open(&sd->ch, &sd->loop, cf->channel, sd,
                                      statsd_told)
                          == GT_OK
               ? GT_OK
               : GT_ERROR;
}


static void
statsd_finish(gt_statsd_t *sd)
{
    int i;

    gt_statsd_conns_close(sd);
    gt_linger_close_all();

    for (i = 0; i < GT_DESKS; i++) {
        gt_timer_del(&sd->loop, &sd->desks[i].pause);
        if (sd->desks[i].listener.fd >= 0) {
            gt_event_del(&sd->loop, &sd->desks[i].listener);
        }
    }

    gt_event_del(&sd->loop, &sd->signals);
    gt_loop_round(&sd->loop, 0);

    if (gt_stream_live() || gt_slab_live() || gt_linger_live()) {
        gt_log_alert("the stats process ends with %u streams, %u slabs, %u "
                     "goodbyes",
                     gt_stream_live(), gt_slab_live(), gt_linger_live());
    }

    while (sd->n_zones > 0) {
        gt_zone_free(sd->zones[--sd->n_zones]);
    }

    gt_slab_trim();
    gt_channel_close(&sd->ch);
    gt_log_flush();
    gt_loop_free(&sd->loop);
}


int
gt_statsd_run(const gt_statsd_conf_t *cf)
{
    gt_statsd_t *sd = gt_calloc(sizeof(*sd));

    gt_proc_title("gatun: stats");

    if (!sd || statsd_start(sd, cf) != GT_OK) {
        gt_error("the stats process cannot start");
        gt_log_flush();
        return GT_WORKER_FAILED;
    }

    gt_loop_run(&sd->loop);
    statsd_finish(sd);
    gt_free(sd);

    return GT_WORKER_DONE;
}
