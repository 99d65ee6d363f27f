/*
 * Datagrams over kernel sockets: boundaries, peers, batches, wake-ups, what
 * cannot be sent, both families on one socket, memory that runs out.
 */

#include "net/udp.h"

#include "core/log.h"
#include "core/mem.h"
#include "net/op.h"
#include "os/sock.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <unistd.h>

#include "rig.h"
#include "tap.h"

enum { ROUNDS = 200, MANY = 40 };


typedef struct {
    gt_dgram_t *dg;
    gt_addr_t   at;
    unsigned    ready, ev;
} end_t;


static void
end_ready(gt_dgram_t *dg, unsigned ev)
{
    end_t *e = dg->owner;

    e->ready++;
    e->ev |= ev;
}


static bool
end_open(end_t *e, const char *ip)
{
    int            fd;
    gt_addr_t      a;
    gt_sock_conf_t cf = { .type = SOCK_DGRAM };

    memset(e, 0, sizeof(*e));

    if (gt_addr_literal(&a, ip, strlen(ip), 0) != GT_OK) {
        abort();
    }

    fd = gt_sock_listen(&a.sa, a.len, &cf);
    e->dg = fd < 0 ? NULL : gt_udp_dgram(&loop, fd);
    if (!e->dg) {
        return false;
    }

    gt_dgram_own(e->dg, e, end_ready);

    return gt_dgram_query(e->dg, GT_Q_LOCAL, &e->at) == GT_OK;
}


static void
end_close(end_t *e)
{
    gt_dgram_close(e->dg);
    gt_loop_round(&loop, 0);
}


static int
put(end_t *e, const gt_addr_t *to, const void *p, size_t n)
{
    int         rc;
    gt_packet_t k = { 0 };

    if (to) {
        k.peer = *to;
    }

    (void) gt_chain_push(&k.data, p, n);
    rc = gt_dgram_send(e->dg, &k, 1);
    gt_chain_free(&k.data);

    return rc;
}


/* waits for IN, then reads up to n; the packets are the caller's */

static int
get(end_t *e, gt_packet_t *to, int n)
{
    int i, rc;

    memset(to, 0, sizeof(*to) * (size_t) n);

    for (i = 0; i < ROUNDS; i++) {
        rc = gt_dgram_recv(e->dg, to, n);
        if (rc != GT_AGAIN) {
            return rc;
        }

        gt_dgram_want(e->dg, GT_EV_IN);
        gt_loop_round(&loop, 5);
    }

    return GT_AGAIN;
}


/* the text of one datagram */

static const char *
get_text(end_t *e, gt_addr_t *peer)
{
    gt_packet_t k;
    static char buf[64];

    memset(buf, 0, sizeof(buf));
    if (get(e, &k, 1) != 1) {
        return "none";
    }

    (void) gt_chain_peek(&k.data, buf, sizeof(buf) - 1);
    gt_chain_free(&k.data);
    *peer = k.peer;

    return buf;
}


static void
test_pair(void)
{
    end_t       a, b;
    gt_addr_t   peer;
    gt_packet_t k;

    ok(end_open(&a, "127.0.0.1") && end_open(&b, "127.0.0.1"), "two sockets");
    is_int(put(&a, &b.at, "one", 3), 1, "a datagram");
    is_int(put(&a, &b.at, "two", 3), 1, "another");
    is_str(get_text(&b, &peer), "one", "arrives");
    ok(gt_addr_eq(&peer, &a.at), "and says from where");
    is_str(get_text(&b, &peer), "two", "boundaries are kept");

    is_int(put(&b, &peer, "", 0), 1, "an empty one");
    is_int(get(&a, &k, 1), 1, "arrives");
    is_int(k.data.len, 0, "with no bytes");

    is_int(a.dg->tx, 6, "bytes sent");
    is_int(b.dg->rx, 6, "bytes received");
    is_int(a.dg->dropped + b.dg->dropped, 0, "nothing dropped");

    end_close(&a);
    end_close(&b);
}


static void
test_want(void)
{
    int         i;
    end_t       a, b;
    gt_packet_t k = { 0 };

    ok(end_open(&a, "127.0.0.1") && end_open(&b, "127.0.0.1"), "two sockets");
    is_int(gt_dgram_recv(b.dg, &k, 1), GT_AGAIN, "nothing there");
    gt_dgram_want(b.dg, GT_EV_IN);
    gt_loop_round(&loop, 0);
    is_int(b.ready, 0, "no wake-up");

    (void) put(&a, &b.at, "x", 1);
    (void) put(&a, &b.at, "y", 1);
    for (i = 0; i < ROUNDS && !b.ready; i++) {
        gt_loop_round(&loop, 5);
    }
    is_int(b.ready, 1, "one wake-up");
    is_int(b.ev, GT_EV_IN, "for what was wanted");
    gt_loop_round(&loop, 0);
    is_int(b.ready, 1, "no second one");

    is_int(gt_dgram_recv(b.dg, &k, 1), 1, "one is read");
    gt_chain_free(&k.data);
    gt_dgram_want(b.dg, GT_EV_IN | GT_EV_OUT);
    is_int(b.ready, 1, "what is true already is not called inline");
    gt_loop_round(&loop, 0);
    is_int(b.ready, 2, "but posted");
    is_int(b.ev, GT_EV_IN | GT_EV_OUT, "both");

    gt_dgram_want(b.dg, GT_EV_OUT);
    gt_dgram_close(b.dg);
    gt_loop_round(&loop, 0);
    is_int(b.ready, 2, "closed: silent");
    end_close(&a);
    is_int(gt_dgram_live(), 0, "no dgram is left");
}


static void
test_batch(void)
{
    int         i, n, rc, sent = 0, got = 0, calls = 0;
    bool        good = true;
    end_t       a, b;
    gt_packet_t k[MANY] = { 0 };

    ok(end_open(&a, "127.0.0.1") && end_open(&b, "127.0.0.1"), "two sockets");

    for (i = 0; i < MANY; i++) {
        uint8_t p[300];

        memset(p, i, sizeof(p));
        k[i].peer = b.at;
        (void) gt_chain_push(&k[i].data, p, 100 + (size_t) i);
    }

    while (sent < MANY) {
        rc = gt_dgram_send(a.dg, k + sent, MANY - sent);
        if (rc <= 0) {
            break;
        }

        sent += rc;
        calls++;
    }

    is_int(sent, MANY, "all are sent");
    ok(calls < MANY / 4, "in %d calls", calls);

    for (calls = 0; got < MANY; calls++) {
        n = get(&b, k, MANY);
        for (i = 0; i < n; i++, got++) {
            uint8_t *p = gt_chain_pull(&k[i].data, k[i].data.len);

            good &= k[i].data.len == (size_t) (100 + got) && p[0] == got
                    && p[99 + got] == got && gt_addr_eq(&k[i].peer, &a.at);
            gt_chain_free(&k[i].data);
        }

        if (n <= 0) {
            break;
        }
    }

    is_int(got, MANY, "all arrive");
    ok(good, "each as it was sent");
    ok(calls < MANY / 4, "in %d calls", calls);
    end_close(&a);
    end_close(&b);
}


static void
test_size(void)
{
    int                   i;
    end_t                 a, b;
    gt_addr_t             peer;
    gt_packet_t           k = { 0 };
    static const uint8_t  p[GT_DGRAM_MAX + 1];
    static const unsigned longest = 65507; /* IPv4 and UDP have 28 */

    ok(end_open(&a, "127.0.0.1") && end_open(&b, "127.0.0.1"), "two sockets");
    is_int(put(&a, &b.at, p, longest), 1, "the longest");
    is_int(get(&b, &k, 1), 1, "arrives");
    is_int(k.data.len, longest, "whole");
    gt_chain_free(&k.data);

    is_int(put(&a, &b.at, p, longest + 1), 1, "longer than UDP");
    is_int(a.dg->dropped, 1, "is dropped");
    is_int(put(&a, &b.at, p, GT_DGRAM_MAX + 1), 1, "longer than any");
    is_int(a.dg->dropped, 2, "is dropped");
    is_int(put(&a, NULL, p, 1), 1, "to nobody");
    is_int(a.dg->dropped, 3, "is dropped");

    /* one bad among good ones; many windows */
    for (i = 0; i < 40; i++) {
        gt_slab_t *s = gt_slab_get(1000);

        memset(s->data, 'a' + i % 26, 1000);
        (void) gt_chain_link(&k.data, s, s->data, s->data + 1000);
        gt_slab_unref(s);
    }
    k.peer = b.at;
    is_int(gt_dgram_send(a.dg, &k, 1), 1, "forty windows");
    is_int(get(&b, &k, 1), 1, "are one datagram");
    is_int(k.data.len, 40000, "whole");
    gt_chain_free(&k.data);

    is_int(put(&a, &b.at, "end", 3), 1, "it goes on");
    is_str(get_text(&b, &peer), "end", "arrives");
    end_close(&a);
    end_close(&b);
    is_int(gt_slab_live(), 0, "no slab is left");
}


static void
test_mixed(void)
{
    end_t       a, b;
    gt_addr_t   peer;
    gt_packet_t k[3] = { 0 };

    ok(end_open(&a, "127.0.0.1") && end_open(&b, "127.0.0.1"), "two sockets");
    k[0].peer = k[2].peer = b.at;
    (void) gt_chain_push(&k[0].data, "0", 1);
    (void) gt_chain_push(&k[1].data, "1", 1);
    (void) gt_chain_push(&k[2].data, "2", 1);

    is_int(gt_dgram_send(a.dg, k, 3), 1, "up to the bad one");
    is_int(gt_dgram_send(a.dg, k + 1, 2), 1, "the bad one");
    is_int(gt_dgram_send(a.dg, k + 2, 1), 1, "behind it");
    is_int(a.dg->dropped, 1, "one is dropped");
    is_str(get_text(&b, &peer), "0", "first");
    is_str(get_text(&b, &peer), "2", "last");
    end_close(&a);
    end_close(&b);
}


static void
test_dual(void)
{
    char      buf[GT_ADDR_TEXT];
    end_t     a, b;
    gt_addr_t to, peer;

    if (!end_open(&a, "::")) {
        ok(true, "# SKIP no IPv6");
        return;
    }

    ok(end_open(&b, "127.0.0.1"), "a dual-stack socket");
    (void) gt_addr_literal(&to, "127.0.0.1", 9, gt_addr_port(&a.at));
    (void) put(&b, &to, "x", 1);
    is_str(get_text(&a, &peer), "x", "hears IPv4");
    ok(gt_addr_eq(&peer, &b.at), "from %s",
       gt_addr_text(&peer, buf, sizeof(buf)));
    (void) put(&a, &peer, "y", 1);
    is_str(get_text(&b, &peer), "y", "and answers");
    end_close(&a);
    end_close(&b);
}


static void
test_connected(void)
{
    int         fd, i;
    end_t       a, b;
    gt_addr_t   peer;
    gt_packet_t k = { 0 };

    ok(end_open(&b, "127.0.0.1"), "a socket");
    fd = gt_sock_open(AF_INET, SOCK_DGRAM);
    (void) !connect(fd, &b.at.sa, b.at.len);
    memset(&a, 0, sizeof(a));
    a.dg = gt_udp_dgram(&loop, fd);
    gt_dgram_own(a.dg, &a, end_ready);

    is_int(put(&a, NULL, "x", 1), 1, "needs no peer");
    is_str(get_text(&b, &peer), "x", "arrives");
    (void) put(&b, &peer, "y", 1);
    is_str(get_text(&a, &peer), "y", "and back");
    is_int(peer.len, 0, "without an address");
    ok(gt_dgram_query(a.dg, GT_Q_REMOTE, &peer) == GT_OK
           && gt_addr_eq(&peer, &b.at),
       "that is known");

    end_close(&b);

    for (i = 0; i < 4; i++) {
        is_int(put(&a, NULL, "z", 1), 1, "refused, and goes on");
        gt_dgram_want(a.dg, GT_EV_IN);
        gt_loop_round(&loop, 0);
        is_int(gt_dgram_recv(a.dg, &k, 1), GT_AGAIN, "nothing comes");
    }

    ok(a.dg->dropped > 0, "it is counted");
    is_int(a.dg->err, GT_E_NONE, "and no error");
    end_close(&a);
}


/* a unix socket says EAGAIN where UDP only loses */

static void
test_full(void)
{
    int         fd[2], sent = 0;
    end_t       a, b;
    gt_packet_t k = { 0 };

    if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, fd) < 0) {
        abort();
    }

    memset(&a, 0, sizeof(a));
    memset(&b, 0, sizeof(b));
    a.dg = gt_udp_dgram(&loop, fd[0]);
    b.dg = gt_udp_dgram(&loop, fd[1]);
    gt_dgram_own(a.dg, &a, end_ready);
    gt_dgram_own(b.dg, &b, end_ready);

    while (put(&a, NULL, "x", 1) == 1) {
        sent++;
    }

    is_int(put(&a, NULL, "x", 1), GT_AGAIN, "full");
    (void) gt_chain_push(&k.data, "x", 1);
    is_int(gt_dgram_send(a.dg, &k, 1), GT_AGAIN, "still");
    is_int(k.data.len, 1, "it stays the caller's");
    gt_chain_free(&k.data);

    gt_loop_round(&loop, 0);
    gt_dgram_want(a.dg, GT_EV_OUT);
    gt_loop_round(&loop, 0);
    is_int(a.ready, 0, "no wake-up");

    while (sent > 0 && get(&b, &k, 1) == 1) {
        gt_chain_free(&k.data);
        sent--;
    }

    gt_loop_round(&loop, 0);
    is_int(a.ready, 1, "a wake-up");
    is_int(a.ev, GT_EV_OUT, "for writing");
    is_int(put(&a, NULL, "x", 1), 1, "there is room");

    end_close(&a);
    end_close(&b);
}


static void
op_done(gt_op_t *op, gt_stream_t *st, gt_err_t err)
{
    (void) st;
    (void) err;
    *(int *) op->owner += 1;
}


/* an operation that ends in a dgram and is cancelled */

static void
test_op(void)
{
    int     done = 0;
    end_t   a;
    gt_op_t op = { .done = op_done, .owner = &done };

    ok(end_open(&a, "127.0.0.1"), "a socket");
    op.dgram = a.dg;
    gt_op_post(&loop, &op, NULL, GT_E_NONE);
    gt_op_cancel(&op);
    gt_loop_round(&loop, 0);
    is_int(done, 0, "cancelled");
    is_int(gt_dgram_live(), 0, "its dgram is closed");
}


static void
test_memory(void)
{
    int           i, rc;
    end_t         a, b;
    gt_addr_t     peer;
    gt_packet_t   k[4];
    unsigned long n, made = 1;

    ok(end_open(&a, "127.0.0.1") && end_open(&b, "127.0.0.1"), "two sockets");

    for (n = 1; made + 1 >= n; n++) {
        for (i = 0; i < 4; i++) {
            (void) put(&a, &b.at, "x", 1);
        }

        memset(k, 0, sizeof(k));
        gt_loop_round(&loop, 0);
        gt_slab_trim();
        (void) gt_mem_fail_at(n);
        rc = gt_dgram_recv(b.dg, k, 4);
        made = gt_mem_fail_at(0);

        if (rc == GT_ERROR || (rc != GT_AGAIN && rc > 4)) {
            ok(false, "at %lu: %d", n, rc);
            break;
        }

        for (i = 0; i < rc; i++) {
            gt_chain_free(&k[i].data);
        }

        while (gt_dgram_recv(b.dg, k, 1) == 1) {
            gt_chain_free(&k[0].data);
        }
    }

    is_int(b.dg->err, GT_E_NONE, "the socket lives on");
    (void) put(&a, &b.at, "end", 3);
    is_str(get_text(&b, &peer), "end", "and works");

    end_close(&a);
    (void) gt_mem_fail_at(1);
    a.dg = gt_udp_dgram(&loop, gt_sock_open(AF_INET, SOCK_DGRAM));
    made = gt_mem_fail_at(0);
    ok(made ? !a.dg : a.dg != NULL, "no dgram without memory");
    if (a.dg) {
        end_close(&a);
    }

    end_close(&b);
}


int
main(void)
{
    unsigned fds;

    gt_log_set_level(GT_LOG_OFF);

    if (gt_loop_init(&loop) != GT_OK) {
        abort();
    }

    fds = count_fds();

    test_pair();
    test_want();
    test_batch();
    test_size();
    test_mixed();
    test_dual();
    test_connected();
    test_full();
    test_op();
    test_memory();

    is_int(gt_dgram_live(), 0, "no dgram is left");
    is_int(gt_slab_live(), 0, "no slab is left");
    is_int(count_fds(), fds, "no descriptor is left");
    gt_loop_free(&loop);
    gt_slab_trim();

    return tap_done();
}
