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
    gt_metrics_seconds(m, row->figures[GT_STAT_TOOK_MS]);
    gost_took_line(m, f, "_count", row);
    gt_metrics_value(m, n);

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
    { .name = NULL }
};
/* clang-format on */
