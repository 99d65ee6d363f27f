/*
 * Who was wrong too often: the count, the window, who shares an address, the
 * size of the table, waiting answers.
 */

#include "policy/guard.h"

#include "tap.h"

#include <stdio.h>
#include <stdlib.h>

static uint64_t wrong, shed;


static gt_addr_t
addr(const char *text)
{
    gt_addr_t a;

    if (gt_addr_literal(&a, text, strlen(text), 1234) != GT_OK) {
        abort();
    }

    return a;
}


static gt_guard_t *
make(int64_t failures, uint64_t window_ms, uint64_t delay_ms)
{
    gt_policy_t p = { .failures = failures,
                      .window_ms = window_ms,
                      .delay_ms = delay_ms };
    gt_guard_t *g = gt_guard_new(&p, &wrong, &shed);

    if (!g) {
        abort();
    }

    wrong = shed = 0;

    return g;
}


static void
test_count(void)
{
    int         i;
    gt_addr_t   a = addr("192.0.2.1"), b = addr("192.0.2.2"), none = { 0 };
    gt_guard_t *g = make(10, 10000, 0);
    uint64_t    cred, now = 5000;

    cred = gt_guard_cred(g, GT_STR("ann"), GT_STR("x"));
    ok(cred != gt_guard_cred(g, GT_STR("an"), GT_STR("nx")), "a pair is two");
    ok(gt_guard_may(g, &a, cred, now), "nobody was wrong yet");

    for (i = 0; i < 10; i++) {
        ok(gt_guard_may(g, &a, cred, now), "try %d", i + 1);
        gt_guard_wrong(g, &a, now);
    }

    ok(!gt_guard_may(g, &a, cred, now), "that was one too many");
    is_int(shed, 1, "which is counted");
    is_int(wrong, 10, "so are the wrong ones");
    ok(gt_guard_may(g, &b, cred, now), "another address may");

    ok(!gt_guard_may(g, &a, cred, now + 999), "not yet");
    ok(gt_guard_may(g, &a, cred, now + 1000), "time gives another try");
    gt_guard_wrong(g, &a, now + 1000);
    ok(!gt_guard_may(g, &a, cred, now + 1000), "one");
    is_int(gt_guard_wait(g), 1000, "and says when");

    for (i = 0; i < 10; i++) {
        ok(gt_guard_may(g, &a, cred, now + 20000),
           "after a window all of them");
        gt_guard_wrong(g, &a, now + 20000);
    }

    ok(!gt_guard_may(g, &a, cred, now + 20000), "and no more");

    for (i = 0; i < 100; i++) {
        gt_guard_wrong(g, &none, now);
    }

    ok(gt_guard_may(g, &none, cred, now), "a unix socket has no address");
    gt_guard_free(g);

    g = make(0, 10000, 0);
    for (i = 0; i < 1000; i++) {
        gt_guard_wrong(g, &a, now);
    }

    ok(gt_guard_may(g, &a, cred, now), "0: any number");
    gt_guard_free(g);
}


static void
test_shared(void)
{
    int         i;
    char        name[16];
    gt_addr_t   a = addr("2001:db8:1:2::1"), same = addr("2001:db8:1:2:3::");
    gt_addr_t   other = addr("2001:db8:1:3::1");
    gt_guard_t *g = make(3, 60000, 0);
    uint64_t    good = gt_guard_cred(g, GT_STR("ann"), GT_STR("right"));
    uint64_t    bad = gt_guard_cred(g, GT_STR("ann"), GT_STR("guess"));

    gt_guard_wrong(g, &a, 1000);
    gt_guard_right(g, &same, good, 1000);

    for (i = 0; i < 5; i++) {
        gt_guard_wrong(g, &a, 1000);
    }

    ok(!gt_guard_may(g, &same, bad, 1000), "a /64 is one address");
    ok(gt_guard_may(g, &other, bad, 1000), "the next one another");
    ok(gt_guard_may(g, &a, good, 1000), "who was right goes on");

    for (i = 0; i < 3; i++) {
        (void) snprintf(name, sizeof(name), "u%d", i);
        gt_guard_right(g, &a, gt_guard_cred(g, gt_str_from(name), GT_STR("p")),
                       1000);
    }

    ok(gt_guard_may(g, &a, good, 1000), "one of four");
    gt_guard_right(g, &a, good, 1000);
    gt_guard_right(g, &a, good, 1000);
    ok(gt_guard_may(g, &a, gt_guard_cred(g, GT_STR("u0"), GT_STR("p")), 1000),
       "once is enough");
    gt_guard_right(g, &a, gt_guard_cred(g, GT_STR("u4"), GT_STR("p")), 1000);
    ok(!gt_guard_may(g, &a, gt_guard_cred(g, GT_STR("u0"), GT_STR("p")), 1000),
       "the oldest goes");

    gt_guard_free(g);
}


/* a hundred thousand addresses: the table stays as it is, and works */

static void
test_bounded(void)
{
    unsigned    i, bad = 0;
    gt_addr_t   a = addr("10.0.0.0"), one = addr("192.0.2.1");
    gt_guard_t *g = make(5, 60000, 0);

    for (i = 0; i < 100000; i++) {
        a.in.sin_addr.s_addr = i * 2654435761u;
        gt_guard_wrong(g, &a, 1000 + i / 1000);
        bad += !gt_guard_may(g, &a, 1, 1000 + i / 1000);
    }

    is_int(bad, 0, "one mistake is none");

    for (i = 0; i < 6; i++) {
        gt_guard_wrong(g, &one, 2000);
    }

    ok(!gt_guard_may(g, &one, 1, 2000), "a guesser among them is found");
    gt_guard_free(g);
}


static void
test_delay(void)
{
    unsigned    i, n = 0;
    gt_guard_t *g = make(5, 60000, 250);

    for (i = 0; i < GT_GUARD_DELAYED + 10; i++) {
        n += gt_guard_delay(g) == 250;
    }

    is_int(n, GT_GUARD_DELAYED, "so many wait at a time");
    gt_guard_waited(g);
    is_int(gt_guard_delay(g), 250, "one goes, another waits");

    for (i = 0; i < GT_GUARD_DELAYED; i++) {
        gt_guard_waited(g);
    }

    gt_guard_free(g);

    g = make(5, 60000, 0);
    is_int(gt_guard_delay(g), 0, "no delay is none");
    gt_guard_free(g);
}


int
main(void)
{
    test_count();
    test_shared();
    test_bounded();
    test_delay();

    return tap_done();
}
