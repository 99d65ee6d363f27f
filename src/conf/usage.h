/*
 * conf/usage.h: the text of --help.  For conf/ only.
 */

#ifndef GT_CONF_USAGE_H
#define GT_CONF_USAGE_H

#include <stdio.h>

void gt_usage(FILE *out);

#endif
