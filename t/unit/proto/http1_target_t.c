/*
 * Request targets and host:port texts, the hostile CONNECT targets included.
 */

#include "proto/http1_target.h"

#include "tap.h"


static void
target_is(const char *method, const char *target, const char *host,
          const char *want)
{
    char              got[256];
    gt_http1_target_t t;

    static const char *forms[] = { "origin", "absolute", "authority",
                                   "asterisk", "empty" };

    if (gt_http1_target_parse(gt_str_from(method), gt_str_from(target),
                              gt_str_from(host), &t)
        != GT_OK)
    {
        is_str("refused", want, target);
        return;
    }

    gt_snprintf(got, sizeof(got), "%s %.*s <%.*s>%s:%u%s %.*s|%.*s",
                forms[t.form], GT_STR_ARG(t.scheme), GT_STR_ARG(t.host),
                t.ipv6 ? "6" : "", t.port, t.has_port ? "" : "?",
                GT_STR_ARG(t.root), GT_STR_ARG(t.path));
    is_str(got, want, target);
}


static void
test_connect(void)
{
    size_t i;

    static const char *bad[] = {
        "h:80/",
        "h:80?",
        "h:80 ",
        "h:80#",
        "u:p@h:80",
        "u@h:80",
        "http://h:80",
        "http://h",
        "h:",
        ":80",
        ":",
        "h:65536",
        "h:0",
        "h:x",
        "h:-1",
        "h:+1",
        "h:080000",
        "[::1",
        "[::1:80",
        "::1:80",
        "::1",
        "h,h2:80",
        "h:80,h2:80",
        "h%00:80",
        "h%:80",
        "[::1]80",
        "[::1]:",
        "[]:80",
        "[::g]:80",
        "[1.2.3.4]:80",
        "[fe80::1%eth0]:80",
        "[fe80::1%25eth0]:80",
        "[v1.a]:80",
        "h h:80",
        "h\t:80",
        "h\xc3\xbc:80",
        "h\\:80",
        "h;:80",
        "/",
        "*",
        "//h:80",
        "h:80:80",
        "<h>:80",
        "h[:80",
        "[::1]]:80",
        "[[::1]]:80",
        "[00000:00000:00000:00000:00000:00000:00000:00000:00000]:80",
    };

    for (i = 0; i < gt_nelts(bad); i++) {
        target_is("CONNECT", bad[i], "h:80", "refused");
    }

    target_is("CONNECT", "h:80", "x", "authority  <h>:80 |");
    target_is("CONNECT", "h", "x", "authority  <h>:80? |");
    target_is("CONNECT", "h:443", "", "authority  <h>:443 |");
    target_is("CONNECT", "h:65535", "", "authority  <h>:65535 |");
    target_is("CONNECT", "127.0.0.1:1", "", "authority  <127.0.0.1>:1 |");
    target_is("CONNECT", "[::1]:443", "", "authority  <::1>6:443 |");
    target_is("CONNECT", "[::ffff:1.2.3.4]:443", "",
              "authority  <::ffff:1.2.3.4>6:443 |");
    target_is("CONNECT", "[::1]", "", "authority  <::1>6:80? |");
    target_is("CONNECT", "xn--bcher-kva.example.:1", "",
              "authority  <xn--bcher-kva.example.>:1 |");
    target_is("CONNECT", "a_b-C.9:1", "", "authority  <a_b-C.9>:1 |");
    target_is("CONNECT", "", "", "empty  <>:80? |");
    target_is("CONNECT", "", "h:1", "empty  <>:80? |");
}


static void
test_request(void)
{
    target_is("GET", "/", "h", "origin  <h>:80? |/");
    target_is("GET", "/a?b", "h:81", "origin  <h>:81 |/a?b");
    target_is("GET", "//a", "[::1]:81", "origin  <::1>6:81 |//a");
    target_is("GET", "/", "", "origin  <>:80? |/");
    target_is("GET", "/", "h/", "refused");
    target_is("GET", "/#a", "h", "refused");

    target_is("GET", "http://h/", "x", "absolute http <h>:80? |/");
    target_is("GET", "http://h:81/p?q#", "x", "refused");
    target_is("GET", "http://h:81/p?q", "x", "absolute http <h>:81 |/p?q");
    target_is("GET", "HTTP://H", "x", "absolute HTTP <H>:80? /|");
    target_is("GET", "http://h?q=/", "x", "absolute http <h>:80? /|?q=/");
    target_is("GET", "http://h:/", "x", "absolute http <h>:80? |/");
    target_is("GET", "https://h/", "x", "absolute https <h>:443? |/");
    target_is("GET", "wss://h", "x", "absolute wss <h>:443? /|");
    target_is("GET", "ws://h", "x", "absolute ws <h>:80? /|");
    target_is("GET", "http://[::1]:8080/", "x", "absolute http <::1>6:8080 |/");
    target_is("GET", "http://u:p@h/", "x", "refused");
    target_is("GET", "http://@h/", "x", "refused");
    target_is("GET", "http:///p", "x", "refused");
    target_is("GET", "http://:80/p", "x", "refused");
    target_is("GET", "http://h:x/", "x", "refused");
    target_is("GET", "http://h:99999/", "x", "refused");
    target_is("GET", "http://a,b/", "x", "refused");
    target_is("GET", "http:/h", "x", "refused");
    target_is("GET", "h:80", "x", "refused");
    target_is("GET", "://h/", "x", "refused");
    target_is("GET", "1http://h/", "x", "refused");
    target_is("GET", "ht_tp://h/", "x", "refused");
    target_is("GET", "a/b://h/", "x", "refused");
    target_is("GET", "", "", "refused");

    target_is("OPTIONS", "*", "h", "asterisk  <h>:80? *|");
    target_is("OPTIONS", "*", "", "asterisk  <>:80? *|");
    target_is("GET", "*", "h", "refused");
    target_is("OPTIONS", "http://h", "x", "absolute http <h>:80? *|");
    target_is("OPTIONS", "http://h/", "x", "absolute http <h>:80? |/");
    target_is("OPTIONS", "http://h?a", "x", "absolute http <h>:80? /|?a");
}


static void
test_hostport(void)
{
    char              name[256];
    gt_http1_target_t t;

    memset(name, 'a', sizeof(name));
    is_int(gt_http1_hostport_parse(gt_str_make(name, 253), true, &t), GT_OK,
           "253 bytes");
    is_int(gt_http1_hostport_parse(gt_str_make(name, 254), true, &t), GT_ERROR,
           "254 bytes");
    is_int(gt_http1_hostport_parse(GT_STR(""), false, &t), GT_ERROR, "empty");
    is_int(gt_http1_hostport_parse(GT_STR("h:"), false, &t), GT_OK, "h:");
    is_int(t.port, 0, "no port");
    is_int(gt_http1_hostport_parse(GT_STR("h:"), true, &t), GT_ERROR,
           "h:, strict");
    is_int(gt_http1_hostport_parse(GT_STR("[::1\0]:1"), true, &t), GT_ERROR,
           "NUL in an address");
}


int
main(void)
{
    test_connect();
    test_request();
    test_hostport();

    return tap_done();
}
