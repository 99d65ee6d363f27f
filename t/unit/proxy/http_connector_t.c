/*
 * The http connector: GOST's request byte for byte, every kind of answer, and
 * what follows it.
 */

#include "conf/opt.h"
#include "core/log.h"
#include "core/mem.h"
#include "module/connector.h"
#include "net/chaos.h"
#include "net/tcp.h"

#include "tap.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define ASK                                                                    \
    "CONNECT example.com:80 HTTP/1.1\r\nHost: example.com:80\r\n"              \
    "User-Agent: Go-http-client/1.1\r\n"

extern const gt_module_t gt_http_connector_module;

static struct {
    gt_loop_t    loop;
    void        *conf;
    int          fd;
    char         got[65536];
    size_t       n;
    bool         eof, done;
    gt_stream_t *st;
    gt_err_t     err;
    gt_op_t      op;
    uint64_t     now;
    const char  *chaos;
} peer;

static const gt_credentials_t nobody;


static uint64_t
peer_clock(gt_loop_t *loop)
{
    (void) loop;

    return peer.now;
}


static void
peer_done(gt_op_t *op, gt_stream_t *st, gt_err_t err)
{
    (void) op;
    GT_ASSERT(!peer.done);
    peer.done = true;
    peer.st = st;
    peer.err = err;
}


static void
peer_rounds(int rounds)
{
    int     i;
    ssize_t n;

    for (i = 0; i < rounds; i++) {
        gt_loop_round(&peer.loop, 0);
        n = recv(peer.fd, peer.got + peer.n, sizeof(peer.got) - 1 - peer.n, 0);
        peer.n += n > 0 ? (size_t) n : 0;
        peer.eof |= n == 0;
        peer.got[peer.n] = '\0';
    }
}


static void
peer_open(const gt_credentials_t *cred, const char *host, uint16_t port,
          const gt_cnode_t *options)
{
    int                       fd[2];
    gt_diag_t                *d = gt_diag_new();
    const char               *why = NULL, *chaos = peer.chaos;
    gt_target_t               to = { gt_str_from(host), port };
    gt_stream_t              *st;
    gt_chaos_conf_t           cf;
    const gt_module_t        *m = &gt_http_connector_module;
    const gt_connector_ops_t *ops = m->ops;

    memset(&peer, 0, sizeof(peer));
    peer.chaos = chaos;
    peer.now = 1000;

    GT_ASSERT(gt_loop_init(&peer.loop) == GT_OK);
    peer.loop.clock = peer_clock;
    peer.loop.now = peer.now;

    peer.conf = gt_calloc(m->conf_size);
    gt_opt_defaults(m->opts, peer.conf);
    (void) gt_opt_apply(m->opts, peer.conf, options, d, NULL, NULL);
    GT_ASSERT(gt_diag_errors(d) == 0);
    GT_ASSERT(m->check(peer.conf, &why) == GT_OK);
    gt_diag_free(d);

    GT_ASSERT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd) == 0);
    peer.fd = fd[1];
    st = gt_tcp_stream(&peer.loop, fd[0]);

    if (chaos) {
        GT_ASSERT(gt_chaos_parse(chaos, &cf, &why) == GT_OK);
        st = gt_chaos_stream(st, &cf);
    }

    peer.op.done = peer_done;
    ops->connect(peer.conf, cred, st, &to, &peer.op);
    ok(!peer.done, "nothing happens in the call");
    peer_rounds(500);
}


static void
peer_close(const char *name)
{
    gt_op_cancel(&peer.op);

    if (peer.st) {
        gt_stream_close(peer.st, GT_E_NONE);
    }

    close(peer.fd);
    gt_loop_round(&peer.loop, 0);
    gt_free(peer.conf);
    gt_loop_free(&peer.loop);

    ok(gt_stream_live() == 0 && gt_op_live() == 0 && gt_slab_live() == 0,
       "%s: nothing is left", name);
}


static void
peer_say(const char *text)
{
    ok(send(peer.fd, text, strlen(text), 0) == (ssize_t) strlen(text), "said");
    peer_rounds(500);
}


static void
test_request(void)
{
    gt_credentials_t cred = { "user", "pass" };

    gt_cnode_t b = { .kind = GT_NODE_SCALAR, .key = "X-B", .text = "2" };
    gt_cnode_t ua = {
        .kind = GT_NODE_SCALAR, .key = "user-agent", .text = "me", .next = &b
    };
    gt_cnode_t map = {
        .kind = GT_NODE_MAP, .key = "header", .first = &ua, .last = &b
    };
    gt_cnode_t top = { .kind = GT_NODE_MAP, .first = &map, .last = &map };

    peer_open(&cred, "example.com", 80, NULL);
    is_str(peer.got,
           ASK "Proxy-Authorization: Basic dXNlcjpwYXNz\r\n"
               "Proxy-Connection: keep-alive\r\n\r\n",
           "with credentials, as GOST's client writes it");
    peer_close("request");

    peer_open(&nobody, "::1", 443, NULL);
    is_str(peer.got,
           "CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n"
           "User-Agent: Go-http-client/1.1\r\n"
           "Proxy-Connection: keep-alive\r\n\r\n",
           "to an IPv6 address");
    peer_close("IPv6");

    peer_open(NULL, "", 22, &top);
    is_str(peer.got,
           "CONNECT :22 HTTP/1.1\r\nHost: :22\r\nUser-Agent: me\r\n"
           "Proxy-Connection: keep-alive\r\nX-B: 2\r\n\r\n",
           "an empty host, a header map");
    peer_close("header map");

    cred.username = "a:b";
    peer_open(&cred, "example.com", 80, NULL);
    ok(peer.done && peer.err == GT_E_PROTO && peer.n == 0,
       "a user that Basic cannot carry");
    peer_close("bad user");
}


static void
test_tunnel(void)
{
    ssize_t    n;
    gt_chain_t c = { 0 };

    peer_open(&nobody, "example.com", 80, NULL);
    peer_say("HTTP/1.1 200 Connection established\r\n"
             "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nbanner");
    ok(peer.done && peer.st && peer.err == GT_E_NONE, "a tunnel");

    if (peer.st) {
        is_str(peer.st->ops->name, peer.chaos ? "chaos" : "tcp",
               "without a layer");

        while (c.len < 6) {
            n = gt_stream_recv(peer.st, &c, 100);
            GT_ASSERT(n != GT_ERROR && n != 0);
        }

        ok(memcmp(gt_chain_pull(&c, 6), "banner", 6) == 0,
           "what came behind the head is not lost");
        gt_chain_free(&c);
    }

    peer_close("tunnel");

    peer_open(&nobody, "example.com", 80, NULL);
    peer_say("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200\r\n\r\n");
    ok(peer.done && peer.err == GT_E_NONE, "after 100, from an odd server");
    peer_close("interim");
}


static void
answer(const char *text, gt_err_t err)
{
    peer_open(&nobody, "example.com", 80, NULL);
    peer_say(text);
    shutdown(peer.fd, SHUT_WR);
    peer_rounds(500);
    ok(peer.done && !peer.st, "%s", text);
    is_int(peer.err, err, gt_err_name(err));
    peer_close("answer");
}


static void
test_refusals(void)
{
    answer("HTTP/1.1 407 Proxy Authentication Required\r\n"
           "Proxy-Authenticate: Basic realm=\"x\"\r\n\r\n",
           GT_E_AUTH);
    answer("HTTP/1.1 503 Service Unavailable\r\n\r\n", GT_E_NODE);
    answer("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", GT_E_NODE);
    answer("HTTP/1.1 201 Created\r\n\r\n", GT_E_NODE);
    answer("SSH-2.0-x\r\n\r\n", GT_E_PROTO);
    answer("\x05\x01\x00", GT_E_PROTO);
    answer("HTTP/1.1 200 OK\r\nX: y", GT_E_PROTO);
    answer("HTTP/1.1 200 OK\r\n bad: fold\r\n\r\n", GT_E_PROTO);
    answer("", GT_E_PROTO);
}


static void
test_time(void)
{
    gt_cnode_t t = { .kind = GT_NODE_SCALAR, .key = "timeout", .text = "3s" };
    gt_cnode_t top = { .kind = GT_NODE_MAP, .first = &t, .last = &t };

    peer_open(&nobody, "example.com", 80, &top);
    peer_say("HTTP/1.1 200 ");
    peer.now += 2900;
    peer_rounds(3);
    ok(!peer.done, "2.9 s");
    peer.now += 200;
    peer_rounds(3);
    ok(peer.done && peer.err == GT_E_TIMEOUT, "3 s: a timeout");
    peer_close("timeout");

    peer_open(&nobody, "example.com", 80, NULL);
    peer.now += 15100;
    peer_rounds(3);
    ok(peer.done && peer.err == GT_E_TIMEOUT, "without one there is one too");
    peer_close("default timeout");

    peer_open(&nobody, "example.com", 80, NULL);
    gt_op_cancel(&peer.op);
    peer_rounds(3);
    ok(!peer.done && peer.eof, "cancelled: closed, and no word");
    peer_close("cancel");
}


int
main(void)
{
    gt_log_set_level(GT_LOG_OFF);
    test_request();
    test_tunnel();
    test_refusals();
    test_time();

    peer.chaos = "seed=7,maxread=3,maxwrite=5,again=30";
    test_request();
    test_tunnel();
    test_refusals();

    return tap_done();
}
