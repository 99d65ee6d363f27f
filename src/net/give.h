/*
 * net/give.h: sockets that somebody else makes, because they are of a network
 * namespace that this process may not enter.  net/ knows only this; who gives
 * them is handed down.
 */

#ifndef GT_NET_GIVE_H
#define GT_NET_GIVE_H

#include "net/op.h"

typedef struct gt_giver gt_giver_t;

/* a wish; embedded in whoever has it */
typedef struct {
    gt_op_t  op;     /* the caller sets done and owner */
    unsigned space;  /* the caller's: which of the giver's namespaces */
    int      family; /* the caller's: AF_INET, AF_INET6 */
    int      type;   /* the caller's: SOCK_STREAM, SOCK_DGRAM */
    int      fd;     /* after done without an error: the owner's */

    /* the giver's */
    gt_list_t  link;
    gt_timer_t timer;
} gt_give_t;

struct gt_giver {
    /* a socket of that kind that is there already, the caller's, as
       gt_sock_open() makes them; -1: ask for one */
    int (*take)(gt_giver_t *gr, const gt_give_t *gv);

    /*
     * gv->op ends with gv->fd, or with GT_E_NOMEM, GT_E_LIMIT or GT_E_CANCEL,
     * said in the log; never before the call returns, and never later than
     * the giver's own deadline.
     */
    void (*ask)(gt_giver_t *gr, gt_give_t *gv);
};

#endif
