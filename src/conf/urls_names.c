/*
 * conf/urls_names.c: query keys that make an object of their own, bypass-0
 * and so on, and leave its name where it is used.
 */

#include "conf/urls.h"

#include <string.h>


/* the object of such a key and its name in `to`; NULL: no such key */
static gt_cnode_t *
urls_named(gt_url_arg_t *a, gt_cnode_t *from, gt_cnode_t *to, const char *key,
           const char *list, const char **value)
{
    char        name[40];
    gt_cnode_t *v, *all;

    v = gt_cnode_text(from, key, "")[0] != '\0' ? gt_url_take(a, from, key)
                                                : NULL;
    if (v == NULL) {
        return NULL;
    }

    *value = v->text;
    all = gt_url_list(a, list);
    gt_snprintf(name, sizeof(name), "%s-%u", key, gt_url_count(all));
    gt_tree_put(a->t, to, key, name);

    return gt_url_object(a, all, key, gt_url_count(all));
}


static gt_cnode_t *
urls_new_list(gt_url_arg_t *a, gt_cnode_t *map, const char *key)
{
    gt_cnode_t *list;

    list = gt_tree_node(a->t, GT_NODE_LIST, &a->place);
    gt_tree_add(map, key, list);

    return list;
}


void
gt_url_matchers(gt_url_arg_t *a, gt_cnode_t *from, gt_cnode_t *to,
                const char *key, const char *list)
{
    gt_str_t    rest, part;
    const char *value;
    gt_cnode_t *object, *items;

    object = urls_named(a, from, to, key, list, &value);
    if (object == NULL) {
        return;
    }

    if (*value == '~') {
        gt_tree_put(a->t, object, "whitelist", "true");
        value++;
    }

    items = urls_new_list(a, object, "matchers");
    rest = gt_str_from(value);

    while (gt_str_split(&rest, ',', &part)) {
        if (part.n > 0) {
            gt_tree_add(items, NULL, gt_tree_text(a->t, part, &a->place));
        }
    }
}


static void
urls_resolver(gt_url_arg_t *a, gt_cnode_t *from, gt_cnode_t *to,
              const char *prefer)
{
    gt_str_t    rest, part;
    const char *value;
    gt_cnode_t *object, *items, *item;

    object = urls_named(a, from, to, "resolver", "resolvers", &value);
    if (object == NULL) {
        return;
    }

    items = urls_new_list(a, object, "nameservers");
    rest = gt_str_from(value);

    while (gt_str_split(&rest, ',', &part)) {
        if (part.n == 0) {
            continue;
        }

        item = gt_url_object(a, items, NULL, 0);
        gt_tree_add(item, "addr", gt_tree_text(a->t, part, &a->place));
        if (prefer[0] != '\0') {
            gt_tree_put(a->t, item, "prefer", prefer);
        }
    }
}


static void
urls_hosts(gt_url_arg_t *a, gt_cnode_t *from, gt_cnode_t *to)
{
    ssize_t     at;
    gt_str_t    rest, part;
    const char *value;
    gt_cnode_t *object, *items, *item;

    object = urls_named(a, from, to, "hosts", "hosts", &value);
    if (object == NULL) {
        return;
    }

    items = urls_new_list(a, object, "mappings");
    rest = gt_str_from(value);

    while (gt_str_split(&rest, ',', &part)) {
        at = gt_str_chr(part, ':');
        if (at < 0) {
            continue;
        }

        item = gt_url_object(a, items, NULL, 0);
        gt_tree_add(item, "ip",
                    gt_tree_text(a->t,
                                 gt_str_sub(part, (size_t) at + 1, part.n),
                                 &a->place));
        gt_tree_add(item, "hostname",
                    gt_tree_text(a->t, gt_str_sub(part, 0, (size_t) at),
                                 &a->place));
    }
}


void
gt_url_names(gt_url_arg_t *a, gt_cnode_t *from, gt_cnode_t *to,
             const char *prefer)
{
    urls_resolver(a, from, to, prefer);
    urls_hosts(a, from, to);
}
