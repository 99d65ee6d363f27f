/*
 * route/select.c: which node of a hop.
 *
 *   those that take the target
 *     -> without those that are out        (not if it is the only one)
 *     -> without those tried in this request
 *     -> in a further attempt without those that were out until now, while
 *        there are others
 *     -> without backups, while there are others
 *     -> without those that take too long to dial, while there are others
 *     -> one of them, by the strategy
 *     -> if it was out until now: only one request meets it until it is known
 *        if it is back; the others choose again
 *
 * Nobody is ever given nothing because all are out: then it is the one that
 * failed the longest ago, for it may be back.
 */

#include "core/hash.h"
#include "core/rand.h"
#include "core/str.h"
#include "route/impl.h"

typedef struct {
    const gt_route_hop_t *hop;
    const gt_route_ask_t *ask;
} select_t;

typedef bool (*select_has_t)(const select_t *sl, int i);


static bool
set_has(const gt_route_set_t *set, int i)
{
    return (set->bits[i / 64] >> (i % 64) & 1) != 0;
}


static void
set_add(gt_route_set_t *set, int i)
{
    set->bits[i / 64] |= UINT64_C(1) << (i % 64);
    set->n++;
}


/* the next of the set from i on; it must have one */

static int
set_next(const gt_route_set_t *set, int i)
{
    while (!set_has(set, i)) {
        i++;
    }

    return i;
}


int
gt_route_set_at(const gt_route_set_t *set, int i)
{
    int at = -1;

    GT_ASSERT(i >= 0 && i < set->n);

    do {
        at = set_next(set, at + 1);
    } while (i-- > 0);

    return at;
}


/* without those that `drop` has; true: some are left, false: set is as it was
   if keep, else empty */

static bool
set_drop(gt_route_set_t *set, const select_t *sl, select_has_t drop, bool keep)
{
    int            i, k;
    gt_route_set_t left = { .n = 0 };

    for (i = -1, k = 0; k < set->n; k++) {
        i = set_next(set, i + 1);

        if (!drop(sl, i)) {
            set_add(&left, i);
        }
    }

    if (left.n || !keep) {
        *set = left;
    }

    return left.n > 0;
}


/* --- what speaks against a node --- */

/* "*" stands for any number of bytes */

static bool
select_glob(gt_str_t p, gt_str_t s)
{
    size_t i = 0, k = 0, star = SIZE_MAX, from = 0;

    while (k < s.n) {
        if (i < p.n && p.p[i] == '*') {
            star = i++;
            from = k;

        } else if (i < p.n
                   && gt_lower((unsigned char) p.p[i])
                          == gt_lower((unsigned char) s.p[k]))
        {
            i++;
            k++;

        } else if (star != SIZE_MAX) {
            i = star + 1;
            k = ++from;

        } else {
            return false;
        }
    }

    while (i < p.n && p.p[i] == '*') {
        i++;
    }

    return i == p.n;
}


/* ".example.com" is that domain and what is in it */

static bool
select_foreign(const select_t *sl, int i)
{
    gt_str_t f = sl->hop->nodes[i].filter, host = sl->ask->host;

    if (f.n == 0) {
        return false;
    }

    if (f.p[0] != '.') {
        return !select_glob(f, host);
    }

    return !gt_str_ieq(gt_str_sub(f, 1, f.n), host)
           && (host.n < f.n
               || !gt_str_ieq(gt_str_sub(host, host.n - f.n, host.n), f));
}


static bool
select_out(const select_t *sl, int i)
{
    const gt_route_node_t *n = &sl->hop->nodes[i];

    return gt_mark_out(n->mark, n->max_fails, n->fail_ms, sl->ask->now);
}


/* its time is over, but nobody has met it yet */

static bool
select_doubtful(const select_t *sl, int i)
{
    const gt_route_node_t *n = &sl->hop->nodes[i];

    return n->max_fails > 0 && gt_mark_fails(n->mark) >= n->max_fails;
}


static bool
select_tried(const select_t *sl, int i)
{
    int k;

    for (k = 0; k < sl->ask->n_tried; k++) {
        if (sl->ask->tried[k] == i) {
            return true;
        }
    }

    return false;
}


static bool
select_backup(const select_t *sl, int i)
{
    return sl->hop->nodes[i].backup;
}


static bool
select_slow(const select_t *sl, int i)
{
    return gt_mark_dial_us(sl->hop->nodes[i].mark) / 1000
           > sl->hop->max_latency_ms;
}


/* the one that failed the longest ago, alone */

static void
select_longest(gt_route_set_t *set, const select_t *sl)
{
    int            i, k, best = -1;
    uint64_t       at, least = 0;
    gt_route_set_t one = { .n = 0 };

    for (i = -1, k = 0; k < set->n; k++) {
        i = set_next(set, i + 1);
        at = gt_mark_failed_ms(sl->hop->nodes[i].mark);

        if (best < 0 || at < least) {
            best = i;
            least = at;
        }
    }

    set_add(&one, best);
    one.last = true;
    *set = one;
}


void
gt_route_candidates(const gt_route_hop_t *hop, const gt_route_ask_t *ask,
                    gt_route_set_t *set)
{
    int            i;
    select_t       sl = { hop, ask };
    gt_route_set_t all = { .n = 0 };

    for (i = 0; i < hop->n; i++) {
        if (!hop->filters || !select_foreign(&sl, i)) {
            set_add(&all, i);
        }
    }

    *set = all;
    if (all.n < 2) {
        set->last = true;
        return;
    }

    if (set_drop(set, &sl, select_out, false)
        && (ask->n_tried == 0 || set_drop(set, &sl, select_tried, false)))
    {
        if (ask->again) {
            (void) set_drop(set, &sl, select_doubtful, true);
        }

        (void) set_drop(set, &sl, select_backup, true);

        if (hop->max_latency_ms) {
            (void) set_drop(set, &sl, select_slow, true);
        }

        return;
    }

    /* all that are well were tried, or none is */
    *set = all;
    (void) set_drop(set, &sl, select_tried, true);
    select_longest(set, &sl);
}


/* does somebody else find out whether it is back? */

static bool
select_probed(const select_t *sl, int i)
{
    const gt_route_node_t *n = &sl->hop->nodes[i];

    return !gt_mark_probe(n->mark, n->max_fails, n->fail_ms, sl->ask->now);
}


static bool
select_mute(const select_t *sl, int i)
{
    return gt_mark_is_mute(sl->hop->nodes[i].mark) && select_probed(sl, i);
}


void
gt_route_contenders(const gt_route_hop_t *hop, const gt_route_ask_t *ask,
                    gt_route_set_t *set)
{
    select_t sl = { hop, ask };

    gt_route_candidates(hop, ask, set);

    if (set->n > 1) {
        (void) set_drop(set, &sl, select_mute, true);
    }
}


/* --- strategies --- */

static int
select_rand(const gt_route_hop_t *hop, const gt_route_set_t *set)
{
    int      i, k;
    uint64_t sum = 0, at;

    for (i = -1, k = 0; k < set->n; k++) {
        i = set_next(set, i + 1);
        sum += hop->nodes[i].weight;
    }

    at = gt_rand_below((uint32_t) sum);

    for (i = -1, k = 0; k < set->n; k++) {
        i = set_next(set, i + 1);
        if (at < hop->nodes[i].weight) {
            break;
        }

        at -= hop->nodes[i].weight;
    }

    return i;
}


/* one that was never dialed first: how else would one know */

static int
select_latency(const gt_route_hop_t *hop, const gt_route_set_t *set)
{
    int      i, k, best = -1;
    uint32_t us, least = 0;

    for (i = -1, k = 0; k < set->n; k++) {
        i = set_next(set, i + 1);
        us = gt_mark_dial_us(hop->nodes[i].mark);

        if (best < 0 || us < least) {
            best = i;
            least = us;
        }
    }

    return best;
}


static int
select_one(const gt_route_hop_t *hop, const gt_route_ask_t *ask,
           const gt_route_set_t *set)
{
    uint32_t n = (uint32_t) set->n;

    if (n < 2) {
        return n ? gt_route_set_at(set, 0) : GT_ERROR;
    }

    switch (hop->strategy) {

    case GT_ROUTE_FIFO: return gt_route_set_at(set, 0);

    case GT_ROUTE_LATENCY: return select_latency(hop, set);

    case GT_ROUTE_RAND: return select_rand(hop, set);

    case GT_ROUTE_HASH:
        n = ask->hash.n ? gt_crc32(ask->hash.p, ask->hash.n) % n
                        : gt_rand_below(n);
        return gt_route_set_at(set, (int) n);

    case GT_ROUTE_ROUND:
    case GT_ROUTE_PARALLEL: break;
    }

    n = __atomic_fetch_add(&hop->mark->cursor, 1, __ATOMIC_RELAXED) % n;

    return gt_route_set_at(set, (int) n);
}


int
gt_route_select(const gt_route_hop_t *hop, const gt_route_ask_t *ask)
{
    int            i;
    select_t       sl = { hop, ask };
    gt_route_set_t set;

    if (hop->n == 1 && !hop->filters) {
        return 0;
    }

    /* one that is lost to another request is out then */
    do {
        gt_route_candidates(hop, ask, &set);
        i = select_one(hop, ask, &set);
    } while (i >= 0 && !set.last && hop->strategy != GT_ROUTE_PARALLEL
             && select_probed(&sl, i));

    return i;
}
