/*
 * The http handler as a forward proxy: what origin and client get, with every
 * framing; keep-alive, pipelining, interim responses, upgrades, and messages
 * that are cut.  Every case runs plain and under chaos.
 */

#include "proto/http1_chunk.h"

#include "proxy/talk.h"

#define GET   "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n"
#define GOT   "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
#define NO503 "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"


/* one request and its response; the exchange number of the connection */

static void
pass(int nth, const char *request, const char *origin, const char *response,
     const char *client)
{
    rig_say(&rig.client, request);
    rig_dialed(nth, "dialed");
    rig_gets(&rig.origin[nth - 1], origin, "what the origin gets");
    rig_say(&rig.origin[nth - 1], response);
    rig_gets(&rig.client, client, "what the client gets");
    rig_quiet(&rig.client, "and then");
}


static void
test_heads(void)
{
    rig_open(NULL, NULL);

    pass(1,
         "GET http://example.com/p?q=1 HTTP/1.1\r\nHost: other\r\n"
         "Proxy-Connection: keep-alive\r\n\r\n",
         "GET /p?q=1 HTTP/1.1\r\nHost: example.com\r\n"
         "Connection: close\r\n\r\n",
         "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n"
         "Server: z\r\n\r\nhi",
         "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nServer: z\r\n\r\nhi");
    rig_fin(&rig.origin[0], "the origin's connection is not kept");

    /* hop-by-hop fields stay where they are */
    pass(2,
         "GET http://[::1]:8080 HTTP/1.1\r\nHost: x\r\nUser-Agent: u\r\n"
         "Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\n"
         "TE: trailers\r\nX-Gost-Protocol: tcp\r\nGost-Target: abc\r\n"
         "Upgrade: foo\r\nAccept: */*\r\nAccept: b\r\n\r\n",
         "GET / HTTP/1.1\r\nHost: [::1]:8080\r\nUser-Agent: u\r\n"
         "Accept: */*\r\nAccept: b\r\nConnection: close\r\n\r\n",
         "HTTP/1.1 404 No Such Thing\r\nX: 1\r\nKeep-Alive: 1\r\n"
         "Proxy-Authenticate: x\r\nConnection: X-Too\r\nX-Too: 1\r\n"
         "Set-Cookie: a\r\nSet-Cookie: b\r\nContent-Length: 0\r\n\r\n",
         "HTTP/1.1 404 No Such Thing\r\nContent-Length: 0\r\nX: 1\r\n"
         "Set-Cookie: a\r\nSet-Cookie: b\r\n\r\n");

    pass(3, "OPTIONS http://a HTTP/1.1\r\nHost: x\r\n\r\n",
         "OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
         "HTTP/1.1 204 No Content\r\nAllow: GET\r\n\r\n",
         "HTTP/1.1 204 No Content\r\nAllow: GET\r\n\r\n");

    pass(4, "HEAD HTTP://a?x HTTP/1.1\r\nHost: x\r\n\r\n",
         "HEAD /?x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
         "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
         "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");

    pass(5, "HEAD http://a/ HTTP/1.1\r\nHost: x\r\n\r\n",
         "HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
         "HTTP/1.1 200 OK\r\n\r\n");
    is_str(rig.ss.target, "a:80", "the session's target is the last one");
    rig_close("heads");
}


static void
test_bodies(void)
{
    rig_open("keepalive", "true");

    pass(1,
         "POST http://a/ HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"
         "12345",
         "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n12345",
         "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
         "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");

    pass(2, "PUT http://a/ HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
         "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
         "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
         "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    rig_close("bodies with a length");
}


static void
test_keepalive(void)
{
    const char *get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    const char *yes = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

    rig_open("keepalive", "true");
    pass(1, GET, get, yes, yes);
    pass(1, GET, get, yes, yes);
    ok(!rig.origin[0].eof, "one connection for both");

    rig_say(&rig.client, "GET http://a:81/ HTTP/1.1\r\nHost: a\r\n\r\n");
    rig_dialed(2, "another port, another connection");
    rig_say(&rig.origin[1], yes);
    rig_gets(&rig.client, yes, "from there");
    ok(!rig.origin[0].eof, "both are kept");
    rig_say(&rig.origin[1], "unasked");
    rig_settle();
    ok(rig.origin[1].eof, "an origin that speaks unasked is left");
    rig_close("keepalive");

    /* hangs up while idle, and while it is asked */
    rig_open("keepalive", "true");
    pass(1, GET, get, yes, yes);
    rig_end_close(&rig.origin[0]);
    rig_settle();
    pass(2, GET, get, yes, yes);
    rig_say(&rig.client, GET);
    rig_gets(&rig.origin[1], get, "the request");
    rig_end_close(&rig.origin[1]);
    rig_dialed(3, "asked once more");
    rig_gets(&rig.origin[2], get, "the same");
    rig_end_close(&rig.origin[2]);
    rig_gets(&rig.client, NO503, "but not for ever");
    rig_close("hang-up");

    rig_open("keepalive", "true");
    pass(1, GET, get, yes, yes);
    rig_say(&rig.client, "POST http://a/ HTTP/1.1\r\nHost: a\r\n"
                         "Content-Length: 2\r\n\r\nab");
    rig_dialed(2, "a body is not sent to a connection that may be dead");
    rig_close("keepalive and bodies");

    rig_open("keepalive", "true");
    pass(1, GET, get, yes, yes);
    rig_advance(29000);
    ok(!rig.origin[0].eof, "29 s");
    rig_advance(1100);
    rig_fin(&rig.origin[0], "kept for 30 s");
    rig_close("keepalive deadline");
}


/* chunks may be cut anew on the way; so they are decoded before they are
   compared */

static void
dechunk(rig_end_t *e, const char *head, const char *want, const char *name)
{
    int              i, rc = GT_AGAIN;
    size_t           k, n, at;
    char            *out = calloc(1, RIG_TEXT);
    gt_http1_chunk_t d;
    gt_http1_span_t  span;

    rig_gets(e, head, name);
    gt_http1_chunk_init(&d);

    for (i = n = at = 0; i < RIG_ROUNDS && rc != GT_DONE && rc != GT_ERROR; i++)
    {
        rig_round();

        do {
            rc = gt_http1_chunk_decode(&d, (uint8_t *) e->p + at, e->n - at,
                                       &span);
            at += span.used;

            for (k = 0; rc == GT_OK && k < span.n; k++) {
                out[n++] = (char) span.data[k];
            }
        } while (rc == GT_OK);
    }

    is_int(rc, GT_DONE, name);
    is_str(out, want, name);
    memmove(e->p, e->p + at, e->n - at + 1);
    e->n -= at;
    free(out);
}


static void
test_chunked(void)
{
    rig_open(NULL, NULL);
    rig_say(&rig.client, "POST http://a/ HTTP/1.1\r\nHost: a\r\n"
                         "Transfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n"
                         "3;ext=1\r\nabc\r\n");
    rig_dialed(1, "dialed before the end of the body");
    rig_drip(&rig.client, "4\r\ndefg\r\n0\r\nX-T: 1\r\nY: 2\r\n\r\n");
    dechunk(&rig.origin[0],
            "POST / HTTP/1.1\r\nHost: a\r\nTrailer: X-T\r\n"
            "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
            "abcdefgX-T: 1\r\nY: 2\r\n", "a chunked request and its trailers");

    rig_drip(&rig.origin[0], "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
                             "Trailer: X-T\r\n\r\n2\r\nhi\r\n0\r\n"
                             "X-T: 1\r\n\r\n");
    dechunk(&rig.client,
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
            "Trailer: X-T\r\n\r\n",
            "hiX-T: 1\r\n", "a chunked response and its trailers");
    rig_quiet(&rig.client, "kept alive");
    rig_close("chunked");

    /* HTTP/1.0 knows no chunks */
    rig_open(NULL, NULL);
    rig_say(&rig.client, "GET http://a/ HTTP/1.0\r\nExpect: x\r\n"
                         "Connection: keep-alive\r\n\r\n");
    rig_dialed(1, "1.0");
    rig_gets(&rig.origin[0], GOT, "1.1 towards the origin");
    rig_say(&rig.origin[0], "HTTP/1.1 103 Early Hints\r\nX: 1\r\n\r\n"
                            "HTTP/1.1 200 OK\r\n"
                            "Transfer-Encoding: chunked\r\n\r\n"
                            "2\r\nhi\r\n0\r\nT: 1\r\n\r\n");
    rig_gets(&rig.client, "HTTP/1.0 200 OK\r\nConnection: close\r\n\r\nhi",
             "no chunks, no interim response, no trailers");
    rig_fin(&rig.client, "the close is the end");
    rig_close("chunked to 1.0");

    rig_open(NULL, NULL);
    rig_say(&rig.client, "GET http://a/ HTTP/1.0\r\n"
                         "Connection: keep-alive\r\n\r\n");
    rig_dialed(1, "1.0");
    rig_say(&rig.origin[0], "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    rig_gets(&rig.client,
             "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n"
             "Content-Length: 2\r\n\r\nhi",
             "1.0 with keep-alive");
    rig_quiet(&rig.client, "1.0 kept");
    rig_close("1.0 keep-alive");
}


static void
test_until_close(void)
{
    rig_open(NULL, NULL);
    rig_say(&rig.client, GET);
    rig_dialed(1, "dialed");
    rig_say(&rig.origin[0], "HTTP/1.1 200 OK\r\n\r\nhi ");
    rig_gets(&rig.client, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhi ",
             "a response without a length");
    rig_say(&rig.origin[0], "until close");
    rig_end_close(&rig.origin[0]);
    rig_gets(&rig.client, "until close", "until its close");
    rig_fin(&rig.client, "close-delimited");
    ok(rig_done() && rig.why == GT_E_NONE, "in order");
    rig_close("until close");
}


static void
test_pipelining(void)
{
    rig_open(NULL, NULL);
    rig_say(&rig.client,
            "GET http://a/1 HTTP/1.1\r\nHost: a\r\n\r\n"
            "POST http://a/2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n"
            "GET"
            "POST http://a/3 HTTP/1.1\r\nHost: a\r\n"
            "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
            "GET http://a/4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            "GET http://a/5 HTTP/1.1\r\nHost: a\r\n\r\n");
    shutdown(rig.client.fd, SHUT_WR);

    rig_dialed(1, "first");
    rig_settle();
    is_int(rig.dials, 1, "one at a time");
    rig_gets(&rig.origin[0],
             "GET /1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "/1");
    rig_say(&rig.origin[0], "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1");
    rig_dialed(2, "second");
    rig_gets(&rig.origin[1],
             "POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
             "Connection: close\r\n\r\nGET",
             "/2");
    rig_say(&rig.origin[1], "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2");
    rig_dialed(3, "third");
    dechunk(&rig.origin[2],
            "POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
            "Connection: close\r\n\r\n",
            "abc", "/3");
    rig_say(&rig.origin[2], "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n3");
    rig_dialed(4, "fourth");
    rig_say(&rig.origin[3], "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n4");
    rig_gets(
        &rig.client,
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1"
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2"
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n3"
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\n4",
        "in order");
    rig_fin(&rig.client, "pipelined");
    rig_settle();
    is_int(rig.dials, 4, "nothing after Connection: close");
    rig_done();
    is_int(rig.in, 36 + 59 + 78 + 55, "what was taken was counted");
    is_int(rig.out, 3 * 39 + 58, "and what was sent");
    rig_close("pipelining");
}


static void
test_expect(void)
{
    rig_open(NULL, NULL);
    rig_say(&rig.client, "POST http://a/ HTTP/1.1\r\nHost: a\r\n"
                         "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    rig_dialed(1, "dialed");
    rig_gets(&rig.origin[0],
             "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
             "Content-Length: 2\r\nConnection: close\r\n\r\n",
             "the expectation is passed on");
    rig_say(&rig.origin[0], "HTTP/1.1 100 Continue\r\n\r\n");
    rig_gets(&rig.client, "HTTP/1.1 100 Continue\r\n\r\n", "and so is the 100");
    rig_say(&rig.client, "hi");
    rig_gets(&rig.origin[0], "hi", "the body follows");
    rig_say(&rig.origin[0], "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    rig_gets(&rig.client,
             "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
             "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
             "other interim responses too");
    rig_quiet(&rig.client, "kept");

    /* refused without the body: the connection cannot go on */
    rig_say(&rig.client, "POST http://a/ HTTP/1.1\r\nHost: a\r\n"
                         "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    rig_dialed(2, "dialed");
    rig_say(&rig.origin[1], "HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n");
    rig_gets(&rig.client,
             "HTTP/1.1 413 No\r\nConnection: close\r\n"
             "Content-Length: 0\r\n\r\n",
             "413");
    rig_fin(&rig.client, "refused without its body");
    rig_close("expect");
}


static void
test_early_response(void)
{
    int i;

    rig_open(NULL, NULL);
    rig_say(&rig.client, "POST http://a/ HTTP/1.1\r\nHost: a\r\n"
                         "Content-Length: 1000000\r\n\r\nabc");
    rig_dialed(1, "dialed");
    rig_settle();
    rig_say(&rig.origin[0], "HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno");
    rig_end_close(&rig.origin[0]);

    for (i = 0; i < 100; i++) {
        rig_say(&rig.client, "0123456789");
    }

    rig_gets(&rig.client, "HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno",
             "an answer before the end of the request");
    rig_fin(&rig.client, "early response");
    rig_close("early response");
}


/* each is cut in the middle of the body: never a complete response */

static void
test_cut(void)
{
    rig_open(NULL, NULL);
    rig_say(&rig.client, GET);
    rig_dialed(1, "dialed");
    rig_say(&rig.origin[0], "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi");
    rig_end_close(&rig.origin[0]);
    rig_gets(&rig.client, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi",
             "what came is passed on");
    rig_fin(&rig.client, "cut");
    ok(rig_done() && rig.why == GT_E_PROTO, "the session failed");
    rig_close("cut");

    rig_open(NULL, NULL);
    rig_say(&rig.client, GET);
    rig_dialed(1, "dialed");
    rig_say(&rig.origin[0], "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
                            "\r\n5\r\nhi");
    rig_settle();
    rig_end_close(&rig.origin[0]);
    rig_done();
    rig_settle();
    ok(rig.client.eof && !strstr(rig.client.p, "\r\n0\r\n"),
       "no last chunk is made up");
    rig_close("cut chunks");

    rig_open(NULL, NULL);
    rig_say(&rig.client, GET);
    rig_dialed(1, "dialed");
    rig_say(&rig.origin[0], "HTTP/1.1 200 OK\r\nContent-Le");
    rig_settle();
    rig_end_close(&rig.origin[0]);
    rig_gets(&rig.client, NO503, "a head that is cut");
    rig_fin(&rig.client, "cut head");
    rig_close("cut head");

    /* the client is cut: so is the request to the origin */
    rig_open(NULL, NULL);
    rig_say(&rig.client, "POST http://a/ HTTP/1.1\r\nHost: a\r\n"
                         "Transfer-Encoding: chunked\r\n\r\n5\r\nhi");
    rig_dialed(1, "dialed");
    rig_settle();
    shutdown(rig.client.fd, SHUT_WR);
    rig_gets(&rig.client,
             "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
             "a request that is cut");
    rig_settle();
    ok(rig.origin[0].eof && !strstr(rig.origin[0].p, "\r\n0\r\n"),
       "is not completed for the origin");
    rig_close("cut request");
}


static void
bad_response(const char *response)
{
    rig_open(NULL, NULL);
    rig_say(&rig.client, GET);
    rig_dialed(1, "dialed");
    rig_say(&rig.origin[0], response);
    rig_gets(&rig.client, NO503, "a bad response");
    rig_fin(&rig.client, response);
    rig_close("bad response");
}


static void
test_bad_responses(void)
{
    bad_response("garbage\r\n\r\n");
    bad_response("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n"
                 "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    bad_response("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n"
                 "Content-Length: 2\r\n\r\nab");
    bad_response("HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n");
    bad_response("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n"
                 "Upgrade: foo\r\n\r\n");
    bad_response("HTTP/2 200\r\n\r\n");
}


static void
test_deadlines(void)
{
    rig_open(NULL, NULL);
    rig_say(&rig.client, GET);
    rig_dialed(1, "dialed");
    rig_gets(&rig.origin[0], GOT, "the request");
    rig_advance(14000);
    rig_quiet(&rig.client, "14 s without a response");
    rig_advance(1100);
    rig_gets(&rig.client, NO503, "15 s: 503");
    rig_fin(&rig.client, "no response");
    rig_close("no response");

    rig_open("readTimeout", "-1s");
    rig_say(&rig.client, GET);
    rig_dialed(1, "dialed");
    rig_gets(&rig.origin[0], GOT, "the request");
    rig_advance(1000000);
    rig_quiet(&rig.client, "no limit");
    rig_close("no read timeout");

    rig_open("idleTimeout", "10s");
    rig_say(&rig.client, "POST http://a/ HTTP/1.1\r\nHost: a\r\n"
                         "Content-Length: 10\r\n\r\n1");
    rig_dialed(1, "dialed");
    rig_advance(40000);
    rig_say(&rig.client, "2");
    rig_advance(40000);
    rig_quiet(&rig.client, "a slow body");
    rig_advance(21000);
    rig_gets(&rig.client,
             "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n",
             "a body that has stopped");
    rig_fin(&rig.client, "stalled");
    rig_close("stalled request");

    rig_open("idleTimeout", "10s");
    rig_say(&rig.client, GET);
    rig_dialed(1, "dialed");
    rig_say(&rig.origin[0], "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n1");
    rig_gets(&rig.client, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n1", "1");
    rig_advance(9000);
    rig_say(&rig.origin[0], "2");
    rig_gets(&rig.client, "2", "a slow response");
    rig_advance(9000);
    rig_quiet(&rig.client, "within its limit");
    rig_advance(2000);
    ok(rig_done() && rig.why == GT_E_TIMEOUT, "one that has stopped ends");
    rig_close("stalled response");
}


static void
test_upgrade(void)
{
    rig_open(NULL, NULL);
    pass(1,
         "GET http://a/up HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
         "Upgrade: foo\r\n\r\n",
         "GET /up HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n"
         "Upgrade: foo\r\n\r\n",
         "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
         "X: 1\r\nUpgrade: foo\r\n\r\nraw",
         "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
         "X: 1\r\nUpgrade: foo\r\n\r\nraw");
    ok(rig.tunnel, "a tunnel");
    rig_say(&rig.client, "\0up");
    rig_say(&rig.client, "up");
    rig_gets(&rig.origin[0], "up", "raw bytes");
    rig_close("upgrade");

    /* no upgrade after all: an ordinary exchange */
    rig_open(NULL, NULL);
    pass(1,
         "GET http://a/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
         "Upgrade: foo\r\n\r\n",
         "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n"
         "Upgrade: foo\r\n\r\n",
         "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
         "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    pass(2,
         "GET http://a/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
         "Upgrade: h2c\r\n\r\n",
         GOT, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
         "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    rig_close("no upgrade");
}


static void
test_gone(void)
{
    rig_open(NULL, NULL);
    rig_say(&rig.client, GET);
    rig_dialed(1, "dialed");
    rig_gets(&rig.origin[0], GOT, "the request");
    rig_say(&rig.origin[0],
            "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
    rig_settle();
    rig_end_close(&rig.client);

    while (!rig.ended && rig.origin[0].fd >= 0 && !rig.origin[0].eof) {
        rig_say(&rig.origin[0], "0123456789012345678901234567890123456789");
    }

    ok(rig_done() && rig.why == GT_E_RESET, "a client that has gone");
    rig_close("gone");

    rig_open(NULL, NULL);
    rig_say(&rig.client, GET);
    rig_dialed(1, "dialed");
    rig_say(&rig.origin[0], "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n1");
    rig_settle();
    rig.ss.abort(&rig.ss, GT_E_CANCEL);
    ok(rig.ended, "an abort in a body");
    rig_close("abort");
}


/* more than any buffer holds, both ways at once */

static void
test_bulk(void)
{
    enum { BULK = 600000 };
    int    i;
    char  *body = malloc(BULK), head[200];
    size_t sent, got, cut;

    for (i = 0; i < BULK; i++) {
        body[i] = (char) ('a' + i * 7 % 26);
    }

    rig_open(NULL, NULL);
    (void) snprintf(head, sizeof(head),
                    "POST http://a/ HTTP/1.1\r\nHost: a\r\n"
                    "Content-Length: %d\r\n\r\n",
                    BULK);
    rig_say(&rig.client, head);
    rig_dialed(1, "dialed");
    (void) snprintf(head, sizeof(head),
                    "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", BULK);
    rig_say(&rig.origin[0], head);

    for (sent = 0; sent < BULK; sent += cut) {
        cut = gt_min((size_t) 5000, BULK - sent);
        rig_sayn(&rig.client, body + sent, cut);
        rig_sayn(&rig.origin[0], body + sent, cut);
    }

    for (i = 0; i < 2000000 && (rig.client.n < BULK || rig.origin[0].n < BULK);
         i++) {
        rig_round();
    }

    rig_settle();
    got = strlen(head);
    ok(rig.client.n == got + BULK
           && memcmp(rig.client.p + got, body, BULK) == 0,
       "a large response (%zu)", rig.client.n);
    got = rig.origin[0].n - BULK;
    ok(got < 200 && memcmp(rig.origin[0].p + got, body, BULK) == 0,
       "a large request");
    rig.client.n = 0;
    rig_quiet(&rig.client, "kept");
    rig_close("bulk");
    free(body);
}


static void
test_all(void)
{
    test_heads();
    test_bodies();
    test_keepalive();
    test_chunked();
    test_until_close();
    test_pipelining();
    test_expect();
    test_early_response();
    test_cut();
    test_bad_responses();
    test_deadlines();
    test_upgrade();
    test_gone();
}


int
main(void)
{
    gt_log_set_level(GT_LOG_OFF);
    test_all();
    test_bulk();

    rig.chaos = "seed=7,maxread=3,maxwrite=5,again=30";
    test_all();

    rig.chaos = "seed=3,maxread=100,maxwrite=1,again=60";
    test_all();

    rig.chaos = "seed=5,maxread=5000,maxwrite=3000,again=20";
    test_bulk();

    return tap_done();
}
