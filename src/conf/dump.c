/*
 * conf/dump.c: the merged tree in GOST's shape, as -O and -T print it.
 */

#include "conf/dump.h"
#include "core/mem.h"
#include "core/num.h"

#include <string.h>

/* beside gt_dump_t: not inside of a list yet */
#define DUMP_SECTION 0x100u

static gt_cnode_t *dump_table(gt_tree_t *t, const gt_key_t *table,
                              const gt_cnode_t *map, unsigned how);


/* free keys whose values nobody should read over a shoulder */
static bool
dump_secret(const char *key)
{
    static const char *const whole[] = { "auth", "authorization",
                                         "proxy-authorization", "cookie",
                                         "knock" };
    static const char *const parts[] = { "password", "passwd", "secret",
                                         "token", "cipherkey" };
    char                     low[64];
    size_t                   i, n;
    gt_str_t                 text;

    n = gt_str_copy(low, sizeof(low), gt_str_from(key));
    text = gt_str_make(low, n);

    for (i = 0; i < n; i++) {
        low[i] = (char) gt_lower((unsigned char) low[i]);
    }

    for (i = 0; i < gt_nelts(whole); i++) {
        if (strcmp(low, whole[i]) == 0) {
            return true;
        }
    }

    for (i = 0; i < gt_nelts(parts); i++) {
        if (gt_str_find(text, gt_str_from(parts[i])) >= 0) {
            return true;
        }
    }

    return false;
}


static void
dump_mask(gt_cnode_t *node)
{
    gt_cnode_t *part;

    if (node == NULL) {
        return;
    }

    for (part = node->first; part != NULL; part = part->next) {
        dump_mask(part);

        if (part->key != NULL && part->kind == GT_NODE_SCALAR
            && part->text[0] != '\0' && dump_secret(part->key))
        {
            part->text = "***";
            part->quoted = true;
        }
    }
}


/* an argument may hold any bytes; neither YAML nor JSON can */
static const char *
dump_utf8(gt_tree_t *t, const char *text)
{
    char  *copy = NULL;
    size_t i, len, n = strlen(text);

    for (i = 0; i < n; i += gt_max(len, (size_t) 1)) {
        len = gt_tree_char((const unsigned char *) text + i, n - i);
        if (len > 0) {
            continue;
        }

        if (copy == NULL) {
            copy = gt_arena_strdup(t->arena, text);
            if (copy == NULL) {
                t->failed = true;
                return "";
            }
        }

        copy[i] = '?';
    }

    return copy != NULL ? copy : text;
}


void
gt_dump_clean(gt_tree_t *t, gt_cnode_t *node)
{
    gt_cnode_t *part;

    if (node == NULL) {
        return;
    }

    if (node->kind == GT_NODE_SCALAR) {
        node->text = dump_utf8(t, node->text);
    }

    for (part = node->first; part != NULL; part = part->next) {
        if (part->key != NULL) {
            part->key = dump_utf8(t, part->key);
        }

        gt_dump_clean(t, part);
    }
}


static gt_cnode_t *
dump_text(gt_tree_t *t, const char *text, bool quoted, const gt_place_t *place)
{
    gt_cnode_t *node;

    node = gt_tree_text(t, gt_str_from(text), place);
    if (node != NULL) {
        node->quoted = quoted;
        node->number = !quoted;
    }

    return node;
}


/* a scalar of a typed row; NULL: it is as good as absent */
static gt_cnode_t *
dump_int(gt_tree_t *t, const gt_cnode_t *node, const gt_place_t *place,
         bool always)
{
    char    buf[GT_NUM_TEXT];
    int64_t n = 0;

    if (node != NULL && gt_cnode_int(node, &n) != GT_OK) {
        n = 0;
    }

    gt_snprintf(buf, sizeof(buf), "%lld", (long long) n);

    return n != 0 || always ? dump_text(t, buf, false, place) : NULL;
}


static gt_cnode_t *
dump_duration(gt_tree_t *t, const gt_cnode_t *node, const gt_place_t *place,
              bool always, bool json)
{
    char    buf[GT_NUM_TEXT];
    int64_t n = 0;

    if (node != NULL
        && gt_num_duration_typed(gt_str_from(node->text), node->quoted, &n)
               != GT_OK)
    {
        n = 0;
    }

    if (json) {
        gt_snprintf(buf, sizeof(buf), "%lld", (long long) n);
    } else {
        gt_num_duration_text(n, buf, sizeof(buf));
    }

    return n != 0 || always ? dump_text(t, buf, false, place) : NULL;
}


static bool
dump_always(const gt_key_t *row, unsigned how)
{
    return row->flags & GT_KEY_ALWAYS
           || (row->flags & GT_KEY_YAML && !(how & GT_DUMP_JSON));
}


static gt_cnode_t *
dump_scalar(gt_tree_t *t, const gt_key_t *row, const gt_cnode_t *node,
            const gt_place_t *place, unsigned how)
{
    bool        yes = false, always = dump_always(row, how);
    const char *text = node != NULL ? node->text : "";

    switch (row->type) {

    case GT_KEY_INT: return dump_int(t, node, place, always);

    case GT_KEY_BOOL:
        if (node != NULL && gt_cnode_bool(node, &yes) != GT_OK) {
            yes = false;
        }

        return yes      ? dump_text(t, "true", false, place)
               : always ? dump_text(t, "false", false, place)
                        : NULL;

    case GT_KEY_DUR:
        return dump_duration(t, node, place, always, how & GT_DUMP_JSON);

    default: break;
    }

    if (text[0] == '\0' && !always) {
        return NULL;
    }

    if (how & GT_DUMP_MASK && row->flags & GT_KEY_SECRET && text[0] != '\0') {
        text = "***";
    }

    return dump_text(t, text, true, place);
}


static gt_cnode_t *
dump_list(gt_tree_t *t, const gt_key_t *row, const gt_cnode_t *list,
          const gt_place_t *place, unsigned how)
{
    gt_cnode_t       *copy;
    const gt_cnode_t *part = list != NULL ? list->first : NULL;

    if (part == NULL && !(row->flags & GT_KEY_ALWAYS)) {
        return NULL;
    }

    copy = gt_tree_node(t,
                        part == NULL && how & GT_DUMP_JSON ? GT_NODE_NULL
                                                           : GT_NODE_LIST,
                        place);

    for (/* void */; part != NULL; part = part->next) {
        gt_tree_add(copy, NULL,
                    row->type == GT_KEY_OBJS
                        ? dump_table(t, row->sub, part, how & ~DUMP_SECTION)
                        : dump_text(t, part->text, true, &part->place));
    }

    return copy;
}


static gt_cnode_t *
dump_value(gt_tree_t *t, const gt_key_t *row, const gt_cnode_t *node,
           const gt_place_t *place, unsigned how)
{
    gt_cnode_t *copy = NULL;

    if (row->type == GT_KEY_STRS || row->type == GT_KEY_OBJS) {
        return dump_list(t, row, node, place, how);
    }

    if (row->type != GT_KEY_MAP && row->type != GT_KEY_OBJ) {
        return dump_scalar(t, row, node, place, how);
    }

    if (node == NULL || node->kind != GT_NODE_MAP) {
        return NULL;
    }

    /* an empty section is as good as none, an empty object is printed */
    if (row->type == GT_KEY_OBJ) {
        return node->first != NULL || !(how & DUMP_SECTION)
                   ? dump_table(t, row->sub, node, how)
                   : NULL;
    }

    if (node->first == NULL) {
        return NULL;
    }

    copy = gt_tree_copy(t, node);
    gt_dump_free(t, copy, how);

    if (how & GT_DUMP_MASK) {
        dump_mask(copy);
    }

    return copy;
}


static const char *
dump_key(gt_tree_t *t, const gt_key_t *row, unsigned how)
{
    char  *key;
    size_t i;

    if (!(row->flags & (how & GT_DUMP_JSON ? GT_KEY_UPPER : GT_KEY_LOWER))) {
        return row->name;
    }

    key = gt_arena_strdup(t->arena, row->name);
    if (key == NULL) {
        t->failed = true;
        return row->name;
    }

    if (how & GT_DUMP_JSON) {
        key[0] = (char) (key[0] - 'a' + 'A');
    } else {
        for (i = 0; key[i] != '\0'; i++) {
            key[i] = (char) gt_lower((unsigned char) key[i]);
        }
    }

    return key;
}


static gt_cnode_t *
dump_table(gt_tree_t *t, const gt_key_t *table, const gt_cnode_t *map,
           unsigned how)
{
    gt_cnode_t       *copy;
    const gt_key_t   *row;
    const gt_cnode_t *node;

    copy = gt_tree_node(t, GT_NODE_MAP, &map->place);

    for (row = table; row->name != NULL && copy != NULL; row++) {
        node = gt_cnode_get(map, row->name);
        gt_tree_add(copy, dump_key(t, row, how),
                    dump_value(t, row, node,
                               node != NULL ? &node->place : &map->place, how));
    }

    return copy;
}


gt_cnode_t *
gt_dump_tidy(gt_tree_t *t, const gt_key_t *table, const gt_cnode_t *map,
             unsigned how)
{
    return dump_table(t, table, map, how | DUMP_SECTION);
}
