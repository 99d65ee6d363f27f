/*
 * process/status.h: /status, of the stats endpoint and of `gatun -s status`.
 */

#ifndef GT_PROCESS_STATUS_H
#define GT_PROCESS_STATUS_H

#include "process/tally.h"

/*
 * The zones as JSON: version, generation, uptime (seconds), pid (the
 * master's), workers, services with GOST's five figures.  The newest zone is
 * the last of n.  Text for free(), NULL: no memory.
 */
char *gt_status_json(const gt_zone_t *lasting, gt_zone_t *const *zones, int n,
                     pid_t master);

/* workers that accept connections now */
int gt_status_ready(gt_zone_t *const *zones, int n);

#endif
