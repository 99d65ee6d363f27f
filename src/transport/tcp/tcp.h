/*
 * transport/tcp/tcp.h: what listener and dialer of plain TCP have in common:
 * in test builds, chaos.
 */

#ifndef GT_TRANSPORT_TCP_TCP_H
#define GT_TRANSPORT_TCP_TCP_H

#include "conf/opt.h"
#include "net/chaos.h"

typedef struct {
    bool            on;
    gt_chaos_conf_t conf;
} gt_tcp_chaos_t;

/* a setter (conf/opt.h) of a gt_tcp_chaos_t */
int gt_tcp_opt_chaos(void *f, const gt_cnode_t *v, const char **why);

/* takes st; dressed if it is on; NULL without memory, st is closed then */
gt_stream_t *gt_tcp_dress(const gt_tcp_chaos_t *chaos, gt_stream_t *st);

/* its row of an option table, empty in builds for use */
/* clang-format off */
#if (GT_DEBUG) || (GT_ASAN)
#define GT_TCP_OPT_CHAOS(type, member)                                        \
    { "chaos", gt_tcp_opt_chaos, offsetof(type, member), NULL,                \
      "hostile I/O, for tests: seed=7,maxread=3,again=30" },
#else
#define GT_TCP_OPT_CHAOS(type, member)
#endif
/* clang-format on */

#endif
