/*
 * process/metrics.c: the figures of a moment, and their text piece by piece.
 */

#include "process/metrics.h"

#include "core/mem.h"
#include "core/num.h"
#include "core/quote.h"
#include "process/metrics_impl.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const gt_metrics_family_t *const metrics_tables[] = {
    gt_metrics_gost, gt_metrics_own, gt_metrics_process
};

static const char *const metrics_types[] = { "counter", "gauge", "histogram" };


static const gt_metrics_family_t *
metrics_family(int i)
{
    size_t                     k;
    const gt_metrics_family_t *f;

    for (k = 0; k < gt_nelts(metrics_tables); k++) {
        for (f = metrics_tables[k]; f->name; f++) {
            if (i-- == 0) {
                return f;
            }
        }
    }

    return NULL;
}


bool
gt_metrics_family(int i, const char **name, const char **type,
                  const char **help)
{
    const gt_metrics_family_t *f = metrics_family(i);

    if (!f) {
        return false;
    }

    *name = f->name;
    *type = metrics_types[f->type];
    *help = f->help;

    return true;
}


/* --- text --- */

static void
metrics_put(gt_metrics_t *m, const char *p, size_t n)
{
    GT_ASSERT(m->size - m->n >= n);

    memcpy(m->p + m->n, p, n);
    m->n += n;
}


static void
metrics_text(gt_metrics_t *m, const char *s)
{
    metrics_put(m, s, strlen(s));
}


static void
metrics_u64(gt_metrics_t *m, uint64_t v)
{
    char text[GT_NUM_TEXT];

    metrics_put(m, text, gt_num_put(text, v));
}


/* 1, 2.5, 0.005: as Go writes them */

static void
metrics_us(gt_metrics_t *m, uint64_t us)
{
    int      i;
    char     frac[] = ".000000";
    size_t   n = sizeof(frac) - 1;
    unsigned rest = (unsigned) (us % 1000000);

    metrics_u64(m, us / 1000000);

    if (rest == 0) {
        return;
    }

    for (i = 6; i > 0; i--, rest /= 10) {
        frac[i] = (char) ('0' + rest % 10);
    }

    while (frac[n - 1] == '0') {
        n--;
    }

    metrics_put(m, frac, n);
}


/* a label's value is UTF-8, with three escapes */

static void
metrics_escaped(gt_metrics_t *m, const char *s)
{
    size_t len, n = strlen(s);

    for (; n > 0; s += len, n -= len) {
        len = gt_quote_char(s, n);

        if (len == 0) {
            len = 1;
            metrics_text(m, "\xef\xbf\xbd");

        } else if (*s == '\n') {
            metrics_text(m, "\\n");

        } else if (*s == '"' || *s == '\\') {
            metrics_text(m, *s == '"' ? "\\\"" : "\\\\");

        } else {
            metrics_put(m, s, len);
        }
    }
}


void
gt_metrics_begin(gt_metrics_t *m, const gt_metrics_family_t *f,
                 const char *suffix)
{
    if (!m->headed) {
        metrics_text(m, "# HELP ");
        metrics_text(m, f->name);
        metrics_text(m, " ");
        metrics_text(m, f->help);
        metrics_text(m, "\n# TYPE ");
        metrics_text(m, f->name);
        metrics_text(m, " ");
        metrics_text(m, metrics_types[f->type]);
        metrics_text(m, "\n");
        m->headed = true;
    }

    m->labels = false;
    metrics_text(m, f->name);
    metrics_text(m, suffix);
}


static void
metrics_label(gt_metrics_t *m, const char *name)
{
    metrics_text(m, m->labels ? "," : "{");
    metrics_text(m, name);
    metrics_text(m, "=\"");
    m->labels = true;
}


void
gt_metrics_label(gt_metrics_t *m, const char *name, const char *value)
{
    metrics_label(m, name);
    metrics_escaped(m, value);
    metrics_text(m, "\"");
}


void
gt_metrics_number(gt_metrics_t *m, const char *name, uint64_t value)
{
    metrics_label(m, name);
    metrics_u64(m, value);
    metrics_text(m, "\"");
}


void
gt_metrics_le(gt_metrics_t *m, uint64_t ms)
{
    metrics_label(m, "le");
    metrics_us(m, ms * 1000);
    metrics_text(m, "\"");
}


void
gt_metrics_value(gt_metrics_t *m, uint64_t value)
{
    metrics_text(m, m->labels ? "} " : " ");
    metrics_u64(m, value);
    metrics_text(m, "\n");
}


void
gt_metrics_us(gt_metrics_t *m, uint64_t us)
{
    metrics_text(m, m->labels ? "} " : " ");
    metrics_us(m, us);
    metrics_text(m, "\n");
}


void
gt_metrics_ms(gt_metrics_t *m, uint64_t ms)
{
    gt_metrics_us(m, ms * 1000);
}


size_t
gt_metrics_next(gt_metrics_t *m, char *p, size_t size)
{
    const gt_metrics_family_t *f;

    m->p = p;
    m->n = 0;
    m->size = size;

    while (size - m->n >= GT_METRICS_ROW) {
        f = metrics_family(m->family);
        if (!f) {
            break;
        }

        if (f->put(m, f, m->row)) {
            m->row++;
        } else {
            m->family++;
            m->row = 0;
            m->headed = false;
        }
    }

    return m->n;
}


/* --- the moment --- */

static uint64_t
metrics_ms(clockid_t clock)
{
    struct timespec ts;

    (void) clock_gettime(clock, &ts);

    return (uint64_t) ts.tv_sec * 1000 + (uint64_t) ts.tv_nsec / 1000000;
}


static void
metrics_worker(gt_metrics_t *m, const gt_zone_t *z, int slot)
{
    int                      i;
    const uint64_t          *c = gt_tally_block(z, slot)->worker;
    gt_metrics_worker_t     *w = &m->workers[m->n_workers];
    const gt_slots_worker_t *s = gt_tally_worker(z, slot);

    w->state = __atomic_load_n(&s->state, __ATOMIC_ACQUIRE);
    w->pid = __atomic_load_n(&s->pid, __ATOMIC_RELAXED);

    if (w->state == GT_SLOT_NONE || w->pid == 0) {
        return;
    }

    w->generation = gt_tally_head(z)->generation;
    w->slot = slot;
    w->started_ms = s->started_ms;
    w->deaths = s->deaths;
    w->beat_ms = gt_stat_get(&s->beat_ms);

    for (i = 0; i < GT_STAT_WORKER_MAX; i++) {
        w->figures[i] = gt_stat_get(&c[i]);
    }

    m->n_workers++;
}


static int
metrics_workers(gt_metrics_t *m, const gt_metrics_from_t *from)
{
    int                    i, slot;
    size_t                 room = 1;
    const gt_slots_head_t *h;

    for (i = 0; i < from->n; i++) {
        room += gt_tally_head(from->zones[i])->n_slots;
    }

    m->workers = gt_alloc(room * sizeof(*m->workers));
    if (!m->workers) {
        return GT_ERROR;
    }

    for (i = 0; i < from->n; i++) {
        h = gt_tally_head(from->zones[i]);

        if (__atomic_load_n(&h->folded, __ATOMIC_RELAXED)) {
            continue;
        }

        if (h->generation == m->sum.generation) {
            m->services = h->n_services;
        }

        for (slot = 0; slot < (int) h->n_slots; slot++) {
            metrics_worker(m, from->zones[i], slot);
        }
    }

    return GT_OK;
}


static int
metrics_by_name(const void *a, const void *b)
{
    int                    rc;
    const gt_slots_node_t *x = &(*(gt_tally_node_t *const *) a)->what;
    const gt_slots_node_t *y = &(*(gt_tally_node_t *const *) b)->what;

    rc = strcmp(x->chain, y->chain);
    rc = rc ? rc : strcmp(x->node, y->node);

    return rc ? rc : strcmp(x->hop, y->hop);
}


static int
metrics_nodes(gt_metrics_t *m)
{
    int i, n = m->sum.n_nodes;

    m->nodes = gt_alloc((size_t) (n + 1) * sizeof(*m->nodes));
    if (!m->nodes) {
        return GT_ERROR;
    }

    for (i = 0; i < n; i++) {
        m->nodes[i] = &m->sum.nodes[i];
    }

    qsort(m->nodes, (size_t) n, sizeof(*m->nodes), metrics_by_name);

    return GT_OK;
}


gt_metrics_t *
gt_metrics_new(const gt_metrics_from_t *from)
{
    gt_metrics_t *m = gt_calloc(sizeof(*m));

    if (!m) {
        return NULL;
    }

    m->wall_ms = metrics_ms(CLOCK_REALTIME);
    m->now_ms = metrics_ms(CLOCK_MONOTONIC);
    (void) gethostname(m->host, sizeof(m->host) - 1);

    if (gt_tally_read_clients(from->lasting, from->zones, from->n, &m->sum)
            != GT_OK
        || metrics_workers(m, from) != GT_OK || metrics_nodes(m) != GT_OK)
    {
        gt_metrics_free(m);
        return NULL;
    }

    gt_tally_reloads(from->lasting, &m->reload);
    gt_metrics_proc(m, from);

    return m;
}


void
gt_metrics_free(gt_metrics_t *m)
{
    if (m) {
        gt_tally_sum_free(&m->sum);
        gt_free(m->workers);
        gt_free(m->nodes);
        gt_free(m);
    }
}
