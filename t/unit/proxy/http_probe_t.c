/*
 * The probeResist and knock options: each type, and what is none.
 */

#include "proxy/http/http_probe.h"

#include "core/log.h"

#include "tap.h"

static gt_http_probe_t p;


static bool
parse(const char *text)
{
    const char *why = NULL;
    int         rc = gt_http_probe_parse(text, &p, &why);

    ok(rc == GT_OK || (rc == GT_ERROR && why), "%s", text ? text : "(none)");

    return rc == GT_OK;
}


static void
web(const char *text, const char *authority, const char *host, int port,
    const char *path)
{
    ok(parse(text) && p.kind == GT_HTTP_PROBE_WEB && p.port == port
           && gt_str_eq(p.authority, gt_str_from(authority))
           && gt_str_eq(p.host, gt_str_from(host))
           && gt_str_eq(p.path, gt_str_from(path)),
       "it says %s %d %s", host, port, path);
}


int
main(void)
{
    size_t i;

    static const char *const odd[] = { "code",     "code:",    "code:abc",
                                       "code:4 4", "CODE:404", "foo:bar",
                                       "404",      "code:-1",  ":x" };
    static const char *const bad[] = {
        "web:https://example.com/",
        "web:",
        "web:http://",
        "web:a b",
        "web:http://u:p@example.com/",
        "web:a.test/x y",
        "web:a.test:x/",
        "host:",
        "host:example.com",
        "host:example.com:",
        "host::80",
        "code:100",
        "code:199",
        "code:1000",
    };

    gt_log_set_level(GT_LOG_OFF);

    ok(parse(NULL) && p.kind == GT_HTTP_PROBE_NONE, "nothing");
    ok(parse("") && p.kind == GT_HTTP_PROBE_NONE, "empty");
    ok(parse("code:404") && p.kind == GT_HTTP_PROBE_CODE && p.status == 404,
       "a code");
    ok(parse("code:0") && p.kind == GT_HTTP_PROBE_NONE, "code 0 is the 407");
    ok(parse("file:/srv/a:b.html") && p.kind == GT_HTTP_PROBE_FILE, "a file");
    is_str(p.file, "/srv/a:b.html", "its path");

    web("web:example.com", "example.com", "example.com", 80, "");
    web("web:example.com:81/a/b?c=d", "example.com:81", "example.com", 81,
        "/a/b?c=d");
    web("web:http://example.com/x#part", "example.com", "example.com", 80,
        "/x");
    web("web:HTTP://[::1]:8080?q", "[::1]:8080", "::1", 8080, "?q");

    ok(parse("host:example.com:443") && p.kind == GT_HTTP_PROBE_HOST
           && p.port == 443 && gt_str_eq(p.host, GT_STR("example.com")),
       "a host");
    ok(parse("host:[::1]:80") && gt_str_eq(p.host, GT_STR("::1")), "of IPv6");

    for (i = 0; i < gt_nelts(odd); i++) {
        ok(parse(odd[i]) && p.kind == GT_HTTP_PROBE_ODD, "will be a 503");
    }

    for (i = 0; i < gt_nelts(bad); i++) {
        ok(!parse(bad[i]), "is refused");
    }

    ok(gt_http_knocks("a.test, B.test,c", GT_STR("b.TEST")), "knocks");
    ok(!gt_http_knocks("a.test,b.test", GT_STR("b.test.")), "not quite");
    ok(!gt_http_knocks("a.test,,b.test", GT_STR("")), "nobody does not");
    ok(!gt_http_knocks(NULL, GT_STR("a")) && !gt_http_knocks("", GT_STR("a")),
       "no list, nobody");

    return tap_done();
}
