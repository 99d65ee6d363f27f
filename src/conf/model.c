/*
 * conf/model.c: loads a model, and finds in it.
 */

#include "conf/model.h"
#include "conf/load.h"

#include <string.h>


void *
gt_build_array(gt_build_t *b, const gt_cnode_t *list, size_t size, int *n)
{
    void             *p;
    const gt_cnode_t *part;

    *n = 0;

    for (part = list != NULL ? list->first : NULL; part != NULL;
         part = part->next) {
        *n += 1;
    }

    if (*n == 0) {
        return NULL;
    }

    p = gt_arena_alloc(b->t->arena, (size_t) *n * size);
    if (p == NULL) {
        b->t->failed = true;
        *n = 0;
    }

    return p;
}


static gt_model_t *
model_load(gt_source_t *src, bool own, gt_diag_t *d)
{
    int         rc = GT_ERROR;
    gt_tree_t   t;
    gt_build_t  b;
    gt_arena_t *arena;

    memset(&t, 0, sizeof(t));
    memset(&b, 0, sizeof(b));

    arena = t.arena = gt_arena_new();
    if (arena == NULL) {
        gt_diag_error(d, NULL, "out of memory");
        return NULL;
    }

    b.t = &t;
    b.d = d;
    b.m = gt_arena_alloc(arena, sizeof(*b.m));

    if (b.m != NULL) {
        b.m->arena = arena;
        rc = gt_build_groups(&b, src, own);
    }

    if (rc != GT_OK && gt_diag_errors(d) == 0) {
        gt_source_memory(&t, d);
    }

    if (rc != GT_OK && gt_diag_errors(d) == 0) {
        gt_diag_error(d, NULL, "out of memory");
    }

    if (rc != GT_OK || (gt_diag_errors(d) > 0 && !own)) {
        gt_arena_free(arena);
        return NULL;
    }

    return b.m;
}


gt_model_t *
gt_model_load(gt_source_t *src, gt_diag_t *d)
{
    return model_load(src, false, d);
}


gt_model_t *
gt_model_load_own(gt_source_t *src, gt_diag_t *d)
{
    return model_load(src, true, d);
}


void
gt_model_free(gt_model_t *m)
{
    if (m != NULL) {
        gt_arena_free(m->arena);
    }
}


const gt_chain_model_t *
gt_model_chain(const gt_context_model_t *cx, const char *name)
{
    int         i;
    const char *written;

    for (i = 0; i < cx->n_chains; i++) {
        written = cx->chains[i].name;

        if (cx->group >= 0) {
            written = strchr(written, '@') + 1;
        }

        if (strcmp(written, name) == 0) {
            return &cx->chains[i];
        }
    }

    return NULL;
}


const gt_auther_model_t *
gt_model_auther(const gt_context_model_t *cx, const char *name)
{
    int i;

    for (i = 0; i < cx->n_authers; i++) {
        if (strcmp(cx->authers[i].name, name) == 0) {
            return &cx->authers[i];
        }
    }

    return NULL;
}


const char *
gt_model_name(gt_arena_t *arena, const gt_context_model_t *cx, const char *name)
{
    return cx->group < 0 ? name
                         : gt_arena_printf(arena, "go-%d@%s", cx->group, name);
}
