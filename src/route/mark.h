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

enum {
    GT_MARKS = 4096,
    GT_MARK_MUTE = 3,      /* requests in a row that nothing answers */
    GT_MARK_GRAIN_MS = 100 /* of answered_ms */
};

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
    uint64_t probed_ms;  /* when a request was last sent to one that was out */
    uint64_t answered_ms; /* the last answer to a request, a refusal too, or up
                             to GT_MARK_GRAIN_MS before it */
    uint32_t mute;       /* requests in a row that were not answered while
                            nobody else's was either */
    uint8_t  unused[12];
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
    uint64_t since = __atomic_load_n(&m->probed_ms, __ATOMIC_RELAXED);

    since = gt_max(since, gt_mark_failed_ms(m));

    /* it may have been marked in another process, later than our round */
    return max_fails > 0 && fails >= max_fails && now < since + fail_ms;
}

static inline bool
gt_mark_is_mute(const gt_mark_t *m)
{
    return __atomic_load_n(&m->mute, __ATOMIC_RELAXED) >= GT_MARK_MUTE;
}

/*
 * May a request go to one that is not out?  If its time is just over, one may
 * and finds out if it is back; false: somebody else does, and until it is
 * known the node is out again.
 */
bool gt_mark_probe(gt_mark_t *m, int64_t max_fails, uint64_t fail_ms,
                   uint64_t now);

/* it has failed; so many times in a row */
uint32_t gt_mark_set(gt_mark_t *m, uint64_t now);

/* it was reached, within us; one that is mute is not well for that.  How often
   it had failed in a row, to one of those who clear that */
uint32_t gt_mark_good(gt_mark_t *m, uint64_t us);

/* it has answered a request, however; the same */
uint32_t gt_mark_answered(gt_mark_t *m, uint64_t now);

/*
 * A request of asked_ms was not answered: in time, or at all.  That may be the
 * target's fault; true: so many in a row were not, and no other since, that it
 * is the node's.
 */
bool gt_mark_unanswered(gt_mark_t *m, uint64_t asked_ms);

#endif
