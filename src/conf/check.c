/*
 * conf/check.c: gives a tree the shape of the tables of conf/schema.c: the
 * kinds of its values.
 */

#include "conf/plain.h"
#include "conf/schema.h"
#include "core/num.h"

#include <string.h>

static void
shape_value(gt_tree_t *t, const gt_key_t *row, gt_cnode_t *node, gt_diag_t *d);


bool
gt_schema_empty(const gt_cnode_t *node)
{
    static const char *const none[] = { "", "0", "false", "0s" };
    size_t                   i;

    if (node->kind != GT_NODE_SCALAR) {
        return node->first == NULL;
    }

    for (i = 0; i < gt_nelts(none); i++) {
        if (strcmp(node->text, none[i]) == 0) {
            return true;
        }
    }

    return false;
}


/* a text where an object with that as its first key is meant */
static void
shape_word(gt_tree_t *t, const gt_key_t *row, gt_cnode_t *node)
{
    gt_cnode_t *text;

    text = gt_tree_copy(t, node);
    node->kind = GT_NODE_MAP;
    node->first = node->last = NULL;
    gt_tree_add(node, row->sub[0].name, text);
}


/* one where several are wanted */
static void
shape_wrap(gt_tree_t *t, gt_cnode_t *node)
{
    gt_cnode_t *inner;

    inner = gt_tree_node(t, node->kind, &node->place);
    if (inner == NULL) {
        return;
    }

    inner->quoted = node->quoted;
    inner->number = node->number;
    inner->text = node->text;
    inner->first = node->first;
    inner->last = node->last;

    node->kind = GT_NODE_LIST;
    node->text = NULL;
    node->first = node->last = inner;
}


static void
shape_list(gt_tree_t *t, const gt_key_t *row, gt_cnode_t *list, gt_diag_t *d)
{
    gt_cnode_t *part, *next;
    gt_key_t    one = *row;

    if (list->kind != GT_NODE_LIST) {
        shape_wrap(t, list);
    }

    one.type = row->type == GT_KEY_STRS ? GT_KEY_STR : GT_KEY_OBJ;
    part = list->first;
    list->first = list->last = NULL;

    for (/* void */; part != NULL; part = next) {
        next = part->next;

        if (part->kind == GT_NODE_SCALAR && row->flags & GT_KEY_WORD) {
            shape_word(t, row, part);
        }

        if (part->kind == GT_NODE_NULL) {
            gt_diag_error(d, &part->place, "%s: an entry without anything",
                          row->name);
        } else {
            shape_value(t, &one, part, d);
        }

        if (part->kind != GT_NODE_NULL) {
            gt_tree_add(list, NULL, part);
        }
    }
}


/* NULL when it fits, else what is wanted */
static const char *
shape_scalar(const gt_key_t *row, const gt_cnode_t *node)
{
    bool     yes;
    int64_t  n;
    gt_str_t text = gt_str_from(node->text);

    switch (row->type) {

    case GT_KEY_STR:
    case GT_KEY_ANY: return NULL;

    case GT_KEY_INT: return gt_cnode_int(node, &n) == GT_OK ? NULL : "a number";

    case GT_KEY_BOOL:
        return gt_cnode_bool(node, &yes) == GT_OK ? NULL : "true or false";

    case GT_KEY_DUR:
        return gt_num_duration_typed(text, node->quoted, &n) == GT_OK
                   ? NULL
                   : "a duration such as 30s";

    case GT_KEY_STRS:
    case GT_KEY_OBJ:
    case GT_KEY_OBJS:
    case GT_KEY_MAP: break;
    }

    /* `metadata:` with an empty text is as good as none */
    return text.n == 0 ? NULL : "a map of keys";
}


/* GOST's weak typing: what YAML reads as a number or a bool is that first, so
   010 is the text "8"; but a password is what is written */
static void
shape_text(gt_tree_t *t, const gt_key_t *row, gt_cnode_t *node, gt_diag_t *d)
{
    const char *text;

    text = gt_plain_text(t, node);

    if (text != NULL && strcmp(text, node->text) != 0) {
        gt_diag_warn(d, &node->place,
                     "%s: a plain %.40s is read as \"%.40s\"; quote it if it"
                     " is a text",
                     row->name, node->text, text);
        node->text = text;
    }
}


static void
shape_value(gt_tree_t *t, const gt_key_t *row, gt_cnode_t *node, gt_diag_t *d)
{
    const char *want = NULL;

    if (row->type == GT_KEY_ANY || node->kind == GT_NODE_NULL) {
        return;
    }

    if (row->type == GT_KEY_STRS || row->type == GT_KEY_OBJS) {
        shape_list(t, row, node, d);
        return;
    }

    if (node->kind == GT_NODE_SCALAR) {
        want = shape_scalar(row, node);

        if (row->type == GT_KEY_STR && !node->quoted
            && !(row->flags & GT_KEY_SECRET)) {
            shape_text(t, row, node, d);
        }

        if (row->flags & GT_KEY_SECRET && strcmp(node->text, "***") == 0) {
            gt_diag_warn(d, &node->place,
                         "%s: *** is what -T prints instead of one", row->name);
        }

    } else if (row->type != GT_KEY_OBJ && row->type != GT_KEY_MAP) {
        want = "one value";

    } else if (node->kind != GT_NODE_MAP) {
        want = "a map of keys";

    } else if (row->type == GT_KEY_OBJ) {
        gt_schema_shape(t, row->sub, node, d);
    }

    /* as if it were not there, so that the rest can be looked at */
    if (want != NULL) {
        gt_diag_error(d, &node->place, "%s: want %s", row->name, want);
        node->kind = GT_NODE_NULL;
        node->first = node->last = NULL;
    }
}


void
gt_schema_shape(gt_tree_t *t, const gt_key_t *table, gt_cnode_t *map,
                gt_diag_t *d)
{
    gt_cnode_t     *node;
    const gt_key_t *row;

    for (node = map->first; node != NULL; node = node->next) {
        row = gt_schema_find(table, node->key);
        if (row != NULL) {
            shape_value(t, row, node, d);
        }
    }
}
