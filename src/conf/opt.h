/*
 * conf/opt.h: option tables.  A module's options are rows; the rows are the
 * documentation (--help MODULE), the defaults and the validator.
 */

#ifndef GT_CONF_OPT_H
#define GT_CONF_OPT_H

#include "conf/node.h"
#include "core/str.h"

typedef struct {
    const char *name; /* "path|ws.path": aliases after the bar */
    /*
     * Reads the node into *field.  GT_ERROR and *why (static text) when the
     * value cannot be taken.  What a string setter stores points into the
     * tree, which outlives the configuration.
     */
    int (*set)(void *field, const gt_cnode_t *value, const char **why);
    size_t      offset; /* offsetof(ws_conf_t, path) */
    const char *init;   /* the default, written as a user would; NULL: zero */
    const char *help;   /* one line */
} gt_opt_t;

/* setters; the C type of the field in brackets */
/* (const char *) */
int gt_opt_str(void *f, const gt_cnode_t *v, const char **why);
/* (bool) true, false and Go's other spellings, or a number; empty is false */
int gt_opt_bool(void *f, const gt_cnode_t *v, const char **why);
/* (int64_t) decimal */
int gt_opt_int(void *f, const gt_cnode_t *v, const char **why);
/* (uint64_t) ms; metadata rules: "1m30s", or a number of seconds; what GOST
   takes for "none", a negative one, is 0; less than 1 ms is 1 */
int gt_opt_msec(void *f, const gt_cnode_t *v, const char **why);
/* (uint64_t) bytes: "64k", "1MB", or a number */
int gt_opt_size(void *f, const gt_cnode_t *v, const char **why);
/* (const gt_cnode_t *) a map, kept as it is: headers */
int gt_opt_map(void *f, const gt_cnode_t *v, const char **why);

/* fills conf (of the module's size, zeroed) with the defaults of the table;
   a default that does not parse is a bug: GT_ASSERT */
void gt_opt_defaults(const gt_opt_t *opts, void *conf);

/*
 * Sets from map (NULL: nothing).  Bad values are errors.  A key that no row
 * names goes to `unknown`, if given (a metadata map serves several tables, so
 * the caller decides).  GT_ERROR when an error was added.
 */
int gt_opt_apply(const gt_opt_t *opts, void *conf, const gt_cnode_t *map,
                 gt_diag_t *d,
                 void (*unknown)(void *data, const gt_cnode_t *key),
                 void *data);

/* one member of such a map: GT_OK, GT_ERROR with an error in d, or GT_DONE: no
   row names it */
int gt_opt_set(const gt_opt_t *opts, void *conf, const gt_cnode_t *node,
               gt_diag_t *d);

/* the row of that name or alias, in any case, or NULL; opts NULL: no table */
const gt_opt_t *gt_opt_find(const gt_opt_t *opts, const char *key);

/* the name (or alias) nearest to `key` by edit distance, over n tables, in the
   table's own bytes; n is 0 when none is near */
gt_str_t gt_opt_nearest(const gt_opt_t *const *tables, int n, const char *key);

/* does a key guard something, by its name alone: "auther", "bypasses"? */
bool gt_opt_guards(const char *key);

/* the guard whose name a key is or, by a slip of the pen, was to be ("bypas");
   n is 0 when it is nothing like one */
gt_str_t gt_opt_guard_meant(const char *key);

/* prints "  name (alias, ...)  default  help" rows */
void gt_opt_help(const gt_opt_t *opts,
                 void (*out)(void *data, const char *line), void *data);

#endif
