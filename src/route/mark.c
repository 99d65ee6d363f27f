/*
 * route/mark.c: the marks of nodes and hops.
 */

#include "route/mark.h"

#include "core/hash.h"

#include <string.h>


uint64_t
gt_mark_key(const char *name)
{
    static const uint8_t key[GT_SIPHASH_KEY] = "gatun: a mark";
    uint64_t             h = gt_siphash(key, name, strlen(name));

    return h ? h : 1;
}


int
gt_mark_take(gt_mark_t *table, uint64_t key, uint32_t generation,
             uint32_t oldest)
{
    int i, spare = GT_ERROR;

    for (i = 0; i < GT_MARKS; i++) {
        if (table[i].key == key) {
            table[i].generation = generation;
            return i;
        }

        if (spare < 0 && (table[i].key == 0 || table[i].generation < oldest)) {
            spare = i;
        }
    }

    if (spare >= 0) {
        table[spare] = (gt_mark_t){ .key = key, .generation = generation };
    }

    return spare;
}


uint32_t
gt_mark_set(gt_mark_t *m, uint64_t now)
{
    __atomic_store_n(&m->failed_ms, now, __ATOMIC_RELAXED);

    return __atomic_add_fetch(&m->fails, 1, __ATOMIC_RELAXED);
}


bool
gt_mark_probe(gt_mark_t *m, int64_t max_fails, uint64_t fail_ms, uint64_t now)
{
    uint64_t was = __atomic_load_n(&m->probed_ms, __ATOMIC_RELAXED);

    if (max_fails <= 0 || gt_mark_fails(m) < max_fails) {
        return true;
    }

    return now >= was + fail_ms
           && __atomic_compare_exchange_n(&m->probed_ms, &was, now, false,
                                          __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}


static uint32_t
mark_clear(gt_mark_t *m)
{
    return gt_mark_fails(m) == 0
               ? 0
               : __atomic_exchange_n(&m->fails, 0, __ATOMIC_RELAXED);
}


/* the line is shared by all workers: it is written only when something has
   changed by more than chance */

uint32_t
gt_mark_good(gt_mark_t *m, uint64_t us)
{
    uint32_t fails = gt_mark_is_mute(m) ? 0 : mark_clear(m);
    uint64_t was = __atomic_load_n(&m->dial_us, __ATOMIC_RELAXED);

    us = gt_min(gt_max(us, UINT64_C(1)), (uint64_t) INT32_MAX);

    if (us > was + was / 4 || us < was - was / 4) {
        us = was ? (was * 7 + us) / 8 : us;
        __atomic_store_n(&m->dial_us, (uint32_t) us, __ATOMIC_RELAXED);
    }

    return fails;
}


uint32_t
gt_mark_answered(gt_mark_t *m, uint64_t now)
{
    uint32_t fails = 0;
    uint64_t was = __atomic_load_n(&m->answered_ms, __ATOMIC_RELAXED);

    if (now >= was + GT_MARK_GRAIN_MS) {
        __atomic_store_n(&m->answered_ms, now, __ATOMIC_RELAXED);
    }

    if (gt_mark_is_mute(m)) {
        fails = mark_clear(m);
    }

    if (__atomic_load_n(&m->mute, __ATOMIC_RELAXED) != 0) {
        __atomic_store_n(&m->mute, 0, __ATOMIC_RELAXED);
    }

    return fails;
}


bool
gt_mark_unanswered(gt_mark_t *m, uint64_t asked_ms)
{
    uint64_t was = __atomic_load_n(&m->answered_ms, __ATOMIC_RELAXED);

    if (was + GT_MARK_GRAIN_MS > asked_ms) {
        return false;
    }

    return __atomic_add_fetch(&m->mute, 1, __ATOMIC_RELAXED) >= GT_MARK_MUTE;
}
