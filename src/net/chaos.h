/*
 * net/chaos.h: a hostile layer over any stream, for tests: short reads and
 * writes, spurious GT_AGAIN, delays by a round, read-ahead, a reset after so
 * many bytes.  Because it is a stream, everything runs over it unchanged.
 */

#ifndef GT_NET_CHAOS_H
#define GT_NET_CHAOS_H

#include "net/stream.h"

typedef struct {
    uint64_t seed;        /* 0: 1 */
    uint64_t max_read;    /* bytes a recv gives at most; 0: no limit */
    uint64_t max_write;   /* bytes a send takes at most; 0: no limit */
    uint64_t again_pct;   /* calls that say GT_AGAIN though they could */
    uint64_t reset_after; /* bytes, both ways together; 0: never */
} gt_chaos_conf_t;

/* "seed=7,maxread=3,maxwrite=5,again=30,resetafter=9000"; GT_ERROR and *why */
int gt_chaos_parse(const char *text, gt_chaos_conf_t *cf, const char **why);

/* takes lower; NULL without memory: lower is closed */
gt_stream_t *gt_chaos_stream(gt_stream_t *lower, const gt_chaos_conf_t *cf);

#endif
