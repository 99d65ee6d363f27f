/*
 * conf/check_keys.c: which keys of a tree nobody knows, which have no effect
 * so far, which must not be without one.
 */

#include "conf/opt.h"
#include "conf/schema.h"
#include "conf/words.h"

#include <string.h>

typedef struct {
    const gt_source_t *src;
    gt_diag_t         *d;
} check_t;

static void check_map(const check_t *c, const gt_key_t *table,
                      const gt_key_t *owner, const gt_cnode_t *map);


/* the row of a section below one of these that has that key; without those of
   the flags in not */
static const gt_key_t *
check_below(const gt_key_t *table, const char *key, unsigned not )
{
    const gt_key_t *row;

    for (row = table; row->name != NULL; row++) {
        if (row->sub != NULL && !(row->flags & not )
            && gt_schema_find(row->sub, key) != NULL)
        {
            return row;
        }
    }

    return NULL;
}


/* the same anywhere in what is built, the highest first */
static const gt_key_t *
check_anywhere(const gt_key_t *table, const char *key)
{
    const gt_key_t *row, *found;
    unsigned not = GT_KEY_LATER | GT_KEY_REFUSE;

    found = check_below(table, key, not );

    for (row = table; row->name != NULL && found == NULL; row++) {
        if (row->sub != NULL && !(row->flags & not )) {
            found = check_anywhere(row->sub, key);
        }
    }

    return found;
}


/* the options of a module, or of services' metadata, have that key */
static bool
check_has(const check_t *c, gt_word_t kind, const char *type, const char *key)
{
    int             i;
    const gt_opt_t *opts;

    for (i = 0; (opts = c->src->options(kind, type, i)) != NULL; i++) {
        if (gt_opt_find(opts, key) != NULL) {
            return true;
        }
    }

    return false;
}


/* is it an option of a module that the map has or is?  Where it belongs */
static const char *
check_option(const check_t *c, const gt_key_t *owner, const gt_cnode_t *map,
             const char *key, char *buf, size_t size)
{
    int               kind;
    const char       *name;
    const gt_cnode_t *part;

    if (c->src->options == NULL || owner == NULL) {
        return NULL;
    }

    if (strcmp(owner->name, "services") == 0
        && check_has(c, GT_WORD_HANDLER, NULL, key))
    {
        return "metadata";
    }

    for (kind = GT_WORD_HANDLER; kind <= GT_WORD_DIALER; kind++) {
        name = gt_word_kind((gt_word_t) kind);
        part = strcmp(name, owner->name) == 0 ? map : gt_cnode_get(map, name);

        if (part != NULL
            && check_has(c, (gt_word_t) kind,
                         gt_cnode_text(part, "type",
                                       gt_word_default((gt_word_t) kind)),
                         key))
        {
            gt_snprintf(buf, size, "%s%smetadata", part == map ? "" : name,
                        part == map ? "" : ".");
            return buf;
        }
    }

    return NULL;
}


static const gt_key_t *
check_nearest(const gt_key_t *table, const char *key)
{
    unsigned        far, best = gt_word_near(strlen(key)) + 1;
    const gt_key_t *row, *near = NULL;

    for (row = table; row->name != NULL; row++) {
        far = gt_word_distance(gt_str_from(key), gt_str_from(row->name),
                               best - 1);
        if (far < best) {
            best = far;
            near = row;
        }
    }

    return near;
}


/* of the sections below */
static const gt_key_t *
check_nearest_below(const gt_key_t *table, const char *key,
                    const gt_key_t **section)
{
    const gt_key_t *row, *near = NULL;

    for (row = table; row->name != NULL && near == NULL; row++) {
        if (row->sub != NULL) {
            *section = row;
            near = check_nearest(row->sub, key);
        }
    }

    return near;
}


/* what may have been meant, as the end of a message; true: something that
   guards was */
static bool
check_hint(const check_t *c, const gt_key_t *table, const gt_key_t *owner,
           const gt_cnode_t *map, const char *key, char *hint, size_t size)
{
    char            buf[40];
    const char     *place;
    const gt_key_t *row, *section;

    row = check_below(table, key, 0);
    if (row != NULL) {
        gt_snprintf(hint, size, "; it belongs under \"%s\"", row->name);
        return gt_schema_find(row->sub, key)->flags & GT_KEY_GUARD;
    }

    place = check_option(c, owner, map, key, buf, sizeof(buf));
    if (place != NULL) {
        gt_snprintf(hint, size, "; it belongs under \"%s\"", place);
        return false;
    }

    row = check_nearest(table, key);
    if (row != NULL) {
        gt_snprintf(hint, size, "; did you mean \"%s\"?", row->name);
        return row->flags & GT_KEY_GUARD;
    }

    row = check_nearest_below(table, key, &section);
    if (row != NULL) {
        gt_snprintf(hint, size, "; did you mean \"%s\" under \"%s\"?",
                    row->name, section->name);
        return row->flags & GT_KEY_GUARD;
    }

    row = gt_schema_find(gt_schema_top, key);
    if (row != NULL) {
        gt_snprintf(hint, size, "; it belongs on the top level");
        return row->flags & GT_KEY_GUARD;
    }

    row = check_anywhere(gt_schema_top, key);
    if (row != NULL) {
        gt_snprintf(hint, size, "; it is a key of \"%s\"", row->name);
        return gt_schema_find(row->sub, key)->flags & GT_KEY_GUARD;
    }

    return false;
}


static void
check_unknown(const check_t *c, const gt_key_t *table, const gt_key_t *owner,
              const gt_cnode_t *map, const gt_cnode_t *node)
{
    bool     guards;
    char     hint[160] = "";
    gt_str_t meant = gt_opt_guard_meant(node->key);

    /* the place for anchors, by custom */
    if (gt_str_istarts(gt_str_from(node->key), GT_STR("x-"))) {
        return;
    }

    guards = check_hint(c, table, owner, map, node->key, hint, sizeof(hint));

    if (hint[0] == '\0' && meant.n > 0) {
        guards = true;
        gt_snprintf(hint, sizeof(hint), "; did you mean \"%.*s\"?",
                    GT_STR_ARG(meant));
    }

    if (guards || gt_opt_guards(node->key)) {
        gt_diag_error(c->d, &node->place, "unknown key \"%.100s\"%s", node->key,
                      hint);
    } else {
        gt_diag_warn(c->d, &node->place, "unknown key \"%.100s\" is ignored%s",
                     node->key, hint);
    }
}


static void
check_value(const check_t *c, const gt_key_t *row, const gt_cnode_t *node)
{
    const gt_cnode_t *part;

    /* as good as absent, in GOST too: a template that nobody has filled in */
    if (gt_opt_guards(row->name)
        && (node->kind == GT_NODE_NULL
            || (node->kind == GT_NODE_SCALAR && node->text[0] == '\0')))
    {
        gt_diag_warn(c->d, &node->place, "%s: is empty, and guards nothing",
                     row->name);
    }

    if (node->kind == GT_NODE_NULL || gt_schema_empty(node)) {
        return;
    }

    /* a list that the URLs have made: the service that uses it says so */
    if (row->flags & (GT_KEY_REFUSE | GT_KEY_LATER)
        && node->kind == GT_NODE_LIST && node->place.line == 0)
    {
        return;
    }

    if (row->flags & GT_KEY_REFUSE) {
        gt_diag_error(c->d, &node->place,
                      "%s: not built yet, and not safe to ignore", row->name);
        return;
    }

    if (row->flags & GT_KEY_LATER) {
        gt_diag_warn(c->d, &node->place, "%s: not built yet, ignored",
                     row->name);
        return;
    }

    if (row->sub == NULL) {
        return;
    }

    if (node->kind == GT_NODE_MAP) {
        check_map(c, row->sub, row, node);
        return;
    }

    for (part = node->first; part != NULL; part = part->next) {
        if (part->kind == GT_NODE_MAP) {
            check_map(c, row->sub, row, part);
        }
    }
}


static void
check_map(const check_t *c, const gt_key_t *table, const gt_key_t *owner,
          const gt_cnode_t *map)
{
    const gt_key_t   *row;
    const gt_cnode_t *node;

    for (node = map->first; node != NULL; node = node->next) {
        row = gt_schema_find(table, node->key);

        if (row != NULL) {
            check_value(c, row, node);
        } else {
            check_unknown(c, table, owner, map, node);
        }
    }
}


void
gt_schema_check(const gt_source_t *src, const gt_cnode_t *root, gt_diag_t *d)
{
    const check_t c = { src, d };

    check_map(&c, gt_schema_top, NULL, root);
}
