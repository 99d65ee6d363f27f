/*
 * process/watch.c: reloads that nobody asks for: -R looks at every source and
 * every file that is read with them, `reload:` of an auther at its file.
 *
 * What counts is the content: a generation knows what was there just before it
 * was read, and a look compares.  Where a reload fails it is tried again at the
 * next look, until the content is again what is in force.
 */

#include "process/master.h"

#include "core/mem.h"
#include "core/num.h"

#include <string.h>

enum { WATCH_LEAST = 100 }; /* ms: -R 1ns is not meant */


/* of all groups the shortest; 0: there is none */

static uint64_t
watch_period(const gt_source_t *src)
{
    int64_t  ns;
    uint64_t ms, least = 0;

    for (/* void */; src; src = src->next) {
        if (!src->reload
            || gt_num_duration(gt_str_from(src->reload), &ns) != GT_OK
            || ns <= 0)
        {
            continue;
        }

        ms = gt_max((uint64_t) ns / GT_NS_MS, (uint64_t) WATCH_LEAST);
        least = least == 0 ? ms : gt_min(least, ms);
    }

    return least;
}


void
gt_watch_sources(gt_cycle_t *cy, const gt_source_t *src)
{
    if (watch_period(src) > 0) {
        cy->digest = gt_source_digest(src);
    }
}


static void
watch_add(gt_cycle_t *cy, const gt_auther_model_t *a, uint64_t period)
{
    gt_watched_t *w;

    if (a->reload > 0) {
        period = period == 0 ? a->reload : gt_min(period, a->reload);
    }

    if (!a->file || period == 0) {
        return;
    }

    w = &cy->watched[cy->n_watched++];
    w->path = a->file;
    w->period = period;
    w->digest = gt_source_file_digest(a->file);
}


int
gt_watch_files(gt_cycle_t *cy, const gt_source_t *src)
{
    int                       i, k, n = 0;
    uint64_t                  period = watch_period(src);
    const gt_context_model_t *cx = cy->model->contexts;

    for (i = 0; i < cy->model->n_contexts; i++) {
        n += cx[i].n_authers;
    }

    if (n == 0) {
        return GT_OK;
    }

    cy->watched = gt_calloc((size_t) n * sizeof(*cy->watched));
    if (!cy->watched) {
        return GT_ERROR;
    }

    for (i = 0; i < cy->model->n_contexts; i++) {
        for (k = 0; k < cx[i].n_authers; k++) {
            watch_add(cy, &cx[i].authers[k], period);
        }
    }

    return GT_OK;
}


/* --- looking --- */

static void watch_fire(gt_timer_t *timer);


/* when the next thing is due */

static void
watch_arm(gt_master_t *ms)
{
    int         i;
    uint64_t    at = ms->watch_due;
    gt_cycle_t *cy = ms->current;

    for (i = 0; i < cy->n_watched; i++) {
        at = at == 0 ? cy->watched[i].due : gt_min(at, cy->watched[i].due);
    }

    gt_timer_del(&ms->loop, &ms->watch);

    if (at > 0) {
        gt_timer_set(&ms->loop, &ms->watch,
                     at > ms->loop.now ? at - ms->loop.now : 0, watch_fire);
    }
}


static bool
watch_files_differ(gt_master_t *ms)
{
    int           i;
    bool          differ = false;
    gt_watched_t *w;

    for (i = 0; i < ms->current->n_watched; i++) {
        w = &ms->current->watched[i];

        if (w->due <= ms->loop.now) {
            w->due = ms->loop.now + w->period;
            w->differs = gt_source_file_digest(w->path) != w->digest;
            differ |= w->differs;
        }
    }

    return differ;
}


/* what was said of a failure may be said again, if there is one again */

static void
watch_fine(gt_master_t *ms)
{
    int               i;
    const gt_cycle_t *cy = ms->current;

    for (i = 0; i < cy->n_watched; i++) {
        if (cy->watched[i].differs) {
            return;
        }
    }

    if (!cy->differs) {
        gt_free(ms->said);
        ms->said = NULL;
    }
}


static bool
watch_sources_differ(gt_master_t *ms)
{
    gt_cycle_t *cy = ms->current;

    cy->differs = gt_source_digest(ms->src) != cy->digest;

    return cy->differs;
}


static void
watch_fetched(void *data)
{
    gt_master_t *ms = data;

    gt_reload_forget(ms);

    if (watch_sources_differ(ms)) {
        gt_reload_alone(ms, true);
    } else {
        watch_fine(ms);
    }
}


/* true: something has begun */

static bool
watch_sources(gt_master_t *ms)
{
    if (ms->watch_due == 0 || ms->watch_due > ms->loop.now) {
        return false;
    }

    ms->watch_due = ms->loop.now + watch_period(ms->src);

    if (gt_fetch_wanted(ms->src)) {
        ms->looked = true;
        ms->fetch =
            gt_fetch_start(&ms->loop, ms->src, GT_FETCH_MS, watch_fetched, ms);
        return ms->fetch != NULL;
    }

    if (watch_sources_differ(ms)) {
        gt_reload_alone(ms, false);
        return true;
    }

    return false;
}


static void
watch_fire(gt_timer_t *timer)
{
    bool         files;
    gt_master_t *ms = gt_container_of(timer, gt_master_t, watch);

    if (ms->state != GT_MASTER_RUNNING || !ms->current) {
        return;
    }

    /* a reload that goes on looks by itself, a pause is to last */
    if (!ms->next && !ms->fetch && !ms->paused) {
        files = watch_files_differ(ms);

        if (files) {
            gt_reload_alone(ms, false);
        } else if (!watch_sources(ms)) {
            watch_fine(ms);
        }
    } else {
        gt_timer_set(&ms->loop, &ms->watch, WATCH_LEAST, watch_fire);
        return;
    }

    watch_arm(ms);
}


void
gt_watch_begin(gt_master_t *ms)
{
    int      i;
    uint64_t period = watch_period(ms->src);

    watch_fine(ms);
    ms->watch_due = period > 0 ? ms->loop.now + period : 0;

    for (i = 0; i < ms->current->n_watched; i++) {
        ms->current->watched[i].due =
            ms->loop.now + ms->current->watched[i].period;
    }

    watch_arm(ms);
}
