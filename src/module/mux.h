/*
 * module/mux.h: many streams over one: smux, yamux, h2, grpc.
 *
 * Decided here, built with the first transport that needs it.  A carrier is a
 * shared connection to a node, pooled per worker and keyed by the node and
 * the path of hops before it; it is refcounted: one reference for each stream
 * and one for the pool (house rule 7).
 */

#ifndef GT_MODULE_MUX_H
#define GT_MODULE_MUX_H

#include "module/listener.h"
#include "net/op.h"

typedef struct gt_carrier gt_carrier_t;

typedef struct {
    /* takes the carrier stream; gives each stream that the peer opens to
       ls->accept; ends with the stream */
    void (*serve)(void *conf, gt_stream_t *carrier, gt_listener_t *ls);

    /* one more stream; GT_E_LIMIT: the carrier is full or going away, and the
       pool makes another */
    void (*open)(gt_carrier_t *carrier, gt_op_t *op);
} gt_mux_ops_t;

#endif
