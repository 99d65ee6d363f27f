/*
 * conf/model_metrics.c: the section `metrics:`, of each group and of the
 * process.
 */

#include "conf/load.h"
#include "conf/schema.h"

#include <string.h>


/* the one name that it has, checked */
static void
metrics_auther(gt_build_t *b, const gt_cnode_t *v, gt_part_model_t *guard)
{
    const char **names;

    if (gt_model_auther(b->cx, v->text) == NULL) {
        return; /* which is reported with all the other names */
    }

    names = gt_arena_alloc(b->t->arena, sizeof(*names));
    if (names == NULL) {
        b->t->failed = true;
        return;
    }

    names[0] = v->text;
    guard->authers = names;
    guard->n_authers = 1;
}


static bool
metrics_said(const gt_cnode_t *v)
{
    return v != NULL && v->kind == GT_NODE_SCALAR && v->text[0] != '\0';
}


void
gt_build_metrics(gt_build_t *b)
{
    gt_cnode_t         *map;
    const gt_cnode_t   *v = gt_cnode_get(b->root, "metrics");
    gt_metrics_model_t *m = &b->cx->metrics;

    map = v != NULL && v->kind == GT_NODE_MAP
              ? gt_tree_map(b->t, b->root, "metrics")
              : NULL;
    if (map == NULL) {
        return;
    }

    m->context = b->cx;
    m->place = map->place;
    m->path = gt_cnode_text(map, "path", "");

    if (m->path[0] == '\0') {
        m->path = "/metrics";
        gt_tree_take(map, "path");
        gt_tree_put(b->t, map, "path", m->path);

    } else if (m->path[0] != '/' || strpbrk(m->path, "?# ") != NULL) {
        v = gt_cnode_get(map, "path");
        gt_diag_error(b->d, &v->place, "metrics: path: want \"/...\"");
    }

    /* what guards is right even where nothing listens yet */
    (void) gt_build_auth(b, gt_cnode_get(map, "auth"), &m->guard.auth);
    m->guard.place = m->place;

    v = gt_cnode_get(map, "auther");
    if (metrics_said(v)) {
        metrics_auther(b, v, &m->guard);
    }

    v = gt_cnode_get(map, "addr");
    if (metrics_said(v)) {
        m->addr = v->text;
        m->place = v->place;
    }
}


static bool
metrics_same_text(const char *a, const char *b)
{
    return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}


/* an auther is another one in another group, whatever its name */
static bool
metrics_same(const gt_metrics_model_t *a, const gt_metrics_model_t *b)
{
    const gt_part_model_t *x = &a->guard, *y = &b->guard;

    return strcmp(a->addr, b->addr) == 0 && strcmp(a->path, b->path) == 0
           && metrics_same_text(x->auth.username, y->auth.username)
           && metrics_same_text(x->auth.password, y->auth.password)
           && x->n_authers == 0 && y->n_authers == 0;
}


void
gt_build_one_metrics(gt_build_t *b)
{
    int                       i;
    gt_metrics_model_t       *all = &b->m->metrics;
    const gt_metrics_model_t *m;

    for (i = 0; i < b->m->n_contexts; i++) {
        m = &b->m->contexts[i].metrics;

        if (m->addr == NULL) {
            continue;
        }

        if (all->addr == NULL) {
            *all = *m;

        } else if (!metrics_same(all, m)) {
            gt_diag_group(b->d, b->m->contexts[i].group);
            gt_diag_error(b->d, &m->place,
                          "metrics is the process's, and group %d says"
                          " something else",
                          all->context->group);
        }
    }
}
