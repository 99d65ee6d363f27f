/*
 * net/name.h: hosts that need no lookup, and names in the form that is looked
 * up; for net/resolve.c.
 */

#ifndef GT_NET_NAME_H
#define GT_NET_NAME_H

#include "core/err.h"
#include "net/addr.h"

enum {
    GT_NAME_MAX = 254, /* RFC 1035: 253, and a dot at the end */
    GT_NAME_ADDRS = 2  /* localhost has two */
};

/*
 * host (n bytes, any case): GT_E_DNS: it is no name.  GT_E_NONE and *n_to
 * addresses (room for GT_NAME_ADDRS); 0: it must be asked for, as name (room
 * for GT_NAME_MAX + 1), the same in lower case.
 */
gt_err_t gt_name_known(const char *host, size_t n, char *name, gt_addr_t *to,
                       unsigned *n_to);

#endif
