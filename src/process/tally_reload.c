/*
 * process/tally_reload.c: how reloads went, in the lasting zone: the master
 * writes it, whoever shows it reads it, with a sequence lock of its own.
 */

#include "process/tally.h"

#include "core/str.h"

#include <sched.h>
#include <time.h>

enum {
    RELOADS_TRIES = 10000 /* a master that died in the middle leaves it odd */
};


void
gt_tally_reloaded(gt_zone_t *lasting, bool good, const char *text, size_t n)
{
    struct timespec    ts;
    gt_slots_reload_t *r = &gt_tally_lasting(lasting)->reload;

    (void) clock_gettime(CLOCK_REALTIME, &ts);

    __atomic_store_n(&r->turn, r->turn | 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);

    r->good += good;
    r->failed += !good;
    r->was_good = good;
    r->at_ms = (uint64_t) ts.tv_sec * 1000 + (uint64_t) ts.tv_nsec / 1000000;
    (void) gt_str_copy(r->text, sizeof(r->text), gt_str_make(text, n));

    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    __atomic_store_n(&r->turn, r->turn + 1, __ATOMIC_RELAXED);
}


void
gt_tally_reloads(const gt_zone_t *lasting, gt_slots_reload_t *to)
{
    int                      tries;
    uint32_t                 turn;
    const gt_slots_reload_t *r = &gt_tally_lasting(lasting)->reload;

    for (tries = 0; tries < RELOADS_TRIES; tries++) {
        turn = __atomic_load_n(&r->turn, __ATOMIC_ACQUIRE);
        *to = *r;
        to->text[GT_SLOTS_TEXT - 1] = '\0';

        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        if (!(turn & 1) && __atomic_load_n(&r->turn, __ATOMIC_RELAXED) == turn)
        {
            return;
        }

        (void) sched_yield();
    }
}
