/*
 * process/asker.c: sockets of other network namespaces, asked of the master.
 *
 *   wish -> a kept socket
 *        -> waits -> request in flight -> GIVEN -> done
 *                 -> the deadline, the end of the master -> an error
 *
 * A request that nobody waits for any more still comes back: its number keeps
 * its place in the flight until then, or until it counts as lost.
 */

#include "process/asker.h"

#include "core/log.h"
#include "core/mem.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    ASKER_KINDS = 4,   /* families times types */
    ASKER_LOST = 15000 /* ms without an answer, and none is to come */
};

/* all that is wanted of one namespace, family and type */
typedef struct {
    gt_list_t waiting;             /* of gt_give_t */
    int       kept[GT_ASKER_KEEP]; /* ours */
    unsigned  n_waiting, n_kept, n_flight;
} asker_shelf_t;

typedef struct {
    uint32_t number; /* 0: free */
    unsigned shelf;
    uint64_t at; /* ms of the loop */
} asker_flight_t;

struct gt_asker {
    gt_giver_t            giver;
    gt_loop_t            *loop;
    gt_channel_t         *ch;     /* the worker's */
    const gt_netns_set_t *spaces; /* the worker's */
    bool                  gone;
    uint32_t              number; /* the last one's */
    unsigned              n_waiting, n_kept;
    asker_flight_t        flight[GT_ASKER_FLIGHT];
    unsigned              n_shelves;
    asker_shelf_t         shelves[]; /* ASKER_KINDS of each namespace */
};


static gt_asker_t *
asker_of(gt_giver_t *gr)
{
    return gt_container_of(gr, gt_asker_t, giver);
}


static unsigned
asker_kind(int family, int type)
{
    return (family == AF_INET6 ? 2 : 0) + (type == SOCK_DGRAM ? 1 : 0);
}


static unsigned
asker_index(const gt_asker_t *as, const gt_give_t *gv)
{
    GT_ASSERT(gv->space < (unsigned) as->spaces->n);

    return gv->space * ASKER_KINDS + asker_kind(gv->family, gv->type);
}


/* --- wishes --- */

static void
asker_leave(gt_asker_t *as, gt_give_t *gv)
{
    gt_timer_del(as->loop, &gv->timer);
    gt_list_del(&gv->link);
    as->shelves[asker_index(as, gv)].n_waiting--;
    as->n_waiting--;
}


static void
asker_cancel(gt_op_t *op)
{
    asker_leave(op->impl, gt_container_of(op, gt_give_t, op));
}


/* it waits no more */

static void
asker_fail(gt_asker_t *as, gt_give_t *gv, gt_err_t err, const char *why)
{
    gt_error("netns %s: no socket: %s", as->spaces->list[gv->space].name, why);
    asker_leave(as, gv);
    gt_op_finish(&gv->op, NULL, err);
}


static void
asker_late(gt_timer_t *timer)
{
    gt_give_t *gv = gt_container_of(timer, gt_give_t, timer);

    asker_fail(gv->op.impl, gv, GT_E_NOMEM, "the master does not answer");
}


/* it need not wait */

static void
asker_refuse(gt_asker_t *as, gt_give_t *gv, gt_err_t err, const char *why)
{
    gt_error("netns %s: no socket: %s", as->spaces->list[gv->space].name, why);
    gt_op_post(as->loop, &gv->op, NULL, err);
}


/* --- requests --- */

/* what is lost is no longer waited for */

static void
asker_expire(gt_asker_t *as)
{
    unsigned        i;
    asker_flight_t *f;

    for (i = 0; i < GT_ASKER_FLIGHT; i++) {
        f = &as->flight[i];

        if (f->number && as->loop->now - f->at > ASKER_LOST) {
            as->shelves[f->shelf].n_flight--;
            f->number = 0;
        }
    }
}


/* a request's place; number 0: a free one; NULL: there is none */

static asker_flight_t *
asker_find(gt_asker_t *as, uint32_t number)
{
    unsigned i;

    for (i = 0; i < GT_ASKER_FLIGHT; i++) {
        if (as->flight[i].number == number) {
            return &as->flight[i];
        }
    }

    return NULL;
}


static int
asker_send(gt_asker_t *as, unsigned shelf)
{
    asker_flight_t *f = asker_find(as, 0);
    gt_msg_t        m = { .type = GT_MSG_ASK,
                          .slot = shelf / ASKER_KINDS,
                          .state = shelf % ASKER_KINDS };

    if (!f) {
        return GT_AGAIN;
    }

    as->number += as->number == UINT32_MAX ? 2 : 1; /* never 0 */
    m.count = as->number;

    /* where the channel is full, the next answer brings us here again */
    if (gt_channel_send(as->ch, &m) != GT_OK) {
        return GT_AGAIN;
    }

    *f = (asker_flight_t){ as->number, shelf, as->loop->now };
    as->shelves[shelf].n_flight++;

    return GT_OK;
}


/* as many requests as there are wishes, and `more` for later ones */

static void
asker_pump(gt_asker_t *as, unsigned shelf, unsigned more)
{
    asker_shelf_t *s = &as->shelves[shelf];

    asker_expire(as);
    more = as->n_kept < GT_ASKER_KEEP_ALL && more > s->n_kept ? more - s->n_kept
                                                              : 0;

    while (!as->gone && s->n_flight < s->n_waiting + more
           && asker_send(as, shelf) == GT_OK)
    {
    }
}


/* others may have waited for a place */

static void
asker_pump_all(gt_asker_t *as)
{
    unsigned i;

    for (i = 0; i < as->n_shelves && as->n_waiting > 0; i++) {
        asker_pump(as, i, 0);
    }
}


static int
asker_take(gt_giver_t *gr, const gt_give_t *gv)
{
    int            fd;
    gt_asker_t    *as = asker_of(gr);
    unsigned       shelf = asker_index(as, gv);
    asker_shelf_t *s = &as->shelves[shelf];

    if (s->n_kept == 0) {
        return -1;
    }

    as->n_kept--;
    fd = s->kept[--s->n_kept];
    asker_pump(as, shelf, GT_ASKER_KEEP);

    return fd;
}


static void
asker_ask(gt_giver_t *gr, gt_give_t *gv)
{
    gt_asker_t *as = asker_of(gr);
    unsigned    shelf = asker_index(as, gv);

    gv->fd = -1;

    if (as->gone) {
        asker_refuse(as, gv, GT_E_NOMEM, "the master has gone");
        return;
    }

    if (as->n_waiting >= GT_ASKER_WAITING) {
        asker_refuse(as, gv, GT_E_NOMEM, "too many wait for one");
        return;
    }

    gt_op_start(&gv->op, as, asker_cancel);
    gt_timer_set(as->loop, &gv->timer, GT_ASKER_MS, asker_late);
    gt_list_init(&gv->link);
    gt_list_push(&as->shelves[shelf].waiting, &gv->link);
    as->shelves[shelf].n_waiting++;
    as->n_waiting++;
    asker_pump(as, shelf, GT_ASKER_KEEP);
}


/* --- answers --- */

/* takes fd: for who waits the longest, or for later */

static void
asker_serve(gt_asker_t *as, asker_shelf_t *s, int fd)
{
    gt_give_t *gv;

    if (s->n_waiting > 0) {
        gv = gt_list_entry(s->waiting.next, gt_give_t, link);
        asker_leave(as, gv);
        gv->fd = fd;
        gt_op_finish(&gv->op, NULL, GT_E_NONE);

    } else if (s->n_kept < GT_ASKER_KEEP && as->n_kept < GT_ASKER_KEEP_ALL) {
        s->kept[s->n_kept++] = fd;
        as->n_kept++;

    } else {
        (void) close(fd);
    }
}


void
gt_asker_got(gt_asker_t *as, gt_msg_t *m)
{
    int             fd = m->n_fds == 1 ? m->fds[0] : -1;
    asker_shelf_t  *s;
    asker_flight_t *f = m->count ? asker_find(as, m->count) : NULL;

    if (!f) {
        return; /* counted as lost, or asked of another master */
    }

    s = &as->shelves[f->shelf];
    s->n_flight--;
    f->number = 0;

    if (fd >= 0) {
        m->fds[0] = -1;
        asker_serve(as, s, fd);

    } else if (s->n_waiting > 0) {
        asker_fail(as, gt_list_entry(s->waiting.next, gt_give_t, link),
                   GT_E_NOMEM, strerror(m->pid ? m->pid : EMFILE));
    }

    asker_pump_all(as);
}


void
gt_asker_gone(gt_asker_t *as)
{
    unsigned       i;
    asker_shelf_t *s;

    if (!as) {
        return;
    }

    as->gone = true;
    memset(as->flight, 0, sizeof(as->flight));

    for (i = 0; i < as->n_shelves; i++) {
        s = &as->shelves[i];
        s->n_flight = 0;

        while (s->n_waiting > 0) {
            asker_fail(as, gt_list_entry(s->waiting.next, gt_give_t, link),
                       GT_E_NOMEM, "the master has gone");
        }
    }
}


void
gt_asker_back(gt_asker_t *as)
{
    if (as) {
        as->gone = false;
    }
}


/* --- life --- */

gt_asker_t *
gt_asker_new(gt_loop_t *loop, gt_channel_t *ch, const gt_netns_set_t *spaces)
{
    unsigned    i, n = (unsigned) spaces->n * ASKER_KINDS;
    gt_asker_t *as = gt_calloc(sizeof(*as) + n * sizeof(asker_shelf_t));

    if (!as) {
        return NULL;
    }

    as->giver = (gt_giver_t){ asker_take, asker_ask };
    as->loop = loop;
    as->ch = ch;
    as->spaces = spaces;
    as->n_shelves = n;

    for (i = 0; i < n; i++) {
        gt_list_init(&as->shelves[i].waiting);
    }

    return as;
}


void
gt_asker_free(gt_asker_t *as)
{
    unsigned       i;
    asker_shelf_t *s;

    if (!as) {
        return;
    }

    GT_ASSERT(as->n_waiting == 0);

    for (i = 0; i < as->n_shelves; i++) {
        s = &as->shelves[i];

        while (s->n_kept > 0) {
            (void) close(s->kept[--s->n_kept]);
        }
    }

    gt_free(as);
}


gt_giver_t *
gt_asker_giver(gt_asker_t *as)
{
    return &as->giver;
}


/* --- the master --- */

void
gt_asker_answer(const gt_netns_set_t *spaces, const gt_msg_t *m,
                gt_msg_t *answer)
{
    int fd;

    *answer = (gt_msg_t){ .type = GT_MSG_GIVEN, .count = m->count };

    if (m->slot >= (uint32_t) spaces->n || m->state >= ASKER_KINDS) {
        answer->pid = EPERM;
        return;
    }

    fd = gt_netns_socket(&spaces->list[m->slot],
                         m->state & 2 ? AF_INET6 : AF_INET,
                         m->state & 1 ? SOCK_DGRAM : SOCK_STREAM);

    if (fd < 0) {
        answer->pid = errno;
        return;
    }

    answer->fds[0] = fd;
    answer->n_fds = 1;
}
