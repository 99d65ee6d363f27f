/*
 * core/log_out.h: between log lines and where they go; for log.c alone.
 */

#ifndef GT_CORE_LOG_OUT_H
#define GT_CORE_LOG_OUT_H

#include <stddef.h>

/* takes whole lines, of at most GT_LOG_LINE_MAX bytes together */
void gt_log_out(const char *p, size_t n);

#endif
