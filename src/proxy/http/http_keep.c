/*
 * proxy/http/http_keep.c: keeps idle connections to origins.
 *
 *   put -> idle -> take, or an end: by its owner, its deadline or its peer
 */

#include "proxy/http/http_keep.h"

#include "core/mem.h"

#include <string.h>

struct http_keep {
    gt_list_t     link; /* in the pool, or in none */
    http_pool_t  *pool; /* NULL: it is somebody's own */
    http_keep_t **home; /* where he keeps the pointer to us */
    gt_stream_t  *st;   /* ours */
    gt_timer_t    timer;
    gt_reap_t     reap;
    uint16_t      port;
    gt_str_t      host, user; /* behind us */
    char          text[];
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

    if (k->pool) {
        gt_list_del(&k->link);
        k->pool->n--;
    } else {
        *k->home = NULL;
    }

    gt_reap(loop, &k->reap, keep_reap);

    return st;
}


static void
keep_close(http_keep_t *k)
{
    gt_stream_close(keep_end(k), GT_E_NONE);
}


void
gt_http_keep_drop(http_keep_t **home)
{
    if (*home) {
        keep_close(*home);
    }
}


/* whatever an idle origin says, it means that the connection is over */

static bool
keep_silent(gt_stream_t *st)
{
    bool       silent = true;
    ssize_t    n;
    gt_chain_t c = { 0 };

    n = gt_stream_recv(st, &c, 1);
    gt_chain_free(&c);
    (void) gt_stream_query(st, GT_Q_SILENT, &silent);

    return n == GT_AGAIN && silent;
}


static void
keep_ready(gt_stream_t *st, unsigned ev)
{
    http_keep_t *k = st->owner;

    if ((ev & GT_EV_ERR) || !keep_silent(st)) {
        keep_close(k);
        return;
    }

    gt_stream_want(st, GT_EV_IN);
}


static void
keep_late(gt_timer_t *timer)
{
    keep_close(gt_container_of(timer, http_keep_t, timer));
}


/* --- whose is it --- */

static bool
keep_is(const http_keep_t *k, const gt_target_t *to, gt_str_t user)
{
    return k->port == to->port && gt_str_ieq(k->host, to->host)
           && gt_str_eq(k->user, user);
}


static http_keep_t *
keep_entry(gt_list_t *n)
{
    return gt_list_entry(n, http_keep_t, link);
}


/* makes room for one more: of its kind, and in all */

static void
keep_room(http_pool_t *pool, const gt_target_t *to, gt_str_t user)
{
    unsigned     same = 0;
    gt_list_t   *n;
    http_keep_t *oldest = NULL;

    for (n = pool->idle.next; n != &pool->idle; n = n->next) {
        if (keep_is(keep_entry(n), to, user)) {
            oldest = oldest ? oldest : keep_entry(n);
            same++;
        }
    }

    if (same >= GT_HTTP_KEEP_EACH) {
        keep_close(oldest);

    } else if (pool->n == GT_HTTP_KEEP_ALL) {
        keep_close(keep_entry(pool->idle.next));
    }
}


static http_keep_t *
keep_new(const gt_target_t *to, gt_str_t user)
{
    http_keep_t *k = gt_calloc(sizeof(http_keep_t) + to->host.n + user.n);

    if (!k) {
        return NULL;
    }

    k->port = to->port;
    memcpy(k->text, to->host.p, to->host.n);
    k->host = gt_str_make(k->text, to->host.n);

    if (user.n) {
        memcpy(k->text + to->host.n, user.p, user.n);
    }

    k->user = gt_str_make(k->text + to->host.n, user.n);

    return k;
}


void
gt_http_keep_put(const http_keeper_t *keeper, gt_stream_t *st,
                 const gt_target_t *to, bool bound)
{
    gt_str_t     user = gt_str_from(keeper->user);
    http_keep_t *k = NULL;

    /* bytes behind a response are not the next one's */
    if (st->unread.len == 0 && !st->rx_eof && st->err == GT_E_NONE
        && (bound ? keeper->home != NULL : keeper->pool != NULL))
    {
        k = keep_new(to, user);
    }

    if (!k) {
        gt_stream_close(st, GT_E_NONE);
        return;
    }

    k->st = st;

    if (bound) {
        gt_http_keep_drop(keeper->home);
        k->home = keeper->home;
        *k->home = k;

    } else {
        keep_room(keeper->pool, to, user);
        k->pool = keeper->pool;
        gt_list_push(&k->pool->idle, &k->link);
        k->pool->n++;
    }

    gt_timer_set(st->loop, &k->timer, GT_HTTP_KEEP_MS, keep_late);
    gt_stream_own(st, k, keep_ready);
    gt_stream_want(st, GT_EV_IN);
}


/* the stream; NULL: it is over, or has said what would be taken for the next
   answer, and the loop has not told us yet */

static gt_stream_t *
keep_use(http_keep_t *k)
{
    gt_stream_t *st = keep_end(k); /* we are its owner still */

    if (keep_silent(st)) {
        return st;
    }

    gt_stream_close(st, GT_E_NONE);

    return NULL;
}


gt_stream_t *
gt_http_keep_take(const http_keeper_t *keeper, const gt_target_t *to, bool safe,
                  bool *bound)
{
    gt_str_t     user = gt_str_from(keeper->user);
    gt_list_t   *n, *prev;
    gt_stream_t *st = NULL;

    *bound = keeper->home && *keeper->home && keep_is(*keeper->home, to, user);

    if (*bound) {
        return keep_use(*keeper->home);
    }

    if (!safe || !keeper->pool) {
        return NULL;
    }

    /* the youngest is the likeliest to live */
    for (n = keeper->pool->idle.prev; !st && n != &keeper->pool->idle; n = prev)
    {
        prev = n->prev;

        if (keep_is(keep_entry(n), to, user)) {
            st = keep_use(keep_entry(n));
        }
    }

    return st;
}


/* --- the pool --- */

http_pool_t *
gt_http_pool_new(void)
{
    http_pool_t *pool = gt_calloc(sizeof(http_pool_t));

    if (pool) {
        gt_list_init(&pool->idle);
    }

    return pool;
}


void
gt_http_pool_free(http_pool_t *pool)
{
    if (!pool) {
        return;
    }

    while (!gt_list_empty(&pool->idle)) {
        keep_close(keep_entry(pool->idle.next));
    }

    gt_free(pool);
}
