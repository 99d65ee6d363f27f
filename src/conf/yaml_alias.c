/*
 * conf/yaml_alias.c: anchors, aliases and `<<`: what is written once and stands
 * in several places.
 *
 * Aliases become copies, so that the rest of conf/ sees a plain tree; the
 * copies are counted, because a few lines of nested aliases describe more
 * nodes than there is memory.
 */

#include "conf/yaml.h"

#include <string.h>


int
gt_yaml_anchor(gt_yaml_t *y, const yaml_event_t *ev, const yaml_char_t *name,
               gt_yaml_anchor_t **made)
{
    gt_yaml_anchor_t *a;

    *made = NULL;

    if (name == NULL) {
        return GT_OK;
    }

    if (y->n_anchors++ == GT_TREE_ANCHORS) {
        gt_yaml_error(y, &ev->start_mark, "too many anchors");
        return GT_ERROR;
    }

    a = gt_arena_alloc(y->t->arena, sizeof(*a));
    if (a == NULL
        || (a->name = gt_arena_strdup(y->t->arena, (const char *) name))
               == NULL)
    {
        y->t->failed = true;
        return GT_ERROR;
    }

    a->next = y->anchors;
    y->anchors = a;
    *made = a;

    return GT_OK;
}


static int
yaml_spend(gt_yaml_t *y, const yaml_mark_t *mark, unsigned n)
{
    y->copied += n;

    if (y->copied > GT_TREE_ALIASES) {
        gt_yaml_error(y, mark, "the aliases expand to too much");
        return GT_ERROR;
    }

    return GT_OK;
}


gt_cnode_t *
gt_yaml_alias(gt_yaml_t *y, const yaml_event_t *ev, unsigned depth)
{
    const char       *name = (const char *) ev->data.alias.anchor;
    gt_yaml_anchor_t *a;

    for (a = y->anchors; a != NULL && strcmp(a->name, name) != 0; a = a->next) {
        /* void */
    }

    if (a == NULL) {
        gt_yaml_error(y, &ev->start_mark, "no such anchor before this alias");
        return NULL;
    }

    if (a->node == NULL) {
        gt_yaml_error(y, &ev->start_mark, "an alias to what it is a part of");
        return NULL;
    }

    if (yaml_spend(y, &ev->start_mark, gt_tree_count(a->node)) != GT_OK) {
        return NULL;
    }

    if (depth + gt_tree_depth(a->node) > GT_TREE_DEPTH) {
        gt_yaml_error(y, &ev->start_mark, "nested too deep");
        return NULL;
    }

    return gt_tree_copy(y->t, a->node);
}


const gt_cnode_t *
gt_yaml_member(const gt_cnode_t *map, const char *key)
{
    const gt_cnode_t *node;

    for (node = map->first; node != NULL; node = node->next) {
        if (gt_str_ieq(gt_str_from(node->key), gt_str_from(key))) {
            return node;
        }
    }

    return NULL;
}


/* `<<`: members of another map, or of several, that this one has not */
int
gt_yaml_merge(gt_yaml_t *y, gt_cnode_t *map, const gt_cnode_t *from,
              const yaml_mark_t *mark, bool nested)
{
    const gt_cnode_t *part;

    if (from->kind == GT_NODE_LIST && !nested) {
        for (part = from->first; part != NULL; part = part->next) {
            if (gt_yaml_merge(y, map, part, mark, true) != GT_OK) {
                return GT_ERROR;
            }
        }

        return GT_OK;
    }

    if (from->kind != GT_NODE_MAP) {
        gt_yaml_error(y, mark, "<< wants a map, or a list of maps");
        return GT_ERROR;
    }

    for (part = from->first; part != NULL; part = part->next) {
        if (yaml_spend(y, mark, gt_tree_count(part)) != GT_OK) {
            return GT_ERROR;
        }

        if (gt_yaml_member(map, part->key) == NULL) {
            gt_tree_add(map, part->key, gt_tree_copy(y->t, part));
        }
    }

    return y->t->failed ? GT_ERROR : GT_OK;
}
