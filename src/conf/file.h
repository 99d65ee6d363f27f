/*
 * conf/file.h: opens what a configuration names.
 */

#ifndef GT_CONF_FILE_H
#define GT_CONF_FILE_H

#include "core/core.h"

#include <stdio.h>

/* for reading; NULL: *why says it.  A reload must not wait in the master for
   the writer of a FIFO, so anything but a file is refused */
FILE *gt_conf_open(const char *path, const char **why);

#endif
