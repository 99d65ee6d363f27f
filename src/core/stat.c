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
/* clang-format on */


size_t
gt_stat_block_size(int n_services)
{
    size_t n;

    GT_ASSERT(n_services >= 0);

    n = sizeof(gt_stat_block_t)
        + (size_t) n_services * sizeof(((gt_stat_block_t *) 0)->services[0]);

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
