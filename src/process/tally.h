/*
 * process/tally.h: the zones of slots.h, made, added up and read.
 *
 *   gt_tally_new() -> one gt_tally_generation() after the other, each of which
 *   ends in gt_tally_fold() when its last worker has gone
 *
 * Readers never see a total go back: what a generation counted moves into the
 * lasting zone between two values of its `turn`.
 */

#ifndef GT_PROCESS_TALLY_H
#define GT_PROCESS_TALLY_H

#include "os/zone.h"
#include "process/slots.h"
#include "route/mark.h"

/* the lasting zone; NULL with errno */
gt_zone_t *gt_tally_new(void);

/* what a generation counts; names are copied */
typedef struct {
    uint32_t                  generation;
    int                       n_slots;
    const gt_slots_service_t *services;
    int                       n_services;
    const gt_slots_node_t    *nodes; /* of all chains */
    int                       n_nodes;
    uint32_t                  n_clients; /* rows for them, of each worker */
} gt_tally_shape_t;

/* a counter zone with its head and its names, none of them counted yet; NULL
   with errno */
gt_zone_t *gt_tally_generation(const gt_tally_shape_t *shape);

/* is a zone that was handed over what it should be?  NULL, or what is wrong */
const char *gt_tally_check_lasting(const gt_zone_t *z);
const char *gt_tally_check(const gt_zone_t *z);

/* the parts; never NULL for a zone made or checked by the above */
gt_slots_lasting_t *gt_tally_lasting(const gt_zone_t *z);
gt_slots_head_t    *gt_tally_head(const gt_zone_t *z);
gt_slots_service_t *gt_tally_services(const gt_zone_t *z);
gt_slots_worker_t  *gt_tally_worker(const gt_zone_t *z, int slot);
gt_stat_block_t    *gt_tally_block(const gt_zone_t *z, int slot);
gt_slots_node_t    *gt_tally_nodes(const gt_zone_t *z);
gt_mark_t          *gt_tally_marks(const gt_zone_t *lasting);
/* the row of the i-th node */
gt_stat_node_t     *gt_tally_node(const gt_zone_t *z, int slot, uint32_t i);
/* head->n_clients rows, by the service's index; NULL when that is 0 */
gt_stat_client_t   *gt_tally_clients(const gt_zone_t *z, int slot);

/* the master: that worker is no more, so its gauges are 0 */
void gt_tally_bury(gt_zone_t *z, int slot);

/* the master: adds what was counted in z to the lasting zone, once */
void gt_tally_fold(gt_zone_t *lasting, gt_zone_t *z);

/* the master: a worker has died, as none should */
void gt_tally_died(gt_zone_t *lasting);

/* the master: z never came to life; readers pass it by */
void gt_tally_void(gt_zone_t *z);

/* a new master finds a fold that its predecessor did not finish */
void gt_tally_mend(gt_zone_t *lasting);

/* the master: a reload has ended; text (n bytes) is cut if it is long */
void gt_tally_reloaded(gt_zone_t *lasting, bool good, const char *text,
                       size_t n);

/* how reloads went, at one moment */
void gt_tally_reloads(const gt_zone_t *lasting, gt_slots_reload_t *to);

typedef struct {
    gt_slots_service_t what;
    uint64_t           figures[GT_STAT_SERVICE_MAX];
    uint64_t           rest[GT_STAT_FIGURES]; /* of figures: what is in no row
                                                 of a client */
} gt_tally_row_t;

enum { GT_TALLY_CLIENTS = 131072 }; /* rows at most: 8 MiB; the others' figures
                                       are their services' alone */

/* a node of a chain: what it is, its figures, and what the marks say now */
typedef struct {
    gt_slots_node_t what;
    gt_stat_node_t  figures;
    uint32_t        fails;         /* in a row */
    bool            out;           /* passed over for now */
    bool            ever_failed;
    uint64_t        failed_ago_ms; /* the last time, if ever */
    uint32_t        dial_us;       /* smoothed; 0: not known */
} gt_tally_node_t;

/* everything at one moment */
typedef struct {
    uint32_t        generation;
    uint64_t        started_ms;
    uint64_t        deaths;
    uint64_t        worker[GT_STAT_WORKER_MAX]; /* all workers, past ones too */
    gt_tally_row_t *rows; /* the reader's, by gt_tally_sum_free() */
    int             n_rows;
    gt_tally_node_t *nodes; /* the same */
    int              n_nodes;

    /* only by gt_tally_read_clients(): */
    gt_stat_client_t *clients; /* the reader's; id - 1 is an index of rows */
    uint32_t          n_clients;
    bool              by_client; /* the newest zone tells clients apart */
} gt_tally_sum_t;

/*
 * Reads and adds up: the services and nodes of all n living zones, the last
 * zone's first.  GT_ERROR: no memory.
 */
int gt_tally_read(const gt_zone_t *lasting, gt_zone_t *const *zones, int n,
                  gt_tally_sum_t *sum);

/* and clients too, if the newest zone tells them apart */
int gt_tally_read_clients(const gt_zone_t *lasting, gt_zone_t *const *zones,
                          int n, gt_tally_sum_t *sum);

void gt_tally_sum_free(gt_tally_sum_t *sum);

/* --- for the parts of the tally only: tally_node.c --- */

void gt_tally_bury_nodes(gt_zone_t *z, int slot);
void gt_tally_fold_nodes(gt_slots_lasting_t *l, const gt_zone_t *z);

/* adds to sum->nodes, which has room; the second one last of all */
void gt_tally_read_nodes(gt_tally_sum_t *sum, const gt_zone_t *z);
void gt_tally_read_marks(gt_tally_sum_t *sum, const gt_zone_t *lasting,
                         uint64_t now_ms);

#endif
