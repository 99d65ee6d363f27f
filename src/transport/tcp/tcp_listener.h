/*
 * transport/tcp/tcp_listener.h: what a TCP listener is in the master and in a
 * worker.
 */

#ifndef GT_TRANSPORT_TCP_TCP_LISTENER_H
#define GT_TRANSPORT_TCP_TCP_LISTENER_H

#include "module/listener.h"
#include "transport/tcp/tcp.h"

typedef struct {
    bool           reuseport;      /* what GOST asks for and we always do */
    bool           keepalive;      /* the three below are set */
    uint64_t       idle, interval; /* ms */
    int64_t        count;
    int64_t        backlog;
    gt_tcp_chaos_t chaos;
} tcpl_conf_t;

/* the bind of gt_listener_ops_t, in the master */
int gt_tcp_bind(gt_listener_t *ls, char *why, size_t size);

#endif
