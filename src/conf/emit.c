/*
 * conf/emit.c: a tree as YAML in the layout of GOST's -O: two blanks a level,
 * lists in maps a level deeper, which libyaml's emitter cannot do.
 */

#include "conf/dump.h"

static void emit_node(const gt_cnode_t *node, unsigned indent, FILE *out);


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


static void
emit_scalar(const gt_cnode_t *node, unsigned indent, FILE *out)
{
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

    fputc('\n', out);
}


/* the first line stands where out is already */
static void
emit_map(const gt_cnode_t *map, unsigned indent, FILE *out)
{
    const gt_cnode_t *part;

    for (part = map->first; part != NULL; part = part->next) {
        if (part != map->first) {
            emit_indent(indent, out);
        }

        gt_emit_text(part->key, true, 0, out);
        fputc(':', out);

        if (emit_flat(part)) {
            fputc(' ', out);
            emit_scalar(part, indent + 2, out);

        } else {
            fputc('\n', out);
            emit_indent(indent + 2, out);
            emit_node(part, indent + 2, out);
        }
    }
}


static void
emit_list(const gt_cnode_t *list, unsigned indent, FILE *out)
{
    const gt_cnode_t *part;

    for (part = list->first; part != NULL; part = part->next) {
        if (part != list->first) {
            emit_indent(indent, out);
        }

        fputs("- ", out);
        emit_node(part, indent + 2, out);
    }
}


static void
emit_node(const gt_cnode_t *node, unsigned indent, FILE *out)
{
    if (emit_flat(node)) {
        emit_scalar(node, indent, out);

    } else if (node->kind == GT_NODE_MAP) {
        emit_map(node, indent, out);

    } else {
        emit_list(node, indent, out);
    }
}


int
gt_dump_yaml(const gt_cnode_t *node, FILE *out)
{
    emit_node(node, 0, out);

    return fflush(out) == 0 && !ferror(out) ? GT_OK : GT_ERROR;
}
