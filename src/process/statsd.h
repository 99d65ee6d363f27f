/*
 * process/statsd.h: the stats process: an unprivileged HTTP/1.1 server that
 * reads the zones.  Workers never serve figures, so that a big table cannot
 * slow a tunnel.  Ends with its channel.
 */

#ifndef GT_PROCESS_STATSD_H
#define GT_PROCESS_STATSD_H

#include "core/str.h"
#include "process/cycle.h"

enum {
    GT_STATSD_CONNS = 256,    /* at once; the oldest makes room for a new one */
    GT_STATSD_HEAD = 8192,    /* bytes of a request head */
    GT_STATSD_MS = 10000,     /* from accept to the last byte of the answer */
    GT_STATSD_SCRAPES = 8,    /* metrics being sent; each holds its figures */
    GT_STATSD_ZONES = 256     /* generations read at once; the newest win */
};

typedef struct {
    gt_cycle_t *cycle; /* whose desks and user */
    int         channel;
    gt_list_t  *cycles;
    gt_zone_t  *lasting;
    pid_t       master;
} gt_statsd_conf_t;

/* in the child, right after the fork; the status to exit with */
int gt_statsd_run(const gt_statsd_conf_t *cf);

/*
 * May a browser that was sent here by somebody's name (DNS rebinding) read
 * what we say?  True for IP literals, localhost, names below it, and own, the
 * host of the stats address as configured, with or without a port.
 */
bool gt_statsd_host_ok(gt_str_t host, const char *own);

#endif
