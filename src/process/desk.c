/*
 * process/desk.c: the places where the stats process answers.
 *
 *   init -> check -> bind -> [switch] -> close
 */

#include "process/desk.h"

#include "core/str.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static const char *const desk_names[GT_DESKS] = { "stats", "metrics" };


/* --- what the configuration says --- */

static const char *
desk_text(const gt_model_t *m, int i)
{
    return i == GT_DESK_STATS ? m->own.stats_addr : m->metrics.addr;
}


static const gt_place_t *
desk_said(const gt_model_t *m, int i)
{
    return i == GT_DESK_STATS ? &m->own.stats_place : &m->metrics.place;
}


static gt_part_model_t
desk_guard(const gt_model_t *m, int i)
{
    gt_part_model_t guard = { 0 };

    if (i == GT_DESK_METRICS) {
        return m->metrics.guard;
    }

    guard.auth.username = m->own.stats_user;
    guard.auth.password = m->own.stats_password;
    guard.place = m->own.stats_place;

    return guard;
}


void
gt_desks_init(gt_desk_t *desks)
{
    int i;

    for (i = 0; i < GT_DESKS; i++) {
        desks[i] = (gt_desk_t){ .fd = -1 };
    }
}


/* two that want one address: known before either is bound */

static void
desk_beside(const gt_desk_t *dk, int i, const gt_model_t *m, gt_diag_t *d)
{
    int              k;
    const char      *why;
    gt_stats_place_t at;

    for (k = 0; k < m->n_services; k++) {
        if (m->services[k].addr
            && gt_stats_place(m->services[k].addr, true, &at, &why) == GT_OK
            && at.addr.len > 0 && gt_addr_port(&at.addr) > 0
            && gt_stats_place_same(&dk->at, &at))
        {
            gt_diag_error(d, desk_said(m, i), "%s on %s: service %s is there",
                          desk_names[i], desk_text(m, i), m->services[k].name);
        }
    }
}


static void
desk_check(gt_desk_t *dk, int i, const gt_model_t *m, gt_diag_t *d)
{
    const char               *why, *text = desk_text(m, i);
    gt_part_model_t           guard = desk_guard(m, i);
    const gt_context_model_t *cx = m->metrics.context;

    if (!text) {
        return;
    }

    if (gt_stats_place(text, i == GT_DESK_METRICS, &dk->at, &why) != GT_OK) {
        gt_diag_error(d, desk_said(m, i), "%s address \"%s\": %s",
                      desk_names[i], text, why);
        return;
    }

    desk_beside(dk, i, m, d);
    (void) gt_auth_new(cx ? cx : &m->contexts[0], &guard, &dk->auth, d);

    if (dk->at.open && !dk->auth) {
        gt_diag_warn(d, NULL, "%s on %s: open to everybody who can reach it",
                     desk_names[i], text);
    }
}


void
gt_desks_check(gt_desk_t *desks, const gt_model_t *m, gt_diag_t *d)
{
    int i;

    for (i = 0; i < GT_DESKS; i++) {
        desk_check(&desks[i], i, m, d);
    }

    desks[GT_DESK_METRICS].path = m->metrics.path;

    if (gt_stats_place_same(&desks[GT_DESK_STATS].at,
                            &desks[GT_DESK_METRICS].at)) {
        gt_diag_error(d, &m->metrics.place,
                      "metrics on %s: the stats endpoint is there, and serves "
                      "/metrics too",
                      m->metrics.addr);
    }
}


/* --- sockets --- */

static bool
desk_among(const gt_desk_t *dk, const gt_desk_t *desks)
{
    int i;

    for (i = 0; i < GT_DESKS; i++) {
        if (gt_stats_place_same(&dk->at, &desks[i].at)) {
            return true;
        }
    }

    return false;
}


/* the socket at that address, or -1 */

static int
desk_fd(const gt_desk_t *desks, const gt_stats_place_t *at)
{
    int i;

    for (i = 0; desks && i < GT_DESKS; i++) {
        if (desks[i].fd >= 0 && gt_stats_place_same(&desks[i].at, at)) {
            return desks[i].fd;
        }
    }

    return -1;
}


static int
desk_bind(gt_desk_t *dk, const gt_desk_t *from)
{
    const gt_stats_place_t *at = &dk->at;
    int                     fd = desk_fd(from, at);

    if (fd >= 0) {
        dk->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);

    } else if (at->addr.len == 0) {
        dk->fd = gt_sock_listen_unix(at->path, SOCK_STREAM, 0660);
        dk->made = dk->fd >= 0;

    } else {
        dk->fd = gt_sock_listen(&at->addr.sa, at->addr.len, NULL);
    }

    return dk->fd >= 0 ? GT_OK : GT_ERROR;
}


int
gt_desks_bind(gt_desk_t *desks, const gt_desk_t *from, const gt_model_t *m,
              gt_diag_t *d)
{
    int i, rc = GT_OK;

    for (i = 0; i < GT_DESKS; i++) {
        if (desks[i].at.any && desk_bind(&desks[i], from) != GT_OK) {
            gt_diag_error(d, NULL, "%s on %s: %s", desk_names[i],
                          desk_text(m, i), strerror(errno));
            rc = GT_ERROR;
        }
    }

    return rc;
}


bool
gt_desks_open(const gt_desk_t *desks)
{
    int i;

    for (i = 0; i < GT_DESKS; i++) {
        if (desks[i].fd >= 0) {
            return true;
        }
    }

    return false;
}


/* --- from one configuration to the next --- */

static bool
desk_same_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}


bool
gt_desks_same(const gt_desk_t *a, const gt_model_t *am, const gt_desk_t *b,
              const gt_model_t *bm)
{
    int             i;
    gt_part_model_t x, y;

    for (i = 0; i < GT_DESKS; i++) {
        x = desk_guard(am, i);
        y = desk_guard(bm, i);

        /* an auther may have other users now */
        if (!desk_same_text(desk_text(am, i), desk_text(bm, i))
            || !desk_same_text(a[i].path, b[i].path) || x.n_authers
            || y.n_authers || !desk_same_text(x.auth.username, y.auth.username)
            || !desk_same_text(x.auth.password, y.auth.password))
        {
            return false;
        }
    }

    return true;
}


void
gt_desks_switch(gt_desk_t *from, gt_desk_t *to)
{
    int i;

    for (i = 0; i < GT_DESKS; i++) {
        to[i].made = false;

        if (!from || !from[i].at.any || desk_among(&from[i], to)) {
            continue;
        }

        gt_stats_place_unlink(&from[i].at);

        /* its process needs a moment to end, the next reload may be the way
           back */
        if (from[i].fd >= 0) {
            (void) shutdown(from[i].fd, SHUT_RDWR);
        }
    }
}


void
gt_desks_unlink(gt_desk_t *desks)
{
    int i;

    for (i = 0; i < GT_DESKS; i++) {
        gt_stats_place_unlink(&desks[i].at);
    }
}


void
gt_desks_undo(gt_desk_t *desks)
{
    int i;

    for (i = 0; i < GT_DESKS; i++) {
        if (desks[i].made) {
            gt_stats_place_unlink(&desks[i].at);
            desks[i].made = false;
        }
    }
}


void
gt_desks_close(gt_desk_t *desks)
{
    int i;

    for (i = 0; i < GT_DESKS; i++) {
        if (desks[i].fd >= 0) {
            (void) close(desks[i].fd);
            desks[i].fd = -1;
        }

        gt_auth_free(desks[i].auth);
        desks[i].auth = NULL;
        desks[i].path = NULL;
    }
}
