/*
 * The zones: what workers count, added up over generations, and a reader that
 * looks while a master adds.
 */

#include "process/tally.h"

#include "tap.h"

#include <pthread.h>

enum { ROUNDS = 500 };

static const gt_slots_service_t names[] = {
    { "a", ":1", "http", "tcp", "" },
    { "b", ":2", "http", "tcp", "" },
};


static void
count(gt_zone_t *z, int slot, int service, uint64_t conns, uint64_t now)
{
    gt_stat_block_t *b = gt_tally_block(z, slot);

    gt_stat_add(&b->services[service][GT_STAT_TOTAL_CONNS], conns);
    gt_stat_add(&b->services[service][GT_STAT_CURRENT_CONNS], now);
    gt_stat_add(&b->worker[GT_STAT_ACCEPTED], conns);
    gt_stat_add(&b->worker[GT_STAT_CONNECTIONS], now);
}


static const uint64_t *
row(const gt_tally_sum_t *sum, const char *name)
{
    int                   i;
    static const uint64_t none[GT_STAT_SERVICE_MAX];

    for (i = 0; i < sum->n_rows; i++) {
        if (strcmp(sum->rows[i].what.name, name) == 0) {
            return sum->rows[i].figures;
        }
    }

    return none;
}


static void
test_reloads(void)
{
    char              text[2 * GT_SLOTS_TEXT];
    gt_zone_t        *lasting = gt_tally_new();
    gt_slots_reload_t r;

    gt_tally_reloads(lasting, &r);
    ok(r.at_ms == 0 && r.good == 0 && r.failed == 0, "no reload yet");

    gt_tally_reloaded(lasting, true, "generation 2 serves\n", 20);
    gt_tally_reloads(lasting, &r);
    ok(r.at_ms > 0 && r.good == 1 && r.failed == 0 && r.was_good, "a good one");
    is_str(r.text, "generation 2 serves\n", "its text");

    memset(text, 'x', sizeof(text));
    gt_tally_reloaded(lasting, false, text, sizeof(text));
    gt_tally_reloads(lasting, &r);
    ok(r.good == 1 && r.failed == 1 && !r.was_good, "a bad one");
    is_int(strlen(r.text), GT_SLOTS_TEXT - 1, "a long text is cut");

    gt_zone_free(lasting);
}


static void
test_fold(void)
{
    gt_zone_t     *lasting = gt_tally_new(), *z[2];
    gt_tally_sum_t sum;

    ok(lasting && !gt_tally_check_lasting(lasting), "lasting zone");
    z[0] = gt_tally_generation(1, 2, names, 2);
    z[1] = gt_tally_generation(2, 3, names + 1, 1);
    ok(z[0] && z[1] && !gt_tally_check(z[0]) && !gt_tally_check(z[1]),
       "two generations");
    ok(gt_tally_check(lasting) && gt_tally_check_lasting(z[0]),
       "one is not the other");

    count(z[0], 0, 0, 10, 1);
    count(z[0], 1, 0, 20, 2);
    count(z[0], 1, 1, 5, 5);
    count(z[1], 2, 0, 100, 3);

    is_int(gt_tally_read(lasting, z, 2, &sum), GT_OK, "read");
    is_int(sum.n_rows, 2, "two services");
    is_str(sum.rows[0].what.name, "b", "the newest generation's first");
    is_int(row(&sum, "a")[GT_STAT_TOTAL_CONNS], 30, "over slots");
    is_int(row(&sum, "b")[GT_STAT_TOTAL_CONNS], 105, "over generations");
    is_int(row(&sum, "b")[GT_STAT_CURRENT_CONNS], 8, "gauges too");
    is_int(sum.worker[GT_STAT_ACCEPTED], 135, "of workers");
    gt_tally_sum_free(&sum);

    gt_tally_bury(z[0], 0);
    gt_tally_bury(z[0], 1);
    (void) gt_tally_read(lasting, z, 2, &sum);
    is_int(row(&sum, "a")[GT_STAT_CURRENT_CONNS], 0, "a dead worker's gauge");
    is_int(row(&sum, "a")[GT_STAT_TOTAL_CONNS], 30, "its counter stays");
    is_int(sum.worker[GT_STAT_CONNECTIONS], 3, "the living one's gauge");
    gt_tally_sum_free(&sum);

    gt_tally_fold(lasting, z[0]);
    gt_tally_fold(lasting, z[0]); /* once is enough */
    (void) gt_tally_read(lasting, z, 2, &sum);
    is_int(row(&sum, "b")[GT_STAT_TOTAL_CONNS], 105, "folded, still mapped");
    is_int(sum.worker[GT_STAT_ACCEPTED], 135, "of workers");
    gt_tally_sum_free(&sum);

    (void) gt_tally_read(lasting, z + 1, 1, &sum);
    is_int(row(&sum, "b")[GT_STAT_TOTAL_CONNS], 105, "and when it has gone");
    is_int(sum.n_rows, 1, "a service that is no more");
    gt_tally_sum_free(&sum);

    gt_tally_void(z[1]);
    (void) gt_tally_read(lasting, z + 1, 1, &sum);
    is_int(sum.n_rows, 0, "a generation that never lived");
    gt_tally_sum_free(&sum);

    gt_zone_free(z[0]);
    gt_zone_free(z[1]);
    gt_zone_free(lasting);
}


static void
test_alignment(void)
{
    int        i;
    gt_zone_t *z = gt_tally_generation(1, 4, names, 2);

    for (i = 0; i < 4; i++) {
        ok((uintptr_t) gt_tally_block(z, i) % GT_STAT_ALIGN == 0
               && (uintptr_t) gt_tally_worker(z, i) % GT_STAT_ALIGN == 0,
           "slot %d has cache lines of its own", i);
    }

    ok((uint8_t *) gt_tally_block(z, 1) - (uint8_t *) gt_tally_block(z, 0)
           >= (ptrdiff_t) gt_stat_block_size(2),
       "blocks do not overlap");

    gt_zone_free(z);
}


static void
test_names(void)
{
    int                i;
    gt_zone_t         *lasting = gt_tally_new(), *z;
    gt_tally_sum_t     sum;
    gt_slots_service_t s = { .name = "" };

    for (i = 0; i < GT_SLOTS_SERVICES + 2; i++) {
        (void) snprintf(s.name, sizeof(s.name), "s%d", i);
        z = gt_tally_generation(1, 1, &s, 1);
        count(z, 0, 0, 1, 0);
        gt_tally_fold(lasting, z);
        gt_zone_free(z);
    }

    z = gt_tally_generation(1, 1, &s, 1);
    count(z, 0, 0, 1, 0);
    (void) gt_tally_read(lasting, &z, 1, &sum);
    is_int(row(&sum, s.name)[GT_STAT_TOTAL_CONNS], 1,
           "a name too many starts again");
    is_int(sum.worker[GT_STAT_ACCEPTED], GT_SLOTS_SERVICES + 3,
           "the workers' total knows it all");
    gt_tally_sum_free(&sum);
    gt_zone_free(z);

    (void) snprintf(s.name, sizeof(s.name), "s0");
    z = gt_tally_generation(1, 1, &s, 1);
    (void) gt_tally_read(lasting, &z, 1, &sum);
    is_int(row(&sum, "s0")[GT_STAT_TOTAL_CONNS], 1, "a name that was kept");
    gt_tally_sum_free(&sum);
    gt_zone_free(z);
    gt_zone_free(lasting);
}


/* a reader of all generations while the master folds one after the other */

static gt_zone_t *race_lasting, *race_zones[ROUNDS];
static uint64_t   race_seen, race_back;
static int        race_stop;


static void *
race_read(void *data)
{
    gt_tally_sum_t sum;

    (void) data;

    while (!__atomic_load_n(&race_stop, __ATOMIC_ACQUIRE)) {
        if (gt_tally_read(race_lasting, race_zones, ROUNDS, &sum) != GT_OK) {
            break;
        }

        if (sum.worker[GT_STAT_ACCEPTED] != ROUNDS) {
            race_back++;
        }

        race_seen++;
        gt_tally_sum_free(&sum);
    }

    return NULL;
}


static void
test_race(void)
{
    int       i;
    pthread_t thread;

    race_lasting = gt_tally_new();

    for (i = 0; i < ROUNDS; i++) {
        race_zones[i] = gt_tally_generation(1, 1, names, 1);
        count(race_zones[i], 0, 0, 1, 0);
    }

    (void) pthread_create(&thread, NULL, race_read, NULL);

    for (i = 0; i < ROUNDS; i++) {
        gt_tally_fold(race_lasting, race_zones[i]);
        if (i % 50 == 0) {
            (void) sched_yield();
        }
    }

    while (__atomic_load_n(&race_seen, __ATOMIC_RELAXED) == 0) {
        (void) sched_yield();
    }

    __atomic_store_n(&race_stop, 1, __ATOMIC_RELEASE);
    (void) pthread_join(thread, NULL);

    ok(race_seen > 0, "read %llu times", (unsigned long long) race_seen);
    is_int(race_back, 0, "and never saw another total");

    for (i = 0; i < ROUNDS; i++) {
        gt_zone_free(race_zones[i]);
    }

    gt_zone_free(race_lasting);
}


static void
test_mend(void)
{
    gt_zone_t     *lasting = gt_tally_new();
    gt_tally_sum_t sum;

    gt_tally_lasting(lasting)->turn = 5; /* its master died in a fold */
    is_int(gt_tally_read(lasting, NULL, 0, &sum), GT_OK, "no reader hangs");
    gt_tally_sum_free(&sum);
    gt_tally_mend(lasting);
    is_int(gt_tally_lasting(lasting)->turn % 2, 0, "mended");
    gt_zone_free(lasting);
}


int
main(void)
{
    test_reloads();
    test_fold();
    test_alignment();
    test_names();
    test_race();
    test_mend();

    return tap_done();
}
