/*
 * service/options.c: the options of services' metadata; keys of metadata that
 * nobody knows, or nobody will before they are built.
 */

#include "service/service.h"

#include "conf/tree.h"
#include "module/registry.h"
#include "service/impl.h"

#include <string.h>

/* clang-format off */
const gt_opt_t gt_service_opts[] = {
    { "enableStats", gt_opt_bool, offsetof(gt_service_conf_t, enable_stats),
      "false", "taken; the counters are always kept" },
    { "dialTimeout", gt_opt_msec, offsetof(gt_service_conf_t, dial_ms), "15s",
      "for one attempt to reach a target" },
    { "ignoreChain", gt_opt_bool, offsetof(gt_service_conf_t, ignore_chain),
      "false", "go direct, whatever chain the handler has" },
    { "netns", gt_opt_str, offsetof(gt_service_conf_t, netns), NULL,
      "listen in this network namespace: a name under /run/netns, or a path" },
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
    { .name =
          "proxyProtocol"
          "|observer.period|observePeriod|observer.observePeriod"
          "|observer.resetTraffic|limiter.scope|limiter.refreshInterval"
          "|limiter.cleanupInterval|limiterScope"
          "|limiterRefreshInterval|limiterCleanupInterval|labels|preUp|postUp"
          "|preDown|postDown|mptcp|udp|udp.bufferSize|udpBufferSize"
          "|sniffing|sniffing.timeout|sniffing.websocket"
          "|sniffing.websocket.sampleRate|mitm.certFile|mitm.caCertFile"
          "|mitm.keyFile|mitm.caKeyFile|mitm.alpn|mitm.bypass"
          "|compression|http.compression" },
    { .name = NULL },
};


/* the i-th table of the options that the metadata of a handler (0), a listener
   (1) or the service (2) may have, NULL behind the last */

static const gt_opt_t *
unknown_table(const gt_service_t *s, int map, int i)
{
    switch (map) {

    case 0: return gt_service_handler_options(s->model->handler.type, i);

    case 1: return gt_module_options(GT_LISTENER, s->model->listener.type, i);

    default: break;
    }

    return i == 0 ? gt_policy_opts : gt_service_options(i - 1);
}


static bool
unknown_known(const gt_service_t *s, int map, const char *key)
{
    int             i;
    const gt_opt_t *opts;

    for (i = 0; (opts = unknown_table(s, map, i)) != NULL; i++) {
        if (gt_module_knows(opts, key)) {
            return true;
        }
    }

    return false;
}


/* what metadata guards with must be in force somewhere: is it, beside it? */

static bool
unknown_placed(const gt_service_t *s, const char *key)
{
    size_t            i, n;
    const gt_cnode_t *v, *maps[3];

    maps[0] = s->model->node;
    maps[1] = gt_cnode_get(s->model->node, "handler");
    maps[2] = gt_cnode_get(s->model->node, "listener");

    for (i = 0; i < gt_nelts(maps); i++) {
        for (v = maps[i] ? maps[i]->first : NULL; v; v = v->next) {
            n = gt_min(strlen(v->key), (size_t) 4);

            if (gt_opt_guards(v->key)
                && gt_str_istarts(gt_str_from(key), gt_str_make(v->key, n)))
            {
                return true;
            }
        }
    }

    return false;
}


/* a key of a file that another map of the service would take */

static bool
unknown_elsewhere(gt_service_unknown_t *u, const gt_cnode_t *key)
{
    int                       i;
    const gt_service_model_t *m = u->s->model;
    const gt_cnode_t         *maps[3];
    static const char *const  names[] = { "handler.metadata",
                                          "listener.metadata", "metadata" };

    maps[0] = m->handler.metadata;
    maps[1] = m->listener.metadata;
    maps[2] = m->metadata;

    /* known to another table for this map */
    if (unknown_known(u->s, u->map, key->key)) {
        return true;
    }

    for (i = 0; i < 3; i++) {
        if (!unknown_known(u->s, i, key->key)) {
            continue;
        }

        /* -L, and what -O makes of it, has each key in all three */
        if (key->place.line > 0 && !gt_cnode_get(maps[i], key->key)) {
            gt_diag_warn(u->d, &key->place,
                         "service %s: %s is ignored here; it belongs under "
                         "\"%s\"",
                         m->name, key->key, names[i]);
        }

        return true;
    }

    return false;
}


static void
unknown_say(gt_service_unknown_t *u, const gt_cnode_t *key)
{
    int             n = 0, i, map;
    bool            slip;
    gt_str_t        near, meant;
    const char     *name = u->s->model->name;
    const gt_opt_t *tables[16], *opts;

    for (map = 0; map < 3; map++) {
        for (i = 0; n < (int) gt_nelts(tables)
                    && (opts = unknown_table(u->s, map, i)) != NULL;
             i++)
        {
            tables[n++] = opts;
        }
    }

    near = gt_opt_nearest(tables, n, key->key);
    meant = gt_opt_guard_meant(key->key);

    if (near.n > 0 && !gt_str_ieq(near, meant)) {
        meant.n = 0;
    }

    if (meant.n > 0 || (key->place.line > 0 && gt_opt_guards(key->key))) {
        /* a guard by its own name, in a place where it has no effect */
        slip = meant.n > 0 && !gt_str_ieq(meant, gt_str_from(key->key));
        gt_diag_error(u->d, &key->place,
                      "service %s: unknown key \"%.100s\" in metadata, and not "
                      "safe to ignore%s%.*s%s",
                      name, key->key, slip ? "; did you mean \"" : "",
                      slip ? (int) meant.n : 0, slip ? meant.p : "",
                      slip ? "\"?" : "");
        u->failed = true;
        return;
    }

    gt_diag_warn(u->d, &key->place,
                 "service %s: unknown key \"%.100s\" is ignored%s%.*s%s", name,
                 key->key, near.n ? "; did you mean \"" : "", GT_STR_ARG(near),
                 near.n ? "\"?" : "");
}


void
gt_service_unknown(void *data, const gt_cnode_t *key)
{
    bool                  on; /* what is off may be missing */
    size_t                i;
    gt_service_unknown_t *u = data;

    if (unknown_elsewhere(u, key)) {
        return;
    }

    if (gt_module_knows(service_taken, key->key)
        && (key->place.line == 0 || !gt_opt_guards(key->key)
            || unknown_placed(u->s, key->key)))
    {
        return;
    }

    for (i = 0; i < gt_nelts(u->seen); i++) {
        if (gt_cnode_get(u->seen[i], key->key)) {
            return;
        }
    }

    if (gt_module_knows(service_later, key->key)) {
        if (gt_cnode_bool(key, &on) != GT_OK || on) {
            gt_diag_warn(u->d, &key->place,
                         "service %s: %s: not built yet, ignored",
                         u->s->model->name, key->key);
        }

        return;
    }

    unknown_say(u, key);
}


const gt_opt_t *
gt_service_options(int i)
{
    return i == 0 ? gt_service_opts : i == 1 ? gt_route_out_opts : NULL;
}


const gt_opt_t *
gt_service_handler_options(const char *type, int i)
{
    const gt_opt_t *opts = gt_module_options(GT_HANDLER, type, i);

    /* behind the module's own */
    return !opts && (i == 0 || gt_module_options(GT_HANDLER, type, i - 1))
               ? gt_policy_opts
               : opts;
}
