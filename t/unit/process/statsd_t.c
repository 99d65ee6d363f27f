/*
 * Where the stats process listens, and whose pages it answers.
 */

#include "process/statsd.h"

#include "tap.h"

/* clang-format off */
static const struct {
    const char *text, *path;
    int         rc;
    bool        open;
} places[] = {
    { "127.0.0.1:8404",     "",        GT_OK,    false },
    { "127.9.9.9:8404",     "",        GT_OK,    false },
    { "localhost:8404",     "",        GT_OK,    false },
    { ":8404",              "",        GT_OK,    false },
    { "[::1]:8404",         "",        GT_OK,    false },
    { "0.0.0.0:8404",       "",        GT_OK,    true },
    { "[::]:8404",          "",        GT_OK,    true },
    { "192.168.1.1:8404",   "",        GT_OK,    true },
    { "unix:/run/s.sock",   "/run/s.sock", GT_OK, false },
    { "unix:///run/s.sock", "/run/s.sock", GT_OK, false },
    { "unix:",              "",        GT_ERROR, false },
    { "gateway.test:8404",  "",        GT_ERROR, false },
    { "127.0.0.1",          "",        GT_ERROR, false },
    { "127.0.0.1:70000",    "",        GT_ERROR, false },
};

static const struct {
    const char *host, *own;
    bool        good;
} hosts[] = {
    { "localhost",          "", true },
    { "LOCALHOST:8404",     "", true },
    { "a.localhost:8404",   "", true },
    { "127.0.0.1",          "", true },
    { "127.0.0.1:8404",     "", true },
    { "192.168.1.1:8404",   "", true },
    { "[::1]",              "", true },
    { "[::1]:8404",         "", true },
    { "evil.test",          "", false },
    { "evil.test:8404",     "", false },
    { "localhost.evil.test", "", false },
    { "notlocalhost",       "", false },
    { "127.0.0.1.evil.test", "", false },
    { ".localhost",         "", false },
    { "gate.test:8404",     "gate.test", true },
    { "gate.test.evil.test", "gate.test", false },
    { "",                   "", false },
    { "a b",                "", false },
};
/* clang-format on */


static void
test_places(void)
{
    size_t           i;
    const char      *why = NULL;
    gt_stats_place_t at, other;

    for (i = 0; i < gt_nelts(places); i++) {
        is_int(gt_stats_place(places[i].text, false, &at, &why), places[i].rc,
               places[i].text);

        if (places[i].rc == GT_OK) {
            ok(at.any && at.open == places[i].open
                   && strcmp(at.path, places[i].path) == 0,
               "%s: who can reach it", places[i].text);
        } else {
            ok(why != NULL, "%s: why not", places[i].text);
        }
    }

    (void) gt_stats_place(":8404", false, &at, &why);
    (void) gt_stats_place("localhost:8404", false, &other, &why);
    ok(gt_stats_place_same(&at, &other), "the same place");
    (void) gt_stats_place("localhost:8405", false, &other, &why);
    ok(!gt_stats_place_same(&at, &other), "another port");
    (void) gt_stats_place("unix:/a", false, &other, &why);
    ok(!gt_stats_place_same(&at, &other), "another kind");
    other = (gt_stats_place_t){ .any = false };
    ok(!gt_stats_place_same(&other, &other), "none");
}


static void
test_hosts(void)
{
    size_t i;

    for (i = 0; i < gt_nelts(hosts); i++) {
        is_int(gt_statsd_host_ok(gt_str_from(hosts[i].host), hosts[i].own),
               hosts[i].good, hosts[i].host);
    }
}


int
main(void)
{
    test_places();
    test_hosts();

    return tap_done();
}
