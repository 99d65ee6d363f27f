/*
 * conf/emit.c: a tree as YAML in the layout of GOST's -O: two blanks a level,
 * lists in maps a level deeper, which libyaml's emitter cannot do.
 */

#include "conf/dump.h"

#include <string.h>

typedef struct {
    FILE *out;     /* not ours */
    bool  origins; /* a comment says where each value comes from */
} emit_t;

static void emit_node(const emit_t *e, const gt_cnode_t *node, unsigned indent);


static void
emit_indent(unsigned indent, FILE *out)
{
    fprintf(out, "%*s", (int) indent, "");
}


static bool
emit_flat(const gt_cnode_t *node)
{
    return node->first == NULL;
}


/* `# gatun.yaml:7`; not behind a text of several lines, of which it would be
   one */
static void
emit_origin(const emit_t *e, const gt_cnode_t *node)
{
    const char       *p;
    const gt_place_t *at = &node->place;

    if (!e->origins || at->file == NULL
        || (node->kind == GT_NODE_SCALAR && strchr(node->text, '\n') != NULL))
    {
        return;
    }

    fputs("  # ", e->out);

    for (p = at->file; *p != '\0'; p++) {
        fputc((unsigned char) *p < ' ' || *p == 0x7f ? '?' : *p, e->out);
    }

    if (at->line > 0) {
        fprintf(e->out, ":%u", at->line);
    }
}


static void
emit_scalar(const emit_t *e, const gt_cnode_t *node, unsigned indent)
{
    FILE *out = e->out;

    if (node->kind == GT_NODE_MAP) {
        fputs("{}", out);

    } else if (node->kind == GT_NODE_LIST) {
        fputs("[]", out);

    } else if (node->kind == GT_NODE_NULL) {
        fputs("null", out);

    } else if (!node->quoted) {
        fputs(node->text, out);

    } else {
        gt_emit_text(node->text, false, indent, out);
    }

    emit_origin(e, node);
    fputc('\n', out);
}


/* the first line stands where out is already */
static void
emit_map(const emit_t *e, const gt_cnode_t *map, unsigned indent)
{
    FILE             *out = e->out;
    const gt_cnode_t *part;

    for (part = map->first; part != NULL; part = part->next) {
        if (part != map->first) {
            emit_indent(indent, out);
        }

        gt_emit_text(part->key, true, 0, out);
        fputc(':', out);

        if (emit_flat(part)) {
            fputc(' ', out);
            emit_scalar(e, part, indent + 2);

        } else {
            fputc('\n', out);
            emit_indent(indent + 2, out);
            emit_node(e, part, indent + 2);
        }
    }
}


static void
emit_list(const emit_t *e, const gt_cnode_t *list, unsigned indent)
{
    FILE             *out = e->out;
    const gt_cnode_t *part;

    for (part = list->first; part != NULL; part = part->next) {
        if (part != list->first) {
            emit_indent(indent, out);
        }

        fputs("- ", out);
        emit_node(e, part, indent + 2);
    }
}


static void
emit_node(const emit_t *e, const gt_cnode_t *node, unsigned indent)
{
    if (emit_flat(node)) {
        emit_scalar(e, node, indent);

    } else if (node->kind == GT_NODE_MAP) {
        emit_map(e, node, indent);

    } else {
        emit_list(e, node, indent);
    }
}


int
gt_dump_yaml(const gt_cnode_t *node, FILE *out)
{
    const emit_t e = { out, false };

    emit_node(&e, node, 0);

    return fflush(out) == 0 && !ferror(out) ? GT_OK : GT_ERROR;
}


int
gt_dump_origins(const gt_cnode_t *node, FILE *out)
{
    const emit_t e = { out, true };

    emit_node(&e, node, 0);

    return fflush(out) == 0 && !ferror(out) ? GT_OK : GT_ERROR;
}
