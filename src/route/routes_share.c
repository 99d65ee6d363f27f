/*
 * route/routes_share.c: what the master does about the chains of a
 * configuration before it forks: records for the marks, names for the figures,
 * the rights that sockets need.
 */

#include "os/proc.h"
#include "os/sock.h"
#include "route/impl.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <unistd.h>


/* the record of a hop, or of a node in it */

static gt_mark_t *
routes_mark(gt_mark_t *marks, const gt_route_hop_t *hop,
            const gt_node_model_t *node, uint32_t generation, uint32_t oldest)
{
    int  i;
    char name[512];

    (void) gt_snprintf(name, sizeof(name), "%d\t%s\t%s\t%s\t%s", hop->group,
                       hop->scope, hop->model->name, node ? node->name : "",
                       node ? node->addr : "");

    i = gt_mark_take(marks, gt_mark_key(name), generation, oldest);

    return i < 0 ? NULL : &marks[i];
}


/* may a socket be marked?  Asked once, of a socket of its own */

static int
routes_may_mark(const gt_routes_t *rs, gt_diag_t *d)
{
    int fd, rc;

    if (!(rs->caps & GT_PROC_CAP(CAP_NET_ADMIN))) {
        return GT_OK;
    }

    fd = gt_sock_open(AF_INET, SOCK_STREAM);
    rc = fd < 0 ? GT_ERROR : gt_sock_mark(fd, 1);

    if (rc != GT_OK) {
        gt_diag_error(d, NULL, "so_mark: %s; it needs CAP_NET_ADMIN",
                      strerror(errno));
    }

    if (fd >= 0) {
        (void) close(fd);
    }

    return rc;
}


int
gt_routes_share(gt_routes_t *rs, gt_mark_t *marks, uint32_t generation,
                uint32_t oldest, gt_diag_t *d)
{
    int              i, k;
    gt_mark_t       *m;
    gt_route_hop_t  *hop;
    gt_route_node_t *node;

    for (i = 0; i < rs->n_hops; i++) {
        hop = rs->hops[i];

        for (k = -1; k < hop->n; k++) {
            node = k < 0 ? NULL : &hop->nodes[k];
            m = routes_mark(marks, hop, node ? node->model : NULL, generation,
                            oldest);
            if (!m) {
                gt_diag_error(d, &hop->model->place,
                              "hop %s: more than %d hops and nodes in all",
                              hop->model->name, (int) GT_MARKS);
                return GT_ERROR;
            }

            if (node) {
                node->mark = m;
            } else {
                hop->mark = m;
            }
        }
    }

    rs->marks = marks;

    return routes_may_mark(rs, d);
}


int
gt_routes_rows(const gt_routes_t *rs)
{
    return rs->n_rows;
}


gt_route_row_t
gt_routes_row(const gt_routes_t *rs, int i)
{
    int                      k, c;
    const gt_route_hop_t    *hop;
    const gt_route_node_t   *node;
    const gt_route_chain_t  *ch;
    static const char *const names[] = { "round", "rand",     "fifo",
                                         "hash",  "parallel", "lowestlatency" };

    GT_ASSERT(i >= 0 && i < rs->n_rows);

    /* the last chain and hop that begin at i or before */
    for (c = rs->n_chains - 1; rs->chains[c].rows[0] > i; c--) {
    }

    ch = &rs->chains[c];

    for (k = ch->n - 1; ch->rows[k] > i; k--) {
    }

    hop = ch->hops[k];
    node = &hop->nodes[i - ch->rows[k]];

    return (gt_route_row_t){
        .chain = ch->model->name,
        .hop = hop->model->name,
        .strategy = names[hop->strategy],
        .node = node->model,
        .mark = (uint32_t) (node->mark - rs->marks),
        .max_fails = node->max_fails,
        .fail_ms = node->fail_ms,
        .weight = node->weight,
        .backup = node->backup,
    };
}


uint64_t
gt_routes_caps(const gt_routes_t *rs)
{
    return rs->caps;
}
