/*
 * process/worker_master.c: a worker and its master: what it is told, the
 * master's death, and a new one that knocks at the door.
 */

#include "process/worker_impl.h"

#include "core/log.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    WORKER_PATIENCE = 50, /* ms a new master may take to read, */
    WORKER_TRIES = 20     /* so many times */
};


static void worker_knock(gt_event_t *ev, uint32_t events);


void
gt_worker_reopen(gt_worker_t *w, gt_msg_t *m)
{
    if (m && m->n_fds == 1) {
        gt_log_take_fd(m->fds[0]);
        m->fds[0] = -1;

    } else if (w->orphan && gt_log_reopen() != GT_OK) {
        gt_error("the log cannot be opened again: %s", strerror(errno));
    }
}


static int
worker_say(gt_worker_t *w, const gt_msg_t *m)
{
    int           tries;
    struct pollfd pfd = { .fd = w->ch.fd, .events = POLLOUT };

    for (tries = 0; tries < WORKER_TRIES; tries++) {
        if (gt_channel_send(&w->ch, m) == GT_OK) {
            return GT_OK;
        }

        if (errno != EAGAIN) {
            break;
        }

        (void) poll(&pfd, 1, WORKER_PATIENCE);
    }

    return GT_ERROR;
}


/* the n sockets to who has asked for them; GT_ERROR: it is gone */

static int
worker_give(gt_worker_t *w, const gt_bound_t *b, int n)
{
    int      i;
    gt_msg_t m;

    for (i = 0; i < n; i++) {
        if (b[i].fd < 0) {
            continue;
        }

        m = (gt_msg_t){ .type = GT_MSG_SOCKET,
                        .slot = (uint32_t) b[i].slot,
                        .fds = { b[i].fd },
                        .n_fds = 1 };
        memcpy(m.text, b[i].key, sizeof(m.text));
        m.text[sizeof(m.text) - 1] = '\0';

        if (worker_say(w, &m) != GT_OK) {
            return GT_ERROR;
        }
    }

    return GT_OK;
}


_Static_assert(sizeof(((gt_bound_t *) 0)->key) == GT_MSG_TEXT, "a key fits");


/* and the namespaces that we go on asking for */

static int
worker_give_spaces(gt_worker_t *w)
{
    int               i;
    gt_msg_t          m;
    const gt_netns_t *ns;

    for (i = 0; i < w->cycle->spaces.n; i++) {
        ns = &w->cycle->spaces.list[i];
        m = (gt_msg_t){ .type = GT_MSG_SPACE, .fds = { ns->fd }, .n_fds = 1 };
        memcpy(m.text, ns->name, sizeof(ns->name));

        if (worker_say(w, &m) != GT_OK) {
            return GT_ERROR;
        }
    }

    return GT_OK;
}


/* what a new master needs to go on where the old one was */

static void
worker_hello(gt_worker_t *w)
{
    int         i, n = 0;
    gt_bound_t *b;
    gt_msg_t    m = { .type = GT_MSG_HELLO, .n_fds = 4 };

    m.generation = w->cycle->generation;
    m.slot = (uint32_t) w->slot->slot;
    m.n_slots = (uint32_t) w->cycle->n_slots;
    m.state = (uint32_t) w->slot->state;
    m.pid = (int32_t) getpid();
    m.fds[0] = gt_zone_fd(w->lasting);
    m.fds[1] = gt_zone_fd(w->cycle->zone);
    m.fds[2] = w->slot->inbox[0];
    m.fds[3] = w->slot->inbox[1];

    b = w->quitting ? NULL : gt_services_bound(w->cycle->services, &n);

    for (i = 0; i < n; i++) {
        m.count += b[i].fd >= 0;
    }

    m.count += (uint32_t) w->cycle->spaces.n;

    if (worker_say(w, &m) != GT_OK || worker_give(w, b, n) != GT_OK
        || worker_give_spaces(w) != GT_OK)
    {
        return;
    }

    gt_event_del(&w->loop, &w->door);
    w->orphan = false;
    gt_asker_back(w->asker);
    gt_info("worker %d: a new master has come", w->slot->slot);
}


static void
worker_orphaned(gt_worker_t *w)
{
    if (w->orphan) {
        return; /* somebody knocked and went */
    }

    w->orphan = true;
    gt_warn("worker %d: the master has gone", w->slot->slot);
    gt_asker_gone(w->asker);

    if (w->slot->door < 0) {
        gt_worker_quit(w);
        return;
    }

    w->door = (gt_event_t){ .fd = w->slot->door, .handler = worker_knock };

    if (gt_event_add(&w->loop, &w->door, EPOLLIN) != GT_OK) {
        w->door.handler = NULL;
        gt_log_alert("the door cannot be watched: %s", strerror(errno));
    }
}


/* a generation has ended */

static void
worker_forget(gt_worker_t *w, const gt_msg_t *m)
{
    gt_mesh_key_t key = { m->generation, 0 };
    uint32_t      n = gt_min(m->n_slots, (uint32_t) GT_SLOTS_MAX);

    for (; key.slot < n; key.slot++) {
        gt_mesh_forget(w->mesh, key);
    }
}


void
gt_worker_told(gt_channel_t *ch, gt_msg_t *m)
{
    gt_worker_t  *w = ch->owner;
    gt_mesh_key_t key;

    if (w->finished) {
        return;
    }

    if (!m) {
        worker_orphaned(w);
        return;
    }

    switch (m->type) {
    case GT_MSG_QUIT: gt_worker_quit(w); break;

    case GT_MSG_STOP: gt_worker_stop(w); break;

    case GT_MSG_LOG: gt_worker_reopen(w, m); break;

    case GT_MSG_PEER:
        key = (gt_mesh_key_t){ m->generation, m->slot };
        if (m->n_fds == 1) {
            (void) gt_mesh_peer(w->mesh, key, m->fds[0]);
        }
        break;

    case GT_MSG_FORGET: worker_forget(w, m); break;

    case GT_MSG_TAKE:
        if (w->orphan && w->door.handler) {
            worker_hello(w);
        }
        break;

    case GT_MSG_GIVEN:
        if (w->asker) {
            gt_asker_got(w->asker, m);
        }
        break;

    default: break;
    }
}


/* a new master, or somebody who asks whether the door is alive */

static void
worker_knock(gt_event_t *ev, uint32_t events)
{
    int          fd;
    uid_t        uid;
    gt_worker_t *w = gt_container_of(ev, gt_worker_t, door);

    (void) events;

    fd = gt_fdpass_accept(ev->fd);
    if (fd < 0) {
        return;
    }

    if (gt_fdpass_peer(fd, NULL, &uid) != GT_OK
        || (uid != 0 && uid != geteuid())) {
        gt_warn("worker %d: uid %d may not take it over", w->slot->slot,
                (int) uid);
        (void) close(fd);
        return;
    }

    gt_channel_close(&w->ch); /* one that has not asked in the meantime */

    if (gt_channel_open(&w->ch, &w->loop, fd, w, gt_worker_told) != GT_OK) {
        gt_error("a new master cannot be heard: %s", strerror(errno));
    }
}
