/*
 * process/tally.c: the zones of what workers count: made, checked, their parts
 * found.
 */

#include "process/tally.h"

#include <string.h>
#include <time.h>


enum { TALLY_MARKS = GT_MARKS * sizeof(gt_mark_t) };


static uint64_t
tally_wall_ms(void)
{
    struct timespec ts;

    (void) clock_gettime(CLOCK_REALTIME, &ts);

    return (uint64_t) ts.tv_sec * 1000 + (uint64_t) ts.tv_nsec / 1000000;
}


gt_zone_t *
gt_tally_new(void)
{
    gt_zone_t          *z;
    gt_slots_lasting_t *l;

    z = gt_zone_new("lasting", sizeof(gt_slots_lasting_t) + TALLY_MARKS
                                   + 2 * GT_ZONE_ALIGN);
    if (!z) {
        return NULL;
    }

    l = gt_zone_area(z, GT_SLOTS_LASTING, sizeof(*l));
    if (!l || !gt_zone_area(z, GT_MARKS_AREA, TALLY_MARKS)) {
        gt_zone_free(z);
        return NULL;
    }

    l->started_ms = tally_wall_ms();

    return z;
}


/* of one worker */

static size_t
tally_clients_size(const gt_slots_head_t *h)
{
    return h->n_clients * sizeof(gt_stat_client_t);
}


static int
tally_areas(gt_zone_t *z, gt_slots_head_t head, const gt_tally_shape_t *shape)
{
    size_t           n = head.n_services * sizeof(gt_slots_service_t);
    size_t           n_nodes = head.n_nodes * sizeof(gt_slots_node_t);
    void            *s, *nodes;
    gt_slots_head_t *h;

    h = gt_zone_area(z, GT_SLOTS_HEAD, sizeof(*h));
    s = gt_zone_area(z, GT_SLOTS_NAMES, gt_max(n, (size_t) 1));
    nodes = gt_zone_area(z, GT_SLOTS_NODE_AREA, gt_max(n_nodes, (size_t) 1));

    if (!h || !s || !nodes
        || !gt_zone_area(z, GT_SLOTS_WORKERS,
                         head.n_slots * sizeof(gt_slots_worker_t))
        || !gt_zone_area(z, GT_SLOTS_BLOCKS, (size_t) head.n_slots * head.block)
        || (head.n_clients > 0
            && !gt_zone_area(z, GT_SLOTS_CLIENT_AREA,
                             head.n_slots * tally_clients_size(&head))))
    {
        return GT_ERROR;
    }

    *h = head;

    if (n > 0) {
        memcpy(s, shape->services, n);
    }

    if (n_nodes > 0) {
        memcpy(nodes, shape->nodes, n_nodes);
    }

    return GT_OK;
}


gt_zone_t *
gt_tally_generation(const gt_tally_shape_t *shape)
{
    size_t          size;
    gt_zone_t      *z;
    gt_slots_head_t head = { .generation = shape->generation };

    GT_ASSERT(shape->n_slots > 0 && shape->n_slots <= GT_SLOTS_MAX
              && shape->n_services >= 0);

    head.n_slots = (uint32_t) shape->n_slots;
    head.n_services = (uint32_t) shape->n_services;
    head.n_clients = shape->n_clients;
    head.n_nodes = (uint32_t) shape->n_nodes;
    head.block =
        (uint32_t) gt_stat_block_size(shape->n_services, shape->n_nodes);

    size = sizeof(head) + head.n_services * sizeof(gt_slots_service_t)
           + head.n_nodes * sizeof(gt_slots_node_t)
           + head.n_slots
                 * (sizeof(gt_slots_worker_t) + head.block
                    + tally_clients_size(&head))
           + 6 * GT_ZONE_ALIGN; /* six areas, each rounded up */

    z = gt_zone_new("counters", size);
    if (!z) {
        return NULL;
    }

    if (tally_areas(z, head, shape) != GT_OK) {
        gt_zone_free(z);
        return NULL;
    }

    return z;
}


/* --- the parts --- */

static bool
tally_has(const gt_zone_t *z, const char *name, size_t size)
{
    size_t n;

    return gt_zone_find(z, name, &n) && n >= size;
}


const char *
gt_tally_check_lasting(const gt_zone_t *z)
{
    return tally_has(z, GT_SLOTS_LASTING, sizeof(gt_slots_lasting_t))
                   && tally_has(z, GT_MARKS_AREA, TALLY_MARKS)
               ? NULL
               : "no lasting area";
}


const char *
gt_tally_check(const gt_zone_t *z)
{
    const gt_slots_head_t *h;

    if (!tally_has(z, GT_SLOTS_HEAD, sizeof(*h))) {
        return "no head";
    }

    h = gt_tally_head(z);

    if (h->n_slots == 0 || h->n_slots > GT_SLOTS_MAX
        || h->n_services > UINT16_MAX || h->n_nodes > UINT16_MAX
        || h->block
               != gt_stat_block_size((int) h->n_services, (int) h->n_nodes))
    {
        return "a broken head";
    }

    return tally_has(z, GT_SLOTS_WORKERS,
                     h->n_slots * sizeof(gt_slots_worker_t))
                   && tally_has(z, GT_SLOTS_BLOCKS,
                                (size_t) h->n_slots * h->block)
                   && tally_has(z, GT_SLOTS_NAMES,
                                h->n_services * sizeof(gt_slots_service_t))
                   && tally_has(z, GT_SLOTS_NODE_AREA,
                                h->n_nodes * sizeof(gt_slots_node_t))
                   && (h->n_clients == 0
                       || tally_has(z, GT_SLOTS_CLIENT_AREA,
                                    h->n_slots * tally_clients_size(h)))
               ? NULL
               : "an area is missing or small";
}


static void *
tally_find(const gt_zone_t *z, const char *name)
{
    void *p = gt_zone_find(z, name, NULL);

    GT_ASSERT(p != NULL);

    return p;
}


gt_slots_lasting_t *
gt_tally_lasting(const gt_zone_t *z)
{
    return tally_find(z, GT_SLOTS_LASTING);
}


gt_slots_head_t *
gt_tally_head(const gt_zone_t *z)
{
    return tally_find(z, GT_SLOTS_HEAD);
}


gt_slots_service_t *
gt_tally_services(const gt_zone_t *z)
{
    return tally_find(z, GT_SLOTS_NAMES);
}


gt_slots_worker_t *
gt_tally_worker(const gt_zone_t *z, int slot)
{
    gt_slots_worker_t *w = tally_find(z, GT_SLOTS_WORKERS);

    return w + slot;
}


gt_stat_block_t *
gt_tally_block(const gt_zone_t *z, int slot)
{
    uint8_t *p = tally_find(z, GT_SLOTS_BLOCKS);

    return (void *) (p + (size_t) slot * gt_tally_head(z)->block);
}


gt_slots_node_t *
gt_tally_nodes(const gt_zone_t *z)
{
    return tally_find(z, GT_SLOTS_NODE_AREA);
}


gt_stat_node_t *
gt_tally_node(const gt_zone_t *z, int slot, uint32_t i)
{
    return gt_stat_nodes(gt_tally_block(z, slot),
                         (int) gt_tally_head(z)->n_services)
           + i;
}


gt_mark_t *
gt_tally_marks(const gt_zone_t *lasting)
{
    return tally_find(lasting, GT_MARKS_AREA);
}


gt_stat_client_t *
gt_tally_clients(const gt_zone_t *z, int slot)
{
    uint32_t          n = gt_tally_head(z)->n_clients;
    gt_stat_client_t *c = n ? tally_find(z, GT_SLOTS_CLIENT_AREA) : NULL;

    return c ? c + (size_t) slot * n : NULL;
}
