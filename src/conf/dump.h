/*
 * conf/dump.h: trees to text.  For conf/ only.
 */

#ifndef GT_CONF_DUMP_H
#define GT_CONF_DUMP_H

#include "conf/schema.h"

#include <stdio.h>

typedef enum {
    GT_DUMP_JSON = 1, /* durations as ns, empty lists as null */
    GT_DUMP_MASK = 2  /* passwords and the like as *** */
} gt_dump_t;

/* a copy in the table's order and spelling, without what is empty; metadata
   keys are sorted */
gt_cnode_t *gt_dump_tidy(gt_tree_t *t, const gt_key_t *table,
                         const gt_cnode_t *map, unsigned how);

/* GT_ERROR: no memory, or out failed */
int gt_dump_yaml(const gt_cnode_t *node, FILE *out);
int gt_dump_json(const gt_cnode_t *node, FILE *out);

#endif
