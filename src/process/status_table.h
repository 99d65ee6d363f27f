/*
 * process/status_table.h: /status for people: `gatun -s status`.
 */

#ifndef GT_PROCESS_STATUS_TABLE_H
#define GT_PROCESS_STATUS_TABLE_H

#include "core/core.h"

#include <stdio.h>

/* prints what n bytes of /status say, as tables; GT_ERROR: they are none, or
   there is no memory, and nothing is printed */
int gt_status_table(const char *json, size_t n, FILE *out);

#endif
