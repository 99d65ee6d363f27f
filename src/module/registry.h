/*
 * module/registry.h: finds modules by kind and name, and fills in their
 * configuration from a tree.
 */

#ifndef GT_MODULE_REGISTRY_H
#define GT_MODULE_REGISTRY_H

#include "module/module.h"

#include <stdio.h>

/* by kind and name or alias (any case); NULL: not in this build */
const gt_module_t *gt_module_find(gt_kind_t kind, const char *name);

/* the i-th module name of that kind, aliases too; NULL behind the last */
const char *gt_module_name(gt_kind_t kind, int i);

/* "handler" */
const char *gt_module_kind(gt_kind_t kind);

/*
 * The parts of a composed module ("wss": tcp, tls, ws) from the bottom, or the
 * module itself; how many there are.  A stack that names a part which is not in
 * this build is a bug: GT_ASSERT.
 */
int gt_module_parts(const gt_module_t *m,
                    const gt_module_t *parts[GT_STACK_MAX]);

/* the i-th of the tables of options of all its parts, the topmost part's first;
   NULL behind the last, and for a module that is not in this build */
const gt_opt_t *gt_module_options(gt_kind_t kind, const char *name, int i);

/* the struct of the i-th part in what gt_module_configure() gave */
void *gt_module_part_conf(const gt_module_t *m, void *conf, int i);

/*
 * The module's configuration: defaults, then the metadata map (NULL: none),
 * then check().  conf_size zeroed bytes that the caller frees with gt_free();
 * for a module without options too.  Of a composed module it holds the
 * parts' structs, see gt_module_part_conf(); a key that several parts know is
 * the topmost's.  NULL with errors in d.  Keys that no part knows go to
 * unknown, which may be NULL.
 */
void *gt_module_configure(const gt_module_t *m, const gt_cnode_t *metadata,
                          const gt_place_t *place, gt_diag_t *d,
                          void (*unknown)(void *data, const gt_cnode_t *key),
                          void *data);

/* does a table (NULL: none) name that key, in any case, aliases too? */
bool gt_module_knows(const gt_opt_t *opts, const char *key);

/* --modules: all, by kind; --help NAME: the options of every module so named;
   GT_ERROR: there is none */
void gt_module_list(FILE *out);
int  gt_module_help(const char *name, FILE *out);

#endif
