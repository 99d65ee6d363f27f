/*
 * process/metrics_own.c: the families of our own: processes and generations.
 */

#include "process/metrics_impl.h"

#include <string.h>

/* the indexes of own_once() */
enum {
    OWN_BUILD,
    OWN_GENERATION,
    OWN_UPTIME,
    OWN_DEATHS,
    OWN_RELOAD_GOOD,
    OWN_RELOAD_TIME
};

/* the indexes of own_worker() behind GT_STAT_WORKER_MAX */
enum { OWN_BEAT = GT_STAT_WORKER_MAX, OWN_STARTED, OWN_SLOT_DEATHS };


/* the indexes of own_node() behind GT_STAT_NODE_MAX */
enum { OWN_NODE_UP = GT_STAT_NODE_MAX, OWN_NODE_FAILS, OWN_NODE_DIAL };


static uint64_t
own_since(uint64_t then, uint64_t now)
{
    return now > then ? now - then : 0; /* a clock may be set back */
}


static bool
own_once(gt_metrics_t *m, const gt_metrics_family_t *f, uint32_t i)
{
    bool reload = f->arg == OWN_RELOAD_GOOD || f->arg == OWN_RELOAD_TIME;

    if (i > 0 || (reload && m->reload.at_ms == 0)) {
        return false;
    }

    gt_metrics_begin(m, f, "");
    gt_metrics_label(m, "host", m->host);

    switch (f->arg) {
    case OWN_BUILD:
        gt_metrics_label(m, "version", GT_VERSION);
        gt_metrics_value(m, 1);
        break;
    case OWN_GENERATION: gt_metrics_value(m, m->sum.generation); break;
    case OWN_UPTIME:
        gt_metrics_ms(m, own_since(m->sum.started_ms, m->wall_ms));
        break;
    case OWN_DEATHS: gt_metrics_value(m, m->sum.deaths); break;
    case OWN_RELOAD_GOOD: gt_metrics_value(m, m->reload.was_good); break;
    default: gt_metrics_ms(m, m->reload.at_ms);
    }

    return true;
}


static bool
own_reloads(gt_metrics_t *m, const gt_metrics_family_t *f, uint32_t i)
{
    if (i > 1) {
        return false;
    }

    gt_metrics_begin(m, f, "");
    gt_metrics_label(m, "host", m->host);
    gt_metrics_label(m, "result", i == 0 ? "failed" : "good");
    gt_metrics_value(m, i == 0 ? m->reload.failed : m->reload.good);

    return true;
}


static bool
own_states(gt_metrics_t *m, const gt_metrics_family_t *f, uint32_t i)
{
    uint32_t                 k, n = 0;
    static const char *const names[] = { "quitting", "ready", "starting" };
    static const uint32_t    states[] = { GT_SLOT_QUITTING, GT_SLOT_READY,
                                          GT_SLOT_STARTING };

    if (i >= gt_nelts(states)) {
        return false;
    }

    for (k = 0; k < m->n_workers; k++) {
        n += m->workers[k].state == states[i];
    }

    gt_metrics_begin(m, f, "");
    gt_metrics_label(m, "host", m->host);
    gt_metrics_label(m, "state", names[i]);
    gt_metrics_value(m, n);

    return true;
}


static bool
own_worker(gt_metrics_t *m, const gt_metrics_family_t *f, uint32_t i)
{
    const gt_metrics_worker_t *w = &m->workers[i];

    if (i >= m->n_workers) {
        return false;
    }

    gt_metrics_begin(m, f, "");
    gt_metrics_number(m, "generation", w->generation);
    gt_metrics_label(m, "host", m->host);
    gt_metrics_number(m, "worker", (uint64_t) w->slot);

    switch (f->arg) {
    case OWN_BEAT:
        gt_metrics_ms(m, w->beat_ms ? own_since(w->beat_ms, m->now_ms) : 0);
        break;
    case OWN_STARTED: gt_metrics_ms(m, w->started_ms); break;
    case OWN_SLOT_DEATHS: gt_metrics_value(m, w->deaths); break;
    default: gt_metrics_value(m, w->figures[f->arg]);
    }

    return true;
}


/* over all workers, those that have gone too */

static bool
own_sum(gt_metrics_t *m, const gt_metrics_family_t *f, uint32_t i)
{
    if (i > 0) {
        return false;
    }

    gt_metrics_begin(m, f, "");
    gt_metrics_label(m, "host", m->host);
    gt_metrics_value(m, m->sum.worker[f->arg]);

    return true;
}


/* a name may have been cut, and then it may stand twice */

static bool
own_node_again(const gt_metrics_t *m, uint32_t i)
{
    const gt_slots_node_t *a, *b;

    if (i == 0) {
        return false;
    }

    a = &m->nodes[i - 1]->what;
    b = &m->nodes[i]->what;

    return strcmp(a->node, b->node) == 0 && strcmp(a->hop, b->hop) == 0
           && strcmp(a->chain, b->chain) == 0;
}


static bool
own_node(gt_metrics_t *m, const gt_metrics_family_t *f, uint32_t i)
{
    const gt_tally_node_t *nd;

    if (i >= (uint32_t) m->sum.n_nodes) {
        return false;
    }

    if (own_node_again(m, i)) {
        return true;
    }

    nd = m->nodes[i];
    gt_metrics_begin(m, f, "");
    gt_metrics_label(m, "chain", nd->what.chain);
    gt_metrics_label(m, "hop", nd->what.hop);
    gt_metrics_label(m, "host", m->host);
    gt_metrics_label(m, "node", nd->what.node);

    switch (f->arg) {
    case OWN_NODE_UP: gt_metrics_value(m, !nd->out); break;
    case OWN_NODE_FAILS: gt_metrics_value(m, nd->fails); break;
    case OWN_NODE_DIAL: gt_metrics_us(m, nd->dial_us); break;
    default: gt_metrics_value(m, nd->figures[f->arg]);
    }

    return true;
}


/* clang-format off */
const gt_metrics_family_t gt_metrics_own[] = {
    { "gatun_build_info", "1; the version is in the label.",
      GT_METRICS_GAUGE, own_once, OWN_BUILD },
    { "gatun_generation", "The number of the configuration in force.",
      GT_METRICS_GAUGE, own_once, OWN_GENERATION },
    { "gatun_uptime_seconds", "Since the first master began.",
      GT_METRICS_GAUGE, own_once, OWN_UPTIME },
    { "gatun_reloads_total", "Reloads that have ended.",
      GT_METRICS_COUNTER, own_reloads, 0 },
    { "gatun_last_reload_good", "1: the last reload is in force.",
      GT_METRICS_GAUGE, own_once, OWN_RELOAD_GOOD },
    { "gatun_last_reload_timestamp_seconds", "When the last reload ended.",
      GT_METRICS_GAUGE, own_once, OWN_RELOAD_TIME },
    { "gatun_workers", "Worker processes.",
      GT_METRICS_GAUGE, own_states, 0 },

    { "gatun_accepted_total", "Connections accepted.",
      GT_METRICS_COUNTER, own_sum, GT_STAT_ACCEPTED },
    { "gatun_refused_total", "Connections refused by a limit.",
      GT_METRICS_COUNTER, own_sum, GT_STAT_REFUSED },
    { "gatun_connections", "Client connections now.",
      GT_METRICS_GAUGE, own_sum, GT_STAT_CONNECTIONS },
    { "gatun_tunnels", "Tunnels relayed now.",
      GT_METRICS_GAUGE, own_sum, GT_STAT_TUNNELS },
    { "gatun_accept_paused_total",
      "Times accepting paused for want of descriptors.",
      GT_METRICS_COUNTER, own_sum, GT_STAT_ACCEPT_PAUSED },
    { "gatun_log_dropped_total", "Log lines that could not be written.",
      GT_METRICS_COUNTER, own_sum, GT_STAT_LOG_DROPPED },
    { "gatun_auth_wrong_total", "Credentials that were wrong.",
      GT_METRICS_COUNTER, own_sum, GT_STAT_AUTH_WRONG },
    { "gatun_auth_shed_total",
      "Credentials not looked at, after too many wrong ones.",
      GT_METRICS_COUNTER, own_sum, GT_STAT_AUTH_SHED },
    { "gatun_deaths_total", "Workers that ended as none should.",
      GT_METRICS_COUNTER, own_once, OWN_DEATHS },

    { "gatun_worker_accepted_total", "Connections accepted by a worker.",
      GT_METRICS_COUNTER, own_worker, GT_STAT_ACCEPTED },
    { "gatun_worker_refused_total",
      "Connections that a worker refused by a limit.",
      GT_METRICS_COUNTER, own_worker, GT_STAT_REFUSED },
    { "gatun_worker_connections", "Client connections of a worker now.",
      GT_METRICS_GAUGE, own_worker, GT_STAT_CONNECTIONS },
    { "gatun_worker_tunnels", "Tunnels that a worker relays now.",
      GT_METRICS_GAUGE, own_worker, GT_STAT_TUNNELS },
    { "gatun_worker_accept_paused_total",
      "Times a worker paused accepting for want of descriptors.",
      GT_METRICS_COUNTER, own_worker, GT_STAT_ACCEPT_PAUSED },
    { "gatun_worker_log_dropped_total",
      "Log lines that a worker could not write.",
      GT_METRICS_COUNTER, own_worker, GT_STAT_LOG_DROPPED },
    { "gatun_worker_loop_rounds_total", "Rounds of a worker's event loop.",
      GT_METRICS_COUNTER, own_worker, GT_STAT_BEAT },
    { "gatun_worker_beat_age_seconds",
      "Since a worker's last round; over 3 it hangs.",
      GT_METRICS_GAUGE, own_worker, OWN_BEAT },
    { "gatun_worker_start_time_seconds", "When a worker began.",
      GT_METRICS_GAUGE, own_worker, OWN_STARTED },
    { "gatun_worker_deaths_total",
      "Workers that died before this one in its place.",
      GT_METRICS_COUNTER, own_worker, OWN_SLOT_DEATHS },

    { "gatun_node_up", "0: a node has failed too often and is passed over.",
      GT_METRICS_GAUGE, own_node, OWN_NODE_UP },
    { "gatun_node_fails", "Failures of a node in a row.",
      GT_METRICS_GAUGE, own_node, OWN_NODE_FAILS },
    { "gatun_node_active", "Sessions that lead through a node now.",
      GT_METRICS_GAUGE, own_node, GT_STAT_NODE_ACTIVE },
    { "gatun_node_dial_seconds",
      "What reaching a node takes lately; 0: not known.",
      GT_METRICS_GAUGE, own_node, OWN_NODE_DIAL },
    { "gatun_node_dials_total", "Dials to a node, good ones and others.",
      GT_METRICS_COUNTER, own_node, GT_STAT_NODE_TRIED },
    { "gatun_node_failures_total", "Failures that were a node's own.",
      GT_METRICS_COUNTER, own_node, GT_STAT_NODE_FAILED },
    { .name = NULL }
};
/* clang-format on */
