/*
 * core/stat_client.c: finds a client's row.
 */

#include "core/stat_client.h"

#include "core/hash.h"

#include <string.h>


uint32_t
gt_stat_client_hash(const uint8_t addr[GT_STAT_ADDR], uint32_t service)
{
    uint8_t              p[GT_STAT_ADDR + sizeof(service)];
    static const uint8_t key[GT_SIPHASH_KEY];

    memcpy(p, addr, GT_STAT_ADDR);
    memcpy(p + GT_STAT_ADDR, &service, sizeof(service));

    return (uint32_t) gt_siphash(key, p, sizeof(p));
}


gt_stat_client_t *
gt_stat_client(gt_stat_client_t *table, uint32_t n,
               const uint8_t addr[GT_STAT_ADDR], uint32_t service)
{
    uint32_t          i, at;
    gt_stat_client_t *row;

    if (n == 0) {
        return NULL;
    }

    at = gt_stat_client_hash(addr, service) % n;

    for (i = 0; i < gt_min(n, (uint32_t) GT_STAT_CLIENT_PROBES); i++) {
        row = &table[at];
        at = at + 1 < n ? at + 1 : 0;

        if (row->id == 0) {
            memcpy(row->addr, addr, GT_STAT_ADDR);
            __atomic_store_n(&row->id, service + 1, __ATOMIC_RELEASE);
            return row;
        }

        if (row->id == service + 1
            && memcmp(row->addr, addr, GT_STAT_ADDR) == 0) {
            return row;
        }
    }

    return NULL;
}
