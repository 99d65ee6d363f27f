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
