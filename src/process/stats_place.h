/*
 * process/stats_place.h: where the stats process listens.
 */

#ifndef GT_PROCESS_STATS_PLACE_H
#define GT_PROCESS_STATS_PLACE_H

#include "net/addr.h"
#include "os/sock.h"

typedef struct {
    bool      any;       /* there is such a place */
    bool      open;      /* beyond this machine */
    gt_addr_t addr;      /* len 0: a unix socket at path */
    char      path[GT_SOCK_PATH];
    char      host[GT_HOST_MAX + 1]; /* as written, for the Host check */
} gt_stats_place_t;

/* "127.0.0.1:8404", "localhost:1", "unix:/path"; ":8404" is on the loopback, or
   if wide on every address, as GOST has it.  GT_ERROR and *why */
int gt_stats_place(const char *text, bool wide, gt_stats_place_t *at,
                   const char **why);

/* one address; false when there is none */
bool gt_stats_place_same(const gt_stats_place_t *a, const gt_stats_place_t *b);

/* the file of a unix socket goes */
void gt_stats_place_unlink(const gt_stats_place_t *at);

#endif
