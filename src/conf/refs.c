/*
 * conf/refs.c: names that refer to entries of the top-level lists: each must
 * be there, also where what refers is without effect so far, so that a file
 * which is good today is good tomorrow.
 */

#include "conf/schema.h"
#include "core/mem.h"

#include <stdlib.h>
#include <string.h>

enum { REFS_NEAR = 1000 }; /* names that a misspelt one is compared with */

/* a list of the top level and the names in it, sorted */
typedef struct {
    const char  *list;
    const char **names; /* ours, the texts are not */
    size_t       n;
} refs_list_t;

typedef struct {
    const gt_source_t *src;
    const gt_cnode_t  *root;
    gt_diag_t         *d;
    refs_list_t lists[32]; /* as many as were asked for, name NULL ends */
} refs_t;

static void refs_map(refs_t *r, const gt_key_t *table, const gt_cnode_t *map);


static int
refs_order(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}


static int
refs_find(const void *name, const void *entry)
{
    return strcmp(name, *(const char *const *) entry);
}


/* NULL: no memory */
static const refs_list_t *
refs_list(refs_t *r, const char *list)
{
    size_t            i, n = 0;
    refs_list_t      *l;
    const gt_cnode_t *part, *node;

    for (i = 0; r->lists[i].list != NULL; i++) {
        if (strcmp(r->lists[i].list, list) == 0) {
            return &r->lists[i];
        }
    }

    GT_ASSERT(i + 1 < gt_nelts(r->lists));

    l = &r->lists[i];
    node = gt_cnode_get(r->root, list);

    for (part = node != NULL ? node->first : NULL; part; part = part->next) {
        n++;
    }

    l->names = gt_calloc(gt_max(n, (size_t) 1) * sizeof(*l->names));
    if (l->names == NULL) {
        return NULL;
    }

    for (part = n > 0 ? node->first : NULL; part; part = part->next) {
        l->names[l->n++] = gt_cnode_text(part, "name", "");
    }

    qsort(l->names, l->n, sizeof(*l->names), refs_order);
    l->list = list;

    return l;
}


/* "authers": "auther" */
static const char *
refs_one(const char *list, char *buf, size_t size)
{
    size_t n = strlen(list);

    if (strcmp(list, "hosts") == 0) {
        return list;
    }

    n -= gt_str_ends(gt_str_from(list), GT_STR("sses")) ? 2 : 1;
    (void) gt_str_copy(buf, size, gt_str_make(list, n));

    return buf;
}


static const char *
refs_nearest(const refs_list_t *l, const char *name)
{
    size_t      i;
    unsigned    far, best = gt_word_near(strlen(name)) + 1;
    const char *near = NULL;

    for (i = 0; i < l->n && i < REFS_NEAR; i++) {
        far = l->names[i][0] == '\0'
                  ? best
                  : gt_word_distance(gt_str_from(name),
                                     gt_str_from(l->names[i]), best - 1);
        if (far < best) {
            best = far;
            near = l->names[i];
        }
    }

    return near;
}


static void
refs_name(refs_t *r, const char *list, const gt_cnode_t *node)
{
    char               one[40];
    const char        *near;
    const refs_list_t *l;

    if (node == NULL || node->kind != GT_NODE_SCALAR || node->text[0] == '\0') {
        return;
    }

    /* without chain-0 an -F was wrong, which is reported already */
    if (r->src->n_nodes > 0 && strcmp(node->text, "chain-0") == 0) {
        return;
    }

    l = refs_list(r, list);

    if (l == NULL) {
        gt_diag_error(r->d, NULL, "out of memory");

    } else if (bsearch(node->text, l->names, l->n, sizeof(*l->names), refs_find)
               == NULL)
    {
        near = refs_nearest(l, node->text);
        gt_diag_error(r->d, &node->place, "no %s is named \"%.100s\"%s%.100s%s",
                      refs_one(list, one, sizeof(one)), node->text,
                      near != NULL ? "; did you mean \"" : "",
                      near != NULL ? near : "", near != NULL ? "\"?" : "");
    }
}


/* one name, or a list of them */
static void
refs_value(refs_t *r, const gt_key_t *row, const gt_cnode_t *node)
{
    const gt_cnode_t *part;

    refs_name(r, row->refers, node);

    for (part = node->first; part != NULL; part = part->next) {
        refs_name(r, row->refers, part);
    }
}


static void
refs_map(refs_t *r, const gt_key_t *table, const gt_cnode_t *map)
{
    const gt_key_t   *row;
    const gt_cnode_t *node, *part;

    for (node = map->first; node != NULL; node = node->next) {
        row = gt_schema_find(table, node->key);

        /* what is refused is an error already */
        if (row == NULL || row->flags & GT_KEY_REFUSE) {
            continue;
        }

        if (row->refers != NULL) {
            refs_value(r, row, node);
            continue;
        }

        if (row->sub != NULL && node->kind == GT_NODE_MAP) {
            refs_map(r, row->sub, node);
            continue;
        }

        for (part = row->sub != NULL ? node->first : NULL; part != NULL;
             part = part->next)
        {
            if (part->kind == GT_NODE_MAP) {
                refs_map(r, row->sub, part);
            }
        }
    }
}


void
gt_refs_check(const gt_source_t *src, const gt_cnode_t *root, gt_diag_t *d)
{
    size_t i;
    refs_t r;

    memset(&r, 0, sizeof(r));
    r.src = src;
    r.root = root;
    r.d = d;

    refs_map(&r, gt_schema_top, root);

    for (i = 0; i < gt_nelts(r.lists); i++) {
        gt_free(r.lists[i].names);
    }
}
