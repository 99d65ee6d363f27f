/*
 * conf/print.c: -T: what is in force as YAML that loads again: the merged tree,
 * defaults and the modules' options filled in, with the origin of each value.
 */

#include "conf/dump.h"
#include "conf/load.h"
#include "conf/words.h"

#include <string.h>

typedef struct {
    gt_tree_t         *t;
    const gt_source_t *src; /* for the modules' options */
} print_t;

static const gt_place_t print_default = { "default", 0, 0 };

static void
print_fill(const print_t *p, const gt_key_t *table, const gt_key_t *owner,
           gt_cnode_t *map, const gt_cnode_t *was);


/* numbers and the like stand without quotes */
static void
print_plain(gt_cnode_t *node)
{
    bool    yes;
    int64_t n;

    node->quoted = false;
    node->number = true;
    node->quoted = node->text[0] == '\0'
                   || (gt_cnode_int(node, &n) != GT_OK
                       && gt_cnode_bool(node, &yes) != GT_OK);
}


static gt_cnode_t *
print_init(const print_t *p, const char *text, const gt_place_t *place)
{
    gt_cnode_t *node;

    node = gt_tree_text(p->t, gt_str_from(text), place);
    if (node != NULL) {
        print_plain(node);
    }

    return node;
}


/* the first name of a row */
static const char *
print_name(const print_t *p, const gt_opt_t *row)
{
    char    *name;
    gt_str_t rest = gt_str_from(row->name), first = rest;

    (void) gt_str_split(&rest, '|', &first);
    name = gt_arena_strndup(p->t->arena, first.p, first.n);
    p->t->failed |= name == NULL;

    return name != NULL ? name : "";
}


/* takes what the map says for that row, under whichever name */
static gt_cnode_t *
print_taken(gt_cnode_t *map, const gt_opt_t *row)
{
    char        name[80];
    gt_str_t    rest = gt_str_from(row->name), part;
    gt_cnode_t *node = NULL;

    while (map != NULL && node == NULL && gt_str_split(&rest, '|', &part)) {
        (void) gt_str_copy(name, sizeof(name), part);
        node = gt_tree_take(map, name);
    }

    return node;
}


static void
print_options(const print_t *p, const gt_opt_t *opts, gt_cnode_t *from,
              gt_cnode_t *to)
{
    gt_cnode_t     *node;
    const char     *name;
    const gt_opt_t *row;

    for (row = opts; row->name != NULL; row++) {
        name = print_name(p, row);
        node = print_taken(from, row);

        if (gt_cnode_get(to, name) != NULL) {
            continue; /* the upper part's */
        }

        if (node == NULL && row->init != NULL) {
            node = print_init(p, row->init, &print_default);
        }

        if (node != NULL) {
            gt_tree_add(to, name, node);
        }
    }
}


/* metadata with every option of the module; what it does not know is for
   another map, unless somebody wrote it here */
static gt_cnode_t *
print_metadata(const print_t *p, gt_word_t kind, const char *type,
               gt_cnode_t *from)
{
    int             i;
    gt_cnode_t     *to, *node, *next;
    const gt_opt_t *opts;

    to = gt_tree_node(p->t, GT_NODE_MAP,
                      from != NULL ? &from->place : &print_default);

    for (i = 0; to != NULL && (opts = p->src->options(kind, type, i)) != NULL;
         i++) {
        print_options(p, opts, from, to);
    }

    for (node = from != NULL ? from->first : NULL; node != NULL; node = next) {
        next = node->next;
        node->next = NULL;

        if (node->place.line > 0) {
            gt_tree_add(to, node->key, node);
        }
    }

    return to != NULL && to->first != NULL ? to : NULL;
}


/* the options of what a section is, or the section's metadata as it stands */
static gt_cnode_t *
print_free(const print_t *p, const gt_key_t *owner, const gt_cnode_t *map,
           gt_cnode_t *node)
{
    int         kind;
    const char *type = NULL;

    if (p->src->options == NULL || owner == NULL) {
        return node;
    }

    if (strcmp(owner->name, "services") == 0) {
        return print_metadata(p, GT_WORD_HANDLER, NULL, node);
    }

    for (kind = GT_WORD_HANDLER; kind <= GT_WORD_DIALER; kind++) {
        if (strcmp(gt_word_kind((gt_word_t) kind), owner->name) == 0) {
            type =
                gt_cnode_text(map, "type", gt_word_default((gt_word_t) kind));
            return print_metadata(p, (gt_word_t) kind, type, node);
        }
    }

    return node;
}


static void
print_list(const print_t *p, const gt_key_t *row, gt_cnode_t *list,
           const gt_cnode_t *was)
{
    gt_cnode_t       *part;
    const gt_cnode_t *old = was != NULL ? was->first : NULL;

    for (part = list->first; part != NULL; part = part->next) {
        if (part->kind == GT_NODE_MAP) {
            print_fill(p, row->sub, row, part, old);
        }

        old = old != NULL ? old->next : NULL;
    }
}


/* the value of a row: what is there, or its default */
static gt_cnode_t *
print_value(const print_t *p, const gt_key_t *row, gt_cnode_t *node,
            const gt_cnode_t *was)
{
    if (row->type == GT_KEY_OBJS) {
        if (node != NULL && node->kind == GT_NODE_LIST) {
            print_list(p, row, node, was);
        }

        return node;
    }

    if (row->type == GT_KEY_OBJ) {
        if (node == NULL && row->flags & GT_KEY_FORCE) {
            node = gt_tree_node(p->t, GT_NODE_MAP, &print_default);
        }

        if (node != NULL && node->kind == GT_NODE_MAP) {
            print_fill(p, row->sub, row, node, was);
        }

        return node != NULL && node->first != NULL ? node : NULL;
    }

    if (row->init == NULL || row->flags & (GT_KEY_LATER | GT_KEY_REFUSE)) {
        return node;
    }

    /* what was written and is as good as nothing is not in the tidy tree */
    if (node == NULL || (node->kind == GT_NODE_SCALAR && node->text[0] == '\0'))
    {
        return print_init(p, row->init,
                          was != NULL && was->kind == GT_NODE_SCALAR
                                  && was->text[0] != '\0'
                              ? &was->place
                              : &print_default);
    }

    return node;
}


/* in the order of the table */
static void
print_fill(const print_t *p, const gt_key_t *table, const gt_key_t *owner,
           gt_cnode_t *map, const gt_cnode_t *was)
{
    gt_cnode_t      old = *map, *node;
    const gt_key_t *row;

    map->first = map->last = NULL;

    for (row = table; row->name != NULL && !p->t->failed; row++) {
        node = gt_tree_take(&old, row->name);

        node = row->type == GT_KEY_MAP && strcmp(row->name, "metadata") == 0
                   ? print_free(p, owner, map, node)
                   : print_value(p, row, node, gt_cnode_get(was, row->name));

        if (node != NULL) {
            gt_tree_add(map, row->name, node);
        }
    }
}


/* where the model's value of a section comes from */
static void
print_places(const gt_model_t *m, const char *prefix, gt_cnode_t *map,
             const gt_cnode_t *was, const char *section)
{
    int               i;
    gt_cnode_t       *node;
    const gt_cnode_t *v;

    for (node = map != NULL ? map->first : NULL; node != NULL;
         node = node->next) {
        v = gt_cnode_get(was, node->key);

        for (i = 0; i < m->n_contexts && v == NULL && section != NULL; i++) {
            v = gt_cnode_get(gt_cnode_get(m->contexts[i].root, section),
                             node->key);
        }

        node->place = v != NULL ? v->place : print_default;

        if (v == NULL && prefix != NULL
            && (gt_str_ends(gt_str_from(node->key), GT_STR("Dir"))
                || gt_str_ends(gt_str_from(node->key), GT_STR("File"))))
        {
            node->place.file = "-p";
        }

        if (node->kind == GT_NODE_MAP) {
            print_places(m, prefix, node, v, NULL);

        } else if (node->kind == GT_NODE_SCALAR) {
            print_plain(node);
        }
    }
}


/* what is the process's stands in the first of them only */
static int
print_context(const print_t *p, const gt_model_t *m,
              const gt_context_model_t *cx, bool own, FILE *out)
{
    gt_cnode_t *tidy, *log, *section = NULL;

    tidy = gt_dump_tidy(p->t, gt_schema_top, cx->root, GT_DUMP_MASK);
    log = gt_model_log_tree(p->t, &cx->log);
    print_places(m, NULL, log, gt_cnode_get(cx->root, "log"), "log");

    if (own) {
        section = gt_model_own_tree(p->t, m);
        print_places(m, p->src->prefix, section, NULL, "gatun");
    }

    if (tidy == NULL || log == NULL || (own && section == NULL)) {
        return GT_ERROR;
    }

    print_fill(p, gt_schema_top, NULL, tidy, cx->root);
    gt_tree_take(tidy, "log");
    gt_tree_take(tidy, "gatun");
    gt_tree_add(tidy, "log", log);

    if (own) {
        gt_tree_add(tidy, "gatun", section);
    }

    gt_dump_clean(p->t, tidy);

    return p->t->failed ? GT_ERROR : gt_dump_origins(tidy, out);
}


int
gt_model_print(const gt_model_t *m, const gt_source_t *src, FILE *out)
{
    int       i, rc = GT_OK;
    print_t   p;
    gt_tree_t t;

    memset(&t, 0, sizeof(t));
    t.arena = gt_arena_new();
    if (t.arena == NULL) {
        return GT_ERROR;
    }

    p.t = &t;
    p.src = src;

    for (i = 0; i < m->n_contexts && rc == GT_OK; i++) {
        if (i > 0) {
            (void) fputs("---\n", out);
        }

        rc = print_context(&p, m, &m->contexts[i], i == 0, out);
    }

    gt_arena_free(t.arena);

    return rc;
}
