/*
 * Which node of a hop: the order of the filters, each strategy, marks with a
 * clock that is set, and what the configuration says about all that.
 */

#include "line.c"

#include "core/hash.h"
#include "route/impl.h"

static gt_model_t     *model;
static gt_routes_t    *routes;
static gt_route_hop_t *hop;
static gt_route_ask_t  ask;


static void
start(const char *selector, const char *nodes)
{
    char       json[2048];
    gt_diag_t *d = gt_diag_new();

    gt_routes_free(routes);
    gt_model_free(model);

    (void) gt_snprintf(json, sizeof(json),
                       "{\"chains\":[{\"name\":\"c\",\"hops\":[{\"name\":\"h\","
                       "\"selector\":%s,\"nodes\":[%s]}]}]}",
                       selector, nodes);
    model = line_model(json);
    routes = gt_routes_new(model, d);
    if (!routes) {
        line_diag(d);
        abort();
    }

    hop = routes->hops[0];
    ask = (gt_route_ask_t){ .now = 1000000, .host = GT_STR("www.a.example") };
    gt_diag_free(d);
}


#define NODE(name, more)                                                       \
    "{\"name\":\"" name "\",\"addr\":\"127.0.0.1:1\"" more "}"
#define META(more) ",\"metadata\":{" more "}"
#define THREE      NODE("a", "") "," NODE("b", "") "," NODE("c", "")


static void
fail(int i)
{
    gt_mark_set(hop->nodes[i].mark, ask.now);
}


/* how often each of the first eight is chosen out of n */
static const int *
chosen(int n)
{
    int        i;
    static int count[8];

    memset(count, 0, sizeof(count));

    while (n-- > 0) {
        i = gt_route_select(hop, &ask);
        count[i < 0 ? 7 : i]++;
    }

    return count;
}


static void
test_round(void)
{
    const int *c;

    start("{}", THREE);
    is_int(hop->max_fails, 1, "one failure is enough");
    is_int(hop->fail_ms, 10000, "for ten seconds");
    is_int(gt_route_select(hop, &ask), 0, "in turn");
    is_int(gt_route_select(hop, &ask), 1, "in turn");
    is_int(gt_route_select(hop, &ask), 2, "in turn");
    is_int(gt_route_select(hop, &ask), 0, "and again");

    fail(1);
    c = chosen(100);
    ok(c[0] == 50 && c[1] == 0 && c[2] == 50, "not who has failed");
    ask.now += 9999;
    is_int(chosen(100)[1], 0, "not yet");
    ask.now += 1;
    is_int(chosen(100)[1], 1, "then one finds out whether it is back");
    ask.now += 9999;
    is_int(chosen(100)[1], 0, "while that is not known it is out");
    ask.now += 1;
    ask.again = true;
    is_int(chosen(100)[1], 0, "and no further attempt finds it out");
    ask.again = false;
    is_int(chosen(100)[1], 1, "but somebody else");

    fail(1);
    is_int(chosen(100)[1], 0, "fails again");
    (void) gt_mark_good(hop->nodes[1].mark, 100);
    ok(chosen(99)[1] == 33, "a success is the end of it");
}


static void
test_fails(void)
{
    start("{\"maxFails\":3,\"failTimeout\":\"2s\"}",
          NODE("a", "") "," NODE(
              "b", META("\"maxFails\":1,\"failTimeout\":"
                        "\"60s\"")) "," NODE("c", META("\"maxFails\":-1")));
    is_int(hop->nodes[0].fail_ms, 2000, "the hop's");
    is_int(hop->nodes[1].fail_ms, 60000, "the node's own");

    fail(0);
    fail(0);
    ok(chosen(99)[0] > 0, "two are less than three");
    fail(0);
    is_int(chosen(99)[0], 0, "three are enough");
    fail(1);
    is_int(chosen(99)[1], 0, "one, for this one");
    fail(2);
    is_int(chosen(99)[2], 99, "and never for that");
    ask.now += 2000;
    ok(chosen(99)[0] > 0 && chosen(99)[1] == 0, "each in its time");
}


static void
test_all_out(void)
{
    uint16_t tried[3] = { 1, 2, 0 };

    start("{\"strategy\":\"fifo\"}", THREE);
    fail(0);
    ask.now += 10;
    fail(2);
    ask.now += 10;
    fail(1);
    is_int(gt_route_select(hop, &ask), 0, "who failed the longest ago");

    ask.tried = tried;
    ask.n_tried = 2;
    is_int(gt_route_select(hop, &ask), 0, "who was not tried");
    tried[0] = 0;
    ask.n_tried = 1;
    is_int(gt_route_select(hop, &ask), 2, "the next");
    tried[1] = 2;
    ask.n_tried = 2;
    is_int(gt_route_select(hop, &ask), 1, "and the last");
    tried[2] = 1;
    ask.n_tried = 3;
    is_int(gt_route_select(hop, &ask), 0, "then from the start");

    start("{}", NODE("a", ""));
    fail(0);
    is_int(gt_route_select(hop, &ask), 0, "the only one is always used");
}


static void
test_fifo(void)
{
    uint16_t   tried[2] = { 0, 1 };
    const int *c;

    start("{\"strategy\":\"ha\"}",
          NODE("a", META("\"backup\":true")) "," NODE("b", "") "," NODE("c",
                                                                        ""));
    is_int(chosen(9)[1], 9, "the first that is no backup");

    ask.tried = tried + 1;
    ask.n_tried = 1;
    is_int(gt_route_select(hop, &ask), 2, "not who was tried");
    ask.n_tried = 0;

    fail(1);
    is_int(chosen(9)[2], 9, "the next one");
    fail(2);
    is_int(chosen(9)[0], 9, "then the backup");
    ask.now += 10000;
    c = chosen(9);
    ok(c[1] == 1 && c[2] == 1 && c[0] == 7, "one each sees if they are back");
    (void) gt_mark_good(hop->nodes[1].mark, 100);
    is_int(chosen(9)[1], 9, "until they are");

    tried[0] = 1;
    tried[1] = 2;
    ask.tried = tried;
    ask.n_tried = 2;
    is_int(gt_route_select(hop, &ask), 0, "the backup, if they were in vain");

    /* one that is out and was not tried comes before one that was tried */
    fail(0);
    is_int(gt_route_select(hop, &ask), 0, "even if it is out");
}


static void
test_rand(void)
{
    const int *c;

    start("{\"strategy\":\"random\"}",
          NODE("a", META("\"weight\":1")) "," NODE(
              "b", META("\"weight\":0")) "," NODE("c", META("\"weight\":8")));
    c = chosen(10000);
    ok(c[0] > 800 && c[0] < 1200, "a tenth: %d", c[0]);
    ok(c[1] > 800 && c[1] < 1200, "no weight is one: %d", c[1]);
    ok(c[2] > 7700 && c[2] < 8300, "eight tenths: %d", c[2]);
    fail(2);
    c = chosen(1000);
    ok(c[0] > 400 && c[1] > 400 && c[2] == 0, "the rest is shared");
}


static void
test_hash(void)
{
    int        i;
    const int *c;

    is_int(gt_crc32("123456789", 9), 0xcbf43926, "CRC-32");

    start("{\"strategy\":\"hash\"}", THREE);
    ask.hash = GT_STR("192.0.2.1");
    i = (int) (gt_crc32("192.0.2.1", 9) % 3);
    is_int(chosen(20)[i], 20, "the same client, the same node");

    ask.hash = GT_STR("ann");
    is_int(chosen(20)[gt_crc32("ann", 3) % 3], 20, "or user");

    fail((int) (gt_crc32("ann", 3) % 3));
    i = (int) (gt_crc32("ann", 3) % 2); /* of those that are left */
    i += i >= (int) (gt_crc32("ann", 3) % 3);
    is_int(chosen(20)[i], 20, "of those that are left");

    start("{\"strategy\":\"hash\"}", THREE);
    c = chosen(300);
    ok(c[0] > 50 && c[1] > 50 && c[2] > 50, "by chance for nobody");
}


static void
test_latency(void)
{
    start("{\"strategy\":\"lowestlatency\",\"maxLatency\":\"20ms\"}", THREE);
    (void) gt_mark_good(hop->nodes[0].mark, 9000);
    is_int(gt_route_select(hop, &ask), 1, "one that is not known");
    (void) gt_mark_good(hop->nodes[1].mark, 8000);
    (void) gt_mark_good(hop->nodes[2].mark, 50000);
    is_int(chosen(9)[1], 9, "the fastest");
    fail(1);
    is_int(chosen(9)[0], 9, "that is well");
    fail(0);
    is_int(chosen(9)[2], 9, "too slow is better than nothing");
}


static void
test_filter(void)
{

    start(
        "{\"strategy\":\"fifo\"}",
        NODE("a", ",\"filter\":{\"host\":\".b.example\"}") "," NODE(
            "b",
            ",\"filter\":{\"host\":\"www.*.EXAMPLE\"}") "," NODE("c",
                                                                 ",\"filter\":{"
                                                                 "\"host\":\"c."
                                                                 "example\"}"));
    is_int(gt_route_select(hop, &ask), 1, "by a pattern");
    fail(1);
    is_int(gt_route_select(hop, &ask), 1, "whatever else: it is the only one");
    ask.host = GT_STR("b.example");
    is_int(gt_route_select(hop, &ask), 0, "a domain itself");
    ask.host = GT_STR("x.y.B.example");
    is_int(gt_route_select(hop, &ask), 0, "and what is in it");
    ask.host = GT_STR("ab.example");
    is_int(gt_route_select(hop, &ask), GT_ERROR, "but not that");
    ask.host = GT_STR("c.example");
    is_int(gt_route_select(hop, &ask), 2, "a name");
    ask.host = GT_STR("c.example.");
    is_int(gt_route_select(hop, &ask), GT_ERROR, "and no other");
}


/* reached it can be, but who asks is not answered */

static void
test_mute(void)
{
    int            i;
    gt_mark_t     *m;
    gt_route_set_t set;

    start("{}", THREE);
    m = hop->nodes[1].mark;
    (void) gt_mark_answered(m, 5000);
    ok(!gt_mark_unanswered(m, 4000), "somebody else was answered");
    ok(!gt_mark_unanswered(m, 5099), "or may have been");
    ok(!gt_mark_is_mute(m) && m->mute == 0, "which says nothing");
    ok(!gt_mark_unanswered(m, 5100) && !gt_mark_unanswered(m, 5100), "twice");
    ok(gt_mark_unanswered(m, 5100), "is not enough, three times is");
    fail(1);
    is_int(gt_mark_good(m, 100), 0, "that it can be reached");
    is_int(chosen(100)[1], 0, "is no help");

    ask.now += 10000;
    is_int(chosen(100)[1], 1, "one asks it again");
    ok(gt_mark_unanswered(m, ask.now), "in vain");
    fail(1);
    is_int(chosen(100)[1], 0, "and no other");

    ask.now += 10000;
    is_int(gt_mark_answered(m, ask.now), 2, "an answer, after two failures");
    is_int(gt_mark_answered(m, ask.now), 0, "that is said once");
    is_int(chosen(99)[1], 33, "and it is well");
    (void) gt_mark_unanswered(m, ask.now + 200);
    (void) gt_mark_answered(m, ask.now + 201);
    is_int(m->mute, 0, "each answer begins anew");

    start("{\"strategy\":\"parallel\"}", THREE);
    fail(0);
    for (i = 0; i < GT_MARK_MUTE; i++) {
        (void) gt_mark_unanswered(hop->nodes[1].mark, 5000);
    }

    fail(1);
    ask.now += 10000;
    gt_route_contenders(hop, &ask, &set);
    is_int(set.n, 3, "all are in the race");
    gt_route_contenders(hop, &ask, &set);
    is_int(set.n, 2, "but the mute one in one race only: it would win");
    gt_route_candidates(hop, &ask, &set);
    ok(set.n == 2 && gt_route_set_at(&set, 1) == 2, "that is the one");
}


static void
test_marks(void)
{
    int        i, first;
    gt_diag_t *d = gt_diag_new();
    gt_mark_t *t = gt_calloc(GT_MARKS * sizeof(gt_mark_t));
    char       name[16];

    first = gt_mark_take(t, gt_mark_key("a"), 1, 1);
    ok(first >= 0, "a record");
    is_int(gt_mark_take(t, gt_mark_key("a"), 2, 1), first, "the same again");
    ok(gt_mark_take(t, gt_mark_key("b"), 2, 1) != first, "not another's");

    gt_mark_set(&t[first], 5);
    for (i = 2; i < GT_MARKS; i++) {
        (void) gt_snprintf(name, sizeof(name), "n%d", i);
        if (gt_mark_take(t, gt_mark_key(name), 1, 1) < 0) {
            break;
        }
    }

    is_int(i, GT_MARKS, "all are taken");
    is_int(gt_mark_take(t, gt_mark_key("z"), 2, 1), GT_ERROR, "no more");
    ok(gt_mark_take(t, gt_mark_key("z"), 2, 2) >= 0,
       "but of generations that are gone");
    is_int(gt_mark_take(t, gt_mark_key("a"), 3, 2), first, "not of others");
    is_int(t[first].fails, 1, "which keep their marks");

    start("{}", THREE);
    is_int(gt_routes_share(routes, t, 9, 1, d), GT_ERROR, "a full table");
    is_int(gt_diag_errors(d), 1, "is an error");
    memset(t, 0, GT_MARKS * sizeof(gt_mark_t));
    is_int(gt_routes_share(routes, t, 1, 1, d), GT_OK, "an empty one");
    fail(1);
    start("{}", THREE);
    is_int(gt_routes_share(routes, t, 2, 1, d), GT_OK, "the next generation");
    is_int(chosen(10)[1], 0, "knows who has failed");
    gt_diag_free(d);
    gt_free(t);
}


int
main(void)
{
    gt_log_open("none");

    test_round();
    test_fails();
    test_mute();
    test_all_out();
    test_fifo();
    test_rand();
    test_hash();
    test_latency();
    test_filter();
    test_marks();

    gt_routes_free(routes);
    gt_model_free(model);

    return tap_done();
}
