/*
 * The mesh: two workers in one process.  Streams, datagrams, streams given
 * away, a worker that is not there, inboxes that are full, rubbish.
 */

#include "net/mesh.h"

#include "core/log.h"
#include "core/mem.h"
#include "net/tcp.h"
#include "os/fdpass.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rig.h"
#include "tap.h"

enum { ROUNDS = 200 };

static const gt_mesh_key_t key_a = { 1, 0 }, key_b = { 2, 7 };

typedef struct {
    gt_mesh_t    *m;
    gt_stream_t  *st;
    gt_mesh_key_t from;
    unsigned      kind, streams, dgrams;
    size_t        n;
    bool          suicide;
    uint8_t       data[GT_MESH_DGRAM];
} worker_t;

static worker_t a, b;


static void
worker_take(worker_t *w, const gt_mesh_key_t *from, unsigned kind,
            const void *p, size_t n)
{
    w->from = *from;
    w->kind = kind;
    w->n = n;
    memcpy(w->data, p, n);

    if (w->suicide) {
        gt_mesh_free(w->m);
        w->m = NULL;
    }
}


static void
worker_stream(void *data, const gt_mesh_key_t *from, unsigned kind,
              const void *header, size_t n, gt_stream_t *st)
{
    worker_t *w = data;

    w->streams++;
    if (w->st) {
        gt_stream_close(w->st, GT_E_NONE);
    }

    w->st = st;
    worker_take(w, from, kind, header, n);
}


static void
worker_dgram(void *data, const gt_mesh_key_t *from, unsigned kind,
             const void *p, size_t n)
{
    worker_t *w = data;

    w->dgrams++;
    worker_take(w, from, kind, p, n);
}


static void
worker_start(worker_t *w, gt_mesh_key_t key, int inbox)
{
    gt_mesh_conf_t cf = { worker_stream, worker_dgram, w };

    memset(w, 0, sizeof(*w));
    w->m = gt_mesh_new(&loop, key, inbox, &cf);
}


static void
rounds(int n)
{
    while (n-- > 0) {
        gt_loop_round(&loop, 0);
    }
}


static void
stop(gt_stream_t **st)
{
    if (*st) {
        gt_stream_close(*st, GT_E_NONE);
        *st = NULL;
    }

    rounds(1);
}


/* all that comes within some rounds, as a text */

static const char *
drain(gt_stream_t *st)
{
    int         i;
    gt_chain_t  c = { 0 };
    static char buf[256];

    memset(buf, 0, sizeof(buf));
    for (i = 0; i < 5; i++) {
        (void) gt_stream_recv(st, &c, sizeof(buf) - 1 - c.len);
        rounds(1);
    }

    (void) gt_chain_peek(&c, buf, sizeof(buf) - 1);
    gt_chain_free(&c);

    return buf;
}


static void
say(gt_stream_t *st, const char *text)
{
    gt_chain_t c = { 0 };

    (void) gt_chain_push(&c, text, strlen(text));
    (void) gt_stream_send(st, &c);
    gt_chain_free(&c);
}


static void
test_stream(void)
{
    gt_stream_t *st;

    st = gt_mesh_open(a.m, key_b, 42, "hello", 5);
    ok(st != NULL, "a stream opens");
    say(st, "there");
    rounds(3);
    is_int(b.streams, 1, "its other end arrives");
    ok(b.n == 5 && memcmp(b.data, "hello", 5) == 0, "with the header");
    is_int(b.kind, 42, "and the kind");
    ok(b.from.generation == 1 && b.from.slot == 0, "and the sender");
    is_str(drain(b.st), "there", "and the bytes");
    say(b.st, "and back");
    is_str(drain(st), "and back", "and back");
    stop(&b.st);
    stop(&st);

    st = gt_mesh_open(a.m, key_b, 0, NULL, 0);
    stop(&st);
    rounds(3);
    is_int(b.streams, 2, "closed before it arrives");
    is_int(b.n, 0, "an empty header");
    is_str(drain(b.st), "", "nothing in it");
    ok(b.st->rx_eof, "but its end");
    stop(&b.st);

    ok(gt_mesh_open(a.m, key_a, 0, NULL, 0) == NULL && errno == ENOENT,
       "a worker unknown");
    ok(gt_mesh_open(a.m, key_b, 0, a.data, GT_MESH_HEADER + 1) == NULL
           && errno == EMSGSIZE,
       "a header too long");
    st = gt_mesh_open(a.m, key_b, 0, a.data, GT_MESH_HEADER);
    rounds(3);
    is_int(b.n, GT_MESH_HEADER, "the longest");
    stop(&st);
    stop(&b.st);
}


static void
test_dgram(void)
{
    static uint8_t p[GT_MESH_DGRAM + 1];

    memset(p, 'x', sizeof(p));
    b.dgrams = 0;
    is_int(gt_mesh_send(a.m, key_b, 7, p, GT_MESH_DGRAM), GT_OK, "a datagram");
    is_int(gt_mesh_send(a.m, key_b, 7, p, GT_MESH_DGRAM + 1), GT_ERROR,
           "one too long");
    is_int(gt_mesh_send(a.m, key_a, 7, p, 1), GT_ERROR, "one to nobody");
    rounds(3);
    is_int(b.dgrams, 1, "arrives");
    ok(b.n == GT_MESH_DGRAM && memcmp(b.data, p, b.n) == 0, "all of it");
    is_int(gt_mesh_send(a.m, key_b, 9, NULL, 0), GT_OK, "an empty one");
    rounds(3);
    ok(b.dgrams == 2 && b.n == 0 && b.kind == 9, "arrives too");
}


static void
test_give(void)
{
    int          fd[2];
    gt_chain_t   c = { 0 };
    gt_stream_t *st;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd) < 0) {
        abort();
    }

    st = gt_tcp_stream(&loop, fd[0]);
    (void) !write(fd[1], "one", 3);
    (void) gt_stream_recv(st, &c, 64);
    gt_stream_unread(st, &c);
    is_int(gt_mesh_give(a.m, key_b, 1, "x", 1, st), GT_ERROR, "unread bytes");
    is_int(gt_mesh_give(a.m, key_a, 1, "x", 1, st), GT_ERROR, "nobody");
    is_str(drain(st), "one", "it stays ours");

    b.streams = 0;
    (void) !write(fd[1], "two", 3);
    is_int(gt_mesh_give(a.m, key_b, 1, "x", 1, st), GT_OK, "given");
    (void) !write(fd[1], "three", 5);
    rounds(3);
    is_int(b.streams, 1, "arrives");
    is_str(drain(b.st), "twothree", "with what is in the kernel");
    say(b.st, "four");
    ok(read(fd[1], a.data, 16) == 4, "and goes on");
    stop(&b.st);
    is_int(read(fd[1], a.data, 16), 0, "no other end is open");
    close(fd[1]);
}


static void
test_full(int inbox_b)
{
    int          i, sent = 0;
    gt_stream_t *st;

    /* b dies: its messages wait for the next one */
    gt_mesh_free(b.m);
    rounds(1);

    while (gt_mesh_send(a.m, key_b, 1, "x", 1) == GT_OK) {
        sent++;
    }

    is_int(gt_mesh_send(a.m, key_b, 1, "x", 1), GT_AGAIN, "full");
    st = gt_mesh_open(a.m, key_b, 1, NULL, 0);
    ok(st == NULL && errno == EAGAIN, "for streams too");

    worker_start(&b, key_b, inbox_b);
    for (i = 0; i < ROUNDS && b.dgrams < (unsigned) sent; i++) {
        rounds(1);
    }

    ok(sent > 16 && b.dgrams == (unsigned) sent, "%d were waiting", sent);
    ok(i > sent / 100, "not all in one round");
    is_int(gt_mesh_send(a.m, key_b, 1, "x", 1), GT_OK, "there is room again");
    rounds(3);
}


static void
test_rubbish(int to_b)
{
    int      fd[3];
    uint32_t head[5] = { 0x67746d31, 1, 0, 0, 0 };
    unsigned fds = count_fds();

    if (gt_fdpass_pair(fd) != GT_OK) {
        abort();
    }

    fd[2] = fd[1];
    b.streams = b.dgrams = 0;
    (void) gt_fdpass_send(to_b, "x", 1, NULL, 0);
    (void) gt_fdpass_send(to_b, "x", 1, fd, 1);
    (void) gt_fdpass_send(to_b, head, sizeof(head), NULL, 0);
    (void) gt_fdpass_send(to_b, head, sizeof(head), fd, 3);
    head[1] = 2;
    (void) gt_fdpass_send(to_b, head, sizeof(head), fd, 1);
    head[1] = 3;
    (void) gt_fdpass_send(to_b, head, sizeof(head), NULL, 0);
    head[0] = 0;
    (void) gt_fdpass_send(to_b, head, sizeof(head), NULL, 0);
    (void) gt_mesh_send(a.m, key_b, 1, "x", 1);
    rounds(5);
    close(fd[0]);
    close(fd[1]);

    is_int(b.streams, 0, "rubbish is no stream");
    is_int(b.dgrams, 1, "what follows arrives");
    is_int(count_fds(), fds, "no descriptor is left");
}


static void
test_peers(int to_b)
{
    unsigned      i, fds = count_fds();
    gt_mesh_key_t key = { 9, 0 };

    is_int(gt_mesh_peer(a.m, key_b, to_b), GT_OK, "known already");
    is_int(count_fds(), fds, "replaced");

    for (i = 0; i < GT_MESH_PEERS - 1; i++) {
        key.slot = i;
        if (gt_mesh_peer(a.m, key, to_b) != GT_OK) {
            break;
        }
    }

    is_int(i, GT_MESH_PEERS - 1, "so many");
    key.slot = i;
    is_int(gt_mesh_peer(a.m, key, to_b), GT_ERROR, "no more");
    is_int(errno, ENOSPC, "why");

    for (i = 0; i < GT_MESH_PEERS; i++) {
        key.slot = i;
        gt_mesh_forget(a.m, key);
    }

    is_int(count_fds(), fds, "forgotten");
    is_int(gt_mesh_send(a.m, key_b, 1, "x", 1), GT_OK, "the other is not");
    rounds(3);
}


static void
test_memory(int inbox_b)
{
    unsigned long  n, made = 1;
    gt_stream_t   *st;
    gt_mesh_conf_t cf = { worker_stream, worker_dgram, &b };

    for (n = 1; made + 1 >= n; n++) {
        (void) gt_mem_fail_at(n);
        st = gt_mesh_open(a.m, key_b, 1, "x", 1);
        rounds(3);
        made = gt_mem_fail_at(0);
        stop(&st);
        stop(&b.st);
    }

    gt_mesh_free(b.m);
    rounds(1);
    (void) gt_mem_fail_at(made ? 1 : 0);
    b.m = gt_mesh_new(&loop, key_b, inbox_b, &cf);
    (void) gt_mem_fail_at(0);
    ok(made ? !b.m : b.m != NULL, "no mesh without memory");
    if (!b.m) {
        b.m = gt_mesh_new(&loop, key_b, inbox_b, &cf);
    }

    is_int(gt_stream_live(), 0, "no stream is left");
}


int
main(void)
{
    int      inbox_a[2], inbox_b[2];
    unsigned fds;

    gt_log_set_level(GT_LOG_OFF);

    if (gt_loop_init(&loop) != GT_OK) {
        abort();
    }

    fds = count_fds();

    if (gt_mesh_inbox(inbox_a) != GT_OK || gt_mesh_inbox(inbox_b) != GT_OK) {
        abort();
    }

    worker_start(&a, key_a, inbox_a[0]);
    worker_start(&b, key_b, inbox_b[0]);
    is_int(gt_mesh_peer(a.m, key_b, inbox_b[1]), GT_OK, "a knows b");

    test_stream();
    test_dgram();
    test_give();
    test_full(inbox_b[0]);
    test_rubbish(inbox_b[1]);
    test_peers(inbox_b[1]);
    test_memory(inbox_b[0]);

    b.suicide = true;
    (void) gt_mesh_send(a.m, key_b, 1, "x", 1);
    (void) gt_mesh_send(a.m, key_b, 1, "x", 1);
    b.dgrams = 0;
    rounds(3);
    ok(b.m == NULL && b.dgrams == 1, "freed in a callback");

    gt_mesh_free(a.m);
    rounds(1);
    close(inbox_b[0]);
    close(inbox_b[1]);

    worker_start(&a, key_a, inbox_a[0]);
    close(inbox_a[1]);
    rounds(3);
    gt_mesh_free(a.m);
    rounds(1);
    close(inbox_a[0]);

    is_int(count_fds(), fds, "no descriptor is left");
    is_int(gt_stream_live(), 0, "no stream is left");
    gt_loop_free(&loop);
    gt_slab_trim();

    return tap_done();
}
