/*
 * net/chaos.c: hostile I/O, as a filter over any stream.
 *
 * It keeps read-ahead and answers GT_AGAIN out of turn, so it obeys the
 * contract where that is hardest: want(IN) is answered from its own bytes
 * first, and an AGAIN that was a lie is taken back by the next want.
 */

#include "net/chaos.h"

#include "core/mem.h"
#include "core/str.h"

#include <stdlib.h>

enum { CHAOS_AHEAD = 16384 }; /* read ahead at most */

typedef struct {
    gt_stream_t     st;
    gt_stream_t    *lo; /* ours; NULL once reset */
    gt_chain_t      in; /* read ahead */
    gt_chaos_conf_t cf;
    uint64_t        random, moved;
    unsigned        lied; /* GT_EV_* that said AGAIN and could */
    gt_reap_t       reap;
} chaos_t;


static uint64_t
chaos_random(chaos_t *x)
{
    x->random ^= x->random << 13;
    x->random ^= x->random >> 7;
    x->random ^= x->random << 17;

    return x->random;
}


/* a number from 1 to max, or all of n without a limit */

static size_t
chaos_size(chaos_t *x, uint64_t max, size_t n)
{
    return max == 0 ? n : gt_min(n, (size_t) (chaos_random(x) % max + 1));
}


static bool
chaos_lies(chaos_t *x, unsigned ev)
{
    if (chaos_random(x) % 100 >= x->cf.again_pct) {
        return false;
    }

    x->lied |= ev;

    return true;
}


/* true when the limit is met: then the stream below is reset */

static bool
chaos_broken(chaos_t *x)
{
    if (x->lo && x->cf.reset_after && x->moved >= x->cf.reset_after) {
        gt_stream_close(x->lo, GT_E_RESET);
        x->lo = NULL;
    }

    return x->lo == NULL;
}


static ssize_t
chaos_recv(gt_stream_t *st, gt_chain_t *to, size_t max)
{
    size_t   n;
    chaos_t *x = (chaos_t *) st;
    ssize_t  got;

    if (chaos_broken(x)) {
        return gt_stream_fail(st, GT_E_RESET);
    }

    if (chaos_lies(x, GT_EV_IN)) {
        return GT_AGAIN;
    }

    if (x->in.len == 0) {
        got = gt_stream_recv(x->lo, &x->in, chaos_random(x) % CHAOS_AHEAD + 1);
        if (got == GT_ERROR) {
            return gt_stream_fail(st, x->lo->err);
        }

        if (got <= 0) {
            return got;
        }
    }

    n = gt_chain_move(to, &x->in,
                      chaos_size(x, x->cf.max_read, gt_min(max, x->in.len)));
    x->moved += n;

    return n ? (ssize_t) n : gt_stream_fail(st, GT_E_NOMEM);
}


static ssize_t
chaos_send(gt_stream_t *st, gt_chain_t *from)
{
    chaos_t   *x = (chaos_t *) st;
    ssize_t    n;
    gt_chain_t part = { 0 };

    if (chaos_broken(x)) {
        return gt_stream_fail(st, GT_E_RESET);
    }

    if (chaos_lies(x, GT_EV_OUT)) {
        return GT_AGAIN;
    }

    if (gt_chain_move(&part, from, chaos_size(x, x->cf.max_write, from->len))
        == 0) {
        return gt_stream_fail(st, GT_E_NOMEM);
    }

    n = gt_stream_send(x->lo, &part);
    gt_chain_prepend(from, &part);

    if (n == GT_ERROR) {
        return gt_stream_fail(st, x->lo->err);
    }

    x->moved += n > 0 ? (uint64_t) n : 0;

    return n;
}


static int
chaos_shutdown(gt_stream_t *st)
{
    chaos_t *x = (chaos_t *) st;

    if (chaos_broken(x)) {
        return gt_stream_fail(st, GT_E_RESET);
    }

    return chaos_lies(x, GT_EV_OUT) ? GT_AGAIN : gt_stream_shutdown(x->lo);
}


static void
chaos_want(gt_stream_t *st, unsigned ev)
{
    chaos_t *x = (chaos_t *) st;
    unsigned now;

    now = x->lo ? ev & x->lied : ev;
    if (x->in.len) {
        now |= ev & GT_EV_IN;
    }

    x->lied &= ~now;
    ev &= ~now;

    if (now) {
        gt_stream_post(st, now);
    }

    if (ev) {
        gt_stream_want(x->lo, ev);
    }
}


static void
chaos_reap(gt_reap_t *reap)
{
    chaos_t *x = gt_container_of(reap, chaos_t, reap);

    gt_stream_gone(&x->st);
    gt_free(x);
}


static void
chaos_close(gt_stream_t *st, gt_err_t why)
{
    chaos_t *x = (chaos_t *) st;

    if (x->lo) {
        gt_stream_close(x->lo, why);
        x->lo = NULL;
    }

    gt_chain_free(&x->in);
    gt_reap(st->loop, &x->reap, chaos_reap);
}


static int
chaos_query(gt_stream_t *st, int what, void *out)
{
    chaos_t *x = (chaos_t *) st;

    return x->lo ? gt_stream_query(x->lo, what, out) : GT_ERROR;
}


static const gt_stream_ops_t chaos_ops = {
    .name = "chaos",
    .recv = chaos_recv,
    .send = chaos_send,
    .shutdown = chaos_shutdown,
    .want = chaos_want,
    .close = chaos_close,
    .query = chaos_query,
};


static void
chaos_ready(gt_stream_t *lo, unsigned ev)
{
    chaos_t *x = lo->owner;

    if ((ev & GT_EV_ERR) && x->st.err == GT_E_NONE) {
        x->st.err = lo->err;
    }

    gt_stream_notify(&x->st, ev);
}


gt_stream_t *
gt_chaos_stream(gt_stream_t *lower, const gt_chaos_conf_t *cf)
{
    chaos_t *x = gt_calloc(sizeof(chaos_t));

    if (!x) {
        gt_stream_close(lower, GT_E_NOMEM);
        return NULL;
    }

    gt_stream_init(&x->st, &chaos_ops, lower->loop);
    x->lo = lower;
    x->cf = *cf;
    x->random = cf->seed ? cf->seed : 1;
    x->random *= 0x9e3779b97f4a7c15u;
    gt_stream_own(lower, x, chaos_ready);

    return &x->st;
}


int
gt_chaos_parse(const char *text, gt_chaos_conf_t *cf, const char **why)
{
    size_t   i;
    ssize_t  eq;
    gt_str_t rest = gt_str_from(text), part;

    const struct {
        const char *name;
        uint64_t   *field;
    } keys[] = {
        { "seed", &cf->seed },
        { "maxread", &cf->max_read },
        { "maxwrite", &cf->max_write },
        { "again", &cf->again_pct },
        { "resetafter", &cf->reset_after },
    };

    *cf = (gt_chaos_conf_t){ 0 };
    *why = "not key=number[,...] of seed maxread maxwrite again resetafter";

    while (gt_str_split(&rest, ',', &part)) {
        eq = gt_str_chr(part, '=');

        for (i = 0; eq > 0 && i < gt_nelts(keys); i++) {
            if (gt_str_eq(gt_str_sub(part, 0, (size_t) eq),
                          gt_str_from(keys[i].name))) {
                break;
            }
        }

        if (eq <= 0 || i == gt_nelts(keys)
            || !gt_str_u64(gt_str_sub(part, (size_t) eq + 1, part.n),
                           UINT32_MAX, keys[i].field))
        {
            return GT_ERROR;
        }
    }

    if (cf->again_pct > 95) {
        *why = "again is a percentage, at most 95";
        return GT_ERROR;
    }

    return GT_OK;
}
