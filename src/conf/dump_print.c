/*
 * conf/dump_print.c: the documents of -O, one for each group.
 */

#include "conf/dump.h"
#include "conf/load.h"
#include "conf/schema.h"

#include <string.h>


/* a list of documents, one for each group */
static gt_cnode_t *
dump_groups(gt_tree_t *t, gt_source_t *src, bool json, gt_diag_t *d)
{
    int              i;
    gt_cnode_t      *root, *tidy, *all;
    const gt_place_t place = { "gatun", 0, 0 };

    all = gt_tree_node(t, GT_NODE_LIST, &place);

    for (i = 0; src != NULL && !t->failed; src = src->next, i++) {
        gt_diag_group(d, src->id[0] != '\0' ? i : -1);
        root = gt_source_merge(t, src, d);

        if (root != NULL && gt_diag_errors(d) == 0) {
            tidy = gt_dump_tidy(t, gt_schema_top, root,
                                GT_DUMP_LOWER | (json ? GT_DUMP_JSON : 0));
            gt_dump_clean(t, tidy);
            gt_tree_add(all, NULL, tidy);
        }
    }

    gt_diag_group(d, -1);

    return all;
}


/* one after the other, as GOST's children would print them */
static int
dump_documents(const gt_cnode_t *all, bool json, FILE *out, gt_diag_t *d)
{
    int               rc = GT_OK;
    const gt_cnode_t *doc;

    for (doc = all->first; doc != NULL && rc == GT_OK; doc = doc->next) {
        if (doc != all->first && !json) {
            (void) fputs("---\n", out);
        }

        rc = json ? gt_dump_json(doc, out) : gt_dump_yaml(doc, out);
    }

    if (rc != GT_OK) {
        gt_diag_error(d, NULL, "the output could not be written");
    }

    return rc;
}


int
gt_source_print(gt_source_t *src, bool json, FILE *out, gt_diag_t *d)
{
    int         rc = GT_ERROR;
    gt_tree_t   t;
    gt_cnode_t *all;

    memset(&t, 0, sizeof(t));
    t.arena = gt_arena_new();
    t.print = true;

    if (t.arena == NULL) {
        gt_diag_error(d, NULL, "out of memory");
        return GT_ERROR;
    }

    all = dump_groups(&t, src, json, d);
    gt_source_memory(&t, d);

    if (all != NULL && gt_diag_errors(d) == 0) {
        rc = dump_documents(all, json, out, d);
    }

    gt_arena_free(t.arena);

    return rc;
}
