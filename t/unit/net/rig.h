/*
 * t/unit/net/rig.h: the loop of a test of net/, a clock that can be moved, and
 * the descriptors that are open.
 */

#ifndef T_UNIT_NET_RIG_H
#define T_UNIT_NET_RIG_H

#include "event/loop.h"

#include <dirent.h>
#include <time.h>

static gt_loop_t loop;
static uint64_t  skip; /* ms that the clock is ahead */


/* what loop.clock is set to */
__attribute__((unused)) static uint64_t
test_clock(gt_loop_t *l)
{
    struct timespec ts;

    (void) l;
    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000 + (uint64_t) ts.tv_nsec / 1000000 + skip;
}


__attribute__((unused)) static void
forward(uint64_t ms)
{
    skip += ms;
    gt_loop_round(&loop, 0);
}


static unsigned
count_fds(void)
{
    DIR     *d = opendir("/proc/self/fd");
    unsigned n = 0;

    while (d && readdir(d)) {
        n++;
    }

    if (d) {
        closedir(d);
    }

    return n;
}

#endif
