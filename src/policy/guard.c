/*
 * policy/guard.c: a table of addresses, in sets of four; whoever was wrong
 * longest ago makes room.
 *
 * Each failure moves a row's `until` on by one step, window / failures.  It may
 * be ahead of now by the window; so a row needs no clearing.
 */

#include "policy/guard.h"

#include "core/hash.h"
#include "core/mem.h"
#include "core/rand.h"
#include "core/stat.h"

#include <string.h>

enum { GUARD_SET = 4, GUARD_GOOD = 4, GUARD_NET6 = 8 };

typedef struct {
    uint64_t who;              /* 0: free */
    uint64_t until;            /* loop->now */
    uint64_t good[GUARD_GOOD]; /* were right from there, the last one first */
} guard_row_t;

struct gt_guard {
    uint64_t     step_ms, window_ms, delay_ms;
    uint64_t    *n_wrong, *n_shed;
    unsigned     delayed; /* GT_GUARD_DELAYED at most */
    uint8_t      key[GT_SIPHASH_KEY];
    guard_row_t *rows; /* ours; NULL: nobody was wrong yet, or no memory */
};


gt_guard_t *
gt_guard_new(const gt_policy_t *p, uint64_t *wrong, uint64_t *shed)
{
    gt_guard_t *g = gt_calloc(sizeof(gt_guard_t));

    if (!g) {
        return NULL;
    }

    if (p->failures) {
        g->step_ms = gt_max(p->window_ms / (uint64_t) p->failures, UINT64_C(1));
    }

    g->window_ms = p->window_ms;
    g->delay_ms = p->delay_ms;
    g->n_wrong = wrong;
    g->n_shed = shed;
    gt_rand_bytes(g->key, sizeof(g->key));

    return g;
}


void
gt_guard_free(gt_guard_t *g)
{
    if (g) {
        GT_ASSERT(g->delayed == 0);
        gt_free(g->rows);
        gt_free(g);
    }
}


static uint64_t
guard_hash(const gt_guard_t *g, const void *p, size_t n)
{
    return gt_siphash(g->key, n ? p : "", n);
}


uint64_t
gt_guard_cred(const gt_guard_t *g, gt_str_t user, gt_str_t password)
{
    uint64_t two[2];

    two[0] = guard_hash(g, user.p, user.n);
    two[1] = guard_hash(g, password.p, password.n);

    return guard_hash(g, two, sizeof(two));
}


/* 0: nobody */

static uint64_t
guard_who(const gt_guard_t *g, const gt_addr_t *a)
{
    uint64_t who;

    if (a->len == 0) {
        return 0;
    }

    who = a->sa.sa_family == AF_INET
              ? guard_hash(g, &a->in.sin_addr, sizeof(a->in.sin_addr))
              : guard_hash(g, &a->in6.sin6_addr, GUARD_NET6);

    return gt_max(who, UINT64_C(1));
}


/* the row of who; NULL: there is none */

static guard_row_t *
guard_find(gt_guard_t *g, uint64_t who)
{
    int          i;
    guard_row_t *row;

    if (!g->rows || who == 0) {
        return NULL;
    }

    row = &g->rows[who % (GT_GUARD_ROWS / GUARD_SET) * GUARD_SET];

    for (i = 0; i < GUARD_SET; i++) {
        if (row[i].who == who) {
            return &row[i];
        }
    }

    return NULL;
}


/* the row of who, made if need be; there are rows, and who is somebody */

static guard_row_t *
guard_take(gt_guard_t *g, uint64_t who)
{
    int          i;
    guard_row_t *row = guard_find(g, who), *set;

    if (row) {
        return row;
    }

    row = set = &g->rows[who % (GT_GUARD_ROWS / GUARD_SET) * GUARD_SET];

    for (i = 1; i < GUARD_SET; i++) {
        if (set[i].until < row->until) {
            row = &set[i];
        }
    }

    memset(row, 0, sizeof(*row));
    row->who = who;

    return row;
}


bool
gt_guard_may(gt_guard_t *g, const gt_addr_t *a, uint64_t cred, uint64_t now)
{
    int                i;
    const guard_row_t *row = guard_find(g, guard_who(g, a));

    if (!row || g->step_ms == 0
        || row->until + g->step_ms <= now + g->window_ms) {
        return true;
    }

    for (i = 0; i < GUARD_GOOD; i++) {
        if (row->good[i] == cred) {
            return true;
        }
    }

    gt_stat_add(g->n_shed, 1);

    return false;
}


void
gt_guard_wrong(gt_guard_t *g, const gt_addr_t *a, uint64_t now)
{
    uint64_t     who = guard_who(g, a);
    guard_row_t *row;

    gt_stat_add(g->n_wrong, 1);

    if (who == 0 || g->step_ms == 0) {
        return;
    }

    if (!g->rows) {
        g->rows = gt_calloc(GT_GUARD_ROWS * sizeof(guard_row_t));
        if (!g->rows) {
            return;
        }
    }

    row = guard_take(g, who);
    row->until = gt_max(row->until, now) + g->step_ms;
}


void
gt_guard_right(gt_guard_t *g, const gt_addr_t *a, uint64_t cred, uint64_t now)
{
    int          i;
    uint64_t     who = guard_who(g, a);
    guard_row_t *row;

    if (who == 0 || !g->rows) {
        return;
    }

    row = guard_take(g, who);
    row->until = gt_max(row->until, now);

    for (i = 0; i < GUARD_GOOD - 1 && row->good[i] != cred; i++) {
        /* to where it stands, or to the oldest */
    }

    memmove(&row->good[1], &row->good[0], (size_t) i * sizeof(row->good[0]));
    row->good[0] = cred;
}


uint64_t
gt_guard_wait(const gt_guard_t *g)
{
    return g->step_ms;
}


uint64_t
gt_guard_delay(gt_guard_t *g)
{
    if (g->delay_ms == 0 || g->delayed == GT_GUARD_DELAYED) {
        return 0;
    }

    g->delayed++;

    return g->delay_ms;
}


void
gt_guard_waited(gt_guard_t *g)
{
    GT_ASSERT(g->delayed > 0);

    g->delayed--;
}
