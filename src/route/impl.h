/*
 * route/impl.h: what a route is made of, for those who build it and those who
 * go along it.
 */

#ifndef GT_ROUTE_IMPL_H
#define GT_ROUTE_IMPL_H

#include "module/connector.h"
#include "module/module.h"
#include "route/route.h"

typedef struct {
    const gt_node_model_t *model; /* the model's */
    const gt_module_t     *dialer, *connector;
    void                  *dialer_conf, *connector_conf; /* ours */
    gt_credentials_t       cred;
    gt_str_t               host; /* of the model's addr */
    uint16_t               port;
} gt_route_node_t;

typedef struct {
    const char     *name; /* the model's */
    gt_route_node_t node; /* one for now */
} gt_route_hop_t;

struct gt_route {
    const char    *chain; /* the model's; NULL: direct */
    int            retries;
    int            n;
    gt_route_hop_t hops[];
};

#endif
