/*
 * core/buf.h: bytes on their way.
 *
 * A slab is a refcounted block of memory.  A window (gt_buf_t) is a part of
 * one.  A chain is a queue of windows: bytes move from parser to relay by
 * moving windows, without a copy.  Windows under GT_BUF_SMALL bytes are
 * copied together instead, so that a stream of tiny messages does not pin a
 * slab each.
 *
 * Slabs come in two sizes from a freelist with a cap; with ASan every one is
 * its own malloc.  All-zero is an empty chain.  A chain has one owner.
 */

#ifndef GT_CORE_BUF_H
#define GT_CORE_BUF_H

#include "core/core.h"

#include <sys/uio.h>

enum {
    GT_SLAB_SMALL = 2048,  /* total size, header included: handshakes */
    GT_SLAB_LARGE = 16384, /* four pages: bulk */
    GT_BUF_SMALL = 256     /* windows below this are copied, not linked */
};

typedef struct {
    uint32_t refs;
    uint32_t size; /* of data[] */
    uint32_t used; /* data[used..size) was never handed out */
    uint8_t  data[];
} gt_slab_t;

typedef struct gt_buf {
    struct gt_buf *next;
    uint8_t       *pos, *last; /* the window: [pos, last) */
    gt_slab_t     *slab;       /* one reference is ours */
} gt_buf_t;

typedef struct {
    gt_buf_t *head, *tail;
    size_t    len; /* bytes in all windows */
} gt_chain_t;

/* appends a copy of n bytes; GT_ERROR: no memory, the chain is unchanged
   or holds a part, and its owner closes */
int gt_chain_push(gt_chain_t *c, const void *p, size_t n);

/* puts a copy of n bytes before all others; GT_ERROR: no memory */
int gt_chain_unshift(gt_chain_t *c, const void *p, size_t n);

/* moves up to max bytes from the front of `from` to the end of `to`, without
   copying large windows; returns how many: all it was asked for and has, but
   for memory, when the last window has to be split; then it moves less. */
size_t gt_chain_move(gt_chain_t *to, gt_chain_t *from, size_t max);

/* moves all of `from` to the front of `to` */
void gt_chain_prepend(gt_chain_t *to, gt_chain_t *from);

/* drops n bytes at the front; n <= c->len */
void gt_chain_drop(gt_chain_t *c, size_t n);

/* all of it */
void gt_chain_free(gt_chain_t *c);

/*
 * The first n bytes (n <= c->len) in one piece, for a parser; n is at most
 * GT_SLAB_LARGE * 4.  Copies only when they lie in several windows.  NULL: no
 * memory.  Valid until the chain changes.
 */
uint8_t *gt_chain_pull(gt_chain_t *c, size_t n);

/* copies the first n bytes out, leaving them in; returns how many it had */
size_t gt_chain_peek(const gt_chain_t *c, void *to, size_t n);

/* the front of the chain as at most *n pieces of at most max bytes; sets *n;
   returns the bytes described */
size_t gt_chain_iov(const gt_chain_t *c, struct iovec *iov, int *n, size_t max);

/*
 * Room to receive into.  gt_chain_room() describes writable memory of at most
 * max bytes in at most *n pieces, none of it in the chain yet, and gives how
 * much there is: 0 for want of memory, which no read() may mistake for an end;
 * gt_chain_fill() then appends the first `got` bytes of it and returns
 * GT_OK, or GT_ERROR without memory (the bytes are lost: close).  Nothing may
 * touch any chain between the two calls.  Small reads are copied into the
 * chain's last slab, so asking for much costs nothing.
 */
size_t gt_chain_room(struct iovec *iov, int *n, size_t max);
int    gt_chain_fill(gt_chain_t *c, const struct iovec *iov, size_t got);

/* appends a window into a slab that the caller holds; takes its own
   reference; GT_ERROR: no memory */
int gt_chain_link(gt_chain_t *c, gt_slab_t *slab, uint8_t *pos, uint8_t *last);

/* a slab with room for n bytes (n <= GT_SLAB_LARGE - sizeof) and one
   reference, or NULL */
gt_slab_t *gt_slab_get(size_t n);
void       gt_slab_unref(gt_slab_t *slab);

/* slabs alive (in chains) in this process; freelists do not count */
unsigned gt_slab_live(void);

/* gives the freelists back to the system */
void gt_slab_trim(void);

#endif
