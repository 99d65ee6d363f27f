/*
 * conf/urls.c: what -L and -F have in common: the argument taken apart, its
 * credentials, its query keys.
 */

#include "conf/urls.h"
#include "conf/opt.h"
#include "conf/words.h"

#include <string.h>

/* keys that guard: of the URL, and of it and its handler */
static const gt_opt_t urls_own[] = {
    { .name = "auth|cert|certFile|tls.certFile|key|keyFile|tls.keyFile|ca"
              "|caFile|tls.caFile|secure|tls.secure" },
    { .name = NULL },
};

static const gt_opt_t urls_handler[] = {
    { .name = "bypass|admission|limiter.in|limiter.out|limiter.conn.in"
              "|limiter.conn.out|climiter|rlimiter" },
    { .name = NULL },
};


/* an '@' behind the address means a '/', '?' or '#' in the password, perhaps;
   then what looks like the address is a part of it */
static bool
urls_vague(gt_str_t s)
{
    size_t  i;
    ssize_t at;

    at = gt_str_find(s, GT_STR("://"));
    i = at < 0 ? 0 : (size_t) at + 3;

    while (i < s.n && strchr("/?#", s.p[i]) == NULL) {
        i++;
    }

    return gt_str_chr(gt_str_sub(s, i, s.n), '@') >= 0;
}


/* "user:password" whose "@host:port" was forgotten looks like host:port */
static bool
urls_odd_port(gt_str_t address)
{
    size_t  i;
    ssize_t at = gt_str_rchr(address, ':');

    for (i = (size_t) at + 1; at >= 0 && i < address.n; i++) {
        if (strchr("0123456789-", address.p[i]) == NULL) {
            return true;
        }
    }

    return false;
}


static void
urls_label(gt_url_arg_t *a, const char *flag, unsigned nth)
{
    char text[200];

    if (a->vague || a->u.scheme.n == 0 || urls_odd_port(a->u.address)) {
        gt_snprintf(text, sizeof(text), "%s (number %u)", flag, nth + 1);
    } else {
        gt_snprintf(text, sizeof(text), "%s %.*s://%.*s", flag,
                    GT_STR_ARG(gt_str_sub(a->u.scheme, 0, 40)),
                    GT_STR_ARG(gt_str_sub(a->u.address, 0, 120)));
    }

    a->place.file = gt_arena_strdup(a->t->arena, text);
    a->t->failed |= a->place.file == NULL;
}


/* gt_cnode_get() takes a bar in the key for one between names */
static bool
urls_has(const gt_cnode_t *map, const char *key)
{
    const gt_cnode_t *node;

    for (node = map != NULL ? map->first : NULL; node != NULL;
         node = node->next) {
        if (gt_str_ieq(gt_str_from(node->key), gt_str_from(key))) {
            return true;
        }
    }

    return false;
}


/* is among what the parser drops, as GOST's does, what guards?  A ';' may be
   meant to part keys */
static bool
urls_lost(const gt_url_arg_t *a)
{
    char     key[40];
    unsigned i;
    gt_str_t rest, part, name;

    if (a->u.dropped > GT_URL_LOST) {
        return true;
    }

    for (i = 0; i < a->u.dropped; i++) {
        rest = a->u.lost[i];

        while (gt_str_split(&rest, ';', &part)) {
            (void) gt_str_split(&part, '=', &name);
            gt_str_copy(key, sizeof(key), name);

            if (gt_opt_guard_meant(key).n > 0
                || gt_opt_find(urls_own, key) != NULL
                || gt_opt_find(urls_handler, key) != NULL)
            {
                return true;
            }
        }
    }

    return false;
}


static void
urls_query(gt_url_arg_t *a)
{
    char    *key;
    unsigned i;

    a->query = gt_tree_node(a->t, GT_NODE_MAP, &a->place);

    for (i = 0; i < a->u.npairs; i++) {
        if ((a->u.pairs[i].key.n > 0
             && memchr(a->u.pairs[i].key.p, '\0', a->u.pairs[i].key.n) != NULL)
            || (a->u.pairs[i].value.n > 0
                && memchr(a->u.pairs[i].value.p, '\0', a->u.pairs[i].value.n)
                       != NULL))
        {
            gt_diag_error(a->d, &a->place, "a query key or value with a NUL");
            continue;
        }

        key = gt_arena_strndup(a->t->arena, a->u.pairs[i].key.p,
                               a->u.pairs[i].key.n);
        a->t->failed |= key == NULL;

        /* the first spelling counts, which is random in GOST */
        if (key != NULL && !urls_has(a->query, key)) {
            gt_tree_add(a->query, key,
                        gt_tree_text(a->t, a->u.pairs[i].value, &a->place));
        }
    }

    if (a->u.dropped > 0 && !a->t->print && urls_lost(a)) {
        gt_diag_error(
            a->d, &a->place,
            "a query key that guards has a ';' or a bad %%, and is not "
            "safe to ignore");

    } else if (a->u.dropped > 0) {
        gt_diag_warn(a->d, &a->place,
                     "%u query keys with a ';' or a bad %% are ignored",
                     a->u.dropped);
    }
}


/* GT_OK: go on; GT_DONE: nothing but blanks; GT_ERROR: reported */
static int
urls_open(gt_url_arg_t *a, const char *flag, const char *text, unsigned nth)
{
    int      rc;
    char    *buf;
    bool     node = strcmp(flag, "-F") == 0;
    gt_str_t s = gt_str_from(text);

    buf = gt_arena_alloc(a->t->arena, GT_URL_ROOM(s.n));
    if (buf == NULL) {
        a->t->failed = true;
        return GT_ERROR;
    }

    memset(&a->u, 0, sizeof(a->u));
    rc = gt_url_parse(s, node ? GT_URL_NODE : GT_URL_LISTEN, buf,
                      GT_URL_ROOM(s.n), &a->u);

    a->vague = urls_vague(s) || rc != GT_OK;
    urls_label(a, flag, nth);

    if (rc == GT_ERROR) {
        gt_diag_error(a->d, &a->place, "%s", a->u.why);
        return GT_ERROR;
    }

    if (rc == GT_DONE) {
        if (node) {
            gt_diag_error(a->d, &a->place, "is empty");
        }

        return GT_DONE;
    }

    if (a->u.proxy.n == 0) {
        gt_diag_error(a->d, &a->place,
                      "a scheme has two parts at most, as in"
                      " http+tls");
        return GT_ERROR;
    }

    urls_query(a);

    return gt_word_scheme(a->src, node, a->u.proxy, a->u.transport, &a->first,
                          &a->second, &a->place, a->d);
}


void
gt_urls_tree(gt_tree_t *t, const gt_source_t *src, gt_cnode_t *root,
             gt_diag_t *d)
{
    int          i;
    gt_url_arg_t a;

    memset(&a, 0, sizeof(a));
    a.t = t;
    a.d = d;
    a.src = src;
    a.root = root;

    for (i = 0; i < src->n_nodes && !t->failed; i++) {
        if (urls_open(&a, "-F", src->nodes[i], (unsigned) i) == GT_OK) {
            gt_url_node(&a, (unsigned) i);
        }
    }

    for (i = 0; i < src->n_services && !t->failed; i++) {
        if (urls_open(&a, "-L", src->services[i], (unsigned) i) == GT_OK) {
            gt_url_service(&a);
        }
    }
}


gt_cnode_t *
gt_url_list(gt_url_arg_t *a, const char *key)
{
    gt_cnode_t *node;

    for (node = a->root != NULL ? a->root->first : NULL; node != NULL;
         node = node->next)
    {
        if (strcmp(node->key, key) == 0) {
            return node;
        }
    }

    node = gt_tree_node(a->t, GT_NODE_LIST, &a->place);
    gt_tree_add(a->root, key, node);

    return node;
}


unsigned
gt_url_count(const gt_cnode_t *list)
{
    unsigned          n = 0;
    const gt_cnode_t *part;

    for (part = list != NULL ? list->first : NULL; part != NULL;
         part = part->next) {
        n++;
    }

    return n;
}


gt_cnode_t *
gt_url_object(gt_url_arg_t *a, gt_cnode_t *list, const char *prefix, unsigned n)
{
    char        name[40];
    gt_cnode_t *node;

    node = gt_tree_node(a->t, GT_NODE_MAP, &a->place);

    if (prefix != NULL) {
        gt_snprintf(name, sizeof(name), "%s-%u", prefix, n);
        gt_tree_put(a->t, node, "name", name);
    }

    gt_tree_add(list, NULL, node);

    return node;
}


/* what is there stays */
static void
urls_give(gt_url_arg_t *a, gt_cnode_t *map, const char *key,
          const gt_cnode_t *v)
{
    if (map != NULL && !urls_has(map, key)) {
        gt_tree_add(map, key, gt_tree_copy(a->t, v));
    }
}


/* the index of the prefix that key has; n when it has none */
static unsigned
urls_prefix(const char *const *prefixes, unsigned n, const char *key)
{
    unsigned i;

    for (i = 0; i < n; i++) {
        if (gt_str_starts(gt_str_from(key), gt_str_from(prefixes[i]))) {
            break;
        }
    }

    return i;
}


/* what guards has an effect in one place only, and must not be lost in another:
   `service.bypass=` */
static void
urls_astray(gt_url_arg_t *a, const char *prefix, const char *key)
{
    if (!a->t->print
        && (gt_opt_find(urls_own, key) != NULL
            || (strcmp(prefix, "handler.") != 0
                && gt_opt_find(urls_handler, key) != NULL)))
    {
        gt_diag_error(a->d, &a->place, "%s%s: has no effect; write %s", prefix,
                      key, key);
    }
}


void
gt_url_share(gt_url_arg_t *a, const char *const *prefixes,
             gt_cnode_t *const *maps, unsigned n)
{
    unsigned          i;
    const gt_cnode_t *v, *first = a->query != NULL ? a->query->first : NULL;

    for (v = first; v != NULL; v = v->next) {
        i = urls_prefix(prefixes, n, v->key);
        if (i < n) {
            urls_astray(a, prefixes[i], v->key + strlen(prefixes[i]));
            urls_give(a, maps[i], v->key + strlen(prefixes[i]), v);
        }
    }

    for (v = first; v != NULL; v = v->next) {
        if (urls_prefix(prefixes, n, v->key) == n) {
            for (i = 0; i < n; i++) {
                urls_give(a, maps[i], v->key, v);
            }
        }
    }
}


gt_cnode_t *
gt_url_take(gt_url_arg_t *a, gt_cnode_t *map, const char *names)
{
    char              name[40];
    gt_str_t          rest = gt_str_from(names), part;
    gt_cnode_t       *taken, *found = NULL;
    const gt_cnode_t *node;

    while (gt_str_split(&rest, '|', &part)) {
        gt_str_copy(name, sizeof(name), part);

        node = gt_cnode_get(map, name);
        if (node == NULL) {
            continue;
        }

        taken = a->t->print && strcmp(node->key, name) != 0
                    ? gt_tree_copy(a->t, node)
                    : gt_tree_take(map, name);

        if (taken != NULL && taken->text[0] != '\0' && found == NULL) {
            found = taken;
        }
    }

    return found;
}


void
gt_url_only(gt_url_arg_t *a, const char *key, const char *name, bool number)
{
    int64_t           n;
    gt_cnode_t       *v;
    const gt_cnode_t *old = gt_cnode_get(a->query, key);

    if (old == NULL || old->text[0] == '\0'
        || (number && (gt_cnode_int(old, &n) != GT_OK || n <= 0)))
    {
        return;
    }

    v = gt_url_take(a, a->query, key);
    if (v == NULL) {
        return;
    }

    v->quoted = !number;
    v->number = number;
    gt_tree_add(a->query, name, v);
}
