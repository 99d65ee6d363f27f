/*
 * event/loop.h: one worker's event loop.
 *
 * A round: wait for descriptors, run their handlers, run what was posted,
 * fire due timers, then free what was closed (reap).  Time stands still
 * within a round.
 *
 * Rule 2 of the house (down is a call, up is an event) is counted here:
 * whoever calls down the stack holds loop->down above zero, and whatever
 * calls up asserts that it is zero.
 */

#ifndef GT_EVENT_LOOP_H
#define GT_EVENT_LOOP_H

#include "core/core.h"
#include "core/heap.h"
#include "core/list.h"

typedef struct gt_loop  gt_loop_t;
typedef struct gt_event gt_event_t;
typedef struct gt_post  gt_post_t;
typedef struct gt_timer gt_timer_t;
typedef struct gt_reap  gt_reap_t;

/* a descriptor that the loop watches; embedded in its owner */
struct gt_event {
    int fd; /* the owner's to close, after gt_event_del() */
    /* events: EPOLL* bits; never called after gt_event_del() */
    void (*handler)(gt_event_t *ev, uint32_t events);
};

/* a call that is due before the loop waits again; embedded in its owner */
struct gt_post {
    gt_list_t link;
    void (*run)(gt_post_t *post);
};

/* a point in time; embedded in its owner; all-zero is a timer not set */
struct gt_timer {
    gt_heap_node_t node; /* key: ms of gt_loop_t.now */
    void (*fire)(gt_timer_t *timer);
    bool set;
};

/* memory that goes at the end of the round; embedded in what it frees */
struct gt_reap {
    gt_reap_t *next;
    void (*done)(gt_reap_t *reap); /* frees, and has no other logic */
};

struct gt_loop {
    int        epfd;
    uint64_t   now;  /* ms, monotonic; of the start of this round */
    unsigned   down; /* depth of calls down a stack of streams */
    bool       stop; /* leave gt_loop_run() at the end of this round */
    gt_heap_t  timers;
    gt_list_t  posted;
    gt_reap_t *reap;
    uint64_t   rounds;
    bool       firing; /* timers are: one set now is not due in this round */
    void (*after)(gt_loop_t *loop); /* once a round, before the wait; or NULL */
    uint64_t (*clock)(gt_loop_t *loop); /* now, in ms; tests set their own */
    void *data;                         /* the process's own */
};

/* GT_ERROR with errno when the kernel refuses */
int  gt_loop_init(gt_loop_t *loop);
void gt_loop_free(gt_loop_t *loop);

/* rounds until loop->stop */
void gt_loop_run(gt_loop_t *loop);

/* one round, waiting at most max_ms (-1: as long as it takes); for tests */
void gt_loop_round(gt_loop_t *loop, int max_ms);

/* --- descriptors --- */

/*
 * Watches ev->fd for `events` (EPOLLIN ...; add EPOLLET for edges).
 * GT_ERROR with errno when the kernel refuses.
 */
int gt_event_add(gt_loop_t *loop, gt_event_t *ev, uint32_t events);

/* changes what is watched */
int gt_event_mod(gt_loop_t *loop, gt_event_t *ev, uint32_t events);

/* after it the handler does not run, not even in this round */
void gt_event_del(gt_loop_t *loop, gt_event_t *ev);

/* as del, for an fd that the caller closes next and nobody else holds open:
   saves the system call */
void gt_event_forget(gt_event_t *ev);

/* --- posted calls --- */

void gt_post_init(gt_post_t *post, void (*run)(gt_post_t *post));
void gt_post(gt_loop_t *loop, gt_post_t *post); /* again: no second call */
void gt_post_cancel(gt_post_t *post);
bool gt_post_pending(const gt_post_t *post);

/* --- timers --- */

/* (re)sets: fire runs once, not before loop->now + ms, and from another
   timer's fire not before the next round */
void gt_timer_set(gt_loop_t *loop, gt_timer_t *t, uint64_t ms,
                  void (*fire)(gt_timer_t *timer));
void gt_timer_del(gt_loop_t *loop, gt_timer_t *t); /* idempotent */

/* --- memory --- */

/* obj's memory lives until the end of the round, then done(reap) frees it */
void gt_reap(gt_loop_t *loop, gt_reap_t *reap, void (*done)(gt_reap_t *reap));

#endif
