/*
 * conf/dump_free.c: maps of free keys as GOST prints them: plain scalars as
 * what they read as, keys out of files in lower case, sorted.
 */

#include "conf/dump.h"
#include "conf/plain.h"
#include "core/mem.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>


static bool
free_letter(unsigned char c)
{
    return isalpha(c) || c >= 0x80;
}


/* the number that begins at *p, its digits taken; leading zeros do not count */
static gt_str_t
free_number(const char **p)
{
    const char *from;

    while (**p == '0' && isdigit((unsigned char) (*p)[1])) {
        (*p)++;
    }

    from = *p;
    while (isdigit((unsigned char) **p)) {
        (*p)++;
    }

    return gt_str_make(from, (size_t) (*p - from));
}


/* where two keys differ: letters come after the rest, but before it behind a
   digit; numbers by their value, so that a2 is before a10 */
static int
free_order(const char *a, const char *b, bool digits)
{
    int         rc;
    bool        al = free_letter((unsigned char) *a);
    bool        bl = free_letter((unsigned char) *b);
    gt_str_t    an, bn;
    const char *ap = a, *bp = b;

    if (*a == '\0' || *b == '\0') {
        return *a == '\0' ? -1 : 1;
    }

    if (al && bl) {
        return (unsigned char) *a < (unsigned char) *b ? -1 : 1;
    }

    if (al || bl) {
        return al == digits ? -1 : 1;
    }

    if (isdigit((unsigned char) *a) && isdigit((unsigned char) *b)) {
        an = free_number(&ap);
        bn = free_number(&bp);
        rc = an.n != bn.n ? (an.n < bn.n ? -1 : 1) : memcmp(an.p, bn.p, an.n);
        if (rc == 0) {
            rc = ap - a < bp - b ? -1 : 1;
        }

        return rc;
    }

    /* signs count as 0 */
    if (isdigit((unsigned char) *a) || isdigit((unsigned char) *b)) {
        return isdigit((unsigned char) *b) ? -1 : 1;
    }

    return (unsigned char) *a < (unsigned char) *b ? -1 : 1;
}


static int
free_by_nature(const void *x, const void *y)
{
    bool        digits = false;
    const char *a = (*(gt_cnode_t *const *) x)->key;
    const char *b = (*(gt_cnode_t *const *) y)->key;

    while (*a == *b && *a != '\0') {
        digits = isdigit((unsigned char) *a);
        a++;
        b++;
    }

    return *a == *b ? 0 : free_order(a, b, digits);
}


static int
free_by_bytes(const void *x, const void *y)
{
    return strcmp((*(gt_cnode_t *const *) x)->key,
                  (*(gt_cnode_t *const *) y)->key);
}


static void
free_sort(gt_tree_t *t, gt_cnode_t *map, bool json)
{
    size_t       i, n = 0;
    gt_cnode_t **all, *part;

    for (part = map->first; part != NULL; part = part->next) {
        n++;
    }

    if (n < 2) {
        return;
    }

    all = gt_alloc(n * sizeof(*all));
    if (all == NULL) {
        t->failed = true;
        return;
    }

    for (n = 0, part = map->first; part != NULL; part = part->next) {
        all[n++] = part;
    }

    qsort(all, n, sizeof(*all), json ? free_by_bytes : free_by_nature);
    map->first = map->last = NULL;

    for (i = 0; i < n; i++) {
        gt_tree_add(map, all[i]->key, all[i]);
    }

    gt_free(all);
}


static void
free_lower(gt_tree_t *t, gt_cnode_t *node)
{
    char  *copy;
    size_t i;

    copy = gt_arena_strdup(t->arena, node->key);
    if (copy == NULL) {
        t->failed = true;
        return;
    }

    for (i = 0; copy[i] != '\0'; i++) {
        copy[i] = (char) gt_lower((unsigned char) copy[i]);
    }

    node->key = copy;
}


/* arguments have no lines, and the text behind -C is strict JSON to GOST */
static bool
free_from_file(const gt_cnode_t *node)
{
    return node->place.line > 0 && strcmp(node->place.file, "-C") != 0;
}


/* a date is a time to Go */
static const char *
free_date(gt_tree_t *t, const char *text)
{
    char      *p, *copy;
    const long y = strtol(text, &p, 10), m = strtol(p + 1, &p, 10);

    copy = gt_arena_printf(t->arena, "%04ld-%02ld-%02ldT00:00:00Z", y, m,
                           strtol(p + 1, NULL, 10));
    t->failed |= copy == NULL;

    return copy != NULL ? copy : text;
}


static void
free_plain(gt_tree_t *t, gt_cnode_t *node, bool json)
{
    char        buf[GT_REAL_TEXT];
    gt_plain_t  v;
    const char *text = NULL;

    switch (gt_plain_kind(node->text, &v)) {

    case GT_PLAIN_NULL: node->kind = GT_NODE_NULL; return;

    case GT_PLAIN_TEXT: node->quoted = true; return;

    case GT_PLAIN_DATE:
        node->text = free_date(t, node->text);
        node->quoted = json;
        return;

    case GT_PLAIN_BOOL: node->text = v.yes ? "true" : "false"; return;

    case GT_PLAIN_INT:
        if (!node->json || json) {
            text = gt_plain_text(t, node);
            break;
        }

        v.real = v.minus ? -(double) v.whole : (double) v.whole;
        /* fall through */

    case GT_PLAIN_REAL:
        gt_plain_real(v.real, json ? GT_REAL_JSON : GT_REAL_YAML, buf,
                      sizeof(buf));
        text = gt_arena_strdup(t->arena, buf);
        t->failed |= text == NULL;
        break;
    }

    node->text = text != NULL ? text : "";
}


void
gt_dump_free(gt_tree_t *t, gt_cnode_t *node, unsigned how)
{
    gt_cnode_t *part;

    if (node == NULL) {
        return;
    }

    if (node->kind == GT_NODE_SCALAR && !node->quoted) {
        free_plain(t, node, how & GT_DUMP_JSON);
    }

    for (part = node->first; part != NULL; part = part->next) {
        gt_dump_free(t, part, how);

        if (how & GT_DUMP_LOWER && part->key != NULL && free_from_file(part)) {
            free_lower(t, part);
        }
    }

    if (node->kind == GT_NODE_MAP) {
        free_sort(t, node, how & GT_DUMP_JSON);
    }
}
