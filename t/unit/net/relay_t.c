/*
 * t/unit/net/relay_t.c: streams, operations, the relay and the goodbye, over
 * real TCP pairs, plain and under chaos: every byte arrives, half-closes and
 * resets pass, nothing is left behind.
 */

#include "net/relay.h"
#include "net/chaos.h"
#include "net/linger.h"
#include "net/splice.h"
#include "net/tcp.h"

#include "tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static gt_loop_t loop;


/* fd[0] is ours to read and write, fd[1] becomes the relay's */
static void
tcp_pair(int fd[2])
{
    int                ls, one = 1;
    socklen_t          len = sizeof(struct sockaddr_in);
    struct sockaddr_in a = { .sin_family = AF_INET };

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ls = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(ls, (struct sockaddr *) &a, len) != 0 || listen(ls, 1) != 0
        || getsockname(ls, (struct sockaddr *) &a, &len) != 0)
    {
        abort();
    }

    fd[0] = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd[0], (struct sockaddr *) &a, len) != 0) {
        abort();
    }

    fd[1] = accept(ls, NULL, NULL);
    close(ls);
    setsockopt(fd[0], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    setsockopt(fd[1], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    fcntl(fd[0], F_SETFL, O_NONBLOCK);
    fcntl(fd[1], F_SETFL, O_NONBLOCK);
}


/* one end of the tunnel: sends `want` patterned bytes, then its FIN */
typedef struct {
    int     fd;
    uint8_t seed;
    size_t  want, sent, expect, got;
    size_t  slow; /* reads at most so much a turn; 0: all */
    size_t  pace; /* and sends */
    bool    shut, eof, bad, no_fin;
    int     error;
} peer_t;


static uint8_t
pattern(uint8_t seed, size_t at)
{
    return (uint8_t) (seed + at * 7 + at / 251);
}


static void
peer_send(peer_t *p)
{
    size_t  i, n;
    ssize_t rc;
    uint8_t buf[32768];

    n = p->want - p->sent;
    n = n < sizeof(buf) ? n : sizeof(buf);
    n = p->pace && n > p->pace ? p->pace : n;
    for (i = 0; i < n; i++) {
        buf[i] = pattern(p->seed, p->sent + i);
    }

    rc = n ? send(p->fd, buf, n, MSG_NOSIGNAL) : 0;
    if (rc > 0) {
        p->sent += (size_t) rc;
    } else if (rc < 0 && errno != EAGAIN) {
        p->error = errno;
        p->sent = p->want;
    }

    if (p->sent == p->want && !p->shut && !p->no_fin) {
        shutdown(p->fd, SHUT_WR);
        p->shut = true;
    }
}


static void
peer_recv(peer_t *p, uint8_t seed)
{
    size_t  i;
    ssize_t rc;
    uint8_t buf[65536];

    rc = recv(p->fd, buf, p->slow ? p->slow : sizeof(buf), 0);
    if (rc == 0) {
        p->eof = true;
    } else if (rc < 0 && errno != EAGAIN) {
        p->error = errno;
        p->eof = true;
    }

    for (i = 0; rc > 0 && i < (size_t) rc; i++) {
        p->bad |= buf[i] != pattern(seed, p->got + i);
    }

    p->got += rc > 0 ? (size_t) rc : 0;
}


typedef struct {
    gt_op_t  op;
    bool     done;
    gt_err_t err;
    uint64_t up, down;
} joint_t;


static void
joint_done(gt_op_t *op, gt_stream_t *st, gt_err_t err)
{
    joint_t *j = op->owner;

    (void) st;
    j->done = true;
    j->err = err;
}


static gt_stream_t *
joint_stream(int fd, const char *chaos)
{
    const char     *why;
    gt_stream_t    *st = gt_tcp_stream(&loop, fd);
    gt_chaos_conf_t cf;

    if (chaos) {
        if (gt_chaos_parse(chaos, &cf, &why) != GT_OK) {
            abort();
        }
        st = gt_chaos_stream(st, &cf);
    }

    return st;
}


static void
joint_start(joint_t *j, peer_t *a, peer_t *b, const char *chaos)
{
    int             x[2], y[2];
    gt_relay_conf_t cf = { .idle_ms = 0 };

    *j = (joint_t){ .op = { .done = joint_done, .owner = j } };
    cf.up = &j->up;
    cf.down = &j->down;
    tcp_pair(x);
    tcp_pair(y);
    a->fd = x[0];
    b->fd = y[0];
    gt_relay(joint_stream(x[1], chaos), joint_stream(y[1], chaos), &cf, &j->op);
}


static void
joint_run(joint_t *j, peer_t *a, peer_t *b)
{
    int round;

    for (round = 0; round < 2000000; round++) {
        peer_send(a);
        peer_send(b);
        gt_loop_round(&loop, 0);
        peer_recv(a, b->seed);
        peer_recv(b, a->seed);
        if (j->done && a->eof && b->eof) {
            break;
        }
    }
}


static void
clean(const char *what)
{
    gt_linger_close_all();
    gt_loop_round(&loop, 0);
    ok(gt_stream_live() == 0, "%s: no stream left", what);
    is_int(gt_op_live(), 0, "no operation left");
    is_int(gt_slab_live(), 0, "no slab left");
}


static void
transfer(const char *what, size_t up, size_t down, size_t slow,
         const char *chaos)
{
    joint_t j;
    peer_t  a = { .seed = 1, .want = up, .slow = slow };
    peer_t  b = { .seed = 99, .want = down };

    joint_start(&j, &a, &b, chaos);
    joint_run(&j, &a, &b);

    ok(j.done && j.err == GT_E_NONE, "%s: ends in order", what);
    ok(a.got == down && !a.bad && a.error == 0, "%s: all down", what);
    ok(b.got == up && !b.bad && b.error == 0, "%s: all up", what);
    is_int(j.up, up, "counted up");
    is_int(j.down, down, "counted down");
    close(a.fd);
    close(b.fd);
    clean(what);
}


/* a reset of one side, behind n bytes, reaches the other as a reset */
static void
reset(const char *what, bool up, size_t n, const char *chaos)
{
    int           round;
    joint_t       j;
    peer_t        a = { .seed = 5, .no_fin = true };
    peer_t        b = { .seed = 6, .no_fin = true };
    peer_t       *from = up ? &a : &b, *to = up ? &b : &a;
    struct linger hard = { 1, 0 };

    from->want = n;
    joint_start(&j, &a, &b, chaos);

    for (round = 0; round < 2000000 && to->got < n; round++) {
        peer_send(from);
        gt_loop_round(&loop, 0);
        peer_recv(to, from->seed);
    }

    setsockopt(from->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
    close(from->fd);

    for (round = 0; round < 2000000 && !to->eof; round++) {
        gt_loop_round(&loop, 0);
        peer_recv(to, from->seed);
    }

    ok(to->got == n && !to->bad, "%s: the bytes before it", what);
    is_int(to->error, ECONNRESET, "it arrives as a reset");
    ok(j.done && j.err == GT_E_RESET, "%s: and the relay says so", what);
    close(to->fd);
    clean(what);
}


/* one side has sent its FIN and got nothing yet; then it resets */
static void
reset_behind_fin(const char *what, bool up)
{
    int           round, error = 0;
    joint_t       j;
    peer_t        a = { .seed = 5, .no_fin = true };
    peer_t        b = { .seed = 6, .no_fin = true };
    peer_t       *from = up ? &a : &b, *to = up ? &b : &a;
    socklen_t     len = sizeof(error);
    struct linger hard = { 1, 0 };

    from->want = 1000;
    from->no_fin = false;
    joint_start(&j, &a, &b, NULL);

    for (round = 0; round < 2000000 && !to->eof; round++) {
        peer_send(from);
        gt_loop_round(&loop, 0);
        peer_recv(to, from->seed);
    }

    ok(to->got == 1000 && to->error == 0, "%s: the half-close passes", what);

    setsockopt(from->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
    close(from->fd);

    for (round = 0; round < 200 && !error; round++) {
        gt_loop_round(&loop, 10);
        getsockopt(to->fd, SOL_SOCKET, SO_ERROR, &error, &len);
    }

    ok(error != 0, "%s: and then the reset", what);
    is_int(gt_linger_live(), 0, "nobody lingers");
    close(to->fd);
    clean(what);
}


/* the same while what came before it waits for a slow reader */
static void
reset_behind(void)
{
    int           round, small = 16384;
    joint_t       j;
    peer_t        a = { .seed = 5, .want = 200000, .no_fin = true };
    peer_t        b = { .seed = 6, .no_fin = true };
    struct linger hard = { 1, 0 };

    joint_start(&j, &a, &b, NULL);
    setsockopt(b.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));

    for (round = 0; round < 100000 && j.up < a.want; round++) {
        peer_send(&a);
        gt_loop_round(&loop, 0);
    }

    is_int(j.up, a.want, "all is on its way");
    setsockopt(a.fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
    close(a.fd);

    for (round = 0; round < 100000 && !j.done; round++) {
        gt_loop_round(&loop, 1);
    }

    for (round = 0; round < 4000 && !b.eof; round++) {
        gt_loop_round(&loop, 1);
        peer_recv(&b, a.seed);
    }

    is_int(b.got, a.want, "a reset does not overtake data");
    is_int(b.error, ECONNRESET, "and comes behind it");
    close(b.fd);
    clean("reset behind data");
}


/* the far end closes while the near one still sends: its answer survives */
static void
early_answer(void)
{
    int     round;
    joint_t j;
    peer_t  a = { .seed = 1, .want = 4000000, .no_fin = true };
    peer_t  b = { .seed = 9, .want = 70000 };

    joint_start(&j, &a, &b, NULL);

    for (round = 0; round < 200000 && !a.eof; round++) {
        peer_send(&a);
        if (b.fd >= 0) {
            peer_send(&b);
            if (b.shut) {
                close(b.fd); /* with unread input: a reset behind the FIN */
                b.fd = -1;
            }
        }
        gt_loop_round(&loop, 0);
        peer_recv(&a, b.seed);
    }

    ok(a.got <= 70000 && !a.bad, "an early answer is not mangled");
    gt_op_cancel(&j.op);
    close(a.fd);
    clean("early answer");
}


static void
idle(void)
{
    int             round, x[2], y[2];
    char            c;
    joint_t         j = { .op = { .done = joint_done } };
    gt_relay_conf_t cf = { .idle_ms = 30 };

    j.op.owner = &j;
    tcp_pair(x);
    tcp_pair(y);
    gt_relay(gt_tcp_stream(&loop, x[1]), gt_tcp_stream(&loop, y[1]), &cf,
             &j.op);

    gt_loop_round(&loop, 0);
    gt_loop_round(&loop, 0);
    is_int(gt_slab_live(), 0, "an idle relay holds no slab");

    for (round = 0; round < 100 && !j.done; round++) {
        gt_loop_round(&loop, 100);
    }

    is_int(j.err, GT_E_TIMEOUT, "the idle limit ends it");
    is_int(recv(x[0], &c, 1, 0), 0, "in order for one side");
    is_int(recv(y[0], &c, 1, 0), 0, "and for the other");
    close(x[0]);
    close(y[0]);
    clean("idle");
}


/* taken apart in the middle and joined again: nothing is lost */
static void
handover(const char *chaos, size_t n)
{
    int              round, taken = 0;
    joint_t          j;
    peer_t           a = { .seed = 1, .want = n }, b = { .seed = 2 };
    gt_relay_conf_t  cf = { .idle_ms = 0 };
    gt_relay_parts_t parts;

    b.want = n;
    a.pace = b.pace = n / 50;
    joint_start(&j, &a, &b, chaos);
    cf.up = &j.up;
    cf.down = &j.down;

    for (round = 0; round < 2000000 && !(j.done && a.eof && b.eof); round++) {
        peer_send(&a);
        peer_send(&b);
        gt_loop_round(&loop, 0);
        if (round % 3 == 0 && gt_op_busy(&j.op)
            && gt_relay_take(&j.op, &parts) == GT_OK)
        {
            taken++;
            gt_relay_resume(&parts, &cf, &j.op);
        }
        peer_recv(&a, b.seed);
        peer_recv(&b, a.seed);
    }

    ok(taken > 1, "taken apart %d times", taken);
    ok(a.got == n && !a.bad && b.got == n && !b.bad, "nothing is lost");
    close(a.fd);
    close(b.fd);
    clean("handover");
}


static void
goodbye(void)
{
    int          round, x[2];
    char         buf[64];
    gt_chain_t   out = { 0 };
    gt_stream_t *st;

    tcp_pair(x);
    st = gt_tcp_stream(&loop, x[1]);
    (void) !write(x[0], "unread input", 12);
    gt_chain_push(&out, "last words", 10);
    gt_linger(st, &out);
    is_int(out.len, 0, "the words are taken");

    for (round = 0; round < 5; round++) {
        gt_loop_round(&loop, 0);
    }

    is_int(gt_linger_live(), 1, "it waits for the peer");
    is_int(recv(x[0], buf, sizeof(buf), 0), 10, "the words arrive");
    is_int(recv(x[0], buf, sizeof(buf), 0), 0, "then the end");
    close(x[0]);

    for (round = 0; round < 100 && gt_linger_live(); round++) {
        gt_loop_round(&loop, 10);
    }

    is_int(gt_linger_live(), 0, "and goes when the peer does");
    clean("goodbye");
}


static void
cancel(void)
{
    joint_t j;
    peer_t  a = { .seed = 1, .want = 100000 }, b = { .seed = 2 };

    joint_start(&j, &a, &b, NULL);
    peer_send(&a);
    gt_loop_round(&loop, 0);
    gt_op_cancel(&j.op);
    gt_op_cancel(&j.op);
    gt_loop_round(&loop, 0);
    ok(!j.done, "after a cancel nothing is said");
    close(a.fd);
    close(b.fd);
    clean("cancel");
}


static const char *const storms[] = {
    "seed=1,again=30",
    "seed=2,maxread=3000,again=10",
    "seed=3,maxread=7,maxwrite=5,again=40",
};


int
main(void)
{
    size_t i;

    signal(SIGPIPE, SIG_IGN);
    if (gt_loop_init(&loop) != GT_OK) {
        return 1;
    }

    transfer("nothing", 0, 0, 0, NULL);
    transfer("a byte each", 1, 1, 0, NULL);
    transfer("up only", 3000000, 0, 0, NULL);
    transfer("down only", 0, 3000000, 0, NULL);
    transfer("both, bulk", 5000000, 6000000, 0, NULL);
    transfer("slow reader", 10, 400000, 997, NULL);

    reset("reset up", true, 0, NULL);
    reset("reset down", false, 0, NULL);
    reset("reset up, data", true, 300000, NULL);
    reset("reset down, data", false, 300000, NULL);
    reset_behind_fin("FIN and reset up", true);
    reset_behind_fin("FIN and reset down", false);

    for (i = 0; i < gt_nelts(storms); i++) {
        transfer(storms[i], 20000, 30000, 0, storms[i]);
        reset(storms[i], i & 1, 5000, storms[i]);
        handover(storms[i], 20000);
    }

    reset_behind();
    early_answer();
    idle();
    handover(NULL, 4000000);
    goodbye();
    cancel();

    gt_pipe_trim();
    gt_slab_trim();
    gt_loop_free(&loop);

    return tap_done();
}
