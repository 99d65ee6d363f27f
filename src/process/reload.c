/*
 * process/reload.c: from one generation to the next, or back.
 *
 *   load, bind, share -> fork -> all READY -> switch: the old ones quit
 *        |                  |
 *        +--> error         +--> a death, the deadline: the new ones quit
 *
 * Until the switch the old generation does not notice.  The first start goes
 * the same way, with no old generation or with one of a former master.
 */

#include "process/master.h"

#include "core/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { RELOAD_READY_MS = 30000 }; /* all workers of a generation accept */


int
gt_reload_log(const gt_model_t *m, gt_diag_t *d)
{
    if (gt_log_open(m->log.output) != GT_OK) {
        gt_diag_error(d, NULL, "log \"%s\": %s", m->log.output,
                      strerror(errno));
        return GT_ERROR;
    }

    gt_log_set_level(gt_log_level_parse(m->log.level));
    gt_log_set_format(strcmp(m->log.format, "text") == 0 ? GT_LOG_TEXT
                                                         : GT_LOG_JSON);

    return GT_OK;
}


/* --- the new generation --- */

/* a change of what a running master cannot change */

static void
reload_fixed(const gt_master_t *ms, const gt_cycle_t *cy, gt_diag_t *d)
{
    const char *dir = cy->model->own.runtime_dir;
    const char *pid = cy->model->own.pid_file;

    if (strcmp(dir ? dir : "", ms->dir ? ms->dir : "") != 0
        || strcmp(pid ? pid : "", ms->pid_file ? ms->pid_file : "") != 0)
    {
        gt_diag_warn(d, NULL,
                     "pidFile and runtimeDir stay as they are until a restart");
    }
}


static void
reload_zone_to_stats(gt_master_t *ms, const gt_cycle_t *cy)
{
    gt_msg_t m = { .type = GT_MSG_ZONE,
                   .generation = cy->generation,
                   .fds = { gt_zone_fd(cy->zone) },
                   .n_fds = 1 };

    if (ms->stats_ch.fd >= 0) {
        (void) gt_channel_send(&ms->stats_ch, &m);
    }
}


static void
reload_late(gt_timer_t *timer)
{
    gt_reload_abort(gt_container_of(timer, gt_master_t, deadline),
                    "the new workers were not ready in time");
}


void
gt_reload_start(gt_master_t *ms, gt_cycle_t *cy)
{
    gt_list_push(&ms->cycles, &cy->link);
    ms->next = cy;
    reload_zone_to_stats(ms, cy);
    gt_timer_set(&ms->loop, &ms->deadline, RELOAD_READY_MS, reload_late);
    gt_spawn_cycle(ms, cy);
}


/* are workers of earlier generations on their way out? */

static bool
reload_leaving(gt_master_t *ms)
{
    gt_list_t  *l, *tmp;
    gt_cycle_t *cy;

    gt_list_each(l, tmp, &ms->cycles)
    {
        cy = gt_list_entry(l, gt_cycle_t, link);

        if (cy != ms->current && gt_cycle_alive(cy) > 0) {
            return true;
        }
    }

    return false;
}


static gt_cycle_t *
reload_make(gt_master_t *ms, gt_diag_t *d)
{
    gt_cycle_t *cy = gt_cycle_load(ms->src, ms->nofile, d);

    if (!cy) {
        return NULL;
    }

    reload_fixed(ms, cy, d);

    if (reload_leaving(ms)) {
        gt_services_unprobed(cy->services);
    }

    if (gt_cycle_bind(cy, ms->current, NULL, 0, d) != GT_OK
        || gt_cycle_share(cy, ms->lasting, ms->made + 1, gt_master_oldest(ms),
                          ms->dir, d)
               != GT_OK
        || gt_reload_log(cy->model, d) != GT_OK)
    {
        gt_desks_undo(cy->desks);
        gt_cycle_free(cy, ms->dir);
        return NULL;
    }

    ms->made++;

    return cy;
}


static void
reload_go(gt_master_t *ms)
{
    gt_cycle_t *cy;
    gt_diag_t  *d = gt_diag_new();

    if (!d) {
        gt_reload_done(ms, false, "no memory");
        return;
    }

    ms->diag = d;
    cy = reload_make(ms, d);

    if (cy) {
        gt_master_report(d, GT_LOG_ERROR);
        gt_reload_start(ms, cy);
        return;
    }

    if (ms->alone) {
        gt_reload_alone_failed(ms, d);
    } else {
        gt_master_report(d, GT_LOG_ERROR);
        gt_error("config not reloaded: generation %u goes on",
                 ms->current->generation);
        gt_reload_note(ms, false, d, NULL);
    }

    gt_reload_done(ms, false, NULL);
}


static void
reload_fetched(void *data)
{
    gt_master_t *ms = data;

    gt_reload_forget(ms);
    reload_go(ms);
}


/* URLs are read first, by others */

static void
reload_read(gt_master_t *ms)
{
    if (!gt_fetch_wanted(ms->src)) {
        reload_go(ms);
        return;
    }

    ms->looked = false;
    ms->fetch =
        gt_fetch_start(&ms->loop, ms->src, GT_FETCH_MS, reload_fetched, ms);

    if (!ms->fetch) {
        gt_reload_done(ms, false, "no memory");
    }
}


void
gt_reload_begin(gt_master_t *ms)
{
    /* a look began before this was asked for: it may have seen what was */
    if (ms->fetch && ms->looked) {
        gt_reload_forget(ms);
    }

    if (ms->next || ms->fetch) {
        ms->again = true;
        return;
    }

    ms->alone = false;
    reload_read(ms);
}


void
gt_reload_alone(gt_master_t *ms, bool fetched)
{
    GT_ASSERT(!ms->next && !ms->fetch);

    ms->alone = true;

    if (fetched) {
        reload_go(ms);
    } else {
        reload_read(ms);
    }
}


void
gt_reload_forget(gt_master_t *ms)
{
    gt_fetch_free(ms->fetch);
    ms->fetch = NULL;
}


/* --- the switch --- */

/* the old workers learn how to reach the new ones */

static void
reload_peers(gt_cycle_t *old, const gt_cycle_t *cy)
{
    int      i, k;
    gt_msg_t m;

    for (i = 0; i < old->n_slots; i++) {
        for (k = 0; old->slots[i].pid && k < cy->n_slots; k++) {
            m = (gt_msg_t){ .type = GT_MSG_PEER,
                            .generation = cy->generation,
                            .slot = (uint32_t) k,
                            .fds = { cy->slots[k].inbox[1] },
                            .n_fds = 1 };
            (void) gt_channel_send(&old->slots[i].ch, &m);
        }
    }
}


/* may the stats process go on as it is? */

static bool
reload_same_stats(const gt_cycle_t *a, const gt_cycle_t *b)
{
    return a && a->model
           && gt_desks_same(a->desks, a->model, b->desks, b->model)
           && a->user.uid == b->user.uid && a->user.gid == b->user.gid;
}


/* all others leave now, and know where cy's workers are */

static void
reload_leave(gt_master_t *ms, gt_cycle_t *cy)
{
    gt_list_t  *l, *tmp;
    gt_cycle_t *it;

    gt_list_each(l, tmp, &ms->cycles)
    {
        it = gt_list_entry(l, gt_cycle_t, link);

        if (it != cy) {
            reload_peers(it, cy);
            /* our copies of sockets that are no more go first, so that the
               workers' closing them is the end of them */
            gt_cycle_retire(it);
            gt_spawn_tell(ms, it, GT_MSG_QUIT);
        }
    }
}


static void
reload_switch(gt_master_t *ms)
{
    bool        same;
    gt_cycle_t *cy = ms->next, *old = ms->current;

    gt_timer_del(&ms->loop, &ms->deadline);
    same = reload_same_stats(old, cy);

    gt_desks_switch(old ? old->desks : NULL, cy->desks);

    ms->current = cy;
    ms->next = NULL;
    ms->paused = false;
    __atomic_store_n(&gt_tally_lasting(ms->lasting)->generation, cy->generation,
                     __ATOMIC_RELAXED);

    reload_leave(ms, cy);

    if (!same) {
        gt_spawn_stats_stop(ms);
    }

    gt_spawn_stats(ms);
    gt_post(&ms->loop, &ms->sweep);
    gt_watch_begin(ms);
}


void
gt_reload_ready(gt_master_t *ms)
{
    int  i, ready = 0;
    char text[64];
    bool first = !ms->current;

    for (i = 0; i < ms->next->n_slots; i++) {
        ready += ms->next->slots[i].state == GT_SLOT_READY;
    }

    if (ready < ms->next->n_slots) {
        return;
    }

    reload_switch(ms);

    gt_services_announce(ms->current->services);

    if (first) {
        gt_info("gatun %s: %d workers, generation %u", GT_VERSION,
                ms->current->n_slots, ms->current->generation);
    } else {
        gt_log(ms->alone ? GT_LOG_DEBUG : GT_LOG_INFO,
               "config %sreloaded: %d workers, generation %u",
               ms->alone ? "auto " : "", ms->current->n_slots,
               ms->current->generation);
    }

    (void) gt_snprintf(text, sizeof(text), "generation %u serves",
                       ms->current->generation);

    if (!first) {
        gt_reload_note(ms, true, ms->diag, text);
    }

    gt_reload_done(ms, true, text);
}


void
gt_reload_done(gt_master_t *ms, bool good, const char *text)
{
    bool again = ms->again && ms->state == GT_MASTER_RUNNING && ms->current;

    /* who came while this one went on waits for the next */
    if (!again) {
        gt_reload_answer(ms, good, ms->diag, text);
    }

    gt_diag_free(ms->diag);
    ms->diag = NULL;
    ms->again = false;

    if (again) {
        gt_reload_begin(ms);
    }
}


void
gt_reload_abort(gt_master_t *ms, const char *why)
{
    gt_diag_t  *d;
    gt_cycle_t *cy = ms->next;

    gt_timer_del(&ms->loop, &ms->deadline);
    ms->next = NULL;
    gt_error("generation %u is given up: %s", cy->generation, why);

    gt_desks_undo(cy->desks);
    gt_cycle_retire(cy);

    if (ms->current || ms->state != GT_MASTER_RUNNING) {
        /* who was ready has accepted: what it serves goes on and counts */
        gt_spawn_tell(ms, cy, GT_MSG_QUIT);
    } else {
        gt_tally_void(cy->zone);
        gt_spawn_tell(ms, cy, GT_MSG_STOP);
    }

    d = gt_diag_new();

    if (d && ms->current && ms->current->model) {
        (void) gt_reload_log(ms->current->model, d);
    }

    gt_diag_free(d);

    if (!ms->current && ms->state == GT_MASTER_RUNNING) {
        gt_log(GT_LOG_FATAL, "%s", why);
        ms->status = 1;
        ms->state = GT_MASTER_QUITTING; /* former workers stay */
    }

    if (ms->current) {
        gt_reload_note(ms, false, ms->diag, why);
    }

    gt_reload_done(ms, false, why);
    gt_post(&ms->loop, &ms->sweep);
    gt_master_check(ms);
}
