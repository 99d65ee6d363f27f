/*
 * conf/schema.h: the keys of GOST's YAML and of our `gatun:`, as tables: their
 * order (which is that of -O), their types, and what gatun does about each.
 * For conf/ only.
 */

#ifndef GT_CONF_SCHEMA_H
#define GT_CONF_SCHEMA_H

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
    GT_KEY_WORD = 256   /* a text is an object with that as its first key */
};

typedef struct gt_key gt_key_t;

struct gt_key {
    const char     *name; /* NULL ends a table */
    gt_key_type_t   type;
    unsigned        flags;
    const gt_key_t *sub; /* of an object */
};

extern const gt_key_t gt_schema_top[];
extern const gt_key_t gt_schema_own[];

/* parts of them, in schema.c and schema_part.c */
extern const gt_key_t gt_schema_tls_options[], gt_schema_tls[];
extern const gt_key_t gt_schema_auth[], gt_schema_selector[], gt_schema_log[];
extern const gt_key_t gt_schema_redis[], gt_schema_loader[];
extern const gt_key_t gt_schema_plugin[], gt_schema_plugged[];
extern const gt_key_t gt_schema_matcher[], gt_schema_filter[];
extern const gt_key_t gt_schema_probe[], gt_schema_http_node[];
extern const gt_key_t gt_schema_tls_node[], gt_schema_chain_group[];
extern const gt_key_t gt_schema_hop_group[], gt_schema_recording[];
extern const gt_key_t gt_schema_status[], gt_schema_resolver[];
extern const gt_key_t gt_schema_hosts[], gt_schema_ingress[];
extern const gt_key_t gt_schema_router[], gt_schema_rotation[];
extern const gt_key_t gt_schema_recorder[], gt_schema_cache[];
extern const gt_key_t gt_schema_quota[], gt_schema_logger[];

/* the row of that key, in any case, or NULL */
const gt_key_t *gt_schema_find(const gt_key_t *table, const char *key);

/*
 * Every value as its row wants it: one object where a list is wanted becomes a
 * list.  Kinds and numbers that do not fit are errors in d and then null.
 */
void gt_schema_shape(gt_tree_t *t, const gt_key_t *table, gt_cnode_t *map,
                     gt_diag_t *d);

/* unknown keys, keys without effect, keys that must not be ignored */
void gt_schema_check(const gt_key_t *table, const gt_cnode_t *map,
                     gt_diag_t *d);

/* a text, a list or a map with nothing in it, false, 0 */
bool gt_schema_empty(const gt_cnode_t *node);

#endif
