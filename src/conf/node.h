/*
 * conf/node.h: a configuration text as a tree that remembers where each part
 * was written.  YAML and JSON give the same tree; so do URLs of -L and -F.
 *
 * Keys are matched without regard to case, as GOST does.  The whole tree
 * lives in one arena and is freed at once.
 */

#ifndef GT_CONF_NODE_H
#define GT_CONF_NODE_H

#include "core/core.h"

typedef enum {
    GT_NODE_NULL,
    GT_NODE_SCALAR, /* text; how it reads as a number is the setter's matter */
    GT_NODE_LIST,
    GT_NODE_MAP
} gt_node_kind_t;

typedef struct gt_place {
    const char *file; /* "gatun.yaml", "-L", "-C", "stdin"; lives in the tree */
    unsigned    line; /* from 1; 0: no line (a command line argument) */
    unsigned    column;
} gt_place_t;

typedef struct gt_cnode gt_cnode_t;

struct gt_cnode {
    gt_node_kind_t kind;
    bool           quoted;  /* a quoted scalar: never a number or a bool */
    bool           number;  /* JSON number, or plain YAML scalar */
    bool           json;    /* a number of JSON: GOST has it as a float */
    const char    *key;     /* in a map: as written; else NULL */
    const char    *text;    /* of a scalar; never NULL there */
    gt_place_t     place;
    gt_cnode_t    *first, *last, *next; /* members; sibling */
};

/* the member of a map whose key is `key` (any case) or one of its aliases
   after bars: "certFile|cert"; NULL when absent or m is NULL or no map */
const gt_cnode_t *gt_cnode_get(const gt_cnode_t *m, const char *key);

/* the text of a scalar member, or dflt */
const char *gt_cnode_text(const gt_cnode_t *m, const char *key,
                          const char *dflt);

/*
 * Errors and warnings gather here, each with its place, so that all of them
 * are reported at once.  Printed as `file:line:column: message`.
 */
typedef struct gt_diag gt_diag_t;

gt_diag_t *gt_diag_new(void);
void       gt_diag_free(gt_diag_t *d);
void gt_diag_error(gt_diag_t *d, const gt_place_t *where, const char *fmt, ...)
    GT_PRINTF(3, 4);
void gt_diag_warn(gt_diag_t *d, const gt_place_t *where, const char *fmt, ...)
    GT_PRINTF(3, 4);
/* lines about no place in a file tell from now on which group of the command
   line they are about; -1: none */
void     gt_diag_group(gt_diag_t *d, int group);
unsigned gt_diag_errors(const gt_diag_t *d);
unsigned gt_diag_warnings(const gt_diag_t *d);

/* calls out(data, is_error, "file:line:col: message") for each, those without a
   place in a file first, the others in the order of their places; what was
   said twice is told once, of what is very much "and N more errors" */
void gt_diag_each(const gt_diag_t *d,
                  void (*out)(void *data, bool is_error, const char *text),
                  void *data);

#endif
