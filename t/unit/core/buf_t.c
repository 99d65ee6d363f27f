/*
 * Chains against plain byte arrays: every operation in a random order, on a
 * handful of chains, and then each corner by itself.
 */

#include "core/buf.h"
#include "core/mem.h"

#include "tap.h"

#include <stdlib.h>

enum { CHAINS = 4, MOST = 200000, STEPS = 12000 };

static gt_chain_t chains[CHAINS];
static uint8_t   *model[CHAINS]; /* what the chain must hold */
static size_t     held[CHAINS];
static uint8_t    next_byte;


static void
make_bytes(uint8_t *p, size_t n)
{
    while (n-- > 0) {
        *p++ = next_byte;
        next_byte = (uint8_t) (next_byte * 5 + 3); /* period 256 */
        next_byte ^= (uint8_t) (random() & 0x40);
    }
}


/* small ones often, and the borders of slabs */

static size_t
pick(size_t most)
{
    size_t n;

    switch (random() % 5) {
    case 0: n = (size_t) random() % 8; break;
    case 1: n = (size_t) random() % 600; break;
    case 2:
        n = GT_SLAB_SMALL - sizeof(gt_slab_t) - 2 + (size_t) random() % 5;
        break;
    case 3:
        n = GT_SLAB_LARGE - sizeof(gt_slab_t) - 2 + (size_t) random() % 5;
        break;
    default: n = (size_t) random() % 70000;
    }

    return gt_min(n, most);
}


/* 0: all links and lengths add up and the bytes are the model's */

static int
broken(int k)
{
    size_t            len = 0;
    const gt_buf_t   *b, *tail = NULL;
    const gt_chain_t *c = &chains[k];

    for (b = c->head; b; b = b->next) {
        if (b->pos > b->last || b->slab->refs == 0 || b->pos < b->slab->data
            || b->last > b->slab->data + b->slab->size
            || b->last > b->slab->data + b->slab->used)
        {
            return 1;
        }

        if (len + (size_t) (b->last - b->pos) > held[k]
            || memcmp(b->pos, model[k] + len, (size_t) (b->last - b->pos)))
        {
            return 2;
        }

        len += (size_t) (b->last - b->pos);
        tail = b;
    }

    return len != held[k] || len != c->len || tail != c->tail ? 3 : 0;
}


static int
op_push(int k, bool front)
{
    size_t         n = pick(MOST - held[k]);
    static uint8_t bytes[MOST];

    make_bytes(bytes, n);

    if (front) {
        memmove(model[k] + n, model[k], held[k]);
        memcpy(model[k], bytes, n);
    } else {
        memcpy(model[k] + held[k], bytes, n);
    }

    held[k] += n;

    return front ? gt_chain_unshift(&chains[k], bytes, n)
                 : gt_chain_push(&chains[k], bytes, n);
}


static int
op_move(int to, int from)
{
    size_t max = random() % 4 ? pick(MOST) : SIZE_MAX, n, want;

    want = gt_min(max, held[from]);
    if (to == from || held[to] + want > MOST) {
        return 0;
    }

    n = gt_chain_move(&chains[to], &chains[from], max);

    memcpy(model[to] + held[to], model[from], want);
    held[to] += want;
    held[from] -= want;
    memmove(model[from], model[from] + want, held[from]);

    return n != want;
}


static int
op_prepend(int to, int from)
{
    if (to == from || held[to] + held[from] > MOST) {
        return 0;
    }

    gt_chain_prepend(&chains[to], &chains[from]);
    memmove(model[to] + held[from], model[to], held[to]);
    memcpy(model[to], model[from], held[from]);
    held[to] += held[from];
    held[from] = 0;

    return chains[from].head || chains[from].tail;
}


static int
op_drop(int k)
{
    size_t n = pick(held[k]);

    gt_chain_drop(&chains[k], n);
    held[k] -= n;
    memmove(model[k], model[k] + n, held[k]);

    return 0;
}


static int
op_pull(int k)
{
    size_t         n = pick(held[k]);
    const uint8_t *p;

    n = gt_min(n, (size_t) GT_SLAB_LARGE * 4);
    if (n == 0) {
        return 0;
    }

    p = gt_chain_pull(&chains[k], n);

    return !p || memcmp(p, model[k], n) != 0;
}


static int
op_fill(int k)
{
    int          i, n = 1 + (int) (random() % 5);
    size_t       room, got, left, max = pick(MOST - held[k]);
    struct iovec iov[5];

    room = gt_chain_room(iov, &n, max);
    if (room > max || (max > 0 && room == 0)) {
        return 1;
    }

    got = random() % 2 ? room : pick(room);

    for (left = got, i = 0; left > 0; i++) {
        size_t part = gt_min(left, iov[i].iov_len);

        make_bytes(iov[i].iov_base, part);
        memcpy(model[k] + held[k], iov[i].iov_base, part);
        held[k] += part;
        left -= part;
    }

    return gt_chain_fill(&chains[k], iov, got) != GT_OK;
}


/* two chains come to share a slab */

static int
op_link(int to, int from)
{
    size_t    n, skip;
    gt_buf_t *b = chains[from].head;

    if (!b || b->pos == b->last) {
        return 0;
    }

    skip = (size_t) random() % (size_t) (b->last - b->pos);
    n = (size_t) (b->last - b->pos) - skip;
    if (held[to] + n > MOST) {
        return 0;
    }

    memcpy(model[to] + held[to], b->pos + skip, n);
    held[to] += n;

    return gt_chain_link(&chains[to], b->slab, b->pos + skip, b->last) != GT_OK;
}


static int
op_look(int k)
{
    int            i, n = (int) (random() % 9);
    size_t         got, at, max = pick(MOST);
    static uint8_t bytes[MOST];
    struct iovec   iov[8];

    got = gt_chain_peek(&chains[k], bytes, max);
    if (got != gt_min(max, held[k]) || memcmp(bytes, model[k], got) != 0) {
        return 1;
    }

    got = gt_chain_iov(&chains[k], iov, &n, max);
    if (got > gt_min(max, held[k])
        || (n < 8 && got == 0 && held[k] && max && n)) {
        return 1;
    }

    for (at = 0, i = 0; i < n; at += iov[i].iov_len, i++) {
        if (iov[i].iov_len == 0
            || memcmp(iov[i].iov_base, model[k] + at, iov[i].iov_len) != 0)
        {
            return 1;
        }
    }

    return at != got;
}


static int
op_any(int k, int other)
{
    switch (random() % 9) {
    case 0: return op_push(k, false);
    case 1: return op_push(k, true);
    case 2: return op_move(k, other);
    case 3: return op_prepend(k, other);
    case 4: return op_drop(k);
    case 5: return op_pull(k);
    case 6: return op_fill(k);
    case 7: return op_link(k, other);
    default: return op_look(k);
    }
}


static void
test_random(void)
{
    int i, k, bad = 0;

    for (k = 0; k < CHAINS; k++) {
        model[k] = malloc(MOST);
    }

    for (i = 0; i < STEPS && bad == 0; i++) {
        bad = op_any((int) (random() % CHAINS), (int) (random() % CHAINS));

        for (k = 0; k < CHAINS; k++) {
            bad += broken(k);
        }

        if (i % 500 == 499) {
            k = (int) (random() % CHAINS);
            gt_chain_free(&chains[k]);
            held[k] = 0;
        }
    }

    is_int(bad, 0, "random operations");
    is_int(i, STEPS, "all of them");

    for (k = 0; k < CHAINS; k++) {
        gt_chain_free(&chains[k]);
        ok(!chains[k].head && !chains[k].tail && chains[k].len == 0, "freed");
        free(model[k]);
    }

    is_int(gt_slab_live(), 0, "no slab is left");
}


static void
test_moves(void)
{
    int        i;
    uint8_t    bytes[4000];
    gt_chain_t a = { 0 }, b = { 0 };
    gt_slab_t *slab;

    memset(bytes, 'x', sizeof(bytes));

    is_int(gt_chain_move(&a, &b, 100), 0, "nothing to move");
    (void) gt_chain_push(&b, bytes, 4000);
    is_int(gt_chain_move(&a, &b, 0), 0, "nothing is to be moved");

    slab = b.head->slab;
    is_int(gt_chain_move(&a, &b, 3000), 3000, "a large part");
    ok(a.head->slab == slab && b.head->slab == slab && slab->refs == 2,
       "shares the slab");
    is_int(gt_chain_move(&a, &b, 10), 10, "a small part");
    ok(slab->refs == 2, "is copied");
    is_int(gt_chain_move(&a, &b, SIZE_MAX), 990, "the rest");
    is_int(a.len, 4000, "all of it");
    ok(!b.head && !b.tail && b.len == 0, "the source is empty");
    gt_chain_free(&a);

    /* many tiny messages do not pin a slab each */
    for (i = 0; i < 100; i++) {
        (void) gt_chain_push(&b, bytes, 20);
        (void) gt_chain_move(&a, &b, SIZE_MAX);
    }

    is_int(a.len, 2000, "100 small windows");
    ok(gt_slab_live() <= 2, "in %u slabs", gt_slab_live());
    gt_chain_free(&a);

    /* a small part of a large window into an empty chain */
    (void) gt_chain_push(&b, bytes, 4000);
    is_int(gt_chain_move(&a, &b, 100), 100, "100 bytes of 4000");
    gt_chain_free(&b);
    ok(gt_slab_live() == 1 && a.head->slab->size < GT_SLAB_SMALL,
       "do not hold the large slab");
    gt_chain_free(&a);
    is_int(gt_slab_live(), 0, "no slab is left");
}


static void
test_receive(void)
{
    int          n;
    gt_chain_t   c = { 0 };
    struct iovec iov[4];

    n = 4;
    ok(gt_chain_room(iov, &n, 1 << 20) > 60000 && n == 4, "60 kB of room");
    is_int(gt_slab_live(), 0, "room does not count as living");

    memcpy(iov[0].iov_base, "abc", 3);
    is_int(gt_chain_fill(&c, iov, 3), GT_OK, "a small read");
    ok(c.head->slab->size < GT_SLAB_SMALL, "goes to a small slab");
    is_int(gt_slab_live(), 1, "the only one");

    n = 1;
    is_int(gt_chain_room(iov, &n, 5), 5, "room for five bytes");
    memcpy(iov[0].iov_base, "defgh", 5);
    is_int(gt_chain_fill(&c, iov, 5), GT_OK, "another");
    ok(c.head == c.tail && c.len == 8 && !memcmp(c.head->pos, "abcdefgh", 8),
       "goes behind the first");

    n = 0;
    is_int(gt_chain_room(iov, &n, 5), 0, "no pieces, no room");
    is_int(gt_chain_fill(&c, iov, 0), GT_OK, "an empty read");
    gt_chain_free(&c);

    /* the relay's own case: one full read, moved on without a copy */
    n = 4;
    (void) gt_chain_room(iov, &n, 65536);
    is_int(gt_chain_fill(&c, iov, iov[0].iov_len + 5000), GT_OK, "two pieces");
    ok(c.head->pos == iov[0].iov_base && c.tail->pos == iov[1].iov_base,
       "in place");
    gt_chain_free(&c);

    while (c.len < 30000) {
        n = 4;
        (void) gt_chain_room(iov, &n, 65536);
        (void) gt_chain_fill(&c, iov, 3000);
    }

    ok(gt_slab_live() <= 3, "30 kB in reads of 3 kB hold %u slabs",
       gt_slab_live());
    gt_chain_free(&c);
    is_int(gt_slab_live(), 0, "no slab is left");
}


static void
test_pull(void)
{
    uint8_t    bytes[300], *p;
    gt_chain_t a = { 0 }, b = { 0 };

    memset(bytes, 'a', 300);
    (void) gt_chain_push(&a, bytes, 300);
    memset(bytes, 'b', 300);
    (void) gt_chain_push(&b, bytes, 300);
    gt_chain_prepend(&a, &b);
    gt_chain_prepend(&a, &b);
    is_int(a.len, 600, "prepended, and an empty one changes nothing");

    p = gt_chain_pull(&a, 200);
    ok(p == a.head->pos, "what lies together stays");
    p = gt_chain_pull(&a, 301);
    ok(p && p[299] == 'b' && p[300] == 'a', "what does not is put together");
    is_int(a.len, 600, "the length stays");
    p = gt_chain_pull(&a, 600);
    ok(p && p[301] == 'a' && p[599] == 'a' && !a.head->next, "all of it");

    /* a pulled slab larger than any class must go back to the system */
    gt_chain_free(&a);
    while (a.len < 60000) {
        (void) gt_chain_push(&a, bytes, 300);
    }

    p = gt_chain_pull(&a, 60000);
    ok(p && p[59999] == 'b', "60 kB in one piece");
    gt_chain_free(&a);
    is_int(gt_slab_live(), 0, "no slab is left");

    /* and whoever takes it from a freelist later sees one of its own size */
    (void) gt_chain_push(&a, bytes, 300);
    ok(a.head->slab->size < GT_SLAB_SMALL, "small is small");
    gt_chain_free(&a);
}


#if (GT_FAILMALLOC)

/* moving may stop for want of memory, but no byte is lost or comes twice */

static bool
fail_move(gt_chain_t *to, gt_chain_t *from, size_t max)
{
    size_t         n, moved, len = to->len + from->len;
    static uint8_t before[MOST], after[MOST];

    n = gt_chain_peek(to, before, MOST);
    (void) gt_chain_peek(from, before + n, MOST - n);
    moved = gt_chain_move(to, from, max);
    n = gt_chain_peek(to, after, MOST);
    (void) gt_chain_peek(from, after + n, MOST - n);

    if (to->len + from->len != len || memcmp(before, after, len) != 0) {
        ok(0, "a move of %zu bytes that stopped at %zu", max, moved);
    }

    return moved == max;
}


/* one pass over every operation that allocates; stops at the first failure */

static void
fail_scenario(void)
{
    int          n = 3;
    uint8_t      bytes[20000];
    gt_chain_t   a = { 0 }, b = { 0 };
    struct iovec iov[3];

    make_bytes(bytes, sizeof(bytes));

    if (gt_chain_push(&a, bytes, sizeof(bytes)) == GT_OK
        && gt_chain_unshift(&a, bytes, 700) == GT_OK && fail_move(&b, &a, 500)
        && gt_chain_push(&b, bytes, 1950) == GT_OK /* room for 86 more */
        && fail_move(&b, &a, 100) && fail_move(&b, &a, 50)
        && fail_move(&b, &a, 3000) && gt_chain_pull(&a, 1000)
        && gt_chain_pull(&a, 17000) && gt_chain_room(iov, &n, 40000) == 40000)
    {
        memset(iov[0].iov_base, 'x', iov[0].iov_len);
        memset(iov[1].iov_base, 'x', 3000);
        memset(iov[2].iov_base, 'x', iov[2].iov_len);
        (void) gt_chain_fill(&b, iov, 40000 - 10000);
    }

    gt_chain_free(&a);
    gt_chain_free(&b);
    gt_slab_trim();
}


static void
test_failmalloc(void)
{
    unsigned long n, total;

    gt_slab_trim();
    (void) gt_mem_fail_at(0);
    fail_scenario();
    total = gt_mem_fail_at(0);
    ok(total > 5, "%lu allocations", total);

    for (n = 1; n <= total; n++) {
        (void) gt_mem_fail_at(n);
        fail_scenario();
        (void) gt_mem_fail_at(0);

        if (gt_slab_live() != 0) {
            ok(0, "a slab leaks when allocation %lu fails", n);
        }
    }

    is_int(gt_slab_live(), 0, "no slab leaks, whichever allocation fails");
}

#else

static void
test_failmalloc(void)
{
    is_int(gt_mem_fail_at(0), 0, "failmalloc is off in this build");
}

#endif


int
main(void)
{
    srandom(3);
    test_random();
    test_moves();
    test_receive();
    test_pull();
    test_failmalloc();
    gt_slab_trim();

    return tap_done();
}
