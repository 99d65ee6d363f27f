/*
 * HTTP/1 heads: what is understood, what is refused and with which status,
 * and that the answer does not depend on how the bytes arrive.
 */

#include "proto/http1.h"

#include "tap.h"

#include <stdlib.h>

#define REQ  "GET / HTTP/1.1\r\nHost: h\r\n"
#define POST "POST / HTTP/1.1\r\nHost: h\r\n"
#define RES  "HTTP/1.1 200 OK\r\n"

typedef struct {
    gt_http1_head_t  head;
    gt_http1_field_t fields[GT_HTTP1_FIELDS];
} parsed_t;

static const gt_str_t not_connect = GT_STR_INIT("GET");


static int
parse(parsed_t *t, const uint8_t *p, size_t n, const gt_str_t *method)
{
    return method == NULL
               ? gt_http1_request_parse(p, n, NULL, &t->head)
               : gt_http1_response_parse(p, n, NULL, *method, &t->head);
}


/* a byte more each time, each time in a block of its own */
static int
parse_slowly(parsed_t *t, gt_str_t in, const gt_str_t *method)
{
    int      rc;
    size_t   n;
    uint8_t *p;

    gt_http1_head_init(&t->head, t->fields, GT_HTTP1_FIELDS);

    for (rc = GT_AGAIN, n = 0; rc == GT_AGAIN && n <= in.n; n++) {
        p = malloc(n + 1);
        memcpy(p + 1, in.p, n);
        rc = parse(t, p + 1, n, method);
        free(p);
    }

    return rc;
}


/* whole and slowly; the strings of t point into in */
static int
parse_both(parsed_t *t, gt_str_t in, const gt_str_t *method)
{
    int      rc;
    parsed_t slow;

    gt_http1_head_init(&t->head, t->fields, GT_HTTP1_FIELDS);
    rc = parse(t, (const uint8_t *) in.p, in.n, method);

    if (parse_slowly(&slow, in, method) != rc
        || (rc == GT_ERROR && slow.head.status != t->head.status)
        || (rc == GT_OK
            && (slow.head.status != t->head.status
                || slow.head.len != t->head.len
                || slow.head.nfields != t->head.nfields
                || slow.head.body != t->head.body
                || slow.head.length != t->head.length
                || slow.head.keep_alive != t->head.keep_alive)))
    {
        ok(false, "a byte at a time gives the same as all at once");
    }

    return rc;
}


static void
request_refused(gt_str_t in, int status, const char *name)
{
    parsed_t t;

    if (parse_both(&t, in, NULL) != GT_ERROR) {
        ok(false, "refused: %s", name);
        return;
    }

    is_int(t.head.status, status, name);
    ok(t.head.why != NULL, "and says why");
}


static void
request_refused_nth(gt_str_t in, int status, const char *what, size_t nth)
{
    char name[64];

    gt_snprintf(name, sizeof(name), "%s %zu", what, nth);
    request_refused(in, status, name);
}


static void
test_request(void)
{
    int      rc;
    parsed_t t;
    gt_str_t in, value;

    in = GT_STR("POST /p?q=1 HTTP/1.1\r\nHost: example.com:81\r\n"
                "X-A:\t one two \t\r\nEmpty:\r\nx-a: three\r\n"
                "Content-Length: 12\r\n\r\nbody");
    rc = parse_both(&t, in, NULL);

    is_int(rc, GT_OK, "a request");
    ok(gt_str_eq(t.head.method, GT_STR("POST")), "method");
    ok(gt_str_eq(t.head.target, GT_STR("/p?q=1")), "target");
    ok(gt_str_eq(t.head.host, GT_STR("example.com:81")), "host");
    is_int(t.head.minor, 1, "version");
    is_int(t.head.len, in.n - 4, "length of the head");
    is_int(t.head.nfields, 5, "fields");
    is_int(t.head.body, GT_HTTP1_BODY_LENGTH, "framing");
    is_int(t.head.length, 12, "length of the body");
    ok(t.head.keep_alive && t.head.has_host && t.head.has_length, "flags");
    ok(!t.head.expect_continue && !t.head.upgrade, "other flags");

    ok(gt_http1_field_find(&t.head, "x-A", &value)
           && gt_str_eq(value, GT_STR("one two")),
       "the first field of a name, without blanks around");
    ok(gt_http1_field_find(&t.head, "empty", &value) && value.n == 0,
       "an empty field");
    ok(!gt_http1_field_find(&t.head, "none", NULL), "no field");
}


/* the request lines of wire-level peers, with their framing */
static void
test_request_accepted(void)
{
    size_t   i;
    parsed_t t;

    static const struct {
        gt_str_t        in;
        gt_http1_body_t body;
        bool            keep;
    } good[] = {
        { GT_STR_INIT("CONNECT 127.0.0.1:8080 HTTP/1.1\r\n"
                      "Host: 127.0.0.1:8080\r\n\r\n"),
          GT_HTTP1_BODY_NONE, true },
        { GT_STR_INIT("CONNECT [::1]:443 HTTP/1.1\r\nHost: ::1:443\r\n\r\n"),
          GT_HTTP1_BODY_NONE, true },
        { GT_STR_INIT("CONNECT  HTTP/1.1\r\nHost: \r\n"
                      "User-Agent: Go-http-client/1.1\r\n"
                      "Proxy-Connection: keep-alive\r\n"
                      "X-Gost-Protocol: udp\r\n\r\n"),
          GT_HTTP1_BODY_NONE, true },
        { GT_STR_INIT("CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n"
                      "Content-Length: 5\r\n\r\n"),
          GT_HTTP1_BODY_NONE, true },
        { GT_STR_INIT("GET http://example.com/p HTTP/1.0\r\n\r\n"),
          GT_HTTP1_BODY_NONE, false },
        { GT_STR_INIT("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"),
          GT_HTTP1_BODY_NONE, true },
        { GT_STR_INIT("GET / HTTP/1.0\r\n"
                      "Connection: keep-alive, close\r\n\r\n"),
          GT_HTTP1_BODY_NONE, false },
        { GT_STR_INIT(REQ "Connection: x, ,CLOSE \r\n\r\n"), GT_HTTP1_BODY_NONE,
          false },
        { GT_STR_INIT(REQ "Connection: x\r\nConnection: close\r\n\r\n"),
          GT_HTTP1_BODY_NONE, false },
        { GT_STR_INIT(REQ "Connection: closed\r\n\r\n"), GT_HTTP1_BODY_NONE,
          true },
        { GT_STR_INIT(POST "Transfer-Encoding: Chunked\r\n\r\n"),
          GT_HTTP1_BODY_CHUNKED, true },
        { GT_STR_INIT(POST "Content-Length: 0\r\n\r\n"), GT_HTTP1_BODY_NONE,
          true },
        { GT_STR_INIT(POST "Content-Length: 9223372036854775807\r\n\r\n"),
          GT_HTTP1_BODY_LENGTH, true },
        { GT_STR_INIT("\r\n\r\n" REQ "\r\n"), GT_HTTP1_BODY_NONE, true },
        { GT_STR_INIT("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"),
          GT_HTTP1_BODY_NONE, true },
        { GT_STR_INIT("m!#$%&'*+-.^_`|~9 /\xc3\xbc HTTP/1.1\r\nHost:\r\n"
                      "X: \x80\xff\r\n\r\n"),
          GT_HTTP1_BODY_NONE, true },
        { GT_STR_INIT("GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"),
          GT_HTTP1_BODY_NONE, true },
        { GT_STR_INIT("GET / HTTP/1.1\r\nHost: h:\r\n\r\n"), GT_HTTP1_BODY_NONE,
          true },
    };

    for (i = 0; i < gt_nelts(good); i++) {
        if (parse_both(&t, good[i].in, NULL) != GT_OK) {
            ok(false, "request %zu is refused: %s", i, t.head.why);
            continue;
        }

        ok(t.head.body == good[i].body && t.head.keep_alive == good[i].keep
               && t.head.len == good[i].in.n,
           "request %zu", i);
    }

    parse_both(&t, good[3].in, NULL);
    ok(t.head.has_length && t.head.length == 5, "length of a CONNECT, unused");
}


static void
test_request_flags(void)
{
    parsed_t t;

    parse_both(&t, GT_STR(REQ "Expect: 100-Continue\r\n\r\n"), NULL);
    ok(t.head.expect_continue, "Expect");
    parse_both(&t, GT_STR("GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n"),
               NULL);
    ok(!t.head.expect_continue, "Expect means nothing in HTTP/1.0");

    parse_both(&t, GT_STR(REQ "Upgrade: ws\r\nConnection: a, Upgrade\r\n\r\n"),
               NULL);
    ok(t.head.upgrade, "Upgrade");
    parse_both(&t, GT_STR(REQ "Upgrade: ws\r\n\r\n"), NULL);
    ok(!t.head.upgrade, "Upgrade that Connection does not name");
    parse_both(&t, GT_STR(REQ "Connection: upgrade\r\n\r\n"), NULL);
    ok(!t.head.upgrade, "upgrade to nothing");
    parse_both(&t,
               GT_STR("GET / HTTP/1.0\r\nUpgrade: ws\r\n"
                      "Connection: upgrade\r\n\r\n"),
               NULL);
    ok(!t.head.upgrade, "Upgrade in HTTP/1.0");
}


static void
test_request_line(void)
{
    size_t i;

    static const struct {
        gt_str_t in;
        int      status;
    } bad[] = {
        { GT_STR_INIT("GET /\r\n\r\n"), 400 },
        { GT_STR_INIT("GET HTTP/1.1\r\n\r\n"), 400 },
        { GT_STR_INIT("GET  HTTP/1.1\r\nHost: h\r\n\r\n"), 400 },
        { GT_STR_INIT("CONNECT HTTP/1.1\r\nHost: h\r\n\r\n"), 400 },
        { GT_STR_INIT("GET  / HTTP/1.1\r\nHost: h\r\n\r\n"), 400 },
        { GT_STR_INIT("GET /  HTTP/1.1\r\nHost: h\r\n\r\n"), 400 },
        { GT_STR_INIT("GET / HTTP/1.1 \r\nHost: h\r\n\r\n"), 400 },
        { GT_STR_INIT(" GET / HTTP/1.1\r\nHost: h\r\n\r\n"), 400 },
        { GT_STR_INIT("GET\t/\tHTTP/1.1\r\nHost: h\r\n\r\n"), 400 },
        { GT_STR_INIT("GET /a b HTTP/1.1\r\nHost: h\r\n\r\n"), 400 },
        { GT_STR_INIT("GET /a\tb HTTP/1.1\r\nHost: h\r\n\r\n"), 400 },
        { GT_STR_INIT("GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n"), 400 },
        { GT_STR_INIT("G(T / HTTP/1.1\r\nHost: h\r\n\r\n"), 400 },
        { GT_STR_INIT("G\xc3T / HTTP/1.1\r\nHost: h\r\n\r\n"), 400 },
        { GT_STR_INIT("GET / http/1.1\r\nHost: h\r\n\r\n"), 400 },
        { GT_STR_INIT("GET / HTTP/1\r\nHost: h\r\n\r\n"), 400 },
        { GT_STR_INIT("GET / HTTP/1.10\r\nHost: h\r\n\r\n"), 400 },
        { GT_STR_INIT("GET / HTTP/11\r\nHost: h\r\n\r\n"), 400 },
        { GT_STR_INIT("GET / HTTP/+1.1\r\nHost: h\r\n\r\n"), 400 },
        { GT_STR_INIT("GET / HTTPS/1.1\r\nHost: h\r\n\r\n"), 400 },
        { GT_STR_INIT("GET / HTTP/1.2\r\nHost: h\r\n\r\n"), 505 },
        { GT_STR_INIT("GET / HTTP/0.9\r\nHost: h\r\n\r\n"), 505 },
        { GT_STR_INIT("PRI * HTTP/2.0\r\n\r\n"), 505 },
        { GT_STR_INIT("\r\n\r\n\r\n\r\n\r\n" REQ "\r\n"), 400 },
        { GT_STR_INIT("\n" REQ "\r\n"), 400 },
        { GT_STR_INIT("\r" REQ "\r\n"), 400 },
        { GT_STR_INIT("SSH-2.0-x\r\n\r\n"), 400 },
        { GT_STR_INIT("\x16\x03\x01\x02"), 400 },
        { GT_STR_INIT("\x05\x01"), 400 },
        { GT_STR_INIT("\0"), 400 },
    };

    for (i = 0; i < gt_nelts(bad); i++) {
        request_refused_nth(bad[i].in, bad[i].status, "request line", i);
    }
}


static void
test_request_fields(void)
{
    size_t i;

    static const gt_str_t bad[] = {
        GT_STR_INIT("X : 1"),
        GT_STR_INIT("X\t: 1"),
        GT_STR_INIT(" X: 1"),
        GT_STR_INIT("X: 1\r\n 2"),
        GT_STR_INIT("X: 1\r\n\t2"),
        GT_STR_INIT("X: 1\r\n "),
        GT_STR_INIT("X"),
        GT_STR_INIT(": 1"),
        GT_STR_INIT("X Y: 1"),
        GT_STR_INIT("X(: 1"),
        GT_STR_INIT("\xc3: 1"),
        GT_STR_INIT("X: a\0b"),
        GT_STR_INIT("X\0: b"),
        GT_STR_INIT("X: a\rb"),
        GT_STR_INIT("X: a\nb"),
        GT_STR_INIT("X: a\r\r"),
        GT_STR_INIT("X: a\nY: b"),
        GT_STR_INIT("X: a\vb"),
        GT_STR_INIT("X: a\fb"),
        GT_STR_INIT("X: a\x7f"),
        GT_STR_INIT("X: \x01"),
        GT_STR_INIT("Host: h"),
        GT_STR_INIT("host: h"),
        GT_STR_INIT("Content-Length: 1\r\nTransfer-Encoding: chunked"),
        GT_STR_INIT("Transfer-Encoding: chunked\r\nContent-Length: 1"),
        GT_STR_INIT("Content-Length: 1\r\nTransfer-Encoding: x"),
        GT_STR_INIT("Content-Length: 1\r\nContent-Length: 2"),
        GT_STR_INIT("Content-Length: 1\r\ncontent-length: 1"),
        GT_STR_INIT("Content-Length: 1, 1"),
        GT_STR_INIT("Content-Length: "),
        GT_STR_INIT("Content-Length: +1"),
        GT_STR_INIT("Content-Length: -1"),
        GT_STR_INIT("Content-Length: 1_0"),
        GT_STR_INIT("Content-Length: 0x10"),
        GT_STR_INIT("Content-Length: 1 0"),
        GT_STR_INIT("Content-Length: 1;"),
        GT_STR_INIT("Content-Length: 9223372036854775808"),
        GT_STR_INIT("Content-Length: 18446744073709551616"),
        GT_STR_INIT("Content-Length: 99999999999999999999999"),
        GT_STR_INIT("Transfer-Encoding: chunked\r\n"
                    "Transfer-Encoding: chunked"),
        GT_STR_INIT("Transfer-Encoding: chunked, chunked"),
        GT_STR_INIT("Transfer-Encoding: gzip, chunked"),
        GT_STR_INIT("Transfer-Encoding: chunked, identity"),
        GT_STR_INIT("Transfer-Encoding: identity"),
        GT_STR_INIT("Transfer-Encoding: xchunked"),
        GT_STR_INIT("Transfer-Encoding: chunkedx"),
        GT_STR_INIT("Transfer-Encoding: \"chunked\""),
        GT_STR_INIT("Transfer-Encoding: chunked;a=b"),
        GT_STR_INIT("Transfer-Encoding: \vchunked"),
        GT_STR_INIT("Transfer-Encoding:\r\n chunked"),
        GT_STR_INIT("Transfer-Encoding: "),
        GT_STR_INIT("Transfer-Encoding : chunked"),
    };
    static const char *hosts[] = { "a b", "a,b",     "u@h",     "h/",
                                   "h:x", "h:65536", "[::1",    "::1",
                                   "h:0", "h%00",    "http://h" };
    char               text[256];
    size_t             n;

    for (i = 0; i < gt_nelts(bad); i++) {
        n = gt_str_copy(text, sizeof(text), GT_STR(POST));
        memcpy(text + n, bad[i].p, bad[i].n);
        n += bad[i].n;
        n += gt_str_copy(text + n, sizeof(text) - n, GT_STR("\r\n\r\n"));
        request_refused_nth(gt_str_make(text, n), 400, "fields", i);
    }

    for (i = 0; i < gt_nelts(hosts); i++) {
        n = gt_snprintf(text, sizeof(text),
                        "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", hosts[i]);
        request_refused_nth(gt_str_make(text, n), 400, "Host", i);
    }

    request_refused(GT_STR("GET / HTTP/1.1\r\n\r\n"), 400, "no Host");
    request_refused(GT_STR("POST / HTTP/1.0\r\n"
                           "Transfer-Encoding: chunked\r\n\r\n"),
                    400, "Transfer-Encoding in HTTP/1.0");
    request_refused(GT_STR("CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n"
                           "Transfer-Encoding: chunked\r\n\r\n"),
                    400, "Transfer-Encoding on CONNECT");
    request_refused(GT_STR(REQ "Expect: 200-ok\r\n\r\n"), 417, "Expect");
    request_refused(GT_STR("GET / HTTP/1.1\nHost: h\n\n"), 400, "bare LF");
}


static void
test_incomplete(void)
{
    size_t   n;
    bool     good;
    parsed_t t;

    static const char in[] = "\r\n" POST "Content-Length: 5\r\n\r\n";

    for (good = true, n = 0; n < sizeof(in) - 1; n++) {
        gt_http1_head_init(&t.head, t.fields, GT_HTTP1_FIELDS);
        good = good && parse(&t, (const uint8_t *) in, n, NULL) == GT_AGAIN;
    }

    ok(good, "every beginning of a good head asks for more");
}


/* n bytes of c in a head of its own */
static void
long_request(const char *before, size_t n, const char *after, int want)
{
    char    *text;
    size_t   len;
    parsed_t t;

    text = malloc(n + 256);
    len = gt_str_copy(text, 128, gt_str_from(before));
    memset(text + len, 'a', n);
    len += n;
    len += gt_str_copy(text + len, 128, gt_str_from(after));

    if (want == 0) {
        is_int(parse_both(&t, gt_str_make(text, len), NULL), GT_OK, "fits");

    } else {
        request_refused(gt_str_make(text, len), want, "does not fit");
    }

    free(text);
}


static void
test_limits(void)
{
    char              many[1024];
    size_t            n;
    unsigned          i;
    parsed_t          t;
    gt_http1_limits_t lim = { 64, 32 };

    /* the request line: 8192 bytes with the method and the version */
    long_request("GET /", 8192 - 14, " HTTP/1.1\r\nHost: h\r\n\r\n", 0);
    long_request("GET /", 8192 - 13, " HTTP/1.1\r\nHost: h\r\n\r\n", 414);
    long_request("GET /", 8192, "", 414);

    /* the head: 32768 bytes */
    long_request(REQ "X: ", 32768 - 25 - 3 - 4, "\r\n\r\n", 0);
    long_request(REQ "X: ", 32768 - 25 - 3 - 3, "\r\n\r\n", 431);
    long_request(REQ "X: ", 32768, "", 431);

    for (i = 0; i < 2; i++) {
        n = gt_str_copy(many, sizeof(many), GT_STR(REQ));

        while (n < sizeof(REQ) - 1 + 5 * (GT_HTTP1_FIELDS - 1 + i)) {
            n += gt_str_copy(many + n, sizeof(many) - n, GT_STR("a:b\r\n"));
        }

        n += gt_str_copy(many + n, sizeof(many) - n, GT_STR("\r\n"));

        if (i == 0) {
            is_int(parse_both(&t, gt_str_make(many, n), NULL), GT_OK,
                   "a hundred fields");
            is_int(t.head.nfields, GT_HTTP1_FIELDS, "are given");

        } else {
            request_refused(gt_str_make(many, n), 431, "a hundred and one");
        }
    }

    gt_http1_head_init(&t.head, t.fields, GT_HTTP1_FIELDS);
    ok(gt_http1_request_parse((const uint8_t *) REQ "\r\n", 27, &lim, &t.head)
           == GT_OK,
       "limits of the caller, kept");
    gt_http1_head_init(&t.head, t.fields, GT_HTTP1_FIELDS);
    lim.line = 13;
    ok(gt_http1_request_parse((const uint8_t *) REQ "\r\n", 27, &lim, &t.head)
               == GT_ERROR
           && t.head.status == 414,
       "limits of the caller, line");
    gt_http1_head_init(&t.head, t.fields, 0);
    ok(gt_http1_request_parse((const uint8_t *) REQ "\r\n", 27, NULL, &t.head)
               == GT_ERROR
           && t.head.status == 431,
       "no room for fields");
}


static void
response_is(const char *in, const char *method, int body, int keep)
{
    int      rc;
    parsed_t t;
    gt_str_t m;

    m = gt_str_from(method);
    rc = parse_both(&t, gt_str_from(in), &m);

    if (body < 0) {
        ok(rc == GT_ERROR && t.head.status == 502, "response refused");
        return;
    }

    if (rc != GT_OK) {
        ok(false, "response is refused: %s", t.head.why);
        return;
    }

    ok((int) t.head.body == body && t.head.keep_alive == keep,
       "response %d to %s: body %d, keep %d", t.head.status, method,
       (int) t.head.body, t.head.keep_alive);
}


static void
test_response(void)
{
    size_t   i;
    parsed_t t;

    static const char *bad[] = {
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 099 OK\r\n\r\n",
        "HTTP/1.1 2x0 OK\r\n\r\n",
        "HTTP/1.1  200 OK\r\n\r\n",
        "HTTP/1.1\r\n\r\n",
        "HTTP/2 200\r\n\r\n",
        "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.1 200\tOK\r\n\r\n",
        "ICY 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\n\n",
        "\r\nHTTP/1.1 200 OK\r\n\r\n",
        RES "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        RES "Content-Length: 1\r\nContent-Length: 1\r\n\r\n",
        RES "Content-Length: x\r\n\r\n",
        RES "Transfer-Encoding: gzip, chunked\r\n\r\n",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        RES "X: a\r\n b\r\n\r\n",
        RES "X : a\r\n\r\n",
    };

    for (i = 0; i < gt_nelts(bad); i++) {
        response_is(bad[i], "GET", -1, 0);
    }

    response_is(RES "Content-Length: 2\r\n\r\n", "GET", GT_HTTP1_BODY_LENGTH,
                1);
    response_is(RES "Content-Length: 0\r\n\r\n", "GET", GT_HTTP1_BODY_NONE, 1);
    response_is(RES "Transfer-Encoding: chunked\r\n\r\n", "GET",
                GT_HTTP1_BODY_CHUNKED, 1);
    response_is(RES "\r\n", "GET", GT_HTTP1_BODY_CLOSE, 0);
    response_is("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n", "GET",
                GT_HTTP1_BODY_LENGTH, 0);
    response_is("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n"
                "Content-Length: 2\r\n\r\n",
                "GET", GT_HTTP1_BODY_LENGTH, 1);
    response_is(RES "Connection: close\r\nContent-Length: 2\r\n\r\n", "GET",
                GT_HTTP1_BODY_LENGTH, 0);
    response_is(RES "Content-Length: 2\r\n\r\n", "HEAD", GT_HTTP1_BODY_NONE, 1);
    response_is(RES "\r\n", "HEAD", GT_HTTP1_BODY_NONE, 1);
    response_is("HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n", "GET",
                GT_HTTP1_BODY_NONE, 1);
    response_is("HTTP/1.1 204 No Content\r\n\r\n", "GET", GT_HTTP1_BODY_NONE,
                1);
    response_is("HTTP/1.1 100 Continue\r\n\r\n", "POST", GT_HTTP1_BODY_NONE, 1);
    response_is("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n"
                "Connection: upgrade\r\n\r\n",
                "GET", GT_HTTP1_BODY_NONE, 1);
    response_is(RES "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
                "CONNECT", GT_HTTP1_BODY_NONE, 1);
    response_is("HTTP/1.1 407 Auth\r\n\r\n", "CONNECT", GT_HTTP1_BODY_CLOSE, 0);
    response_is("HTTP/1.1 200\r\n\r\n", "CONNECT", GT_HTTP1_BODY_NONE, 1);
    response_is("HTTP/1.1 999 Denied\r\n\r\n", "GET", GT_HTTP1_BODY_CLOSE, 0);

    parse_both(&t, GT_STR("HTTP/1.1 200 Connection established\r\n\r\nSSH"),
               &not_connect);
    is_int(t.head.status, 200, "status");
    is_int(t.head.len, 39, "length");
    ok(gt_str_eq(t.head.reason, GT_STR("Connection established")), "reason");
    parse_both(&t, GT_STR("HTTP/1.1 200 \r\n\r\n"), &not_connect);
    is_int(t.head.reason.n, 0, "an empty reason");
}


static void
test_fields(void)
{
    parsed_t t;

    parse_both(&t,
               GT_STR(REQ "Connection: a, X-Hop ,\r\nConnection: host, "
                          "content-length\r\nX-Hop: 1\r\nX-Stay: 2\r\n\r\n"),
               NULL);

    ok(gt_http1_field_has(&t.head, "connection", "x-hop"), "a token");
    ok(gt_http1_field_has(&t.head, "connection", "HOST"), "in a second field");
    ok(!gt_http1_field_has(&t.head, "connection", "x"), "no part of a token");
    ok(gt_http1_list_has(GT_STR("a ,b"), "A"), "a list");
    ok(!gt_http1_list_has(GT_STR("a b"), "a"), "a list of one");
    ok(!gt_http1_list_has(GT_STR(""), "a"), "an empty list");

    ok(gt_http1_field_hop(&t.head, GT_STR("x-hop")), "named hop-by-hop");
    ok(!gt_http1_field_hop(&t.head, GT_STR("X-Stay")), "end-to-end");
    ok(!gt_http1_field_hop(&t.head, GT_STR("Host")), "Host stays");
    ok(!gt_http1_field_hop(&t.head, GT_STR("Content-Length")),
       "Content-Length stays");
    ok(gt_http1_field_hop(&t.head, GT_STR("transfer-encoding")), "TE");
    ok(gt_http1_field_hop(&t.head, GT_STR("PROXY-AUTHORIZATION")), "auth");
    ok(gt_http1_field_hop(&t.head, GT_STR("Keep-Alive")), "Keep-Alive");

    is_str(gt_http1_reason(407), "Proxy Authentication Required", "407");
    is_str(gt_http1_reason(299), "Unknown", "299");
    ok(gt_http1_token_ok(GT_STR("!#$%&'*+-.^_`|~09azAZ")), "tchar");
    ok(!gt_http1_token_ok(GT_STR("")), "empty token");
    ok(!gt_http1_token_ok(GT_STR("a/b")), "no tchar");
    ok(gt_http1_text_ok(GT_STR("a\tb \xff")), "text");
    ok(!gt_http1_text_ok(GT_STR("a\rb")), "CR is no text");
}


/* none of "(),/:;<=>?@[\]{}" and no control character is a tchar */
static void
test_tchar(void)
{
    int  c, n;
    char one;

    static const char delimiters[] = "\"(),/:;<=>?@[\\]{}";

    for (n = 0, c = 0; c < 256; c++) {
        one = (char) c;
        n += gt_http1_token_ok(gt_str_make(&one, 1));
    }

    is_int(n, 77, "tchars");

    for (c = 0; c < 17; c++) {
        ok(!gt_http1_token_ok(gt_str_make(&delimiters[c], 1)), "a delimiter");
    }
}


int
main(void)
{
    test_request();
    test_request_accepted();
    test_request_flags();
    test_request_line();
    test_request_fields();
    test_incomplete();
    test_limits();
    test_response();
    test_fields();
    test_tchar();

    return tap_done();
}
