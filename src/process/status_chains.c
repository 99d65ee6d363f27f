/*
 * process/status_chains.c: chains, their hops and their nodes, as JSON: what a
 * node is, how it does, and what it was used for.
 */

#include "process/status_impl.h"


/* the upper bound that so many in a hundred dials kept, in ms; null: longer
   than any bound, or no dial succeeded */

static json_t *
chains_within(const uint64_t *figures, unsigned percent)
{
    int             i;
    uint64_t        n = 0, sum = 0;
    const uint64_t *le = figures + GT_STAT_NODE_LE;

    for (i = 0; i < GT_STAT_NODE_BUCKETS; i++) {
        n += le[i];
    }

    for (i = 0; i < GT_STAT_NODE_BUCKETS - 1 && n > 0; i++) {
        sum += le[i];
        if (sum * 100 >= n * percent) {
            return json_integer(gt_stat_node_le[i]);
        }
    }

    return json_null();
}


static int
chains_health(json_t *o, const gt_tally_node_t *nd)
{
    int                    rc;
    json_int_t             back = 0;
    const gt_slots_node_t *w = &nd->what;

    if (nd->out && w->fail_ms > nd->failed_ago_ms) {
        back = (json_int_t) (w->fail_ms - nd->failed_ago_ms);
    }

    rc = json_object_set_new(o, "state",
                             json_string(nd->out     ? "failed"
                                         : w->backup ? "backup"
                                                     : "up"));
    rc |= json_object_set_new(o, "backup", json_boolean(w->backup));
    rc |= json_object_set_new(o, "weight", json_integer(w->weight));
    rc |= json_object_set_new(o, "fails", json_integer(nd->fails));
    rc |= json_object_set_new(o, "maxFails", json_integer(w->max_fails));
    rc |= json_object_set_new(o, "backIn",
                              nd->out ? json_integer((back + 999) / 1000)
                                      : json_null());
    rc |= json_object_set_new(o, "lastFailure",
                              nd->ever_failed ? json_integer(
                                  (json_int_t) nd->failed_ago_ms / 1000)
                                              : json_null());

    return rc;
}


static json_t *
chains_node(const gt_tally_node_t *nd)
{
    int                    rc;
    json_t                *o = json_object();
    const gt_slots_node_t *w = &nd->what;

    rc = gt_status_put_text(o, "name", w->node, sizeof(w->node));
    rc |= gt_status_put_text(o, "addr", w->addr, sizeof(w->addr));
    rc |=
        gt_status_put_text(o, "connector", w->connector, sizeof(w->connector));
    rc |= gt_status_put_text(o, "dialer", w->dialer, sizeof(w->dialer));
    rc |= chains_health(o, nd);
    rc |= gt_status_put_figures(o, nd->figures, gt_stat_node_table,
                                GT_STAT_NODE_LE);
    rc |= json_object_set_new(o, "latencyMicroseconds",
                              json_integer(nd->dial_us));
    rc |= json_object_set_new(o, "p50Milliseconds",
                              chains_within(nd->figures, 50));
    rc |= json_object_set_new(o, "p95Milliseconds",
                              chains_within(nd->figures, 95));

    if (rc != 0) {
        json_decref(o);
        return NULL;
    }

    return o;
}


/* the object of that name in a list, or a new one with an empty list under
   `below`; the list's */

static json_t *
chains_find(json_t *list, const char *name, size_t size, const char *below)
{
    int     rc;
    size_t  i;
    json_t *o, *text = gt_status_text(name, size);

    /* what follows each other belongs together: the last one is likely it */
    for (i = json_array_size(list); i > 0 && text; i--) {
        o = json_array_get(list, i - 1);
        if (json_equal(json_object_get(o, "name"), text)) {
            json_decref(text);
            return o;
        }
    }

    o = json_object();
    rc = json_object_set_new(o, "name", text);
    rc |= json_object_set_new(o, below, json_array());

    return json_array_append_new(list, o) == 0 && rc == 0 ? o : NULL;
}


json_t *
gt_status_chains(const gt_tally_sum_t *sum)
{
    int                    i, rc = 0;
    json_t                *list = json_array(), *chain, *hop;
    const gt_slots_node_t *w;

    for (i = 0; i < sum->n_nodes && rc == 0; i++) {
        w = &sum->nodes[i].what;
        chain = chains_find(list, w->chain, sizeof(w->chain), "hops");
        hop = chains_find(json_object_get(chain, "hops"), w->hop,
                          sizeof(w->hop), "nodes");

        rc = gt_status_put_text(hop, "strategy", w->strategy,
                                sizeof(w->strategy));
        rc |= json_array_append_new(json_object_get(hop, "nodes"),
                                    chains_node(&sum->nodes[i]));
    }

    if (rc != 0) {
        json_decref(list);
        return NULL;
    }

    return list;
}
