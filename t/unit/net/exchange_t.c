/*
 * Exchanges and their HTTP/1.1 carrier by themselves: what a handler may do
 * with one, clients that do not read, the end in every state.
 */

#include "net/exchange.h"

#include "core/log.h"
#include "net/http1_server.h"
#include "net/linger.h"
#include "net/tcp.h"

#include "tap.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define GET "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n"

enum { TEXT = 1 << 20 };

static struct {
    gt_loop_t              loop;
    gt_http1_server_t      srv;
    gt_http1_server_conf_t cf;
    gt_exchange_t         *ex;
    unsigned               served, done;
    gt_err_t               why;
    int                    fd;
    char                  *got;
    size_t                 n;
    bool                   eof, reset;
    uint64_t               now;
} peer;


static void
peer_serve(void *owner, gt_exchange_t *ex)
{
    (void) owner;
    GT_ASSERT(!peer.ex);
    peer.ex = ex;
    peer.served++;
}


static void
peer_ended(void *owner, gt_err_t why)
{
    (void) owner;
    peer.done++;
    peer.why = why;
}


static uint64_t
peer_clock(gt_loop_t *loop)
{
    (void) loop;

    return peer.now;
}


static void
peer_open(void)
{
    int fd[2];

    memset(&peer, 0, sizeof(peer));
    peer.now = 1000;
    peer.got = calloc(1, TEXT);
    peer.cf = (gt_http1_server_conf_t){ .head_ms = 15000,
                                        .idle_ms = 60000,
                                        .serve = peer_serve,
                                        .done = peer_ended };

    GT_ASSERT(gt_loop_init(&peer.loop) == GT_OK);
    peer.loop.clock = peer_clock;
    peer.loop.now = peer.now;

    GT_ASSERT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd) == 0);
    peer.fd = fd[1];
    gt_http1_server_start(&peer.srv, gt_tcp_stream(&peer.loop, fd[0]), &peer.cf,
                          &peer);
}


static void
peer_rounds(bool reads)
{
    int     i;
    ssize_t n;

    for (i = 0; i < 100; i++) {
        gt_loop_round(&peer.loop, 0);
        n = reads ? recv(peer.fd, peer.got + peer.n, TEXT - 1 - peer.n, 0) : -1;
        peer.n += n > 0 ? (size_t) n : 0;
        peer.eof |= n == 0;
    }
}


static void
peer_say(const char *text)
{
    GT_ASSERT(send(peer.fd, text, strlen(text), MSG_NOSIGNAL) > 0);
    peer_rounds(true);
}


static void
peer_close(const char *name)
{
    gt_http1_server_close(&peer.srv, GT_E_NONE);
    gt_linger_close_all();
    close(peer.fd);
    gt_loop_round(&peer.loop, 0);
    gt_loop_free(&peer.loop);
    free(peer.got);

    ok(gt_stream_live() == 0 && gt_slab_live() == 0, "%s: nothing is left",
       name);
}


static void
peer_end(gt_err_t why)
{
    gt_exchange_t *ex = peer.ex;

    peer.ex = NULL;
    gt_exchange_close(ex, why);
    peer_rounds(true);
}


static int
respond(int status, unsigned flags)
{
    return gt_exchange_respond(peer.ex, status, gt_str_from(NULL), NULL, 0,
                               flags);
}


static bool
text_is(gt_str_t s, const char *text)
{
    return gt_str_eq(s, gt_str_from(text));
}


static void
test_request(void)
{
    gt_str_t       v;
    gt_exchange_t *ex;

    peer_open();
    peer_say("\r\nPOST http://[::1]:81?q=1 HTTP/1.1\r\nHost: a\r\n"
             "Connection: x-hop, upgrade\r\nX-Hop: 1\r\nUpgrade: foo\r\n"
             "Content-Length: 3\r\nExpect: 100-continue\r\n\r\nabcGET");
    ex = peer.ex;
    ok(ex, "a request");

    if (ex) {
        ok(text_is(ex->method, "POST") && text_is(ex->scheme, "http")
               && text_is(ex->authority, "[::1]:81")
               && text_is(ex->path, "/?q=1") && text_is(ex->protocol, "foo"),
           "its parts");
        ok(ex->has_body && ex->has_length && ex->length == 3
               && ex->expect_continue && ex->upgrade && ex->minor == 1,
           "and flags");
        ok(gt_exchange_field(ex, "x-HOP", &v) && text_is(v, "1"), "a field");
        ok(!gt_exchange_field(ex, "X", &v), "no field");
        ok(gt_exchange_is_hop(ex, GT_STR("X-Hop"))
               && gt_exchange_is_hop(ex, GT_STR("TE"))
               && !gt_exchange_is_hop(ex, GT_STR("Host")),
           "what is hop-by-hop");
    }

    ok(respond(200, GT_EX_FIN) == GT_OK, "answered without its body");
    ok(respond(200, GT_EX_FIN) == GT_ERROR, "but once only");
    peer_end(GT_E_NONE);
    is_str(peer.got,
           "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
           "200, and it says that it ends");
    ok(peer.eof && peer.done == 1 && peer.served == 1,
       "what is not read cannot be a request");
    peer_close("request");
}


static void
test_bad_response(void)
{
    gt_http1_field_t f = { GT_STR_INIT("X"), GT_STR_INIT("a\r\nb") };

    peer_open();
    peer_say(GET);
    ok(gt_exchange_respond(peer.ex, 200, gt_str_from(NULL), &f, 1, GT_EX_FIN)
           == GT_ERROR,
       "a field that would split the head");
    peer_end(GT_E_NONE);
    ok(peer.n == 0 && peer.done == 1, "no answer: the connection is gone");
    peer_close("bad field");

    peer_open();
    peer_say(GET);
    f.name = GT_STR("Content-Length");
    f.value = GT_STR("5");
    ok(gt_exchange_respond(peer.ex, 200, gt_str_from(NULL), &f, 1, 0) == GT_OK,
       "a length");
    ok(gt_stream_shutdown(gt_exchange_body(peer.ex)) == GT_ERROR,
       "that is not kept");
    peer_end(GT_E_NONE);
    ok(peer.done == 1, "ends the connection");
    peer_close("short body");
}


static size_t
body_send(size_t size)
{
    ssize_t      n;
    size_t       sent = 0;
    gt_chain_t   c = { 0 };
    gt_stream_t *st = gt_exchange_body(peer.ex);
    static char  zeros[4096];

    while (sent < size) {
        if (c.len == 0) {
            GT_ASSERT(gt_chain_push(&c, zeros, sizeof(zeros)) == GT_OK);
        }

        n = gt_stream_send(st, &c);
        if (n <= 0) {
            break;
        }

        sent += (size_t) n;
    }

    gt_chain_free(&c);

    return sent;
}


/* the client does not read */

static void
test_slow_reader(void)
{
    size_t sent;

    peer_open();
    peer_say(GET GET);
    ok(respond(200, 0) == GT_OK, "a chunked response");
    sent = body_send(TEXT * 4);
    ok(sent > 0 && sent < TEXT * 2, "stops when nobody reads: %zu", sent);
    ok(gt_stream_shutdown(gt_exchange_body(peer.ex)) == GT_AGAIN,
       "the end waits");
    peer_rounds(false);
    peer_rounds(true);
    is_int(gt_stream_shutdown(gt_exchange_body(peer.ex)), GT_OK,
           "until it is read");
    peer_end(GT_E_NONE);
    ok(memcmp(peer.got + peer.n - 5, "0\r\n\r\n", 5) == 0, "the last chunk");
    ok(peer.served == 2 && peer.ex, "then the next request");
    ok(respond(200, GT_EX_FIN) == GT_OK, "is answered");
    peer_end(GT_E_NONE);
    peer_close("slow reader");

    /* closed before the response has left: the carrier sees to it */
    peer_open();
    peer_say(GET GET);
    ok(respond(200, 0) == GT_OK, "once more");
    (void) body_send(TEXT * 4);
    (void) gt_stream_shutdown(gt_exchange_body(peer.ex));
    gt_exchange_close(peer.ex, GT_E_NONE);
    peer.ex = NULL;
    peer_rounds(false);
    is_int(peer.served, 1, "not before all has left");
    peer_rounds(true);
    is_int(peer.served, 2, "then the next");
    peer_end(GT_E_CANCEL);
    ok(peer.done == 1 && peer.why == GT_E_CANCEL, "a failure ends it");
    peer_close("flush");

    peer_open();
    peer_say(GET);
    ok(respond(200, 0) == GT_OK, "and again");
    (void) body_send(TEXT * 4);
    (void) gt_stream_shutdown(gt_exchange_body(peer.ex));
    gt_exchange_close(peer.ex, GT_E_NONE);
    peer.ex = NULL;
    peer.now += GT_HTTP1_SEND_MS + 1;
    peer_rounds(false);
    ok(peer.done == 1 && peer.why == GT_E_TIMEOUT, "with a deadline");
    peer_close("flush deadline");
}


static void
test_tunnel(void)
{
    gt_chain_t   c = { 0 };
    gt_stream_t *st;

    peer_open();
    peer_say("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\nearly");
    ok(respond(200, 0) == GT_OK, "200 to CONNECT");
    st = gt_exchange_tunnel(peer.ex);
    peer.ex = NULL;
    ok(st && strcmp(st->ops->name, "tcp") == 0, "the very stream below");

    if (st) {
        is_int(gt_stream_recv(st, &c, 100), 5, "with what came early");
        gt_chain_free(&c);
        gt_stream_close(st, GT_E_NONE);
    }

    peer_rounds(true);
    is_str(peer.got, "HTTP/1.1 200 OK\r\n\r\n", "the head has left");
    is_int(peer.done, 0, "the carrier ends in silence");
    peer_close("tunnel");
}


static void
test_end(void)
{
    gt_stream_t *st;

    /* a reset of the body resets the connection */
    peer_open();
    peer_say(GET);
    st = gt_exchange_body(peer.ex);
    gt_stream_close(st, GT_E_RESET);
    ok(respond(200, GT_EX_FIN) == GT_ERROR, "too late for an answer");
    peer_end(GT_E_RESET);
    ok(peer.done == 1, "reset");
    peer_close("reset");

    peer_open();
    shutdown(peer.fd, SHUT_WR);
    peer_rounds(true);
    ok(peer.done == 1 && peer.why == GT_E_NONE && peer.eof, "a silent client");
    peer_close("silent");

    peer_open();
    peer_say("GET http://a/ HT");
    shutdown(peer.fd, SHUT_WR);
    peer_rounds(true);
    is_str(peer.got, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
           "half a head");
    is_int(peer.served, 0, "is no request");
    peer_close("half a head");
}


int
main(void)
{
    gt_log_set_level(GT_LOG_OFF);

    test_request();
    test_bad_response();
    test_slow_reader();
    test_tunnel();
    test_end();

    return tap_done();
}
