/*
 * process/tally_node.c: the nodes of chains: what is counted of them, and what
 * the marks say.
 */

#include "process/tally.h"


static void
tally_add_node(uint64_t *to, const uint64_t *from, bool gauges)
{
    int i;

    for (i = 0; i < GT_STAT_NODE_MAX; i++) {
        if (gauges || gt_stat_node_table[i].kind == GT_STAT_COUNTER) {
            gt_stat_add(&to[i], gt_stat_get(&from[i]));
        }
    }
}


void
gt_tally_bury_nodes(gt_zone_t *z, int slot)
{
    uint32_t  i;
    uint64_t *row;

    for (i = 0; i < gt_tally_head(z)->n_nodes; i++) {
        row = *gt_tally_node(z, slot, i);
        __atomic_store_n(&row[GT_STAT_NODE_ACTIVE], 0, __ATOMIC_RELAXED);
    }
}


/* the total with that key, or a free one; NULL when there is none of either */

static gt_slots_node_total_t *
tally_node_total(gt_slots_lasting_t *l, uint64_t key)
{
    int i;

    for (i = 0; i < GT_SLOTS_NODES; i++) {
        if (l->nodes[i].key == 0 || l->nodes[i].key == key) {
            return &l->nodes[i];
        }
    }

    return NULL;
}


/* one for which there is no room starts from 0 */

void
gt_tally_fold_nodes(gt_slots_lasting_t *l, const gt_zone_t *z)
{
    int                    slot;
    uint32_t               i;
    uint64_t               key;
    gt_slots_head_t       *h = gt_tally_head(z);
    gt_slots_node_total_t *t;

    for (i = 0; i < h->n_nodes; i++) {
        key = gt_tally_nodes(z)[i].key;
        t = tally_node_total(l, key);
        if (!t) {
            continue;
        }

        t->key = key;

        for (slot = 0; slot < (int) h->n_slots; slot++) {
            tally_add_node(t->figures, *gt_tally_node(z, slot, i), false);
        }
    }
}


/* --- readers --- */

static gt_tally_node_t *
tally_node_row(gt_tally_sum_t *sum, const gt_slots_node_t *what)
{
    int i;

    for (i = 0; i < sum->n_nodes; i++) {
        if (sum->nodes[i].what.key == what->key) {
            return &sum->nodes[i];
        }
    }

    sum->nodes[i].what = *what;
    sum->n_nodes++;

    return &sum->nodes[i];
}


void
gt_tally_read_nodes(gt_tally_sum_t *sum, const gt_zone_t *z)
{
    int                    slot;
    uint32_t               i;
    gt_tally_node_t       *row;
    const gt_slots_head_t *h = gt_tally_head(z);

    for (i = 0; i < h->n_nodes; i++) {
        row = tally_node_row(sum, &gt_tally_nodes(z)[i]);

        for (slot = 0; slot < (int) h->n_slots; slot++) {
            tally_add_node(row->figures, *gt_tally_node(z, slot, i), true);
        }
    }
}


static void
tally_read_mark(gt_tally_node_t *row, const gt_mark_t *m, uint64_t now)
{
    uint64_t failed = gt_mark_failed_ms(m);

    row->fails = gt_mark_fails(m);
    row->dial_us = gt_mark_dial_us(m);
    row->out = gt_mark_out(m, row->what.max_fails, row->what.fail_ms, now);
    row->ever_failed = failed != 0;
    row->failed_ago_ms = now > failed ? now - failed : 0;
}


void
gt_tally_read_marks(gt_tally_sum_t *sum, const gt_zone_t *lasting,
                    uint64_t now_ms)
{
    int                       i, k;
    const gt_mark_t          *marks = gt_tally_marks(lasting);
    const gt_slots_lasting_t *l = gt_tally_lasting(lasting);

    for (i = 0; i < sum->n_nodes; i++) {
        tally_read_mark(&sum->nodes[i],
                        &marks[sum->nodes[i].what.mark % GT_MARKS], now_ms);

        for (k = 0; k < GT_SLOTS_NODES && l->nodes[k].key != 0; k++) {
            if (l->nodes[k].key == sum->nodes[i].what.key) {
                tally_add_node(sum->nodes[i].figures, l->nodes[k].figures,
                               true);
                break;
            }
        }
    }
}
