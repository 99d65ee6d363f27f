/*
 * module/handler.h: serves an accepted stream, or an exchange.
 */

#ifndef GT_MODULE_HANDLER_H
#define GT_MODULE_HANDLER_H

#include "module/module.h"
#include "module/session.h"
#include "net/exchange.h"

typedef struct {
    /* takes st; from now on the handler ends the session, once, by
       gt_session_tunnel() or gt_session_end().  Never calls either before it
       has returned GT_OK; GT_ERROR: no memory, st and ss stay the caller's */
    int (*handle)(void *conf, gt_session_t *ss, gt_stream_t *st);

    /* the same for one exchange of an HTTP carrier; NULL: no HTTP handler */
    int (*serve)(void *conf, gt_session_t *ss, gt_exchange_t *ex);
} gt_handler_ops_t;

#endif
