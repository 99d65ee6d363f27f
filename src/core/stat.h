/*
 * core/stat.h: counters, declared once in a table.  Where they live is handed
 * down: process/ makes a block per worker in shared memory, which only that
 * worker writes; readers sum the blocks of all living ones.
 */

#ifndef GT_CORE_STAT_H
#define GT_CORE_STAT_H

#include "core/core.h"

/* one row per counter; the same table yields /status and the metrics text */
typedef enum { GT_STAT_COUNTER, GT_STAT_GAUGE } gt_stat_kind_t;

typedef struct {
    const char    *name; /* the JSON key: "totalConns" */
    const char    *help;
    gt_stat_kind_t kind;
} gt_stat_desc_t;

/* per worker */
enum {
    GT_STAT_ACCEPTED,      /* connections accepted */
    GT_STAT_CONNECTIONS,   /* gauge: client connections now */
    GT_STAT_REFUSED,       /* connections refused by a limit */
    GT_STAT_ACCEPT_PAUSED, /* times accepting paused: descriptors ran out */
    GT_STAT_TUNNELS,       /* gauge: tunnels relayed now */
    GT_STAT_BEAT,          /* event loop rounds: it moves while alive */
    GT_STAT_LOG_DROPPED,   /* log lines that could not be written */
    GT_STAT_AUTH_WRONG,    /* credentials that were wrong */
    GT_STAT_AUTH_SHED,     /* not looked at: policy/guard.h */
    GT_STAT_WORKER_MAX
};

enum { GT_STAT_TOOK_BUCKETS = 15 };

/* per worker and service: GOST's five figures, which stand per client too
   (core/stat_client.h), and how long its sessions took */
enum {
    GT_STAT_TOTAL_CONNS,
    GT_STAT_CURRENT_CONNS, /* gauge */
    GT_STAT_TOTAL_ERRS,
    GT_STAT_INPUT_BYTES,
    GT_STAT_OUTPUT_BYTES,
    GT_STAT_FIGURES, /* so many are they */
    GT_STAT_TOOK_MS = GT_STAT_FIGURES, /* sessions that have ended, in ms */
    /* how many of those took as long as gt_stat_took_le[] or less and longer
       than the one before; the last one: longer than any */
    GT_STAT_TOOK_LE,
    GT_STAT_SERVICE_MAX = GT_STAT_TOOK_LE + GT_STAT_TOOK_BUCKETS
};

/* the upper bounds, in ms: GOST's */
extern const uint32_t gt_stat_took_le[GT_STAT_TOOK_BUCKETS - 1];
enum { GT_STAT_NODE_BUCKETS = 14 };

/* per worker and node of a chain; a node of a hop that two chains go through
   has a row in each */
enum {
    GT_STAT_NODE_TRIED,   /* dials begun */
    GT_STAT_NODE_FAILED,  /* failures that were the node's own */
    GT_STAT_NODE_ACTIVE,  /* gauge: sessions that lead through it now */
    GT_STAT_NODE_DIALED,  /* dials that succeeded, handshake included */
    GT_STAT_NODE_DIAL_US, /* how long all of those took, in microseconds */
    /* how many of those took as long as gt_stat_node_le[] or less and longer
       than the one before; the last one: longer than any */
    GT_STAT_NODE_LE,
    GT_STAT_NODE_MAX = GT_STAT_NODE_LE + GT_STAT_NODE_BUCKETS
};

/* the upper bounds, in ms: GOST's */
extern const uint32_t gt_stat_node_le[GT_STAT_NODE_BUCKETS - 1];

extern const gt_stat_desc_t gt_stat_worker_table[GT_STAT_WORKER_MAX];
extern const gt_stat_desc_t gt_stat_service_table[GT_STAT_SERVICE_MAX];
extern const gt_stat_desc_t gt_stat_node_table[GT_STAT_NODE_MAX];

enum { GT_STAT_ALIGN = 64 }; /* a cache line: no two workers share one */

/* a node's row in a worker's block */
typedef uint64_t gt_stat_node_t[GT_STAT_NODE_MAX];

/* a worker's block; services[] has one row per service of its generation, and
   behind them there is one row per node: gt_stat_nodes() */
typedef struct {
    uint64_t worker[GT_STAT_WORKER_MAX];
    uint64_t services[][GT_STAT_SERVICE_MAX];
} gt_stat_block_t;

/* a session has ended that took so long; row is a service's */
void gt_stat_took(uint64_t *row, uint64_t ms);

/* the block's size, a multiple of GT_STAT_ALIGN */
size_t gt_stat_block_size(int n_services, int n_nodes);

/* the rows of the nodes, behind those of n_services */
gt_stat_node_t *gt_stat_nodes(gt_stat_block_t *block, int n_services);

/* a dial that succeeded and took so long */
void gt_stat_node_dialed(gt_stat_node_t *row, uint64_t us);

/* single writer, many readers: relaxed atomics, no lock prefix */
static inline void
gt_stat_add(uint64_t *c, uint64_t n)
{
    __atomic_store_n(c, *c + n, __ATOMIC_RELAXED);
}

static inline void
gt_stat_sub(uint64_t *c, uint64_t n)
{
    __atomic_store_n(c, *c - n, __ATOMIC_RELAXED);
}

static inline uint64_t
gt_stat_get(const uint64_t *c)
{
    return __atomic_load_n(c, __ATOMIC_RELAXED);
}

#endif
