/*
 * Services: sockets opened, inherited and refused; sessions from accept to
 * end, their counters and limits; stopping gently and at once.
 */

#include "line.c"

#include "os/sock.h"

#include <sys/resource.h>

static const char config[] = "{\"services\":["
                             "{\"name\":\"one\",\"addr\":\"127.0.0.1:0\","
                             "\"handler\":{\"type\":\"http\"}},"
                             "{\"name\":\"two\",\"addr\":\"127.0.0.1:%u\","
                             "\"handler\":{\"type\":\"http\"}}]}";

static gt_model_t      *model;
static gt_services_t   *sv;
static gt_stat_block_t *stat;
static uint16_t         port;
static int              idle_n;


static gt_model_t *
make_model(uint16_t second)
{
    char json[1024];

    (void) gt_snprintf(json, sizeof(json), config, second);

    return line_model(json);
}


static void
start_model(gt_model_t *m, int slots, uint64_t max_conns)
{
    int n;

    model = m;
    sv = line_services(model);

    if (!sv || line_bind(sv, slots, NULL, 0) != GT_OK) {
        abort();
    }

    port = line_port(gt_services_bound(sv, &n)[0].fd);
    stat = line_stat(sv);
    is_int(gt_services_start(sv, &loop, 0, stat, max_conns), GT_OK, "started");
}


static void
end(void)
{
    gt_services_kill(sv);
    is_int(gt_services_sessions(sv), 0, "no session is left");
    is_int(stat->worker[GT_STAT_CONNECTIONS], 0, "nor counted");
    is_int(stat->worker[GT_STAT_TUNNELS], 0, "nor a tunnel");
    gt_services_free(sv);
    gt_loop_round(&loop, 0);
    gt_model_free(model);
    gt_free(stat);
    is_int(gt_stream_live(), 0, "no stream");
    is_int(gt_op_live(), 0, "no operation");
}


static void
start(int slots, uint64_t max_conns)
{
    start_model(make_model(0), slots, max_conns);
}


/* a tunnel: *client and *far are its ends, for the test */
static void
tunnel(int *client, int *far)
{
    int      target;
    char     text[64], buf[LINE_MAX] = "";
    uint16_t to;

    target = line_listen(&to);
    *client = line_client(port);
    (void) gt_snprintf(text, sizeof(text), "127.0.0.1:%u\n", to);
    line_write(*client, text);
    until(line_got(*client, buf, "OK\n"));

    *far = accept(target, NULL, NULL);
    fcntl(*far, F_SETFL, O_NONBLOCK);
    close(target);
}


static void
test_bind(void)
{
    int            n, n2, i, fd;
    char           text[256];
    bool           same = true, listening = true;
    uint16_t       taken;
    gt_bound_t    *b, *b2;
    gt_model_t    *m, *m2;
    gt_services_t *s, *s2;

    fd = line_listen(&taken);
    m = make_model(taken);
    s = line_services(m);
    is_int(line_bind(s, 2, NULL, 0), GT_ERROR, "a port that is taken");
    ok(!gt_services_bound(s, &n) && n == 0, "nothing is kept");

    close(fd);
    is_int(line_bind(s, 3, NULL, 0), GT_OK, "now it is free");
    b = gt_services_bound(s, &n);
    is_int(n, 6, "a socket for each service and slot");
    is_str(b[0].key, "tcp/127.0.0.1:0", "its key");
    is_int(b[5].slot, 2, "its slot");

    for (i = 1; i < 3; i++) {
        same &= line_port(b[i].fd) == line_port(b[0].fd);
        same &= line_port(b[3 + i].fd) == taken;
    }

    ok(same, "all slots have one port");

    /* a second start, and one in the same configuration */
    m2 = make_model(taken);
    s2 = line_services(m2);
    is_int(line_bind(s2, 1, NULL, 0), GT_ERROR, "a second start fails");

    /* the next generation, smaller: it takes all of them */
    is_int(line_bind(s2, 1, b, n), GT_OK, "the next generation");
    b2 = gt_services_bound(s2, &n2);
    is_int(n2, 6, "keeps the sockets of more slots");

    for (i = 0; i < 6; i++) {
        same &= b[i].fd == -1 && b2[i].fd >= 0 && b2[i].slot == i % 3;
        listening &= gt_sock_is_listening(b2[i].fd);
    }

    ok(same, "they have changed hands");
    gt_services_free(s);
    gt_model_free(m);
    ok(listening && gt_sock_is_listening(b2[5].fd), "and stay open");

    /* another one that fails gives all of it back */
    fd = line_listen(&taken);
    m = make_model(taken);
    s = line_services(m);
    is_int(line_bind(s, 2, b2, n2), GT_ERROR, "one that cannot be");

    for (i = 0; i < 6; i++) {
        listening &= b2[i].fd >= 0 && gt_sock_is_listening(b2[i].fd);
    }

    ok(listening, "leaves the old one as it was");
    close(fd);

    /* a wider address on a port of ours is no second start */
    gt_services_free(s);
    gt_model_free(m);
    (void) gt_snprintf(text, sizeof(text),
                       "{\"services\":[{\"name\":\"x\",\"addr\":\":%u\","
                       "\"handler\":{\"type\":\"http\"}}]}",
                       line_port(b2[3].fd));
    m = line_model(text);
    s = line_services(m);
    (void) gt_snprintf(b2[3].key, sizeof(b2[3].key), "tcp/127.0.0.1:%u",
                       line_port(b2[3].fd));
    is_int(line_bind(s, 2, b2, n2), GT_OK, "the same port, another address");
    ok(b2[3].fd >= 0, "is not the same socket");

    gt_services_free(s);
    gt_model_free(m);
    gt_services_free(s2);
    gt_model_free(m2);
}


static void
bad(const char *json, unsigned errors, unsigned warnings, const char *what)
{
    gt_diag_t     *d = gt_diag_new();
    gt_model_t    *m = line_model(json);
    gt_services_t *s = m ? gt_services_new(m, d) : NULL;

    line_diag(d);
    is_int(s == NULL, errors > 0, what);
    is_int(gt_diag_errors(d), errors, "  errors");
    is_int(gt_diag_warnings(d), warnings, "  warnings");

    gt_services_free(s);
    gt_model_free(m);
    gt_diag_free(d);
}


#define SERVICE(addr, rest)                                                    \
    "{\"services\":[{\"name\":\"s\",\"addr\":\"" addr "\"," rest "}]}"

static void
test_conf(void)
{
    bad(SERVICE("127.0.0.1:1", "\"handler\":{\"type\":\"http\"}"), 0, 0,
        "a service");
    bad(SERVICE("127.0.0.1:1", "\"handler\":{\"type\":\"http\"}},"
                               "{\"name\":\"t\",\"addr\":\"127.0.0.1:1\","
                               "\"handler\":{\"type\":\"http\"}"),
        1, 0, "two of one address");
    bad(SERVICE("127.0.0.1:1", "\"handler\":{\"type\":\"http\"},"
                               "\"metadata\":{\"proxyProtocol\":1}"),
        0, 1, "what is not built yet");
    bad(SERVICE("127.0.0.1:1", "\"handler\":{\"type\":\"http\",\"metadata\":"
                               "{\"knwon\":1,\"backlog\":5}}"),
        0, 2, "an unknown key, and one of the listener's");
    bad(SERVICE("127.0.0.1:1",
                "\"handler\":{\"type\":\"http\",\"metadata\":"
                "{\"backlog\":5}},\"listener\":{\"type\":\"tcp\","
                "\"metadata\":{\"backlog\":5}}"),
        0, 0, "which is there, too, as -O writes it");
    bad(SERVICE("127.0.0.1:1", "\"handler\":{\"type\":\"http\",\"metadata\":"
                               "{\"auther\":\"users\"}}"),
        1, 0, "a guard in the wrong place");
    bad(SERVICE("127.0.0.1:1",
                "\"handler\":{\"type\":\"http\",\"auth\":{\"username\":\"u\","
                "\"password\":\"p\"},\"metadata\":{\"auth\":\"dTpw\"}}"),
        0, 0, "the copy of one that is in force");
    bad(SERVICE("127.0.0.1:1",
                "\"handler\":{\"type\":\"http\",\"metadata\":"
                "{\"x\":1}},\"listener\":{\"type\":\"tcp\","
                "\"metadata\":{\"x\":1}},\"metadata\":{\"x\":1}"),
        0, 1, "one warning for a key in all maps");
    bad(SERVICE("127.0.0.1:1",
                "\"handler\":{\"type\":\"http\",\"metadata\":"
                "{\"known\":\"perhaps\"}},\"listener\":{\"type\":"
                "\"tcp\",\"metadata\":{\"backlog\":\"x\"}}"),
        2, 0, "bad values, all of them");
}


static void
test_tunnel(void)
{
    int                 client, far;
    char                buf[LINE_MAX] = "", buf2[LINE_MAX] = "";
    const gt_session_t *ss;

    start(1, 0);
    tunnel(&client, &far);
    is_int(gt_services_sessions(sv), 1, "a session");
    is_int(stat->worker[GT_STAT_TUNNELS], 1, "a tunnel");
    is_int(stat->services[0][GT_STAT_CURRENT_CONNS], 1, "of its service");

    ss = gt_services_first(sv);
    ok(ss && ss->target && strncmp(ss->target, "127.0.0.1:", 10) == 0,
       "its target");
    ok(gt_addr_is_loopback(&ss->remote) && gt_addr_port(&ss->local) == port,
       "its ends");
    ok(!gt_services_next(sv, gt_services_first(sv)), "there is no other");

    line_write(client, "question");
    until(line_got(far, buf, "question"));
    line_write(far, "answer");
    until(line_got(client, buf2, "answer"));

    shutdown(client, SHUT_WR);
    until(line_eof(far));
    is_int(gt_services_sessions(sv), 1, "half-closed it goes on");
    line_write(far, "!");
    buf2[0] = '\0';
    until(line_got(client, buf2, "!"));
    close(far);
    until(gt_services_sessions(sv) == 0);
    ok(line_eof(client), "ended in order");
    close(client);

    is_int(stat->services[0][GT_STAT_TOTAL_CONNS], 1, "connections in all");
    is_int(stat->services[0][GT_STAT_CURRENT_CONNS], 0, "and now");
    is_int(stat->services[0][GT_STAT_TOTAL_ERRS], 0, "no errors");
    is_int(stat->services[0][GT_STAT_OUTPUT_BYTES], 3 + 6 + 1, "bytes to it");
    ok(stat->services[0][GT_STAT_INPUT_BYTES] > 8 + 10, "bytes from it");
    is_int(stat->services[1][GT_STAT_TOTAL_CONNS], 0, "the other had none");
    is_int(stat->worker[GT_STAT_ACCEPTED], 1, "accepted");
    end();
}


static void
test_errors(void)
{
    int      fd;
    char     text[64], buf[LINE_MAX] = "";
    uint16_t closed;

    start(1, 0);
    fd = line_listen(&closed);
    close(fd);

    fd = line_client(port);
    (void) gt_snprintf(text, sizeof(text), "127.0.0.1:%u\n", closed);
    line_write(fd, text);
    until(line_got(fd, buf, "NO\n"));
    until(gt_services_sessions(sv) == 0);
    is_int(stat->services[0][GT_STAT_TOTAL_ERRS], 1, "a failure counts once");
    close(fd);

    fd = line_client(port);
    close(fd);
    until(stat->worker[GT_STAT_ACCEPTED] == 2 && gt_services_sessions(sv) == 0);
    is_int(stat->services[0][GT_STAT_TOTAL_ERRS], 1, "one that left does not");
    end();
}


static void
test_limit(void)
{
    int a, b, c;

    start(1, 2);
    a = line_client(port);
    b = line_client(port);
    until(gt_services_sessions(sv) == 2);
    c = line_client(port);
    until(line_eof(c));
    is_int(stat->worker[GT_STAT_REFUSED], 1, "one too many is refused");
    is_int(gt_services_sessions(sv), 2, "the others stay");
    close(c);
    close(a);
    until(gt_services_sessions(sv) == 1);
    a = line_client(port);
    until(gt_services_sessions(sv) == 2);
    is_int(stat->worker[GT_STAT_REFUSED], 1, "there is room again");
    close(a);
    close(b);
    end();
}


static void
test_many(void)
{
    int i, fd[200];

    start(1, 0);

    for (i = 0; i < 200; i++) {
        fd[i] = line_client(port);
    }

    until(gt_services_sessions(sv) == 200);
    ok(gt_services_next(sv, gt_services_first(sv)), "they can be walked");
    end();

    for (i = 0; i < 200; i++) {
        close(fd[i]);
    }
}


/* one worker of a generation that was three: all queues are its own */
static void
test_slots(void)
{
    int            i, n, fd[60];
    gt_bound_t    *b;
    gt_model_t    *m = make_model(0);
    gt_services_t *old = line_services(m);

    ok(line_bind(old, 3, NULL, 0) == GT_OK, "three slots");
    b = gt_services_bound(old, &n);

    for (i = 0; i < 60; i++) {
        fd[i] = line_client(line_port(b[0].fd));
    }

    model = make_model(0);
    sv = line_services(model);
    stat = line_stat(sv);
    ok(line_bind(sv, 1, b, n) == GT_OK, "one is left");
    gt_services_free(old);
    gt_model_free(m);
    ok(gt_services_start(sv, &loop, 0, stat, 0) == GT_OK, "and serves");
    until(stat->worker[GT_STAT_ACCEPTED] == 60);
    end();

    for (i = 0; i < 60; i++) {
        close(fd[i]);
    }
}


static void
on_idle(void *data)
{
    ++*(int *) data;
}


static void
test_stop(void)
{
    int  client, far, fresh, waiting;
    char buf[LINE_MAX] = "";

    idle_n = 0;
    line_drained = line_aborted = 0;

    start(1, 0);
    gt_services_on_idle(sv, on_idle, &idle_n);
    tunnel(&client, &far);
    fresh = line_client(port);
    until(gt_services_sessions(sv) == 2);
    is_int(idle_n, 0, "not idle");

    waiting = line_client(port);
    gt_services_stop(sv);
    is_int(stat->worker[GT_STAT_ACCEPTED], 3, "what waited is accepted");
    is_int(line_drained, 2, "handlers are told");
    ok(line_client(port) < 0, "nobody listens any more");
    until(gt_services_sessions(sv) == 1);

    line_write(client, "still");
    until(line_got(far, buf, "still"));
    is_int(idle_n, 0, "the tunnel lives");
    gt_services_stop(sv);
    is_int(gt_services_sessions(sv), 1, "a second stop is harmless");

    close(client);
    close(far);
    until(idle_n == 1);
    is_int(gt_services_sessions(sv), 0, "then it is idle");
    is_int(line_aborted, 0, "nothing was cut");
    close(fresh);
    close(waiting);
    end();

    idle_n = 0;
    start(1, 0);
    gt_services_on_idle(sv, on_idle, &idle_n);
    gt_services_stop(sv);
    is_int(idle_n, 0, "without sessions: not in the call");
    until(idle_n == 1);
    end();
}


static void
test_kill(void)
{
    int client, far, fresh, stalled, dialing;

    line_aborted = 0;
    start(1, 0);
    tunnel(&client, &far);
    fresh = line_client(port);
    stalled = line_client(port);
    line_write(stalled, "stall:1\n");
    dialing = line_client(port);
    line_write(dialing, "192.0.2.1:9\n");
    until(gt_services_sessions(sv) == 4 || gt_services_sessions(sv) == 3);
    gt_loop_round(&loop, 10);
    gt_services_kill(sv);
    ok(line_aborted >= 2, "handlers are told");
    is_int(gt_services_sessions(sv), 0, "all gone in the call");
    until(line_reset(client));
    until(line_reset(far));
    close(client);
    close(far);
    close(fresh);
    close(stalled);
    close(dialing);
    end();
}


/* descriptors run out: accepting pauses, is said once, and goes on */
static void
test_pause(void)
{
    int           a, b;
    struct rlimit was, low;

    start(1, 0);
    a = line_client(port);
    until(gt_services_sessions(sv) == 1);
    b = line_client(port);

    (void) getrlimit(RLIMIT_NOFILE, &was);
    low = was;
    low.rlim_cur = 3;
    (void) setrlimit(RLIMIT_NOFILE, &low);
    until(stat->worker[GT_STAT_ACCEPT_PAUSED] == 1);
    gt_loop_round(&loop, 0);
    gt_loop_round(&loop, 0);
    is_int(stat->worker[GT_STAT_ACCEPT_PAUSED], 1, "it does not spin");

    line_later += 150;
    until(stat->worker[GT_STAT_ACCEPT_PAUSED] == 2);
    (void) setrlimit(RLIMIT_NOFILE, &was);
    line_later += 1100;
    until(gt_services_sessions(sv) == 2);
    close(a);
    close(b);
    end();
}


/* hostile I/O at the listener and at the dialer of a hop to itself */
static void
test_chaos(void)
{
#if (GT_DEBUG) || (GT_ASAN)
    int      i, client, far;
    char     json[1024], buf[LINE_MAX] = "", word[32];
    uint16_t next;

    i = line_listen(&next);
    close(i);

    (void) gt_snprintf(
        json, sizeof(json),
        "{\"services\":[{\"name\":\"one\",\"addr\":\"127.0.0.1:0\","
        "\"handler\":{\"type\":\"http\",\"chain\":\"c\"},"
        "\"listener\":{\"type\":\"tcp\",\"metadata\":{\"chaos\":"
        "\"seed=7,maxread=2,maxwrite=3,again=30\"}}},"
        "{\"name\":\"two\",\"addr\":\"127.0.0.1:%u\","
        "\"handler\":{\"type\":\"http\"}}],\"chains\":[{\"name\":\"c\","
        "\"hops\":[{\"name\":\"h\",\"nodes\":[{\"name\":\"n\",\"addr\":"
        "\"127.0.0.1:%u\",\"connector\":{\"type\":\"http\"},\"dialer\":"
        "{\"type\":\"tcp\",\"metadata\":{\"chaos\":"
        "\"seed=9,maxread=1,again=40\"}}}]}]}]}",
        next, next);

    start_model(line_model(json), 1, 0);
    tunnel(&client, &far);

    for (i = 0; i < 20; i++) {
        (void) gt_snprintf(word, sizeof(word), "word %d goes through", i);
        buf[0] = '\0';
        line_write(client, word);
        until(line_got(far, buf, word));
    }

    shutdown(client, SHUT_WR);
    until(line_eof(far));
    close(far);
    until(line_eof(client));
    close(client);
    until(gt_services_sessions(sv) == 0);
    end();
#endif
}


/* what accepted sockets inherit costs no system call */
static void
test_options(void)
{
    int       fd, c, on;
    socklen_t len = sizeof(on);

    start(1, 0);
    fd = line_client(port);
    until(gt_services_sessions(sv) == 1);

    /* the one socket whose peer is our client */
    for (c = 3; c < 64; c++) {
        struct sockaddr_in a = { 0 };
        socklen_t          n = sizeof(a);

        if (getpeername(c, (struct sockaddr *) &a, &n) == 0
            && ntohs(a.sin_port) == line_port(fd) && a.sin_family == AF_INET)
        {
            break;
        }
    }

    ok(c < 64, "the accepted socket");
    ok(getsockopt(c, SOL_SOCKET, SO_KEEPALIVE, &on, &len) == 0 && on,
       "keepalive is on");
    ok(getsockopt(c, IPPROTO_TCP, 1, &on, &len) == 0 && on, "no delay");
    close(fd);
    end();
}


int
main(void)
{
    gt_log_open("none");
    line_loop();

    test_bind();
    test_conf();
    test_tunnel();
    test_errors();
    test_limit();
    test_many();
    test_slots();
    test_stop();
    test_kill();
    test_options();
    test_chaos();
    test_pause();

    gt_loop_free(&loop);

    return tap_done();
}
