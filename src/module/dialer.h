/*
 * module/dialer.h: makes a stream to a node.
 *
 * A gt_node_t is one attempt's view of a node: route/ makes it for the path
 * that was chosen and keeps it until the operation has ended.  A dialer asks
 * for the stream beneath it through nd->lower, so it does not know whether it
 * is the first hop or the fifth.
 */

#ifndef GT_MODULE_DIALER_H
#define GT_MODULE_DIALER_H

#include "module/module.h"
#include "net/op.h"

typedef struct gt_node gt_node_t;

struct gt_node {
    const char        *name; /* "node-0"; the model's */
    const char        *addr; /* "host:port"; the model's */
    gt_loop_t         *loop;
    const gt_module_t *dialer, *connector;
    void              *dialer_conf, *connector_conf; /* route's */

    /* a stream to addr: from here, or through the hops before this one; as
       any operation, op ends in st or an error */
    void (*lower)(gt_node_t *nd, gt_op_t *op);
    void *path; /* route's own */
};

typedef struct {
    /* ends in a stream on which the node's connector can speak; NULL: there is
       no node, and the connector is one that asks none */
    void (*dial)(gt_node_t *nd, gt_op_t *op);
} gt_dialer_ops_t;

#endif
