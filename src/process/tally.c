/*
 * process/tally.c: adds up what workers count.
 *
 * One writer a word and relaxed atomics, so that a worker pays nothing.  The
 * lasting zone's `turn` is a sequence lock between the master and readers.
 */

#include "process/tally.h"

#include "core/mem.h"
#include "core/str.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <time.h>

enum {
    TALLY_TRIES = 10000 /* a fold takes microseconds; a master that died in
                           one leaves the turn odd for ever */
};


static uint64_t
tally_wall_ms(void)
{
    struct timespec ts;

    (void) clock_gettime(CLOCK_REALTIME, &ts);

    return (uint64_t) ts.tv_sec * 1000 + (uint64_t) ts.tv_nsec / 1000000;
}


gt_zone_t *
gt_tally_new(void)
{
    gt_zone_t          *z;
    gt_slots_lasting_t *l;

    z = gt_zone_new("lasting", sizeof(gt_slots_lasting_t) + GT_ZONE_ALIGN);
    if (!z) {
        return NULL;
    }

    l = gt_zone_area(z, GT_SLOTS_LASTING, sizeof(*l));
    if (!l) {
        gt_zone_free(z);
        return NULL;
    }

    l->started_ms = tally_wall_ms();

    return z;
}


static int
tally_areas(gt_zone_t *z, gt_slots_head_t head, const gt_slots_service_t *names)
{
    size_t              n = head.n_services * sizeof(*names);
    gt_slots_head_t    *h;
    gt_slots_service_t *s;

    h = gt_zone_area(z, GT_SLOTS_HEAD, sizeof(*h));
    s = gt_zone_area(z, GT_SLOTS_NAMES, gt_max(n, (size_t) 1));

    if (!h || !s
        || !gt_zone_area(z, GT_SLOTS_WORKERS,
                         head.n_slots * sizeof(gt_slots_worker_t))
        || !gt_zone_area(z, GT_SLOTS_BLOCKS,
                         (size_t) head.n_slots * head.block))
    {
        return GT_ERROR;
    }

    *h = head;

    if (n > 0) {
        memcpy(s, names, n);
    }

    return GT_OK;
}


gt_zone_t *
gt_tally_generation(uint32_t generation, int n_slots,
                    const gt_slots_service_t *names, int n_services)
{
    size_t          size;
    gt_zone_t      *z;
    gt_slots_head_t head = { .generation = generation };

    GT_ASSERT(n_slots > 0 && n_slots <= GT_SLOTS_MAX && n_services >= 0);

    head.n_slots = (uint32_t) n_slots;
    head.n_services = (uint32_t) n_services;
    head.block = (uint32_t) gt_stat_block_size(n_services);

    size = sizeof(head) + (size_t) n_services * sizeof(*names)
           + (size_t) n_slots * (sizeof(gt_slots_worker_t) + head.block)
           + 4 * GT_ZONE_ALIGN; /* four areas, each rounded up */

    z = gt_zone_new("counters", size);
    if (!z) {
        return NULL;
    }

    if (tally_areas(z, head, names) != GT_OK) {
        gt_zone_free(z);
        return NULL;
    }

    return z;
}


/* --- the parts --- */

static bool
tally_has(const gt_zone_t *z, const char *name, size_t size)
{
    size_t n;

    return gt_zone_find(z, name, &n) && n >= size;
}


const char *
gt_tally_check_lasting(const gt_zone_t *z)
{
    return tally_has(z, GT_SLOTS_LASTING, sizeof(gt_slots_lasting_t))
               ? NULL
               : "no lasting area";
}


const char *
gt_tally_check(const gt_zone_t *z)
{
    const gt_slots_head_t *h;

    if (!tally_has(z, GT_SLOTS_HEAD, sizeof(*h))) {
        return "no head";
    }

    h = gt_tally_head(z);

    if (h->n_slots == 0 || h->n_slots > GT_SLOTS_MAX
        || h->n_services > UINT16_MAX
        || h->block != gt_stat_block_size((int) h->n_services))
    {
        return "a broken head";
    }

    return tally_has(z, GT_SLOTS_WORKERS,
                     h->n_slots * sizeof(gt_slots_worker_t))
                   && tally_has(z, GT_SLOTS_BLOCKS,
                                (size_t) h->n_slots * h->block)
                   && tally_has(z, GT_SLOTS_NAMES,
                                h->n_services * sizeof(gt_slots_service_t))
               ? NULL
               : "an area is missing or small";
}


static void *
tally_find(const gt_zone_t *z, const char *name)
{
    void *p = gt_zone_find(z, name, NULL);

    GT_ASSERT(p != NULL);

    return p;
}


gt_slots_lasting_t *
gt_tally_lasting(const gt_zone_t *z)
{
    return tally_find(z, GT_SLOTS_LASTING);
}


gt_slots_head_t *
gt_tally_head(const gt_zone_t *z)
{
    return tally_find(z, GT_SLOTS_HEAD);
}


gt_slots_service_t *
gt_tally_services(const gt_zone_t *z)
{
    return tally_find(z, GT_SLOTS_NAMES);
}


gt_slots_worker_t *
gt_tally_worker(const gt_zone_t *z, int slot)
{
    gt_slots_worker_t *w = tally_find(z, GT_SLOTS_WORKERS);

    return w + slot;
}


gt_stat_block_t *
gt_tally_block(const gt_zone_t *z, int slot)
{
    uint8_t *p = tally_find(z, GT_SLOTS_BLOCKS);

    return (void *) (p + (size_t) slot * gt_tally_head(z)->block);
}


/* --- the master's part --- */

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
}


static void
tally_add(uint64_t *to, const uint64_t *from, const gt_stat_desc_t *desc, int n,
          bool gauges)
{
    int i;

    for (i = 0; i < n; i++) {
        if (gauges || desc[i].kind == GT_STAT_COUNTER) {
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
    int               slot, n_slots = (int) gt_tally_head(z)->n_slots;
    const char       *name = gt_tally_services(z)[i].name;
    gt_slots_total_t *t = tally_total(l, name);

    if (!t || name[0] == '\0') {
        return; /* more names than we keep: that service starts from 0 */
    }

    memcpy(t->name, name, GT_SLOTS_NAME);

    for (slot = 0; slot < n_slots; slot++) {
        tally_add(t->figures, gt_tally_block(z, slot)->services[i],
                  gt_stat_service_table, GT_STAT_SERVICE_MAX, false);
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
                  gt_stat_worker_table, GT_STAT_WORKER_MAX, false);
    }

    for (i = 0; i < h->n_services; i++) {
        tally_fold_service(l, z, i);
    }

    gt_tally_void(z);
    tally_turn(l);
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


/* --- readers --- */

static gt_tally_row_t *
tally_row(gt_tally_sum_t *sum, const gt_slots_service_t *what)
{
    int i;

    for (i = 0; i < sum->n_rows; i++) {
        if (strncmp(sum->rows[i].what.name, what->name, GT_SLOTS_NAME) == 0) {
            return &sum->rows[i];
        }
    }

    sum->rows[i].what = *what;
    sum->n_rows++;

    return &sum->rows[i];
}


static void
tally_read_zone(gt_tally_sum_t *sum, const gt_zone_t *z)
{
    int                    slot;
    uint32_t               i;
    gt_tally_row_t        *row;
    const gt_slots_head_t *h = gt_tally_head(z);

    for (slot = 0; slot < (int) h->n_slots; slot++) {
        tally_add(sum->worker, gt_tally_block(z, slot)->worker,
                  gt_stat_worker_table, GT_STAT_WORKER_MAX, true);
    }

    for (i = 0; i < h->n_services; i++) {
        row = tally_row(sum, &gt_tally_services(z)[i]);

        for (slot = 0; slot < (int) h->n_slots; slot++) {
            tally_add(row->figures, gt_tally_block(z, slot)->services[i],
                      gt_stat_service_table, GT_STAT_SERVICE_MAX, true);
        }
    }
}


static void
tally_read_lasting(gt_tally_sum_t *sum, const gt_slots_lasting_t *l)
{
    int i, k;

    sum->generation = __atomic_load_n(&l->generation, __ATOMIC_RELAXED);
    sum->started_ms = l->started_ms;
    tally_add(sum->worker, l->worker, gt_stat_worker_table, GT_STAT_WORKER_MAX,
              true);

    for (i = 0; i < sum->n_rows; i++) {
        for (k = 0; k < GT_SLOTS_SERVICES && l->totals[k].name[0]; k++) {
            if (strncmp(l->totals[k].name, sum->rows[i].what.name,
                        GT_SLOTS_NAME)
                == 0) {
                tally_add(sum->rows[i].figures, l->totals[k].figures,
                          gt_stat_service_table, GT_STAT_SERVICE_MAX, true);
            }
        }
    }
}


static bool
tally_folded(const gt_zone_t *z)
{
    return __atomic_load_n(&gt_tally_head(z)->folded, __ATOMIC_RELAXED) != 0;
}


static void
tally_read_all(gt_tally_sum_t *sum, const gt_slots_lasting_t *l,
               gt_zone_t *const *zones, int n)
{
    int i;

    for (i = n - 1; i >= 0; i--) {
        if (!tally_folded(zones[i])) {
            tally_read_zone(sum, zones[i]);
        }
    }

    tally_read_lasting(sum, l);
}


int
gt_tally_read(const gt_zone_t *lasting, gt_zone_t *const *zones, int n,
              gt_tally_sum_t *sum)
{
    int                       i, tries;
    size_t                    rows = 1;
    uint32_t                  turn;
    gt_tally_row_t           *p;
    const gt_slots_lasting_t *l = gt_tally_lasting(lasting);

    for (i = 0; i < n; i++) {
        rows += gt_tally_head(zones[i])->n_services;
    }

    p = gt_alloc(rows * sizeof(*p));
    if (!p) {
        return GT_ERROR;
    }

    for (tries = 0; tries < TALLY_TRIES; tries++) {
        turn = __atomic_load_n(&l->turn, __ATOMIC_ACQUIRE);
        if ((turn & 1) && tries + 1 < TALLY_TRIES) {
            (void) sched_yield();
            continue;
        }

        memset(p, 0, rows * sizeof(*p));
        *sum = (gt_tally_sum_t){ .rows = p };
        tally_read_all(sum, l, zones, n);

        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        if (__atomic_load_n(&l->turn, __ATOMIC_RELAXED) == turn) {
            break;
        }
    }

    return GT_OK;
}


void
gt_tally_sum_free(gt_tally_sum_t *sum)
{
    gt_free(sum->rows);
    *sum = (gt_tally_sum_t){ 0 };
}
