/*
 * event/loop.c: epoll, and the order of a round.
 */

#include "event/loop.h"

#include "core/log.h"

#include <errno.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum {
    LOOP_EVENTS = 256,
    LOOP_PASSES = 8 /* posted calls that post again: then look at the fds */
};


static uint64_t
loop_clock(gt_loop_t *loop)
{
    struct timespec ts;

    (void) loop;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000 + (uint64_t) ts.tv_nsec / 1000000;
}


int
gt_loop_init(gt_loop_t *loop)
{
    *loop = (gt_loop_t){ .clock = loop_clock };
    loop->now = loop->clock(loop);
    gt_list_init(&loop->posted);

    loop->epfd = epoll_create1(EPOLL_CLOEXEC);

    return loop->epfd < 0 ? GT_ERROR : GT_OK;
}


static void
loop_reap(gt_loop_t *loop)
{
    gt_reap_t *r;

    while (loop->reap) {
        r = loop->reap;
        loop->reap = r->next;
        r->done(r);
    }
}


void
gt_loop_free(gt_loop_t *loop)
{
    loop_reap(loop);

    if (loop->epfd >= 0) {
        (void) close(loop->epfd);
        loop->epfd = -1;
    }
}


static void
loop_posted(gt_loop_t *loop)
{
    int        pass;
    gt_list_t  batch;
    gt_post_t *p;

    for (pass = 0; pass < LOOP_PASSES && !gt_list_empty(&loop->posted); pass++)
    {
        /* what is posted from now on waits for the next pass */
        gt_list_init(&batch);
        batch.next = loop->posted.next;
        batch.prev = loop->posted.prev;
        batch.next->prev = batch.prev->next = &batch;
        gt_list_init(&loop->posted);

        while (!gt_list_empty(&batch)) {
            p = gt_list_entry(batch.next, gt_post_t, link);
            gt_list_del(&p->link);
            GT_ASSERT(loop->down == 0);
            p->run(p);
        }
    }
}


static void
loop_timers(gt_loop_t *loop)
{
    gt_timer_t     *t;
    gt_heap_node_t *n;

    loop->firing = true;

    while ((n = loop->timers.root) != NULL && n->key <= loop->now) {
        t = gt_container_of(n, gt_timer_t, node);
        gt_heap_del(&loop->timers, n);
        t->set = false;
        GT_ASSERT(loop->down == 0);
        t->fire(t);
    }

    loop->firing = false;
}


static int
loop_wait_ms(gt_loop_t *loop, int max_ms)
{
    uint64_t left;

    if (!gt_list_empty(&loop->posted)) {
        return 0;
    }

    if (!loop->timers.root) {
        return max_ms;
    }

    if (loop->timers.root->key <= loop->now) {
        return 0;
    }

    left = loop->timers.root->key - loop->now;
    left = gt_min(left, 60000);

    return max_ms < 0 ? (int) left : gt_min((int) left, max_ms);
}


void
gt_loop_round(gt_loop_t *loop, int max_ms)
{
    int                i, n;
    gt_event_t        *ev;
    struct epoll_event events[LOOP_EVENTS];

    if (loop->after) {
        loop->after(loop);
    }

    n = epoll_wait(loop->epfd, events, LOOP_EVENTS, loop_wait_ms(loop, max_ms));
    loop->now = loop->clock(loop);
    loop->rounds++;

    if (n < 0 && errno != EINTR) {
        gt_log_alert("epoll_wait() failed: %m");
        loop->stop = true;
    }

    for (i = 0; i < n; i++) {
        ev = events[i].data.ptr;
        if (ev->handler) { /* NULL: closed earlier in this round */
            GT_ASSERT(loop->down == 0);
            ev->handler(ev, events[i].events);
        }
    }

    loop_posted(loop);
    loop_timers(loop);
    loop_reap(loop);
}


void
gt_loop_run(gt_loop_t *loop)
{
    while (!loop->stop) {
        gt_loop_round(loop, -1);
    }
}


int
gt_event_add(gt_loop_t *loop, gt_event_t *ev, uint32_t events)
{
    struct epoll_event e = { .events = events, .data.ptr = ev };

    return epoll_ctl(loop->epfd, EPOLL_CTL_ADD, ev->fd, &e) < 0 ? GT_ERROR
                                                                : GT_OK;
}


int
gt_event_mod(gt_loop_t *loop, gt_event_t *ev, uint32_t events)
{
    struct epoll_event e = { .events = events, .data.ptr = ev };

    return epoll_ctl(loop->epfd, EPOLL_CTL_MOD, ev->fd, &e) < 0 ? GT_ERROR
                                                                : GT_OK;
}


void
gt_event_del(gt_loop_t *loop, gt_event_t *ev)
{
    if (epoll_ctl(loop->epfd, EPOLL_CTL_DEL, ev->fd, NULL) < 0) {
        gt_log_alert("epoll_ctl(DEL, %d) failed: %m", ev->fd);
    }

    ev->handler = NULL;
}


void
gt_event_forget(gt_event_t *ev)
{
    ev->handler = NULL;
}


void
gt_reap(gt_loop_t *loop, gt_reap_t *reap, void (*done)(gt_reap_t *reap))
{
    reap->done = done;
    reap->next = loop->reap;
    loop->reap = reap;
}
