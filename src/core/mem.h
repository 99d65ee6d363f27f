/*
 * core/mem.h: memory from the system, with the hook that fails it in tests.
 *
 * All of these may return NULL; running out ends the one session that asked
 * (house rule 11), never the worker.
 */

#ifndef GT_CORE_MEM_H
#define GT_CORE_MEM_H

#include <stddef.h>

/* malloc(n); n > 0 */
void *gt_alloc(size_t n);

/* n zeroed bytes */
void *gt_calloc(size_t n);

/* realloc(p, n); p may be NULL; on NULL the old block stays valid */
void *gt_realloc(void *p, size_t n);

/* a copy of a C string; of the n bytes at p with a NUL behind them */
char *gt_strdup(const char *s);
char *gt_strndup(const char *p, size_t n);

void gt_free(void *p);

/*
 * Tests only (--with-failmalloc, a no-op elsewhere): the nth allocation from
 * now on, counted from 1, and all after it return NULL; 0 switches it off.
 * Returns how many allocations were made since the last call.
 */
unsigned long gt_mem_fail_at(unsigned long nth);

#endif
