/*
 * core/stat.c: the tables of counters.
 */

#include "core/stat.h"

/* clang-format off */
const gt_stat_desc_t gt_stat_worker_table[GT_STAT_WORKER_MAX] = {
    [GT_STAT_ACCEPTED] =
        { "accepted", "connections accepted", GT_STAT_COUNTER },
    [GT_STAT_CONNECTIONS] =
        { "connections", "client connections now", GT_STAT_GAUGE },
    [GT_STAT_REFUSED] =
        { "refused", "connections refused by a limit", GT_STAT_COUNTER },
    [GT_STAT_ACCEPT_PAUSED] =
        { "acceptPaused", "times accepting paused for want of descriptors",
          GT_STAT_COUNTER },
    [GT_STAT_TUNNELS] =
        { "tunnels", "tunnels relayed now", GT_STAT_GAUGE },
    [GT_STAT_BEAT] =
        { "beat", "rounds of the event loop", GT_STAT_COUNTER },
    [GT_STAT_LOG_DROPPED] =
        { "logDropped", "log lines that could not be written",
          GT_STAT_COUNTER },
    [GT_STAT_AUTH_WRONG] =
        { "authWrong", "credentials that were wrong", GT_STAT_COUNTER },
    [GT_STAT_AUTH_SHED] =
        { "authShed", "credentials not looked at, after too many wrong ones",
          GT_STAT_COUNTER },
};

#define STAT_TOOK(i, name)                                                    \
    [GT_STAT_TOOK_LE + (i)] =                                                 \
        { "took" name, "connections that took so long", GT_STAT_COUNTER }

const gt_stat_desc_t gt_stat_service_table[GT_STAT_SERVICE_MAX] = {
    [GT_STAT_TOTAL_CONNS] =
        { "totalConns", "connections handled", GT_STAT_COUNTER },
    [GT_STAT_CURRENT_CONNS] =
        { "currentConns", "connections being handled now", GT_STAT_GAUGE },
    [GT_STAT_TOTAL_ERRS] =
        { "totalErrs", "connections that ended in an error", GT_STAT_COUNTER },
    [GT_STAT_INPUT_BYTES] =
        { "inputBytes", "bytes from clients", GT_STAT_COUNTER },
    [GT_STAT_OUTPUT_BYTES] =
        { "outputBytes", "bytes to clients", GT_STAT_COUNTER },
    [GT_STAT_TOOK_MS] =
        { "tookMilliseconds", "how long connections took in all",
          GT_STAT_COUNTER },
    STAT_TOOK(0, "5ms"),  STAT_TOOK(1, "10ms"),  STAT_TOOK(2, "25ms"),
    STAT_TOOK(3, "50ms"), STAT_TOOK(4, "100ms"), STAT_TOOK(5, "250ms"),
    STAT_TOOK(6, "500ms"), STAT_TOOK(7, "1s"),   STAT_TOOK(8, "2500ms"),
    STAT_TOOK(9, "5s"),   STAT_TOOK(10, "10s"),  STAT_TOOK(11, "15s"),
    STAT_TOOK(12, "30s"), STAT_TOOK(13, "60s"),  STAT_TOOK(14, "Longer"),
};

const uint32_t gt_stat_took_le[GT_STAT_TOOK_BUCKETS - 1] = {
    5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 15000, 30000, 60000,
};

#define STAT_LE(i, name)                                                      \
    [GT_STAT_NODE_LE + (i)] =                                                 \
        { "dialed" name, "dials that took so long", GT_STAT_COUNTER }

const gt_stat_desc_t gt_stat_node_table[GT_STAT_NODE_MAX] = {
    [GT_STAT_NODE_TRIED] =
        { "tried", "dials begun", GT_STAT_COUNTER },
    [GT_STAT_NODE_FAILED] =
        { "failed", "failures of the node's own", GT_STAT_COUNTER },
    [GT_STAT_NODE_ACTIVE] =
        { "active", "sessions that lead through it now", GT_STAT_GAUGE },
    [GT_STAT_NODE_DIALED] =
        { "dialed", "dials that succeeded", GT_STAT_COUNTER },
    [GT_STAT_NODE_DIAL_US] =
        { "dialMicroseconds", "how long those took in all", GT_STAT_COUNTER },
    STAT_LE(0, "10ms"),   STAT_LE(1, "50ms"),   STAT_LE(2, "100ms"),
    STAT_LE(3, "250ms"),  STAT_LE(4, "500ms"),  STAT_LE(5, "1s"),
    STAT_LE(6, "1500ms"), STAT_LE(7, "2s"),     STAT_LE(8, "5s"),
    STAT_LE(9, "10s"),    STAT_LE(10, "15s"),   STAT_LE(11, "30s"),
    STAT_LE(12, "60s"),   STAT_LE(13, "Longer"),
};

const uint32_t gt_stat_node_le[GT_STAT_NODE_BUCKETS - 1] = {
    10, 50, 100, 250, 500, 1000, 1500, 2000, 5000, 10000, 15000, 30000, 60000,
};
/* clang-format on */


/* bytes of the head and of the services' rows */

static size_t
stat_services_end(int n_services)
{
    return sizeof(gt_stat_block_t)
           + (size_t) n_services * sizeof(((gt_stat_block_t *) 0)->services[0]);
}


size_t
gt_stat_block_size(int n_services, int n_nodes)
{
    size_t n;

    GT_ASSERT(n_services >= 0 && n_nodes >= 0);

    n = stat_services_end(n_services)
        + (size_t) n_nodes * sizeof(gt_stat_node_t);

    return (n + GT_STAT_ALIGN - 1) / GT_STAT_ALIGN * GT_STAT_ALIGN;
}


void
gt_stat_took(uint64_t *row, uint64_t ms)
{
    int i = 0;

    while (i < GT_STAT_TOOK_BUCKETS - 1 && ms > gt_stat_took_le[i]) {
        i++;
    }

    gt_stat_add(&row[GT_STAT_TOOK_LE + i], 1);
    gt_stat_add(&row[GT_STAT_TOOK_MS], ms);
}


gt_stat_node_t *
gt_stat_nodes(gt_stat_block_t *block, int n_services)
{
    return (void *) ((uint8_t *) block + stat_services_end(n_services));
}


void
gt_stat_node_dialed(gt_stat_node_t *row, uint64_t us)
{
    int i = 0;

    while (i < GT_STAT_NODE_BUCKETS - 1
           && us > (uint64_t) gt_stat_node_le[i] * 1000)
    {
        i++;
    }

    gt_stat_add(&(*row)[GT_STAT_NODE_LE + i], 1);
    gt_stat_add(&(*row)[GT_STAT_NODE_DIALED], 1);
    gt_stat_add(&(*row)[GT_STAT_NODE_DIAL_US], us);
}
