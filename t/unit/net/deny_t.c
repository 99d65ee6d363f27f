/*
 * Addresses that are somebody's own, in every spelling, and that connecting
 * looks at the address itself.
 */

#include "net/deny.h"

#include "net/connect.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <unistd.h>

#include "tap.h"

static gt_loop_t loop;


static bool
denied(const char *text)
{
    gt_addr_t a;

    if (gt_addr_literal(&a, text, strlen(text), 80) != GT_OK) {
        abort();
    }

    return gt_deny_addr(&a);
}


static void
test_addr(void)
{
    size_t                   i;
    gt_addr_t                none = { 0 };
    static const char *const bad[] = {
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.0.1",
        "192.168.255.255",
        "192.0.0.192",
        "198.18.0.1",
        "198.19.255.255",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::2",
        "::ffff:127.0.0.1",
        "::ffff:10.1.1.1",
        "::127.0.0.1",
        "::ffff:0:169.254.169.254",
        "64:ff9b::127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::808:808",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "2001:0:808:808::5601:5601",
        "2001:0:7f00:1::f7f7:f7f7",
        "fc00::1",
        "fd00:ec2::254",
        "fdff::",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff02::1",
    };
    static const char *const good[] = {
        "1.1.1.1",          "9.255.255.255",   "11.0.0.0",
        "100.63.255.255",   "100.128.0.0",     "126.255.255.255",
        "128.0.0.1",        "169.253.255.255", "169.255.0.0",
        "172.15.255.255",   "172.32.0.0",      "192.167.255.255",
        "192.169.0.0",      "192.0.1.0",       "198.17.255.255",
        "198.20.0.0",       "223.255.255.255", "8.8.8.8",
        "2001:4860::8888",  "2606:4700::1111", "::ffff:8.8.8.8",
        "64:ff9b::808:808", "2002:808:808::1", "2001:0:808:808::f7f7:f7f7",
        "fe00::1",          "fbff::1",         "2a00::1",
    };

    for (i = 0; i < gt_nelts(bad); i++) {
        ok(denied(bad[i]), "denied: %s", bad[i]);
    }

    for (i = 0; i < gt_nelts(good); i++) {
        ok(!denied(good[i]), "fine: %s", good[i]);
    }

    ok(gt_deny_addr(&none), "no address at all");
}


static void
test_host(void)
{
    size_t                   i;
    char                     text[400];
    static const char *const bad[] = {
        "",           "localhost",        "localhost.",
        "LocalHost",  "a.localhost",      "A.B.LOCALHOST.",
        "127.0.0.1",  "127.0.0.1.",       "127.1",
        "2130706433", "0177.0.0.1",       "0x7f.0.0.1",
        "0x7f000001", "017700000001",     "127.0.1",
        "0",          "0xa9fea9fe",       "169.254.43518",
        "::1",        "::ffff:127.0.0.1", "10.1",
    };
    static const char *const good[] = {
        "example.com",
        "localhost.example.com",
        "mylocalhost",
        "8.8.8.8",
        "134744072",
        "8.8.8.8.",
        "2001:4860::8888",
        "127.0.0.1.example.com",
        "host",
    };

    for (i = 0; i < gt_nelts(bad); i++) {
        ok(gt_deny_host(bad[i], strlen(bad[i])), "denied: '%s'", bad[i]);
    }

    for (i = 0; i < gt_nelts(good); i++) {
        ok(!gt_deny_host(good[i], strlen(good[i])), "fine: %s", good[i]);
    }

    memset(text, 'a', sizeof(text));
    ok(!gt_deny_host(text, sizeof(text)), "a name that is none");
}


typedef struct {
    gt_op_t      op;
    bool         done;
    gt_err_t     err;
    gt_stream_t *st;
} try_t;


static void
try_done(gt_op_t *op, gt_stream_t *st, gt_err_t err)
{
    try_t *t = op->owner;

    t->done = true;
    t->st = st;
    t->err = err;
}


/* what becomes of connecting to host:port */

static gt_err_t
try(const char *host, uint16_t port, bool deny)
{
    int               i;
    try_t             t = { .op.done = try_done, .op.owner = &t };
    gt_connect_conf_t cf = { .deny_private = deny, .timeout_ms = 2000 };

    gt_connect(&loop, host, strlen(host), port, &cf, &t.op);

    for (i = 0; i < 500 && !t.done; i++) {
        gt_loop_round(&loop, 10);
    }

    if (t.st) {
        gt_stream_close(t.st, GT_E_NONE);
        gt_loop_round(&loop, 0);
    }

    return t.done ? t.err : GT_E_MAX;
}


static void
test_connect(void)
{
    int                      fd;
    size_t                   i;
    uint16_t                 port;
    socklen_t                len;
    struct sockaddr_in       in = { .sin_family = AF_INET };
    static const char *const all[] = { "127.0.0.1",  "localhost", "127.1",
                                       "2130706433", "",          "127.9.9.9" };

    in.sin_addr.s_addr = htonl(INADDR_ANY);
    len = sizeof(in);
    fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

    if (bind(fd, (struct sockaddr *) &in, len) < 0 || listen(fd, 64) < 0
        || getsockname(fd, (struct sockaddr *) &in, &len) < 0)
    {
        abort();
    }

    port = ntohs(in.sin_port);

    is_int(try("127.0.0.1", port, false), GT_E_NONE, "without the option");
    close(accept(fd, NULL, NULL));

    for (i = 0; i < gt_nelts(all); i++) {
        is_int(try(all[i], port, true), GT_E_DENIED, all[i]);
        ok(accept(fd, NULL, NULL) < 0, "and nobody came");
    }

    close(fd);
}


int
main(void)
{
    gt_loop_init(&loop);

    test_addr();
    test_host();
    test_connect();

    gt_loop_free(&loop);
    is_int(gt_stream_live() + gt_op_live(), 0, "nothing is left");

    return tap_done();
}
