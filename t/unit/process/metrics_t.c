/*
 * The metrics text: names of any bytes, every figure somewhere, the same in
 * pieces of any size, and a great many clients without a great text.
 */

#include "process/metrics.h"

#include "core/mem.h"

#include "tap.h"

#include <stdlib.h>
#include <unistd.h>

enum { SERVICES = 4, CLIENTS = 16, ROOM = 1 << 20 };

static uint64_t cpu_ms;


static gt_zone_t *
zone(const gt_slots_service_t *services, int n, int n_slots, uint32_t clients,
     const gt_slots_node_t *nodes, int n_nodes)
{
    int                    slot;
    gt_zone_t             *z;
    const gt_tally_shape_t shape = { .generation = 1,
                                     .n_slots = n_slots,
                                     .services = services,
                                     .n_services = n,
                                     .nodes = nodes,
                                     .n_nodes = n_nodes,
                                     .n_clients = clients };

    z = gt_tally_generation(&shape);

    for (slot = 0; z && slot < n_slots; slot++) {
        gt_tally_worker(z, slot)->state = GT_SLOT_READY;
        gt_tally_worker(z, slot)->pid = (int32_t) getpid();
    }

    return z;
}


static gt_metrics_t *
metrics(const gt_zone_t *lasting, gt_zone_t *const *z)
{
    const gt_metrics_from_t from = { .lasting = lasting,
                                     .zones = z,
                                     .n = 1,
                                     .master = getpid(),
                                     .cpu_ms = &cpu_ms };

    return gt_metrics_new(&from);
}


/* all of it, asked for in pieces of that size; how many bytes */

static size_t
text(gt_metrics_t *m, char *p, size_t piece)
{
    size_t n, all = 0;

    while ((n = gt_metrics_next(m, p + all, piece)) > 0) {
        if (p[all + n - 1] != '\n' || n > piece) {
            return 0;
        }

        all += n;
        if (all + piece > ROOM) {
            return 0;
        }
    }

    p[all] = '\0';

    return all;
}


static void
test_names(void)
{
    int                i;
    char              *a = gt_alloc(ROOM + 1), *b = gt_alloc(ROOM + 1);
    gt_zone_t         *lasting = gt_tally_new(), *z;
    gt_metrics_t      *m[2];
    gt_slots_service_t s[SERVICES] = { { .name = "a\"b\\c\nd\xc3\xa9" } };
    gt_slots_node_t    nd[2] = { { .chain = "c", .node = "n", .key = 1 } };

    /* names that grow most: bytes that are no character, quotes */
    memset(s[1].name, 0xff, GT_SLOTS_NAME - 1);
    memset(s[2].name, '"', GT_SLOTS_NAME - 1);
    memset(s[3].name, 0xc3, GT_SLOTS_NAME - 1);
    memset(nd[1].chain, 0xff, GT_SLOTS_NAME - 1);
    memset(nd[1].node, 0xfe, GT_SLOTS_NAME - 1);
    memset(nd[1].hop, '\n', GT_SLOTS_NAME - 1);
    nd[1].key = 2;

    z = zone(s, SERVICES, 1, CLIENTS, nd, 2);

    for (i = 0; i < GT_STAT_WORKER_MAX; i++) {
        gt_tally_block(z, 0)->worker[i] = 7000000 + (uint64_t) i;
    }

    for (i = 0; i < GT_STAT_SERVICE_MAX; i++) {
        gt_tally_block(z, 0)->services[1][i] = UINT64_MAX / 2;
    }

    for (i = 0; i < GT_STAT_NODE_MAX; i++) {
        (*gt_tally_node(z, 0, 1))[i] = 1000000000000000;
    }

    m[0] = metrics(lasting, &z);
    m[1] = metrics(lasting, &z);
    ok(m[0] && m[1], "figures of a moment");

    ok(text(m[0], a, GT_METRICS_ROW) > 0, "in the smallest pieces");
    ok(text(m[1], b, ROOM / 2) > 0, "in two");
    ok(strstr(a, "service=\"a\\\"b\\\\c\\nd\xc3\xa9\"") != NULL,
       "three letters are escaped, others are not");
    ok(strstr(a, "\"\xef\xbf\xbd\xef\xbf\xbd") != NULL && !strchr(a, '\xff'),
       "what is no character is replaced");
    ok(strstr(a, "chain=\"c\",host=") && strstr(a, "node=\"n\",le=\"0.01\"} 0"),
       "nodes");

    for (i = 0; i < GT_STAT_WORKER_MAX; i++) {
        char want[32];

        (void) snprintf(want, sizeof(want), " %d\n", 7000000 + i);
        ok(strstr(a, want) != NULL, "%s is there",
           gt_stat_worker_table[i].name);
    }

    gt_metrics_free(m[0]);
    gt_metrics_free(m[1]);

    /* gauges of time apart, both are one text */
    ok(strlen(a) > 10000 && labs((long) strlen(a) - (long) strlen(b)) < 100,
       "the same text");

    gt_zone_free(z);
    gt_zone_free(lasting);
    gt_free(a);
    gt_free(b);
}


static void
test_families(void)
{
    int         i, k, twice = 0;
    const char *name, *type, *help, *other;

    for (i = 0; gt_metrics_family(i, &name, &type, &help); i++) {
        ok(help[0] != '\0' && help[strlen(help) - 1] == '.'
               && !strpbrk(help, "\\\n")
               && (strcmp(type, "counter") == 0)
                      == (strlen(name) > 6
                          && strcmp(name + strlen(name) - 6, "_total") == 0),
           "%s", name);

        for (k = 0; k < i; k++) {
            (void) gt_metrics_family(k, &other, &type, &help);
            twice += strcmp(name, other) == 0;
        }
    }

    ok(i > 20, "%d families", i);
    is_int(twice, 0, "each has a name of its own");
}


/* each of them in a row of their own: what is held at once is a piece */

static void
test_many(void)
{
    int                i;
    char              *p = gt_alloc(65536);
    size_t             n, all = 0, most = 0;
    uint32_t           c, clients = 4096;
    uint64_t          *row;
    gt_zone_t         *lasting = gt_tally_new(), *z;
    gt_metrics_t      *m;
    gt_stat_client_t  *found;
    gt_slots_service_t s[64] = { { .name = "" } };

    for (i = 0; i < 64; i++) {
        (void) snprintf(s[i].name, sizeof(s[i].name), "service-%d", i);
    }

    z = zone(s, 64, 2, clients, NULL, 0);

    for (i = 0; i < 2; i++) {
        for (c = 0; c < clients; c++) {
            uint8_t addr[GT_STAT_ADDR] = { 0xfd, (uint8_t) i };

            memcpy(addr + 8, &c, sizeof(c));
            found =
                gt_stat_client(gt_tally_clients(z, i), clients, addr, c % 64);
            row =
                found ? found->figures : gt_tally_block(z, i)->services[c % 64];
            gt_stat_add(&row[GT_STAT_TOTAL_CONNS], 1);
        }
    }

    m = metrics(lasting, &z);

    while ((n = gt_metrics_next(m, p, 65536)) > 0) {
        all += n;
        most = gt_max(most, n);
    }

    ok(all > (size_t) clients * 2 * 5 * 60, "%zu bytes", all);
    ok(most <= 65536, "at most %zu at once", most);

    gt_metrics_free(m);
    gt_zone_free(z);
    gt_zone_free(lasting);
    gt_free(p);
}


int
main(void)
{
    test_names();
    test_families();
    test_many();

    return tap_done();
}
