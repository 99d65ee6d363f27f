/*
 * conf/tree.c: builds configuration trees and looks into them.
 */

#include "conf/tree.h"
#include "core/num.h"

#include <stdlib.h>
#include <string.h>


gt_cnode_t *
gt_tree_node(gt_tree_t *t, gt_node_kind_t kind, const gt_place_t *place)
{
    gt_cnode_t *node = NULL;

    if (t->nodes < GT_TREE_NODES && !t->failed) {
        node = gt_arena_alloc(t->arena, sizeof(*node));
    }

    if (node == NULL) {
        t->failed = true;
        return NULL;
    }

    t->nodes++;
    node->kind = kind;
    node->place = *place;

    return node;
}


gt_cnode_t *
gt_tree_text(gt_tree_t *t, gt_str_t text, const gt_place_t *place)
{
    gt_cnode_t *node;

    node = gt_tree_node(t, GT_NODE_SCALAR, place);
    if (node == NULL) {
        return NULL;
    }

    node->quoted = true;
    node->text =
        gt_arena_strndup(t->arena, text.p != NULL ? text.p : "", text.n);
    if (node->text == NULL) {
        t->failed = true;
        return NULL;
    }

    return node;
}


void
gt_tree_add(gt_cnode_t *parent, const char *key, gt_cnode_t *child)
{
    if (parent == NULL || child == NULL) {
        return;
    }

    child->key = key;
    child->next = NULL;

    if (parent->last != NULL) {
        parent->last->next = child;
    } else {
        parent->first = child;
    }

    parent->last = child;
}


gt_cnode_t *
gt_tree_map(gt_tree_t *t, gt_cnode_t *parent, const char *key)
{
    gt_cnode_t *node;

    if (parent == NULL) {
        return NULL;
    }

    for (node = parent->first; node != NULL; node = node->next) {
        if (node->kind == GT_NODE_MAP
            && gt_str_ieq(gt_str_from(node->key), gt_str_from(key)))
        {
            return node;
        }
    }

    node = gt_tree_node(t, GT_NODE_MAP, &parent->place);
    gt_tree_add(parent, key, node);

    return node;
}


void
gt_tree_put(gt_tree_t *t, gt_cnode_t *map, const char *key, const char *text)
{
    if (map != NULL) {
        gt_tree_add(map, key, gt_tree_text(t, gt_str_from(text), &map->place));
    }
}


void
gt_tree_default(gt_tree_t *t, gt_cnode_t *map, const char *key,
                const char *text)
{
    const gt_place_t place = { "default", 0, 0 };

    gt_tree_add(map, key, gt_tree_text(t, gt_str_from(text), &place));
}


gt_cnode_t *
gt_tree_take(gt_cnode_t *map, const char *key)
{
    gt_cnode_t *node, *before = NULL;

    if (map == NULL) {
        return NULL;
    }

    for (node = map->first; node != NULL; before = node, node = node->next) {
        if (!gt_str_ieq(gt_str_from(node->key), gt_str_from(key))) {
            continue;
        }

        if (before != NULL) {
            before->next = node->next;
        } else {
            map->first = node->next;
        }

        if (map->last == node) {
            map->last = before;
        }

        node->next = NULL;
        break;
    }

    return node;
}


gt_cnode_t *
gt_tree_copy(gt_tree_t *t, const gt_cnode_t *from)
{
    gt_cnode_t       *node;
    const gt_cnode_t *part;

    node = gt_tree_node(t, from->kind, &from->place);
    if (node == NULL) {
        return NULL;
    }

    node->quoted = from->quoted;
    node->number = from->number;
    node->json = from->json;
    node->text = from->text;

    for (part = from->first; part != NULL; part = part->next) {
        gt_tree_add(node, part->key, gt_tree_copy(t, part));
    }

    return node;
}


unsigned
gt_tree_count(const gt_cnode_t *node)
{
    unsigned          n = 1;
    const gt_cnode_t *part;

    for (part = node->first; part != NULL; part = part->next) {
        n += gt_tree_count(part);
    }

    return n;
}


unsigned
gt_tree_depth(const gt_cnode_t *node)
{
    unsigned          n, most = 0;
    const gt_cnode_t *part;

    for (part = node->first; part != NULL; part = part->next) {
        n = gt_tree_depth(part);
        most = gt_max(most, n);
    }

    return most + 1;
}


const gt_cnode_t *
gt_cnode_get(const gt_cnode_t *m, const char *key)
{
    gt_str_t          rest, name;
    const gt_cnode_t *node;

    if (m == NULL || m->kind != GT_NODE_MAP) {
        return NULL;
    }

    rest = gt_str_from(key);

    while (gt_str_split(&rest, '|', &name)) {
        for (node = m->first; node != NULL; node = node->next) {
            if (node->kind != GT_NODE_NULL
                && gt_str_ieq(gt_str_from(node->key), name)) {
                return node;
            }
        }
    }

    return NULL;
}


const char *
gt_cnode_text(const gt_cnode_t *m, const char *key, const char *dflt)
{
    const gt_cnode_t *node;

    node = gt_cnode_get(m, key);

    return node != NULL && node->kind == GT_NODE_SCALAR ? node->text : dflt;
}


/* the digits of an integer in YAML's spellings, its sign and underscores gone;
   the base, or 0 when it is none */
static int
cnode_digits(const char *p, char *out, size_t size, bool *minus)
{
    int    base = 10;
    size_t n = 0;

    *minus = *p == '-';
    p += *p == '-' || *p == '+';

    if (p[0] == '0' && p[1] != '\0') {
        base = p[1] == 'x' || p[1] == 'X' ? 16 : p[1] == 'b' ? 2 : 8;
        p += base != 8 || p[1] == 'o' ? 2 : 1;
    }

    for (/* void */; *p != '\0'; p++) {
        if (*p == '_') {
            continue;
        }

        if (gt_str_chr(GT_STR("0123456789abcdef"), (char) gt_lower(*p)) < 0
            || n + 1 == size)
        {
            return 0;
        }

        out[n++] = *p;
    }

    out[n] = '\0';

    return n > 0 ? base : 0;
}


int
gt_cnode_int(const gt_cnode_t *node, int64_t *value)
{
    int                base;
    bool               minus;
    char              *end, digits[72];
    double             real;
    unsigned long long whole;

    if (node->kind != GT_NODE_SCALAR) {
        return GT_ERROR;
    }

    if (node->quoted) {
        return gt_num_i64(gt_str_from(node->text), value);
    }

    base = cnode_digits(node->text, digits, sizeof(digits), &minus);
    if (base != 0) {
        whole = strtoull(digits, &end, base);
        if (*end == '\0') {
            if (whole > INT64_MAX) {
                return GT_ERROR;
            }

            *value = minus ? -(int64_t) whole : (int64_t) whole;
            return GT_OK;
        }
    }

    real = strtod(node->text, &end);
    if (end == node->text || *end != '\0' || !(real > -9e15 && real < 9e15)) {
        return GT_ERROR;
    }

    *value = (int64_t) real;

    return GT_OK;
}


int
gt_cnode_bool(const gt_cnode_t *node, bool *value)
{
    int64_t n;

    if (node->kind != GT_NODE_SCALAR) {
        return GT_ERROR;
    }

    if (gt_num_bool(gt_str_from(node->text), value) == GT_OK) {
        return GT_OK;
    }

    if (gt_cnode_int(node, &n) != GT_OK) {
        return GT_ERROR;
    }

    *value = n != 0;

    return GT_OK;
}


unsigned
gt_word_distance(gt_str_t a, gt_str_t b, unsigned max)
{
    size_t   i, j;
    unsigned row[64], up, left, cost, best;

    if (a.n >= gt_nelts(row) || b.n >= gt_nelts(row)) {
        return max + 1;
    }

    for (j = 0; j <= b.n; j++) {
        row[j] = (unsigned) j;
    }

    for (i = 0; i < a.n; i++) {
        left = row[0];
        row[0] = best = (unsigned) i + 1;

        for (j = 0; j < b.n; j++) {
            cost = gt_lower((unsigned char) a.p[i])
                   != gt_lower((unsigned char) b.p[j]);
            up = row[j + 1];
            row[j + 1] = gt_min(gt_min(up, row[j]) + 1, left + cost);
            left = up;
            best = gt_min(best, row[j + 1]);
        }

        if (best > max) {
            return max + 1;
        }
    }

    return gt_min(row[b.n], max + 1);
}


unsigned
gt_word_near(size_t n)
{
    return n < 3 ? 0 : n < 6 ? 1 : n < 10 ? 2 : 3;
}


size_t
gt_tree_char(const unsigned char *p, size_t n)
{
    size_t   i, len;
    uint32_t c = p[0];

    if (c < 0x80) {
        return 1;
    }

    len = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
    if (c < 0xc2 || c > 0xf4 || len > n) {
        return 0;
    }

    c &= 0x7fu >> len;
    for (i = 1; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }

        c = c << 6 | (p[i] & 0x3f);
    }

    if ((len == 3 && c < 0x800) || (len == 4 && c < 0x10000) || c > 0x10ffff
        || (c >= 0xd800 && c < 0xe000))
    {
        return 0;
    }

    return len;
}


int
gt_tree_text_ok(gt_str_t *text, const char *file, gt_diag_t *d)
{
    size_t               i, len;
    gt_place_t           place = { file, 1, 1 };
    const unsigned char *p;

    if (gt_str_starts(*text, GT_STR("\xef\xbb\xbf"))) {
        *text = gt_str_sub(*text, 3, text->n);
    }

    if (text->n > GT_TREE_BYTES) {
        place.line = 0;
        gt_diag_error(d, &place, "larger than %d MB", GT_TREE_BYTES >> 20);
        return GT_ERROR;
    }

    p = (const unsigned char *) text->p;

    for (i = 0; i < text->n; i += len) {
        len = gt_tree_char(p + i, text->n - i);

        if (len == 0 || p[i] == '\0') {
            gt_diag_error(d, &place, "%s: not a text file",
                          len == 0 ? "a byte that is not UTF-8" : "a NUL");
            return GT_ERROR;
        }

        place.column++;
        if (p[i] == '\n') {
            place.line++;
            place.column = 1;
        }
    }

    return GT_OK;
}
