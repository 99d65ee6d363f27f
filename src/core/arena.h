/*
 * core/arena.h: memory that is all freed at once: a configuration tree, a
 * session's odds and ends.
 *
 * Every call may return NULL when memory is short; what was allocated before
 * stays valid until gt_arena_free().  With ASan each piece is its own malloc.
 */

#ifndef GT_CORE_ARENA_H
#define GT_CORE_ARENA_H

#include "core/core.h"

typedef struct gt_arena gt_arena_t;

gt_arena_t *gt_arena_new(void);

/* everything; NULL is harmless */
void gt_arena_free(gt_arena_t *a);

/* n zeroed bytes, aligned for any type; n may be 0 */
void *gt_arena_alloc(gt_arena_t *a, size_t n);

/* a copy of a C string; of n bytes with a NUL behind them */
char *gt_arena_strdup(gt_arena_t *a, const char *s);
char *gt_arena_strndup(gt_arena_t *a, const void *p, size_t n);

char *gt_arena_printf(gt_arena_t *a, const char *fmt, ...) GT_PRINTF(2, 3);

/* bytes taken from the system so far */
size_t gt_arena_size(const gt_arena_t *a);

#endif
