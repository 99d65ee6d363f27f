/*
 * Network addresses: text and back, splitting and joining host and port.
 */

#include "net/addr.h"

#include <arpa/inet.h>

#include "tap.h"


static int
lit(gt_addr_t *a, const char *host, uint16_t port)
{
    return gt_addr_literal(a, host, strlen(host), port);
}


static void
test_literal(void)
{
    size_t    i;
    char      buf[GT_ADDR_TEXT];
    gt_addr_t a;

    static const struct {
        const char *host, *text;
    } good[] = {
        { "127.0.0.1", "127.0.0.1:80" },
        { "255.255.255.255", "255.255.255.255:80" },
        { "::1", "[::1]:80" },
        { "::", "[::]:80" },
        { "2001:DB8::A", "[2001:db8::a]:80" },
        { "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
          "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:80" },
        { "::ffff:10.0.0.1", "10.0.0.1:80" },
        { "fe80::1%lo", "[fe80::1%lo]:80" },
        { "fe80::1%1", "[fe80::1%lo]:80" },
        { "fe80::1%4000000000", "[fe80::1%4000000000]:80" },
    };

    static const char *const bad[] = { "",
                                       "localhost",
                                       "127.1",
                                       "127.0.0.01",
                                       "127.0.0.256",
                                       "127.0.0.1 ",
                                       "[::1]",
                                       ":::",
                                       "1::2::3",
                                       "::1%nowhere0",
                                       "::1%",
                                       "1.2.3.4.5",
                                       "0x7f.0.0.1",
                                       "fe80::1%99999999999" };

    for (i = 0; i < gt_nelts(good); i++) {
        is_int(lit(&a, good[i].host, 80), GT_OK, good[i].host);
        is_str(gt_addr_text(&a, buf, sizeof(buf)), good[i].text, "as text");
    }

    for (i = 0; i < gt_nelts(bad); i++) {
        is_int(lit(&a, bad[i], 80), GT_ERROR, bad[i]);
    }

    is_int(gt_addr_literal(&a, "127.0.0.1\0x", 11, 80), GT_ERROR, "a NUL");
    is_int(gt_addr_literal(&a, "127.0.0.12", 9, 80), GT_OK, "counted");
    is_str(gt_addr_text(&a, buf, sizeof(buf)), "127.0.0.1:80", "as text");
}


static void
test_set(void)
{
    char               buf[GT_ADDR_TEXT];
    gt_addr_t          a, b;
    struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "/x" };

    (void) lit(&a, "192.0.2.1", 4711);
    gt_addr_set(&b, &a.sa, a.len);
    ok(gt_addr_eq(&a, &b), "IPv4 copied");
    is_int(gt_addr_port(&b), 4711, "with its port");

    gt_addr_set(&b, &a.sa, a.len - 1);
    is_int(b.len, 0, "a short sockaddr is none");

    gt_addr_set(&b, (struct sockaddr *) &un, sizeof(un));
    is_int(b.len, 0, "a unix path is none");
    is_str(gt_addr_text(&b, buf, sizeof(buf)), "@", "as text");
    is_int(gt_addr_port(&b), 0, "without a port");
    gt_addr_set_port(&b, 1);
    is_int(b.len, 0, "that cannot be set");

    b = (gt_addr_t){ .len = sizeof(b.in6) };
    b.in6.sin6_family = AF_INET6;
    b.in6.sin6_port = htons(4711);
    (void) inet_pton(AF_INET6, "::ffff:192.0.2.1", &b.in6.sin6_addr);
    gt_addr_set(&b, &b.sa, b.len);
    ok(gt_addr_eq(&a, &b), "v4-mapped becomes IPv4, in place");
}


static void
test_compare(void)
{
    gt_addr_t a, b, none = { 0 };

    (void) lit(&a, "::1", 80);
    (void) lit(&b, "::1", 81);
    ok(!gt_addr_eq(&a, &b), "ports differ");
    gt_addr_set_port(&b, 80);
    ok(gt_addr_eq(&a, &b), "until set");
    (void) lit(&b, "::2", 80);
    ok(!gt_addr_eq(&a, &b), "addresses differ");
    (void) lit(&b, "::1%1", 80);
    ok(!gt_addr_eq(&a, &b), "zones differ");
    ok(!gt_addr_eq(&a, &none) && gt_addr_eq(&none, &none), "none is itself");

    (void) lit(&a, "127.0.0.1", 80);
    (void) lit(&b, "127.0.0.2", 80);
    ok(!gt_addr_eq(&a, &b), "IPv4 addresses differ");
    gt_addr_set_port(&a, 81);
    is_int(gt_addr_port(&a), 81, "IPv4 port set");

    ok(gt_addr_is_loopback(&b), "127/8 is loopback");
    (void) lit(&b, "::1", 0);
    ok(gt_addr_is_loopback(&b), "so is ::1");
    (void) lit(&b, "::2", 0);
    ok(!gt_addr_is_loopback(&b), "::2 is not");
    (void) lit(&b, "128.0.0.1", 0);
    ok(!gt_addr_is_loopback(&b), "nor 128/8");
    ok(!gt_addr_is_loopback(&none), "nor none");
}


static void
test_split(void)
{
    int         rc;
    size_t      i, n;
    uint16_t    port;
    const char *host, *why;

    static const struct {
        const char *text, *host;
        int         port;
    } good[] = {
        { "example.com:443", "example.com", 443 },
        { ":8080", "", 8080 },
        { "[::1]:0", "::1", 0 },
        { "[]:1", "", 1 },
        { "1.2.3.4:65535", "1.2.3.4", 65535 },
        { "h:00080", "h", 80 },
    };

    static const struct {
        const char *text, *why;
    } bad[] = {
        { "", "missing port in address" },
        { "host", "missing port in address" },
        { "[::1]", "missing port in address" },
        { "[::1]80", "missing port in address" },
        { "[::1:80", "missing ']' in address" },
        { "::1:80", "too many colons in address" },
        { "a[b]:80", "unexpected bracket in address" },
        { "[[::1]:80", "unexpected bracket in address" },
        { "host:", "invalid port" },
        { "host:65536", "invalid port" },
        { "host:-1", "invalid port" },
        { "host:http", "invalid port" },
        { "[::1]:80:90", "invalid port" },
    };

    for (i = 0; i < gt_nelts(good); i++) {
        rc = gt_addr_split(good[i].text, strlen(good[i].text), &host, &n, &port,
                           &why);
        is_int(rc, GT_OK, good[i].text);
        ok(rc == GT_OK && n == strlen(good[i].host)
               && memcmp(host, good[i].host, n) == 0,
           "its host");
        is_int(port, good[i].port, "its port");
    }

    for (i = 0; i < gt_nelts(bad); i++) {
        why = NULL;
        is_int(gt_addr_split(bad[i].text, strlen(bad[i].text), &host, &n, &port,
                             &why),
               GT_ERROR, bad[i].text);
        is_str(why, bad[i].why, "why");
    }
}


static void
test_join(void)
{
    char        buf[GT_HOSTPORT_TEXT], small[8], longest[GT_HOST_MAX + 8];
    size_t      n;
    uint16_t    port;
    const char *host, *why;

    memset(longest, 'x', sizeof(longest));
    memcpy(longest + GT_HOST_MAX, ":65535", 6);
    is_int(gt_addr_split(longest, GT_HOST_MAX + 6, &host, &n, &port, &why),
           GT_OK, "the longest host");
    is_int(strlen(gt_addr_join(host, n, port, buf, sizeof(buf))),
           GT_HOST_MAX + 6, "joined again");
    memcpy(longest + GT_HOST_MAX, "x:65535", 7);
    is_int(gt_addr_split(longest, GT_HOST_MAX + 7, &host, &n, &port, &why),
           GT_ERROR, "one more");

    is_str(gt_addr_join("::1", 3, 80, buf, sizeof(buf)), "[::1]:80", "join v6");
    is_str(gt_addr_join("abc", 2, 80, buf, sizeof(buf)), "ab:80", "join");
    is_str(gt_addr_join(NULL, 0, 80, buf, sizeof(buf)), ":80", "no host");
    is_str(gt_addr_join("abcdef", 6, 80, small, sizeof(small)),
           "abcdef:", "cut at size");
}


int
main(void)
{
    test_literal();
    test_set();
    test_compare();
    test_split();
    test_join();

    return tap_done();
}
