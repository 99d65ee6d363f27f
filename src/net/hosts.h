/*
 * net/hosts.h: the hosts file as a table: names to addresses, read again when
 * the file has changed.
 */

#ifndef GT_NET_HOSTS_H
#define GT_NET_HOSTS_H

#include "net/addr.h"

enum { GT_HOSTS_BYTES = 16 * 1024 * 1024 }; /* a longer file is cut there */

typedef struct gt_hosts gt_hosts_t;

/* the table of that file, empty until the first refresh; path is copied;
   NULL: no memory */
gt_hosts_t *gt_hosts_new(const char *path);
void        gt_hosts_free(gt_hosts_t *h); /* NULL is fine */

/* reads the file if it is another than the last time; true: it was.  A file
   that cannot be read is an empty one; without memory the old table stays */
bool gt_hosts_refresh(gt_hosts_t *h);

/* at most max addresses of a name (any case, a dot at its end is ignored), in
   the order of the file, without a port; how many */
unsigned gt_hosts_find(const gt_hosts_t *h, const char *name, size_t n,
                       gt_addr_t *to, unsigned max);

#endif
