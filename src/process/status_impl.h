/*
 * process/status_impl.h: what the files that make /status share.  Functions
 * that add to an object return 0, or not: no memory, as jansson's do.
 */

#ifndef GT_PROCESS_STATUS_IMPL_H
#define GT_PROCESS_STATUS_IMPL_H

#include "process/status.h"

#include <jansson.h>

/* up to size bytes or their NUL; what is no UTF-8 loses its letters */
json_t *gt_status_text(const char *s, size_t size);
int gt_status_put_text(json_t *to, const char *key, const char *s, size_t size);

/* adds the first n figures under their names in the table */
int gt_status_put_figures(json_t *to, const uint64_t *c,
                          const gt_stat_desc_t *desc, int n);

/* status_chains.c: chains, their hops, their nodes; NULL: no memory */
json_t *gt_status_chains(const gt_tally_sum_t *sum);

#endif
