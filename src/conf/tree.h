/*
 * conf/tree.h: builds the trees of conf/node.h.  For conf/ only.
 *
 * Where memory runs out, a builder gives NULL and sets `failed`; every call
 * takes NULL nodes and then does nothing, so that a caller looks at `failed`
 * once, at its end.
 */

#ifndef GT_CONF_TREE_H
#define GT_CONF_TREE_H

#include "conf/node.h"
#include "core/arena.h"
#include "core/str.h"

enum {
    GT_TREE_BYTES = 10 << 20, /* a source; as GOST limits its own downloads */
    GT_TREE_NODES = 1000000,  /* of all sources together */
    GT_TREE_ALIASES = 100000, /* nodes that aliases of one file may add */
    GT_TREE_ANCHORS = 1000,   /* of one file: they are looked up in a list */
    GT_TREE_KEYS = 1000,      /* of one map: each is compared with the others */
    GT_TREE_DEPTH = 64        /* keeps recursion off the end of the stack */
};

typedef struct {
    gt_arena_t *arena; /* not ours */
    unsigned    nodes;
    bool        failed; /* memory ran out, or nodes */
    bool        print;  /* -O: what only a start refuses is not looked at */
} gt_tree_t;

gt_cnode_t *gt_tree_node(gt_tree_t *t, gt_node_kind_t kind,
                         const gt_place_t *place);

/* quoted text, copied */
gt_cnode_t *gt_tree_text(gt_tree_t *t, gt_str_t text, const gt_place_t *place);

/* appends; with a key (which must live as long as the tree) to a map */
void gt_tree_add(gt_cnode_t *parent, const char *key, gt_cnode_t *child);

/* the map of that key, made when missing */
gt_cnode_t *gt_tree_map(gt_tree_t *t, gt_cnode_t *parent, const char *key);

/* appends a text to a map at the map's own place; copies text, not key */
void gt_tree_put(gt_tree_t *t, gt_cnode_t *map, const char *key,
                 const char *text);

/* the same where the value is a default: its place says so */
void gt_tree_default(gt_tree_t *t, gt_cnode_t *map, const char *key,
                     const char *text);

/* takes the member out of the map; NULL when there is none */
gt_cnode_t *gt_tree_take(gt_cnode_t *map, const char *key);

/* a deep copy that shares the texts */
gt_cnode_t *gt_tree_copy(gt_tree_t *t, const gt_cnode_t *node);

/* nodes in it; levels below it, both with itself */
unsigned gt_tree_count(const gt_cnode_t *node);
unsigned gt_tree_depth(const gt_cnode_t *node);

/*
 * YAML: the first document; JSON: the text.  NULL with an error in d.  `file`
 * must live as long as the tree.  An empty text is an empty map.
 */
gt_cnode_t *gt_yaml_parse(gt_tree_t *t, gt_str_t text, const char *file,
                          gt_diag_t *d);
gt_cnode_t *gt_json_parse(gt_tree_t *t, gt_str_t text, const char *file,
                          gt_diag_t *d);

/* what both refuse first: too large, NUL, not UTF-8; skips a BOM */
int gt_tree_text_ok(gt_str_t *text, const char *file, gt_diag_t *d);

/* the length of the UTF-8 character at p, 0 when there is none; n > 0 */
size_t gt_tree_char(const unsigned char *p, size_t n);

/* a plain scalar as YAML 1.1 and 1.2 read it: 010 is 8, 0x10, 1_000, a
   fraction is cut; a quoted one in decimal.  GT_ERROR: no such number */
int gt_cnode_int(const gt_cnode_t *node, int64_t *value);

/* Go's spellings, or a number; GT_ERROR: neither */
int gt_cnode_bool(const gt_cnode_t *node, bool *value);

/* how far apart two words are: edits, case ignored; more than max is max + 1 */
unsigned gt_word_distance(gt_str_t a, gt_str_t b, unsigned max);

/* of a misspelt word of n letters, so many edits are still near */
unsigned gt_word_near(size_t n);

#endif
