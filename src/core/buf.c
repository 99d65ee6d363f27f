/*
 * core/buf.c: slabs, windows and chains.
 *
 * The freelists are the process's allocator state: a worker is one thread.
 */

#include "core/buf.h"

#include "core/mem.h"

#include <string.h>

enum {
    BUF_IOV = 4,         /* pieces of room: 64 KiB a call */
    BUF_COPY = 4096,     /* a read up to here does not hold a slab alone */
    BUF_KEEP_LARGE = 16, /* 256 KiB a worker: a burst reuses, idle returns */
    BUF_KEEP_SMALL = 32,
    BUF_KEEP_BUFS = 256
};

#if (GT_ASAN)
enum { BUF_NO_KEEPING = 1 }; /* every use after the end is seen */
#else
enum { BUF_NO_KEEPING = 0 };
#endif

typedef union buf_free {
    union buf_free *next;
    gt_slab_t       slab;
    gt_buf_t        buf;
} buf_free_t;

typedef struct {
    buf_free_t *head;
    unsigned    n, keep;
} buf_list_t;

static buf_list_t buf_large = { .keep = BUF_KEEP_LARGE };
static buf_list_t buf_small = { .keep = BUF_KEEP_SMALL };
static buf_list_t buf_bufs = { .keep = BUF_KEEP_BUFS };
static unsigned   buf_live;

/* slabs that a recv may fill: kept from one call to the next */
static gt_slab_t *buf_spare[BUF_IOV];


static void *
buf_take(buf_list_t *l, size_t size)
{
    buf_free_t *f = l->head;

    if (!f) {
        return gt_alloc(size);
    }

    l->head = f->next;
    l->n--;

    return f;
}


static void
buf_give(buf_list_t *l, void *p)
{
    buf_free_t *f = p;

    if (l->n >= l->keep || BUF_NO_KEEPING) {
        gt_free(p);
        return;
    }

    f->next = l->head;
    l->head = f;
    l->n++;
}


static void
buf_list_trim(buf_list_t *l)
{
    buf_free_t *f;

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

    s = buf_take(size == GT_SLAB_SMALL ? &buf_small : &buf_large, size);
    if (s) {
        s->refs = 1;
        s->size = (uint32_t) (size - sizeof(gt_slab_t));
        s->used = 0;
        buf_live++;
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

    buf_live--;

    if (slab->size > GT_SLAB_LARGE) {
        gt_free(slab); /* gt_chain_pull() made it */
    } else {
        buf_give(slab->size < GT_SLAB_SMALL ? &buf_small : &buf_large, slab);
    }
}


unsigned
gt_slab_live(void)
{
    unsigned i, n = buf_live;

    for (i = 0; i < BUF_IOV; i++) {
        n -= buf_spare[i] != NULL;
    }

    return n;
}


void
gt_slab_trim(void)
{
    unsigned i;

    for (i = 0; i < BUF_IOV; i++) {
        if (buf_spare[i]) {
            gt_slab_unref(buf_spare[i]);
            buf_spare[i] = NULL;
        }
    }

    buf_list_trim(&buf_large);
    buf_list_trim(&buf_small);
    buf_list_trim(&buf_bufs);
}


static gt_buf_t *
buf_new(gt_slab_t *slab, uint8_t *pos, uint8_t *last)
{
    gt_buf_t *b = buf_take(&buf_bufs, sizeof(gt_buf_t));

    if (b) {
        b->next = NULL;
        b->pos = pos;
        b->last = last;
        b->slab = slab; /* the reference passes to the window */
    }

    return b;
}


static void
buf_free(gt_buf_t *b)
{
    gt_slab_unref(b->slab);
    buf_give(&buf_bufs, b);
}


static void
chain_append(gt_chain_t *c, gt_buf_t *b)
{
    b->next = NULL;

    if (c->tail) {
        c->tail->next = b;
    } else {
        c->head = b;
    }

    c->tail = b;
    c->len += (size_t) (b->last - b->pos);
}


static gt_buf_t *
chain_shift(gt_chain_t *c)
{
    gt_buf_t *b = c->head;

    c->head = b->next;
    if (!c->head) {
        c->tail = NULL;
    }

    c->len -= (size_t) (b->last - b->pos);

    return b;
}


/* how many bytes may be written behind the chain's last window */

static size_t
chain_tail_room(const gt_chain_t *c)
{
    const gt_buf_t  *b = c->tail;
    const gt_slab_t *s;

    if (!b) {
        return 0;
    }

    s = b->slab;
    if (b->last != s->data + s->used) {
        return 0; /* somebody else's bytes follow */
    }

    return s->size - s->used;
}


static size_t
chain_tail_push(gt_chain_t *c, const uint8_t *p, size_t n)
{
    gt_buf_t *b = c->tail;

    n = gt_min(n, chain_tail_room(c));
    if (n) {
        memcpy(b->last, p, n);
        b->last += n;
        b->slab->used += (uint32_t) n;
        c->len += n;
    }

    return n;
}


int
gt_chain_push(gt_chain_t *c, const void *data, size_t n)
{
    size_t         k;
    gt_buf_t      *b;
    gt_slab_t     *s;
    const uint8_t *p = data;

    for (;;) {
        k = chain_tail_push(c, p, n);
        p += k;
        n -= k;

        if (n == 0) {
            return GT_OK;
        }

        s = gt_slab_get(gt_min(n, GT_SLAB_LARGE - sizeof(gt_slab_t)));
        if (!s) {
            return GT_ERROR;
        }

        b = buf_new(s, s->data, s->data);
        if (!b) {
            gt_slab_unref(s);
            return GT_ERROR;
        }

        chain_append(c, b);
    }
}


void
gt_chain_prepend(gt_chain_t *to, gt_chain_t *from)
{
    if (!from->head) {
        return;
    }

    from->tail->next = to->head;
    to->head = from->head;
    if (!to->tail) {
        to->tail = from->tail;
    }

    to->len += from->len;
    *from = (gt_chain_t){ 0 };
}


int
gt_chain_unshift(gt_chain_t *c, const void *p, size_t n)
{
    gt_chain_t front = { 0 };

    if (gt_chain_push(&front, p, n) != GT_OK) {
        gt_chain_free(&front);
        return GT_ERROR;
    }

    gt_chain_prepend(c, &front);

    return GT_OK;
}


int
gt_chain_link(gt_chain_t *c, gt_slab_t *slab, uint8_t *pos, uint8_t *last)
{
    gt_buf_t *b;

    if ((size_t) (last - pos) < GT_BUF_SMALL) {
        return gt_chain_push(c, pos, (size_t) (last - pos));
    }

    b = buf_new(slab, pos, last);
    if (!b) {
        return GT_ERROR;
    }

    slab->refs++;
    chain_append(c, b);

    return GT_OK;
}


/* moves the first n bytes of a window that goes on */

static size_t
chain_split(gt_chain_t *to, gt_chain_t *from, size_t n)
{
    size_t    had = to->len;
    gt_buf_t *b = from->head;

    (void) gt_chain_link(to, b->slab, b->pos, b->pos + n);
    n = to->len - had; /* without memory a copy may have stopped half-way */

    b->pos += n;
    from->len -= n;

    return n;
}


size_t
gt_chain_move(gt_chain_t *to, gt_chain_t *from, size_t max)
{
    size_t    n, moved = 0;
    gt_buf_t *b;

    while (from->head && moved < max) {
        b = from->head;
        n = (size_t) (b->last - b->pos);

        if (n > max - moved) {
            return moved + chain_split(to, from, max - moved);
        }

        (void) chain_shift(from);

        if (n < GT_BUF_SMALL && chain_tail_room(to) >= n) {
            (void) chain_tail_push(to, b->pos, n);
            buf_free(b);
        } else {
            chain_append(to, b);
        }

        moved += n;
    }

    return moved;
}


void
gt_chain_drop(gt_chain_t *c, size_t n)
{
    size_t    k;
    gt_buf_t *b;

    GT_ASSERT(n <= c->len);

    while (n) {
        b = c->head;
        k = (size_t) (b->last - b->pos);

        if (k > n) {
            b->pos += n;
            c->len -= n;
            return;
        }

        buf_free(chain_shift(c));
        n -= k;
    }
}


void
gt_chain_free(gt_chain_t *c)
{
    gt_buf_t *b;

    while (c->head) {
        b = c->head;
        c->head = b->next;
        buf_free(b);
    }

    c->tail = NULL;
    c->len = 0;
}


size_t
gt_chain_peek(const gt_chain_t *c, void *to, size_t n)
{
    size_t          k, got = 0;
    const gt_buf_t *b;

    for (b = c->head; b && got < n; b = b->next) {
        k = gt_min((size_t) (b->last - b->pos), n - got);
        memcpy((uint8_t *) to + got, b->pos, k);
        got += k;
    }

    return got;
}


/* one slab for the first n bytes; larger than the classes when it must be */

static gt_slab_t *
chain_pull_slab(size_t n)
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
        buf_live++;
    }

    return s;
}


uint8_t *
gt_chain_pull(gt_chain_t *c, size_t n)
{
    gt_buf_t  *b;
    gt_slab_t *s;

    GT_ASSERT(n > 0 && n <= c->len);

    if ((size_t) (c->head->last - c->head->pos) >= n) {
        return c->head->pos;
    }

    s = chain_pull_slab(n);
    if (!s) {
        return NULL;
    }

    b = buf_new(s, s->data, s->data + n);
    if (!b) {
        gt_slab_unref(s);
        return NULL;
    }

    (void) gt_chain_peek(c, s->data, n);
    s->used = (uint32_t) n;
    gt_chain_drop(c, n);

    b->next = c->head;
    c->head = b;
    if (!c->tail) {
        c->tail = b;
    }

    c->len += n;

    return b->pos;
}


size_t
gt_chain_iov(const gt_chain_t *c, struct iovec *iov, int *n, size_t max)
{
    int             i = 0;
    size_t          k, len = 0;
    const gt_buf_t *b;

    for (b = c->head; b && i < *n && len < max; b = b->next) {
        k = gt_min((size_t) (b->last - b->pos), max - len);
        if (k == 0) {
            continue;
        }

        iov[i].iov_base = b->pos;
        iov[i].iov_len = k;
        len += k;
        i++;
    }

    *n = i;

    return len;
}


size_t
gt_chain_room(struct iovec *iov, int *n, size_t max)
{
    int    i;
    size_t k, len = 0;

    for (i = 0; i < *n && i < BUF_IOV && len < max; i++) {
        if (!buf_spare[i]) {
            buf_spare[i] = gt_slab_get(GT_SLAB_LARGE - sizeof(gt_slab_t));
            if (!buf_spare[i]) {
                break;
            }
        }

        k = gt_min((size_t) buf_spare[i]->size, max - len);
        iov[i].iov_base = buf_spare[i]->data;
        iov[i].iov_len = k;
        len += k;
    }

    *n = i;

    return len;
}


int
gt_chain_fill(gt_chain_t *c, const struct iovec *iov, size_t got)
{
    int        i;
    size_t     n;
    gt_buf_t  *b;
    gt_slab_t *s;

    for (i = 0; got > 0; i++) {
        n = gt_min(got, iov[i].iov_len);
        got -= n;

        if (n <= GT_SLAB_SMALL - sizeof(gt_slab_t)
            || (n <= BUF_COPY && n <= chain_tail_room(c)))
        {
            if (gt_chain_push(c, iov[i].iov_base, n) != GT_OK) {
                return GT_ERROR;
            }

            continue; /* the large slab stays for the next call */
        }

        s = buf_spare[i];
        b = buf_new(s, s->data, s->data + n);
        if (!b) {
            return GT_ERROR;
        }

        s->used = (uint32_t) n;
        buf_spare[i] = NULL;
        chain_append(c, b);
    }

    return GT_OK;
}
