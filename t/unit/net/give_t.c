/*
 * Connecting with sockets that somebody else makes: at once, later, in another
 * order, not at all; cancelled at every stage.
 */

#include "net/connect.h"

#include "core/log.h"
#include "net/resolve.h"
#include "net/stream.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

#include "rig.h"
#include "tap.h"

enum { ROUNDS = 50, ASKED = 8 };

static gt_give_t *asked[ASKED]; /* NULL: answered or cancelled */
static int        n_asked, kept = -1;
static unsigned   last_space;


static void
giver_cancel(gt_op_t *op)
{
    int i;

    for (i = 0; i < n_asked; i++) {
        if (asked[i] && &asked[i]->op == op) {
            asked[i] = NULL;
        }
    }
}


static int
giver_take(gt_giver_t *gr, const gt_give_t *gv)
{
    int fd = kept;

    (void) gr;
    (void) gv;
    kept = -1;

    return fd;
}


static void
giver_ask(gt_giver_t *gr, gt_give_t *gv)
{
    (void) gr;
    GT_ASSERT(n_asked < ASKED && gv->type == SOCK_STREAM);

    last_space = gv->space;
    asked[n_asked++] = gv;
    gt_op_start(&gv->op, gv, giver_cancel);
}


static gt_giver_t              giver = { giver_take, giver_ask };
static const gt_connect_conf_t conf = { .giver = &giver,
                                        .space = 5,
                                        .timeout_ms = 3000 };

typedef struct {
    gt_op_t      op;
    unsigned     done;
    gt_err_t     err;
    gt_stream_t *st;
} try_t;

static try_t t;


static void
done(gt_op_t *op, gt_stream_t *st, gt_err_t err)
{
    (void) op;
    t.done++;
    t.err = err;
    t.st = st;
}


static void
try_host(const char *host, uint16_t port)
{
    memset(&t, 0, sizeof(t));
    n_asked = 0;
    t.op.done = done;
    gt_connect(&loop, host, strlen(host), port, &conf, &t.op);
    GT_ASSERT(!t.done);
}


static void
rounds(int n)
{
    while (n-- > 0 && !t.done) {
        gt_loop_round(&loop, 5);
    }
}


static void
try_close(void)
{
    if (t.st) {
        gt_stream_close(t.st, GT_E_NONE);
    }

    gt_loop_round(&loop, 0);
}


static int
made(int family)
{
    return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}


static void
give(int i, gt_err_t err)
{
    gt_give_t *gv = asked[i];

    asked[i] = NULL;
    gv->fd = err ? -1 : made(gv->family);
    gt_op_finish(&gv->op, NULL, err);
}


static int
listen_v4(uint16_t *port)
{
    int                fd = made(AF_INET);
    socklen_t          n = sizeof(struct sockaddr_in);
    struct sockaddr_in in = { .sin_family = AF_INET };

    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    if (bind(fd, (struct sockaddr *) &in, n) < 0 || listen(fd, 64) < 0
        || getsockname(fd, (struct sockaddr *) &in, &n) < 0)
    {
        abort();
    }

    *port = ntohs(in.sin_port);

    return fd;
}


static void
test_one(uint16_t port)
{
    kept = made(AF_INET);
    try_host("127.0.0.1", port);
    rounds(ROUNDS);
    ok(t.st && n_asked == 0, "one that is kept");
    try_close();

    try_host("127.0.0.1", port);
    rounds(3);
    ok(!t.done && n_asked == 1 && last_space == 5
           && asked[0]->family == AF_INET,
       "else it is asked for one of its namespace");
    give(0, GT_E_NONE);
    rounds(ROUNDS);
    ok(t.st && t.err == GT_E_NONE, "which it waits for");
    try_close();

    try_host("127.0.0.1", port);
    rounds(1);
    give(0, GT_E_NOMEM);
    rounds(ROUNDS);
    ok(t.done == 1 && t.err == GT_E_NOMEM, "there is none");

    try_host("127.0.0.1", port);
    rounds(1);
    forward(3001);
    rounds(ROUNDS);
    ok(t.done == 1 && t.err == GT_E_TIMEOUT && !asked[0],
       "none comes: the deadline");
}


static void
test_two(uint16_t port)
{
    try_host("localhost", port);
    rounds(5);
    ok(n_asked == 1 && asked[0]->family == AF_INET6, "IPv6 first");
    forward(GT_CONNECT_DELAY + 1);
    ok(n_asked == 2 && asked[1]->family == AF_INET,
       "the next address does not wait for its socket");
    give(1, GT_E_NONE);
    rounds(ROUNDS);
    ok(t.st && !asked[0], "it may win, and the first is not wanted any more");
    try_close();

    try_host("localhost", port);
    rounds(5);
    give(0, GT_E_NONE); /* nobody listens there */
    rounds(5);
    ok(n_asked == 2, "refused: the next at once");
    give(1, GT_E_NONE);
    rounds(ROUNDS);
    ok(t.st != NULL, "which wins");
    try_close();

    try_host("localhost", port);
    rounds(5);
    give(0, GT_E_NOMEM);
    rounds(2);
    give(1, GT_E_NOMEM);
    rounds(ROUNDS);
    ok(t.done == 1 && t.err == GT_E_NOMEM, "no socket at all");
}


static void
test_cancel(uint16_t port)
{
    int i, n;

    for (i = 0; i < 6; i++) {
        try_host("localhost", port);

        for (n = 0; n < i && !t.done; n++) {
            gt_loop_round(&loop, 1);

            if (n == 2) {
                forward(GT_CONNECT_DELAY + 1);
            } else if (n == 3 && n_asked > 1) {
                give(1, GT_E_NONE);
            }
        }

        gt_op_cancel(&t.op);
        try_close();
        memset(&t, 0, sizeof(t));
        gt_loop_round(&loop, 0);
        ok(n_asked == 0 || !asked[0], "cancelled, and so is its wish");
    }
}


int
main(void)
{
    int      ls;
    uint16_t port;
    unsigned fds;

    gt_log_set_level(GT_LOG_OFF);
    GT_ASSERT(gt_loop_init(&loop) == GT_OK);
    loop.clock = test_clock;
    ls = listen_v4(&port);
    fds = count_fds();

    test_one(port);
    test_two(port);
    test_cancel(port);

    is_int(count_fds(), fds, "no descriptor is left");
    is_int(gt_op_live(), 0, "nor an operation");
    is_int(gt_stream_live(), 0, "nor a stream");
    (void) close(ls);
    gt_loop_free(&loop);

    return tap_done();
}
