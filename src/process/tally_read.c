/*
 * process/tally_read.c: readers: everything that was ever counted, added up
 * while others go on counting.
 *
 * A fold moves figures between two zones; who reads meanwhile sees it by the
 * lasting zone's `turn`, and begins again.
 */

#include "process/tally.h"

#include "core/mem.h"

#include <sched.h>
#include <string.h>
#include <time.h>

enum {
    READ_MS = 250,    /* a fold takes microseconds, if its master may run; one
                         that died in it leaves the turn odd for ever */
    READ_SLACK = 256, /* clients that come while we read */
    READ_NONE = -1
};

/* a reading */
typedef struct {
    gt_tally_sum_t           *sum;
    const gt_zone_t          *lasting;
    const gt_slots_lasting_t *l; /* of it */
    gt_zone_t *const         *zones;
    int                       n;
    size_t                    n_rows;  /* room in sum->rows */
    size_t                    n_nodes; /* and in sum->nodes */
    uint32_t n_clients;                /* room in sum->clients; 0: no clients */
    int     *row;                      /* ours: of a zone's services, in
                                          sum->rows */
    uint32_t *index;                   /* ours: of a client, plus 1 */
    uint32_t  mask;                    /* of its hash, for the index */
} read_t;


static void
read_add(uint64_t *to, const uint64_t *from, int n)
{
    int i;

    for (i = 0; i < n; i++) {
        to[i] += gt_stat_get(&from[i]);
    }
}


static bool
read_folded(const gt_zone_t *z)
{
    return __atomic_load_n(&gt_tally_head(z)->folded, __ATOMIC_RELAXED) != 0;
}


/* --- services --- */

static int
read_row_find(const gt_tally_sum_t *sum, const char *name)
{
    int i;

    for (i = 0; i < sum->n_rows; i++) {
        if (strncmp(sum->rows[i].what.name, name, GT_SLOTS_NAME) == 0) {
            return i;
        }
    }

    return READ_NONE;
}


static int
read_row(gt_tally_sum_t *sum, const gt_slots_service_t *what)
{
    int i = read_row_find(sum, what->name);

    if (i == READ_NONE) {
        i = sum->n_rows++;
        sum->rows[i].what = *what;
    }

    return i;
}


/* what a service counted itself */

static void
read_own(gt_tally_row_t *row, const uint64_t *figures)
{
    int      i;
    uint64_t c;

    for (i = 0; i < GT_STAT_SERVICE_MAX; i++) {
        c = gt_stat_get(&figures[i]);
        row->figures[i] += c;

        if (i < GT_STAT_FIGURES) {
            row->rest[i] += c;
        }
    }
}


/* --- clients --- */

/* the client's sum, made when it is new; NULL: no room */

static gt_stat_client_t *
read_client(read_t *r, const uint8_t addr[GT_STAT_ADDR], uint32_t row)
{
    uint32_t          at = gt_stat_client_hash(addr, row) & r->mask;
    gt_stat_client_t *c;

    if (r->n_clients == 0) {
        return NULL;
    }

    for (; r->index[at] != 0; at = (at + 1) & r->mask) {
        c = &r->sum->clients[r->index[at] - 1];
        if (c->id == row + 1 && memcmp(c->addr, addr, GT_STAT_ADDR) == 0) {
            return c;
        }
    }

    if (r->sum->n_clients == r->n_clients) {
        return NULL;
    }

    c = &r->sum->clients[r->sum->n_clients++];
    memcpy(c->addr, addr, GT_STAT_ADDR);
    c->id = row + 1;
    r->index[at] = r->sum->n_clients;

    return c;
}


static void
read_client_row(read_t *r, const gt_stat_client_t *from, int row)
{
    int               i;
    uint64_t          c;
    gt_tally_row_t   *s = &r->sum->rows[row];
    gt_stat_client_t *to = read_client(r, from->addr, (uint32_t) row);

    for (i = 0; i < GT_STAT_FIGURES; i++) {
        c = gt_stat_get(&from->figures[i]);
        s->figures[i] += c;
        *(to ? &to->figures[i] : &s->rest[i]) += c;
    }
}


static void
read_zone_clients(read_t *r, const gt_zone_t *z, int slot)
{
    uint32_t                i, service;
    const gt_slots_head_t  *h = gt_tally_head(z);
    const gt_stat_client_t *c = gt_tally_clients(z, slot);

    for (i = 0; i < h->n_clients; i++) {
        if (gt_stat_client_taken(&c[i], &service) && service < h->n_services) {
            read_client_row(r, &c[i], r->row[service]);
        }
    }
}


/* --- zones --- */

static void
read_zone(read_t *r, const gt_zone_t *z)
{
    int                    slot;
    uint32_t               i;
    const gt_slots_head_t *h = gt_tally_head(z);

    for (i = 0; i < h->n_services; i++) {
        r->row[i] = read_row(r->sum, &gt_tally_services(z)[i]);

        for (slot = 0; slot < (int) h->n_slots; slot++) {
            read_own(&r->sum->rows[r->row[i]],
                     gt_tally_block(z, slot)->services[i]);
        }
    }

    for (slot = 0; slot < (int) h->n_slots; slot++) {
        read_add(r->sum->worker, gt_tally_block(z, slot)->worker,
                 GT_STAT_WORKER_MAX);
        read_zone_clients(r, z, slot);
    }

    gt_tally_read_nodes(r->sum, z);
}


static void
read_lasting(read_t *r)
{
    int                       i, row;
    int                       rows[GT_SLOTS_SERVICES];
    uint32_t                  total;
    const gt_slots_lasting_t *l = r->l;

    read_add(r->sum->worker, l->worker, GT_STAT_WORKER_MAX);
    read_add(&r->sum->deaths, &l->deaths, 1);

    for (i = 0; i < GT_SLOTS_SERVICES; i++) {
        row = l->totals[i].name[0] ? read_row_find(r->sum, l->totals[i].name)
                                   : READ_NONE;
        rows[i] = row;

        if (row != READ_NONE) {
            read_own(&r->sum->rows[row], l->totals[i].figures);
        }
    }

    for (i = 0; i < GT_SLOTS_CLIENTS; i++) {
        if (gt_stat_client_taken(&l->clients[i], &total)
            && total < GT_SLOTS_SERVICES && rows[total] != READ_NONE)
        {
            read_client_row(r, &l->clients[i], rows[total]);
        }
    }
}


/* the clock of the marks */

static uint64_t
read_ms(void)
{
    struct timespec ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000 + (uint64_t) ts.tv_nsec / 1000000;
}


static void
read_once(read_t *r)
{
    int             i;
    gt_tally_sum_t *sum = r->sum, empty = { .rows = sum->rows,
                                            .nodes = sum->nodes,
                                            .clients = sum->clients,
                                            .by_client = sum->by_client };

    memset(sum->rows, 0, r->n_rows * sizeof(*sum->rows));
    memset(sum->nodes, 0, r->n_nodes * sizeof(*sum->nodes));

    if (r->n_clients) {
        memset(sum->clients, 0, r->n_clients * sizeof(*sum->clients));
        memset(r->index, 0, (r->mask + 1) * sizeof(*r->index));
    }

    *sum = empty;
    sum->generation = __atomic_load_n(&r->l->generation, __ATOMIC_RELAXED);
    sum->started_ms = r->l->started_ms;

    for (i = r->n - 1; i >= 0; i--) {
        if (!read_folded(r->zones[i])) {
            read_zone(r, r->zones[i]);
        }
    }

    read_lasting(r);
    gt_tally_read_marks(sum, r->lasting, read_ms());
}


static void
read_all(read_t *r)
{
    bool     late;
    uint32_t turn;
    uint64_t end = read_ms() + READ_MS;

    for (;;) {
        late = read_ms() >= end;
        turn = __atomic_load_n(&r->l->turn, __ATOMIC_ACQUIRE);
        if ((turn & 1) && !late) {
            (void) sched_yield();
            continue;
        }

        read_once(r);

        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        if (__atomic_load_n(&r->l->turn, __ATOMIC_RELAXED) == turn || late) {
            break;
        }
    }
}


/* --- the start --- */

static uint32_t
read_count(const gt_stat_client_t *c, uint32_t n)
{
    uint32_t i, service, taken = 0;

    for (i = 0; i < n; i++) {
        taken += gt_stat_client_taken(&c[i], &service);
    }

    return taken;
}


/* a row for each that is taken now, as if no two were the same */

static int
read_make_clients(read_t *r)
{
    int      i, slot;
    uint32_t n = read_count(r->l->clients, GT_SLOTS_CLIENTS) + READ_SLACK;

    for (i = 0; i < r->n; i++) {
        for (slot = 0; slot < (int) gt_tally_head(r->zones[i])->n_slots; slot++)
        {
            n += read_count(gt_tally_clients(r->zones[i], slot),
                            gt_tally_head(r->zones[i])->n_clients);
            n = gt_min(n, (uint32_t) GT_TALLY_CLIENTS);
        }
    }

    for (r->mask = 1; r->mask < n * 2; r->mask = r->mask * 2 + 1) {
        /* the index is never more than half full */
    }

    r->n_clients = n;
    r->sum->clients = gt_alloc(n * sizeof(*r->sum->clients));
    r->index = gt_alloc((r->mask + 1) * sizeof(*r->index));

    return r->sum->clients && r->index ? GT_OK : GT_ERROR;
}


static int
read_make(read_t *r)
{
    int i;

    r->n_rows = r->n_nodes = 1;

    for (i = 0; i < r->n; i++) {
        r->n_rows += gt_tally_head(r->zones[i])->n_services;
        r->n_nodes += gt_tally_head(r->zones[i])->n_nodes;
    }

    r->sum->rows = gt_alloc(r->n_rows * sizeof(*r->sum->rows));
    r->sum->nodes = gt_alloc(r->n_nodes * sizeof(*r->sum->nodes));
    r->row = gt_alloc(r->n_rows * sizeof(*r->row));
    if (!r->sum->rows || !r->sum->nodes || !r->row) {
        return GT_ERROR;
    }

    return r->sum->by_client ? read_make_clients(r) : GT_OK;
}


static int
read_run(read_t *r)
{
    int rc = read_make(r);

    if (rc == GT_OK) {
        read_all(r);
    } else {
        gt_tally_sum_free(r->sum);
    }

    gt_free(r->row);
    gt_free(r->index);

    return rc;
}


static int
read_zones(const gt_zone_t *lasting, gt_zone_t *const *zones, int n,
           bool by_client, gt_tally_sum_t *sum)
{
    read_t r = { .sum = sum,
                 .lasting = lasting,
                 .l = gt_tally_lasting(lasting),
                 .zones = zones,
                 .n = n };

    *sum = (gt_tally_sum_t){ .by_client = by_client };

    return read_run(&r);
}


int
gt_tally_read(const gt_zone_t *lasting, gt_zone_t *const *zones, int n,
              gt_tally_sum_t *sum)
{
    return read_zones(lasting, zones, n, false, sum);
}


int
gt_tally_read_clients(const gt_zone_t *lasting, gt_zone_t *const *zones, int n,
                      gt_tally_sum_t *sum)
{
    bool by_client = n > 0 && gt_tally_head(zones[n - 1])->n_clients > 0;

    return read_zones(lasting, zones, n, by_client, sum);
}


void
gt_tally_sum_free(gt_tally_sum_t *sum)
{
    gt_free(sum->rows);
    gt_free(sum->nodes);
    gt_free(sum->clients);
    *sum = (gt_tally_sum_t){ 0 };
}
