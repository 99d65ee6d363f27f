/*
 * core/core.c: what happens when something that must hold does not.
 */

#include "core/core.h"

#include "core/log.h"

#include <stdlib.h>


void
gt_assert_failed(const char *what, const char *file, int line)
{
    gt_log_alert("assertion \"%s\" failed at %s:%d", what, file, line);
    gt_log_flush();
    abort();
}
