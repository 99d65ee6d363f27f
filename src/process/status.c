/*
 * process/status.c: what the zones say, as JSON.
 */

#include "process/status.h"

#include <string.h>
#include <time.h>

#include <jansson.h>

static const char *const status_states[] = { "none", "starting", "ready",
                                             "quitting" };


static json_t *
status_text(const char *s, size_t size)
{
    json_t *text = json_stringn(s, strnlen(s, size));

    /* names come from a configuration, which may not be UTF-8 */
    return text ? text : json_string("?");
}


/* seconds; somebody may have set the clock back */

static json_int_t
status_age(uint64_t since_ms, time_t now)
{
    return gt_max(now - (json_int_t) (since_ms / 1000), 0);
}


/* adds the figures under their names in the table */

static int
status_figures(json_t *to, const uint64_t *c, const gt_stat_desc_t *desc, int n)
{
    int i, rc = 0;

    for (i = 0; i < n; i++) {
        rc |=
            json_object_set_new(to, desc[i].name,
                                json_integer((json_int_t) gt_stat_get(&c[i])));
    }

    return rc;
}


static int
status_worker(json_t *list, const gt_zone_t *z, int slot, time_t now)
{
    int                      rc;
    json_t                  *w;
    uint32_t                 state;
    const gt_slots_worker_t *s = gt_tally_worker(z, slot);

    state = __atomic_load_n(&s->state, __ATOMIC_ACQUIRE);

    if (s->pid == 0 || state == GT_SLOT_NONE
        || state >= sizeof(status_states) / sizeof(status_states[0]))
    {
        return 0;
    }

    w = json_object();
    rc = json_object_set_new(w, "pid", json_integer(s->pid));
    rc |= json_object_set_new(w, "slot", json_integer(slot));
    rc |= json_object_set_new(w, "generation",
                              json_integer(gt_tally_head(z)->generation));
    rc |= json_object_set_new(w, "state", json_string(status_states[state]));
    rc |= json_object_set_new(w, "uptime",
                              json_integer(status_age(s->started_ms, now)));
    rc |=
        json_object_set_new(w, "deaths", json_integer((json_int_t) s->deaths));
    rc |= status_figures(w, gt_tally_block(z, slot)->worker,
                         gt_stat_worker_table, GT_STAT_WORKER_MAX);

    return rc | json_array_append_new(list, w);
}


static json_t *
status_workers(gt_zone_t *const *zones, int n, time_t now)
{
    int     i, slot, rc = 0;
    json_t *list = json_array();

    for (i = n - 1; i >= 0; i--) {
        if (__atomic_load_n(&gt_tally_head(zones[i])->folded, __ATOMIC_RELAXED))
        {
            continue;
        }

        for (slot = 0; slot < (int) gt_tally_head(zones[i])->n_slots; slot++) {
            rc |= status_worker(list, zones[i], slot, now);
        }
    }

    if (rc != 0) {
        json_decref(list);
        return NULL;
    }

    return list;
}


static json_t *
status_services(const gt_tally_sum_t *sum)
{
    int                   i, rc = 0;
    json_t               *s, *list = json_array();
    const gt_tally_row_t *row;

    for (i = 0; i < sum->n_rows; i++) {
        row = &sum->rows[i];
        s = json_object();
        rc |= json_object_set_new(s, "name",
                                  status_text(row->what.name, GT_SLOTS_NAME));
        rc |= json_object_set_new(s, "addr",
                                  status_text(row->what.addr, GT_SLOTS_ADDR));
        rc |=
            json_object_set_new(s, "handler",
                                status_text(row->what.handler, GT_SLOTS_TYPE));
        rc |=
            json_object_set_new(s, "listener",
                                status_text(row->what.listener, GT_SLOTS_TYPE));
        rc |= status_figures(s, row->figures, gt_stat_service_table,
                             GT_STAT_FIGURES);
        rc |= json_array_append_new(list, s);
    }

    if (rc != 0) {
        json_decref(list);
        return NULL;
    }

    return list;
}


static json_t *
status_node(const gt_tally_node_t *nd)
{
    int                    rc = 0;
    json_t                *o = json_object();
    const gt_slots_node_t *w = &nd->what;
    const struct {
        const char *key, *text;
        size_t      size;
    } texts[] = {
        { "chain", w->chain, GT_SLOTS_NAME },
        { "hop", w->hop, GT_SLOTS_NAME },
        { "name", w->node, GT_SLOTS_NAME },
        { "addr", w->addr, GT_SLOTS_ADDR },
        { "connector", w->connector, GT_SLOTS_TYPE },
        { "dialer", w->dialer, GT_SLOTS_TYPE },
        { "strategy", w->strategy, GT_SLOTS_TYPE },
    };
    size_t i;

    for (i = 0; i < gt_nelts(texts); i++) {
        rc |= json_object_set_new(o, texts[i].key,
                                  status_text(texts[i].text, texts[i].size));
    }

    rc |= json_object_set_new(o, "backup", json_boolean(w->backup));
    rc |= json_object_set_new(o, "weight", json_integer(w->weight));
    rc |= json_object_set_new(o, "usable", json_boolean(!nd->out));
    rc |= json_object_set_new(o, "fails", json_integer(nd->fails));
    rc |= json_object_set_new(o, "lastFailure",
                              nd->ever_failed ? json_integer(
                                  (json_int_t) nd->failed_ago_ms / 1000)
                                              : json_null());
    rc |= json_object_set_new(o, "latencyMicroseconds",
                              json_integer(nd->dial_us));
    rc |= status_figures(o, nd->figures, gt_stat_node_table, GT_STAT_NODE_LE);

    if (rc != 0) {
        json_decref(o);
        return NULL;
    }

    return o;
}


/* one for each chain that a node is in */

static json_t *
status_nodes(const gt_tally_sum_t *sum)
{
    int     i, rc = 0;
    json_t *list = json_array();

    for (i = 0; i < sum->n_nodes; i++) {
        rc |= json_array_append_new(list, status_node(&sum->nodes[i]));
    }

    if (rc != 0) {
        json_decref(list);
        return NULL;
    }

    return list;
}


char *
gt_status_json(const gt_zone_t *lasting, gt_zone_t *const *zones, int n,
               pid_t master)
{
    int            rc;
    char          *text = NULL;
    json_t        *root, *total;
    time_t         now = time(NULL);
    gt_tally_sum_t sum;

    if (gt_tally_read(lasting, zones, n, &sum) != GT_OK) {
        return NULL;
    }

    root = json_object();
    total = json_object();
    rc = json_object_set_new(root, "version", json_string(GT_VERSION));
    rc |= json_object_set_new(root, "generation", json_integer(sum.generation));
    rc |= json_object_set_new(root, "uptime",
                              json_integer(status_age(sum.started_ms, now)));
    rc |= json_object_set_new(root, "pid", json_integer(master));
    rc |= json_object_set_new(root, "workers", status_workers(zones, n, now));
    rc |= json_object_set_new(root, "services", status_services(&sum));
    rc |= json_object_set_new(root, "nodes", status_nodes(&sum));
    rc |= status_figures(total, sum.worker, gt_stat_worker_table,
                         GT_STAT_WORKER_MAX);
    rc |= json_object_set_new(root, "total", total);

    if (rc == 0) {
        text = json_dumps(root, JSON_INDENT(2));
    }

    json_decref(root);
    gt_tally_sum_free(&sum);

    return text;
}


int
gt_status_ready(gt_zone_t *const *zones, int n)
{
    int                      i, slot, ready = 0;
    const gt_slots_worker_t *s;

    for (i = 0; i < n; i++) {
        for (slot = 0; slot < (int) gt_tally_head(zones[i])->n_slots; slot++) {
            s = gt_tally_worker(zones[i], slot);
            ready +=
                __atomic_load_n(&s->state, __ATOMIC_ACQUIRE) == GT_SLOT_READY;
        }
    }

    return ready;
}
