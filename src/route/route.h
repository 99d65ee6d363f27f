/*
 * route/route.h: from "I want host:port" to a stream: direct, or through the
 * hops of a chain.
 *
 * All chains, hops and nodes of a configuration are made once, as a
 * gt_routes_t, and are immutable; a gt_route_t is one service's way out along
 * one of them.  What changes, a node's marks and a hop's turn, lies in the
 * lasting zone (route/mark.h) and is the same for all workers.
 */

#ifndef GT_ROUTE_ROUTE_H
#define GT_ROUTE_ROUTE_H

#include "conf/model.h"
#include "conf/opt.h"
#include "core/stat.h"
#include "module/session.h"
#include "module/target.h"
#include "net/give.h"
#include "net/op.h"
#include "os/netns.h"
#include "route/mark.h"

enum { GT_ROUTE_MS = 15000 }; /* one attempt, as GOST's dialTimeout */

typedef struct gt_routes gt_routes_t;

/* --- all of them --- */

/* configures the modules of all nodes of the model, which outlives it; NULL
   with errors in d */
gt_routes_t *gt_routes_new(const gt_model_t *m, gt_diag_t *d);
void         gt_routes_free(gt_routes_t *rs);

/*
 * The master, before it forks: takes the records of its hops and nodes from a
 * table of GT_MARKS, which outlives it; generations before `oldest` are gone.
 * GT_ERROR with errors in d.
 */
int gt_routes_share(gt_routes_t *rs, gt_mark_t *marks, uint32_t generation,
                    uint32_t oldest, gt_diag_t *d);

/* in each worker: starts and stops the modules of the nodes, each once; stat:
   the worker's rows, gt_routes_rows() long.  GT_ERROR: said in the log,
   nothing is started */
int  gt_routes_start(gt_routes_t *rs, gt_loop_t *loop, gt_stat_node_t *stat);
void gt_routes_stop(gt_routes_t *rs, gt_loop_t *loop);

/* capabilities that connecting as configured needs (GT_PROC_CAP()) */
uint64_t gt_routes_caps(const gt_routes_t *rs);

/*
 * The network namespaces from which they dial, opened by gt_routes_new(): from
 * here on `to`'s, since sockets of them are wanted for longer than a
 * configuration lives in the master.  Once.
 */
void gt_routes_spaces(gt_routes_t *rs, gt_netns_set_t *to);

/* in a worker: who makes sockets there, by the index in that set; without one
   what would leave from another namespace is an error */
void gt_routes_giver(gt_routes_t *rs, gt_giver_t *gr);

/* what a row of the nodes' figures stands for; a row for each chain that a
   node is in.  The texts are the model's */
typedef struct {
    const char            *chain, *hop, *strategy;
    const gt_node_model_t *node;
    uint32_t               mark; /* index of its record */
    int64_t                max_fails;
    uint64_t               fail_ms;
    uint32_t               weight;
    bool                   backup;
} gt_route_row_t;

int            gt_routes_rows(const gt_routes_t *rs);
gt_route_row_t gt_routes_row(const gt_routes_t *rs, int i);

/* --- a service's --- */

/* the options of its metadata that are a route's: interface, so_mark,
   netns.out; and those of a hop or node: netns */
extern const gt_opt_t gt_route_out_opts[], gt_route_net_opts[];

typedef struct {
    const gt_context_model_t *context; /* where chain is looked for */
    const char               *chain;   /* as written there; NULL: direct */
    int               retries; /* further attempts */
    uint64_t          dial_ms; /* of one attempt; 0: GT_ROUTE_MS */
    const gt_cnode_t *owner; /* the service: interface, so_mark, netns.out of
                                its metadata are for what goes direct; or
                                NULL */
} gt_route_conf_t;

/* refers to rs, which outlives it; NULL with errors in d */
gt_route_t *gt_route_new(gt_routes_t *rs, const gt_route_conf_t *cf,
                         gt_diag_t *d);
void        gt_route_free(gt_route_t *rt);

/*
 * op ends in a stream to the target, or in the error of the last attempt.
 * A chain that cannot be used fails the request; it never goes direct.  Logs
 * failures with the session's fields.  to is not needed after the call.
 * GT_E_DENIED: the configuration leads there by no node.
 */
void gt_route_open(gt_session_t *ss, const gt_target_t *to, gt_op_t *op);

/* the session goes: it no longer counts at the nodes it led through */
void gt_route_leave(gt_session_t *ss);

#endif
