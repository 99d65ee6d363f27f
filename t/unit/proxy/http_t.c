/*
 * The http handler: GOST's answers byte for byte, CONNECT, keep-alive, what
 * malformed and slow clients get.  Every case runs plain and under chaos.
 */

#include "proxy/talk.h"

#define OK200                                                                  \
    "HTTP/1.1 200 Connection established\r\nProxy-Agent: gost/3.0\r\n\r\n"
#define BAD400 "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"
#define NO407                                                                  \
    "HTTP/1.1 407 Proxy Authentication Required\r\nConnection: close\r\n"      \
    "Proxy-Authenticate: Basic realm=\"gost\"\r\n"


static void
with_auth(void)
{
    static int any;

    rig.ss.auth = (const gt_auth_t *) &any;
}


static void
test_connect(void)
{
    rig_open(NULL, NULL);
    rig_say(&rig.client, "CONNECT 127.0.0.1:8080 HTTP/1.1\r\n"
                         "Host: 127.0.0.1:8080\r\n\r\nearly");
    rig_gets(&rig.client, OK200, "H1: 200 to CONNECT");
    rig_gets(&rig.origin[0], "early", "early data reaches the target");
    is_str(rig.host, "127.0.0.1", "the host was dialed");
    is_int(rig.port, 8080, "and the port");

    rig_say(&rig.client, "ping");
    rig_gets(&rig.origin[0], "ping", "up");
    rig_say(&rig.origin[0], "pong");
    rig_gets(&rig.client, "pong", "down");

    shutdown(rig.client.fd, SHUT_WR);
    rig_fin(&rig.origin[0], "half-close passes");
    rig_say(&rig.origin[0], "late");
    rig_gets(&rig.client, "late", "the late answer arrives");
    shutdown(rig.origin[0].fd, SHUT_WR);
    rig_fin(&rig.client, "and its end");
    ok(rig_done() && rig.why == GT_E_NONE, "the session ended in order");
    rig_close("connect");
}


static void
test_connect_forms(void)
{
    rig_open("idleTimeout", "30s");
    with_auth();
    rig_drip(&rig.client, "CONNECT example.com:80 HTTP/1.1\r\n"
                          "Host: example.com:80\r\n"
                          "User-Agent: Go-http-client/1.1\r\n"
                          "Proxy-Authorization: Basic dTpw\r\n"
                          "Content-Length: 7\r\n"
                          "Proxy-Connection: keep-alive\r\n\r\n");
    rig_gets(&rig.client, OK200, "H2: as GOST's client writes it, by bytes");
    is_str(rig.ss.user, "u", "the user is known");
    is_str(rig.ss.target, "example.com:80", "and the target");
    ok(rig.tunnel && rig.idle_ms == 30000, "with the idle limit");
    rig_say(&rig.client, "GET / HTTP/1.1\r\n\r\n");
    rig_gets(&rig.origin[0], "GET / HTTP/1.1\r\n\r\n",
             "a length is not obeyed");
    rig_close("connect with credentials");

    rig_open("proxyAgent", "");
    rig_say(&rig.client, "CONNECT [::1]:443 HTTP/1.0\r\n\r\n");
    rig_gets(&rig.client, "HTTP/1.1 200 Connection established\r\n\r\n",
             "HTTP/1.0 gets 1.1; no agent");
    is_str(rig.host, "::1", "an IPv6 target");
    rig_close("connect 1.0");
}


static void
test_auth(void)
{
    rig_open(NULL, NULL);
    with_auth();
    rig_say(&rig.client, "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n"
                         "Proxy-Connection: Keep-Alive\r\n\r\nnot a request");
    rig_gets(&rig.client, NO407 "Proxy-Connection: close\r\n\r\n", "H3: 407");
    rig_fin(&rig.client, "and closed");
    is_int(rig.dials, 0, "nothing was dialed");
    rig_close("407 with Proxy-Connection");

    rig_open("authBasicRealm", "a \"b\"");
    with_auth();
    rig_say(&rig.client, "GET http://a/ HTTP/1.1\r\nHost: a\r\n"
                         "Proxy-Authorization: Basic dTpx\r\n\r\n");
    rig_gets(&rig.client,
             "HTTP/1.1 407 Proxy Authentication Required\r\n"
             "Connection: close\r\n"
             "Proxy-Authenticate: Basic realm=\"a \\\"b\\\"\"\r\n\r\n",
             "a wrong password, another realm");
    rig_fin(&rig.client, "wrong password");
    rig_close("407");

    rig_open(NULL, NULL);
    with_auth();
    rig_say(&rig.client, "GET http://a/1 HTTP/1.1\r\nHost: a\r\n"
                         "Proxy-Authorization: Basic dTpw\r\n\r\n");
    rig_gets(&rig.origin[0],
             "GET /1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
             "credentials stay here");
    rig_say(&rig.origin[0], "HTTP/1.1 204 No Content\r\n\r\n");
    rig_gets(&rig.client, "HTTP/1.1 204 No Content\r\n\r\n", "204");
    rig_say(&rig.client, "GET http://a/2 HTTP/1.1\r\nHost: a\r\n\r\n");
    rig_gets(&rig.client, NO407 "\r\n", "the next request is asked again");
    rig_fin(&rig.client, "second");
    is_int(rig.dials, 1, "and not dialed");
    rig_close("each request is authenticated");
}


static void
refused(const char *request, const char *answer, gt_err_t refuse, int dials)
{
    rig_open(NULL, NULL);
    rig.refuse = refuse;
    rig_say(&rig.client, request);
    rig_gets(&rig.client, answer, answer);
    rig_fin(&rig.client, request);
    is_int(rig.dials, dials, "dials");
    ok(rig_done(), "the session ends");
    rig_close("refused");
}


static void
test_refused(void)
{
    refused("CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n",
            "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n"
            "Proxy-Agent: gost/3.0\r\n\r\n",
            GT_E_REFUSED, 1);
    refused("GET https://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n",
            BAD400, 0, 0);
    refused("GET / HTTP/1.1\r\nHost: example.com\r\n\r\n",
            "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", 0,
            0);
    refused("GET http://127.0.0.1:1/ HTTP/1.1\r\nHost: x\r\n\r\n",
            "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
            GT_E_TIMEOUT, 1);
    refused("GET http://127.0.0.1:1/ HTTP/1.0\r\nHost: x\r\n\r\n",
            "HTTP/1.0 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
            GT_E_DNS, 1);
    refused("CONNECT  HTTP/1.1\r\nHost: \r\n"
            "User-Agent: Go-http-client/1.1\r\n"
            "Proxy-Connection: keep-alive\r\nX-Gost-Protocol: udp\r\n\r\n",
            "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", 0, 0);
    refused("CONNECT  HTTP/1.1\r\nHost: \r\n\r\n", BAD400, 0, 0);
    refused("PRI http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", BAD400, 0, 0);
    refused("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
            "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", 0,
            0);
    refused("GET / HTTP/1.0\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", 0, 0);
    refused("GET http://u:p@a/ HTTP/1.1\r\nHost: a\r\n\r\n", BAD400, 0, 0);
    refused("POST http://a/ HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"
            "12345GET http://b/ HTTP/1.1\r\n\r\n",
            "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
            GT_E_UNREACH, 1);
}


static void
test_targets(void)
{
    size_t             i;
    char               text[256];
    static const char *bad[] = {
        "h:80/",   "h:80?",       "u:p@h:80", "http://h:80", "h:",
        ":80",     ":",           "h:65536",  "h:x",         "[::1",
        "::1:80",  "h,h2:80",     "h%00:80",  "h:0",         "[h]:80",
        "h:80:80", "[::1%25a]:1",
    };

    for (i = 0; i < gt_nelts(bad); i++) {
        (void) snprintf(text, sizeof(text),
                        "CONNECT %s HTTP/1.1\r\nHost: a\r\n\r\n", bad[i]);
        refused(text, BAD400, 0, 0);
    }
}


static void
test_smuggling(void)
{
    size_t             i;
    char               text[512];
    static const char *bad[] = {
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 5\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: +1\r\n",
        "Content-Length: 0x10\r\n",
        "Content-Length: 18446744073709551616\r\n",
        "Content-Length: \r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked, gzip\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: \vchunked\r\n",
        "X: a\r\n b\r\n",
        "X: a\rb\r\n",
        "X: a\nY: b\r\n",
        ": a\r\n",
        "X\r\n",
        "Host: b\r\n",
    };

    for (i = 0; i < gt_nelts(bad); i++) {
        (void) snprintf(text, sizeof(text),
                        "POST http://a/ HTTP/1.1\r\nHost: a\r\n%s\r\n"
                        "0\r\n\r\nGET http://b/ HTTP/1.1\r\nHost: b\r\n\r\n",
                        bad[i]);
        refused(text, BAD400, 0, 0);
    }

    refused("GARBAGE\r\n\r\n", BAD400, 0, 0);
    refused("\x16\x03\x01\x02", BAD400, 0, 0);
    refused("GET http://a/ HTTP/2.0\r\n\r\n",
            "HTTP/1.1 505 HTTP Version Not Supported\r\n"
            "Connection: close\r\n\r\n",
            0, 0);
    refused("GET http://a/ HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n",
            "HTTP/1.1 417 Expectation Failed\r\nConnection: close\r\n\r\n", 0,
            0);
}


static void
test_oversize(void)
{
    char *big = malloc(70000);

    memset(big, 'a', 70000);
    memcpy(big, "GET http://a/", 13);
    big[69999] = '\0';
    refused(big,
            "HTTP/1.1 414 Request URI Too Long\r\nConnection: close\r\n\r\n", 0,
            0);

    memcpy(big, "GET http://a/ HTTP/1.1\r\nX: ", 27);
    refused(big,
            "HTTP/1.1 431 Request Header Fields Too Large\r\n"
            "Connection: close\r\n\r\n",
            0, 0);
    free(big);
}


/* chunks that are none: 400, and the origin is not even asked */

static void
test_bad_chunks(void)
{
    size_t             i;
    char               text[512];
    static const char *bad[] = {
        "x\r\n",
        "5;a\nb\r\n12345\r\n0\r\n\r\n",
        "-1\r\n",
        "fffffffffffffffff\r\n",
        "5\r\n1234567",
        "1\n1\r\n0\r\n\r\n",
        "0\r\nContent-Length: 1\r\n\r\n",
    };

    for (i = 0; i < gt_nelts(bad); i++) {
        rig_open(NULL, NULL);
        (void) snprintf(text, sizeof(text),
                        "POST http://a/ HTTP/1.1\r\nHost: a\r\n"
                        "Transfer-Encoding: chunked\r\n\r\n%s",
                        bad[i]);
        rig_say(&rig.client, text);
        rig_gets(&rig.client, BAD400, "a malformed chunk");
        rig_fin(&rig.client, bad[i]);
        ok(rig.dials == 0 || rig.chaos || i == 4 || i == 6, "nothing dialed");
        rig_close("bad chunk");
    }
}


static void
test_deadlines(void)
{
    int i;

    rig_open(NULL, NULL);
    rig_advance(14900);
    rig_quiet(&rig.client, "14.9 s without a byte");
    rig_advance(200);
    rig_fin(&rig.client, "15 s");
    is_int(rig.why, GT_E_TIMEOUT, "a timeout");
    rig_close("no byte");

    rig_open(NULL, NULL);
    rig_say(&rig.client, "GET http://a/ HTTP/1.1\r\nHost: a\r\n");

    for (i = 0; i < 14; i++) {
        rig_say(&rig.client, "x");
        rig_advance(1000);
    }

    rig_quiet(&rig.client, "a byte a second for 14 s");
    rig_say(&rig.client, "x");
    rig_advance(1100);
    rig_gets(&rig.client,
             "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n",
             "the deadline is absolute");
    rig_fin(&rig.client, "slow head");
    rig_close("slow head");

    rig_open(NULL, NULL);
    rig_say(&rig.client, "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n");
    rig_dialed(1, "dialed");
    rig_say(&rig.origin[0], "HTTP/1.1 304 Not Modified\r\n"
                            "Content-Length: 7\r\n\r\n");
    rig_gets(&rig.client,
             "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n",
             "304 keeps its length");
    rig_advance(59000);
    rig_quiet(&rig.client, "59 s of idling");
    ok(gt_slab_live() == 0, "hold no buffer");
    rig_say(&rig.client, "GET http");
    rig_advance(14000);
    rig_quiet(&rig.client, "a head in its time");
    rig_advance(2000);
    rig_gets(&rig.client,
             "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n",
             "a later head has its own");
    rig_close("idle, then slow");

    rig_open(NULL, NULL);
    rig_say(&rig.client, "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n");
    rig_dialed(1, "dialed");
    rig_say(&rig.origin[0], "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    rig_gets(&rig.client, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
             "an empty body");
    rig_advance(61000);
    rig_fin(&rig.client, "a minute of idling");
    is_int(rig.why, GT_E_NONE, "is in order");
    rig_close("idle");
}


static void
test_dialing(void)
{
    rig_open(NULL, NULL);
    rig.hold = true;
    rig_say(&rig.client, "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n");
    rig_dialed(1, "dialing");
    shutdown(rig.client.fd, SHUT_WR);
    rig_settle();
    ok(rig.held && !rig.ended, "a half-close does not end it");
    rig_end_close(&rig.client);
    rig_settle();
    rig.ss.abort(&rig.ss, GT_E_CANCEL);
    ok(!rig.held && rig.ended && rig.why == GT_E_CANCEL, "an abort does");
    rig_close("abort while dialing");

    rig_open(NULL, NULL);
    rig.hold = true;
    rig_say(&rig.client, "POST http://a/ HTTP/1.1\r\nHost: a:1\r\n"
                         "Content-Length: 3\r\n\r\n1");
    rig_dialed(1, "dialing");
    rig.ss.drain(&rig.ss);
    ok(!rig.ended, "draining waits for it");
    rig.hold = false;
    gt_op_finish(rig.held, NULL, GT_E_REFUSED);
    rig_gets(&rig.client,
             "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
             "the dial fails");
    rig_close("drain while dialing");
}


static void
test_drain(void)
{
    rig_open(NULL, NULL);
    rig_settle();
    rig.ss.drain(&rig.ss);
    ok(!rig.ended, "a new client may still ask");
    rig_say(&rig.client, "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n");
    rig_dialed(1, "it is served");
    rig_say(&rig.origin[0], "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    rig_gets(&rig.client,
             "HTTP/1.1 200 OK\r\nConnection: close\r\n"
             "Content-Length: 0\r\n\r\n",
             "and told that it was the last");
    rig_fin(&rig.client, "drained");
    ok(rig_done(), "the session ends");
    rig_close("drain before the request");

    rig_open(NULL, NULL);
    rig_say(&rig.client, "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n");
    rig_dialed(1, "first");
    rig_say(&rig.origin[0], "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    rig_gets(&rig.client, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
             "200");
    rig_settle();
    rig.ss.drain(&rig.ss);
    ok(rig.ended && rig.why == GT_E_NONE, "an idle one ends at once");
    rig_fin(&rig.client, "idle and drained");
    rig_close("drain while idle");
}


static void
test_header_option(void)
{
    gt_cnode_t map = { .kind = GT_NODE_MAP, .key = "header" };
    gt_cnode_t b = { .kind = GT_NODE_SCALAR, .key = "X-B", .text = "2" };
    gt_cnode_t a = {
        .kind = GT_NODE_SCALAR, .key = "A", .text = "1", .next = &b
    };
    gt_cnode_t top = { .kind = GT_NODE_MAP };
    gt_cnode_t probe = { .kind = GT_NODE_SCALAR,
                         .key = "probeResist",
                         .text = "web:https://a.test/" };
    gt_diag_t *d = gt_diag_new();
    void      *conf = gt_calloc(gt_http_handler_module.conf_size);

    const char *why = NULL;

    top.first = top.last = &map;
    map.first = &a;
    map.last = &b;

    rig_open(NULL, NULL);
    (void) gt_opt_apply(rig.module->opts, rig.conf, &top, d, NULL, NULL);
    ok(rig.module->check(rig.conf, &why) == GT_OK, "a header map");
    rig.refuse = GT_E_REFUSED;
    rig_say(&rig.client, "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n");
    rig_gets(&rig.client,
             "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n"
             "A: 1\r\nProxy-Agent: gost/3.0\r\nX-B: 2\r\n\r\n",
             "its fields are sorted in");
    rig_close("header option");

    gt_opt_defaults(gt_http_handler_module.opts, conf);
    b.text = "x\r\ny";
    (void) gt_opt_apply(gt_http_handler_module.opts, conf, &top, d, NULL, NULL);
    ok(gt_http_handler_module.check(conf, &why) == GT_ERROR && why,
       "a field that would split a head is refused");

    top.first = top.last = &probe;
    gt_opt_defaults(gt_http_handler_module.opts, conf);
    (void) gt_opt_apply(gt_http_handler_module.opts, conf, &top, d, NULL, NULL);
    ok(gt_http_handler_module.check(conf, &why) == GT_ERROR && why,
       "a decoy that is not built is refused");
    gt_diag_free(d);
    gt_free(conf);
}


static void
test_all(void)
{
    test_connect();
    test_connect_forms();
    test_auth();
    test_refused();
    test_targets();
    test_smuggling();
    test_oversize();
    test_bad_chunks();
    test_deadlines();
    test_dialing();
    test_drain();
    test_header_option();
}


int
main(void)
{
    gt_log_set_level(GT_LOG_OFF);
    test_all();

    rig.chaos = "seed=7,maxread=3,maxwrite=5,again=30";
    test_all();

    rig.chaos = "seed=3,maxread=100,maxwrite=1,again=60";
    test_all();

    return tap_done();
}
