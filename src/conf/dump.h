/*
 * conf/dump.h: trees to text.  For conf/ only.
 */

#ifndef GT_CONF_DUMP_H
#define GT_CONF_DUMP_H

#include "conf/schema.h"

#include <stdio.h>

typedef enum {
    GT_DUMP_JSON = 1, /* durations as ns, empty lists as null */
    GT_DUMP_MASK = 2, /* passwords and the like as *** */
    GT_DUMP_LOWER = 4 /* free keys out of files in lower case, as GOST has it */
} gt_dump_t;

/* a copy in the table's order and spelling, without what is empty; metadata
   keys are sorted */
gt_cnode_t *gt_dump_tidy(gt_tree_t *t, const gt_key_t *table,
                         const gt_cnode_t *map, unsigned how);

/* bytes that are no UTF-8 become '?', in place */
void gt_dump_clean(gt_tree_t *t, gt_cnode_t *node);

/* GT_ERROR: no memory, or out failed */
int gt_dump_yaml(const gt_cnode_t *node, FILE *out);
int gt_dump_json(const gt_cnode_t *node, FILE *out);

/* the same YAML, with the place of each value in a comment */
int gt_dump_origins(const gt_cnode_t *node, FILE *out);

/* a text as a YAML value (or key), in quotes where Go would put it in quotes;
   lines of a block get that many blanks before them */
int gt_emit_text(const char *text, bool key, unsigned indent, FILE *out);

/* free-form nodes in place: plain scalars as they read, sorted keys */
void gt_dump_free(gt_tree_t *t, gt_cnode_t *node, unsigned how);

#endif
