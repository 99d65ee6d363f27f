/*
 * conf/schema.h: the keys of GOST's YAML and of our `gatun:`, as tables: their
 * order (which is that of -O), their types, what gatun does about each, and
 * what --help and the manual page say about it.  For conf/ only.
 */

#ifndef GT_CONF_SCHEMA_H
#define GT_CONF_SCHEMA_H

#include "conf/model.h"
#include "conf/tree.h"

typedef enum {
    GT_KEY_STR,
    GT_KEY_INT,
    GT_KEY_BOOL,
    GT_KEY_DUR,  /* GOST's typed durations: a bare number is ns */
    GT_KEY_STRS, /* a list of texts, or one */
    GT_KEY_OBJ,
    GT_KEY_OBJS, /* a list of objects, or one */
    GT_KEY_MAP,  /* free keys */
    GT_KEY_ANY   /* not looked into */
} gt_key_type_t;

enum {
    GT_KEY_LATER = 1,  /* accepted with a warning: without effect so far */
    GT_KEY_REFUSE = 2, /* not built, and ignoring it would open something */
    GT_KEY_GUARD = 4,  /* guards access: its misspellings are errors */
    GT_KEY_ALWAYS = 8, /* -O prints it when empty, too */
    GT_KEY_SECRET = 16,
    GT_KEY_YAML = 32,   /* -O yaml prints it when empty, -O json does not */
    GT_KEY_UPPER = 64,  /* -O json prints it with a capital letter */
    GT_KEY_LOWER = 128, /* -O yaml prints it in lower case */
    GT_KEY_WORD = 256,  /* a text is an object with that as its first key */
    GT_KEY_FORCE = 512  /* an object whose defaults are in force without it */
};

typedef struct gt_key gt_key_t;

struct gt_key {
    const char     *name; /* NULL ends a table */
    gt_key_type_t   type;
    unsigned        flags;
    const gt_key_t *sub;    /* of an object */
    const char     *refers; /* the top-level list whose names it takes, or
                               NULL */
    const char     *init;   /* the default, as a user would write it, or NULL */
    const char     *help;   /* one line */
};

extern const gt_key_t gt_schema_top[];
extern const gt_key_t gt_schema_own[];

/* the row of that key, in any case, or NULL */
const gt_key_t *gt_schema_find(const gt_key_t *table, const char *key);

/*
 * Every value as its row wants it: one object where a list is wanted becomes a
 * list.  Kinds and numbers that do not fit are errors in d and then null.
 */
void gt_schema_shape(gt_tree_t *t, const gt_key_t *table, gt_cnode_t *map,
                     gt_diag_t *d);

/* unknown keys, keys without effect, keys that must not be ignored, names of
   types that there are not; root is in shape */
void gt_schema_check(const gt_source_t *src, const gt_cnode_t *root,
                     gt_diag_t *d);

/* names that nothing in root bears; root is in shape */
void gt_refs_check(const gt_source_t *src, const gt_cnode_t *root,
                   gt_diag_t *d);

/* a text, a list or a map with nothing in it, false, 0 */
bool gt_schema_empty(const gt_cnode_t *node);

#endif
