/*
 * core/heap.h: an intrusive priority queue (a pairing heap): the smallest key
 * first.  Nothing is allocated, so adding cannot fail.  Insert O(1), take out
 * O(log n) amortised.
 */

#ifndef GT_CORE_HEAP_H
#define GT_CORE_HEAP_H

#include <stdint.h>

typedef struct gt_heap_node {
    struct gt_heap_node *child; /* leftmost */
    struct gt_heap_node *next;  /* right sibling */
    struct gt_heap_node *prev;  /* left sibling, or the parent; NULL: root */
    uint64_t             key;
} gt_heap_node_t;

typedef struct {
    gt_heap_node_t *root; /* NULL when empty */
} gt_heap_t;

/* n->key is set by the caller and stays until n is out again */
void gt_heap_add(gt_heap_t *h, gt_heap_node_t *n);

/* n must be in h */
void gt_heap_del(gt_heap_t *h, gt_heap_node_t *n);

#endif
