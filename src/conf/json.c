/*
 * conf/json.c: JSON text to a tree.  jansson reads and checks the text but
 * keeps no places, so a scanner goes through the text, which is known to be
 * good by then, beside jansson's values: both have them in the same order.
 */

#include "conf/tree.h"

#include <jansson.h>
#include <string.h>

typedef struct {
    gt_tree_t  *t;
    gt_diag_t  *d;
    const char *file;
    const char *p, *end; /* what is not scanned yet */
    const char *line;    /* where this line begins */
    unsigned    n_line;
} json_scan_t;

static gt_cnode_t *json_value(json_scan_t *s, json_t *value, unsigned depth);


/* goes to the next token, takes it, says where it stood and what it is */
static gt_str_t
json_token(json_scan_t *s, gt_place_t *place)
{
    const char *from;

    while (s->p < s->end && strchr(" \t\r\n,:]}", *s->p) != NULL) {
        if (*s->p == '\n') {
            s->n_line++;
            s->line = s->p + 1;
        }

        s->p++;
    }

    from = s->p;
    *place =
        (gt_place_t){ s->file, s->n_line, (unsigned) (from - s->line) + 1 };

    if (from == s->end) {
        return gt_str_make(from, 0);
    }

    s->p++;

    if (*from == '"') {
        while (s->p < s->end && *s->p != '"') {
            s->p += *s->p == '\\' ? 2 : 1;
        }

        s->p = gt_min(s->p + 1, s->end);

    } else if (*from != '{' && *from != '[') {
        while (s->p < s->end && strchr(" \t\r\n,:]}", *s->p) == NULL) {
            s->p++;
        }
    }

    return gt_str_make(from, (size_t) (s->p - from));
}


static int
json_map(json_scan_t *s, gt_cnode_t *map, json_t *value, unsigned depth)
{
    json_t           *part;
    const char       *name, *key;
    gt_cnode_t       *node;
    gt_place_t        place;
    const gt_cnode_t *twin;

    if (json_object_size(value) > GT_TREE_KEYS) {
        gt_diag_error(s->d, &map->place, "too many keys in one map");
        return GT_ERROR;
    }

    json_object_foreach(value, name, part)
    {
        json_token(s, &place);
        key = gt_arena_strdup(s->t->arena, name);
        node = json_value(s, part, depth);
        s->t->failed |= key == NULL;

        if (key == NULL || node == NULL) {
            return GT_ERROR;
        }

        for (twin = map->first; twin != NULL; twin = twin->next) {
            if (gt_str_ieq(gt_str_from(twin->key), gt_str_from(key))) {
                break;
            }
        }

        if (twin != NULL) {
            gt_diag_error(s->d, &place,
                          "\"%s\" is given twice, first in line %u", key,
                          twin->place.line);
            continue;
        }

        node->place = place;
        gt_tree_add(map, key, node);
    }

    return GT_OK;
}


static int
json_list(json_scan_t *s, gt_cnode_t *list, json_t *value, unsigned depth)
{
    size_t      i;
    json_t     *part;
    gt_cnode_t *node;

    json_array_foreach(value, i, part)
    {
        node = json_value(s, part, depth);
        if (node == NULL) {
            return GT_ERROR;
        }

        gt_tree_add(list, NULL, node);
    }

    return GT_OK;
}


static gt_cnode_t *
json_scalar(json_scan_t *s, json_t *value, gt_str_t token,
            const gt_place_t *place)
{
    gt_cnode_t *node;

    if (json_is_null(value)) {
        return gt_tree_node(s->t, GT_NODE_NULL, place);
    }

    if (json_is_string(value)) {
        token =
            gt_str_make(json_string_value(value), json_string_length(value));
    }

    node = gt_tree_text(s->t, token, place);
    if (node != NULL) {
        node->quoted = json_is_string(value);
        node->number = json_is_number(value);
        node->json = node->number;
    }

    return node;
}


static gt_cnode_t *
json_value(json_scan_t *s, json_t *value, unsigned depth)
{
    int         rc;
    gt_str_t    token;
    gt_place_t  place;
    gt_cnode_t *node;

    token = json_token(s, &place);

    if (!json_is_object(value) && !json_is_array(value)) {
        return json_scalar(s, value, token, &place);
    }

    if (depth == GT_TREE_DEPTH) {
        gt_diag_error(s->d, &place, "nested too deep");
        return NULL;
    }

    node =
        gt_tree_node(s->t, json_is_object(value) ? GT_NODE_MAP : GT_NODE_LIST,
                     &place);
    if (node == NULL) {
        return NULL;
    }

    rc = node->kind == GT_NODE_MAP ? json_map(s, node, value, depth + 1)
                                   : json_list(s, node, value, depth + 1);

    return rc == GT_OK ? node : NULL;
}


static void
json_failed(gt_tree_t *t, const json_error_t *why, const char *file,
            gt_diag_t *d)
{
    ssize_t    n;
    gt_place_t place = { file, 1, 1 };

    if (json_error_code(why) == json_error_out_of_memory) {
        t->failed = true;
        return;
    }

    place.line = why->line > 0 ? (unsigned) why->line : 1;
    place.column = why->column > 0 ? (unsigned) why->column : 1;

    if (json_error_code(why) == json_error_null_character) {
        gt_diag_error(d, &place, "a NUL: not a text");
        return;
    }

    /* not what stands near it: that may be a password */
    n = gt_str_find(gt_str_from(why->text), GT_STR(" near "));
    gt_diag_error(d, &place, "%.*s", n < 0 ? JSON_ERROR_TEXT_LENGTH : (int) n,
                  why->text);
}


gt_cnode_t *
gt_json_parse(gt_tree_t *t, gt_str_t text, const char *file, gt_diag_t *d)
{
    json_t      *value;
    json_scan_t  s;
    gt_cnode_t  *node;
    json_error_t why;

    if (gt_tree_text_ok(&text, file, d) != GT_OK) {
        return NULL;
    }

    value = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY,
                       &why);
    if (value == NULL) {
        json_failed(t, &why, file, d);
        return NULL;
    }

    s = (json_scan_t){ t, d, file, text.p, text.p + text.n, text.p, 1 };
    node = json_value(&s, value, 0);
    json_decref(value);

    if (node != NULL && node->kind != GT_NODE_MAP) {
        gt_diag_error(d, &node->place, "want an object, as {\"services\": []}");
        return NULL;
    }

    return node;
}
