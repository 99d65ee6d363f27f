/*
 * route/way.h: a request on its way to a target.
 *
 * A way has levels.  Level 0 is a plain connection from this machine.  Level
 * k, which goes through hop k - 1, dials the node that was chosen there and
 * asks its connector for what is wanted:
 *
 *     level n   wants the target          dial node n-1, connector n-1
 *     level k   wants the address of      dial node k-1, connector k-1
 *               node k
 *     level 0   wants the address of node 0, or, without hops, the target
 *
 * A dialer reaches the level beneath it through nd->lower, whatever it is.  A
 * level whose node is none (connector "direct") wants from the one beneath it
 * what is wanted of itself.
 *
 * Where the strategy is "parallel", a level dials by a race: a lane, which is
 * a way of its own up to that level, for each candidate.
 */

#ifndef GT_ROUTE_WAY_H
#define GT_ROUTE_WAY_H

#include "module/dialer.h"
#include "route/impl.h"

enum { GT_ROUTE_TRIED = 8 }; /* nodes of a hop that a request remembers */

typedef struct route_open route_open_t;
typedef struct route_way  route_way_t;
typedef struct route_race route_race_t;

/* level 1 and up */
typedef struct {
    gt_node_t              nd;    /* the view of the node that was chosen */
    gt_op_t                op;    /* its dial, then its connector's */
    gt_op_t               *outer; /* who asked */
    route_way_t           *way;
    const gt_route_node_t *node;  /* routes' */
    gt_target_t            to;    /* what is wanted of it */
    uint64_t               began; /* the dial, in us */
    uint64_t               asked; /* the connector, on the loop's clock */
    uint16_t               index; /* of the node in its hop */
    bool                   busy, dialed;
} route_level_t;

struct route_way {
    route_open_t  *o;
    route_race_t  *race;   /* whose lane it is; NULL: the request's own way */
    int            top;    /* its highest level */
    int            failed; /* hop that is to blame; -1: none yet */
    route_level_t *levels; /* [k - 1]: level k */
};

/* which nodes of a hop were in vain */
typedef struct {
    uint16_t index[GT_ROUTE_TRIED];
    uint16_t n; /* of all; the oldest are forgotten */
} route_tried_t;

struct route_open {
    gt_op_t          *op; /* the caller's */
    gt_session_t     *ss; /* outlives the operation */
    const gt_route_t *rt; /* the service's */
    gt_op_t           top;
    gt_timer_t        timer; /* of an attempt through hops */
    gt_reap_t         reap;
    int               attempt;
    gt_target_t       to; /* its host is behind all this */
    route_way_t       way;
    route_race_t     *race;    /* ours, while one is run */
    route_tried_t    *tried;   /* behind the levels, one for each hop */
    route_level_t     levels[];
};

/* --- way.c --- */

/* chooses a node for each hop; GT_ERROR: hop w->failed has none for it */
int gt_way_choose(route_way_t *w);

/* op ends in a stream to `to` through levels k and below; net: how, if it is a
   plain connection */
void gt_way_level(route_way_t *w, int k, const gt_target_t *to,
                  const gt_route_net_t *net, gt_op_t *op);

/* its time is over: who is to blame? */
void gt_way_late(route_way_t *w);

/* gives a level the node with that index */
void gt_way_take(route_way_t *w, int k, int index);

/* dials the node of a level that op waits for; a lane's top ends there */
void gt_way_dial(route_level_t *lv, gt_op_t *op);

/* what the choice of a node for hop hangs on; buf holds the client's address */
gt_route_ask_t gt_way_ask(const route_open_t *o, int hop,
                          char buf[GT_ADDR_TEXT]);

/* a race was won by the lane's top: goes on as if lv itself had dialed; or
   lost by all */
void gt_way_dialed(route_level_t *lv, gt_stream_t *st);
void gt_way_lost(route_level_t *lv, gt_err_t err);

/* --- race.c --- */

/* dials level k of o's way by a race; GT_ERROR: there is nothing to choose
   from, or no memory for it */
int gt_race_begin(route_open_t *o, int k);

/* ends it in silence; NULL is harmless */
void gt_race_drop(route_race_t *race);

/* marks those who have not answered yet */
void gt_race_late(route_race_t *race);

#endif
