/*
 * process/cycle.c: makes and unmakes generations.
 */

#include "process/cycle.h"

#include "core/log.h"
#include "core/mem.h"
#include "core/str.h"
#include "net/mesh.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>


/* --- the start --- */

static int
cycle_slots(gt_cycle_t *cy)
{
    int i;

    cy->slots = gt_calloc((size_t) cy->n_slots * sizeof(gt_slot_t));
    if (!cy->slots) {
        return GT_ERROR;
    }

    for (i = 0; i < cy->n_slots; i++) {
        cy->slots[i].cycle = cy;
        cy->slots[i].slot = i;
        cy->slots[i].ch.fd = -1;
        cy->slots[i].inbox[0] = cy->slots[i].inbox[1] = -1;
        cy->slots[i].door = -1;
    }

    return GT_OK;
}


static gt_cycle_t *
cycle_new(void)
{
    gt_cycle_t *cy = gt_calloc(sizeof(*cy));

    if (cy) {
        gt_list_init(&cy->link);
        gt_desks_init(cy->desks);
    }

    return cy;
}


gt_cycle_t *
gt_cycle_load(gt_source_t *src, uint64_t nofile, gt_diag_t *d)
{
    gt_cycle_t *cy;

    cy = cycle_new();
    if (!cy) {
        gt_diag_error(d, NULL, "no memory");
        return NULL;
    }

    gt_watch_sources(cy, src);
    cy->model = gt_model_load(src, d);
    if (!cy->model) {
        gt_cycle_free(cy, NULL);
        return NULL;
    }

    if (gt_watch_files(cy, src) != GT_OK) {
        gt_diag_error(d, NULL, "no memory");
    }

    gt_cycle_check(cy, nofile, d);
    cy->services = gt_services_new(cy->model, d);

    if (cycle_slots(cy) != GT_OK) {
        gt_diag_error(d, NULL, "no memory");
    }

    if (!cy->services || gt_diag_errors(d) > 0) {
        gt_cycle_free(cy, NULL);
        return NULL;
    }

    gt_routes_spaces(gt_services_routes(cy->services), &cy->spaces);

    return cy;
}


/* --- sockets --- */

/* our own copies of n entries, or NULL */

static gt_bound_t *
cycle_copy(const gt_bound_t *old, int n)
{
    int         i;
    gt_bound_t *copy;

    copy = gt_alloc((size_t) gt_max(n, 1) * sizeof(*copy));
    if (!copy) {
        return NULL;
    }

    for (i = 0; i < n; i++) {
        copy[i] = old[i];
        if (old[i].fd >= 0) {
            copy[i].fd = fcntl(old[i].fd, F_DUPFD_CLOEXEC, 0);
        }
    }

    return copy;
}


static void
cycle_drop(gt_bound_t *b, int n)
{
    int i;

    for (i = 0; i < n; i++) {
        if (b[i].fd >= 0) {
            (void) close(b[i].fd);
        }
    }

    gt_free(b);
}


int
gt_cycle_bind(gt_cycle_t *cy, gt_cycle_t *from, gt_bound_t *old, int n_old,
              gt_diag_t *d)
{
    int         rc, rc_stats;
    gt_bound_t *copy;

    if (from && from->services) {
        old = gt_services_bound(from->services, &n_old);
    }

    copy = cycle_copy(old, n_old);
    if (!copy) {
        gt_diag_error(d, NULL, "no memory");
        return GT_ERROR;
    }

    rc = gt_services_bind(cy->services, cy->n_slots, copy, n_old, d);
    cycle_drop(copy, n_old);
    rc_stats =
        gt_desks_bind(cy->desks, from ? from->desks : NULL, cy->model, d);

    return rc == GT_OK && rc_stats == GT_OK ? GT_OK : GT_ERROR;
}


/* --- what workers share --- */

static void
cycle_name(gt_slots_service_t *to, const gt_service_model_t *sm)
{
    const gt_chain_model_t *chain;

    (void) gt_str_copy(to->name, sizeof(to->name), gt_str_from(sm->name));
    (void) gt_str_copy(to->addr, sizeof(to->addr), gt_str_from(sm->addr));
    (void) gt_str_copy(to->handler, sizeof(to->handler),
                       gt_str_from(sm->handler.type));
    (void) gt_str_copy(to->listener, sizeof(to->listener),
                       gt_str_from(sm->listener.type));

    /* by the name under which its nodes are counted */
    chain = sm->handler.chain ? gt_model_chain(sm->context, sm->handler.chain)
                              : NULL;
    (void) gt_str_copy(to->chain, sizeof(to->chain),
                       gt_str_from(chain ? chain->name : NULL));
}


static void
cycle_node(gt_slots_node_t *to, const gt_route_row_t *row)
{
    char name[3 * GT_SLOTS_NAME];

    (void) gt_str_copy(to->chain, sizeof(to->chain), gt_str_from(row->chain));
    (void) gt_str_copy(to->hop, sizeof(to->hop), gt_str_from(row->hop));
    (void) gt_str_copy(to->node, sizeof(to->node),
                       gt_str_from(row->node->name));
    (void) gt_str_copy(to->addr, sizeof(to->addr),
                       gt_str_from(row->node->addr));
    (void) gt_str_copy(to->connector, sizeof(to->connector),
                       gt_str_from(row->node->connector.type));
    (void) gt_str_copy(to->dialer, sizeof(to->dialer),
                       gt_str_from(row->node->dialer.type));
    (void) gt_str_copy(to->strategy, sizeof(to->strategy),
                       gt_str_from(row->strategy));
    (void) gt_snprintf(name, sizeof(name), "%s\t%s\t%s", to->chain, to->hop,
                       to->node);

    to->key = gt_mark_key(name);
    to->mark = row->mark;
    to->max_fails = (int32_t) gt_max(gt_min(row->max_fails, INT32_MAX), 0);
    to->fail_ms = row->fail_ms;
    to->weight = row->weight;
    to->backup = row->backup;
}


/* the services and the nodes of the zone, by the rows of a worker's block */

static void
cycle_names(const gt_cycle_t *cy, gt_slots_service_t *names,
            gt_slots_node_t *nodes)
{
    int            i;
    gt_routes_t   *rs = gt_services_routes(cy->services);
    gt_route_row_t row;

    /* one for each service of the model, in its order */
    for (i = 0; i < gt_services_count(cy->services); i++) {
        cycle_name(&names[i], &cy->model->services[i]);
    }

    for (i = 0; i < gt_routes_rows(rs); i++) {
        row = gt_routes_row(rs, i);
        cycle_node(&nodes[i], &row);
    }
}


static int
cycle_zone(gt_cycle_t *cy)
{
    int              n = gt_services_count(cy->services);
    int              n_nodes = gt_routes_rows(gt_services_routes(cy->services));
    gt_tally_shape_t shape;
    gt_slots_node_t *nodes;
    gt_slots_service_t *names;

    names = gt_calloc((size_t) gt_max(n, 1) * sizeof(*names));
    nodes = gt_calloc((size_t) gt_max(n_nodes, 1) * sizeof(*nodes));

    shape = (gt_tally_shape_t){ .generation = cy->generation,
                                .n_slots = cy->n_slots,
                                .services = names,
                                .n_services = n,
                                .nodes = nodes,
                                .n_nodes = n_nodes,
                                .n_clients =
                                    (uint32_t) cy->model->own.stats_clients };

    if (names && nodes) {
        cycle_names(cy, names, nodes);
        cy->zone = gt_tally_generation(&shape);
    }

    gt_free(names);
    gt_free(nodes);

    return cy->zone ? GT_OK : GT_ERROR;
}


bool
gt_cycle_door(char *buf, size_t size, const char *dir, uint32_t generation,
              uint32_t slot)
{
    return gt_snprintf(buf, size, "%s/worker.%u.%u.sock", dir, generation, slot)
           < size - 1;
}


void
gt_cycle_unlink(const gt_slot_t *sl, const char *dir)
{
    char path[GT_SOCK_PATH];

    if (dir
        && gt_cycle_door(path, sizeof(path), dir, sl->cycle->generation,
                         (uint32_t) sl->slot))
    {
        (void) unlink(path);
    }
}


static int
cycle_door_open(gt_slot_t *sl, const char *dir, gt_diag_t *d)
{
    char path[GT_SOCK_PATH];

    if (!gt_cycle_door(path, sizeof(path), dir, sl->cycle->generation,
                       (uint32_t) sl->slot))
    {
        gt_diag_error(d, NULL, "runtimeDir \"%s\": the path is too long", dir);
        return GT_ERROR;
    }

    sl->door = gt_fdpass_listen(path, 0600);
    if (sl->door < 0) {
        gt_diag_error(d, NULL, "\"%s\": %s", path, strerror(errno));
        return GT_ERROR;
    }

    return GT_OK;
}


int
gt_cycle_share(gt_cycle_t *cy, gt_zone_t *lasting, uint32_t generation,
               uint32_t oldest, const char *dir, gt_diag_t *d)
{
    int i;

    cy->generation = generation;

    if (gt_routes_share(gt_services_routes(cy->services),
                        gt_tally_marks(lasting), generation, oldest, d)
        != GT_OK)
    {
        return GT_ERROR;
    }

    if (cycle_zone(cy) != GT_OK) {
        gt_diag_error(d, NULL, "shared memory: %s", strerror(errno));
        return GT_ERROR;
    }

    for (i = 0; i < cy->n_slots; i++) {
        if (gt_mesh_inbox(cy->slots[i].inbox) != GT_OK) {
            gt_diag_error(d, NULL, "an inbox: %s", strerror(errno));
            return GT_ERROR;
        }

        if (dir && cycle_door_open(&cy->slots[i], dir, d) != GT_OK) {
            return GT_ERROR;
        }
    }

    return GT_OK;
}


/* --- the end --- */

gt_cycle_t *
gt_cycle_adopt(gt_zone_t *zone)
{
    gt_cycle_t            *cy = cycle_new();
    const gt_slots_head_t *h = gt_tally_head(zone);

    if (!cy) {
        return NULL;
    }

    cy->generation = h->generation;
    cy->n_slots = (int) h->n_slots;

    if (cycle_slots(cy) != GT_OK) {
        gt_free(cy);
        return NULL;
    }

    cy->zone = zone;

    return cy;
}


static void
cycle_close(int *fd)
{
    if (*fd >= 0) {
        (void) close(*fd);
        *fd = -1;
    }
}


void
gt_cycle_retire(gt_cycle_t *cy)
{
    gt_services_free(cy->services);
    cy->services = NULL;
    gt_model_free(cy->model);
    cy->model = NULL;
    gt_free(cy->watched);
    cy->watched = NULL;
    cy->n_watched = 0;
    gt_desks_close(cy->desks);
}


void
gt_cycle_free(gt_cycle_t *cy, const char *dir)
{
    int        i;
    gt_slot_t *sl;

    for (i = 0; cy->slots && i < cy->n_slots; i++) {
        sl = &cy->slots[i];
        gt_channel_close(&sl->ch);
        GT_ASSERT(!sl->respawn.set);

        if (sl->door >= 0) {
            gt_cycle_unlink(sl, dir);
        }

        cycle_close(&sl->door);
        cycle_close(&sl->inbox[0]);
        cycle_close(&sl->inbox[1]);
    }

    if (cy->services) {
        gt_services_free(cy->services);
    }

    if (cy->model) {
        gt_model_free(cy->model);
    }

    gt_desks_close(cy->desks);
    gt_netns_close(&cy->spaces);
    gt_zone_free(cy->zone);
    gt_list_del(&cy->link);
    gt_free(cy->watched);
    gt_free(cy->slots);
    gt_free(cy);
}


int
gt_cycle_alive(const gt_cycle_t *cy)
{
    int i, n = 0;

    for (i = 0; i < cy->n_slots; i++) {
        n += cy->slots[i].pid != 0;
    }

    return n;
}
