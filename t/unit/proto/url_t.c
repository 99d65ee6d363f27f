/*
 * The URLs of -L and -F: GOST's grammar with its quirks.
 */

#include "proto/url.h"

#include "tap.h"

#include <stdlib.h>

/* u's texts live in a block of exactly the promised size */
typedef struct {
    gt_url_t u;
    char    *buf;
    int      rc;
} parsed_t;


static void
parse(parsed_t *t, const char *text, gt_url_kind_t kind)
{
    gt_str_t s;

    s = gt_str_from(text);
    t->buf = malloc(GT_URL_ROOM(s.n));
    t->rc = gt_url_parse(s, kind, t->buf, GT_URL_ROOM(s.n), &t->u);
}


/* scheme proxy/transport user:pass@address path, "-" for what is not there */
static void
url_is(gt_url_kind_t kind, const char *text, const char *want)
{
    char     got[512];
    parsed_t t;

    parse(&t, text, kind);

    if (t.rc != GT_OK) {
        is_str(t.rc == GT_DONE ? "nothing" : "refused", want, text);
        ok(t.rc == GT_DONE || t.u.why != NULL, "and says why");

    } else {
        gt_snprintf(got, sizeof(got),
                    "%.*s %.*s/%.*s %.*s%s%.*s%s%.*s %.*s <%.*s>",
                    GT_STR_ARG(t.u.scheme), GT_STR_ARG(t.u.proxy),
                    GT_STR_ARG(t.u.transport), GT_STR_ARG(t.u.user),
                    t.u.has_pass ? ":" : "", GT_STR_ARG(t.u.pass),
                    t.u.has_user ? "@" : "", GT_STR_ARG(t.u.address),
                    GT_STR_ARG(t.u.path), GT_STR_ARG(t.u.target));
        is_str(got, want, text);
    }

    free(t.buf);
}


static void
test_scheme(void)
{
    gt_url_kind_t k = GT_URL_LISTEN;

    url_is(k, ":8080", "auto auto/auto :8080  <>");
    url_is(k, "  \t:8080\n", "auto auto/auto :8080  <>");
    url_is(k, "127.0.0.1:80", "auto auto/auto 127.0.0.1:80  <>");
    url_is(k, "AUTO://:80", "auto auto/auto :80  <>");
    url_is(k, "http://:80", "http http/http :80  <>");
    url_is(k, "https://:80", "http+tls http/tls :80  <>");
    url_is(k, "HTTPS://:80", "http+tls http/tls :80  <>");
    url_is(k, "https+ws://:80", "https+ws https/ws :80  <>");
    url_is(k, "Relay+WSS://:80", "relay+wss relay/wss :80  <>");
    url_is(k, "masque+h3-masque://:80",
           "masque+h3-masque masque/h3-masque :80  <>");
    url_is(k, "a+b+c://:80", "a+b+c / :80  <>");
    url_is(k, "a+://:80", "a+ a/ :80  <>");
    url_is(k, "http://", "http http/http   <>");
    url_is(k, "", "nothing");
    url_is(k, " \t\r\n", "nothing");
    url_is(k, "1a://:80", "refused");
    url_is(k, "a_b://:80", "refused");
    url_is(k, "+a://:80", "refused");
    url_is(k, "h tp://:80", "refused");

    /* "://" that is no scheme's */
    url_is(k, ":80?r=tls://8.8.8.8", "auto auto/auto :80  <>");
    url_is(k, "h:80?r=tls://8.8.8.8", "auto auto/auto h:80  <>");
    url_is(k, "h/x://y", "auto auto/auto h /x://y <x://y>");
    url_is(k, "u:p://x@h:1", "auto auto/auto u:p: //x@h:1 <x@h:1>");
    url_is(k, "://:80", "auto auto/auto : //:80 <:80>");
}


static void
test_userinfo(void)
{
    gt_url_kind_t k = GT_URL_LISTEN;

    url_is(k, "http://user:pass@:1", "http http/http user:pass@:1  <>");
    url_is(k, "http://user@:1", "http http/http user@:1  <>");
    url_is(k, "http://user:@:1", "http http/http user:@:1  <>");
    url_is(k, "http://:pass@:1", "http http/http :pass@:1  <>");
    url_is(k, "http://@:1", "http http/http @:1  <>");
    url_is(k, "user:pass@:1", "auto auto/auto user:pass@:1  <>");
    url_is(k, "http://u%40x:p%3A%2F%3F%23%25w@:1",
           "http http/http u@x:p:/?#%w@:1  <>");
    url_is(k, "http://us+er:pa%2Bss@:1", "http http/http us+er:pa+ss@:1  <>");
    url_is(k, "http://user:p@ss@:1", "http http/http user:p@ss@:1  <>");
    url_is(k, "http://user:p:q@:1", "http http/http user:p:q@:1  <>");
    url_is(k, "http://user:pa/ss@:1", "http http/http user:pa /ss@:1 <ss@:1>");
    url_is(k, "http://u:p#w@:1", "http http/http u:p  <>");
    url_is(k, "http://u%zz@:1", "refused");
    url_is(k, "http://u:%2@:1", "refused");
    url_is(k, "http://u%00:p@:1", "refused");
    url_is(k, "http://u:p%00@:1", "refused");
    url_is(k, "http://u\x01@:1", "refused");
    url_is(GT_URL_NODE, "http://user:p@ss@n:6",
           "http http/http user:p@ss@n:6  "
           "<>");
    url_is(GT_URL_NODE, "a:b@n.example:8",
           "auto auto/auto a:b@n.example:8  <>");
}


static void
test_listen(void)
{
    gt_url_kind_t k = GT_URL_LISTEN;

    url_is(k, "tcp://:1/a:80,b:81", "tcp tcp/tcp :1 /a:80,b:81 <a:80,b:81>");
    url_is(k, "tcp://:1/a:80,,b:80", "tcp tcp/tcp :1 /a:80,,b:80 <a:80,,b:80>");
    url_is(k, "tcp://:1/a%2Cb:80", "tcp tcp/tcp :1 /a%2Cb:80 <a%2Cb:80>");
    url_is(k, "tcp://:1/p/deep:80/", "tcp tcp/tcp :1 /p/deep:80/ <p/deep:80>");
    url_is(k, "tcp://:1/", "tcp tcp/tcp :1 / <>");
    url_is(k, "tcp://:1///?a=1", "tcp tcp/tcp :1 /// <>");
    url_is(k, "tcp://:1/a%zz", "refused");
    url_is(k, "http://:8000-8003", "http http/http :8000-8003  <>");
    url_is(k, "http://[::1]", "http http/http [::1]  <>");
    url_is(k, "http://*:1", "http http/http *:1  <>");
    url_is(k, "http://a:b:1", "http http/http a:b:1  <>");
    url_is(k, "http://%41:1", "http http/http %41:1  <>");
    url_is(k, "unix:///run/a%20b", "unix unix/unix  /run/a%20b <run/a%20b>");
    url_is(k, "unix://run/x.sock", "unix unix/unix run /x.sock <x.sock>");
    url_is(k, ":1#f?a=b", "auto auto/auto :1  <>");
    url_is(k, ":1\r\nx", "refused");
}


static void
test_node(void)
{
    gt_url_kind_t k = GT_URL_NODE;

    url_is(k, "http://h:1", "http http/http h:1  <>");
    url_is(k, "http://h:1/some/path",
           "http http/http h:1 /some/path "
           "<some/path>");
    url_is(k, "http://h:4#frag", "http http/http h:4  <>");
    url_is(k, "http://a:1,b:2", "http http/http a:1,b:2  <>");
    url_is(k, "http://a,b:1", "http http/http a,b:1  <>");
    url_is(k, "http://[::1]:1,[::2]:2", "http http/http [::1]:1,[::2]:2  <>");
    url_is(k, "http://[fe80::1%25eth0]:80",
           "http http/http [fe80::1%eth0]:80  <>");
    url_is(k, "http://a:1%2Cb:2", "http http/http a:1,b:2  <>");
    url_is(k, "http://h:0", "http http/http h:0  <>");
    url_is(k, "http://h:99999", "http http/http h:99999  <>");
    url_is(k, "http://h:", "http http/http h:  <>");
    url_is(k, "http://:8080", "http http/http :8080  <>");
    url_is(k, "http://h", "http http/http h  <>");
    url_is(k, "direct://", "direct direct/direct   <>");
    url_is(k, "http+unix:///run/o.sock",
           "http+unix http/unix  /run/o.sock <run/o.sock>");
    url_is(k, "http://h:http", "refused");
    url_is(k, "http://h:1-2", "refused");
    url_is(k, "http://a:1,b:x", "refused");
    url_is(k, "http://h:+1", "refused");
    url_is(k, "http://a:b:1", "refused");
    url_is(k, "http://::1:80", "refused");
    url_is(k, "http://[::1:80", "refused");
    url_is(k, "http://[::1]x:80", "refused");
    url_is(k, "http://h%zz:1", "refused");
    url_is(k, "http://h%20a:1", "refused");
    url_is(k, "http://h%00:1", "refused");
    url_is(k, "", "nothing");
}


static void
query_is(const char *query, const char *want, unsigned dropped)
{
    char     text[512], got[512];
    size_t   n;
    unsigned i;
    parsed_t t;

    gt_snprintf(text, sizeof(text), "http://:1%s", query);
    parse(&t, text, GT_URL_LISTEN);
    got[0] = '\0';

    for (n = 0, i = 0; t.rc == GT_OK && i < t.u.npairs; i++) {
        n += gt_snprintf(got + n, sizeof(got) - n, "<%.*s=%.*s>",
                         GT_STR_ARG(t.u.pairs[i].key),
                         GT_STR_ARG(t.u.pairs[i].value));
    }

    is_str(t.rc == GT_OK ? got : "refused", want, query);
    is_int(t.u.dropped, dropped, "dropped");
    free(t.buf);
}


static void
test_query(void)
{
    char     big[1024];
    size_t   n;
    unsigned i;
    gt_str_t v;
    parsed_t t;

    query_is("?a=1&b=two&c=x%20y&d=x+y&e=%26%3D&F=G",
             "<a=1><b=two><c=x y><d=x y><e=&=><F=G>", 0);
    query_is("?udp", "<udp=>", 0);
    query_is("?udp=&x=1", "<udp=><x=1>", 0);
    query_is("?a=1&a=2&A=3", "<a=1><A=3>", 0);
    query_is("?a=1;b=2&c=3", "<c=3>", 1);
    query_is("?=v&k=v=w", "<=v><k=v=w>", 0);
    query_is("?a=%zz&b=1&%=2&a=3", "<b=1><a=3>", 2);
    query_is("?a=1#b=2", "<a=1>", 0);
    query_is("?&&a=1&", "<a=1>", 0);
    query_is("/?a=1", "<a=1>", 0);
    query_is("?a=b?c/d@e:f", "<a=b?c/d@e:f>", 0);
    query_is("?", "", 0);
    query_is("", "", 0);
    query_is("?a=%00", "refused", 0);
    query_is("?%00=a", "refused", 0);

    parse(&t, "http://:1?Path=%2Fx&path=/y", GT_URL_LISTEN);
    ok(gt_url_get(&t.u, "path", &v) && gt_str_eq(v, GT_STR("/y")), "get");
    ok(gt_url_iget(&t.u, "path", &v) && gt_str_eq(v, GT_STR("/x")), "iget");
    ok(!gt_url_get(&t.u, "PATH", &v), "get, none");
    ok(!gt_url_iget(&t.u, "host", &v), "iget, none");
    free(t.buf);

    n = gt_str_copy(big, sizeof(big), GT_STR("http://:1?x"));

    for (i = 1; i < GT_URL_PAIRS; i++) {
        n += gt_snprintf(big + n, sizeof(big) - n, "&k%u", i);
    }

    parse(&t, big, GT_URL_LISTEN);
    is_int(t.rc, GT_OK, "as many options as there is room for");
    free(t.buf);
    gt_str_copy(big + n, sizeof(big) - n, GT_STR("&y"));
    parse(&t, big, GT_URL_LISTEN);
    is_int(t.rc, GT_ERROR, "one more");
    free(t.buf);

    is_int(gt_url_parse(GT_STR("http://:1"), GT_URL_LISTEN, big, 8, &t.u),
           GT_ERROR, "no room");
}


static void
addr_is(const char *text, const char *want)
{
    char          got[128];
    gt_url_addr_t a;

    static const char *kinds[] = { "none", "one", "range", "reverse", "odd" };

    if (gt_url_addr_parse(gt_str_from(text), &a) != GT_OK) {
        is_str("refused", want, text);
        return;
    }

    gt_snprintf(got, sizeof(got), "<%.*s>%s %s %u-%u", GT_STR_ARG(a.host),
                a.ipv6 ? "6" : "", kinds[a.kind], a.lo, a.hi);
    is_str(got, want, text);
}


static void
test_addr(void)
{
    addr_is(":8080", "<> one 8080-8080");
    addr_is("h:0", "<h> one 0-0");
    addr_is("h", "<h> none 0-0");
    addr_is("", "<> none 0-0");
    addr_is("[::1]", "<::1>6 none 0-0");
    addr_is("[::1]:8000-8003", "<::1>6 range 8000-8003");
    addr_is("[fe80::1%eth0]:1", "<fe80::1%eth0>6 one 1-1");
    addr_is(":8000-8003", "<> range 8000-8003");
    addr_is(":8000-8000", "<> one 8000-8000");
    addr_is(":40003-40001", "<> reverse 40003-40001");
    addr_is(":http", "<> odd 0-0");
    addr_is(":70000", "<> odd 0-0");
    addr_is(":1-2-3", "<> odd 0-0");
    addr_is(":", "<> odd 0-0");
    addr_is(":40001-x", "<> odd 0-0");
    addr_is(":-5", "<> odd 0-0");
    addr_is(":5-", "<> odd 0-0");
    addr_is("*:1", "<*> one 1-1");
    addr_is("a:b:1", "refused");
    addr_is("::1", "refused");
    addr_is("[::1", "refused");
    addr_is("[::1]1", "refused");
    addr_is("[::1]:1:2", "refused");
}


int
main(void)
{
    test_scheme();
    test_userinfo();
    test_listen();
    test_node();
    test_query();
    test_addr();

    return tap_done();
}
