/*
 * conf/yaml.h: what the two files of the YAML reader share; gt_yaml_parse() is
 * in conf/tree.h.
 */

#ifndef GT_CONF_YAML_H
#define GT_CONF_YAML_H

#include "conf/tree.h"

#include <yaml.h>

typedef struct gt_yaml_anchor gt_yaml_anchor_t;

struct gt_yaml_anchor {
    gt_yaml_anchor_t *next;
    const char    *name;
    gt_cnode_t    *node; /* in the tree; NULL while it is being read */
};

typedef struct {
    yaml_parser_t  yp;
    gt_tree_t     *t;
    gt_diag_t     *d;
    const char    *file;
    gt_str_t       text;
    gt_yaml_anchor_t *anchors; /* in the arena; the latest first */
    unsigned       n_anchors, copied;
} gt_yaml_t;

/* an error at that mark */
void gt_yaml_error(gt_yaml_t *y, const yaml_mark_t *mark, const char *why);

/*
 * Notes an anchor (name NULL: none, *made is NULL).  Made before its node, so
 * that an alias inside it is noticed; the caller sets (*made)->node.  GT_ERROR
 * is reported.
 */
int gt_yaml_anchor(gt_yaml_t *y, const yaml_event_t *ev,
                   const yaml_char_t *name, gt_yaml_anchor_t **made);

/* a copy of what it means; NULL is reported */
gt_cnode_t *gt_yaml_alias(gt_yaml_t *y, const yaml_event_t *ev, unsigned depth);

/* who has the key already, NULL values included; or NULL */
const gt_cnode_t *gt_yaml_member(const gt_cnode_t *map, const char *key);

/* `<<`: members of another map, or of several, that this one has not.  nested:
   from is one of several.  GT_ERROR is reported */
int gt_yaml_merge(gt_yaml_t *y, gt_cnode_t *map, const gt_cnode_t *from,
                  const yaml_mark_t *mark, bool nested);

#endif
