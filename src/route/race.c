/*
 * route/race.c: the strategy "parallel": all candidates are dialed at once, the
 * first that answers wins, the others are dropped.
 */

#include "core/mem.h"
#include "route/way.h"

typedef struct {
    gt_op_t     op; /* the dial of the lane's top */
    route_way_t way;
} race_lane_t;

/* with the lanes and their levels behind it; freed at the end of the round */
struct route_race {
    route_open_t *o;
    int           k; /* the level that dials */
    int           n, left;
    gt_err_t      err; /* the last one's */
    gt_reap_t     reap;
    race_lane_t   lanes[];
};


static void
race_reap(gt_reap_t *reap)
{
    gt_free(gt_container_of(reap, route_race_t, reap));
}


void
gt_race_drop(route_race_t *race)
{
    int i;

    if (!race) {
        return;
    }

    for (i = 0; i < race->n; i++) {
        gt_op_cancel(&race->lanes[i].op);
    }

    race->o->race = NULL;
    gt_reap(race->o->ss->loop, &race->reap, race_reap);
}


/* for the log */

static void
race_blame(route_race_t *race, const route_way_t *w)
{
    route_way_t *own = &race->o->way;

    own->failed = w->failed;

    if (w->failed >= 0) {
        own->levels[w->failed].node = w->levels[w->failed].node;
    }
}


void
gt_race_late(route_race_t *race)
{
    int i;

    for (i = 0; i < race->n; i++) {
        if (gt_op_busy(&race->lanes[i].op)) {
            gt_way_late(&race->lanes[i].way);
            race_blame(race, &race->lanes[i].way);
        }
    }
}


static void
race_done(gt_op_t *op, gt_stream_t *st, gt_err_t err)
{
    race_lane_t   *lane = op->owner;
    route_way_t   *w = &lane->way;
    route_race_t  *race = w->race;
    route_open_t  *o = race->o;
    route_level_t *lv = &o->way.levels[race->k - 1];

    race->left--;

    if (st) {
        gt_way_take(&o->way, race->k, w->levels[race->k - 1].index);
        lv->busy = true;
        gt_race_drop(race);
        gt_way_dialed(lv, st);
        return;
    }

    race_blame(race, w);

    if (race->left == 0) {
        gt_race_drop(race);
        gt_way_lost(lv, err);
    }
}


/* the nodes of the hops before it are the request's own */

static void
race_lane(route_race_t *race, int i, route_level_t *levels, int index)
{
    int          k;
    race_lane_t *lane = &race->lanes[i];

    lane->op.done = race_done;
    lane->op.owner = lane;
    lane->way = (route_way_t){ .o = race->o,
                               .race = race,
                               .top = race->k,
                               .failed = -1,
                               .levels = levels };

    for (k = 1; k < race->k; k++) {
        gt_way_take(&lane->way, k, race->o->way.levels[k - 1].index);
    }

    gt_way_take(&lane->way, race->k, index);
}


/* a node that asks nobody cannot lose, nor can it be dialed */

static bool
race_can(const gt_route_hop_t *hop, const gt_route_set_t *set)
{
    int i;

    for (i = 0; i < set->n; i++) {
        if (hop->nodes[gt_route_set_at(set, i)].pass) {
            return false;
        }
    }

    return set->n > 1;
}


int
gt_race_begin(route_open_t *o, int k)
{
    int             i;
    char            buf[GT_ADDR_TEXT];
    size_t          n;
    route_race_t   *race;
    route_level_t  *levels;
    gt_route_ask_t  ask = gt_way_ask(o, k - 1, buf);
    gt_route_set_t  set;
    gt_route_hop_t *hop = o->rt->chain->hops[k - 1];

    gt_route_contenders(hop, &ask, &set);
    if (!race_can(hop, &set)) {
        return GT_ERROR;
    }

    n = (size_t) set.n;
    race = gt_calloc(sizeof(*race) + n * sizeof(race_lane_t)
                     + n * (size_t) k * sizeof(route_level_t));
    if (!race) {
        return GT_ERROR;
    }

    race->o = o;
    race->k = k;
    race->n = race->left = set.n;
    o->race = race;
    levels = (void *) &race->lanes[n];

    for (i = 0; i < race->n; i++) {
        race_lane(race, i, levels + (size_t) i * (size_t) k,
                  gt_route_set_at(&set, i));
        gt_way_dial(&race->lanes[i].way.levels[k - 1], &race->lanes[i].op);
    }

    return GT_OK;
}
