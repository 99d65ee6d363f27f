/*
 * conf/model.c: loads a model, and finds in it.
 */

#include "conf/model.h"
#include "conf/load.h"
#include "conf/schema.h"

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


/* in this order: what refers to something comes behind it */
static void
model_build(gt_build_t *b)
{
    gt_build_log(b);
    gt_build_own(b);
    gt_build_authers(b);
    gt_build_chains(b);
    gt_build_services(b);
}


/* everything, or of `own` nothing but `gatun:`, whatever else is wrong */

static void
model_fill(gt_build_t *b, bool own)
{
    b->m->arena = b->t->arena;
    b->m->root = b->root;

    if (own) {
        gt_build_own(b);
    } else {
        gt_schema_check(gt_schema_top, b->root, b->d);
        model_build(b);
    }

    gt_source_memory(b->t, b->d);
}


static gt_model_t *
model_load(gt_source_t *src, bool own, gt_diag_t *d)
{
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
    b.src = src;
    b.m = gt_arena_alloc(arena, sizeof(*b.m));
    b.root = gt_source_merge(&t, src, d);

    if (b.m != NULL && b.root != NULL) {
        model_fill(&b, own);

    } else if (gt_diag_errors(d) == 0) {
        gt_diag_error(d, NULL, "out of memory");
    }

    if (b.m == NULL || b.root == NULL || t.failed
        || (gt_diag_errors(d) > 0 && !own))
    {
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
gt_model_chain(const gt_model_t *m, const char *name)
{
    int i;

    for (i = 0; i < m->n_chains; i++) {
        if (strcmp(m->chains[i].name, name) == 0) {
            return &m->chains[i];
        }
    }

    return NULL;
}


const gt_auther_model_t *
gt_model_auther(const gt_model_t *m, const char *name)
{
    int i;

    for (i = 0; i < m->n_authers; i++) {
        if (strcmp(m->authers[i].name, name) == 0) {
            return &m->authers[i];
        }
    }

    return NULL;
}
