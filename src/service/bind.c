/*
 * service/bind.c: the sockets of a generation, opened or inherited.
 *
 * A generation's list is made anew; only when all of it is complete are the
 * sockets that it inherits taken off the old list.
 */

#include "service/impl.h"

#include "core/mem.h"
#include "core/str.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BIND_KEY = sizeof(((gt_bound_t *) NULL)->key) };

typedef struct {
    gt_services_t *sv;
    gt_bound_t    *old; /* the caller's */
    int            n_old;
    bool          *taken; /* ours, one for each of old */
    int            n_slots;
    gt_diag_t     *d;
} bind_t;


/* the namespace where it listens; NULL: where we are */

static const gt_netns_t *
bind_space(const gt_service_t *s)
{
    return s->space ? &s->sv->spaces.list[s->space - 1] : NULL;
}


/* a composed transport is one of its lowest part: tls on the port of tcp */

static int
bind_key(const gt_service_t *s, char *key, size_t size)
{
    int                n;
    char               space[32] = "";
    const gt_module_t *m = s->ls.module;

    if (s->space) {
        (void) gt_snprintf(space, sizeof(space), "@%llu",
                           (unsigned long long) bind_space(s)->id);
    }

    n = snprintf(key, size, "%s%s/%s", m->stack[0] ? m->stack[0] : m->name,
                 space, s->model->addr);

    return n > 0 && (size_t) n < size ? GT_OK : GT_ERROR;
}


/* what follows the last colon; keys name a port by number */

static const char *
bind_port(const char *key)
{
    const char *p = strrchr(key, ':');

    return p ? p + 1 : "";
}


static bool
bind_any_port(const char *key)
{
    return strtoul(bind_port(key), NULL, 10) == 0;
}


/* "@4026532301", n 0: where we are */

static gt_str_t
bind_where(const char *key)
{
    size_t      n = strcspn(key, "/");
    const char *p = memchr(key, '@', n);

    return p ? gt_str_make(p, n - (size_t) (p - key)) : gt_str_make(key, 0);
}


/* has the old generation that port, on whatever address of the namespace? */

static bool
bind_has_port(const bind_t *b, const char *key)
{
    int i;

    for (i = 0; i < b->n_old; i++) {
        if (b->old[i].fd >= 0
            && strcmp(bind_port(b->old[i].key), bind_port(key)) == 0
            && gt_str_eq(bind_where(b->old[i].key), bind_where(key)))
        {
            return true;
        }
    }

    return false;
}


/* the index of what was inherited for it; -1 */

static int
bind_find(const bind_t *b, const char *key, int slot)
{
    int i;

    for (i = 0; i < b->n_old; i++) {
        if (b->old[i].fd >= 0 && !b->taken[i] && b->old[i].slot == slot
            && strcmp(b->old[i].key, key) == 0)
        {
            return i;
        }
    }

    return -1;
}


/* how many slots there are of a key, at least those of the workers */

static int
bind_slots(const bind_t *b, const char *key)
{
    int i, n = b->n_slots;

    for (i = 0; i < b->n_old; i++) {
        if (b->old[i].fd >= 0 && !b->taken[i]
            && strcmp(b->old[i].key, key) == 0) {
            n = gt_max(n, b->old[i].slot + 1);
        }
    }

    return n;
}


typedef struct {
    char                key[BIND_KEY];
    const gt_service_t *s;
} bind_twin_t;


static int
bind_by_key(const void *a, const void *b)
{
    int                rc;
    const bind_twin_t *x = a, *y = b;

    rc = strcmp(x->key, y->key);

    return rc ? rc : x->s < y->s ? -1 : 1;
}


/* SO_REUSEPORT would let two services of one address share it in silence */

int
gt_services_twice(gt_services_t *sv, gt_diag_t *d)
{
    int          i, n = 0, rc = GT_OK;
    bind_twin_t *all, *first;

    all = gt_alloc((size_t) gt_max(sv->n, 1) * sizeof(*all));
    if (!all) {
        gt_diag_error(d, NULL, "no memory");
        return GT_ERROR;
    }

    for (i = 0; i < sv->n; i++) {
        all[n].s = &sv->services[i];

        if (all[n].s->ls.module
            && bind_key(all[n].s, all[n].key, BIND_KEY) == GT_OK
            && !bind_any_port(all[n].key))
        {
            n++;
        }
    }

    qsort(all, (size_t) n, sizeof(*all), bind_by_key);
    first = all;

    for (i = 1; i < n; i++) {
        if (strcmp(all[i].key, first->key) != 0) {
            first = &all[i];
            continue;
        }

        gt_diag_group(d, all[i].s->model->context->group);
        gt_diag_error(d, &all[i].s->model->place,
                      "service %s: %s is service %s's", all[i].s->model->name,
                      all[i].s->model->addr, first->s->model->name);
        rc = GT_ERROR;
    }

    gt_free(all);

    return rc;
}


/* adds a service's sockets to the list */

static int
bind_record(bind_t *b, gt_service_t *s, const char *key)
{
    int         i;
    size_t      size;
    gt_bound_t *list, *e;

    size = (size_t) (b->sv->n_bound + s->ls.n_slots) * sizeof(gt_bound_t);

    list = gt_realloc(b->sv->bound, size);
    if (!list) {
        return GT_ERROR;
    }

    b->sv->bound = list;

    for (i = 0; i < s->ls.n_slots; i++) {
        e = &list[b->sv->n_bound++];
        e->slot = i;
        e->fd = s->ls.fds[i];
        (void) gt_str_copy(e->key, sizeof(e->key), gt_str_from(key));
    }

    return GT_OK;
}


/* closes what was opened for a service that cannot be bound; from[] is below 0
   for those */

static void
bind_undo(gt_service_t *s, const int *from)
{
    int i;

    for (i = 0; i < s->ls.n_slots; i++) {
        if (s->ls.fds[i] >= 0 && from[i] < 0) {
            (void) close(s->ls.fds[i]);
        }

        s->ls.fds[i] = -1;
    }
}


/* the listener's bind(), where the service listens */

static int
bind_call(gt_service_t *s, char *why, size_t size)
{
    int                      rc, home = -1;
    const gt_netns_t        *ns = bind_space(s);
    const gt_listener_ops_t *ops = s->ls.module->ops;

    if (ns) {
        home = gt_netns_enter(ns);

        if (home < 0) {
            (void) gt_snprintf(why, size, "netns \"%s\": %s", ns->name,
                               strerror(errno));
            return GT_ERROR;
        }
    }

    rc = ops->bind(&s->ls, why, size);

    if (ns) {
        gt_netns_leave(home);
    }

    return rc;
}


/* from[] gets the indexes in `old` of what is inherited */

static int
bind_sockets(bind_t *b, gt_service_t *s, const char *key, int *from)
{
    int            i;
    char           why[512] = "";
    gt_listener_t *ls = &s->ls;

    for (i = 0; i < ls->n_slots; i++) {
        from[i] = bind_find(b, key, i);
        ls->fds[i] = from[i] < 0 ? -1 : b->old[from[i]].fd;
    }

    ls->n_workers = b->n_slots;
    ls->shared =
        !bind_any_port(key) && (b->sv->unprobed || bind_has_port(b, key));

    if (bind_call(s, why, sizeof(why)) != GT_OK) {
        gt_diag_error(b->d, &s->model->place, "service %s: %s", s->model->name,
                      why);
        return GT_ERROR;
    }

    if (bind_record(b, s, key) != GT_OK) {
        gt_diag_error(b->d, &s->model->place, "no memory");
        return GT_ERROR;
    }

    for (i = 0; i < ls->n_slots; i++) {
        if (from[i] >= 0) {
            b->taken[from[i]] = true;
        }
    }

    return GT_OK;
}


static int
bind_service(bind_t *b, gt_service_t *s)
{
    int  rc, *from;
    char key[BIND_KEY];

    if (bind_key(s, key, sizeof(key)) != GT_OK) {
        gt_diag_error(b->d, &s->model->place,
                      "service %s: its address is too long", s->model->name);
        return GT_ERROR;
    }

    s->ls.n_slots = bind_slots(b, key);
    s->ls.fds = gt_calloc((size_t) s->ls.n_slots * sizeof(int));
    from = gt_calloc((size_t) s->ls.n_slots * sizeof(int));

    if (!s->ls.fds || !from) {
        gt_free(from);
        gt_diag_error(b->d, &s->model->place, "no memory");
        return GT_ERROR;
    }

    rc = bind_sockets(b, s, key, from);
    if (rc != GT_OK) {
        bind_undo(s, from);
    }

    gt_free(from);

    return rc;
}


/* all is bound: what was inherited is off the old list */

static void
bind_commit(bind_t *b)
{
    int i;

    for (i = 0; i < b->n_old; i++) {
        if (b->taken[i]) {
            b->old[i].fd = -1;
        }
    }
}


/* some is not: the list keeps nothing, and the old one all it had */

static void
bind_roll_back(bind_t *b)
{
    int i, j;

    for (i = 0; i < b->sv->n_bound; i++) {
        for (j = 0; j < b->n_old; j++) {
            if (b->taken[j] && b->old[j].fd == b->sv->bound[i].fd) {
                break;
            }
        }

        if (j == b->n_old && b->sv->bound[i].fd >= 0) {
            (void) close(b->sv->bound[i].fd);
        }
    }

    gt_free(b->sv->bound);
    b->sv->bound = NULL;
    b->sv->n_bound = 0;

    for (i = 0; i < b->sv->n; i++) {
        gt_free(b->sv->services[i].ls.fds);
        b->sv->services[i].ls.fds = NULL;
    }
}


int
gt_services_bind(gt_services_t *sv, int n_slots, gt_bound_t *old, int n_old,
                 gt_diag_t *d)
{
    int    i, rc = GT_OK;
    bind_t b = { sv, old, n_old, NULL, n_slots, d };

    GT_ASSERT(!sv->bound && n_slots > 0);

    b.taken = gt_calloc(gt_max((size_t) n_old, (size_t) 1) * sizeof(bool));
    if (!b.taken) {
        gt_diag_error(d, NULL, "no memory");
        return GT_ERROR;
    }

    for (i = 0; i < sv->n; i++) {
        if (bind_service(&b, &sv->services[i]) != GT_OK) {
            rc = GT_ERROR;
        }
    }

    if (rc == GT_OK) {
        bind_commit(&b);
    } else {
        bind_roll_back(&b);
    }

    gt_free(b.taken);
    gt_netns_close(&sv->spaces);

    return rc;
}


gt_bound_t *
gt_services_bound(gt_services_t *sv, int *n)
{
    *n = sv->n_bound;

    return sv->bound;
}


void
gt_services_unprobed(gt_services_t *sv)
{
    sv->unprobed = true;
}


void
gt_services_announce(gt_services_t *sv)
{
    int                 i;
    char                addr[GT_ADDR_TEXT];
    gt_log_line_t       ln;
    const gt_service_t *s;

    for (i = 0; i < sv->n; i++) {
        s = &sv->services[i];

        if (gt_log_begin(&ln, GT_LOG_INFO, "listening on %s/tcp",
                         gt_addr_text(&s->ls.local, addr, sizeof(addr))))
        {
            gt_log_str(&ln, "kind", "service");
            gt_log_str(&ln, "service", s->model->name);
            gt_log_str(&ln, "listener", s->model->listener.type);
            gt_log_str(&ln, "handler", s->model->handler.type);
            if (s->space) {
                gt_log_str(&ln, "netns", s->conf.netns);
            }
            gt_log_end(&ln);
        }
    }
}
