/*
 * conf/emit.c: a tree as YAML by libyaml, as JSON by jansson.
 */

#include "conf/dump.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>


/* would any YAML read this text as something else than a text? */
static bool
emit_quotes(const char *text)
{
    static const char *const words[] = { "y",    "n",    "yes",   "no",
                                         "on",   "off",  "true",  "false",
                                         "null", "~",    "<<",    "=",
                                         ".inf", ".nan", "-.inf", "+.inf" };
    char                    *end;
    size_t                   i;
    gt_str_t                 s = gt_str_from(text);

    if (s.n == 0) {
        return true;
    }

    for (i = 0; i < gt_nelts(words); i++) {
        if (gt_str_ieq(s, gt_str_from(words[i]))) {
            return true;
        }
    }

    /* numbers of all kinds, base 60 and dates among them */
    if (strspn(text, "0123456789_+-.:eExXoOabcdefABCDEF") == s.n
        && strchr("0123456789+-.", text[0]) != NULL)
    {
        strtod(text, &end);
        i = strspn(text, "0123456789_+-:");

        return *end == '\0' || i == s.n || strchr(text, '_') != NULL
               || gt_str_istarts(s, GT_STR("0x"))
               || gt_str_istarts(s, GT_STR("0o"))
               || gt_str_istarts(s, GT_STR("0b"));
    }

    return false;
}


static int
emit_scalar(yaml_emitter_t *em, const char *text, bool plain)
{
    yaml_event_t        ev;
    yaml_scalar_style_t style;

    style = plain               ? YAML_PLAIN_SCALAR_STYLE
            : emit_quotes(text) ? YAML_SINGLE_QUOTED_SCALAR_STYLE
                                : YAML_ANY_SCALAR_STYLE;

    return yaml_scalar_event_initialize(&ev, NULL, NULL,
                                        (const yaml_char_t *) text,
                                        (int) strlen(text), 1, !plain, style)
           && yaml_emitter_emit(em, &ev);
}


static int
emit_node(yaml_emitter_t *em, const gt_cnode_t *node)
{
    bool              map = node->kind == GT_NODE_MAP;
    yaml_event_t      ev;
    const gt_cnode_t *part;

    if (node->kind == GT_NODE_NULL) {
        return emit_scalar(em, "null", true);
    }

    if (node->kind == GT_NODE_SCALAR) {
        return emit_scalar(em, node->text, !node->quoted);
    }

    if (!(map ? yaml_mapping_start_event_initialize(&ev, NULL, NULL, 1,
                                                    YAML_BLOCK_MAPPING_STYLE)
              : yaml_sequence_start_event_initialize(&ev, NULL, NULL, 1,
                                                     YAML_BLOCK_SEQUENCE_STYLE))
        || !yaml_emitter_emit(em, &ev))
    {
        return 0;
    }

    for (part = node->first; part != NULL; part = part->next) {
        if ((map && !emit_scalar(em, part->key, false)) || !emit_node(em, part))
        {
            return 0;
        }
    }

    return (map ? yaml_mapping_end_event_initialize(&ev)
                : yaml_sequence_end_event_initialize(&ev))
           && yaml_emitter_emit(em, &ev);
}


static int
emit_write(void *data, unsigned char *p, size_t n)
{
    return fwrite(p, 1, n, data) == n;
}


int
gt_dump_yaml(const gt_cnode_t *node, FILE *out)
{
    int            good;
    yaml_event_t   ev;
    yaml_emitter_t em;

    if (!yaml_emitter_initialize(&em)) {
        return GT_ERROR;
    }

    yaml_emitter_set_output(&em, emit_write, out);
    yaml_emitter_set_indent(&em, 2);
    yaml_emitter_set_width(&em, -1);
    yaml_emitter_set_unicode(&em, 1);

    good = yaml_stream_start_event_initialize(&ev, YAML_UTF8_ENCODING)
           && yaml_emitter_emit(&em, &ev)
           && yaml_document_start_event_initialize(&ev, NULL, NULL, NULL, 1)
           && yaml_emitter_emit(&em, &ev) && emit_node(&em, node)
           && yaml_document_end_event_initialize(&ev, 1)
           && yaml_emitter_emit(&em, &ev)
           && yaml_stream_end_event_initialize(&ev)
           && yaml_emitter_emit(&em, &ev) && yaml_emitter_flush(&em);

    yaml_emitter_delete(&em);

    return good && fflush(out) == 0 ? GT_OK : GT_ERROR;
}


/* what a plain scalar of free-form keys is in JSON */
static json_t *
emit_plain(const gt_cnode_t *node)
{
    char   *end;
    double  real;
    int64_t n;

    if (strcmp(node->text, "true") == 0 || strcmp(node->text, "false") == 0) {
        return json_boolean(node->text[0] == 't');
    }

    real = strtod(node->text, &end);

    if (node->text[0] != '\0' && *end == '\0'
        && strpbrk(node->text, ".eE") != NULL
        && strpbrk(node->text, "xX") == NULL && real > -1e300 && real < 1e300)
    {
        return json_real(real);
    }

    if (gt_cnode_int(node, &n) == GT_OK) {
        return json_integer(n);
    }

    return json_string(node->text);
}


static json_t *
emit_json(const gt_cnode_t *node)
{
    int               rc;
    json_t           *json, *value;
    const gt_cnode_t *part;

    if (node->kind == GT_NODE_NULL) {
        return json_null();
    }

    if (node->kind == GT_NODE_SCALAR) {
        return node->quoted ? json_string(node->text) : emit_plain(node);
    }

    json = node->kind == GT_NODE_MAP ? json_object() : json_array();

    for (part = node->first; part != NULL && json != NULL; part = part->next) {
        value = emit_json(part);
        rc = node->kind == GT_NODE_MAP
                 ? json_object_set_new(json, part->key, value)
                 : json_array_append_new(json, value);

        if (rc != 0) {
            json_decref(json);
            return NULL;
        }
    }

    return json;
}


int
gt_dump_json(const gt_cnode_t *node, FILE *out)
{
    int     rc;
    json_t *json;

    json = emit_json(node);
    if (json == NULL) {
        return GT_ERROR;
    }

    rc = json_dumpf(json, out, JSON_INDENT(2));
    json_decref(json);

    return rc == 0 && fputc('\n', out) != EOF && fflush(out) == 0 ? GT_OK
                                                                  : GT_ERROR;
}
