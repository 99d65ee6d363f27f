/*
 * proto/http1_target.c: request targets and host:port texts.
 */

#include "proto/http1_target.h"

#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>

/* a name in the DNS, and so anything a host may be (RFC 1035 2.3.4) */
#define TARGET_HOST_MAX 253


static bool
target_name_ok(gt_str_t s)
{
    size_t        i;
    unsigned char c;

    for (i = 0; i < s.n; i++) {
        c = gt_lower((unsigned char) s.p[i]);

        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-'
            && c != '.' && c != '_')
        {
            return false;
        }
    }

    return s.n > 0 && s.n <= TARGET_HOST_MAX;
}


static bool
target_ipv6_ok(gt_str_t s)
{
    char            text[INET6_ADDRSTRLEN];
    struct in6_addr addr;

    if (s.n >= sizeof(text) || gt_str_chr(s, '\0') >= 0) {
        return false;
    }

    gt_str_copy(text, sizeof(text), s);

    return inet_pton(AF_INET6, text, &addr) == 1;
}


/* port: digits, 1..65535 */
static int
target_port(gt_str_t s, gt_http1_target_t *t)
{
    uint64_t port;

    if (s.n > 5 || !gt_str_u64(s, 65535, &port) || port == 0) {
        return GT_ERROR;
    }

    t->port = (uint16_t) port;
    t->has_port = true;

    return GT_OK;
}


int
gt_http1_hostport_parse(gt_str_t s, bool strict, gt_http1_target_t *t)
{
    size_t   end;
    ssize_t  at;
    gt_str_t rest;

    t->port = 0;
    t->has_port = false;
    t->ipv6 = s.n > 0 && s.p[0] == '[';

    if (t->ipv6) {
        at = gt_str_chr(s, ']');
        if (at < 0) {
            return GT_ERROR;
        }

        t->host = gt_str_sub(s, 1, (size_t) at);
        end = (size_t) at + 1;

    } else {
        at = gt_str_chr(s, ':');
        end = at < 0 ? s.n : (size_t) at;
        t->host = gt_str_sub(s, 0, end);
    }

    if (!(t->ipv6 ? target_ipv6_ok(t->host) : target_name_ok(t->host))) {
        return GT_ERROR;
    }

    rest = gt_str_sub(s, end, s.n);

    if (rest.n == 0) {
        return GT_OK;
    }

    if (rest.p[0] != ':') {
        return GT_ERROR;
    }

    if (rest.n == 1) {
        return strict ? GT_ERROR : GT_OK;
    }

    return target_port(gt_str_sub(rest, 1, rest.n), t);
}


static int
target_connect(gt_str_t target, gt_http1_target_t *t)
{
    if (target.n == 0) {
        t->form = GT_HTTP1_EMPTY;
        return GT_OK;
    }

    t->form = GT_HTTP1_AUTHORITY;

    return gt_http1_hostport_parse(target, true, t);
}


/* scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ), RFC 3986 3.1 */
static bool
target_scheme_ok(gt_str_t s)
{
    size_t        i;
    unsigned char c;

    for (i = 0; i < s.n; i++) {
        c = gt_lower((unsigned char) s.p[i]);

        if (c >= 'a' && c <= 'z') {
            continue;
        }

        if (i == 0
            || !((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.')) {
            return false;
        }
    }

    return s.n > 0;
}


static int
target_absolute(gt_str_t method, gt_str_t target, gt_http1_target_t *t)
{
    size_t   i;
    ssize_t  at;
    gt_str_t rest;

    at = gt_str_find(target, GT_STR("://"));
    if (at < 0) {
        return GT_ERROR;
    }

    t->form = GT_HTTP1_ABSOLUTE;
    t->scheme = gt_str_sub(target, 0, (size_t) at);
    rest = gt_str_sub(target, (size_t) at + 3, target.n);

    for (i = 0; i < rest.n && rest.p[i] != '/' && rest.p[i] != '?'; i++) {
        /* the authority ends there */
    }

    t->path = gt_str_sub(rest, i, rest.n);

    if (t->path.n == 0) {
        t->root =
            gt_str_eq(method, GT_STR("OPTIONS")) ? GT_STR("*") : GT_STR("/");

    } else if (t->path.p[0] == '?') {
        t->root = GT_STR("/");
    }

    if (!target_scheme_ok(t->scheme)) {
        return GT_ERROR;
    }

    return gt_http1_hostport_parse(gt_str_sub(rest, 0, i), false, t);
}


static int
target_relative(gt_str_t method, gt_str_t target, gt_str_t host,
                gt_http1_target_t *t)
{
    if (target.p[0] == '/') {
        t->form = GT_HTTP1_ORIGIN;
        t->path = target;

    } else if (gt_str_eq(method, GT_STR("OPTIONS"))) {
        t->form = GT_HTTP1_ASTERISK;
        t->root = GT_STR("*");

    } else {
        return GT_ERROR;
    }

    return host.n > 0 ? gt_http1_hostport_parse(host, false, t) : GT_OK;
}


int
gt_http1_target_parse(gt_str_t method, gt_str_t target, gt_str_t host,
                      gt_http1_target_t *t)
{
    int rc;

    memset(t, 0, sizeof(*t));

    if (gt_str_chr(target, '#') >= 0) {
        return GT_ERROR;
    }

    if (gt_str_eq(method, GT_STR("CONNECT"))) {
        rc = target_connect(target, t);

    } else if (target.n == 0) {
        rc = GT_ERROR;

    } else if (target.p[0] == '/' || gt_str_eq(target, GT_STR("*"))) {
        rc = target_relative(method, target, host, t);

    } else {
        rc = target_absolute(method, target, t);
    }

    if (rc == GT_OK && !t->has_port) {
        t->port = gt_str_ieq(t->scheme, GT_STR("https"))
                          || gt_str_ieq(t->scheme, GT_STR("wss"))
                      ? 443
                      : 80;
    }

    return rc;
}
