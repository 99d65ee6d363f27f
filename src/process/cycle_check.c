/*
 * process/cycle_check.c: a configuration's own settings held against this
 * machine: who to run as, how many workers and connections, where the stats.
 */

#include "process/cycle.h"

#include "gt_auto_config.h"

#include <unistd.h>

enum {
    CHECK_NOFILE = 200, /* descriptors of a worker that are not connections */
    CHECK_PAIR = 2      /* descriptors of a connection: two legs */
};


/* without privileges nobody else can be become */

static void
check_not_root(gt_cycle_t *cy, gt_diag_t *d)
{
    const char           *why;
    const gt_proc_user_t  self = { .uid = geteuid(), .gid = getegid() };
    const gt_own_model_t *own = &cy->model->own;

    cy->user = self;

    if (own->user
        && (gt_proc_user(own->user, own->group, &cy->user, &why) != GT_OK
            || cy->user.uid != self.uid))
    {
        cy->user = self;
        gt_diag_warn(d, &own->user_place,
                     "user \"%s\" is ignored: not started as root", own->user);
    }
}


/* root without a configured user: ours, or nobody */

static void
check_default_user(gt_cycle_t *cy, gt_diag_t *d)
{
    static bool said; /* a reload does not say it again */
    const char *why, *group = cy->model->own.group;

    if (gt_proc_user(GT_USER, group ? group : GT_GROUP, &cy->user, &why)
        == GT_OK) {
        return;
    }

    if (gt_proc_user("nobody", group, &cy->user, &why) != GT_OK) {
        gt_diag_error(d, NULL, "started as root, and user \"nobody\": %s", why);
        return;
    }

    if (!said) {
        gt_diag_warn(d, NULL,
                     "started as root without a user: there is no \"%s\", "
                     "workers run as \"nobody\"",
                     GT_USER);
        said = true;
    }
}


static void
check_user(gt_cycle_t *cy, gt_diag_t *d)
{
    const char           *why;
    const gt_own_model_t *own = &cy->model->own;

    if (geteuid() != 0) {
        check_not_root(cy, d);

    } else if (!own->user) {
        check_default_user(cy, d);

    } else if (gt_proc_user(own->user, own->group, &cy->user, &why) != GT_OK) {
        gt_diag_error(d, &own->user_place, "user \"%s\"%s%s%s: %s", own->user,
                      own->group ? ", group \"" : "",
                      own->group ? own->group : "", own->group ? "\"" : "",
                      why);
    }
}


static void
check_limits(gt_cycle_t *cy, uint64_t nofile, gt_diag_t *d)
{
    int64_t               n = cy->model->own.workers;
    uint64_t              most;
    const gt_own_model_t *own = &cy->model->own;

    if (n > GT_SLOTS_MAX) {
        gt_diag_warn(d, &own->workers_place, "%lld workers are too many: %d",
                     (long long) own->workers, GT_SLOTS_MAX);
    }

    n = n > 0 ? n : gt_proc_cpus();
    cy->n_slots = (int) gt_min(n, GT_SLOTS_MAX);

    most = nofile > CHECK_NOFILE + CHECK_PAIR
               ? (nofile - CHECK_NOFILE) / CHECK_PAIR
               : 1;

    cy->max_conns = most;

    if (own->max_connections > 0) {
        cy->max_conns = gt_min((uint64_t) own->max_connections, most);
    }

    if ((uint64_t) gt_max(own->max_connections, 0) > most) {
        gt_diag_warn(d, &own->connections_place,
                     "maxConnections %lld is more than %llu descriptors "
                     "allow: %llu",
                     (long long) own->max_connections,
                     (unsigned long long) nofile, (unsigned long long) most);
    }
}


void
gt_cycle_check(gt_cycle_t *cy, uint64_t nofile, gt_diag_t *d)
{
    check_user(cy, d);
    check_limits(cy, nofile, d);
    gt_desks_check(cy->desks, cy->model, d);
}
