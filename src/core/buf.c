/*
 * core/buf.c: chains.
 */

#include "core/buf.h"

#include "core/slab.h"

#include <string.h>

enum { BUF_COPY = 4096 /* a read up to here does not hold a slab alone */ };


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

        b = gt_buf_new(s, s->data, s->data);
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

    b = gt_buf_new(slab, pos, last);
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
            gt_buf_free(b);
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

        gt_buf_free(chain_shift(c));
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
        gt_buf_free(b);
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


uint8_t *
gt_chain_pull(gt_chain_t *c, size_t n)
{
    gt_buf_t  *b;
    gt_slab_t *s;

    GT_ASSERT(n > 0 && n <= c->len);

    if ((size_t) (c->head->last - c->head->pos) >= n) {
        return c->head->pos;
    }

    s = gt_slab_big(n);
    if (!s) {
        return NULL;
    }

    b = gt_buf_new(s, s->data, s->data + n);
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
    int        i;
    size_t     k, len = 0;
    gt_slab_t *s;

    for (i = 0; i < *n && i < GT_SLAB_SPARES && len < max; i++) {
        s = gt_slab_spare(i);
        if (!s) {
            break;
        }

        k = gt_min((size_t) s->size, max - len);
        iov[i].iov_base = s->data;
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

        s = gt_slab_spare(i);
        b = gt_buf_new(s, s->data, s->data + n);
        if (!b) {
            return GT_ERROR;
        }

        s->used = (uint32_t) n;
        gt_slab_spare_taken(i);
        chain_append(c, b);
    }

    return GT_OK;
}
