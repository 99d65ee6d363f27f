/*
 * service/configure.c: services out of the model: modules found and configured,
 * keys that nobody knows, or nobody will before they are built.
 */

#include "service/service.h"

#include "core/mem.h"
#include "module/registry.h"
#include "service/impl.h"

/* clang-format off */
static const gt_opt_t service_opts[] = {
    { "enableStats", gt_opt_bool, offsetof(gt_service_conf_t, enable_stats),
      "false", "taken; the counters are always kept" },
    { "dialTimeout", gt_opt_msec, offsetof(gt_service_conf_t, dial_ms), "15s",
      "for one attempt to reach a target" },
    { "ignoreChain", gt_opt_bool, offsetof(gt_service_conf_t, ignore_chain),
      "false", "go direct, whatever chain the handler has" },
    { .name = NULL }
};
/* clang-format on */

/* what conf/ takes out of -L for other places and leaves a copy of */
static const gt_opt_t service_taken[] = {
    { .name = "auth|cert|certFile|tls.certFile|key|keyFile|tls.keyFile|ca"
              "|caFile|tls.caFile|secure|tls.secure|serverName"
              "|tls.servername|strategy|maxFails|max_fails|failTimeout"
              "|fail_timeout|retries|bypass|admission|resolver|prefer|hosts"
              "|dns|limiter.in|limiter.out|limiter.conn.in|limiter.conn.out"
              "|climiter|rlimiter" },
    { .name = NULL },
};

/* GOST's keys of any of the three maps that are still to be built */
static const gt_opt_t service_later[] = {
    { .name = "proxyProtocol"
              "|observer.period|observePeriod|observer.observePeriod"
              "|observer.resetTraffic|limiter.scope|limiter.refreshInterval"
              "|limiter.cleanupInterval|labels|preUp|postUp"
              "|preDown|postDown|mptcp|udp|udp.bufferSize|udpBufferSize"
              "|sniffing|sniffing.timeout|sniffing.websocket"
              "|sniffing.websocket.sampleRate|mitm.certFile|mitm.caCertFile"
              "|mitm.keyFile|mitm.caKeyFile|mitm.alpn|mitm.bypass"
              "|compression|http.compression" },
    { .name = NULL },
};


typedef struct {
    const gt_service_t *s;
    gt_diag_t          *d;
    const gt_cnode_t   *seen[2]; /* maps looked at before */
} service_unknown_t;


/* a key of -L stands in all three maps, whoever it is for */

static void
service_unknown(void *data, const gt_cnode_t *key)
{
    size_t                i;
    gt_str_t              near;
    service_unknown_t    *u = data;
    const gt_opt_t       *tables[4];
    static const gt_opt_t none[] = { { .name = NULL } };

    tables[0] = u->s->handler->opts ? u->s->handler->opts : none;
    tables[1] = u->s->ls.module->opts ? u->s->ls.module->opts : none;
    tables[2] = service_opts;
    tables[3] = gt_policy_opts;

    for (i = 0; i < gt_nelts(tables); i++) {
        if (gt_module_knows(tables[i], key->key)) {
            return;
        }
    }

    if (gt_module_knows(gt_route_net_opts, key->key)) {
        return;
    }

    if (key->place.line == 0 && gt_module_knows(service_taken, key->key)) {
        return;
    }

    for (i = 0; i < gt_nelts(u->seen); i++) {
        if (gt_cnode_get(u->seen[i], key->key)) {
            return;
        }
    }

    if (gt_module_knows(service_later, key->key)) {
        gt_diag_warn(u->d, &key->place,
                     "service %s: %s: not built yet, ignored",
                     u->s->model->name, key->key);
        return;
    }

    near = gt_opt_nearest(tables, (int) gt_nelts(tables), key->key);

    gt_diag_warn(u->d, &key->place,
                 "service %s: unknown key \"%.100s\" is ignored%s%.*s%s",
                 u->s->model->name, key->key, near.n ? "; did you mean \"" : "",
                 GT_STR_ARG(near), near.n ? "\"?" : "");
}


static int
service_configure(gt_service_t *s, gt_diag_t *d)
{
    int                       rc;
    service_unknown_t         u = { .s = s, .d = d };
    const gt_service_model_t *m = s->model;

    s->handler_conf =
        gt_module_configure(s->handler, m->handler.metadata, &m->handler.place,
                            d, service_unknown, &u);
    u.seen[0] = m->handler.metadata;

    s->ls.conf =
        gt_module_configure(s->ls.module, m->listener.metadata,
                            &m->listener.place, d, service_unknown, &u);
    u.seen[1] = m->listener.metadata;

    gt_opt_defaults(service_opts, &s->conf);
    rc = gt_opt_apply(service_opts, &s->conf, m->metadata, d, service_unknown,
                      &u);

    if (gt_policy_init(&s->policy, m->handler.metadata, m->metadata, d)
        != GT_OK) {
        rc = GT_ERROR;
    }

    return s->handler_conf && s->ls.conf ? rc : GT_ERROR;
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

        if (gt_service_twice(s, d) != GT_OK) {
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

    gt_diag_group(d, -1);

    if (rc != GT_OK) {
        gt_services_free(sv);
        return NULL;
    }

    return sv;
}
