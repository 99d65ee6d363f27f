/*
 * service/configure.c: services out of the model: modules found and configured.
 */

#include "service/service.h"

#include "core/mem.h"
#include "module/registry.h"
#include "service/impl.h"

/* where it listens */

static int
service_space(gt_service_t *s, gt_diag_t *d)
{
    int               i;
    const char       *why, *name = s->conf.netns;
    const gt_cnode_t *v = gt_cnode_get(s->model->metadata, "netns");

    if (!name || !name[0]) {
        return GT_OK;
    }

    i = gt_netns_add(&s->sv->spaces, name, &why);
    if (i < 0) {
        gt_diag_error(d, v ? &v->place : &s->model->place,
                      "service %s: netns \"%.100s\": %s", s->model->name, name,
                      why);
        return GT_ERROR;
    }

    s->space = (unsigned) i;

    return GT_OK;
}


static int
service_configure(gt_service_t *s, gt_diag_t *d)
{
    int                       rc;
    gt_service_unknown_t      u = { .s = s, .d = d };
    const gt_service_model_t *m = s->model;

    s->handler_conf =
        gt_module_configure(s->handler, m->handler.metadata, &m->handler.place,
                            d, gt_service_unknown, &u);
    u.seen[0] = m->handler.metadata;
    u.map = 1;

    s->ls.conf =
        gt_module_configure(s->ls.module, m->listener.metadata,
                            &m->listener.place, d, gt_service_unknown, &u);
    u.seen[1] = m->listener.metadata;
    u.map = 2;

    gt_opt_defaults(gt_service_opts, &s->conf);
    rc = gt_opt_apply(gt_service_opts, &s->conf, m->metadata, d,
                      gt_service_unknown, &u);

    if (service_space(s, d) != GT_OK) {
        rc = GT_ERROR;
    }

    if (gt_policy_init(&s->policy, m->handler.metadata, m->metadata, d)
        != GT_OK) {
        rc = GT_ERROR;
    }

    return s->handler_conf && s->ls.conf && !u.failed ? rc : GT_ERROR;
}


static const gt_module_t *
service_module(gt_kind_t kind, const gt_part_model_t *part, gt_diag_t *d)
{
    const gt_module_t *m = gt_module_find(kind, part->type);

    if (!m) {
        gt_diag_error(d, &part->place, "no %s \"%s\" in this build",
                      gt_module_kind(kind), part->type);
    }

    return m;
}


static gt_route_t *
service_route(const gt_service_t *s, gt_diag_t *d)
{
    const gt_service_model_t *m = s->model;
    gt_route_conf_t           cf = { .context = m->context,
                                     .chain = m->handler.chain,
                                     .retries = m->handler.retries,
                                     .dial_ms = s->conf.dial_ms,
                                     .owner = m->node };

    if (s->conf.ignore_chain) {
        cf.chain = NULL;
    }

    return gt_route_new(s->sv->routes, &cf, d);
}


static int
service_init(gt_service_t *s, gt_diag_t *d)
{
    int                       rc = GT_OK;
    const gt_service_model_t *m = s->model;
    const gt_handler_ops_t   *h;

    s->handler = service_module(GT_HANDLER, &m->handler, d);
    s->ls.module = service_module(GT_LISTENER, &m->listener, d);
    s->ls.service = m->name;
    s->log_level = gt_log_level_parse(m->context->log.level);
    s->ls.addr = m->addr;

    if (!s->handler || !s->ls.module) {
        rc = GT_ERROR;
    } else {
        rc = service_configure(s, d);

        h = s->handler->ops;
        if (!h->handle) {
            gt_diag_error(d, &m->handler.place,
                          "handler \"%s\" does not work on listener \"%s\"",
                          m->handler.type, m->listener.type);
            rc = GT_ERROR;
        }
    }

    if (gt_auth_new(m->context, &m->handler, &s->auth, d) != GT_OK) {
        rc = GT_ERROR;
    }

    if (s->sv->routes) {
        s->route = service_route(s, d);
    }

    return s->route ? rc : GT_ERROR;
}


gt_services_t *
gt_services_new(const gt_model_t *model, gt_diag_t *d)
{
    int            i, n = model->n_services, rc = GT_OK;
    gt_services_t *sv;

    sv = gt_calloc(sizeof(gt_services_t) + (size_t) n * sizeof(gt_service_t));
    if (!sv) {
        gt_diag_error(d, NULL, "no memory");
        return NULL;
    }

    sv->model = model;
    sv->routes = gt_routes_new(model, d);

    for (i = 0; i < n; i++) {
        sv->services[i].model = &model->services[i];
        sv->services[i].sv = sv;
        gt_list_init(&sv->services[i].sessions);
        sv->n = i + 1;
        gt_diag_group(d, model->services[i].context->group);

        if (service_init(&sv->services[i], d) != GT_OK) {
            rc = GT_ERROR;
        }
    }

    if (gt_services_twice(sv, d) != GT_OK) {
        rc = GT_ERROR;
    }

    gt_diag_group(d, -1);

    if (rc != GT_OK) {
        gt_services_free(sv);
        return NULL;
    }

    return sv;
}
