/*
 * conf/model_groups.c: the groups of a command line as the contexts of one
 * model, and what they must agree about because a process has it once.
 */

#include "conf/load.h"
#include "conf/schema.h"
#include "core/log.h"

#include <string.h>

enum { GROUPS_PLACE = 300 };


/* where it is said, for the message about another place */
static const char *
groups_place(const gt_place_t *place, char *buf, size_t size)
{
    if (place->line > 0) {
        gt_snprintf(buf, size, "%.255s:%u", place->file, place->line);
    } else {
        gt_snprintf(buf, size, "%.255s", place->file);
    }

    return buf;
}


static bool
groups_same(const gt_cnode_t *a, const gt_cnode_t *b)
{
    const gt_cnode_t *x, *y;

    if (a->kind != b->kind) {
        return false;
    }

    if (a->kind == GT_NODE_SCALAR) {
        return strcmp(a->text, b->text) == 0;
    }

    for (x = a->first, y = b->first; x != NULL && y != NULL;
         x = x->next, y = y->next)
    {
        if (!groups_same(x, y)) {
            return false;
        }
    }

    return x == NULL && y == NULL;
}


/* errors for what two groups say differently; values may be passwords */
static void
groups_differ(gt_build_t *b, int group, const gt_cnode_t *first,
              const gt_cnode_t *later)
{
    char              place[GROUPS_PLACE];
    const gt_cnode_t *was, *v = later != NULL ? later->first : NULL;

    for (/* void */; v != NULL; v = v->next) {
        was = gt_cnode_get(first, v->key);

        if (was == NULL || was->kind == GT_NODE_NULL || v->kind == GT_NODE_NULL)
        {
            continue;
        }

        if (was->kind == GT_NODE_MAP && v->kind == GT_NODE_MAP) {
            groups_differ(b, group, was, v);

        } else if (!groups_same(was, v)) {
            gt_diag_error(b->d, &v->place,
                          "%.60s is the process's, and group %d says"
                          " something else: %s",
                          v->key, group,
                          groups_place(&was->place, place, sizeof(place)));
        }
    }
}


/* what `to` does not have yet */
static void
groups_add(gt_tree_t *t, gt_cnode_t *to, const gt_cnode_t *from)
{
    gt_cnode_t       *was;
    const gt_cnode_t *v = from != NULL ? from->first : NULL;

    for (/* void */; v != NULL && to != NULL; v = v->next) {
        if (v->kind == GT_NODE_NULL) {
            continue;
        }

        if (v->kind == GT_NODE_MAP) {
            was = gt_tree_map(t, to, v->key);
            groups_add(t, was, v);
            if (was != NULL && was->place.line == 0) {
                was->place = v->place;
            }

        } else if (gt_cnode_get(to, v->key) == NULL) {
            gt_tree_add(to, v->key, gt_tree_copy(t, v));
        }
    }
}


/* `gatun:` of all groups as if it were one's; src: whose -p holds */
static void
groups_own(gt_build_t *b, const gt_cnode_t *const *own, int n)
{
    int              i, k;
    gt_cnode_t      *map;
    const gt_place_t place = { "gatun", 0, 0 };

    b->root = gt_tree_node(b->t, GT_NODE_MAP, &place);
    map = gt_tree_map(b->t, b->root, "gatun");

    for (i = 0; i < n; i++) {
        gt_diag_group(b->d, b->m->contexts[i].group);

        for (k = 0; k < i; k++) {
            groups_differ(b, k, own[k], own[i]);
        }

        groups_add(b->t, map, own[i]);
    }
}


/* -p of all groups, and which of them knows where the process lives */
static const gt_source_t *
groups_home(gt_build_t *b, const gt_source_t *src)
{
    const gt_source_t *s, *home = src;

    for (s = src; s != NULL; s = s->next) {
        if (s->prefix == NULL) {
            continue;
        }

        if (home->prefix == NULL) {
            home = s;

        } else if (strcmp(home->prefix, s->prefix) != 0) {
            gt_diag_error(b->d, &(gt_place_t){ "-p", 0, 0 },
                          "two groups say it differently: the process has one"
                          " prefix");
        }
    }

    for (s = src; s != NULL && home->prefix == NULL; s = s->next) {
        if (gt_source_installed(s)) {
            return s;
        }
    }

    return home;
}


/* one of the two keys of the one log that there is */
static const char *
groups_log(gt_build_t *b, const char *key, const char *dflt)
{
    int               i;
    char              place[GROUPS_PLACE];
    const char       *value = dflt;
    const gt_cnode_t *v, *first = NULL;

    for (i = 0; i < b->m->n_contexts; i++) {
        v = gt_cnode_get(gt_cnode_get(b->m->contexts[i].root, "log"), key);

        if (v == NULL || v->kind != GT_NODE_SCALAR || v->text[0] == '\0') {
            continue;
        }

        if (first == NULL) {
            first = v;
            value = key[0] == 'o' ? b->m->contexts[i].log.output
                                  : b->m->contexts[i].log.format;

        } else if (strcmp(first->text, v->text) != 0) {
            gt_diag_group(b->d, b->m->contexts[i].group);
            gt_diag_error(b->d, &v->place,
                          "log.%s: the process has one log, and another group"
                          " says something else: %s",
                          key,
                          groups_place(&first->place, place, sizeof(place)));
        }
    }

    return value;
}


static void
groups_one_log(gt_build_t *b)
{
    int             i;
    gt_log_model_t *all = &b->m->log, *log;

    *all = b->m->contexts[0].log;
    all->output = groups_log(b, "output", "stderr");
    all->format = groups_log(b, "format", "json");

    for (i = 0; i < b->m->n_contexts; i++) {
        log = &b->m->contexts[i].log;
        log->output = all->output;
        log->format = all->format;

        if (gt_log_level_parse(log->level) < gt_log_level_parse(all->level)) {
            all->level = log->level;
        }
    }
}


/* in this order: what refers to something comes behind it */
static void
groups_context(gt_build_t *b)
{
    gt_schema_check(b->src, b->root, b->d);
    gt_refs_check(b->src, b->root, b->d);
    gt_build_lists(b);
    gt_build_log(b);
    gt_build_authers(b);
    gt_build_metrics(b);
    gt_build_chains(b);
    gt_build_services(b);
}


/* the services of all contexts in one array */
static void
groups_services(gt_build_t *b)
{
    int                 i;
    gt_model_t         *m = b->m;
    gt_context_model_t *cx;
    gt_service_model_t *at;

    for (i = 0; i < m->n_contexts; i++) {
        m->n_services += m->contexts[i].n_services;
    }

    at = gt_arena_alloc(m->arena, gt_max((size_t) m->n_services, 1)
                                      * sizeof(*m->services));
    if (at == NULL) {
        b->t->failed = true;
        m->n_services = 0;
        return;
    }

    m->services = at;

    for (i = 0; i < m->n_contexts; i++) {
        cx = &m->contexts[i];

        if (cx->n_services > 0) {
            memcpy(at, cx->services, (size_t) cx->n_services * sizeof(*at));
        }

        cx->services = at;
        at += cx->n_services;
    }
}


static int
groups_alloc(gt_build_t *b, const gt_source_t *src, const gt_cnode_t ***own)
{
    int                i, n = 0;
    const gt_source_t *s;

    for (s = src; s != NULL; s = s->next) {
        n++;
    }

    b->m->contexts =
        gt_arena_alloc(b->t->arena, (size_t) n * sizeof(gt_context_model_t));
    *own = gt_arena_alloc(b->t->arena, (size_t) n * sizeof(**own));
    if (b->m->contexts == NULL || *own == NULL) {
        b->t->failed = true;
        return GT_ERROR;
    }

    b->m->n_contexts = n;

    for (i = 0; i < n; i++) {
        b->m->contexts[i].group = n > 1 ? i : -1;
    }

    return GT_OK;
}


int
gt_build_groups(gt_build_t *b, gt_source_t *src, bool own)
{
    int                i = 0;
    gt_source_t       *s;
    const gt_cnode_t **maps;

    if (groups_alloc(b, src, &maps) != GT_OK) {
        return GT_ERROR;
    }

    for (s = src; s != NULL && !b->t->failed; s = s->next, i++) {
        b->cx = &b->m->contexts[i];
        b->src = s;
        gt_diag_group(b->d, b->cx->group);

        b->root = gt_source_merge(b->t, s, b->d);
        if (b->root == NULL) {
            break;
        }

        b->cx->root = b->root;
        maps[i] = gt_cnode_get(b->root, "gatun");

        if (!own) {
            groups_context(b);
        }
    }

    if (!b->t->failed) {
        groups_own(b, maps, b->m->n_contexts);
        b->src = groups_home(b, src);
        gt_diag_group(b->d, -1);
        gt_build_own(b);
    }

    if (!b->t->failed && !own) {
        groups_one_log(b);
        gt_build_one_metrics(b);
        groups_services(b);
    }

    gt_diag_group(b->d, -1);

    return b->t->failed ? GT_ERROR : GT_OK;
}
