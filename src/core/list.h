/*
 * core/list.h: an intrusive doubly linked list.  The node sits in the object;
 * the list never owns it.
 */

#ifndef GT_CORE_LIST_H
#define GT_CORE_LIST_H

#include "core/core.h"

typedef struct gt_list {
    struct gt_list *prev, *next; /* both to itself when empty or unlinked */
} gt_list_t;

static inline void
gt_list_init(gt_list_t *l)
{
    l->prev = l->next = l;
}

static inline bool
gt_list_empty(const gt_list_t *l)
{
    return l->next == l;
}

/* appends n, which must be unlinked */
static inline void
gt_list_push(gt_list_t *l, gt_list_t *n)
{
    n->prev = l->prev;
    n->next = l;
    l->prev->next = n;
    l->prev = n;
}

/* unlinks n; harmless for a node that is initialised and in no list */
static inline void
gt_list_del(gt_list_t *n)
{
    n->prev->next = n->next;
    n->next->prev = n->prev;
    gt_list_init(n);
}

/* clang-format off */
#define gt_list_entry(n, type, member)  gt_container_of(n, type, member)

/* the body may unlink or free n itself, nothing else */
#define gt_list_each(n, tmp, l)                                               \
    for ((n) = (l)->next, (tmp) = (n)->next; (n) != (l);                      \
         (n) = (tmp), (tmp) = (n)->next)
/* clang-format on */

#endif
