/*
 * conf/load.h: the steps between a gt_source_t and a model.  For conf/ only.
 */

#ifndef GT_CONF_LOAD_H
#define GT_CONF_LOAD_H

#include "conf/model.h"
#include "conf/tree.h"

/* one -C into a tree; NULL with an error in d */
gt_cnode_t *gt_source_read(gt_tree_t *t, gt_source_t *src, const char *name,
                           gt_diag_t *d);

/* the same of one that is a URL, fetched already */
gt_cnode_t *gt_source_url(gt_tree_t *t, const gt_source_t *src,
                          const char *name, gt_diag_t *d);

/* the text of a source, whose name `file` lives as long as the tree */
gt_cnode_t *gt_source_text(gt_tree_t *t, gt_str_t text, const char *file,
                           bool json, gt_diag_t *d);

/* the configuration file that is used when nothing is given, in the arena;
   NULL when there is none, `tried` then lists the places */
const char *gt_source_search(gt_tree_t *t, const gt_source_t *src, char *tried,
                             size_t size);

/* all sources of one group, -L and -F, environment and flags merged, and every
   value in the shape of conf/schema.c; NULL, or errors in d */
gt_cnode_t *gt_source_merge(gt_tree_t *t, gt_source_t *src, gt_diag_t *d);

/* is it the installed configuration, without arguments or by its name? */
bool gt_source_installed(const gt_source_t *src);

/* "out of memory" or too many nodes, when the tree failed */
void gt_source_memory(const gt_tree_t *t, gt_diag_t *d);

/* conf/model_*.c: fills in what the model has of each section; what cannot be
   is an error in d.  root is changed: defaults are added */
typedef struct {
    gt_tree_t          *t;
    gt_diag_t          *d;
    const gt_source_t  *src; /* the group's */
    gt_model_t         *m;
    gt_context_model_t *cx;   /* the group's, in m */
    gt_cnode_t         *root; /* the group's */
} gt_build_t;

/* conf/model_groups.c: the contexts of all groups of src, and what they have in
   common; own: only m->own.  GT_ERROR: memory, or nothing can be read */
int gt_build_groups(gt_build_t *b, gt_source_t *src, bool own);

void gt_build_services(gt_build_t *b);
void gt_build_chains(gt_build_t *b);
void gt_build_authers(gt_build_t *b);
void gt_build_log(gt_build_t *b);
void gt_build_own(gt_build_t *b);
/* behind the authers; then, once, what the process has of them all */
void gt_build_metrics(gt_build_t *b);
void gt_build_one_metrics(gt_build_t *b);

/* handler, listener, connector or dialer of a service or node; its map and
   type are made when missing.  GT_ERROR: its type is not linked, which is
   reported unless quiet */
int gt_build_part(gt_build_t *b, gt_word_t kind, gt_cnode_t *owner, bool quiet,
                  gt_part_model_t *part);
int gt_build_auth(gt_build_t *b, const gt_cnode_t *node,
                  gt_auth_model_t *auth);

/* the members of a list as a zeroed array of n * size bytes; NULL when n is 0
   or memory is short */
void *gt_build_array(gt_build_t *b, const gt_cnode_t *list, size_t size,
                     int *n);

/* errors for what has no name, or the name of another of the list; `prefix`:
   the names for those that have none, or NULL */
void gt_build_names(gt_build_t *b, const char *list, const char *what,
                    const char *prefix);

/* the same for all lists that nothing else builds */
void gt_build_lists(gt_build_t *b);

/* host:port; port 0 only where zero_ok; GT_ERROR is reported */
int gt_build_addr(gt_build_t *b, const gt_cnode_t *node, bool zero_ok);

/* -T's tree of sections that are no part of root */
gt_cnode_t *gt_model_log_tree(gt_tree_t *t, const gt_log_model_t *log);
gt_cnode_t *gt_model_own_tree(gt_tree_t *t, const gt_model_t *m);

#endif
