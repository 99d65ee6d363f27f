/*
 * Ways to a target: direct, through one hop and through two, retries,
 * deadlines, cancelling in every phase, what a configuration may get wrong.
 */

#include "line.c"

#include "route/impl.h"

static gt_services_t   *nodes; /* "a" and "b", one-line proxies */
static gt_model_t      *nodes_model, *way_model;
static gt_routes_t     *way_routes;
static gt_stat_block_t *nodes_stat;
static uint16_t         port_a, port_b, target_port;
static int              target;

/* how a way ended */
static unsigned     done_n;
static gt_stream_t *done_st;
static gt_err_t     done_err;

static uint64_t     in, out;
static gt_session_t ss;
static gt_op_t      op;


static void
done(gt_op_t *o, gt_stream_t *st, gt_err_t err)
{
    (void) o;

    done_n++;
    done_st = st;
    done_err = err;
}


static void
setup(void)
{
    int         n;
    gt_bound_t *b;

    nodes_model = line_model("{\"services\":["
                             "{\"name\":\"a\",\"addr\":\"127.0.0.1:0\","
                             "\"handler\":{\"type\":\"http\"}},"
                             "{\"name\":\"b\",\"addr\":\"127.0.0.1:0\","
                             "\"handler\":{\"type\":\"http\",\"auth\":"
                             "{\"username\":\"ann\",\"password\":\"ann\"}}}]}");
    nodes = line_services(nodes_model);
    nodes_stat = line_stat(nodes);

    if (line_bind(nodes, 1, NULL, 0) != GT_OK
        || gt_services_start(nodes, &loop, 0, nodes_stat, 0) != GT_OK)
    {
        abort();
    }

    b = gt_services_bound(nodes, &n);
    port_a = line_port(b[0].fd);
    port_b = line_port(b[1].fd);
    target = line_listen(&target_port);
}


/* a route with that chain; the session uses it */
static gt_route_t *
way(const char *hops, int retries)
{
    char            json[4096];
    gt_diag_t      *d = gt_diag_new();
    gt_route_t     *rt;
    gt_route_conf_t cf = { .chain = *hops ? "c" : NULL, .retries = retries };

    (void) gt_snprintf(json, sizeof(json),
                       *hops ? "{\"chains\":[{\"name\":\"c\",\"hops\":[%s]}]}"
                             : "{\"chains\":[]%s}",
                       hops);
    gt_model_free(way_model);
    way_model = line_model(json);
    way_routes = gt_routes_new(way_model, d);
    if (!way_routes) {
        line_diag(d);
        abort();
    }

    cf.context = way_model->contexts;
    rt = gt_route_new(way_routes, &cf, d);
    line_diag(d);
    gt_diag_free(d);

    ss = (gt_session_t){ .loop = &loop,
                         .service = "s",
                         .handler_name = "http",
                         .listener_name = "tcp",
                         .route = rt,
                         .in = &in,
                         .out = &out };
    op = (gt_op_t){ .done = done };
    done_n = 0;
    done_st = NULL;

    return rt;
}


static void
way_free(gt_route_t *rt)
{
    gt_route_leave(&ss);
    gt_route_free(rt);
    gt_routes_free(way_routes);
    way_routes = NULL;
}


static const char *
hop(uint16_t port, const char *user)
{
    static char text[2][512];
    static int  i;

    i = !i;
    (void) gt_snprintf(text[i], sizeof(text[i]),
                       "{\"name\":\"h\",\"nodes\":[{\"name\":\"n%u\",\"addr\":"
                       "\"127.0.0.1:%u\",\"connector\":{\"type\":\"http\","
                       "\"auth\":{\"username\":\"%s\"}},"
                       "\"dialer\":{\"type\":\"tcp\"}}]}",
                       port, port, user);

    return text[i];
}


static void
open_to(const char *host, uint16_t port)
{
    gt_target_t to = { gt_str_from(host), port };
    char       *copy = strdup(host);

    to.host.p = copy;
    gt_route_open(&ss, &to, &op);
    ok(done_n == 0 && gt_op_busy(&op), "nothing is done before the call ends");
    memset(copy, 'x', strlen(copy)); /* it is not needed any more */
    free(copy);
}


/* bytes go both ways between done_st and the target */
static void
talk(void)
{
    int        fd = -1;
    char       buf[LINE_MAX] = "";
    gt_chain_t c = { 0 };

    until(done_n == 1);
    is_int(done_err, GT_E_NONE, "a stream");
    if (!done_st) {
        return;
    }

    until((fd = accept(target, NULL, NULL)) >= 0);
    fcntl(fd, F_SETFL, O_NONBLOCK);

    line_say(done_st, "there");
    until(line_got(fd, buf, "there"));
    line_write(fd, "back");
    until(gt_stream_recv(done_st, &c, 100) == GT_AGAIN && c.len == 4);
    ok(gt_chain_peek(&c, buf, 4) == 4 && memcmp(buf, "back", 4) == 0, "back");

    gt_chain_free(&c);
    gt_stream_close(done_st, GT_E_NONE);
    done_st = NULL;
    close(fd);
    until(gt_services_sessions(nodes) == 0);
}


static void
test_good(void)
{
    char           hops[1024];
    gt_route_t    *rt;
    gt_stat_node_t rows[1] = { { 0 } };

    rt = way("", 0);
    open_to("127.0.0.1", target_port);
    talk();
    way_free(rt);

    rt = way(hop(port_a, ""), 0);
    is_int(gt_routes_start(way_routes, &loop, rows), GT_OK, "started");
    open_to("127.0.0.1", target_port);
    talk();
    is_int(rows[0][GT_STAT_NODE_TRIED], 1, "tried");
    is_int(rows[0][GT_STAT_NODE_DIALED], 1, "dialed");
    is_int(rows[0][GT_STAT_NODE_FAILED], 0, "in vain never");
    is_int(rows[0][GT_STAT_NODE_ACTIVE], 1, "it is used");
    gt_route_leave(&ss);
    is_int(rows[0][GT_STAT_NODE_ACTIVE], 0, "and left");
    gt_routes_stop(way_routes, &loop);
    way_free(rt);

    (void) gt_snprintf(hops, sizeof(hops), "%s,%s,%s", hop(port_a, ""),
                       hop(port_b, "ann"), hop(port_a, ""));
    line_served = 0;
    rt = way(hops, 0);
    open_to("127.0.0.1", target_port);
    talk();
    is_int(line_served, 3, "three hops were asked");
    way_free(rt);
}


static void
fails(const char *hops, int retries, uint16_t port, gt_err_t err,
      unsigned asked)
{
    gt_route_t *rt = way(hops, retries);

    line_served = 0;
    open_to("127.0.0.1", port);
    until(done_n == 1);
    ok(!done_st, "no stream");
    is_int(done_err, err, "but a reason");
    is_int(line_served, asked, "as many requests as attempts");
    ok(accept(target, NULL, NULL) < 0, "and nothing went direct");
    way_free(rt);
    until(gt_services_sessions(nodes) == 0);
}


static void
test_bad(void)
{
    int      fd;
    char     hops[1024];
    uint16_t closed;

    fd = line_listen(&closed);
    close(fd);

    fails("", 0, closed, GT_E_REFUSED, 0);
    fails("", 3, closed, GT_E_REFUSED, 0);
    fails(hop(closed, ""), 1, target_port, GT_E_REFUSED, 0);
    fails(hop(port_a, ""), 2, closed, GT_E_NODE, 3);
    fails(hop(port_b, ""), 0, target_port, GT_E_RESET, 1);

    (void) gt_snprintf(hops, sizeof(hops), "%s,%s", hop(port_a, ""),
                       hop(closed, ""));
    fails(hops, 1, target_port, GT_E_NODE, 2);
}


/* --- several nodes --- */

/* a hop of n nodes "n0" ... at those ports; 0: one that goes direct */
static const char *
group(const char *strategy, const uint16_t *ports, int n)
{
    int         i;
    size_t      at;
    static char text[2048];

    at = gt_snprintf(text, sizeof(text),
                     "{\"name\":\"g\",\"selector\":{\"strategy\":\"%s\"},"
                     "\"nodes\":[",
                     strategy);

    for (i = 0; i < n; i++) {
        at += gt_snprintf(text + at, sizeof(text) - at,
                          "%s{\"name\":\"n%d\",\"addr\":\"127.0.0.1:%u\","
                          "\"connector\":{\"type\":\"%s\"},"
                          "\"dialer\":{\"type\":\"tcp\"}}",
                          i ? "," : "", i, ports[i],
                          ports[i] ? "http" : "virtual");
    }

    (void) gt_snprintf(text + at, sizeof(text) - at, "]}");

    return text;
}


static uint32_t
fails_of(int hop, int node)
{
    return gt_mark_fails(way_routes->hops[hop]->nodes[node].mark);
}


static uint16_t
closed_port(void)
{
    uint16_t port;

    close(line_listen(&port));

    return port;
}


/* fifo: the dead ones are marked on the way, the next request knows */
static void
test_failover(void)
{
    gt_route_t    *rt;
    const uint16_t ports[] = { closed_port(), closed_port(), port_a };

    rt = way(group("fifo", ports, 3), 2);
    open_to("127.0.0.1", target_port);
    talk();
    is_int(fails_of(0, 0), 1, "the first is marked");
    is_int(fails_of(0, 1), 1, "the second");
    is_int(fails_of(0, 2), 0, "not the one that works");
    is_int(way_routes->stat[0][GT_STAT_NODE_FAILED], 1, "and counted");
    is_int(way_routes->stat[2][GT_STAT_NODE_ACTIVE], 1, "this one is used");

    done_n = 0;
    open_to("127.0.0.1", target_port);
    talk();
    is_int(way_routes->stat[0][GT_STAT_NODE_TRIED], 1, "not tried again");
    is_int(way_routes->stat[2][GT_STAT_NODE_TRIED], 2, "but that one");

    /* a refusal is the node's answer, and no blame */
    done_n = 0;
    open_to("127.0.0.1", ports[0]);
    until(done_n == 1);
    is_int(way_routes->stat[2][GT_STAT_NODE_FAILED], 0, "no blame for a no");
    is_int(fails_of(0, 2), 0, "and no mark");
    way_free(rt);
    until(gt_services_sessions(nodes) == 0);
}


/* who cannot be reached from a node is to blame, not that node */
static void
test_blame(void)
{
    char           hops[2048];
    gt_route_t    *rt;
    const uint16_t ports[] = { closed_port(), port_a };

    (void) gt_snprintf(hops, sizeof(hops), "%s,%s", hop(port_a, ""),
                       group("fifo", ports, 2));
    rt = way(hops, 1);
    open_to("127.0.0.1", target_port);
    talk();
    is_int(fails_of(0, 0), 0, "the first hop works");
    is_int(fails_of(1, 0), 1, "what it cannot reach does not");
    way_free(rt);
}


/* whatever has come to the target goes, and then the nodes' sessions do */
static void
hang_up(void)
{
    int i, fd;

    for (i = 0; i < 500 && (i < 5 || gt_services_sessions(nodes) > 0); i++) {
        gt_loop_round(&loop, 5);

        while ((fd = accept(target, NULL, NULL)) >= 0) {
            close(fd);
        }
    }

    is_int(gt_services_sessions(nodes), 0, "all have hung up");
}


static void
test_parallel(void)
{
    char           hops[2048];
    int            i, fd;
    uint16_t       mute;
    gt_route_t    *rt;
    const uint16_t closed = closed_port();
    uint16_t       ports[3] = { closed, 0, port_a };

    rt = way(group("parallel", (uint16_t[]){ closed, port_a, port_b }, 3), 0);
    for (i = 0; i < 3; i++) {
        done_n = 0;
        open_to("127.0.0.1", target_port);
        until(done_n == 1);
        if (done_st) {
            gt_stream_close(done_st, GT_E_NONE);
            done_st = NULL;
        }
    }

    is_int(fails_of(0, 0), 1, "once: then it is out of the race");
    way_free(rt);
    hang_up();

    /* through a hop before, and with all of them dead */
    ports[1] = closed_port();
    (void) gt_snprintf(hops, sizeof(hops), "%s,%s", hop(port_a, ""),
                       group("parallel", ports, 3));
    rt = way(hops, 0);
    open_to("127.0.0.1", target_port);
    talk();
    way_free(rt);

    ports[2] = closed;
    rt = way(group("parallel", ports, 3), 0);
    open_to("127.0.0.1", target_port);
    until(done_n == 1);
    is_int(done_err, GT_E_REFUSED, "all lose");
    ok(fails_of(0, 0) == 1 && fails_of(0, 1) == 1 && fails_of(0, 2) == 1,
       "and are marked");
    way_free(rt);

    /* cancelled in the middle */
    fd = line_listen(&mute);
    ports[0] = mute;
    ports[1] = port_a;
    ports[2] = port_b;
    for (i = 0; i < 8; i++) {
        (void) gt_snprintf(hops, sizeof(hops), "%s,%s", hop(port_a, ""),
                           group("parallel", ports, 3));
        rt = way(i % 2 ? hops : group("parallel", ports, 3), 0);
        open_to("127.0.0.1", target_port);
        while (done_n == 0 && gt_op_busy(&op) && rand() % 4) {
            gt_loop_round(&loop, 5);
        }

        if (done_st) {
            gt_stream_close(done_st, GT_E_CANCEL);
            done_st = NULL;
        }

        gt_op_cancel(&op);
        hang_up();
        way_free(rt);
    }

    close(fd);
}


/* a node that is none: from here, or from the hop before it */
static void
test_direct(void)
{
    char           hops[2048];
    gt_route_t    *rt;
    const uint16_t none[] = { 0 }, two[] = { 0, 0 };

    rt = way(group("fifo", none, 1), 0);
    open_to("127.0.0.1", target_port);
    talk();
    is_int(way_routes->stat[0][GT_STAT_NODE_TRIED], 0, "nothing is dialed");
    way_free(rt);

    (void) gt_snprintf(hops, sizeof(hops), "%s,%s", hop(port_a, ""),
                       group("fifo", two, 2));
    line_served = 0;
    rt = way(hops, 0);
    open_to("127.0.0.1", target_port);
    talk();
    is_int(line_served, 1, "through the hop before it");
    way_free(rt);

    rt = way("{\"name\":\"r\",\"nodes\":[{\"name\":\"n\",\"addr\":\":0\","
             "\"connector\":{\"type\":\"direct\",\"metadata\":"
             "{\"action\":\"reject\"}}}]}",
             5);
    open_to("127.0.0.1", target_port);
    until(done_n == 1);
    is_int(done_err, GT_E_DENIED, "or nowhere");
    ok(accept(target, NULL, NULL) < 0, "at all");
    way_free(rt);
}


/* a filter that no node fits */
static void
test_nobody(void)
{
    gt_route_t *rt;

    rt = way("{\"name\":\"r\",\"nodes\":[{\"name\":\"n\",\"addr\":"
             "\"127.0.0.1:1\",\"filter\":{\"host\":\"a.example\"}}]}",
             5);
    open_to("127.0.0.1", target_port);
    until(done_n == 1);
    is_int(done_err, GT_E_DENIED, "no node takes it");
    ok(accept(target, NULL, NULL) < 0, "and nothing went direct");
    way_free(rt);
}


/* an attempt ends after GT_ROUTE_MS, whatever its nodes do */
static void
test_deadline(void)
{
    uint16_t    port;
    int         fd = line_listen(&port); /* takes connections, says nothing */
    gt_route_t *rt = way(hop(port, ""), 0);

    open_to("127.0.0.1", target_port);
    gt_loop_round(&loop, 10);
    gt_loop_round(&loop, 10);
    is_int(done_n, 0, "it waits");

    line_later = GT_ROUTE_MS;
    until(done_n == 1);
    is_int(done_err, GT_E_TIMEOUT, "and then does not");
    is_int(fails_of(0, 0), 0, "it was reached: no mark");
    way_free(rt);
    close(fd);
}


/* after a cancel at any time nothing runs and nothing is left */
static void
test_cancel(void)
{
    int         i, rounds, fd;
    char        hops[1024];
    gt_route_t *rt;

    (void) gt_snprintf(hops, sizeof(hops), "%s,%s", hop(port_a, ""),
                       hop(port_b, "ann"));

    for (rounds = 0; rounds < 12; rounds++) {
        rt = way(rounds % 2 ? hops : "", 1);
        open_to("127.0.0.1", target_port);

        for (i = 0; i < rounds && done_n == 0; i++) {
            gt_loop_round(&loop, 10);
        }

        if (done_n) {
            gt_stream_close(done_st, GT_E_CANCEL);
            done_n = 0;
        }

        gt_op_cancel(&op);
        gt_op_cancel(&op);
        until(gt_services_sessions(nodes) == 0);
        is_int(done_n, 0, "cancelled, so nothing is said");
        way_free(rt);
    }

    while ((fd = accept(target, NULL, NULL)) >= 0) {
        close(fd);
    }
}


/* is that a configuration, with that chain for a service? */
static bool
conf(gt_context_model_t *cx, const char *chain, gt_diag_t *d)
{
    gt_model_t      m = { .contexts = cx, .n_contexts = 1 };
    gt_route_t     *rt = NULL;
    gt_routes_t    *rs = gt_routes_new(&m, d);
    gt_route_conf_t cf = { .context = cx, .chain = chain };

    if (rs) {
        rt = gt_route_new(rs, &cf, d);
    }

    gt_route_free(rt);
    gt_routes_free(rs);

    return rt != NULL;
}


static void
test_conf(void)
{
    gt_diag_t         *d = gt_diag_new();
    gt_node_model_t    node = { .name = "n",
                                .addr = "127.0.0.1:1",
                                .connector = { .type = "http" },
                                .dialer = { .type = "tcp" } };
    gt_hop_model_t     h = { .name = "h", .nodes = &node, .n_nodes = 1 };
    gt_chain_model_t   c = { .name = "c", .hops = &h, .n_hops = 1 };
    gt_context_model_t m = { .group = -1, .chains = &c, .n_chains = 1 };
    gt_cnode_t         key = { .kind = GT_NODE_SCALAR,
                               .key = "knwon",
                               .text = "1",
                               .place = { "x", 1, 1 } };
    gt_cnode_t         map = { .kind = GT_NODE_MAP, .first = &key };

    (void) conf(&m, "c", d);
    is_int(gt_diag_errors(d), 0, "a chain");

    ok(!conf(&m, "d", d), "an undefined one");
    is_int(gt_diag_errors(d), 1, "is an error");

    node.addr = "127.0.0.1";
    ok(!conf(&m, "c", d), "a node without a port");
    node.addr = "127.0.0.1:0";
    ok(!conf(&m, "c", d), "or with port 0");
    node.addr = "127.0.0.1:1";
    is_int(gt_diag_errors(d), 3, "are, too");

    node.dialer.type = "quux";
    ok(!conf(&m, "c", d), "a dialer that is not there");
    node.dialer.type = "tcp";

    h.n_nodes = 0;
    ok(!conf(&m, "c", d), "a hop without nodes");
    h.n_nodes = 1;
    c.n_hops = 0;
    ok(!conf(&m, "c", d), "a chain without hops");
    c.n_hops = 1;
    is_int(gt_diag_errors(d), 6, "all of them said");

    is_int(gt_diag_warnings(d), 0, "no warning so far");
    node.dialer.metadata = node.connector.metadata = &map;
    (void) conf(&m, "c", d);
    is_int(gt_diag_warnings(d), 1, "one for a key in both maps");

    gt_diag_free(d);
}


int
main(void)
{
    gt_log_open("none");
    line_loop();
    setup();

    test_good();
    test_bad();
    test_failover();
    test_blame();
    test_parallel();
    test_direct();
    test_nobody();
    test_cancel();
    test_conf();
    test_deadline();

    gt_services_kill(nodes);
    gt_services_free(nodes);
    gt_model_free(nodes_model);
    gt_model_free(way_model);
    gt_free(nodes_stat);
    close(target);
    gt_loop_round(&loop, 0);

    is_int(gt_stream_live(), 0, "no stream is left");
    is_int(gt_op_live(), 0, "no operation is left");
    gt_loop_free(&loop);

    return tap_done();
}
