/*
 * conf/model.c: loads a model, and what several sections have in common:
 * names, addresses, credentials, the parts of a service or node.
 */

#include "conf/model.h"
#include "conf/load.h"
#include "conf/schema.h"
#include "conf/words.h"
#include "core/mem.h"
#include "proto/url.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *name; /* in the tree */
    gt_cnode_t *node;
    unsigned    nth; /* of the list */
} build_name_t;


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
        gt_tree_put(b->t, all[i].node, "name", name);
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


int
gt_build_addr(gt_build_t *b, const gt_cnode_t *node, bool zero_ok)
{
    const char   *why = NULL;
    gt_url_addr_t a;

    if (gt_url_addr_parse(gt_str_from(node->text), &a) != GT_OK) {
        why = "want host:port";

    } else if (a.kind == GT_URL_PORT_NONE) {
        why = "a port is missing";

    } else if (a.kind == GT_URL_PORT_RANGE || a.kind == GT_URL_PORT_REVERSE) {
        why = "a range of ports is for -L only";

    } else if (a.kind != GT_URL_PORT_ONE) {
        why = "the port is not a number from 0 to 65535";

    } else if (a.lo == 0 && !zero_ok) {
        why = "port 0 cannot be connected to";

    } else {
        return GT_OK;
    }

    /* what an argument has for an address may be a part of a password */
    if (node->place.line > 0) {
        gt_diag_error(b->d, &node->place, "addr \"%.200s\": %s", node->text,
                      why);
    } else {
        gt_diag_error(b->d, &node->place, "%s", why);
    }

    return GT_ERROR;
}


int
gt_build_auth(gt_build_t *b, const gt_cnode_t *node, gt_auth_model_t *auth)
{
    const char *user, *password;

    memset(auth, 0, sizeof(*auth));

    if (node == NULL) {
        return GT_OK;
    }

    user = gt_cnode_text(node, "username", "");
    password = gt_cnode_text(node, "password", "");

    if (user[0] != '\0') {
        auth->username = user;
        auth->password = password;
        return GT_OK;
    }

    /* GOST takes this for no authentication at all */
    if (password[0] != '\0') {
        gt_diag_error(b->d, &node->place, "a password without a user name");
        return GT_ERROR;
    }

    return GT_OK;
}


/* certificates and checks for something that has no TLS; GOST sets a server
   name on every node of -F, so that one does not count */
static void
build_tls(gt_build_t *b, gt_word_t kind, gt_part_model_t *part)
{
    const gt_cnode_t *v;

    if (part->tls == NULL || gt_word_tls(gt_str_from(part->type))) {
        return;
    }

    for (v = part->tls->first; v != NULL; v = v->next) {
        if (!gt_schema_empty(v)
            && !gt_str_ieq(gt_str_from(v->key), GT_STR("serverName")))
        {
            gt_diag_error(b->d, &v->place, "%.60s: the %s %.60s has no TLS",
                          v->key, gt_word_kind(kind), part->type);
        }
    }
}


static void
build_handler(gt_build_t *b, gt_cnode_t *map, gt_part_model_t *part)
{
    int               i = 0;
    int64_t           n;
    const gt_cnode_t *v, *list;

    list = gt_cnode_get(map, "authers");
    part->authers = gt_build_array(b, list, sizeof(char *), &part->n_authers);

    for (v = part->authers != NULL ? list->first : NULL; v != NULL; v = v->next)
    {
        part->authers[i++] = v->kind == GT_NODE_SCALAR ? v->text : "";
    }

    v = gt_cnode_get(map, "auther");
    if (v != NULL && v->text[0] != '\0') {
        const char **names;

        names = gt_arena_alloc(b->t->arena,
                               (size_t) (part->n_authers + 1) * sizeof(*names));
        if (names == NULL) {
            b->t->failed = true;
            return;
        }

        names[0] = v->text;
        if (part->n_authers > 0) {
            memcpy(names + 1, part->authers,
                   (size_t) part->n_authers * sizeof(*names));
        }

        part->authers = names;
        part->n_authers++;
    }

    if (part->n_authers > 0 && part->auth.username != NULL) {
        gt_diag_warn(b->d, &gt_cnode_get(map, "auth")->place,
                     "auth is ignored: auther is set");
        memset(&part->auth, 0, sizeof(part->auth));
    }

    part->chain = gt_cnode_text(map, "chain", NULL);
    if (part->chain != NULL && part->chain[0] == '\0') {
        part->chain = NULL;
    }

    v = gt_cnode_get(map, "retries");
    if (v != NULL && gt_cnode_int(v, &n) == GT_OK) {
        if (n < 0 || n > 1000) {
            gt_diag_error(b->d, &v->place, "retries: want 0 to 1000");
        } else {
            part->retries = (int) n;
        }
    }
}


static const gt_cnode_t *
build_map(const gt_cnode_t *map, const char *key)
{
    const gt_cnode_t *node;

    node = gt_cnode_get(map, key);

    return node != NULL && node->kind == GT_NODE_MAP && node->first != NULL
               ? node
               : NULL;
}


int
gt_build_part(gt_build_t *b, gt_word_t kind, gt_cnode_t *owner, bool quiet,
              gt_part_model_t *part)
{
    static const char *const types[] = { "auto", "tcp", "http", "tcp" };
    gt_cnode_t              *map;
    const gt_cnode_t        *type;

    map = gt_tree_map(b->t, owner, gt_word_kind(kind));
    if (map == NULL) {
        return GT_ERROR;
    }

    if (gt_cnode_text(map, "type", "")[0] == '\0') {
        gt_tree_take(map, "type");
        gt_tree_put(b->t, map, "type", types[kind]);
    }

    type = gt_cnode_get(map, "type");
    if (type == NULL) {
        return GT_ERROR;
    }

    part->type = type->text;
    part->place = map->place;
    part->metadata = build_map(map, "metadata");
    part->tls = build_map(map, "tls");

    if (kind == GT_WORD_HANDLER || kind == GT_WORD_CONNECTOR) {
        gt_build_auth(b, build_map(map, "auth"), &part->auth);
    }

    if (kind == GT_WORD_HANDLER) {
        build_handler(b, map, part);
    }

    if (kind == GT_WORD_LISTENER || kind == GT_WORD_DIALER) {
        build_tls(b, kind, part);
    }

    return quiet ? GT_OK
                 : gt_word_check(b->src, kind, part->type, &type->place, b->d);
}


/* in this order: what refers to something comes behind it */
static void
model_build(gt_build_t *b)
{
    if (b->root->first == NULL) {
        return;
    }

    gt_build_log(b);
    gt_build_own(b);
    gt_build_authers(b);
    gt_build_chains(b);
    gt_build_services(b);
}


/* own: nothing but `gatun:`, whatever else is wrong */

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
        b.m->arena = arena;
        b.m->root = b.root;

        if (own) {
            gt_build_own(&b);
        } else {
            gt_schema_check(gt_schema_top, b.root, d);
            model_build(&b);
        }

        gt_source_memory(&t, d);

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
