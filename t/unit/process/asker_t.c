/*
 * Sockets asked of a master: answers in any order, wishes that are dropped,
 * the deadline, the limits, a master that goes and another that comes, and
 * what the master itself answers.
 */

#include "process/asker.h"

#include "core/log.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../net/rig.h"
#include "tap.h"

enum { WISHES = GT_ASKER_WAITING + 1 };

typedef struct {
    gt_give_t gv;
    unsigned  done;
    gt_err_t  err;
} wish_t;

static gt_channel_t   ch;
static gt_netns_set_t spaces;
static gt_asker_t    *as;
static int            master; /* the other end of the channel */
static wish_t         wishes[WISHES];


static void
got(gt_channel_t *c, gt_msg_t *m)
{
    (void) c;

    if (!m) {
        gt_asker_gone(as);
    } else if (m->type == GT_MSG_GIVEN) {
        gt_asker_got(as, m);
    }
}


static void
up(void)
{
    int fd[2];

    GT_ASSERT(gt_fdpass_pair(fd) == GT_OK);
    GT_ASSERT(gt_channel_open(&ch, &loop, fd[0], NULL, got) == GT_OK);
    master = fd[1];
}


static void
done(gt_op_t *op, gt_stream_t *st, gt_err_t err)
{
    wish_t *w = op->owner;

    (void) st;
    w->done++;
    w->err = err;
}


/* a new wish; true: it was answered from what was kept */

static bool
want(int i, unsigned space, int family)
{
    wish_t     *w = &wishes[i];
    gt_giver_t *gr = gt_asker_giver(as);

    memset(w, 0, sizeof(*w));
    w->gv.op.done = done;
    w->gv.op.owner = w;
    w->gv.space = space;
    w->gv.family = family;
    w->gv.type = SOCK_STREAM;
    w->gv.fd = gr->take(gr, &w->gv);

    if (w->gv.fd < 0) {
        gr->ask(gr, &w->gv);
        GT_ASSERT(!w->done);
        return false;
    }

    return true;
}


static void
drop(int i)
{
    if (wishes[i].gv.fd >= 0) {
        (void) close(wishes[i].gv.fd);
        wishes[i].gv.fd = -1;
    }
}


/* the requests that the master has got, at most n; how many */

static int
asked(gt_msg_t *m, int n)
{
    int i;

    for (i = 0; i < n && gt_msg_wait(master, &m[i], 0) == GT_OK; i++) {
    }

    return i;
}


static void
give(const gt_msg_t *ask, int eno)
{
    gt_msg_t m = { .type = GT_MSG_GIVEN, .count = ask->count, .pid = eno };

    if (!eno) {
        m.fds[0] = socket(ask->state & 2 ? AF_INET6 : AF_INET,
                          ask->state & 1 ? SOCK_DGRAM : SOCK_STREAM, 0);
        m.n_fds = 1;
    }

    GT_ASSERT(gt_msg_send(master, &m) == GT_OK);
    gt_msg_drop(&m);
    gt_loop_round(&loop, 0);
}


static int
family_of(int fd)
{
    int       family = -1;
    socklen_t n = sizeof(family);

    (void) getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &n);

    return family;
}


static void
test_kinds(void)
{
    int      i, n, six = -1;
    gt_msg_t m[GT_ASKER_FLIGHT];

    ok(!want(0, 0, AF_INET) && !want(1, 1, AF_INET6), "nothing is kept yet");
    n = asked(m, GT_ASKER_FLIGHT);
    is_int(n, 2 + 2 * GT_ASKER_KEEP, "asked for, and for some to keep");

    for (i = 0; i < n; i++) {
        six = m[i].slot == 1 && m[i].state == 2 ? i : six;
    }

    ok(m[0].type == GT_MSG_ASK && m[0].slot == 0 && m[0].state == 0 && six > 0,
       "of both kinds");
    give(&m[six], 0);
    ok(!wishes[0].done && wishes[1].done == 1 && !wishes[1].err
           && family_of(wishes[1].gv.fd) == AF_INET6,
       "the second is answered first, with its own kind");
    give(&m[0], 0);
    ok(wishes[0].done == 1 && family_of(wishes[0].gv.fd) == AF_INET,
       "then the first");

    for (i = 1; i < n; i++) {
        if (i != six) {
            give(&m[i], 0);
        }
    }

    drop(0);
    ok(want(0, 0, AF_INET) && family_of(wishes[0].gv.fd) == AF_INET,
       "the next one has a kept one at once");
    is_int(asked(m, 9), 1, "which is replaced");
    give(&m[0], 0);
    ok(!want(2, 1, AF_INET), "another kind has not");
    gt_op_cancel(&wishes[2].gv.op);
    n = asked(m, 9);
    is_int(n, 1 + GT_ASKER_KEEP, "it was asked for");
    give(&m[0], ENOENT);
    ok(!wishes[2].done, "an error that nobody waits for");

    for (i = 1; i < n; i++) {
        give(&m[i], 0);
    }

    is_int(asked(m, 9), 0, "is not asked again");
    ok(want(2, 1, AF_INET), "and what came is kept");
    drop(0);
    drop(1);
    drop(2);

    n = asked(m, 1);
    give(&m[0], 0);
    give(&m[0], 0);
    ok(n == 1 && gt_op_live() == 0, "the same number twice: once");
}


static void
test_errors(void)
{
    int      i, n, left;
    gt_msg_t m[GT_ASKER_FLIGHT + 1];

    /* IPv4 datagrams of nobody: a kind without a kept one */
    for (i = 0; i < WISHES; i++) {
        (void) want(i, 2, AF_INET);
    }

    ok(!wishes[WISHES - 1].done, "one too many");
    gt_loop_round(&loop, 0);
    ok(wishes[WISHES - 1].done && wishes[WISHES - 1].err == GT_E_NOMEM,
       "fails, and not within the call");
    n = asked(m, GT_ASKER_FLIGHT + 1);
    is_int(n, GT_ASKER_FLIGHT, "so many requests are under way");

    give(&m[0], EMFILE);
    ok(wishes[0].done && wishes[0].err == GT_E_NOMEM, "no descriptors there");
    give(&m[1], 0);
    ok(wishes[1].done && !wishes[1].err, "another one has one");
    drop(1);
    is_int(asked(m, 9), 2, "each answer makes room for a request");

    gt_op_cancel(&wishes[2].gv.op);
    forward(GT_ASKER_MS + 1);
    gt_loop_round(&loop, 0);

    for (left = 0, i = 3; i < WISHES; i++) {
        left += !wishes[i].done;
    }

    ok(left == 0 && !wishes[2].done, "the deadline ends all that wait");
    ok(!want(0, 2, AF_INET) && asked(m, 9) == 0,
       "a master that does not answer is asked no more");
    gt_op_cancel(&wishes[0].gv.op);
    forward(20000);
    ok(!want(0, 2, AF_INET) && asked(m, 9) == 1 + GT_ASKER_KEEP,
       "until what it was asked counts as lost");
    give(&m[2], 0);
    ok(wishes[0].done == 1, "then it may answer");
    drop(0);
    is_int(gt_op_live(), 0, "nothing is left");
}


static void
test_gone(void)
{
    gt_msg_t m[9];

    (void) want(0, 0, AF_INET6);
    (void) close(master);
    gt_loop_round(&loop, 0);
    ok(wishes[0].done == 1 && wishes[0].err == GT_E_NOMEM,
       "the master goes: who waits fails");
    ok(want(1, 0, AF_INET), "what is kept is good");
    drop(1);
    (void) want(0, 0, AF_INET6);
    gt_loop_round(&loop, 0);
    ok(wishes[0].done == 1 && wishes[0].err == GT_E_NOMEM, "who comes fails");

    up();
    (void) want(0, 0, AF_INET6);
    is_int(asked(m, 9), 0, "somebody at the door is not asked");
    gt_loop_round(&loop, 0);
    gt_asker_back(as);
    (void) want(0, 0, AF_INET6);
    ok(asked(m, 9) > 0, "a new master is");
    give(&m[0], 0);
    ok(wishes[0].done == 1 && !wishes[0].err, "and answers");
    drop(0);
}


static void
test_answers(void)
{
    gt_msg_t ask = { .type = GT_MSG_ASK, .count = 7, .slot = 1, .state = 3 }, m;

    gt_asker_answer(&spaces, &ask, &m);

    /* in a namespace of our own it may be allowed or not */
    ok(m.type == GT_MSG_GIVEN && m.count == 7 && (m.n_fds == 1) == (m.pid == 0),
       "a socket or a reason");
    ok(m.n_fds == 0 || family_of(m.fds[0]) == AF_INET6, "of that family");
    gt_msg_drop(&m);

    ask.slot = (uint32_t) spaces.n;
    gt_asker_answer(&spaces, &ask, &m);
    ok(m.n_fds == 0 && m.pid == EPERM, "no such namespace");
    ask.slot = 0;
    ask.state = 4;
    gt_asker_answer(&spaces, &ask, &m);
    ok(m.n_fds == 0 && m.pid == EPERM, "no such kind");
}


int
main(void)
{
    int         fd, i;
    unsigned    before;
    const char *why;

    gt_log_set_level(GT_LOG_OFF);
    GT_ASSERT(gt_loop_init(&loop) == GT_OK);
    loop.clock = test_clock;

    is_int(gt_netns_add(&spaces, "/proc/self/ns/net", &why), 0,
           "our own namespace is none");
    ok(spaces.n == 0 && gt_netns_add(&spaces, "a/b", &why) < 0, "no name");
    ok(gt_netns_add(&spaces, "/dev/null", &why) < 0, "no namespace");
    ok(gt_netns_add(&spaces, "/nowhere", &why) < 0, "nothing");

    for (i = 0; i < 3; i++) {
        fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
        GT_ASSERT(gt_netns_put(&spaces, "test", fd) == GT_OK);
    }

    fd = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);
    is_int(gt_netns_put(&spaces, "uts", fd), GT_ERROR, "of another kind");
    (void) close(fd);

    before = count_fds();
    up();
    as = gt_asker_new(&loop, &ch, &spaces);
    test_kinds();
    test_errors();
    test_gone();
    test_answers();
    gt_asker_free(as);
    gt_channel_close(&ch);
    (void) close(master);
    is_int(count_fds(), before, "all descriptors are closed");
    gt_netns_close(&spaces);
    gt_loop_free(&loop);

    return tap_done();
}
