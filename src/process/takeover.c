/*
 * process/takeover.c: workers whose master has died, found by their doors in
 * the runtime directory.
 *
 * Blocking, at the start of a master: each worker says what it is and sends
 * what it holds.  One that does not answer is left alone.
 */

#include "process/master.h"

#include "core/log.h"
#include "core/mem.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    TAKEOVER_MS = 3000,      /* a worker's patience with us, and ours */
    TAKEOVER_SOCKETS = 16384 /* of one worker */
};

typedef struct {
    gt_master_t *ms;
    gt_bound_t  *b; /* sockets that were given to us */
    int          n, room;
    int          workers;

    gt_netns_set_t spaces; /* ours: those of the worker that is speaking */
} takeover_t;


static int
takeover_socket(takeover_t *t, gt_msg_t *m)
{
    int         room = t->room ? t->room * 2 : 64;
    gt_bound_t *b;

    if (t->n == t->room) {
        b = gt_realloc(t->b, (size_t) room * sizeof(*b));
        if (!b) {
            return GT_ERROR;
        }

        t->b = b;
        t->room = room;
    }

    b = &t->b[t->n++];
    memcpy(b->key, m->text, sizeof(b->key));
    b->slot = (int) m->slot;
    b->fd = m->fds[0];
    m->fds[0] = -1;

    return GT_OK;
}


static int
takeover_keep(takeover_t *t, gt_msg_t *m)
{
    int rc;

    if (m->n_fds != 1) {
        return GT_ERROR;
    }

    if (m->type != GT_MSG_SPACE) {
        return m->type == GT_MSG_SOCKET ? takeover_socket(t, m) : GT_ERROR;
    }

    rc = gt_netns_put(&t->spaces, m->text, m->fds[0]);
    if (rc == GT_OK) {
        m->fds[0] = -1;
    }

    return rc;
}


/* the generation of that counter zone; *fd is taken when it is a new one */

static gt_cycle_t *
takeover_cycle(takeover_t *t, const gt_msg_t *hello, int *fd)
{
    gt_zone_t  *z;
    gt_list_t  *l, *tmp;
    gt_cycle_t *cy;
    const char *why;

    gt_list_each(l, tmp, &t->ms->cycles)
    {
        cy = gt_list_entry(l, gt_cycle_t, link);
        if (cy->generation == hello->generation) {
            return cy;
        }
    }

    z = gt_zone_map(*fd, &why);
    if (!z) {
        gt_error("counters of generation %u: %s", hello->generation, why);
        return NULL;
    }

    *fd = -1;
    why = gt_tally_check(z);
    cy = why ? NULL : gt_cycle_adopt(z);

    if (!cy) {
        gt_error("counters of generation %u: %s", hello->generation,
                 why ? why : "no memory");
        gt_zone_free(z);
        return NULL;
    }

    gt_list_push(&t->ms->cycles, &cy->link);

    return cy;
}


static void
takeover_lasting(takeover_t *t, int *fd)
{
    gt_zone_t  *z;
    const char *why;

    if (t->ms->lasting) {
        return;
    }

    z = gt_zone_map(*fd, &why);
    if (z) {
        *fd = -1;
        why = gt_tally_check_lasting(z);
    }

    if (why) {
        gt_warn("the former totals are lost: %s", why);
        gt_zone_free(z);
        return;
    }

    gt_tally_mend(z);
    t->ms->lasting = z;
}


/* takes fd */

static int
takeover_adopt(takeover_t *t, gt_msg_t *hello, int fd)
{
    gt_slot_t  *sl;
    gt_cycle_t *cy;

    takeover_lasting(t, &hello->fds[0]);

    cy = takeover_cycle(t, hello, &hello->fds[1]);
    if (!cy || hello->slot >= (uint32_t) cy->n_slots
        || cy->slots[hello->slot].pid) {
        (void) close(fd);
        return GT_ERROR;
    }

    sl = &cy->slots[hello->slot];

    if (gt_spawn_adopt(t->ms, sl, hello, fd) != GT_OK) {
        return GT_ERROR;
    }

    if (cy->spaces.n == 0) {
        gt_netns_move(&cy->spaces, &t->spaces);
    }

    sl->inbox[0] = hello->fds[2];
    sl->inbox[1] = hello->fds[3];
    hello->fds[2] = hello->fds[3] = -1;
    t->ms->made = gt_max(t->ms->made, hello->generation);
    t->workers++;

    return GT_OK;
}


/* GT_OK: all that it promised came */

static int
takeover_sockets(takeover_t *t, int fd, uint32_t count)
{
    int      rc = GT_OK;
    gt_msg_t m;

    while (count-- > 0 && rc == GT_OK) {
        rc = gt_msg_wait(fd, &m, TAKEOVER_MS);

        if (rc == GT_OK) {
            rc = takeover_keep(t, &m);
            gt_msg_drop(&m);
        }
    }

    return rc;
}


static void
takeover_door(takeover_t *t, const char *path)
{
    int      fd, rc;
    gt_msg_t m = { .type = GT_MSG_TAKE };

    fd = gt_fdpass_connect(path);
    if (fd < 0) {
        if (errno == ECONNREFUSED) {
            (void) unlink(path); /* its worker has gone */
        } else {
            gt_warn("\"%s\": %s", path, strerror(errno));
        }

        return;
    }

    if (gt_msg_send(fd, &m) != GT_OK
        || gt_msg_wait(fd, &m, TAKEOVER_MS) != GT_OK) {
        gt_warn("\"%s\": the worker does not answer", path);
        (void) close(fd);
        return;
    }

    rc = m.type == GT_MSG_HELLO && m.n_fds == 4 && m.count <= TAKEOVER_SOCKETS
             ? takeover_sockets(t, fd, m.count)
             : GT_ERROR;

    if (rc == GT_OK) {
        rc = takeover_adopt(t, &m, fd);
    } else {
        (void) close(fd);
    }

    gt_netns_close(&t->spaces);

    if (rc != GT_OK) {
        gt_warn("\"%s\": the worker cannot be taken over", path);
    }

    gt_msg_drop(&m);
}


/* is it a door's name?  Then the generation counts even if nobody opens */

static bool
takeover_is_door(const char *name, uint32_t *generation)
{
    char     again[64];
    unsigned g, slot;

    if (sscanf(name, "worker.%u.%u.sock", &g, &slot) != 2) {
        return false;
    }

    (void) gt_snprintf(again, sizeof(again), "worker.%u.%u.sock", g, slot);
    *generation = g;

    return strcmp(name, again) == 0;
}


int
gt_takeover(gt_master_t *ms, gt_bound_t **b)
{
    DIR           *dir;
    char           path[GT_SOCK_PATH];
    uint32_t       generation;
    takeover_t     t = { .ms = ms };
    struct dirent *e;

    *b = NULL;
    dir = opendir(ms->dir);
    if (!dir) {
        return 0;
    }

    while ((e = readdir(dir)) != NULL) {
        if (takeover_is_door(e->d_name, &generation)
            && gt_snprintf(path, sizeof(path), "%s/%s", ms->dir, e->d_name)
                   < sizeof(path) - 1)
        {
            takeover_door(&t, path);

            if (access(path, F_OK) == 0) {
                ms->made = gt_max(ms->made, generation);
            }
        }
    }

    (void) closedir(dir);

    if (t.workers > 0) {
        gt_info("%d workers of a former master are taken over", t.workers);
    }

    *b = t.b;

    return t.n;
}
