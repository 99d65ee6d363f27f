/*
 * core/mem.c: malloc and friends behind one door.
 */

#include "core/mem.h"

#include "core/core.h"

#include <stdlib.h>
#include <string.h>

static unsigned long mem_count;
static unsigned long mem_fail_at;


#if (GT_FAILMALLOC)

static bool
mem_fails(void)
{
    mem_count++;

    return mem_fail_at != 0 && mem_count >= mem_fail_at;
}

#else

static bool
mem_fails(void)
{
    return false;
}

#endif


unsigned long
gt_mem_fail_at(unsigned long nth)
{
    unsigned long made = mem_count;

    mem_count = 0;
    mem_fail_at = nth;

    return made;
}


void *
gt_alloc(size_t n)
{
    return mem_fails() ? NULL : malloc(n);
}


void *
gt_calloc(size_t n)
{
    return mem_fails() ? NULL : calloc(1, n);
}


void *
gt_realloc(void *p, size_t n)
{
    return mem_fails() ? NULL : realloc(p, n);
}


char *
gt_strndup(const char *p, size_t n)
{
    char *s = gt_alloc(n + 1);

    if (s) {
        memcpy(s, p, n);
        s[n] = '\0';
    }

    return s;
}


char *
gt_strdup(const char *s)
{
    return gt_strndup(s, strlen(s));
}


void
gt_free(void *p)
{
    free(p);
}
