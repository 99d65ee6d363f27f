/*
 * module/connector.h: asks the far node for a target.
 */

#ifndef GT_MODULE_CONNECTOR_H
#define GT_MODULE_CONNECTOR_H

#include "module/module.h"
#include "module/target.h"
#include "net/op.h"

typedef struct {
    const char *username, *password; /* username NULL: none; the model's */
} gt_credentials_t;

typedef struct {
    /*
     * Takes st, a stream to the node; op ends in a stream to the target,
     * usually the same one, or in an error with st closed.  GT_E_NODE and
     * GT_E_AUTH: the node has refused; nobody else is at fault.
     */
    void (*connect)(void *conf, const gt_credentials_t *cred, gt_stream_t *st,
                    const gt_target_t *to, gt_op_t *op);

    /* the same, ending in op->dgram; NULL: it cannot */
    void (*associate)(void *conf, const gt_credentials_t *cred,
                      gt_stream_t *st, const gt_target_t *to, gt_op_t *op);

    /* NULL for all that ask a node.  Otherwise there is none: what is wanted
       is connected to from where we are, and the other two are not called;
       GT_ERROR: nothing is */
    int (*pass)(void *conf);
} gt_connector_ops_t;

#endif
