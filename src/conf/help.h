/*
 * conf/help.h: the keys of the configuration out of their tables: for --help
 * and for the manual page.
 */

#ifndef GT_CONF_HELP_H
#define GT_CONF_HELP_H

#include "conf/model.h"

#include <stdio.h>

/* the keys of a section, "service" as well as "services"; GT_ERROR: there is
   none of that name.  src: for the options of its metadata */
int gt_help_topic(const gt_source_t *src, const char *topic, FILE *out);

/* the names of the sections that have a meaning in this build, in a line */
void gt_help_topics(FILE *out);

/* all keys and all options, as the body of a page for man */
void gt_help_roff(const gt_source_t *src, FILE *out);

#endif
