/*
 * conf/model_names.c: the names of a list's entries: each once, and one for
 * those that have none.
 */

#include "conf/load.h"
#include "core/mem.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *name; /* in the tree */
    gt_cnode_t *node;
    unsigned    nth; /* of the list */
} build_name_t;


static int
build_by_name(const void *a, const void *b)
{
    int                 rc;
    const build_name_t *x = a, *y = b;

    rc = strcmp(x->name, y->name);

    return rc != 0 ? rc : x->nth < y->nth ? -1 : 1;
}


static int
build_find(const void *name, const void *entry)
{
    return strcmp(name, ((const build_name_t *) entry)->name);
}


/* the names of a list, sorted, those without one first; to be freed */
static build_name_t *
build_sorted(gt_build_t *b, const gt_cnode_t *list, unsigned n)
{
    unsigned      i = 0;
    gt_cnode_t   *part;
    build_name_t *all;

    all = gt_calloc((size_t) n * sizeof(*all));
    if (all == NULL) {
        b->t->failed = true;
        return NULL;
    }

    for (part = list->first; part != NULL; part = part->next) {
        all[i].name = gt_cnode_text(part, "name", "");
        all[i].node = part;
        all[i].nth = i;
        i++;
    }

    qsort(all, n, sizeof(*all), build_by_name);

    return all;
}


static void
build_twins(gt_build_t *b, const build_name_t *all, unsigned n,
            const char *what)
{
    unsigned          i, first = 0;
    const gt_place_t *at, *was;

    for (i = 1; i < n; i++) {
        if (all[i].name[0] == '\0' || strcmp(all[i].name, all[first].name) != 0)
        {
            first = i;
            continue;
        }

        at = &gt_cnode_get(all[i].node, "name")->place;
        was = &all[first].node->place;

        if (was->line > 0) {
            gt_diag_error(b->d, at,
                          "%s \"%s\" is defined twice, first in %s:%u", what,
                          all[i].name, was->file, was->line);
        } else {
            gt_diag_error(b->d, at, "%s \"%s\" is defined twice, first by %s",
                          what, all[i].name, was->file);
        }
    }
}


/* names that nothing else of the list has */
static void
build_fill(gt_build_t *b, const build_name_t *all, unsigned n, const char *what,
           const char *prefix)
{
    char     name[60];
    unsigned i, nth = 0;

    for (i = 0; i < n && all[i].name[0] == '\0'; i++) {
        if (prefix == NULL) {
            gt_diag_error(b->d, &all[i].node->place, "this %s has no name",
                          what);
        }

        nth = gt_max(nth, all[i].nth);

        do {
            gt_snprintf(name, sizeof(name), "%s-%u",
                        prefix != NULL ? prefix : what, nth++);
        } while (bsearch(name, all, n, sizeof(*all), build_find) != NULL);

        gt_tree_take(all[i].node, "name");
        gt_tree_default(b->t, all[i].node, "name", name);
    }
}


void
gt_build_names(gt_build_t *b, const char *key, const char *what,
               const char *prefix)
{
    unsigned          n = 0;
    build_name_t     *all;
    const gt_cnode_t *part, *list = gt_cnode_get(b->root, key);

    for (part = list != NULL ? list->first : NULL; part != NULL;
         part = part->next) {
        n++;
    }

    if (n == 0) {
        return;
    }

    all = build_sorted(b, list, n);
    if (all != NULL) {
        build_twins(b, all, n, what);
        build_fill(b, all, n, what, prefix);
    }

    gt_free(all);
}


void
gt_build_lists(gt_build_t *b)
{
    static const struct {
        const char *list, *what;
    } lists[] = {
        { "admissions", "admission" },
        { "bypasses", "bypass" },
        { "resolvers", "resolver" },
        { "hosts", "hosts" },
        { "ingresses", "ingress" },
        { "routers", "router" },
        { "sds", "sd" },
        { "recorders", "recorder" },
        { "rewriters", "rewriter" },
        { "caches", "cache" },
        { "limiters", "limiter" },
        { "quotas", "quota" },
        { "climiters", "climiter" },
        { "rlimiters", "rlimiter" },
        { "observers", "observer" },
        { "loggers", "logger" },
    };
    size_t i;

    for (i = 0; i < gt_nelts(lists); i++) {
        gt_build_names(b, lists[i].list, lists[i].what, NULL);
    }
}
