/*
 * The pairing heap against a plain array: random adds, deletions anywhere and
 * removals of the least, with its shape checked after each.
 */

#include "core/core.h"
#include "core/heap.h"

#include "tap.h"

#include <stdlib.h>

enum { NODES = 300, STEPS = 20000 };

static gt_heap_node_t nodes[NODES];
static bool           in[NODES];


/* how many nodes hang below n; -1 when a link or a key is wrong */

static int
heap_count(const gt_heap_node_t *n, const gt_heap_node_t *parent)
{
    int                   below, sum = 0;
    const gt_heap_node_t *prev = parent;

    for (; n; prev = n, n = n->next) {
        if (n->prev != prev || (parent && n->key < parent->key)) {
            return -1;
        }

        below = heap_count(n->child, n);
        if (below < 0) {
            return -1;
        }

        sum += 1 + below;
    }

    return sum;
}


static uint64_t
least(int *n)
{
    int      i;
    uint64_t key = UINT64_MAX;

    for (*n = 0, i = 0; i < NODES; i++) {
        if (in[i]) {
            key = gt_min(key, nodes[i].key);
            (*n)++;
        }
    }

    return key;
}


static void
step(gt_heap_t *h, uint64_t range)
{
    int i = (int) (random() % NODES);

    if (!in[i]) {
        nodes[i].key = (uint64_t) random() % range;
        gt_heap_add(h, &nodes[i]);
        in[i] = true;
        return;
    }

    if (random() % 2) {
        i = (int) ((gt_heap_node_t *) (void *) h->root - nodes);
    }

    gt_heap_del(h, &nodes[i]);
    in[i] = false;
}


static void
test_random(uint64_t range)
{
    int       i, n, bad = 0;
    uint64_t  key;
    gt_heap_t h = { NULL };

    memset(in, 0, sizeof(in));

    for (i = 0; i < STEPS; i++) {
        step(&h, range);
        key = least(&n);
        bad += h.root ? h.root->key != key || h.root->next : n != 0;
        bad += i % 16 == 0 && heap_count(h.root, NULL) != n;
    }

    is_int(bad, 0, "random steps");

    for (key = 0; h.root; i++) {
        bad += h.root->key < key;
        key = h.root->key;
        n = (int) (h.root - nodes);
        bad += !in[n];
        in[n] = false;
        gt_heap_del(&h, h.root);
    }

    is_int(bad, 0, "drained in order");
    (void) least(&n);
    is_int(n, 0, "nothing is left behind");
}


/* a long sibling list must not cost a deep stack, nor a deep chain a long one
 */

static void
test_shapes(void)
{
    enum { MANY = 200000 };

    int             i, bad = 0;
    gt_heap_t       h = { NULL };
    gt_heap_node_t *many = calloc(MANY, sizeof(gt_heap_node_t));

    for (i = 0; i < MANY; i++) {
        many[i].key = (uint64_t) i;
        gt_heap_add(&h, &many[i]);
    }

    for (i = 0; i < MANY; i++) {
        bad += h.root != &many[i];
        gt_heap_del(&h, h.root);
    }

    for (i = MANY; i-- > 0;) {
        gt_heap_add(&h, &many[i]);
    }

    for (i = 0; i < MANY; i += 2) { /* every other one, from within */
        gt_heap_del(&h, &many[i]);
    }

    for (i = 1; i < MANY; i += 2) {
        bad += h.root != &many[i];
        gt_heap_del(&h, h.root);
    }

    ok(bad == 0 && !h.root, "ascending, descending, with holes");
    free(many);
}


int
main(void)
{
    srandom(11);
    test_random(1000000);
    test_random(5); /* nearly all keys are equal */
    test_shapes();

    return tap_done();
}
