/*
 * core/slab.c: the memory of chains: slabs and windows, from freelists.
 *
 * The freelists are the process's allocator state: a worker is one thread.
 */

#include "core/slab.h"

#include "core/mem.h"

enum {
    SLAB_KEEP_LARGE = 16, /* 256 KiB a worker: a burst reuses, idle returns */
    SLAB_KEEP_SMALL = 32,
    SLAB_KEEP_BUFS = 256
};

#if (GT_ASAN)
enum { SLAB_NO_KEEPING = 1 }; /* every use after the end is seen */
#else
enum { SLAB_NO_KEEPING = 0 };
#endif

typedef union slab_free {
    union slab_free *next;
    gt_slab_t        slab;
    gt_buf_t         buf;
} slab_free_t;

typedef struct {
    slab_free_t *head;
    unsigned     n, keep;
} slab_list_t;

static slab_list_t slab_large = { .keep = SLAB_KEEP_LARGE };
static slab_list_t slab_small = { .keep = SLAB_KEEP_SMALL };
static slab_list_t slab_bufs = { .keep = SLAB_KEEP_BUFS };
static unsigned    slab_live;

/* slabs that a recv may fill: kept from one call to the next */
static gt_slab_t *slab_spare[GT_SLAB_SPARES];


static void *
slab_take(slab_list_t *l, size_t size)
{
    slab_free_t *f = l->head;

    if (!f) {
        return gt_alloc(size);
    }

    l->head = f->next;
    l->n--;

    return f;
}


static void
slab_give(slab_list_t *l, void *p)
{
    slab_free_t *f = p;

    if (l->n >= l->keep || SLAB_NO_KEEPING) {
        gt_free(p);
        return;
    }

    f->next = l->head;
    l->head = f;
    l->n++;
}


static void
slab_list_trim(slab_list_t *l)
{
    slab_free_t *f;

    while (l->head) {
        f = l->head;
        l->head = f->next;
        gt_free(f);
    }

    l->n = 0;
}


gt_slab_t *
gt_slab_get(size_t n)
{
    gt_slab_t *s;
    size_t     size;

    size =
        n <= GT_SLAB_SMALL - sizeof(gt_slab_t) ? GT_SLAB_SMALL : GT_SLAB_LARGE;
    GT_ASSERT(n <= size - sizeof(gt_slab_t));

    s = slab_take(size == GT_SLAB_SMALL ? &slab_small : &slab_large, size);
    if (s) {
        s->refs = 1;
        s->size = (uint32_t) (size - sizeof(gt_slab_t));
        s->used = 0;
        slab_live++;
    }

    return s;
}


void
gt_slab_unref(gt_slab_t *slab)
{
    GT_ASSERT(slab->refs > 0);

    if (--slab->refs > 0) {
        return;
    }

    slab_live--;

    if (slab->size > GT_SLAB_LARGE) {
        gt_free(slab); /* gt_slab_big() made it */
    } else {
        slab_give(slab->size < GT_SLAB_SMALL ? &slab_small : &slab_large, slab);
    }
}


unsigned
gt_slab_live(void)
{
    unsigned i, n = slab_live;

    for (i = 0; i < GT_SLAB_SPARES; i++) {
        n -= slab_spare[i] != NULL;
    }

    return n;
}


void
gt_slab_trim(void)
{
    unsigned i;

    for (i = 0; i < GT_SLAB_SPARES; i++) {
        if (slab_spare[i]) {
            gt_slab_unref(slab_spare[i]);
            slab_spare[i] = NULL;
        }
    }

    slab_list_trim(&slab_large);
    slab_list_trim(&slab_small);
    slab_list_trim(&slab_bufs);
}


gt_buf_t *
gt_buf_new(gt_slab_t *slab, uint8_t *pos, uint8_t *last)
{
    gt_buf_t *b = slab_take(&slab_bufs, sizeof(gt_buf_t));

    if (b) {
        b->next = NULL;
        b->pos = pos;
        b->last = last;
        b->slab = slab; /* the reference passes to the window */
    }

    return b;
}


void
gt_buf_free(gt_buf_t *b)
{
    gt_slab_unref(b->slab);
    slab_give(&slab_bufs, b);
}


gt_slab_t *
gt_slab_big(size_t n)
{
    gt_slab_t *s;

    if (n <= GT_SLAB_LARGE - sizeof(gt_slab_t)) {
        return gt_slab_get(n);
    }

    GT_ASSERT(n <= (size_t) GT_SLAB_LARGE * 4);
    n = gt_max(n, (size_t) GT_SLAB_LARGE + 1); /* told from the classes */

    s = gt_alloc(sizeof(gt_slab_t) + n);
    if (s) {
        s->refs = 1;
        s->size = (uint32_t) n;
        s->used = 0;
        slab_live++;
    }

    return s;
}


gt_slab_t *
gt_slab_spare(int i)
{
    if (!slab_spare[i]) {
        slab_spare[i] = gt_slab_get(GT_SLAB_LARGE - sizeof(gt_slab_t));
    }

    return slab_spare[i];
}


void
gt_slab_spare_taken(int i)
{
    slab_spare[i] = NULL;
}
