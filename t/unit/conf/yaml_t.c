/*
 * YAML and JSON to trees: values, places, aliases, and what is refused.
 */

#include "conf/tree.h"
#include "core/mem.h"

#include "said.h"
#include "tap.h"

#include <stdlib.h>

static gt_tree_t  tree;
static gt_diag_t *diag;
static char       shown[4096];


/* a tree in short: {key:text,...}, [..], quoted texts in quotes, ~ for null */
static void
show(const gt_cnode_t *node)
{
    size_t            n;
    const gt_cnode_t *part;

    n = strlen(shown);

    switch (node->kind) {

    case GT_NODE_NULL: gt_snprintf(shown + n, sizeof(shown) - n, "~"); return;

    case GT_NODE_SCALAR:
        gt_snprintf(shown + n, sizeof(shown) - n, node->quoted ? "'%s'" : "%s",
                    node->text);
        return;

    case GT_NODE_LIST:
    case GT_NODE_MAP: break;
    }

    gt_snprintf(shown + n, sizeof(shown) - n,
                node->kind == GT_NODE_MAP ? "{" : "[");

    for (part = node->first; part != NULL; part = part->next) {
        n = strlen(shown);
        gt_snprintf(shown + n, sizeof(shown) - n, "%s%s%s",
                    part == node->first ? "" : ",",
                    part->key != NULL ? part->key : "",
                    part->key != NULL ? ":" : "");
        show(part);
    }

    n = strlen(shown);
    gt_snprintf(shown + n, sizeof(shown) - n,
                node->kind == GT_NODE_MAP ? "}" : "]");
}


static void
again(void)
{
    gt_arena_free(tree.arena);
    gt_diag_free(diag);
    memset(&tree, 0, sizeof(tree));
    tree.arena = gt_arena_new();
    diag = gt_diag_new();
}


/* the text becomes this; or, when it is refused, this is said */
static void
parse(bool json, gt_str_t text, const char *want, const char *name)
{
    gt_cnode_t *root;

    again();
    root = (json ? gt_json_parse : gt_yaml_parse)(&tree, text, "f", diag);

    shown[0] = '\0';
    if (root != NULL && gt_diag_errors(diag) == 0) {
        show(root);
    }

    is_str(root != NULL && shown[0] != '\0' ? shown : said(diag), want, name);
}


static void
yaml(const char *text, const char *want, const char *name)
{
    parse(false, gt_str_from(text), want, name);
}


static void
json(const char *text, const char *want, const char *name)
{
    parse(true, gt_str_from(text), want, name);
}


static void
test_yaml(void)
{
    yaml("", "{}", "an empty file");
    yaml("# nothing\n", "{}", "a comment");
    yaml("~", "{}", "null");
    yaml("a: 1\nb: [x, 'y', \"z\"]\nc: {d: ~, e: }\n",
         "{a:1,b:[x,'y','z'],c:{d:~,e:~}}", "values");
    yaml("a: |\n  two\n  lines\n", "{a:'two\nlines\n'}", "a block");
    yaml("a: !!str 1\nb: !!int 2\n", "{a:'1',b:2}", "tags of the core");
    yaml("\xef\xbb\xbf"
         "a: 1\r\nb: 2\r\n",
         "{a:1,b:2}", "BOM and CRLF");
    yaml("a: 1\n---\nb: 2\n", "{a:1}", "the first document");
    yaml("a: 1\n---\n\t@nothing", "{a:1}", "what follows may be anything");
    yaml("x: &x [1, 2]\ny: *x\n", "{x:[1,2],y:[1,2]}", "an alias");
    yaml("x: &x {a: 1, b: 2}\ny:\n  <<: *x\n  b: 3\n",
         "{x:{a:1,b:2},y:{b:3,a:1}}", "a merge");
    yaml("x: {<<: [{a: 1}, {a: 2, b: 2}], c: 3}\n", "{x:{c:3,a:1,b:2}}",
         "a merge of two: the first wins");
    yaml("'<<': 1\n", "{<<:1}", "a quoted << is a key");
}


static void
test_yaml_refused(void)
{
    yaml("- a\n", "f:1:1: want a map of keys, as \"services:\"", "a list");
    yaml("a: 1\nb: 2\nA: 3\n", "f:3:1: \"A\" is given twice, first in line 1",
         "a key twice, in another case");
    yaml("a: 1\na: 2\nb: 1\nb: 1\n",
         "f:2:1: \"a\" is given twice, first in line 1\n"
         "f:4:1: \"b\" is given twice, first in line 3",
         "two of them");
    yaml("a:\n\tb: 1\n",
         "f:2:1: found character that cannot start any token while scanning"
         " for the next token",
         "a tab");
    yaml("a: 'x\n",
         "f:2:1: found unexpected end of stream while scanning a quoted"
         " scalar",
         "an open quote");
    yaml("a: *x\n", "f:1:4: no such anchor before this alias", "no anchor");
    yaml("a: &x [*x]\n", "f:1:8: an alias to what it is a part of", "itself");
    yaml("a: !secret b\n", "f:1:4: a tag that is not supported", "a tag");
    yaml("a: !!binary aGk=\n", "f:1:4: a tag that is not supported", "binary");
    yaml("a: {<<: 1}\n", "f:1:4: << wants a map, or a list of maps", "<<: 1");
    yaml("{a: 1}: 2\n", "f:1:1: a key must be a plain text", "a map as key");
    yaml("a: \xff\n", "f:1:4: a byte that is not UTF-8: not a text file",
         "not UTF-8");
    yaml("a: \xc0\xaf\n", "f:1:4: a byte that is not UTF-8: not a text file",
         "an overlong slash");
    yaml("a: 1\nb: \x01\n", "f:2:4: control characters are not allowed",
         "a control character");
    parse(false, GT_STR("a: 1\nb\0: 2\n"), "f:2:2: a NUL: not a text file",
          "NUL");
}


static void
test_yaml_limits(void)
{
    size_t i, n;
    char   text[4096], *large;

    n = 0;
    for (i = 0; i < 10; i++) {
        n += gt_snprintf(text + n, sizeof(text) - n, "a%zu: &a%zu [", i, i);
        for (int k = 0; k < 10; k++) {
            if (i == 0) {
                n += gt_snprintf(text + n, sizeof(text) - n, "x,");
            } else {
                n += gt_snprintf(text + n, sizeof(text) - n, "*a%zu,", i - 1);
            }
        }
        n += gt_snprintf(text + n, sizeof(text) - n, "]\n");
    }
    yaml(text, "f:5:38: the aliases expand to too much", "a bomb");

    memset(text, '[', 64);
    gt_snprintf(text + 64, sizeof(text) - 64, "\n");
    text[0] = 'a';
    text[1] = ':';
    text[2] = ' ';
    yaml(text,
         "f:2:1: did not find expected node content while parsing a flow"
         " node",
         "61 levels go on to the real error");
    memset(text + 3, '[', 70);
    yaml(text, "f:1:67: nested too deep", "70 levels");

    large = malloc(GT_TREE_BYTES + 2);
    memset(large, '#', GT_TREE_BYTES + 1);
    parse(false, gt_str_make(large, GT_TREE_BYTES), "{}", "10 MB");
    parse(false, gt_str_make(large, GT_TREE_BYTES + 1), "f: larger than 10 MB",
          "a byte more");
    free(large);
}


static void
test_json(void)
{
    json("{}", "{}", "an empty object");
    json("{\"a\": 1, \"b\": [true, null, \"x\\u00e9\\ud83d\\ude00\"],"
         " \"c\": {\"d\": -1.5e3}}",
         "{a:1,b:[true,~,'x\xc3\xa9\xf0\x9f\x98\x80'],c:{d:-1.5e3}}", "values");
    json("{\"a\":1,\n \"a\":2}", "f:2:4: duplicate object key", "a key twice");
    json("{\"a\":1,\n \"A\":2}", "f:2:2: \"A\" is given twice, first in line 1",
         "in another case");
    json("{\"a\":1,\n", "f:2:1: string or '}' expected", "an open object");
    json("{\"password\": secret}", "f:1:19: invalid token",
         "what stands there is not repeated");
    json("[1]", "f:1:1: want an object, as {\"services\": []}", "a list");
    json("{\"a\": \"\\u0000\"}", "f:1:14: a NUL: not a text", "NUL");
    json("", "f:1:1: unexpected token", "nothing");
}


static void
test_places(void)
{
    gt_cnode_t       *root;
    const gt_cnode_t *v;

    again();
    root = gt_yaml_parse(&tree, GT_STR("services:\n- name: x\n  addr: ':1'\n"),
                         "f", diag);
    v = gt_cnode_get(root, "SERVICES")->first;
    is_int(v->place.line, 2, "an entry's line");
    is_int(v->place.column, 3, "its column");
    v = gt_cnode_get(v, "address|Addr");
    is_str(v != NULL ? v->text : NULL, ":1", "found by its alias");
    is_int(v->place.line, 3, "its line");
    is_int(v->place.column, 3, "its column: that of the key");
    is_str(v->place.file, "f", "its file");

    again();
    root = gt_json_parse(&tree,
                         GT_STR("{\"a]\": \"\\\"}\", \"b\": [1,\n  {\"c\":"
                                " \"\\\\\"}, 3]\n}"),
                         "f", diag);
    v = gt_cnode_get(root, "b");
    is_int(v->place.column, 15, "JSON: behind a text with brackets");
    v = v->first->next;
    is_int(v->place.line, 2, "JSON: the second line");
    is_int(v->place.column, 3, "its third column");
    is_int(v->next->place.column, 16, "behind an escaped backslash");
    is_str(gt_cnode_text(v, "C", "-"), "\\", "its text");
}


static void
test_numbers(void)
{
    static const struct {
        const char *text;
        bool        quoted;
        long long   want; /* -999: none */
    } rows[] = { { "10", false, 10 },
                 { "010", false, 8 },
                 { "0x1F", false, 31 },
                 { "0o17", false, 15 },
                 { "0b101", false, 5 },
                 { "1_000", false, 1000 },
                 { "-5", false, -5 },
                 { "1.9", false, 1 },
                 { "1e3", false, 1000 },
                 { "0", false, 0 },
                 { "09", false, 9 },
                 { "x", false, -999 },
                 { "", false, -999 },
                 { ".inf", false, -999 },
                 { "nan", false, -999 },
                 { "010", true, 10 },
                 { "0x10", true, -999 },
                 { "9223372036854775807", false, INT64_MAX },
                 { "9223372036854775808", false, -999 },
                 { "99999999999999999999", false, -999 },
                 { "1 ", false, -999 },
                 { "0x", false, -999 } };
    int64_t    n;
    size_t     i;
    gt_cnode_t node;

    for (i = 0; i < gt_nelts(rows); i++) {
        memset(&node, 0, sizeof(node));
        node.kind = GT_NODE_SCALAR;
        node.text = rows[i].text;
        node.quoted = rows[i].quoted;

        n = -999;
        if (gt_cnode_int(&node, &n) != GT_OK) {
            n = -999;
        }

        ok(n == rows[i].want, "number %s%s: %lld", rows[i].text,
           rows[i].quoted ? " in quotes" : "", (long long) n);
    }
}


static void
count(void *data, bool is_error, const char *text)
{
    (void) is_error;
    *(unsigned *) data += 1;
    gt_str_copy(shown, sizeof(shown), gt_str_from(text));
}


static void
test_diag(void)
{
    unsigned         i, n = 0;
    const gt_place_t line = { "f", 3, 4 }, arg = { "-L", 0, 0 };
    const gt_place_t before = { "f", 3, 3 }, other = { "g", 1, 1 };

    again();
    gt_diag_error(diag, &line, "a %d", 1);
    gt_diag_warn(diag, &arg, "b");
    gt_diag_error(diag, NULL, "c");
    is_str(said(diag), "W -L: b\nc\nf:3:4: a 1", "places");
    is_int(gt_diag_errors(diag), 2, "errors");
    is_int(gt_diag_warnings(diag), 1, "warnings");

    for (i = 0; i < 2000; i++) {
        gt_diag_error(diag, NULL, "d %u", i);
    }

    gt_diag_each(diag, count, &n);
    is_int(n, 102, "a hundred errors are told, and the warning");
    is_str(shown, "and 1902 more errors", "the others are counted");

    again();
    gt_diag_error(diag, &line, "a");
    gt_diag_warn(diag, &before, "b");
    gt_diag_error(diag, &other, "c");
    gt_diag_error(diag, &line, "a");
    gt_diag_error(diag, &line, "d");
    gt_diag_warn(diag, &line, "a");
    is_str(said(diag), "W f:3:3: b\nf:3:4: a\nf:3:4: d\nW f:3:4: a\ng:1:1: c",
           "in the order of places, each once");
}


static void
test_memory(void)
{
    unsigned long     n;
    static const char text[] =
        "a: &x {b: [1, 'two'], c: d}\ne: {<<: *x, c: 3}\n";

    for (n = 1; n < 200; n++) {
        again();
        gt_mem_fail_at(n);
        gt_yaml_parse(&tree, gt_str_from(text), "f", diag);
        gt_json_parse(&tree, GT_STR("{\"a\": [1, {\"b\": \"c\"}]}"), "f", diag);
        gt_mem_fail_at(0);

        if (!tree.failed) {
            break;
        }
    }

    ok(n < 200, "each allocation may fail");
}


int
main(void)
{
    test_yaml();
    test_yaml_refused();
    test_yaml_limits();
    test_json();
    test_places();
    test_numbers();
    test_diag();
    test_memory();

    gt_arena_free(tree.arena);
    gt_diag_free(diag);

    return tap_done();
}
