/*
 * conf/merge.c: several sources to one tree: lists are joined, other sections
 * replaced by the later one; then flags and the environment.
 */

#include "conf/load.h"
#include "conf/schema.h"
#include "conf/urls.h"
#include "core/num.h"

#include <stdlib.h>
#include <string.h>


/* moves the members of from to the end of to */
static void
merge_join(gt_cnode_t *to, gt_cnode_t *from)
{
    if (from->first == NULL) {
        return;
    }

    if (to->last != NULL) {
        to->last->next = from->first;
    } else {
        to->first = from->first;
    }

    to->last = from->last;
}


static gt_cnode_t *
merge_member(gt_cnode_t *map, const char *key)
{
    gt_cnode_t *node;

    for (node = map->first; node != NULL; node = node->next) {
        if (gt_str_ieq(gt_str_from(node->key), gt_str_from(key))) {
            return node;
        }
    }

    return NULL;
}


/* moves all sections of from into root; from is in shape */
static void
merge_into(gt_cnode_t *root, gt_cnode_t *from)
{
    gt_cnode_t *node, *next, *old;

    for (node = from->first; node != NULL; node = next) {
        next = node->next;
        old = merge_member(root, node->key);

        if (old != NULL && old->kind == GT_NODE_LIST
            && node->kind == GT_NODE_LIST) {
            merge_join(old, node);
            continue;
        }

        if (node->kind == GT_NODE_NULL) {
            continue;
        }

        if (old != NULL) {
            gt_tree_take(root, node->key);
        }

        gt_tree_add(root, node->key, node);
    }

    from->first = from->last = NULL;
}


static void
merge_source(gt_tree_t *t, gt_source_t *src, const char *name, gt_cnode_t *root,
             gt_diag_t *d)
{
    gt_cnode_t *from;

    from = gt_source_read(t, src, name, d);
    if (from != NULL) {
        gt_schema_shape(t, gt_schema_top, from, d);
        merge_into(root, from);
    }
}


/* GOST ignores what it does not know there, ?auth= too */
static void
merge_endpoint_keys(const gt_url_t *u, bool api, const gt_place_t *place,
                    gt_diag_t *d)
{
    size_t   i;
    gt_str_t key;

    for (i = 0; i < u->npairs; i++) {
        key = u->pairs[i].key;

        if (gt_str_ieq(key, api ? GT_STR("pathPrefix") : GT_STR("path"))
            || (api && gt_str_ieq(key, GT_STR("accesslog"))))
        {
            continue;
        }

        if (gt_str_istarts(key, GT_STR("auth"))) {
            gt_diag_error(d, place, "%.*s=: write user:password@ in front",
                          (int) gt_min(key.n, (size_t) 40), key.p);
        } else {
            gt_diag_warn(d, place, "unknown key \"%.*s\" is ignored",
                         (int) gt_min(key.n, (size_t) 40), key.p);
        }
    }

    if (u->dropped > 0) {
        gt_diag_error(d, place, "a query key with a ';' or a bad %%");
    }
}


/* user:pass@host:port?key=value of -api and -metrics */
static void
merge_endpoint(gt_tree_t *t, gt_cnode_t *root, const char *flag,
               const char *key, const char *value, gt_diag_t *d)
{
    char            *buf;
    gt_url_t         u;
    bool             yes;
    gt_str_t         s = gt_str_from(value), v, addr;
    gt_cnode_t      *map, *auth;
    const gt_place_t place = { flag, 0, 0 };

    buf = gt_arena_alloc(t->arena, GT_URL_ROOM(s.n));
    map = gt_tree_node(t, GT_NODE_MAP, &place);
    if (buf == NULL || map == NULL) {
        t->failed = true;
        return;
    }

    memset(&u, 0, sizeof(u));
    if (gt_url_parse(s, GT_URL_LISTEN, buf, GT_URL_ROOM(s.n), &u) != GT_OK) {
        gt_diag_error(d, &place, "want [user:password@]host:port");
        return;
    }

    if (!t->print) {
        merge_endpoint_keys(&u, strcmp(key, "api") == 0, &place, d);
    }

    addr = u.address;

    /* GOST has no paths here, but in its files */
    if (gt_str_eq(u.scheme, GT_STR("unix"))) {
        addr =
            gt_str_from(gt_arena_printf(t->arena, "unix://%.*s%.*s",
                                        GT_STR_ARG(addr), GT_STR_ARG(u.path)));
        t->failed |= addr.p == NULL;
    }

    gt_tree_add(map, "addr", gt_tree_text(t, addr, &place));

    if (u.user.n > 0 || u.pass.n > 0) {
        auth = gt_tree_map(t, map, "auth");
        gt_tree_add(auth, "username", gt_tree_text(t, u.user, &place));
        gt_tree_add(auth, "password", gt_tree_text(t, u.pass, &place));
    }

    if (strcmp(key, "metrics") == 0 && gt_url_iget(&u, "path", &v)) {
        gt_tree_add(map, "path", gt_tree_text(t, v, &place));
    }

    if (strcmp(key, "api") == 0 && gt_url_iget(&u, "pathPrefix", &v)) {
        gt_tree_add(map, "pathPrefix", gt_tree_text(t, v, &place));
    }

    if (strcmp(key, "api") == 0 && gt_url_iget(&u, "accesslog", &v)
        && gt_num_bool(v, &yes) == GT_OK && yes)
    {
        gt_tree_put(t, map, "accesslog", "true");
    }

    gt_tree_take(root, key);
    gt_tree_add(root, key, map);
}


/* user:pass@ in front of -stats's address, as in a URL; GT_ERROR: said in d */
static int
merge_stats_user(gt_tree_t *t, gt_cnode_t *map, gt_str_t user, gt_diag_t *d)
{
    char             *buf;
    gt_url_t          u;
    const char       *s;
    gt_cnode_t       *auth;
    static const char host[] = "127.0.0.1:1"; /* for the parser's sake */
    const gt_place_t  place = { "-stats", 0, 0 };

    s = gt_arena_printf(t->arena, "%.*s@%s", GT_STR_ARG(user), host);
    buf = gt_arena_alloc(t->arena, GT_URL_ROOM(user.n + sizeof(host)));
    if (s == NULL || buf == NULL) {
        t->failed = true;
        return GT_ERROR;
    }

    memset(&u, 0, sizeof(u));
    if (gt_url_parse(gt_str_from(s), GT_URL_LISTEN, buf,
                     GT_URL_ROOM(user.n + sizeof(host)), &u)
            != GT_OK
        || !gt_str_eq(u.address, gt_str_from(host)) || u.user.n == 0)
    {
        gt_diag_error(d, &place, "want [user:password@]address");
        return GT_ERROR;
    }

    auth = gt_tree_map(t, map, "auth");
    gt_tree_add(auth, "username", gt_tree_text(t, u.user, &place));
    gt_tree_add(auth, "password", gt_tree_text(t, u.pass, &place));

    return GT_OK;
}


/* -stats [user:pass@]address; without a user that of a file goes on */
static void
merge_stats(gt_tree_t *t, gt_cnode_t *root, const char *value, gt_diag_t *d)
{
    gt_cnode_t      *map;
    const char      *at = NULL;
    const gt_place_t place = { "-stats", 0, 0 };

    map = gt_tree_map(t, gt_tree_map(t, root, "gatun"), "stats");

    if (!gt_str_starts(gt_str_from(value), GT_STR("unix:"))) {
        at = strrchr(value, '@');
    }

    if (at != NULL) {
        gt_tree_take(map, "auth");
        if (merge_stats_user(t, map, gt_str_make(value, (size_t) (at - value)),
                             d)
            != GT_OK)
        {
            return;
        }

        value = at + 1;
    }

    if (value[0] == '\0') {
        gt_diag_error(d, &place, "an address is missing behind the user");
        return;
    }

    gt_tree_take(map, "addr");
    gt_tree_add(map, "addr", gt_tree_text(t, gt_str_from(value), &place));
}


/* one value of a section of ours */
static void
merge_set(gt_tree_t *t, gt_cnode_t *root, const char *section, const char *key,
          const char *value, const char *from)
{
    bool        made = gt_cnode_get(root, section) == NULL;
    gt_place_t  place = { from, 0, 0 };
    gt_cnode_t *map;

    map = gt_tree_map(t, root, section);
    if (made && map != NULL) {
        map->place = place;
    }

    gt_tree_take(map, key);
    gt_tree_add(map, key, gt_tree_text(t, gt_str_from(value), &place));
}


/* raw: an address here is no URL */
static void
merge_environment(gt_tree_t *t, gt_cnode_t *root)
{
    static const char *const rows[][3] = {
        { "GOST_LOGGER_LEVEL", "log", "level" },
        { "GOST_PROFILING", "profiling", "addr" },
        { "GOST_API", "api", "addr" },
        { "GOST_METRICS", "metrics", "addr" },
    };
    size_t      i;
    const char *value;

    for (i = 0; i < gt_nelts(rows); i++) {
        value = getenv(rows[i][0]);
        if (value != NULL && value[0] != '\0') {
            merge_set(t, root, rows[i][1], rows[i][2], value, rows[i][0]);
        }
    }
}


static void
merge_flags(gt_tree_t *t, const gt_source_t *src, gt_cnode_t *root,
            gt_diag_t *d)
{
    char text[24];

    merge_environment(t, root);

    if (src->log_level != NULL) {
        merge_set(t, root, "log", "level", src->log_level, "-D");
    }

    if (src->api != NULL && src->api[0] != '\0') {
        merge_endpoint(t, root, "-api", "api", src->api, d);
    }

    if (src->metrics != NULL && src->metrics[0] != '\0') {
        merge_endpoint(t, root, "-metrics", "metrics", src->metrics, d);
    }

    if (src->workers != 0) {
        gt_snprintf(text, sizeof(text), "%d", src->workers);
        merge_set(t, root, "gatun", "workers", src->workers < 0 ? "auto" : text,
                  "-w");
    }

    if (src->stats != NULL && src->stats[0] != '\0') {
        merge_stats(t, root, src->stats, d);
    }
}


static bool
merge_any(gt_cnode_t *root, const char *key)
{
    const gt_cnode_t *node;

    node = gt_cnode_get(root, key);

    return node != NULL && node->first != NULL;
}


/* nothing was given: the default file */
static void
merge_default(gt_tree_t *t, gt_source_t *src, gt_cnode_t *root, gt_diag_t *d)
{
    char        tried[2048];
    const char *path;

    if (src->n_sources > 0 || merge_any(root, "services")
        || (src->api != NULL && src->api[0] != '\0') || merge_any(root, "api"))
    {
        return;
    }

    path = gt_source_search(t, src, tried, sizeof(tried));

    if (path != NULL) {
        merge_source(t, src, path, root, d);
    } else if (!t->failed) {
        gt_diag_error(d, NULL,
                      "no -L, no -C and no configuration file: tried"
                      " %s",
                      tried);
    }
}


gt_cnode_t *
gt_source_merge(gt_tree_t *t, gt_source_t *src, gt_diag_t *d)
{
    int              i;
    unsigned         errors = gt_diag_errors(d);
    gt_cnode_t      *root, *urls;
    const gt_place_t place = { "gatun", 0, 0 };

    root = gt_tree_node(t, GT_NODE_MAP, &place);
    urls = gt_tree_node(t, GT_NODE_MAP, &place);

    if (root == NULL || urls == NULL) {
        gt_source_memory(t, d);
        return NULL;
    }

    for (i = 0; i < src->n_sources && !t->failed; i++) {
        merge_source(t, src, src->sources[i], root, d);
    }

    gt_urls_tree(t, src, urls, d);
    gt_schema_shape(t, gt_schema_top, urls, d);
    merge_into(root, urls);

    if (gt_diag_errors(d) == errors && !t->failed) {
        merge_default(t, src, root, d);
    }

    merge_flags(t, src, root, d);
    gt_source_memory(t, d);

    return t->failed ? NULL : root;
}
