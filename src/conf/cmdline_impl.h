/*
 * conf/cmdline_impl.h: between the files of the command line.
 */

#ifndef GT_CONF_CMDLINE_IMPL_H
#define GT_CONF_CMDLINE_IMPL_H

#include "conf/cmdline.h"

/* takes argv[from] to argv[to - 1], one group, into src and cl->asked.
   GT_DONE: nothing more to read, and cl->cmd is set; GT_ERROR: no memory */
int gt_cmdline_group(gt_cmdline_t *cl, gt_source_t *src, char **argv, int from,
                     int to, FILE *err);

#endif
