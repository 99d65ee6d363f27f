/*
 * core/heap.c: the pairing heap.
 */

#include "core/heap.h"

#include "core/core.h"


static gt_heap_node_t *
heap_meld(gt_heap_node_t *a, gt_heap_node_t *b)
{
    gt_heap_node_t *t;

    if (b->key < a->key) {
        t = a;
        a = b;
        b = t;
    }

    b->next = a->child;
    b->prev = a;
    if (a->child) {
        a->child->prev = b;
    }

    a->child = b;
    a->next = NULL;
    a->prev = NULL;

    return a;
}


/* two passes over the siblings, without recursion */

static gt_heap_node_t *
heap_pair(gt_heap_node_t *n)
{
    gt_heap_node_t *a, *b, *done = NULL;

    while (n) {
        a = n;
        b = a->next;
        n = b ? b->next : NULL;

        a->next = a->prev = NULL;
        if (b) {
            b->next = b->prev = NULL;
            a = heap_meld(a, b);
        }

        a->next = done; /* the done ones wait in reverse order */
        done = a;
    }

    n = done;
    while (n && n->next) {
        b = n->next;
        done = b->next;
        n->next = b->next = NULL;
        n = heap_meld(n, b);
        n->next = done;
    }

    return n;
}


void
gt_heap_add(gt_heap_t *h, gt_heap_node_t *n)
{
    n->child = n->next = n->prev = NULL;
    h->root = h->root ? heap_meld(h->root, n) : n;
}


void
gt_heap_del(gt_heap_t *h, gt_heap_node_t *n)
{
    gt_heap_node_t *sub;

    GT_ASSERT(h->root);

    sub = heap_pair(n->child);

    if (h->root == n) {
        h->root = sub;

    } else {
        if (n->prev->child == n) {
            n->prev->child = n->next;
        } else {
            n->prev->next = n->next;
        }

        if (n->next) {
            n->next->prev = n->prev;
        }

        if (sub) {
            h->root = heap_meld(h->root, sub);
        }
    }

    if (h->root) {
        h->root->prev = h->root->next = NULL;
    }

    n->child = n->next = n->prev = NULL;
}
