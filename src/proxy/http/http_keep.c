/*
 * proxy/http/http_keep.c: keeps one idle connection to an origin.
 *
 *   put -> idle -> take, or drop: by its owner, its deadline or its peer
 */

#include "proxy/http/http_keep.h"

#include "core/mem.h"

#include <string.h>

struct http_keep {
    http_keep_t **home; /* where our owner keeps the pointer to us */
    gt_stream_t  *st;   /* ours */
    gt_timer_t    timer;
    gt_reap_t     reap;
    uint16_t      port;
    size_t        n;
    char          host[]; /* n bytes */
};


static void
keep_reap(gt_reap_t *reap)
{
    gt_free(gt_container_of(reap, http_keep_t, reap));
}


static gt_stream_t *
keep_end(http_keep_t *k)
{
    gt_loop_t   *loop = k->st->loop;
    gt_stream_t *st = k->st;

    gt_timer_del(loop, &k->timer);
    *k->home = NULL;
    gt_reap(loop, &k->reap, keep_reap);

    return st;
}


void
gt_http_keep_drop(http_keep_t **k)
{
    if (*k) {
        gt_stream_close(keep_end(*k), GT_E_NONE);
    }
}


/* whatever an idle origin says, it means that the connection is over */

static void
keep_ready(gt_stream_t *st, unsigned ev)
{
    ssize_t      n = GT_AGAIN;
    gt_chain_t   c = { 0 };
    http_keep_t *k = st->owner;

    if (ev & GT_EV_IN) {
        n = gt_stream_recv(st, &c, 1);
        gt_chain_free(&c);
    }

    if ((ev & GT_EV_ERR) || n != GT_AGAIN) {
        gt_http_keep_drop(k->home);
        return;
    }

    gt_stream_want(st, GT_EV_IN);
}


static void
keep_late(gt_timer_t *timer)
{
    gt_http_keep_drop(gt_container_of(timer, http_keep_t, timer)->home);
}


void
gt_http_keep_put(http_keep_t **home, gt_stream_t *st, const gt_target_t *to)
{
    http_keep_t *k = NULL;

    gt_http_keep_drop(home);

    /* bytes behind a response are not the next one's */
    if (st->unread.len == 0 && !st->rx_eof && st->err == GT_E_NONE) {
        k = gt_calloc(sizeof(http_keep_t) + to->host.n);
    }

    if (!k) {
        gt_stream_close(st, GT_E_NONE);
        return;
    }

    k->home = home;
    k->st = st;
    k->port = to->port;
    k->n = to->host.n;
    memcpy(k->host, to->host.p, to->host.n);
    *home = k;

    gt_timer_set(st->loop, &k->timer, GT_HTTP_KEEP_MS, keep_late);
    gt_stream_own(st, k, keep_ready);
    gt_stream_want(st, GT_EV_IN);
}


gt_stream_t *
gt_http_keep_take(http_keep_t **home, const gt_target_t *to)
{
    http_keep_t *k = *home;

    if (!k || k->port != to->port
        || !gt_str_ieq(gt_str_make(k->host, k->n), to->host))
    {
        return NULL;
    }

    return keep_end(k);
}
