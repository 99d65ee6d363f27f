/*
 * net/connect.h: a host and a port to one connected stream: resolves, then
 * happy eyeballs (RFC 8305): the addresses in turn, the next one 250 ms later
 * or at once when one fails, the first that answers wins.
 */

#ifndef GT_NET_CONNECT_H
#define GT_NET_CONNECT_H

#include "net/addr.h"
#include "net/give.h"
#include "net/op.h"

enum { GT_CONNECT_DELAY = 250, GT_CONNECT_MS = 15000 };

typedef struct {
    uint64_t    timeout_ms; /* for all of it; 0: GT_CONNECT_MS */
    uint32_t    mark;       /* SO_MARK; 0: none */
    const char *interface;  /* a device; NULL: any; outlives the operation */
    bool        deny_private; /* never to an address that gt_deny_addr() names;
                                 GT_E_DENIED when there is no other */
    const gt_addr_t *source; /* its own address; NULL: any; the same.  Only
                                addresses of its family are tried */
    gt_giver_t *giver; /* makes the sockets; NULL: we do; outlives it too */
    unsigned    space; /* with giver: which of its namespaces they are of */
} gt_connect_conf_t;

/*
 * op ends in a TCP stream with TCP_NODELAY and keepalive on, or in the error
 * of the first address that was tried; that there is no route to an address,
 * as to any of IPv6 on a machine without it, counts only if that is so of all.
 * GT_E_TIMEOUT when the time was over before any had failed.
 *
 * host may be a name, an IPv4 or IPv6 literal without brackets, or empty: this
 * machine.  A name is looked up from where this process is, whatever namespace
 * the sockets are of.  cf NULL: defaults.
 * Neither host nor cf is needed after the call returns.
 */
void gt_connect(gt_loop_t *loop, const char *host, size_t n, uint16_t port,
                const gt_connect_conf_t *cf, gt_op_t *op);

/* the same to one address that is known */
void gt_connect_addr(gt_loop_t *loop, const gt_addr_t *to,
                     const gt_connect_conf_t *cf, gt_op_t *op);

/* and to a unix socket */
void gt_connect_unix(gt_loop_t *loop, const char *path, gt_op_t *op);

#endif
