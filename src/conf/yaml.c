/*
 * conf/yaml.c: YAML text to a tree, by libyaml's events.
 */

#include "conf/yaml.h"

#include <string.h>

static gt_cnode_t *
yaml_value(gt_yaml_t *y, const yaml_event_t *ev, unsigned depth);


static gt_place_t
yaml_place(const gt_yaml_t *y, const yaml_mark_t *mark)
{
    return (gt_place_t){ y->file, (unsigned) mark->line + 1,
                         (unsigned) mark->column + 1 };
}


void
gt_yaml_error(gt_yaml_t *y, const yaml_mark_t *mark, const char *why)
{
    gt_place_t place;

    place = yaml_place(y, mark);
    gt_diag_error(y->d, &place, "%s", why);
}


/* libyaml knows a byte's offset, not its line, when its reader fails */
static void
yaml_syntax(gt_yaml_t *y)
{
    size_t      i, at;
    const char *why;
    yaml_mark_t mark = y->yp.problem_mark;

    if (y->yp.error == YAML_MEMORY_ERROR) {
        y->t->failed = true;
        return;
    }

    if (y->yp.error == YAML_READER_ERROR) {
        memset(&mark, 0, sizeof(mark));
        at = gt_min(y->yp.problem_offset, y->text.n);

        for (i = 0; i < at; i++) {
            mark.column++;
            if (y->text.p[i] == '\n') {
                mark.line++;
                mark.column = 0;
            }
        }
    }

    why = y->yp.problem != NULL ? y->yp.problem : "not YAML";

    if (y->yp.context != NULL) {
        gt_place_t place = yaml_place(y, &mark);
        gt_diag_error(y->d, &place, "%s %s", why, y->yp.context);
    } else {
        gt_yaml_error(y, &mark, why);
    }
}


static int
yaml_next(gt_yaml_t *y, yaml_event_t *ev)
{
    if (!yaml_parser_parse(&y->yp, ev)) {
        yaml_syntax(y);
        return GT_ERROR;
    }

    return GT_OK;
}


static bool
yaml_is_null(const char *text)
{
    static const char *const names[] = { "", "~", "null", "Null", "NULL" };
    size_t                   i;

    for (i = 0; i < gt_nelts(names); i++) {
        if (strcmp(text, names[i]) == 0) {
            return true;
        }
    }

    return false;
}


/* only the tags of JSON's own types; GT_ERROR is reported */
static int
yaml_tag_ok(gt_yaml_t *y, const yaml_event_t *ev, const yaml_char_t *tag)
{
    static const char *const known[] = { "str",  "int", "bool", "float",
                                         "null", "map", "seq" };
    const char              *name = (const char *) tag;
    size_t                   i;

    if (name == NULL || strcmp(name, "!") == 0) {
        return GT_OK;
    }

    if (gt_str_starts(gt_str_from(name), GT_STR("tag:yaml.org,2002:"))) {
        name += sizeof("tag:yaml.org,2002:") - 1;

        for (i = 0; i < gt_nelts(known); i++) {
            if (strcmp(name, known[i]) == 0) {
                return GT_OK;
            }
        }
    }

    /* without its name: it may be a password that lacks its quotes */
    gt_yaml_error(y, &ev->start_mark, "a tag that is not supported");

    return GT_ERROR;
}


static gt_cnode_t *
yaml_scalar(gt_yaml_t *y, const yaml_event_t *ev)
{
    bool        str;
    gt_place_t  place;
    gt_cnode_t *node;
    const char *tag = (const char *) ev->data.scalar.tag;

    if (memchr(ev->data.scalar.value, '\0', ev->data.scalar.length) != NULL) {
        gt_yaml_error(y, &ev->start_mark, "a text with a NUL");
        return NULL;
    }

    place = yaml_place(y, &ev->start_mark);
    node =
        gt_tree_text(y->t,
                     gt_str_make(ev->data.scalar.value, ev->data.scalar.length),
                     &place);
    if (node == NULL) {
        return NULL;
    }

    str = tag != NULL
          && (strcmp(tag, "!") == 0
              || gt_str_ends(gt_str_from(tag), GT_STR(":str")));
    node->quoted =
        str
        || (tag == NULL && ev->data.scalar.style != YAML_PLAIN_SCALAR_STYLE);
    node->number = !node->quoted;

    if (!node->quoted && yaml_is_null(node->text)) {
        node->kind = GT_NODE_NULL;
    }

    return node;
}


static int
yaml_list(gt_yaml_t *y, gt_cnode_t *list, unsigned depth)
{
    gt_cnode_t  *node;
    yaml_event_t ev;

    for (;;) {
        if (yaml_next(y, &ev) != GT_OK) {
            return GT_ERROR;
        }

        if (ev.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&ev);
            return GT_OK;
        }

        node = yaml_value(y, &ev, depth);
        yaml_event_delete(&ev);
        if (node == NULL) {
            return GT_ERROR;
        }

        gt_tree_add(list, NULL, node);
    }
}


/* the key's text, its place; NULL is reported */
static const char *
yaml_key(gt_yaml_t *y, const yaml_event_t *ev, bool *merge)
{
    const char *key;

    if (ev->type != YAML_SCALAR_EVENT) {
        gt_yaml_error(y, &ev->start_mark, "a key must be a plain text");
        return NULL;
    }

    if (ev->data.scalar.length > 1024) {
        gt_yaml_error(y, &ev->start_mark, "a key is too long");
        return NULL;
    }

    if (memchr(ev->data.scalar.value, '\0', ev->data.scalar.length) != NULL) {
        gt_yaml_error(y, &ev->start_mark, "a key with a NUL");
        return NULL;
    }

    *merge = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE
             && strcmp((char *) ev->data.scalar.value, "<<") == 0;

    key = gt_arena_strndup(y->t->arena, ev->data.scalar.value,
                           ev->data.scalar.length);
    y->t->failed |= key == NULL;

    return key;
}


static int
yaml_pair(gt_yaml_t *y, gt_cnode_t *map, const yaml_event_t *kev,
          gt_cnode_t **merge, unsigned depth)
{
    bool              is_merge = false;
    const char       *key;
    gt_cnode_t       *node;
    gt_place_t        place;
    yaml_event_t      ev;
    const gt_cnode_t *twin;

    key = yaml_key(y, kev, &is_merge);
    if (key == NULL || yaml_next(y, &ev) != GT_OK) {
        return GT_ERROR;
    }

    node = yaml_value(y, &ev, depth);
    yaml_event_delete(&ev);
    if (node == NULL) {
        return GT_ERROR;
    }

    place = yaml_place(y, &kev->start_mark);

    if (is_merge) {
        if (*merge != NULL) {
            gt_diag_error(y->d, &place, "<< is given twice");
            return GT_ERROR;
        }

        *merge = node;
        return GT_OK;
    }

    twin = gt_yaml_member(map, key);
    if (twin != NULL) {
        gt_diag_error(y->d, &place, "\"%s\" is given twice, first in line %u",
                      key, twin->place.line);
        return GT_OK;
    }

    /* a member's place is its key's: that is where a reader looks first */
    node->place = place;
    gt_tree_add(map, key, node);

    return GT_OK;
}


static int
yaml_map(gt_yaml_t *y, gt_cnode_t *map, const yaml_event_t *at, unsigned depth)
{
    int          rc = GT_OK;
    unsigned     n;
    gt_cnode_t  *merge = NULL;
    yaml_event_t ev;

    for (n = 0; rc == GT_OK; n++) {
        if (yaml_next(y, &ev) != GT_OK) {
            return GT_ERROR;
        }

        if (ev.type == YAML_MAPPING_END_EVENT) {
            yaml_event_delete(&ev);
            break;
        }

        if (n == GT_TREE_KEYS) {
            gt_yaml_error(y, &ev.start_mark, "too many keys in one map");
            rc = GT_ERROR;

        } else {
            rc = yaml_pair(y, map, &ev, &merge, depth);
        }

        yaml_event_delete(&ev);
    }

    if (rc == GT_OK && merge != NULL) {
        rc = gt_yaml_merge(y, map, merge, &at->start_mark, false);
    }

    return rc;
}


static gt_cnode_t *
yaml_node(gt_yaml_t *y, const yaml_event_t *ev, unsigned depth)
{
    gt_place_t  place;
    gt_cnode_t *node;

    if (ev->type == YAML_SCALAR_EVENT) {
        return yaml_scalar(y, ev);
    }

    if (depth == GT_TREE_DEPTH) {
        gt_yaml_error(y, &ev->start_mark, "nested too deep");
        return NULL;
    }

    place = yaml_place(y, &ev->start_mark);
    node = gt_tree_node(y->t,
                        ev->type == YAML_MAPPING_START_EVENT ? GT_NODE_MAP
                                                             : GT_NODE_LIST,
                        &place);

    if (node != NULL
        && (node->kind == GT_NODE_MAP ? yaml_map(y, node, ev, depth + 1)
                                      : yaml_list(y, node, depth + 1))
               != GT_OK)
    {
        node = NULL;
    }

    return node;
}


/* the value that begins with ev; NULL is reported */
static gt_cnode_t *
yaml_value(gt_yaml_t *y, const yaml_event_t *ev, unsigned depth)
{
    gt_cnode_t        *node;
    gt_yaml_anchor_t  *a;
    const yaml_char_t *anchor, *tag;

    switch (ev->type) {

    case YAML_ALIAS_EVENT: return gt_yaml_alias(y, ev, depth);

    case YAML_SCALAR_EVENT:
        anchor = ev->data.scalar.anchor;
        tag = ev->data.scalar.tag;
        break;

    case YAML_SEQUENCE_START_EVENT:
        anchor = ev->data.sequence_start.anchor;
        tag = ev->data.sequence_start.tag;
        break;

    case YAML_MAPPING_START_EVENT:
        anchor = ev->data.mapping_start.anchor;
        tag = ev->data.mapping_start.tag;
        break;

    default: gt_yaml_error(y, &ev->start_mark, "not a value"); return NULL;
    }

    if (yaml_tag_ok(y, ev, tag) != GT_OK
        || gt_yaml_anchor(y, ev, anchor, &a) != GT_OK)
    {
        return NULL;
    }

    node = yaml_node(y, ev, depth);
    if (a != NULL) {
        a->node = node;
    }

    return node;
}


/* behind the first document: another one is not looked at, as in GOST, but is
   not lost in silence; what is none, is a mistake in the first one */
static int
yaml_rest(gt_yaml_t *y)
{
    bool         end;
    gt_place_t   place;
    yaml_event_t ev;

    do {
        if (yaml_next(y, &ev) != GT_OK) {
            return GT_ERROR;
        }

        end = ev.type != YAML_DOCUMENT_END_EVENT;

        if (ev.type == YAML_DOCUMENT_START_EVENT) {
            place = yaml_place(y, &ev.start_mark);
            gt_diag_warn(y->d, &place,
                         "only the first document counts: what"
                         " follows is ignored");
        }

        yaml_event_delete(&ev);
    } while (!end);

    return GT_OK;
}


/* stream start, document start, the value */
static gt_cnode_t *
yaml_document(gt_yaml_t *y)
{
    gt_cnode_t       *node = NULL;
    yaml_event_t      ev;
    yaml_event_type_t type;

    for (;;) {
        if (yaml_next(y, &ev) != GT_OK) {
            return NULL;
        }

        type = ev.type;

        if (type == YAML_STREAM_END_EVENT) {
            node = gt_tree_node(y->t, GT_NODE_NULL,
                                &(gt_place_t){ y->file, 1, 1 });

        } else if (type != YAML_STREAM_START_EVENT
                   && type != YAML_DOCUMENT_START_EVENT) {
            node = yaml_value(y, &ev, 0);
            if (node != NULL && yaml_rest(y) != GT_OK) {
                node = NULL;
            }

        } else {
            yaml_event_delete(&ev);
            continue;
        }

        yaml_event_delete(&ev);

        return node;
    }
}


gt_cnode_t *
gt_yaml_parse(gt_tree_t *t, gt_str_t text, const char *file, gt_diag_t *d)
{
    gt_yaml_t   y;
    gt_cnode_t *node;

    memset(&y, 0, sizeof(y));
    y.t = t;
    y.d = d;
    y.file = file;

    if (gt_tree_text_ok(&text, file, d) != GT_OK) {
        return NULL;
    }

    y.text = text;

    if (!yaml_parser_initialize(&y.yp)) {
        t->failed = true;
        return NULL;
    }

    yaml_parser_set_encoding(&y.yp, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&y.yp, (const unsigned char *) text.p, text.n);

    node = yaml_document(&y);
    yaml_parser_delete(&y.yp);

    if (node != NULL && node->kind == GT_NODE_NULL) {
        node->kind = GT_NODE_MAP;
    }

    if (node != NULL && node->kind != GT_NODE_MAP) {
        gt_diag_error(d, &node->place, "want a map of keys, as \"services:\"");
        return NULL;
    }

    return node;
}
