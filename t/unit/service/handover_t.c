/*
 * The hand-over of tunnels: exported from one set of services and adopted by
 * another, in the middle of traffic both ways: no byte is lost or doubled,
 * half-closes stay half-closed, figures go on.
 */

#include "line.c"

enum { TOTAL = 3 << 20, PIECE = 20000, HOPS = 20 };

static gt_model_t      *model;
static gt_services_t   *sv[2];
static gt_stat_block_t *stat[2];
static gt_stat_client_t rows[2]; /* only the second one counts clients apart */
static int              client, far;


static void
setup(void)
{
    int i;

    model = line_model("{\"services\":["
                       "{\"name\":\"idle\",\"addr\":\"127.0.0.1:0\","
                       "\"handler\":{\"type\":\"http\"}},"
                       "{\"name\":\"one\",\"addr\":\"127.0.0.1:0\","
                       "\"handler\":{\"type\":\"http\",\"auth\":"
                       "{\"username\":\"ann\",\"password\":\"ann\"}}}]}");

    for (i = 0; i < 2; i++) {
        sv[i] = line_services(model);
        stat[i] = line_stat(sv[i]);

        if (i == 1) {
            gt_services_clients(sv[i], rows, 2);
        }

        if (line_bind(sv[i], 1, NULL, 0) != GT_OK
            || gt_services_start(sv[i], &loop, 0, stat[i], 0) != GT_OK)
        {
            abort();
        }
    }
}


static void
tunnel(void)
{
    int      n, target;
    char     text[64], buf[LINE_MAX] = "";
    uint16_t to;

    target = line_listen(&to);
    client = line_client(line_port(gt_services_bound(sv[0], &n)[1].fd));
    (void) gt_snprintf(text, sizeof(text), "ann 127.0.0.1:%u\n", to);
    line_write(client, text);
    until(line_got(client, buf, "OK\n"));
    far = accept4(target, NULL, NULL, SOCK_NONBLOCK);
    close(target);
}


/* moves the only tunnel from one to the other; false: not now */
static bool
move(int from)
{
    const char        *why = "";
    gt_session_t      *ss = gt_services_first(sv[from]);
    gt_session_image_t im;

    if (!ss || gt_session_export(ss, &im) != GT_OK) {
        return false;
    }

    if (gt_session_adopt(sv[!from], &im, &why) != GT_OK) {
        printf("# %s\n", why);
        return false;
    }

    return im.p == NULL && im.fd[0] == -1;
}


static uint8_t
pattern(size_t at, int seed)
{
    return (uint8_t) (at * 7 + at / 253 + (size_t) seed);
}


/* writes what it can of a stream of TOTAL bytes */
static void
put(int fd, size_t *at, int seed)
{
    size_t  i, n = gt_min((size_t) PIECE, TOTAL - *at);
    uint8_t buf[PIECE];
    ssize_t rc;

    for (i = 0; i < n; i++) {
        buf[i] = pattern(*at + i, seed);
    }

    if (n) {
        rc = write(fd, buf, n);
        *at += rc > 0 ? (size_t) rc : 0;
    }
}


/* reads and compares; false: a wrong byte, or an error */
static bool
get(int fd, size_t *at, int seed, size_t max)
{
    ssize_t i, rc;
    uint8_t buf[PIECE];

    rc = read(fd, buf, gt_min(max, sizeof(buf)));

    for (i = 0; i < rc; i++) {
        if (buf[i] != pattern(*at + (size_t) i, seed)) {
            return false;
        }
    }

    *at += rc > 0 ? (size_t) rc : 0;

    return rc > 0 || (rc < 0 && errno == EAGAIN);
}


/* TOTAL bytes each way at once, the far end slow, moved HOPS times */
static void
test_traffic(size_t pace)
{
    int      where = 0, moved = 0, turns = 0;
    bool     good = true;
    size_t   up = 0, up_got = 0, down = 0, down_got = 0;
    uint64_t id, in = 0, out = 0, now = 0;
    unsigned clients = 0;

    tunnel();
    id = gt_services_first(sv[0])->id;

    while (good && (up_got < TOTAL || down_got < TOTAL) && turns++ < 100000) {
        put(client, &up, 1);
        put(far, &down, 2);
        gt_loop_round(&loop, 0);
        good = get(far, &up_got, 1, pace) && get(client, &down_got, 2, PIECE);

        if (up > (size_t) (moved + 1) * TOTAL / (HOPS + 1) && move(where)) {
            where = !where;
            moved++;
        }
    }

    ok(good && up_got == TOTAL && down_got == TOTAL, "every byte, both ways");
    ok(moved == HOPS, "moved %d times", moved);
    is_int(gt_services_sessions(sv[where]), 1, "it is there");
    is_int(gt_services_sessions(sv[!where]), 0, "and not here");
    ok(gt_services_first(sv[where])->id == id, "under its own id");
    is_str(gt_services_first(sv[where])->user, "ann", "with its user");
    is_int(stat[where]->worker[GT_STAT_TUNNELS], 1, "counted there");
    is_int(stat[!where]->worker[GT_STAT_TUNNELS], 0, "and not here");

    shutdown(client, SHUT_WR);
    until(line_eof(far));
    ok(move(where), "moved half-closed");
    where = !where;
    line_write(far, "bye");
    close(far);
    until(gt_services_sessions(sv[where]) == 0);

    {
        char buf[LINE_MAX] = "";

        until(line_got(client, buf, "bye"));
    }

    ok(line_eof(client), "ended in order");
    close(client);

    for (where = 0; where < 2; where++) {
        in += stat[where]->services[1][GT_STAT_INPUT_BYTES];
        out += stat[where]->services[1][GT_STAT_OUTPUT_BYTES];
        in += rows[where].figures[GT_STAT_INPUT_BYTES];
        out += rows[where].figures[GT_STAT_OUTPUT_BYTES];
        now |= stat[where]->services[1][GT_STAT_CURRENT_CONNS]
               | rows[where].figures[GT_STAT_CURRENT_CONNS];
        clients += rows[where].figures[GT_STAT_INPUT_BYTES] > 0;
        memset(stat[where], 0, gt_stat_block_size(2, 0));
    }

    memset(rows, 0, sizeof(rows));
    is_int(clients, 1, "one client, where they are told apart");
    is_int(now, 0, "nobody is in flight");

    ok(in > TOTAL && in < TOTAL + 64, "bytes in add up: %d",
       (int) (in - TOTAL));
    ok(out == TOTAL + 3 + 3, "bytes out, too");
}


static void
test_refused(void)
{
    char               buf[LINE_MAX] = "";
    const char        *why = "";
    gt_session_t      *ss;
    gt_session_image_t im, bad;

    /* no tunnel yet */
    {
        int n;

        client = line_client(line_port(gt_services_bound(sv[0], &n)[1].fd));
        until(gt_services_sessions(sv[0]) == 1);
        ok(gt_session_export(gt_services_first(sv[0]), &im) == GT_ERROR,
           "nothing to export yet");
        is_int(gt_services_sessions(sv[0]), 1, "and it is still there");
        close(client);
        until(gt_services_sessions(sv[0]) == 0);
    }

    bad = (gt_session_image_t){ .p = gt_calloc(64), .n = 64, .fd = { -1, -1 } };
    is_int(gt_session_adopt(sv[1], &bad, &why), GT_ERROR, "not an image");
    ok(*why && !bad.p, "says so and takes it");

    /* cut short; it must be a reset, not an end */
    tunnel();
    ss = gt_services_first(sv[0]);
    is_int(gt_session_export(ss, &im), GT_OK, "exported");
    is_int(gt_services_sessions(sv[0]), 0, "gone");
    im.n--;
    is_int(gt_session_adopt(sv[1], &im, &why), GT_ERROR, "cut short");
    until(line_reset(client));
    until(line_reset(far));
    close(client);
    close(far);

    /* a service that the other does not have */
    tunnel();
    is_int(gt_session_export(gt_services_first(sv[0]), &im), GT_OK, "exported");
    {
        uint8_t *p = memmem(im.p, im.n, "one", 3);

        ok(p, "the service's name is in it");
        if (p) {
            memcpy(p, "two", 3);
        }
    }

    is_int(gt_session_adopt(sv[1], &im, &why), GT_ERROR, "no such service");
    is_str(why, "no such service", "it says");
    close(client);
    close(far);

    /* untouched by the failures */
    tunnel();
    ok(move(0), "a good one still moves");
    line_write(client, "on");
    until(line_got(far, buf, "on"));
    close(client);
    close(far);
    until(gt_services_sessions(sv[1]) == 0);
}


int
main(void)
{
    int i;

    gt_log_open("none");
    line_loop();
    setup();

    test_traffic(PIECE);
    test_traffic(7000);
    test_refused();

    for (i = 0; i < 2; i++) {
        gt_services_kill(sv[i]);
        gt_services_free(sv[i]);
        gt_free(stat[i]);
    }

    gt_loop_round(&loop, 0);
    gt_model_free(model);
    is_int(gt_stream_live(), 0, "no stream is left");
    is_int(gt_op_live(), 0, "no operation is left");
    gt_loop_free(&loop);

    return tap_done();
}
