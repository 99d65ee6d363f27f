/*
 * The resolver, against a DNS server on loopback that runs in the same loop:
 * what needs no lookup, the hosts file, answers, the cache and its clock,
 * joined lookups, cancelling at any moment, limits, memory that runs out.
 */

#include "net/resolve.h"

#include "core/buf.h"
#include "core/log.h"
#include "core/mem.h"
#include "net/dns.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rig.h"
#include "tap.h"

enum { ROUNDS = 2000, TYPE_A = 1, TYPE_AAAA = 28 };

static char dir[] = "/tmp/gatun-resolve-XXXXXX", hosts[64];


/* ---- the server: an answer for each name and type */

typedef struct {
    const char *name;
    int         rcode; /* -1: silence; -2: UDP says to ask by TCP; -3: silence
                          about IPv6, -4: about IPv4 */
    uint32_t    ttl;
    int         v4, v6; /* how many of each: 192.0.2.1.., 2001:db8::1.. */
    const char *cname;  /* the answers are that name's, for 7 s */
    unsigned    asked;  /* both types */
} zone_t;

static zone_t zone[] = {
    { "v4.test", 0, 60, 1, 0, NULL, 0 },
    { "v6.test", 0, 60, 0, 1, NULL, 0 },
    { "both.test", 0, 60, 3, 2, NULL, 0 },
    { "many.test", -2, 60, 60, 1, NULL, 0 },
    { "nx.test", 3, 0, 0, 0, NULL, 0 },
    { "empty.test", 0, 60, 0, 0, NULL, 0 },
    { "fail.test", 2, 0, 0, 0, NULL, 0 },
    { "silent.test", -1, 0, 0, 0, NULL, 0 },
    { "no6.test", -3, 60, 2, 0, NULL, 0 },
    { "no4.test", -4, 60, 0, 1, NULL, 0 },
    { "nothing.test", -3, 60, 0, 0, NULL, 0 },
    { "zero.test", 0, 0, 1, 0, NULL, 0 },
    { "long.test", 0, 86400, 1, 0, NULL, 0 },
    { "alias.test", 0, 60, 1, 0, "v4.test", 0 },
    { "hosts.test", 0, 60, 1, 0, NULL, 0 },
};

static gt_event_t server, listener, conn; /* conn: one by TCP at a time */
static char       servers[64];
static unsigned   asked_others;


static zone_t *
zone_find(const char *name)
{
    size_t i;

    for (i = 0; i < gt_nelts(zone); i++) {
        if (strcasecmp(zone[i].name, name) == 0) {
            return &zone[i];
        }
    }

    return NULL;
}


static unsigned
asked(const char *name)
{
    return zone_find(name)->asked;
}


static uint8_t *
put16(uint8_t *p, unsigned v)
{
    *p++ = (uint8_t) (v >> 8);
    *p++ = (uint8_t) v;
    return p;
}


static uint8_t *
put_name(uint8_t *p, const char *name)
{
    size_t n;

    for (;;) {
        n = strcspn(name, ".");
        *p++ = (uint8_t) n;
        memcpy(p, name, n);
        p += n;
        if (name[n] == '\0') {
            *p++ = 0;
            return p;
        }
        name += n + 1;
    }
}


static uint8_t *
put_record(uint8_t *p, const char *name, unsigned type, uint32_t ttl)
{
    p = put_name(p, name);
    p = put16(p, type);
    p = put16(p, 1);
    p = put16(p, ttl >> 16);
    return put16(p, ttl & 0xffff);
}


static uint8_t *
put_answers(uint8_t *p, const zone_t *z, unsigned type, unsigned *n)
{
    int         i;
    uint8_t    *len;
    const char *name = z->cname ? z->cname : z->name;

    *n = 0;

    if (z->cname) {
        p = put_record(p, z->name, 5, 7);
        len = p;
        p = put_name(p + 2, z->cname);
        (void) put16(len, (unsigned) (p - len - 2));
        ++*n;
    }

    for (i = 0; i < (type == TYPE_A ? z->v4 : z->v6); i++, ++*n) {
        p = put_record(p, name, type, z->ttl);
        if (type == TYPE_A) {
            p = put16(p, 4);
            memcpy(p, (uint8_t[]){ 192, 0, 2, (uint8_t) (i + 1) }, 4);
            p += 4;
        } else {
            p = put16(p, 16);
            memcpy(p, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0", 15);
            p[15] = (uint8_t) (i + 1);
            p += 16;
        }
    }

    return p;
}


static size_t
server_answer(const uint8_t *q, size_t qn, uint8_t *to, bool tcp)
{
    size_t   i = 12, k = 0;
    char     name[256];
    zone_t  *z;
    uint8_t *p;
    unsigned type, n;

    while (i < qn && q[i]) {
        memcpy(name + k, q + i + 1, q[i]);
        k += q[i];
        name[k++] = '.';
        i += q[i] + 1u;
    }

    name[k ? k - 1 : 0] = '\0';
    type = (unsigned) (q[i + 1] << 8 | q[i + 2]);
    i += 5;

    z = zone_find(name);
    if (!z) {
        asked_others++;
        z = zone_find("nx.test");
    }

    z->asked++;
    if (z->rcode == -1 || z->rcode == (type == TYPE_AAAA ? -3 : -4)) {
        return 0;
    }

    memcpy(to, q, i);
    p = to + i;
    n = 0;
    if (z->rcode == -2 && !tcp) {
        (void) put16(to + 2, 0x8380u);
    } else {
        p = put_answers(p, z, type, &n);
        (void) put16(to + 2, 0x8180u | (unsigned) gt_max(z->rcode, 0));
    }
    (void) put16(to + 4, 1);
    (void) put16(to + 6, n);
    (void) put16(to + 8, 0);
    (void) put16(to + 10, 0);

    return (size_t) (p - to);
}


static void
server_event(gt_event_t *ev, uint32_t events)
{
    size_t             n;
    ssize_t            got;
    uint8_t            in[512], out[2048];
    socklen_t          len;
    struct sockaddr_in from;

    (void) events;

    for (;;) {
        len = sizeof(from);
        got = recvfrom(ev->fd, in, sizeof(in), MSG_DONTWAIT,
                       (struct sockaddr *) &from, &len);
        if (got < 17) {
            return;
        }

        n = server_answer(in, (size_t) got, out, false);
        if (n > 0) {
            (void) sendto(ev->fd, out, n, 0, (struct sockaddr *) &from, len);
        }
    }
}


/* a question or two come in one piece on loopback */

static void
conn_event(gt_event_t *ev, uint32_t events)
{
    size_t  n, at = 0;
    ssize_t got;
    uint8_t in[1024], out[4096];

    (void) events;

    got = recv(ev->fd, in, sizeof(in), MSG_DONTWAIT);

    while (got > 0 && at + 2 < (size_t) got) {
        n = (size_t) (in[at] << 8 | in[at + 1]);
        at += 2 + n;
        n = server_answer(in + at - n, n, out + 2, true);
        (void) put16(out, (unsigned) n);
        (void) send(ev->fd, out, n + 2, MSG_NOSIGNAL);
    }

    if (got <= 0) {
        gt_event_del(&loop, ev);
        (void) close(ev->fd);
        ev->fd = -1;
    }
}


static void
listener_event(gt_event_t *ev, uint32_t events)
{
    (void) events;

    if (conn.fd >= 0) {
        gt_event_del(&loop, &conn);
        (void) close(conn.fd);
    }

    conn.fd = accept(ev->fd, NULL, NULL);
    conn.handler = conn_event;
    if (conn.fd < 0 || gt_event_add(&loop, &conn, EPOLLIN) != GT_OK) {
        abort();
    }
}


/* one port for both: UDP's choice may be taken for TCP */

static bool
server_bind(uint16_t *port)
{
    int                one = 1;
    socklen_t          len = sizeof(struct sockaddr_in);
    struct sockaddr_in in = { .sin_family = AF_INET };

    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    listener.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void) setsockopt(listener.fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));

    if (bind(server.fd, (struct sockaddr *) &in, len) == 0
        && getsockname(server.fd, (struct sockaddr *) &in, &len) == 0
        && bind(listener.fd, (struct sockaddr *) &in, len) == 0
        && listen(listener.fd, 4) == 0)
    {
        *port = ntohs(in.sin_port);
        return true;
    }

    (void) close(server.fd);
    (void) close(listener.fd);

    return false;
}


static void
server_start(void)
{
    int      i;
    uint16_t port = 0;

    for (i = 0; i < 100 && !server_bind(&port); i++) {
        /* another port */
    }

    server.handler = server_event;
    listener.handler = listener_event;
    conn.fd = -1;

    if (port == 0 || gt_event_add(&loop, &server, EPOLLIN) != GT_OK
        || gt_event_add(&loop, &listener, EPOLLIN) != GT_OK)
    {
        abort();
    }

    (void) snprintf(servers, sizeof(servers), "127.0.0.1:%u", port);
}


/* ---- asking */

typedef struct {
    gt_resolve_t r;
    unsigned     done;
    gt_err_t     err;
} ask_t;


static void
ask_done(gt_op_t *op, gt_stream_t *st, gt_err_t err)
{
    ask_t *a = op->owner;

    a->done++;
    a->err = err;
    GT_ASSERT(st == NULL);
}


static void
ask(ask_t *a, const char *host)
{
    memset(a, 0, sizeof(*a));
    a->r.op.done = ask_done;
    a->r.op.owner = a;
    gt_resolve(&loop, host, strlen(host), 53, &a->r);
}


static bool
settle(const ask_t *a)
{
    int i;

    for (i = 0; i < ROUNDS && !a->done; i++) {
        gt_loop_round(&loop, 10);
    }

    return a->done == 1;
}


/* "192.0.2.1:53 192.0.2.2:53" or the error's name */

static const char *
text(const ask_t *a)
{
    char        one[GT_ADDR_TEXT];
    unsigned    i;
    static char buf[2048];

    if (a->done != 1) {
        return a->done ? "done twice" : "pending";
    }

    if (a->err != GT_E_NONE) {
        return gt_err_name(a->err);
    }

    buf[0] = '\0';
    for (i = 0; i < a->r.n; i++) {
        (void) snprintf(buf + strlen(buf), sizeof(buf) - strlen(buf), "%s%s",
                        i ? " " : "",
                        gt_addr_text(&a->r.addrs[i], one, sizeof(one)));
    }

    return buf;
}


static const char *
lookup(const char *host)
{
    ask_t a;

    ask(&a, host);
    GT_ASSERT(!a.done);
    (void) settle(&a);

    return text(&a);
}


/* ---- tests */

static void
test_known(void)
{
    size_t i;
    char   longest[300];

    static const struct {
        const char *host, *text;
    } known[] = {
        { "127.0.0.1", "127.0.0.1:53" },
        { "::1", "[::1]:53" },
        { "::ffff:10.1.2.3", "10.1.2.3:53" },
        { "", "[::1]:53 127.0.0.1:53" },
        { "localhost", "[::1]:53 127.0.0.1:53" },
        { "LocalHost.", "[::1]:53 127.0.0.1:53" },
        { "a.b.localhost", "[::1]:53 127.0.0.1:53" },
        { "127.1", "dns" },
        { "1.2.3.4.5", "dns" },
        { "1.2.3.4.", "dns" },
        { "2130706433", "dns" },
        { "a..b", "dns" },
        { ".", "dns" },
        { ".a", "dns" },
        { "a b", "dns" },
        { "a\\.b", "dns" },
        { "a/b", "dns" },
        { "[::1]", "dns" },
        { "::1::", "dns" },
        { "\xc3\xa9.test", "dns" },
    };

    for (i = 0; i < gt_nelts(known); i++) {
        is_str(lookup(known[i].host), known[i].text, known[i].host);
    }

    memset(longest, 'a', sizeof(longest));
    longest[299] = '\0';
    is_str(lookup(longest), "dns", "a name too long");
    longest[64] = '\0';
    is_str(lookup(longest), "dns", "a label too long");
    is_int(gt_op_live(), 0, "no operation is left");
}


static void
write_hosts(const char *p)
{
    FILE *f = fopen(hosts, "w");

    if (!f || fputs(p, f) < 0 || fclose(f) != 0) {
        abort();
    }
}


static void
test_hosts(void)
{
    unsigned n = asked("hosts.test");

    write_hosts("10.0.0.1 hosts.test\n10.0.0.2 hosts.test\n"
                "::2 hosts.test\n");
    is_int(gt_resolve_hosts(hosts), GT_OK, "another hosts file");
    is_str(lookup("Hosts.Test"), "[::2]:53 10.0.0.1:53 10.0.0.2:53",
           "is asked first");
    is_int(asked("hosts.test"), n, "and DNS is not");

    write_hosts("10.0.0.22 hosts.test\n");
    forward(1100);
    is_str(lookup("hosts.test"), "10.0.0.22:53", "a change is seen");

    (void) unlink(hosts);
    forward(1100);
    is_str(lookup("hosts.test"), "192.0.2.1:53", "then DNS is asked");
}


static void
test_answers(void)
{
    is_str(lookup("v4.test"), "192.0.2.1:53", "IPv4 only");
    is_str(lookup("v6.test"), "[2001:db8::1]:53", "IPv6 only");
    is_str(lookup("both.test"),
           "[2001:db8::1]:53 192.0.2.1:53 [2001:db8::2]:53 192.0.2.2:53 "
           "192.0.2.3:53",
           "interleaved");
    is_str(lookup("nx.test"), "dns", "no such name");
    is_str(lookup("empty.test"), "dns", "no addresses");
    is_str(lookup("fail.test"), "dns", "the server fails");
    is_str(lookup("v4.test."), "192.0.2.1:53", "a dot at the end");
    is_int(strlen(lookup("many.test")), 16 + 9 * 13 + 6 * 14,
           "by TCP, no more than sixteen");
}


/* RFC 8305 3: a server that is silent about one family does not hold up */
static void
test_half(void)
{
    ask_t    a;
    uint64_t began = loop.now;
    unsigned n;

    is_str(lookup("no6.test"), "192.0.2.1:53 192.0.2.2:53", "no word of IPv6");
    is_str(lookup("no4.test"), "[2001:db8::1]:53", "no word of IPv4");
    ok(loop.now - began < GT_DNS_TRY_MS, "neither is waited for");

    n = asked("no6.test");
    (void) lookup("no6.test");
    is_int(asked("no6.test"), n, "held in the cache");
    forward(GT_DNS_TTL_NONE + 1000);
    is_str(lookup("no6.test"), "192.0.2.1:53 192.0.2.2:53", "not for long");
    ok(asked("no6.test") > n, "asked again");

    ask(&a, "nothing.test");
    forward(1000);
    is_int(a.done, 0, "no address is no reason to hurry");
    gt_op_cancel(&a.r.op);
}


static void
test_cache(void)
{
    unsigned n;

    n = asked("v4.test");
    is_str(lookup("V4.TEST"), "192.0.2.1:53", "any case");
    is_int(asked("v4.test"), n, "from the cache");

    n = asked("zero.test");
    is_str(lookup("zero.test"), "192.0.2.1:53", "TTL 0");
    is_int(asked("zero.test"), n + 2, "asked");
    is_str(lookup("zero.test"), "192.0.2.1:53", "once more");
    is_int(asked("zero.test"), n + 2, "holds for a second");
    forward(1100);
    is_str(lookup("zero.test"), "192.0.2.1:53", "later");
    is_int(asked("zero.test"), n + 4, "asked again");

    is_str(lookup("long.test"), "192.0.2.1:53", "TTL of a day");
    n = asked("long.test");
    forward(299000);
    (void) lookup("long.test");
    is_int(asked("long.test"), n, "holds for five minutes");
    forward(2000);
    (void) lookup("long.test");
    is_int(asked("long.test"), n + 2, "and no longer");

    is_str(lookup("alias.test"), "192.0.2.1:53", "an alias");
    n = asked("alias.test");
    forward(6500);
    (void) lookup("alias.test");
    is_int(asked("alias.test"), n, "holds");
    forward(1000);
    (void) lookup("alias.test");
    is_int(asked("alias.test"), n + 2, "as long as the alias itself");

    forward(6000);
    n = asked("nx.test");
    is_str(lookup("nx.test"), "dns", "no such name");
    is_int(asked("nx.test"), n + 2, "asked");
    forward(4500);
    is_str(lookup("nx.test"), "dns", "still");
    is_int(asked("nx.test"), n + 2, "from the cache");
    forward(1000);
    (void) lookup("nx.test");
    is_int(asked("nx.test"), n + 4, "for five seconds");

    n = asked("fail.test");
    (void) lookup("fail.test");
    ok(asked("fail.test") > n, "a failure is not kept");
}


static void
test_cache_bound(void)
{
    int      i;
    char     name[32];
    unsigned n = asked("v4.test");

    (void) lookup("v4.test");
    n = asked("v4.test");

    for (i = 0; i < GT_RESOLVE_CACHE - 1; i++) {
        (void) snprintf(name, sizeof(name), "n%d.other", i);
        (void) lookup(name);
    }

    (void) lookup("v4.test");
    is_int(asked("v4.test"), n, "the cache holds its names");

    (void) lookup("another.other");
    asked_others = 0;
    (void) lookup("n0.other");
    ok(asked_others > 0, "the least used went");
    (void) lookup("v4.test");
    is_int(asked("v4.test"), n, "not the one used since");
}


static void
test_join(void)
{
    ask_t    a[3];
    unsigned n;

    forward(400000);
    n = asked("v4.test");
    ask(&a[0], "v4.test");
    ask(&a[1], "V4.test");
    ask(&a[2], "v4.TEST");
    gt_op_cancel(&a[0].r.op);
    gt_op_cancel(&a[0].r.op);
    ok(settle(&a[1]) && settle(&a[2]), "both that wait are done");
    is_str(text(&a[1]), "192.0.2.1:53", "with the answer");
    is_int(a[0].done, 0, "the cancelled one is not");
    is_int(asked("v4.test"), n + 2, "asked once");
    is_int(gt_op_live(), 0, "no operation is left");
}


/* the first of a batch that is done cancels the next, asks for its own name
   again and for another */

static ask_t chain_a[4];


static void
chain_done(gt_op_t *op, gt_stream_t *st, gt_err_t err)
{
    ask_done(op, st, err);
    gt_op_cancel(&chain_a[1].r.op);
    ask(&chain_a[2], "both.test");
    ask(&chain_a[3], "v6.test");
}


static void
test_cancel(void)
{
    int         i;
    ask_t       a;
    const char *why;

    forward(400000);
    ask(&chain_a[0], "both.test");
    ask(&chain_a[1], "both.test");
    chain_a[0].r.op.done = chain_done;
    ok(settle(&chain_a[0]) && settle(&chain_a[3]), "done in a done");
    is_int(chain_a[1].done, 0, "cancelled in the batch");
    is_int(chain_a[2].done, 1, "asked in the batch");
    is_str(text(&chain_a[3]), "[2001:db8::1]:53", "another name");

    forward(400000);
    ask(&a, "both.test");
    is_int(gt_resolve_servers(servers, &why), GT_OK, "other servers meanwhile");
    ok(settle(&a), "the old ones answer");
    is_int(a.r.n, 5, "all of it");

    ask(&a, "127.0.0.1");
    gt_op_cancel(&a.r.op);
    ask(&a, "v4.test");
    gt_op_cancel(&a.r.op);

    /* in every round of a lookup */
    for (i = 1; i < 6; i++) {
        int k;

        forward(400000);
        ask(&a, "v4.test");
        for (k = 0; k < i && !a.done; k++) {
            gt_loop_round(&loop, 5);
        }
        gt_op_cancel(&a.r.op);
        memset(&a.r, 0xee, sizeof(a.r));
    }

    is_str(lookup("v4.test"), "192.0.2.1:53", "cancelled in every round");
    is_int(gt_op_live(), 0, "no operation is left");
}


static void
test_timeout(void)
{
    ask_t a, b;

    ask(&a, "silent.test");
    gt_loop_round(&loop, 5);
    forward(GT_RESOLVE_MS - 500);
    ask(&b, "silent.test");
    gt_loop_round(&loop, 0);
    is_int(a.done, 0, "not yet");
    forward(600);
    ok(settle(&a), "done");
    is_str(text(&a), "timeout", "by the deadline");
    is_int(b.done, 0, "one that came later goes on");
    gt_op_cancel(&b.r.op);
}


/* a socket that nobody reads; c-ares 1.34 takes a refusal for an answer */
static unsigned
silent_port(int *fd)
{
    socklen_t          len = sizeof(struct sockaddr_in);
    struct sockaddr_in in = { .sin_family = AF_INET };

    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    *fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (bind(*fd, (struct sockaddr *) &in, len) != 0
        || getsockname(*fd, (struct sockaddr *) &in, &len) != 0)
    {
        abort();
    }

    return ntohs(in.sin_port);
}


static void
test_limit(void)
{
    int          i, fd;
    char         name[32];
    ask_t        last;
    const char  *why = NULL;
    static ask_t a[GT_RESOLVE_PENDING];

    is_int(gt_resolve_servers("127.0.0.1:x", &why), GT_ERROR, "no servers");
    ok(why && *why, "says why");
    (void) snprintf(name, sizeof(name), "127.0.0.1:%u", silent_port(&fd));
    is_int(gt_resolve_servers(name, &why), GT_OK, "one that never answers");

    /* the silent one of the test before is pending still */
    for (i = 0; i < GT_RESOLVE_PENDING; i++) {
        (void) snprintf(name, sizeof(name), "n%d.limit", i);
        ask(&a[i], name);
    }

    ask(&last, "one.too.many");
    gt_loop_round(&loop, 0);
    is_str(text(&last), "limit", "no more than so many");

    gt_resolve_stop();
    ok(settle(&a[0]), "stopped");
    is_str(text(&a[0]), "cancel", "what was pending is cancelled");
    close(fd);
    is_int(gt_op_live(), 0, "no operation is left");
    gt_loop_round(&loop, 0);
}


static void
start(void)
{
    const char *why;

    is_int(gt_resolve_start(&loop), GT_OK, "start");
    is_int(gt_resolve_servers(servers, &why), GT_OK, "our server");
    (void) unlink(hosts);
    is_int(gt_resolve_hosts(hosts), GT_OK, "our hosts");
}


/* ---- whichever allocation fails, and all after it */

static void
start_quietly(void)
{
    const char *why;

    if (gt_resolve_start(&loop) == GT_OK) {
        (void) gt_resolve_servers(servers, &why);
    }
}


static void
stop(void)
{
    gt_resolve_stop();
    gt_loop_round(&loop, 0);
}


static void
test_memory_lookup(const char *name)
{
    int           i;
    ask_t         a;
    unsigned      good = 0, bad = 0;
    unsigned long n, made = 1;

    for (n = 1; made + 1 >= n; n++) {
        start_quietly();
        (void) gt_mem_fail_at(n);
        ask(&a, name);

        for (i = 0; i < 20 && !a.done; i++) {
            gt_loop_round(&loop, 2);
        }

        if (!a.done) {
            forward(GT_RESOLVE_MS);
            (void) settle(&a);
        }

        made = gt_mem_fail_at(0);
        stop();

        if (a.done != 1) {
            ok(false, "%s: done %u times at %lu", name, a.done, n);
            break;
        }

        *(a.err ? &bad : &good) += 1;
    }

    ok(good > 0, "%s: in the end it works", name);
    ok(made == 0 || bad > 0, "%s: %u times it failed", name, bad);
    is_int(gt_op_live(), 0, "no operation is left");
}


static void
test_memory_start(void)
{
    unsigned long n, made = 1;

    for (n = 1; made + 1 >= n; n++) {
        (void) gt_mem_fail_at(n);
        start_quietly();
        made = gt_mem_fail_at(0);
        stop();
    }

    ok(true, "%lu starts", n);
}


int
main(void)
{
    unsigned fds;

    gt_log_set_level(GT_LOG_OFF);

    if (!mkdtemp(dir) || gt_loop_init(&loop) != GT_OK) {
        abort();
    }

    (void) snprintf(hosts, sizeof(hosts), "%s/hosts", dir);
    loop.clock = test_clock;
    server_start();
    fds = count_fds();

    test_known();
    start();
    test_known();
    test_hosts();
    test_answers();
    test_half();
    test_cache();
    test_cache_bound();
    test_join();
    test_cancel();
    test_timeout();
    test_limit();

    start();
    is_str(lookup("v4.test"), "192.0.2.1:53", "works after a stop");
    stop();
    test_memory_start();
    test_memory_lookup("both.test");
    test_memory_lookup("alias.test");
    test_memory_lookup("many.test");

    if (conn.fd >= 0) {
        (void) close(conn.fd);
    }

    is_int(count_fds(), fds, "no descriptor is left");
    (void) close(listener.fd);
    (void) close(server.fd);
    gt_loop_free(&loop);
    (void) rmdir(dir);

    return tap_done();
}
