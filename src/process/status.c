/*
 * process/status.c: what the zones say, as JSON.
 */

#include "process/status.h"

#include "process/status_impl.h"

#include <limits.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const status_states[] = { "none", "starting", "ready",
                                             "quitting" };


/* names come from a configuration, which may not be UTF-8, and are cut */

json_t *
gt_status_text(const char *s, size_t size)
{
    char    ascii[256];
    size_t  i, n = strnlen(s, size);
    json_t *text = json_stringn(s, n);

    if (text) {
        return text;
    }

    n = gt_min(n, sizeof(ascii));

    for (i = 0; i < n; i++) {
        ascii[i] = (unsigned char) s[i] < 0x80 ? s[i] : '?';
    }

    return json_stringn(ascii, n);
}


int
gt_status_put_text(json_t *to, const char *key, const char *s, size_t size)
{
    return json_object_set_new(to, key, gt_status_text(s, size));
}


static uint64_t
status_clock(clockid_t clock)
{
    struct timespec ts;

    (void) clock_gettime(clock, &ts);

    return (uint64_t) ts.tv_sec * 1000 + (uint64_t) ts.tv_nsec / 1000000;
}


/* seconds; somebody may have set the clock back */

static json_int_t
status_age(uint64_t since_ms, time_t now)
{
    return gt_max(now - (json_int_t) (since_ms / 1000), 0);
}


int
gt_status_put_figures(json_t *to, const uint64_t *c, const gt_stat_desc_t *desc,
                      int n)
{
    int i, rc = 0;

    for (i = 0; i < n; i++) {
        rc |=
            json_object_set_new(to, desc[i].name,
                                json_integer((json_int_t) gt_stat_get(&c[i])));
    }

    return rc;
}


/* the state of a slot's worker; GT_SLOT_NONE: there is none */

static gt_slot_state_t
status_state(const gt_zone_t *z, int slot)
{
    uint32_t                 state;
    const gt_slots_worker_t *s = gt_tally_worker(z, slot);

    state = __atomic_load_n(&s->state, __ATOMIC_ACQUIRE);

    return s->pid != 0 && state < gt_nelts(status_states)
               ? (gt_slot_state_t) state
               : GT_SLOT_NONE;
}


/* ms since the last round of its loop */

static json_int_t
status_beat(const gt_slots_worker_t *s)
{
    uint64_t now = status_clock(CLOCK_MONOTONIC);
    uint64_t beat = __atomic_load_n(&s->beat_ms, __ATOMIC_RELAXED);

    return beat > 0 && now > beat ? (json_int_t) (now - beat) : 0;
}


static int
status_worker(json_t *list, const gt_zone_t *z, int slot, time_t now)
{
    int                      rc;
    json_t                  *w;
    gt_slot_state_t          state = status_state(z, slot);
    const gt_slots_worker_t *s = gt_tally_worker(z, slot);

    if (state == GT_SLOT_NONE) {
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
    rc |= json_object_set_new(w, "beatAgeMilliseconds",
                              json_integer(status_beat(s)));
    rc |=
        json_object_set_new(w, "deaths", json_integer((json_int_t) s->deaths));
    rc |= gt_status_put_figures(w, gt_tally_block(z, slot)->worker,
                                gt_stat_worker_table, GT_STAT_WORKER_MAX);

    return rc | json_array_append_new(list, w);
}


static bool
status_folded(const gt_zone_t *z)
{
    return __atomic_load_n(&gt_tally_head(z)->folded, __ATOMIC_RELAXED) != 0;
}


static json_t *
status_workers(gt_zone_t *const *zones, int n, time_t now)
{
    int     i, slot, rc = 0;
    json_t *list = json_array();

    for (i = n - 1; i >= 0; i--) {
        if (status_folded(zones[i])) {
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


static int
status_generation(json_t *list, const gt_zone_t *z, uint32_t serving)
{
    int                    rc, slot, workers = 0;
    json_t                *g;
    uint64_t               conns = 0, tunnels = 0;
    const gt_slots_head_t *h = gt_tally_head(z);
    const uint64_t        *c;

    for (slot = 0; slot < (int) h->n_slots; slot++) {
        c = gt_tally_block(z, slot)->worker;
        workers += status_state(z, slot) != GT_SLOT_NONE;
        conns += gt_stat_get(&c[GT_STAT_CONNECTIONS]);
        tunnels += gt_stat_get(&c[GT_STAT_TUNNELS]);
    }

    g = json_object();
    rc = json_object_set_new(g, "generation", json_integer(h->generation));
    rc |= json_object_set_new(g, "state",
                              json_string(h->generation == serving ? "serving"
                                          : h->generation < serving
                                              ? "leaving"
                                              : "starting"));
    rc |= json_object_set_new(g, "workers", json_integer(workers));
    rc |=
        json_object_set_new(g, "connections", json_integer((json_int_t) conns));
    rc |= json_object_set_new(g, "tunnels", json_integer((json_int_t) tunnels));

    return rc | json_array_append_new(list, g);
}


static json_t *
status_generations(gt_zone_t *const *zones, int n, uint32_t serving)
{
    int     i, rc = 0;
    json_t *list = json_array();

    for (i = n - 1; i >= 0; i--) {
        if (!status_folded(zones[i])) {
            rc |= status_generation(list, zones[i], serving);
        }
    }

    if (rc != 0) {
        json_decref(list);
        return NULL;
    }

    return list;
}


static json_t *
status_reload(const gt_zone_t *lasting, time_t now)
{
    int               rc;
    json_t           *o = json_object(), *last = json_null();
    gt_slots_reload_t r;

    gt_tally_reloads(lasting, &r);
    rc = json_object_set_new(o, "good", json_integer(r.good));
    rc |= json_object_set_new(o, "failed", json_integer(r.failed));

    if (r.at_ms > 0) {
        last = json_object();
        rc |= json_object_set_new(last, "good", json_boolean(r.was_good));
        rc |= json_object_set_new(last, "age",
                                  json_integer(status_age(r.at_ms, now)));
        rc |= gt_status_put_text(last, "message", r.text, sizeof(r.text));
    }

    rc |= json_object_set_new(o, "last", last);

    if (rc != 0) {
        json_decref(o);
        return NULL;
    }

    return o;
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
        rc |= gt_status_put_text(s, "name", row->what.name, GT_SLOTS_NAME);
        rc |= gt_status_put_text(s, "addr", row->what.addr, GT_SLOTS_ADDR);
        rc |=
            gt_status_put_text(s, "handler", row->what.handler, GT_SLOTS_TYPE);
        rc |= gt_status_put_text(s, "listener", row->what.listener,
                                 GT_SLOTS_TYPE);
        rc |= gt_status_put_text(s, "chain", row->what.chain, GT_SLOTS_NAME);
        rc |= gt_status_put_figures(s, row->figures, gt_stat_service_table,
                                    GT_STAT_FIGURES);
        rc |= json_array_append_new(list, s);
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
    char          *text = NULL, host[HOST_NAME_MAX + 1] = "";
    json_t        *root, *total;
    time_t         now = time(NULL);
    gt_tally_sum_t sum;

    if (gt_tally_read(lasting, zones, n, &sum) != GT_OK) {
        return NULL;
    }

    root = json_object();
    total = json_object();
    rc = json_object_set_new(root, "version", json_string(GT_VERSION));
    (void) gethostname(host, sizeof(host) - 1);
    rc |= gt_status_put_text(root, "hostname", host, sizeof(host));
    rc |= json_object_set_new(root, "timestamp",
                              json_integer(
                                  (json_int_t) status_clock(CLOCK_REALTIME)));
    rc |= json_object_set_new(root, "generation", json_integer(sum.generation));
    rc |= json_object_set_new(root, "uptime",
                              json_integer(status_age(sum.started_ms, now)));
    rc |= json_object_set_new(root, "pid", json_integer(master));
    rc |= json_object_set_new(root, "reload", status_reload(lasting, now));
    rc |= json_object_set_new(root, "generations",
                              status_generations(zones, n, sum.generation));
    rc |= json_object_set_new(root, "workers", status_workers(zones, n, now));
    rc |= json_object_set_new(root, "services", status_services(&sum));
    rc |= json_object_set_new(root, "chains", gt_status_chains(&sum));
    rc |= gt_status_put_figures(total, sum.worker, gt_stat_worker_table,
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
