/*
 * service/service.c: services, started and stopped.
 *
 *   new (configure.c) -> bind (bind.c) -> fork
 *     -> start -> stop -> [kill] -> free
 */

#include "service/service.h"

#include "core/mem.h"
#include "core/rand.h"
#include "module/registry.h"
#include "net/linger.h"
#include "service/impl.h"

#include <unistd.h>


static int
service_module_start(const gt_module_t *m, gt_loop_t *loop, void *conf,
                     const char *service)
{
    if (m->start && m->start(loop, conf) != GT_OK) {
        gt_error("service %s: %s %s cannot be started", service,
                 gt_module_kind(m->kind), m->name);
        return GT_ERROR;
    }

    return GT_OK;
}


static void
service_module_stop(const gt_module_t *m, gt_loop_t *loop, void *conf)
{
    if (m->stop) {
        m->stop(loop, conf);
    }
}


static void
service_ls_init(gt_service_t *s, int slot)
{
    gt_listener_t *ls = &s->ls;

    ls->loop = s->sv->loop;
    ls->slot = slot;
    ls->owner = s;
    ls->paused = &s->sv->stat->worker[GT_STAT_ACCEPT_PAUSED];
    ls->accept = gt_service_accept;
    ls->admit = gt_service_admit;
}


static int
service_start(gt_service_t *s, int slot)
{
    gt_loop_t               *loop = s->sv->loop;
    const char              *name = s->model->name;
    const gt_listener_ops_t *ops = s->ls.module->ops;

    service_ls_init(s, slot);

    if (s->auth) {
        s->guard =
            gt_guard_new(&s->policy, &s->sv->stat->worker[GT_STAT_AUTH_WRONG],
                         &s->sv->stat->worker[GT_STAT_AUTH_SHED]);
        if (!s->guard) {
            return GT_ERROR;
        }
    }

    if (service_module_start(s->handler, loop, s->handler_conf, name) != GT_OK)
    {
        return GT_ERROR;
    }

    if (service_module_start(s->ls.module, loop, s->ls.conf, name) != GT_OK) {
        service_module_stop(s->handler, loop, s->handler_conf);
        return GT_ERROR;
    }

    if (ops->start(&s->ls) == GT_OK) {
        s->started = true;
        return GT_OK;
    }

    service_module_stop(s->ls.module, loop, s->ls.conf);
    service_module_stop(s->handler, loop, s->handler_conf);

    return GT_ERROR;
}


static void
service_idle(gt_post_t *post)
{
    gt_services_t *sv = gt_container_of(post, gt_services_t, idle_post);

    if (sv->idle && sv->sessions == 0) {
        sv->idle(sv->idle_data);
    }
}


void
gt_services_clients(gt_services_t *sv, gt_stat_client_t *rows, uint32_t n)
{
    sv->clients = rows;
    sv->n_clients = rows ? n : 0;
}


int
gt_services_start(gt_services_t *sv, gt_loop_t *loop, int slot,
                  gt_stat_block_t *stat, uint64_t max_conns)
{
    int i;

    GT_ASSERT(!sv->loop);

    sv->loop = loop;
    sv->stat = stat;
    sv->max_conns = max_conns;
    sv->next_id = gt_rand_u64();
    gt_post_init(&sv->idle_post, service_idle);

    if (gt_routes_start(sv->routes, loop, gt_stat_nodes(stat, sv->n)) != GT_OK)
    {
        return GT_ERROR;
    }

    sv->routed = true;

    for (i = 0; i < sv->n; i++) {
        sv->services[i].stat = stat->services[i];

        if (service_start(&sv->services[i], slot) != GT_OK) {
            return GT_ERROR;
        }
    }

    return GT_OK;
}


static void
service_close_sockets(gt_services_t *sv)
{
    int i;

    for (i = 0; i < sv->n_bound; i++) {
        if (sv->bound[i].fd >= 0) {
            (void) close(sv->bound[i].fd);
            sv->bound[i].fd = -1;
        }
    }
}


static void
service_stop_listening(gt_services_t *sv, bool drain)
{
    int                      i;
    const gt_listener_ops_t *ops;

    if (sv->stopped) {
        return;
    }

    for (i = 0; i < sv->n; i++) {
        if (sv->services[i].started) {
            ops = sv->services[i].ls.module->ops;
            ops->stop(&sv->services[i].ls, drain);
        }
    }

    service_close_sockets(sv);
    sv->stopped = true;
}


void
gt_services_stop(gt_services_t *sv)
{
    int           i;
    gt_list_t    *n, *tmp;
    gt_session_t *ss;

    service_stop_listening(sv, true);

    for (i = 0; i < sv->n; i++) {
        gt_list_each(n, tmp, &sv->services[i].sessions)
        {
            ss = gt_list_entry(n, gt_session_t, link);

            if (ss->drain) {
                ss->drain(ss);
            }
        }
    }

    if (sv->sessions == 0 && sv->loop) {
        gt_post(sv->loop, &sv->idle_post);
    }
}


void
gt_services_kill(gt_services_t *sv)
{
    int        i;
    gt_list_t *l, *n;

    sv->killed = true;
    service_stop_listening(sv, false);

    for (i = 0; i < sv->n; i++) {
        l = &sv->services[i].sessions;

        while (!gt_list_empty(l)) {
            n = l->next;
            gt_stay_kill(gt_container_of(n, gt_stay_t, ss.link));
            GT_ASSERT(l->next != n);
        }
    }

    if (sv->loop) {
        gt_post_cancel(&sv->idle_post);
    }

    gt_linger_close_all();
}


static void
service_free(gt_service_t *s)
{
    gt_loop_t *loop = s->sv->loop;

    GT_ASSERT(gt_list_empty(&s->sessions));

    if (s->started) {
        service_module_stop(s->ls.module, loop, s->ls.conf);
        service_module_stop(s->handler, loop, s->handler_conf);
    }

    gt_route_free(s->route);
    gt_guard_free(s->guard);
    gt_auth_free(s->auth);
    gt_policy_free(&s->policy);
    gt_free(s->handler_conf);
    gt_free(s->ls.conf);
    gt_free(s->ls.fds);
}


void
gt_services_free(gt_services_t *sv)
{
    int i;

    if (!sv) {
        return;
    }

    if (sv->loop) {
        service_stop_listening(sv, false);
        gt_post_cancel(&sv->idle_post);
    }

    for (i = 0; i < sv->n; i++) {
        service_free(&sv->services[i]);
    }

    if (sv->routed) {
        gt_routes_stop(sv->routes, sv->loop);
    }

    gt_routes_free(sv->routes);
    service_close_sockets(sv);
    gt_netns_close(&sv->spaces);
    gt_free(sv->bound);
    gt_free(sv);
}


/* --- asking --- */

unsigned
gt_services_sessions(const gt_services_t *sv)
{
    return sv->sessions;
}


void
gt_services_on_idle(gt_services_t *sv, void (*idle)(void *data), void *data)
{
    sv->idle = idle;
    sv->idle_data = data;
}


gt_routes_t *
gt_services_routes(const gt_services_t *sv)
{
    return sv->routes;
}


int
gt_services_count(const gt_services_t *sv)
{
    return sv->n;
}


const char *
gt_services_name(const gt_services_t *sv, int i)
{
    GT_ASSERT(i >= 0 && i < sv->n);

    return sv->services[i].model->name;
}


gt_session_t *
gt_services_first(gt_services_t *sv)
{
    int i;

    for (i = 0; i < sv->n; i++) {
        if (!gt_list_empty(&sv->services[i].sessions)) {
            return gt_list_entry(sv->services[i].sessions.next, gt_session_t,
                                 link);
        }
    }

    return NULL;
}


gt_session_t *
gt_services_next(gt_services_t *sv, gt_session_t *ss)
{
    gt_stay_t    *stay = gt_container_of(ss, gt_stay_t, ss);
    gt_service_t *s = stay->service;

    if (ss->link.next != &s->sessions) {
        return gt_list_entry(ss->link.next, gt_session_t, link);
    }

    while (++s < sv->services + sv->n) {
        if (!gt_list_empty(&s->sessions)) {
            return gt_list_entry(s->sessions.next, gt_session_t, link);
        }
    }

    return NULL;
}
