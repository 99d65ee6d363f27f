/*
 * Fuzzes conf/emit*.c: whatever a text is, YAML and JSON that are written for
 * it are read as the same text, be it a value or a key.
 */

#include "conf/dump.h"
#include "conf/plain.h"
#include "core/core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);


/* {k: [text, {text: text}]}, or without the inner map for a long text */
static gt_cnode_t *
fuzz_tree(gt_tree_t *t, const char *text)
{
    gt_place_t  place = { "fuzz", 0, 0 };
    gt_cnode_t *root, *list, *map;

    root = gt_tree_node(t, GT_NODE_MAP, &place);
    list = gt_tree_node(t, GT_NODE_LIST, &place);
    map = gt_tree_node(t, GT_NODE_MAP, &place);

    gt_tree_add(root, "k", list);
    gt_tree_add(list, NULL, gt_tree_text(t, gt_str_from(text), &place));

    if (strlen(text) <= 200) {
        gt_tree_add(list, NULL, map);
        gt_tree_put(t, map, text, text);
    }

    return root;
}


static void
fuzz_same(const gt_cnode_t *a, const gt_cnode_t *b)
{
    gt_plain_t v;

    if (b->kind == GT_NODE_SCALAR && !b->quoted) {
        GT_ASSERT(gt_plain_kind(b->text, &v) == GT_PLAIN_TEXT);
    }

    GT_ASSERT(a->kind == b->kind);
    GT_ASSERT(a->kind != GT_NODE_SCALAR || strcmp(a->text, b->text) == 0);
    GT_ASSERT(a->key == NULL || strcmp(a->key, b->key) == 0);

    for (a = a->first, b = b->first; a != NULL && b != NULL;
         a = a->next, b = b->next)
    {
        fuzz_same(a, b);
    }

    GT_ASSERT(a == NULL && b == NULL);
}


static void
fuzz_again(gt_tree_t *t, const gt_cnode_t *root, bool json)
{
    int         rc;
    char       *text = NULL;
    FILE       *out;
    size_t      n;
    gt_diag_t  *d = gt_diag_new();
    gt_cnode_t *again;

    out = open_memstream(&text, &n);
    rc = json ? gt_dump_json(root, out) : gt_dump_yaml(root, out);
    fclose(out);
    GT_ASSERT(rc == GT_OK);

    again = json ? gt_json_parse(t, gt_str_make(text, n), "again", d)
                 : gt_yaml_parse(t, gt_str_make(text, n), "again", d);
    GT_ASSERT(again != NULL);
    fuzz_same(root, again);

    gt_diag_free(d);
    free(text);
}


int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    char       *text = malloc(n + 1);
    size_t      i, len;
    gt_tree_t   t;
    gt_cnode_t *root;

    memcpy(text, p, n);
    text[n] = '\0';

    /* gt_dump_clean() has seen to it that it is UTF-8 */
    for (i = 0; text[i] != '\0'; i += len) {
        len = gt_tree_char((const unsigned char *) text + i, n - i);
        if (len == 0) {
            free(text);
            return 0;
        }
    }

    memset(&t, 0, sizeof(t));
    t.arena = gt_arena_new();
    root = fuzz_tree(&t, text);

    fuzz_again(&t, root, false);
    fuzz_again(&t, root, true);

    gt_arena_free(t.arena);
    free(text);

    return 0;
}
