/*
 * process/metrics.h: all figures in Prometheus' text format 0.0.4: GOST's
 * names, process_* and our own gatun_*.
 *
 *   gt_metrics_new() takes the figures of one moment
 *   gt_metrics_next() gives the next lines, until there are none
 *   gt_metrics_free()
 *
 * So what is in memory is the figures, 64 bytes a client, and never the text,
 * which may be a hundred megabytes.
 */

#ifndef GT_PROCESS_METRICS_H
#define GT_PROCESS_METRICS_H

#include "process/tally.h"

/* clang-format off */
#define GT_METRICS_TYPE  "text/plain; version=0.0.4; charset=utf-8"
/* clang-format on */

enum { GT_METRICS_ROW = 20480 }; /* the longest piece: a histogram of a node
                                    whose names are all escapes */

typedef struct {
    const gt_zone_t  *lasting;
    gt_zone_t *const *zones; /* n, the newest last; the caller's */
    int               n;
    pid_t             master;
    uint64_t         *cpu_ms; /* the caller's, 0 at first: the most that was
                                 seen, so that it never goes back */
} gt_metrics_from_t;

typedef struct gt_metrics gt_metrics_t;

/* NULL: no memory */
gt_metrics_t *gt_metrics_new(const gt_metrics_from_t *from);
void          gt_metrics_free(gt_metrics_t *m); /* NULL is harmless */

/* whole lines into p, size of at least GT_METRICS_ROW; how many bytes, 0: that
   was all */
size_t gt_metrics_next(gt_metrics_t *m, char *p, size_t size);

/* the families one after the other, for documents: false: no more */
bool gt_metrics_family(int i, const char **name, const char **type,
                       const char **help);

#endif
