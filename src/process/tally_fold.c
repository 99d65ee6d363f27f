/*
 * process/tally_fold.c: the master's part: what a generation has counted goes
 * into the lasting zone.
 *
 * One writer a word and relaxed atomics, so that a worker pays nothing.  The
 * lasting zone's `turn` is a sequence lock between the master and readers.
 */

#include "process/tally.h"

#include <string.h>


static void
tally_clear_gauges(uint64_t *c, const gt_stat_desc_t *desc, int n)
{
    int i;

    for (i = 0; i < n; i++) {
        if (desc[i].kind == GT_STAT_GAUGE) {
            __atomic_store_n(&c[i], 0, __ATOMIC_RELAXED);
        }
    }
}


void
gt_tally_bury(gt_zone_t *z, int slot)
{
    uint32_t         i;
    gt_stat_block_t *b = gt_tally_block(z, slot);

    tally_clear_gauges(b->worker, gt_stat_worker_table, GT_STAT_WORKER_MAX);

    for (i = 0; i < gt_tally_head(z)->n_services; i++) {
        tally_clear_gauges(b->services[i], gt_stat_service_table,
                           GT_STAT_SERVICE_MAX);
    }

    for (i = 0; i < gt_tally_head(z)->n_clients; i++) {
        tally_clear_gauges(gt_tally_clients(z, slot)[i].figures,
                           gt_stat_service_table, GT_STAT_FIGURES);
    }

    gt_tally_bury_nodes(z, slot);
}


/* counters; what a gauge says is over */

static void
tally_add(uint64_t *to, const uint64_t *from, const gt_stat_desc_t *desc, int n)
{
    int i;

    for (i = 0; i < n; i++) {
        if (desc[i].kind == GT_STAT_COUNTER) {
            gt_stat_add(&to[i], gt_stat_get(&from[i]));
        }
    }
}


/* the total of that name; a free one, or NULL when there is none of either */

static gt_slots_total_t *
tally_total(gt_slots_lasting_t *l, const char *name)
{
    int i;

    for (i = 0; i < GT_SLOTS_SERVICES; i++) {
        if (l->totals[i].name[0] == '\0'
            || strncmp(l->totals[i].name, name, GT_SLOTS_NAME) == 0)
        {
            return &l->totals[i];
        }
    }

    return NULL;
}


static void
tally_fold_service(gt_slots_lasting_t *l, const gt_zone_t *z, uint32_t i)
{
    int                 slot, n_slots = (int) gt_tally_head(z)->n_slots;
    gt_slots_total_t   *t;
    gt_slots_service_t *s = &gt_tally_services(z)[i];

    t = s->name[0] != '\0' ? tally_total(l, s->name) : NULL;
    s->total = t ? (uint32_t) (t - l->totals) + 1 : 0;

    if (!t) {
        return; /* more names than we keep: that service starts from 0 */
    }

    memcpy(t->name, s->name, GT_SLOTS_NAME);

    for (slot = 0; slot < n_slots; slot++) {
        tally_add(t->figures, gt_tally_block(z, slot)->services[i],
                  gt_stat_service_table, GT_STAT_SERVICE_MAX);
    }
}


/* behind the services; who finds no room counts as its service's alone */

static void
tally_fold_clients(gt_slots_lasting_t *l, const gt_zone_t *z, int slot)
{
    uint32_t          i, service, total, n = gt_tally_head(z)->n_clients;
    gt_stat_client_t *to, *from = gt_tally_clients(z, slot);

    for (i = 0; i < n; i++, from++) {
        if (!gt_stat_client_taken(from, &service)
            || service >= gt_tally_head(z)->n_services
            || gt_tally_services(z)[service].total == 0)
        {
            continue;
        }

        total = gt_tally_services(z)[service].total - 1;
        to = gt_stat_client(l->clients, GT_SLOTS_CLIENTS, from->addr, total);
        tally_add(to ? to->figures : l->totals[total].figures, from->figures,
                  gt_stat_service_table, GT_STAT_FIGURES);
    }
}


static void
tally_turn(gt_slots_lasting_t *l)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    __atomic_store_n(&l->turn, l->turn + 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}


void
gt_tally_fold(gt_zone_t *lasting, gt_zone_t *z)
{
    int                 slot;
    uint32_t            i;
    gt_slots_head_t    *h = gt_tally_head(z);
    gt_slots_lasting_t *l = gt_tally_lasting(lasting);

    if (h->folded) {
        return;
    }

    tally_turn(l);

    for (slot = 0; slot < (int) h->n_slots; slot++) {
        tally_add(l->worker, gt_tally_block(z, slot)->worker,
                  gt_stat_worker_table, GT_STAT_WORKER_MAX);
    }

    for (i = 0; i < h->n_services; i++) {
        tally_fold_service(l, z, i);
    }

    for (slot = 0; slot < (int) h->n_slots; slot++) {
        tally_fold_clients(l, z, slot);
    }

    gt_tally_fold_nodes(l, z);
    gt_tally_void(z);
    tally_turn(l);
}


void
gt_tally_died(gt_zone_t *lasting)
{
    gt_stat_add(&gt_tally_lasting(lasting)->deaths, 1);
}


void
gt_tally_void(gt_zone_t *z)
{
    __atomic_store_n(&gt_tally_head(z)->folded, 1, __ATOMIC_RELAXED);
}


void
gt_tally_mend(gt_zone_t *lasting)
{
    gt_slots_lasting_t *l = gt_tally_lasting(lasting);

    if (l->turn & 1) {
        tally_turn(l);
    }
}
