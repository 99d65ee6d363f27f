/*
 * The zones: what workers count, added up over generations, and a reader that
 * looks while a master adds.
 */

#include "process/tally.h"

#include "tap.h"

#include <pthread.h>

enum { ROUNDS = 500 };

static const gt_slots_service_t names[] = {
    { "a", ":1", "http", "tcp", "", 0 },
    { "b", ":2", "http", "tcp", "", 0 },
};


static gt_zone_t *
generation(uint32_t number, int n_slots, const gt_slots_service_t *services,
           int n_services, uint32_t n_clients)
{
    const gt_tally_shape_t shape = { .generation = number,
                                     .n_slots = n_slots,
                                     .services = services,
                                     .n_services = n_services,
                                     .n_clients = n_clients };

    return gt_tally_generation(&shape);
}


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
    z[0] = generation(1, 2, names, 2, 0);
    z[1] = generation(2, 3, names + 1, 1, 0);
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
    gt_zone_t *z = generation(1, 4, names, 2, 0);

    for (i = 0; i < 4; i++) {
        ok((uintptr_t) gt_tally_block(z, i) % GT_STAT_ALIGN == 0
               && (uintptr_t) gt_tally_worker(z, i) % GT_STAT_ALIGN == 0,
           "slot %d has cache lines of its own", i);
    }

    ok((uint8_t *) gt_tally_block(z, 1) - (uint8_t *) gt_tally_block(z, 0)
           >= (ptrdiff_t) gt_stat_block_size(2, 0),
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
        z = generation(1, 1, &s, 1, 0);
        count(z, 0, 0, 1, 0);
        gt_tally_fold(lasting, z);
        gt_zone_free(z);
    }

    z = generation(1, 1, &s, 1, 0);
    count(z, 0, 0, 1, 0);
    (void) gt_tally_read(lasting, &z, 1, &sum);
    is_int(row(&sum, s.name)[GT_STAT_TOTAL_CONNS], 1,
           "a name too many starts again");
    is_int(sum.worker[GT_STAT_ACCEPTED], GT_SLOTS_SERVICES + 3,
           "the workers' total knows it all");
    gt_tally_sum_free(&sum);
    gt_zone_free(z);

    (void) snprintf(s.name, sizeof(s.name), "s0");
    z = generation(1, 1, &s, 1, 0);
    (void) gt_tally_read(lasting, &z, 1, &sum);
    is_int(row(&sum, "s0")[GT_STAT_TOTAL_CONNS], 1, "a name that was kept");
    gt_tally_sum_free(&sum);
    gt_zone_free(z);
    gt_zone_free(lasting);
}


/* --- clients --- */

static const uint8_t *
address(unsigned n)
{
    static uint8_t addr[GT_STAT_ADDR];

    memcpy(addr, &n, sizeof(n));

    return addr;
}


/* a client's connection: its row, or the service's where there is no room */

static bool
count_client(gt_zone_t *z, int slot, uint32_t service, unsigned client)
{
    uint64_t         *c = gt_tally_block(z, slot)->services[service];
    gt_stat_client_t *row =
        gt_stat_client(gt_tally_clients(z, slot), gt_tally_head(z)->n_clients,
                       address(client), service);

    c = row ? row->figures : c;
    gt_stat_add(&c[GT_STAT_TOTAL_CONNS], 1);
    gt_stat_add(&c[GT_STAT_CURRENT_CONNS], 1);

    return row != NULL;
}


static uint64_t
client(const gt_tally_sum_t *sum, const char *service, unsigned n, int figure)
{
    uint32_t i;

    for (i = 0; i < sum->n_clients; i++) {
        if (memcmp(sum->clients[i].addr, address(n), GT_STAT_ADDR) == 0
            && strcmp(sum->rows[sum->clients[i].id - 1].what.name, service)
                   == 0)
        {
            return sum->clients[i].figures[figure];
        }
    }

    return UINT64_MAX;
}


/* each service's figures are its clients' and the rest's; how many there are */

static uint64_t
clients_add_up(const gt_tally_sum_t *sum, const char *what)
{
    int      i, k;
    bool     good = true;
    uint32_t c;
    uint64_t n, all = 0;

    for (i = 0; i < sum->n_rows; i++) {
        for (k = 0; k < GT_STAT_FIGURES; k++) {
            n = sum->rows[i].rest[k];

            for (c = 0; c < sum->n_clients; c++) {
                n += sum->clients[c].id == (uint32_t) i + 1
                         ? sum->clients[c].figures[k]
                         : 0;
            }

            good &= n == sum->rows[i].figures[k];
        }

        all += sum->rows[i].figures[GT_STAT_TOTAL_CONNS];
    }

    ok(good, "%s: the parts add up", what);

    return all;
}


static void
test_table(void)
{
    unsigned         i, n = 0;
    uint32_t         service;
    gt_stat_client_t table[64] = { 0 }, *row, *first;

    first = gt_stat_client(table, 64, address(7), 3);
    ok(first && gt_stat_client_taken(first, &service) && service == 3,
       "a row is taken");
    ok(gt_stat_client(table, 64, address(7), 3) == first, "and found again");
    row = gt_stat_client(table, 64, address(7), 4);
    ok(row && row != first, "of another service");
    row = gt_stat_client(table, 64, address(8), 3);
    ok(row && row != first, "of another client");
    ok(!gt_stat_client(NULL, 0, address(7), 3), "no table");

    for (i = 100; i < 1100; i++) {
        n += gt_stat_client(table, 64, address(i), 0) != NULL;
    }

    ok(n >= 50 && n <= 61, "it fills: %u", n);
    ok(gt_stat_client(table, 64, address(7), 3) == first, "old rows stay");

    for (i = 0; i < 64; i++) {
        n -= gt_stat_client_taken(&table[i], &service);
    }

    is_int((int) n, -3, "none is taken twice");
}


static void
test_clients(void)
{
    unsigned       i, found = 0;
    gt_zone_t     *lasting = gt_tally_new(), *z[2];
    gt_tally_sum_t sum;

    z[0] = generation(1, 2, names, 2, 32);
    z[1] = generation(2, 1, names + 1, 1, 32);
    ok(z[0] && !gt_tally_check(z[0]), "a zone with clients");

    (void) count_client(z[0], 0, 0, 1);
    (void) count_client(z[0], 1, 0, 1);
    (void) count_client(z[0], 1, 1, 1);
    (void) count_client(z[0], 1, 1, 2);
    (void) count_client(z[1], 0, 0, 2);

    is_int(gt_tally_read_clients(lasting, z, 2, &sum), GT_OK, "read");
    is_int(client(&sum, "a", 1, GT_STAT_TOTAL_CONNS), 2, "over slots");
    is_int(client(&sum, "b", 2, GT_STAT_TOTAL_CONNS), 2, "over generations");
    is_int(client(&sum, "b", 1, GT_STAT_TOTAL_CONNS), 1, "per service");
    is_int(sum.n_clients, 3, "no more");
    is_int(clients_add_up(&sum, "living"), 5, "all of them");
    gt_tally_sum_free(&sum);

    (void) gt_tally_read(lasting, z, 2, &sum);
    is_int(row(&sum, "a")[GT_STAT_TOTAL_CONNS], 2, "a service knows them all");
    ok(!sum.clients, "without the clients nobody asked for");
    gt_tally_sum_free(&sum);

    gt_tally_bury(z[0], 1);
    (void) gt_tally_read_clients(lasting, z, 2, &sum);
    is_int(client(&sum, "a", 1, GT_STAT_CURRENT_CONNS), 1, "gauges die");
    is_int(client(&sum, "a", 1, GT_STAT_TOTAL_CONNS), 2, "counters stay");
    gt_tally_sum_free(&sum);

    gt_tally_fold(lasting, z[0]);
    (void) gt_tally_read_clients(lasting, z + 1, 1, &sum);
    is_int(client(&sum, "b", 2, GT_STAT_TOTAL_CONNS), 2, "folded");
    is_int(client(&sum, "b", 1, GT_STAT_TOTAL_CONNS), 1, "and found again");
    is_int(client(&sum, "b", 1, GT_STAT_CURRENT_CONNS), 0, "gauges are not");
    is_int(clients_add_up(&sum, "folded"), 3, "all that is shown");
    gt_tally_sum_free(&sum);
    gt_zone_free(z[0]);

    /* more of them than the lasting table has room for */
    for (i = 0; i < 100; i++) {
        z[0] = generation(3, 1, names, 2, 64);

        for (found = 0; found < 100; found++) {
            (void) count_client(z[0], 0, 1, 1000 + i * 100 + found);
        }

        gt_tally_fold(lasting, z[0]);
        gt_zone_free(z[0]);
    }

    (void) gt_tally_read_clients(lasting, z + 1, 1, &sum);
    is_int(clients_add_up(&sum, "too many"), 3 + 10000, "nobody is lost");
    ok(sum.rows[0].rest[GT_STAT_TOTAL_CONNS] > 10000 - GT_SLOTS_CLIENTS
           && sum.n_clients > GT_SLOTS_CLIENTS / 2,
       "%u have rows", sum.n_clients);
    is_int(client(&sum, "b", 1, GT_STAT_TOTAL_CONNS), 1, "the first ones do");
    gt_tally_sum_free(&sum);
    gt_zone_free(z[1]);

    z[1] = generation(4, 1, names, 2, 0);
    (void) gt_tally_read_clients(lasting, z + 1, 1, &sum);
    ok(!sum.by_client && sum.n_clients == 0, "the label is off");
    is_int(clients_add_up(&sum, "off"), 4 + 10000, "and all is there");
    gt_tally_sum_free(&sum);
    gt_zone_free(z[1]);
    gt_zone_free(lasting);
}


static void
test_took(void)
{
    int                   i;
    uint64_t              n = 0, row[GT_STAT_SERVICE_MAX] = { 0 };
    static const uint64_t ms[] = { 0, 5, 6, 60000, 60001, 1 << 30 };

    for (i = 0; i < (int) gt_nelts(ms); i++) {
        gt_stat_took(row, ms[i]);
    }

    is_int(row[GT_STAT_TOOK_LE], 2, "up to 5 ms");
    is_int(row[GT_STAT_TOOK_LE + 1], 1, "up to 10 ms");
    is_int(row[GT_STAT_TOOK_LE + 13], 1, "up to 60 s");
    is_int(row[GT_STAT_TOOK_LE + 14], 2, "longer");

    for (i = 0; i < GT_STAT_TOOK_BUCKETS; i++) {
        n += row[GT_STAT_TOOK_LE + i];
    }

    is_int(n, gt_nelts(ms), "each once");
    is_int(row[GT_STAT_TOOK_MS], 120012 + (1 << 30), "in all");
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
        if (gt_tally_read_clients(race_lasting, race_zones, ROUNDS, &sum)
            != GT_OK) {
            break;
        }

        if (sum.worker[GT_STAT_ACCEPTED] != ROUNDS
            || (sum.n_rows > 0 /* until the last has been folded */
                && (row(&sum, "a")[GT_STAT_TOTAL_CONNS] != 2 * ROUNDS
                    || client(&sum, "a", 9, GT_STAT_TOTAL_CONNS) != ROUNDS)))
        {
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
        race_zones[i] = generation(1, 1, names, 1, 4);
        count(race_zones[i], 0, 0, 1, 0);
        (void) count_client(race_zones[i], 0, 0, 9);
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


/* nodes of chains: over slots and generations, past a fold, with their marks */
static void
test_nodes(void)
{
    int             i;
    gt_zone_t      *lasting = gt_tally_new(), *z[2];
    gt_mark_t      *m = &gt_tally_marks(lasting)[7];
    gt_tally_sum_t  sum;
    gt_slots_node_t nodes[2] = {
        { .chain = "c",
          .node = "a",
          .key = 1,
          .mark = 7,
          .max_fails = 1,
          .fail_ms = 3600000 },
        { .chain = "c", .node = "b", .key = 2, .mark = 8 },
    };
    gt_tally_shape_t shape = { .generation = 1,
                               .n_slots = 2,
                               .services = names,
                               .n_services = 2,
                               .nodes = nodes,
                               .n_nodes = 2 };

    z[0] = gt_tally_generation(&shape);
    shape.n_services = 1;
    z[1] = gt_tally_generation(&shape);
    ok(z[0] && z[1] && !gt_tally_check(z[0]) && !gt_tally_check(z[1]),
       "two generations with nodes");

    for (i = 0; i < 2; i++) {
        gt_stat_add(&(*gt_tally_node(z[0], i, 1))[GT_STAT_NODE_TRIED], 5);
        gt_stat_add(&(*gt_tally_node(z[1], i, 1))[GT_STAT_NODE_TRIED], 50);
        gt_stat_add(&(*gt_tally_node(z[0], i, 0))[GT_STAT_NODE_ACTIVE], 1);
    }

    gt_stat_node_dialed(gt_tally_node(z[0], 1, 1), 10000);
    gt_stat_node_dialed(gt_tally_node(z[0], 1, 1), 10001);
    gt_stat_node_dialed(gt_tally_node(z[0], 1, 1), 61000000);
    is_int(gt_tally_block(z[0], 1)->services[1][0], 0, "no service's row");
    gt_mark_set(m, 1); /* a moment after the machine's start */

    is_int(gt_tally_read(lasting, z, 2, &sum), GT_OK, "read");
    is_int(sum.n_nodes, 2, "two nodes");
    is_int(sum.nodes[1].figures[GT_STAT_NODE_TRIED], 110, "added up");
    is_int(sum.nodes[1].figures[GT_STAT_NODE_LE], 1, "10 ms");
    is_int(sum.nodes[1].figures[GT_STAT_NODE_LE + 1], 1, "a little more");
    is_int(sum.nodes[1].figures[GT_STAT_NODE_MAX - 1], 1, "longer than any");
    is_int(sum.nodes[1].figures[GT_STAT_NODE_DIALED], 3, "in all");
    is_int(sum.nodes[1].figures[GT_STAT_NODE_DIAL_US], 61020001, "so long");
    is_int(sum.nodes[0].figures[GT_STAT_NODE_ACTIVE], 2, "in use");
    is_int(sum.nodes[0].fails, 1, "its mark");
    ok(sum.nodes[0].ever_failed && !sum.nodes[1].ever_failed, "only its");
    gt_tally_sum_free(&sum);

    gt_tally_bury(z[0], 0);
    (void) gt_tally_read(lasting, z, 2, &sum);
    is_int(sum.nodes[0].figures[GT_STAT_NODE_ACTIVE], 1, "one worker less");
    gt_tally_sum_free(&sum);

    gt_tally_fold(lasting, z[0]);
    (void) gt_tally_read(lasting, z + 1, 1, &sum);
    is_int(sum.nodes[1].figures[GT_STAT_NODE_TRIED], 110, "after a fold");
    is_int(sum.nodes[0].figures[GT_STAT_NODE_ACTIVE], 0, "no gauge of it");
    gt_tally_sum_free(&sum);

    gt_zone_free(z[0]);
    gt_zone_free(z[1]);
    gt_zone_free(lasting);
}


int
main(void)
{
    test_nodes();
    test_reloads();
    test_fold();
    test_alignment();
    test_names();
    test_table();
    test_clients();
    test_took();
    test_race();
    test_mend();

    return tap_done();
}
