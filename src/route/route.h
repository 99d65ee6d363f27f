/*
 * route/route.h: from "I want host:port" to a stream: direct, or through the
 * hops of a chain.
 */

#ifndef GT_ROUTE_ROUTE_H
#define GT_ROUTE_ROUTE_H

#include "conf/model.h"
#include "module/session.h"
#include "module/target.h"
#include "net/op.h"

enum { GT_ROUTE_MS = 15000 }; /* one attempt, as GOST's dialTimeout */

/*
 * A service's way out; chain NULL: direct.  retries: further attempts.
 * Immutable, shared by all its sessions; the model outlives it.  NULL with
 * errors in d.
 */
gt_route_t *gt_route_new(const gt_context_model_t *cx, const char *chain,
                         int retries, gt_diag_t *d);
void        gt_route_free(gt_route_t *rt);

/* in each worker: starts and stops the modules of its nodes; GT_ERROR: said in
   the log, nothing is started.  rt NULL is harmless */
int  gt_route_start(gt_route_t *rt, gt_loop_t *loop);
void gt_route_stop(gt_route_t *rt, gt_loop_t *loop);

/*
 * op ends in a stream to the target, or in the error of the last attempt.
 * A chain that cannot be used fails the request; it never goes direct.  Logs
 * failures with the session's fields.  to is not needed after the call.
 */
void gt_route_open(gt_session_t *ss, const gt_target_t *to, gt_op_t *op);

#endif
