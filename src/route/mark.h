/*
 * route/mark.h: what all workers of all generations know about a node: how
 * often it failed in a row and when, and about a hop: whose turn it is.
 *
 * A table of records in the lasting zone.  The master finds or makes the
 * record of a name before it forks; workers write single words of it, without
 * a lock: a mark that two set at once is set.
 */

#ifndef GT_ROUTE_MARK_H
#define GT_ROUTE_MARK_H

#include "core/core.h"

/* clang-format off */
#define GT_MARKS_AREA  "marks" /* of the lasting zone: GT_MARKS records */
/* clang-format on */

enum { GT_MARKS = 4096 };

/* a cache line; every word but key and generation is an atomic of its own */
typedef struct {
    uint64_t key;        /* 0: free */
    uint64_t failed_ms;  /* the last failure, on the clock of gt_loop_t.now,
                            which all processes share */
    uint32_t fails;      /* in a row; 0: it is well */
    uint32_t cursor;     /* of a hop: how often one was chosen in turn */
    uint32_t dial_us;    /* of a node: what a dial takes, smoothed; 0: not
                            known */
    uint32_t generation; /* the last one that knows it; the master's */
    uint8_t  unused[32];
} gt_mark_t;

_Static_assert(sizeof(gt_mark_t) == 64, "a cache line");

/* of a name; never 0 */
uint64_t gt_mark_key(const char *name);

/*
 * The master: the index of the record with that key in a table of GT_MARKS, or
 * of a fresh one.  One that no generation from `oldest` on knows is free.
 * GT_ERROR: the table is full.
 */
int gt_mark_take(gt_mark_t *table, uint64_t key, uint32_t generation,
                 uint32_t oldest);

static inline uint32_t
gt_mark_fails(const gt_mark_t *m)
{
    return __atomic_load_n(&m->fails, __ATOMIC_RELAXED);
}

static inline uint64_t
gt_mark_failed_ms(const gt_mark_t *m)
{
    return __atomic_load_n(&m->failed_ms, __ATOMIC_RELAXED);
}

static inline uint32_t
gt_mark_dial_us(const gt_mark_t *m)
{
    return __atomic_load_n(&m->dial_us, __ATOMIC_RELAXED);
}

/* is it to be passed over now? */
static inline bool
gt_mark_out(const gt_mark_t *m, int64_t max_fails, uint64_t fail_ms,
            uint64_t now)
{
    uint32_t fails = gt_mark_fails(m);

    /* it may have been marked in another process, later than our round */
    return max_fails > 0 && fails >= max_fails
           && now < gt_mark_failed_ms(m) + fail_ms;
}

/* it has failed; so many times in a row */
uint32_t gt_mark_set(gt_mark_t *m, uint64_t now);

/* it was reached, within us */
void gt_mark_good(gt_mark_t *m, uint64_t us);

#endif
