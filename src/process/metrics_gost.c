/*
 * process/metrics_gost.c: the families that GOST has, by its names; dashboards
 * know them.
 */

#include "process/metrics_impl.h"

#include <arpa/inet.h>
#include <string.h>


static bool
gost_services(gt_metrics_t *m, const gt_metrics_family_t *f, uint32_t i)
{
    if (i > 0) {
        return false;
    }

    gt_metrics_begin(m, f, "");
    gt_metrics_label(m, "host", m->host);
    gt_metrics_value(m, m->services);

    return true;
}


static void
gost_client(gt_metrics_t *m, const gt_metrics_family_t *f, const char *client,
            const gt_tally_row_t *row, const uint64_t *figures)
{
    gt_metrics_begin(m, f, "");

    if (client) {
        gt_metrics_label(m, "client", client);
    }

    gt_metrics_label(m, "host", m->host);
    gt_metrics_label(m, "service", row->what.name);
    gt_metrics_value(m, figures[f->arg]);
}


/* the clients that have rows, and before them, per service, those that have
   none; without the label all of it */

static bool
gost_clients(gt_metrics_t *m, const gt_metrics_family_t *f, uint32_t i)
{
    char                    text[INET6_ADDRSTRLEN];
    uint32_t                n = (uint32_t) m->sum.n_rows;
    const gt_tally_row_t   *row;
    const gt_stat_client_t *c;
    static const uint8_t    v4[12] = { [10] = 0xff, [11] = 0xff };

    if (i < n) {
        row = &m->sum.rows[i];

        if (!m->sum.by_client) {
            gost_client(m, f, NULL, row, row->rest);
        } else if (row->rest[GT_STAT_TOTAL_CONNS] > 0) {
            gost_client(m, f, "", row, row->rest);
        }

        return true;
    }

    if (i - n >= m->sum.n_clients) {
        return false;
    }

    c = &m->sum.clients[i - n];

    if (memcmp(c->addr, v4, sizeof(v4)) == 0) {
        (void) inet_ntop(AF_INET, c->addr + sizeof(v4), text, sizeof(text));
    } else {
        (void) inet_ntop(AF_INET6, c->addr, text, sizeof(text));
    }

    gost_client(m, f, text, &m->sum.rows[c->id - 1], c->figures);

    return true;
}


static void
gost_took_line(gt_metrics_t *m, const gt_metrics_family_t *f,
               const char *suffix, const gt_tally_row_t *row)
{
    gt_metrics_begin(m, f, suffix);
    gt_metrics_label(m, "host", m->host);
    gt_metrics_label(m, "service", row->what.name);
}


static bool
gost_took(gt_metrics_t *m, const gt_metrics_family_t *f, uint32_t i)
{
    int                   k;
    uint64_t              n = 0;
    const gt_tally_row_t *row;

    if (i >= (uint32_t) m->sum.n_rows) {
        return false;
    }

    row = &m->sum.rows[i];

    for (k = 0; k < GT_STAT_TOOK_BUCKETS; k++) {
        n += row->figures[GT_STAT_TOOK_LE + k];
        gost_took_line(m, f, "_bucket", row);

        if (k < GT_STAT_TOOK_BUCKETS - 1) {
            gt_metrics_le(m, gt_stat_took_le[k]);
        } else {
            gt_metrics_label(m, "le", "+Inf");
        }

        gt_metrics_value(m, n);
    }

    gost_took_line(m, f, "_sum", row);
    gt_metrics_ms(m, row->figures[GT_STAT_TOOK_MS]);
    gost_took_line(m, f, "_count", row);
    gt_metrics_value(m, n);

    return true;
}


/* --- nodes --- */

/* how many from the i-th on have the names of its chain and its own: GOST does
   not tell hops apart.  0: there are some before it */

static uint32_t
gost_same(const gt_metrics_t *m, uint32_t i)
{
    uint32_t               k, n = (uint32_t) m->sum.n_nodes;
    const gt_slots_node_t *w = &m->nodes[i]->what;

    for (k = i; k < n && strcmp(m->nodes[k]->what.node, w->node) == 0
                && strcmp(m->nodes[k]->what.chain, w->chain) == 0;
         k++)
    {
        /* they stand together */
    }

    return i > 0 && strcmp(m->nodes[i - 1]->what.node, w->node) == 0
                   && strcmp(m->nodes[i - 1]->what.chain, w->chain) == 0
               ? 0
               : k - i;
}


/* the sum of a figure of n nodes */

static uint64_t
gost_node_sum(const gt_metrics_t *m, uint32_t i, uint32_t n, int figure)
{
    uint64_t sum = 0;

    while (n-- > 0) {
        sum += m->nodes[i++]->figures[figure];
    }

    return sum;
}


static void
gost_node_line(gt_metrics_t *m, const gt_metrics_family_t *f,
               const char *suffix, uint32_t i)
{
    gt_metrics_begin(m, f, suffix);
    gt_metrics_label(m, "chain", m->nodes[i]->what.chain);
    gt_metrics_label(m, "host", m->host);
    gt_metrics_label(m, "node", m->nodes[i]->what.node);
}


static bool
gost_node_errors(gt_metrics_t *m, const gt_metrics_family_t *f, uint32_t i)
{
    uint32_t n;

    if (i >= (uint32_t) m->sum.n_nodes) {
        return false;
    }

    n = gost_same(m, i);

    if (n > 0) {
        gost_node_line(m, f, "", i);
        gt_metrics_value(m, gost_node_sum(m, i, n, GT_STAT_NODE_FAILED));
    }

    return true;
}


static bool
gost_node_took(gt_metrics_t *m, const gt_metrics_family_t *f, uint32_t i)
{
    int      k;
    uint32_t n;
    uint64_t count = 0;

    if (i >= (uint32_t) m->sum.n_nodes) {
        return false;
    }

    n = gost_same(m, i);

    for (k = 0; n > 0 && k < GT_STAT_NODE_BUCKETS; k++) {
        count += gost_node_sum(m, i, n, GT_STAT_NODE_LE + k);
        gost_node_line(m, f, "_bucket", i);

        if (k < GT_STAT_NODE_BUCKETS - 1) {
            gt_metrics_le(m, gt_stat_node_le[k]);
        } else {
            gt_metrics_label(m, "le", "+Inf");
        }

        gt_metrics_value(m, count);
    }

    if (n > 0) {
        gost_node_line(m, f, "_sum", i);
        gt_metrics_us(m, gost_node_sum(m, i, n, GT_STAT_NODE_DIAL_US));
        gost_node_line(m, f, "_count", i);
        gt_metrics_value(m, count);
    }

    return true;
}


/* clang-format off */
const gt_metrics_family_t gt_metrics_gost[] = {
    { "gost_services", "Services of the configuration in force.",
      GT_METRICS_GAUGE, gost_services, 0 },
    { "gost_service_requests_total",
      "Connections, or streams of one, that a service has taken.",
      GT_METRICS_COUNTER, gost_clients, GT_STAT_TOTAL_CONNS },
    { "gost_service_requests_in_flight",
      "Those that are being served now.",
      GT_METRICS_GAUGE, gost_clients, GT_STAT_CURRENT_CONNS },
    { "gost_service_request_duration_seconds",
      "How long those that have ended took.",
      GT_METRICS_HISTOGRAM, gost_took, 0 },
    { "gost_service_transfer_input_bytes_total",
      "Bytes from clients.",
      GT_METRICS_COUNTER, gost_clients, GT_STAT_INPUT_BYTES },
    { "gost_service_transfer_output_bytes_total",
      "Bytes to clients.",
      GT_METRICS_COUNTER, gost_clients, GT_STAT_OUTPUT_BYTES },
    { "gost_service_handler_errors_total",
      "Those that ended in an error.",
      GT_METRICS_COUNTER, gost_clients, GT_STAT_TOTAL_ERRS },
    { "gost_chain_node_connect_duration_seconds",
      "How long it took to reach a node, its handshake included.",
      GT_METRICS_HISTOGRAM, gost_node_took, 0 },
    { "gost_chain_errors_total", "Failures that were a node's own.",
      GT_METRICS_COUNTER, gost_node_errors, 0 },
    { .name = NULL }
};
/* clang-format on */
