/*
 * core/stat_client.h: GOST's five figures per client address: a table of
 * bounded size that one process writes and others read, as core/stat.h has it.
 *
 * A row that is taken stays what it is for as long as the table lives.
 */

#ifndef GT_CORE_STAT_CLIENT_H
#define GT_CORE_STAT_CLIENT_H

#include "core/stat.h"

enum {
    GT_STAT_ADDR = 16,         /* bytes: IPv6, or IPv4 mapped into it */
    GT_STAT_CLIENT_PROBES = 16 /* places a row may have: looking for one that
                                  finds no room costs a microsecond at most */
};

/* a cache line; all-zero is free */
typedef struct {
    uint8_t  addr[GT_STAT_ADDR];
    uint32_t id; /* whose client, plus 1; written last; 0: free */
    uint32_t unused;
    uint64_t figures[GT_STAT_FIGURES];
} gt_stat_client_t;

_Static_assert(sizeof(gt_stat_client_t) == GT_STAT_ALIGN, "a cache line");

/*
 * The writer: the row of that address and service (any number that means the
 * same in every process that writes here) in a table of n rows; a free one is
 * taken.  NULL: there is no room for it.
 */
gt_stat_client_t *gt_stat_client(gt_stat_client_t *table, uint32_t n,
                                 const uint8_t addr[GT_STAT_ADDR],
                                 uint32_t service);

/*
 * Without a secret, because the process after the writer has to find the same
 * row.  Addresses that were chosen to meet find no room, and count together.
 */
uint32_t gt_stat_client_hash(const uint8_t addr[GT_STAT_ADDR],
                             uint32_t service);

/* a reader: is it taken, and then by whom? */
static inline bool
gt_stat_client_taken(const gt_stat_client_t *row, uint32_t *service)
{
    uint32_t id = __atomic_load_n(&row->id, __ATOMIC_ACQUIRE);

    *service = id - 1;

    return id != 0;
}

#endif
