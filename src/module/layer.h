/*
 * module/layer.h: dresses a byte stream: tls, ws.  Both directions, so that a
 * listener and a dialer of a composed transport are rows of a table.
 */

#ifndef GT_MODULE_LAYER_H
#define GT_MODULE_LAYER_H

#include "module/module.h"
#include "net/op.h"

typedef struct {
    /* each takes lower and ends in a stream, or an error with lower closed;
       the handshake's deadline is the layer's own */
    void (*accept)(void *conf, gt_stream_t *lower, gt_op_t *op);
    void (*connect)(void *conf, gt_stream_t *lower, gt_op_t *op);
} gt_layer_ops_t;

#endif
