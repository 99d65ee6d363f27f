/*
 * event/timer.c: points in time, in the loop's heap.
 */

#include "event/loop.h"


void
gt_timer_set(gt_loop_t *loop, gt_timer_t *t, uint64_t ms,
             void (*fire)(gt_timer_t *timer))
{
    gt_timer_del(loop, t);

    if (ms == 0 && loop->firing) {
        ms = 1; /* or a timer that sets itself again never lets go */
    }

    t->node.key = loop->now + ms;
    t->fire = fire;
    t->set = true;
    gt_heap_add(&loop->timers, &t->node);
}


void
gt_timer_del(gt_loop_t *loop, gt_timer_t *t)
{
    if (t->set) {
        gt_heap_del(&loop->timers, &t->node);
        t->set = false;
    }
}
