/*
 * process/metrics_impl.h: what the files of the metrics share.
 */

#ifndef GT_PROCESS_METRICS_IMPL_H
#define GT_PROCESS_METRICS_IMPL_H

#include "process/metrics.h"

typedef enum {
    GT_METRICS_COUNTER,
    GT_METRICS_GAUGE,
    GT_METRICS_HISTOGRAM
} gt_metrics_type_t;

typedef struct gt_metrics_family gt_metrics_family_t;

/* a row of a table that ends with name NULL */
struct gt_metrics_family {
    const char       *name, *help;
    gt_metrics_type_t type;
    /* writes row i, which may be nothing; false: there is no such row */
    bool (*put)(gt_metrics_t *m, const gt_metrics_family_t *f, uint32_t i);
    int arg; /* for put: the index of a figure */
};

/* a worker that lives */
typedef struct {
    uint32_t generation;
    int      slot;
    uint32_t state; /* gt_slot_state_t */
    int32_t  pid;
    uint64_t started_ms, deaths, beat_ms;
    uint64_t figures[GT_STAT_WORKER_MAX];
} gt_metrics_worker_t;

/* of all our processes; have_*: the kernel told */
typedef struct {
    bool     have_cpu, have_fds;
    uint64_t cpu_ms, rss, fds, max_fds;
} gt_metrics_proc_t;

struct gt_metrics {
    char                 host[256];
    uint64_t             wall_ms, now_ms; /* of 1970; of gt_loop_t.now */
    gt_tally_sum_t       sum;     /* ours */
    gt_slots_reload_t    reload;
    uint32_t             services; /* of the generation in force */
    gt_metrics_worker_t *workers; /* ours */
    uint32_t             n_workers;
    gt_tally_node_t    **nodes; /* ours: those of sum by chain, name, hop */
    gt_metrics_proc_t    proc;

    /* where we are */
    int      family;
    uint32_t row;
    bool     headed, labels; /* HELP and TYPE, a brace are written */
    char    *p;    /* the caller's, for a moment */
    size_t   n, size;
};

extern const gt_metrics_family_t gt_metrics_gost[];
extern const gt_metrics_family_t gt_metrics_process[];
extern const gt_metrics_family_t gt_metrics_own[];

/* a line: begin, labels in the alphabet's order ("le" is the last), value */
void gt_metrics_begin(gt_metrics_t *m, const gt_metrics_family_t *f,
                      const char *suffix);
void gt_metrics_label(gt_metrics_t *m, const char *name, const char *value);
void gt_metrics_number(gt_metrics_t *m, const char *name, uint64_t value);
void gt_metrics_value(gt_metrics_t *m, uint64_t value);
void gt_metrics_ms(gt_metrics_t *m, uint64_t ms); /* as seconds */
void gt_metrics_us(gt_metrics_t *m, uint64_t us);

/* the value of a label, as seconds */
void gt_metrics_le(gt_metrics_t *m, uint64_t ms);

/* metrics_proc.c: m->workers and master, and ourselves */
void gt_metrics_proc(gt_metrics_t *m, const gt_metrics_from_t *from);

#endif
