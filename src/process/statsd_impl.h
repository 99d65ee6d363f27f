/*
 * process/statsd_impl.h: what the files of the stats process share.
 */

#ifndef GT_PROCESS_STATSD_IMPL_H
#define GT_PROCESS_STATSD_IMPL_H

#include "process/metrics.h"
#include "process/statsd.h"
#include "proto/http1.h"

typedef struct gt_statsd gt_statsd_t;

/* a desk that is open */
typedef struct {
    gt_event_t       listener;
    gt_statsd_t     *sd;
    const gt_desk_t *desk; /* the cycle's */
    gt_timer_t       pause; /* of accepting, without descriptors */
} gt_statsd_desk_t;

struct gt_statsd {
    gt_loop_t        loop;
    gt_event_t       signals;
    gt_channel_t     ch;
    gt_statsd_desk_t desks[GT_DESKS];
    gt_zone_t       *lasting;
    gt_zone_t       *zones[GT_STATSD_ZONES]; /* ours; the newest last */
    int              n_zones;
    pid_t            master;
    gt_list_t        conns; /* ours, the oldest first */
    unsigned         n_conns;
    unsigned         n_scrapes; /* of them: those that get metrics */
    uint64_t         cpu_ms;    /* of process/metrics.h */
};

/* an answer before it is bytes */
typedef struct {
    int         status;
    const char *type;  /* NULL: no body type */
    const char *extra; /* a field's name, or NULL, and its value */
    const char *value;
    const char *etag;  /* NULL: it is never the same again */
    gt_str_t    body;  /* the caller's or static */

    gt_metrics_t *metrics; /* the body, instead; the caller's from here on */
} gt_statsd_answer_t;

/* statsd.c: zones whose figures are in the lasting one go */
void gt_statsd_sweep(gt_statsd_t *sd);

/* statsd_conn.c: the listener is readable; all connections go */
void gt_statsd_accept(gt_event_t *ev, uint32_t events);
void gt_statsd_conns_close(gt_statsd_t *sd);

/* statsd_answer.c: to a request at that desk; its body may lie in *json, the
   caller's to free() */
gt_statsd_answer_t gt_statsd_ask(gt_statsd_desk_t *at,
                                 const gt_http1_head_t *h, char **json);
gt_statsd_answer_t gt_statsd_text(int status, const char *text);

#endif
