/*
 * The loop: the order of a round, posted calls, timers by a clock that the
 * test sets, and what is closed in the middle of it.
 */

#include "event/loop.h"

#include "core/str.h"

#include "tap.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

static gt_loop_t loop;
static uint64_t  clock_ms;
static char      trace[256]; /* a letter for each thing that ran */


static uint64_t
test_clock(gt_loop_t *lp)
{
    (void) lp;

    return clock_ms;
}


static void
note(char c)
{
    size_t n = strlen(trace);

    if (n + 1 < sizeof(trace)) {
        trace[n] = c;
        trace[n + 1] = '\0';
    }
}


static void
start(void)
{
    if (gt_loop_init(&loop) != GT_OK) {
        ok(0, "a loop");
        exit(1);
    }

    clock_ms = 1000;
    loop.clock = test_clock;
    loop.now = clock_ms;
    trace[0] = '\0';
}


static void
turn(uint64_t ms)
{
    clock_ms += ms;
    gt_loop_round(&loop, 0);
}


/* --- an object with everything --- */

typedef struct {
    char       name;
    gt_event_t ev;
    gt_post_t  post;
    gt_timer_t timer;
    gt_reap_t  reap;
    int        fd[2]; /* a pipe; ev watches its reading end */
    void (*on_event)(void);
    void (*on_post)(void);
    void (*on_timer)(void);
} thing_t;

static thing_t a, b;


static void
thing_event(gt_event_t *ev, uint32_t events)
{
    thing_t *t = gt_container_of(ev, thing_t, ev);

    note((events & EPOLLIN) ? 'e' : '?');
    note(t->name);
    if (t->on_event) {
        t->on_event();
    }
}


static void
thing_post(gt_post_t *post)
{
    thing_t *t = gt_container_of(post, thing_t, post);

    note('p');
    note(t->name);
    if (t->on_post) {
        t->on_post();
    }
}


static void
thing_timer(gt_timer_t *timer)
{
    thing_t *t = gt_container_of(timer, thing_t, timer);

    note('t');
    note(t->name);
    if (t->on_timer) {
        t->on_timer();
    }
}


static void
thing_reap(gt_reap_t *reap)
{
    thing_t *t = gt_container_of(reap, thing_t, reap);

    note('r');
    note(t->name);
}


static void
thing_make(thing_t *t, char name)
{
    *t = (thing_t){ .name = name };
    gt_post_init(&t->post, thing_post);

    if (pipe(t->fd) != 0) {
        exit(1);
    }

    t->ev.fd = t->fd[0];
    t->ev.handler = thing_event;
}


static void
thing_ring(thing_t *t)
{
    if (write(t->fd[1], "x", 1) != 1) {
        exit(1);
    }
}


static void
thing_drop(thing_t *t)
{
    (void) close(t->fd[0]);
    (void) close(t->fd[1]);
}


static void
begin(void)
{
    start();
    thing_make(&a, 'a');
    thing_make(&b, 'b');
}


static void
finish(void)
{
    gt_loop_free(&loop);
    thing_drop(&a);
    thing_drop(&b);
}


/* --- a round --- */

static void
order_event(void)
{
    char byte;

    if (read(a.fd[0], &byte, 1) != 1) {
        exit(1);
    }

    gt_reap(&loop, &a.reap, thing_reap);
    gt_post(&loop, &a.post);
}


static void
test_order(void)
{
    begin();
    a.on_event = order_event;
    gt_timer_set(&loop, &a.timer, 5, thing_timer);
    is_int(gt_event_add(&loop, &a.ev, EPOLLIN), GT_OK, "watched");

    turn(1);
    is_str(trace, "", "nothing is due");
    is_int(loop.now, 1001, "the round's time");

    thing_ring(&a);
    turn(10);
    is_str(trace, "eapatara", "event, post, timer, reap");
    is_int(loop.rounds, 2, "rounds are counted");
    turn(100);
    is_str(trace, "eapatara", "each once");

    gt_event_del(&loop, &a.ev);
    thing_ring(&a);
    turn(1);
    is_str(trace, "eapatara", "unwatched");
    finish();
}


static int after_calls;


static void
after_post(gt_loop_t *lp)
{
    if (after_calls++ == 0) {
        gt_post(lp, &a.post);
    }
}


static void
test_after(void)
{
    begin();
    loop.after = after_post;
    clock_ms = 2000;
    gt_loop_round(&loop, 30000); /* would hang if what it posts were not seen */
    is_str(trace, "pa", "what after() posts runs in the same round");
    is_int(after_calls, 1, "once a round");
    finish();
}


static void
close_other(void)
{
    thing_t *other = trace[1] == 'a' ? &b : &a;

    gt_event_del(&loop, &other->ev);
    gt_reap(&loop, &other->reap, thing_reap);
}


static void
test_close_in_batch(void)
{
    begin();
    a.on_event = b.on_event = close_other;
    (void) gt_event_add(&loop, &a.ev, EPOLLIN);
    (void) gt_event_add(&loop, &b.ev, EPOLLIN);
    thing_ring(&a);
    thing_ring(&b);
    turn(1);

    ok(strcmp(trace, "earb") == 0 || strcmp(trace, "ebra") == 0,
       "whoever is closed first does not run in that round (%s)", trace);
    finish();
}


static void
test_mod(void)
{
    begin();
    (void) gt_event_add(&loop, &a.ev, 0);
    thing_ring(&a);
    turn(1);
    is_str(trace, "", "nothing is asked for");
    is_int(gt_event_mod(&loop, &a.ev, EPOLLIN), GT_OK, "asked for");
    turn(1);
    is_str(trace, "ea", "now it is");

    gt_event_forget(&a.ev);
    turn(1);
    is_str(trace, "ea", "forgotten");
    a.ev.fd = -1;
    is_int(gt_event_add(&loop, &a.ev, EPOLLIN), GT_ERROR, "a bad descriptor");
    finish();
}


/* --- posts --- */

static void
cancel_b(void)
{
    gt_post_cancel(&b.post);
    ok(!gt_post_pending(&b.post), "not pending any more");
}


static void
test_post(void)
{
    begin();
    ok(!gt_post_pending(&a.post), "not pending");
    gt_post(&loop, &a.post);
    gt_post(&loop, &b.post);
    gt_post(&loop, &a.post);
    ok(gt_post_pending(&a.post), "pending");
    turn(0);
    is_str(trace, "papb", "in order, and once");

    trace[0] = '\0';
    a.on_post = cancel_b;
    gt_post(&loop, &a.post);
    gt_post(&loop, &b.post);
    turn(0);
    is_str(trace, "pa", "cancelled in the middle of a batch");

    gt_post_cancel(&b.post);
    gt_post_cancel(&b.post);
    turn(0);
    is_str(trace, "pa", "cancelling is idempotent");
    finish();
}


static void
post_both(void)
{
    a.on_post = NULL;
    gt_post(&loop, &b.post); /* is pending already */
    gt_post(&loop, &a.post);
}


static void
post_self(void)
{
    gt_post(&loop, &a.post);
}


static void
test_post_again(void)
{
    begin();
    a.on_post = post_both;
    gt_post(&loop, &a.post);
    gt_post(&loop, &b.post);
    turn(0);
    is_str(trace, "papbpa", "posted anew it waits for the next batch");

    trace[0] = '\0';
    a.on_post = post_self;
    b.on_event = NULL;
    (void) gt_event_add(&loop, &b.ev, EPOLLIN | EPOLLET);
    thing_ring(&b);
    gt_post(&loop, &a.post);
    turn(0);
    ok(strncmp(trace, "ebpapa", 6) == 0 && strlen(trace) < 40,
       "one that posts itself does not hold up the loop (%s)", trace);
    ok(gt_post_pending(&a.post), "and is not lost");

    trace[0] = '\0';
    a.on_post = NULL;
    gt_loop_round(&loop, 30000); /* and the loop does not wait meanwhile */
    is_str(trace, "pa", "it runs in the next round");
    finish();
}


/* --- timers --- */

static void
rearm_now(void)
{
    gt_timer_set(&loop, &a.timer, 0, thing_timer);
}


static void
rearm_later(void)
{
    gt_timer_set(&loop, &a.timer, 10, thing_timer);
    gt_timer_del(&loop, &b.timer);
}


static void
test_timer(void)
{
    begin();
    gt_timer_del(&loop, &a.timer);
    ok(!a.timer.set, "deleting one that was never set");

    gt_timer_set(&loop, &a.timer, 0, thing_timer);
    ok(a.timer.set, "set");
    turn(0);
    is_str(trace, "ta", "due at once");
    ok(!a.timer.set, "not set any more");

    gt_timer_set(&loop, &a.timer, 10, thing_timer);
    gt_timer_set(&loop, &a.timer, 20, thing_timer);
    turn(19);
    is_str(trace, "ta", "the later setting holds");
    turn(1);
    is_str(trace, "tata", "to the millisecond");

    trace[0] = '\0';
    a.on_timer = rearm_later;
    gt_timer_set(&loop, &a.timer, 5, thing_timer);
    gt_timer_set(&loop, &b.timer, 6, thing_timer);
    turn(7);
    is_str(trace, "ta", "deleted by another one of the same round");
    ok(a.timer.set && !b.timer.set, "and one is set again");
    turn(9);
    is_str(trace, "ta", "not before its time");
    turn(1);
    is_str(trace, "tata", "then");

    trace[0] = '\0';
    a.on_timer = rearm_now;
    turn(100);
    turn(1);
    is_str(trace, "tata", "one that sets itself to now runs once a round");
    gt_timer_del(&loop, &a.timer);
    turn(1);
    is_str(trace, "tata", "deleted");
    finish();
}


enum { TIMERS = 2000 };

static gt_timer_t many[TIMERS];
static uint64_t   due[TIMERS]; /* 0: not set */
static int        fired, wrong;
static uint64_t   last_key;


static void
many_fire(gt_timer_t *t)
{
    uint64_t at = due[t - many];

    fired++;
    wrong += at == 0 || at > loop.now || at < last_key;
    last_key = at;
    due[t - many] = 0;
}


static void
test_many(void)
{
    int      i, k, want;
    uint64_t ms;

    start();
    srandom(5);

    for (i = 0; i < 20000; i++) {
        k = (int) (random() % TIMERS);
        ms = 1 + (uint64_t) random() % 500;

        if (random() % 3) {
            gt_timer_set(&loop, &many[k], ms, many_fire);
            due[k] = loop.now + ms;
        } else {
            gt_timer_del(&loop, &many[k]);
            due[k] = 0;
        }

        if (i % 50 == 0) {
            last_key = 0;
            turn((uint64_t) random() % 20);
        }

        for (want = 0, k = 0; i % 1000 == 0 && k < TIMERS; k++) {
            want += due[k] && due[k] <= loop.now;
        }

        wrong += want; /* due, and has not run */
    }

    last_key = 0;
    turn(1000);
    ok(fired > 1000, "%d timers fired", fired);
    is_int(wrong, 0, "all in order, none early, none late");
    ok(!loop.timers.root, "none is left");
    gt_loop_free(&loop);
}


/* --- the real clock, and stopping --- */

static void
stop_loop(void)
{
    loop.stop = true;
}


static void
test_run(void)
{
    uint64_t before;

    begin();
    gt_loop_free(&loop);
    (void) gt_loop_init(&loop);
    before = loop.now;
    a.on_timer = stop_loop;
    gt_timer_set(&loop, &a.timer, 30, thing_timer);
    gt_loop_run(&loop);
    is_str(trace, "ta", "the loop runs until it is stopped");
    ok(loop.now >= before + 30 && loop.rounds < 20,
       "and waits meanwhile: %u rounds", (unsigned) loop.rounds);

    gt_reap(&loop, &a.reap, thing_reap);
    gt_reap(&loop, &b.reap, thing_reap);
    gt_loop_free(&loop);
    ok(strlen(trace) == 6, "the end reaps what is left (%s)", trace);
    thing_drop(&a);
    thing_drop(&b);
}


int
main(void)
{
    test_order();
    test_after();
    test_close_in_batch();
    test_mod();
    test_post();
    test_post_again();
    test_timer();
    test_many();
    test_run();

    return tap_done();
}
