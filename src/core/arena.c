/*
 * core/arena.c: blocks that are filled from the front.
 */

#include "core/arena.h"

#include "core/mem.h"
#include "core/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    ARENA_ALIGN = 16,
    ARENA_FIRST = 1024, /* a session's odds and ends fit */
    ARENA_MOST = 32768  /* blocks double up to here */
};

typedef struct arena_block {
    struct arena_block *next; /* the arena's */
    size_t              size, used;
    _Alignas(ARENA_ALIGN) uint8_t data[];
} arena_block_t;

struct gt_arena {
    arena_block_t *head; /* the one that is being filled; ours, as are all */
    size_t         next; /* size of the next block */
    size_t         size; /* of all blocks */
};


gt_arena_t *
gt_arena_new(void)
{
    gt_arena_t *a = gt_calloc(sizeof(gt_arena_t));

    if (a) {
        a->next = ARENA_FIRST;
    }

    return a;
}


void
gt_arena_free(gt_arena_t *a)
{
    arena_block_t *b;

    if (!a) {
        return;
    }

    while (a->head) {
        b = a->head;
        a->head = b->next;
        gt_free(b);
    }

    gt_free(a);
}


static arena_block_t *
arena_block(gt_arena_t *a, size_t size)
{
    arena_block_t *b = gt_calloc(sizeof(arena_block_t) + size);

    if (b) {
        b->size = size;
        a->size += sizeof(arena_block_t) + size;
    }

    return b;
}


/* a piece with a block of its own, behind the one that is being filled */

static void *
arena_alone(gt_arena_t *a, size_t n)
{
    arena_block_t *b = arena_block(a, n), **at;

    if (!b) {
        return NULL;
    }

    at = a->head ? &a->head->next : &a->head;
    b->used = n;
    b->next = *at;
    *at = b;

    return b->data;
}


void *
gt_arena_alloc(gt_arena_t *a, size_t n)
{
    void          *p;
    arena_block_t *b = a->head;

    if (n > SIZE_MAX / 2) {
        return NULL;
    }

#if (GT_ASAN)
    return arena_alone(a, n); /* no neighbours: every overrun is seen */
#endif

    n = (n + ARENA_ALIGN - 1) & ~(size_t) (ARENA_ALIGN - 1);

    if (!b || n > b->size - b->used) {
        if (n > a->next / 4) {
            return arena_alone(a, n);
        }

        b = arena_block(a, a->next);
        if (!b) {
            return NULL;
        }

        b->next = a->head;
        a->head = b;
        a->next = gt_min(a->next * 2, (size_t) ARENA_MOST);
    }

    p = b->data + b->used;
    b->used += n;

    return p;
}


char *
gt_arena_strndup(gt_arena_t *a, const void *p, size_t n)
{
    char *s = gt_arena_alloc(a, n + 1);

    if (s && n > 0) {
        memcpy(s, p, n);
    }

    return s;
}


char *
gt_arena_strdup(gt_arena_t *a, const char *s)
{
    return gt_arena_strndup(a, s, strlen(s));
}


char *
gt_arena_printf(gt_arena_t *a, const char *fmt, ...)
{
    int     n;
    char   *s = NULL;
    va_list ap, again;

    va_start(ap, fmt);
    va_copy(again, ap);
    n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);

    if (n >= 0) {
        s = gt_arena_alloc(a, (size_t) n + 1);
    }

    if (s) {
        (void) gt_vsnprintf(s, (size_t) n + 1, fmt, again);
    }

    va_end(again);

    return s;
}


size_t
gt_arena_size(const gt_arena_t *a)
{
    return a->size;
}
