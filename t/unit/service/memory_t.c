/*
 * Memory that runs out at every allocation in turn: configuring, binding, a
 * session through a hop and its hand-over.  What fails ends alone, nothing is
 * lost and the services live on.  Without --with-failmalloc one good run.
 */

#include "line.c"

enum { TRIES = 2000 };

#define NODE                                                                   \
    "{\"addr\":\"127.0.0.1:%u\",\"connector\":{\"type\":\"http\",\"auth\":"    \
    "{\"username\":\"ann\"}},\"dialer\":{\"type\":\"tcp\"}}"

static gt_model_t      *model;
static gt_services_t   *sv;
static gt_stat_block_t *stat;
static uint16_t         port, target_port;
static int              target;


static void
make_model(void)
{
    int      fd;
    char     json[2048];
    uint16_t next;

    fd = line_listen(&next);
    close(fd);

    (void) gt_snprintf(json, sizeof(json),
                       "{\"services\":[{\"name\":\"one\",\"addr\":"
                       "\"127.0.0.1:0\",\"handler\":{\"type\":\"http\","
                       "\"chain\":\"c\"}},{\"name\":\"two\",\"addr\":"
                       "\"127.0.0.1:%u\",\"handler\":{\"type\":\"http\","
                       "\"authers\":[\"a\"]}}],\"authers\":[{\"name\":\"a\","
                       "\"auths\":[{\"username\":\"ann\",\"password\":"
                       "\"ann\"}]}],\"chains\":[{\"name\":\"c\",\"hops\":["
                       "{\"name\":\"h\",\"selector\":{\"strategy\":"
                       "\"parallel\"},\"nodes\":[" NODE "," NODE "]}]}]}",
                       next, next, next);

    model = line_model(json);
    if (!model) {
        abort();
    }
}


/* true: it worked */
static bool
configure(void)
{
    bool           good;
    gt_diag_t     *d = gt_diag_new();
    gt_services_t *s = d ? gt_services_new(model, d) : NULL;

    good = s && gt_services_bind(s, 2, NULL, 0, d) == GT_OK;
    gt_services_free(s);
    gt_diag_free(d);

    return good;
}


static void
test_configure(void)
{
    bool          good = false;
    unsigned long n, made;

    for (n = 1; n < TRIES && !good; n++) {
        (void) gt_mem_fail_at(n);
        good = configure();
        made = gt_mem_fail_at(0);

        if (good != (made < n)) {
            ok(made == 0, "failed at %lu of %lu, and said %d", n, made, good);
            break;
        }
    }

    ok(good, "with %lu allocations it works", n - 2);
}


/* a tunnel, moved out and in again if all goes well; true: it went well */
static bool
session(bool fail, unsigned long n)
{
    int                i, client;
    bool               good = false;
    char               text[64], buf[LINE_MAX] = "";
    const char        *why;
    gt_session_t      *ss;
    gt_session_image_t im;

    client = line_client(port);
    (void) gt_snprintf(text, sizeof(text), "127.0.0.1:%u\n", target_port);
    line_write(client, text);

    if (fail) {
        (void) gt_mem_fail_at(n);
    }

    for (i = 0; i < 20 && !line_got(client, buf, "OK\n"); i++) {
        gt_loop_round(&loop, 0);
    }

    ss = gt_services_first(sv);

    if (strcmp(buf, "OK\n") == 0 && ss && gt_session_export(ss, &im) == GT_OK) {
        good = gt_session_adopt(sv, &im, &why) == GT_OK;
    }

    for (i = 0; i < 5; i++) {
        gt_loop_round(&loop, 0);
    }

    if (fail) {
        good &= gt_mem_fail_at(0) < n;
    }

    close(client);

    while ((client = accept(target, NULL, NULL)) >= 0) {
        close(client);
    }

    line_later += 20000; /* listeners and attempts that wait */

    for (i = 0; i < 200 && gt_services_sessions(sv); i++) {
        gt_loop_round(&loop, i < 10 ? 0 : 5);
    }

    return good;
}


static void
test_session(void)
{
    bool          good = false;
    unsigned      stuck = 0;
    unsigned long n;

    ok(session(false, 0), "a good run");
    is_int(gt_services_sessions(sv), 0, "which ends");

    for (n = 1; n < TRIES && !good; n++) {
        good = session(true, n);
        stuck += gt_services_sessions(sv);

        if (stuck) {
            break;
        }
    }

    ok(good, "with %lu allocations it works", n - 2);
    is_int(stuck, 0, "no session is left behind");
    is_int(stat->worker[GT_STAT_CONNECTIONS], 0, "nor counted");
    is_int(stat->worker[GT_STAT_TUNNELS], 0, "nor a tunnel");
    ok(session(false, 0), "and the services live on");
}


int
main(void)
{
    int n;

    gt_log_open("none");
    line_loop();
    make_model();
    target = line_listen(&target_port);

    test_configure();

    sv = line_services(model);
    stat = line_stat(sv);
    if (line_bind(sv, 1, NULL, 0) != GT_OK
        || gt_services_start(sv, &loop, 0, stat, 0) != GT_OK)
    {
        abort();
    }

    port = line_port(gt_services_bound(sv, &n)[0].fd);
    test_session();

    gt_services_kill(sv);
    gt_services_free(sv);
    gt_loop_round(&loop, 0);
    gt_model_free(model);
    gt_free(stat);
    close(target);

    is_int(gt_stream_live(), 0, "no stream is left");
    is_int(gt_op_live(), 0, "no operation is left");
    gt_loop_free(&loop);

    return tap_done();
}
