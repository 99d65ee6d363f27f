/*
 * conf/emit_json.c: a tree as JSON.  jansson writes it; what Go writes
 * otherwise is then put right: "<" as \u003c, hexadecimal in lower case,
 * numbers with the fewest digits.
 */

#include "conf/dump.h"
#include "conf/plain.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>


/* a scalar that is no text: gt_dump_free() and the typed rows made it */
static json_t *
emit_plain(const gt_cnode_t *node)
{
    gt_plain_t v;

    switch (gt_plain_kind(node->text, &v)) {

    case GT_PLAIN_BOOL: return json_boolean(v.yes);

    case GT_PLAIN_INT:
        if (v.whole <= INT64_MAX) {
            return json_integer(v.minus ? -(json_int_t) v.whole
                                        : (json_int_t) v.whole);
        }

        return json_real(v.minus ? -(double) v.whole : (double) v.whole);

    case GT_PLAIN_REAL:
        if (v.real - v.real == 0) {
            return json_real(v.real);
        }

        break;

    case GT_PLAIN_NULL:
    case GT_PLAIN_DATE:
    case GT_PLAIN_TEXT: break;
    }

    return json_string(node->text);
}


static json_t *
emit_value(const gt_cnode_t *node)
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
        value = emit_value(part);
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


/* inside a text; the bytes that were used */
static size_t
emit_inside(const char *p, FILE *out)
{
    if (p[0] == '\\' && p[1] == 'u') {
        fprintf(out, "\\u%c%c%c%c", gt_lower((unsigned char) p[2]),
                gt_lower((unsigned char) p[3]), gt_lower((unsigned char) p[4]),
                gt_lower((unsigned char) p[5]));
        return 6;
    }

    if (p[0] == '\\') {
        fwrite(p, 1, 2, out);
        return 2;
    }

    if (strncmp(p, "\xe2\x80\xa8", 3) == 0
        || strncmp(p, "\xe2\x80\xa9", 3) == 0) {
        fprintf(out, "\\u202%c", p[2] == '\xa8' ? '8' : '9');
        return 3;
    }

    if (strchr("<>&", p[0]) != NULL) {
        fprintf(out, "\\u%04x", p[0]);
    } else {
        fputc(p[0], out);
    }

    return 1;
}


/* outside of texts; the bytes that were used */
static size_t
emit_outside(const char *p, FILE *out)
{
    char   buf[GT_REAL_TEXT];
    size_t n;

    n = strspn(p, "+-.0123456789eE");
    if (n == 0 || strchr("-0123456789", p[0]) == NULL
        || strcspn(p, ".eE,}] \n") >= n)
    {
        fputc(p[0], out);
        return 1;
    }

    fputs(gt_plain_real(strtod(p, NULL), GT_REAL_JSON, buf, sizeof(buf)), out);

    return n;
}


int
gt_dump_json(const gt_cnode_t *node, FILE *out)
{
    bool    inside = false;
    char   *text = NULL, *p;
    json_t *json;

    json = emit_value(node);
    if (json != NULL) {
        text = json_dumps(json, JSON_INDENT(2));
        json_decref(json);
    }

    if (text == NULL) {
        return GT_ERROR;
    }

    for (p = text; *p != '\0'; /* void */) {
        if (*p == '"') {
            inside = !inside;
        }

        p += inside && *p != '"' ? emit_inside(p, out) : emit_outside(p, out);
    }

    free(text);

    return fputc('\n', out) != EOF && fflush(out) == 0 ? GT_OK : GT_ERROR;
}
