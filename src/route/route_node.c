/*
 * route/route_node.c: a node: its modules found and configured, and what its
 * metadata says about choosing it.
 */

#include "core/mem.h"
#include "module/dialer.h"
#include "module/registry.h"
#include "route/impl.h"

#include <string.h>

enum { ROUTE_TABLES = 2 * (GT_STACK_MAX + 1) }; /* of a node */

typedef struct {
    bool     backup;
    int64_t  weight, max_fails;
    uint64_t fail_ms;
} route_node_conf_t;

/* clang-format off */
const gt_opt_t gt_route_node_opts[] = {
    { "backup", gt_opt_bool, offsetof(route_node_conf_t, backup), "false",
      "chosen only while no other node is usable" },
    { "weight", gt_opt_int, offsetof(route_node_conf_t, weight), "1",
      "its share with strategy rand" },
    { "maxFails|max_fails", gt_opt_int,
      offsetof(route_node_conf_t, max_fails), "0",
      "failures in a row until it is passed over" },
    { "failTimeout|fail_timeout", gt_opt_msec,
      offsetof(route_node_conf_t, fail_ms), "0", "for how long" },
    { .name = NULL }
};
/* clang-format on */

typedef struct {
    const gt_route_node_t *node;
    gt_diag_t             *d;
    bool                   dialer; /* the dialer's map is looked at */
} route_unknown_t;


void
gt_route_node_free(gt_route_node_t *n)
{
    gt_free(n->dialer_conf);
    gt_free(n->connector_conf);
}


/* the tables of a node's two modules, and how many */

static int
route_tables(const gt_node_model_t *m, const gt_opt_t *tables[ROUTE_TABLES])
{
    int             i, n = 0;
    const gt_opt_t *opts;

    for (i = 0; n < ROUTE_TABLES
                && (opts = gt_module_options(GT_DIALER, m->dialer.type, i));
         i++)
    {
        tables[n++] = opts;
    }

    for (i = 0;
         n < ROUTE_TABLES
         && (opts = gt_module_options(GT_CONNECTOR, m->connector.type, i));
         i++)
    {
        tables[n++] = opts;
    }

    return n;
}


/* a key that guards must not be ignored, unless it is the copy of one that -O
   has put in its place */

static bool
route_guards(const gt_node_model_t *m, const gt_cnode_t *key)
{
    gt_str_t name = gt_str_from(key->key);

    if (key->place.line == 0) {
        return gt_opt_guard_meant(key->key).n > 0;
    }

    return (gt_opt_guards(key->key) || gt_opt_guard_meant(key->key).n > 0)
           && !(gt_str_ieq(name, GT_STR("auth")) && m->connector.auth.username)
           && !(gt_str_istarts(name, GT_STR("tls")) && m->dialer.tls);
}


/* metadata of a node may be meant for either of its two modules, and a key of
   -F for anything that has a part in the way */

static void
route_unknown(void *data, const gt_cnode_t *key)
{
    int                    i, n;
    gt_str_t               near;
    route_unknown_t       *u = data;
    const gt_opt_t        *tables[ROUTE_TABLES];
    const gt_node_model_t *m = u->node->model;

    n = route_tables(m, tables);

    for (i = 0; i < n; i++) {
        if (gt_module_knows(tables[i], key->key)) {
            return;
        }
    }

    if (key->place.line == 0
        && (gt_module_knows(gt_route_node_opts, key->key)
            || gt_module_knows(gt_route_net_opts, key->key)))
    {
        return;
    }

    /* -F copies a key into both maps: once is enough */
    if (u->dialer && gt_cnode_get(m->connector.metadata, key->key)) {
        return;
    }

    if (route_guards(m, key)) {
        gt_diag_error(u->d, &key->place,
                      "node %s: unknown key \"%.100s\" in metadata, and not "
                      "safe to ignore",
                      m->name, key->key);
        return;
    }

    near = gt_opt_nearest(tables, n, key->key);

    gt_diag_warn(u->d, &key->place, "node %s: unknown key \"%.100s\"%s%.*s%s",
                 m->name, key->key, near.n ? ", did you mean \"" : "",
                 GT_STR_ARG(near), near.n ? "\"?" : " is ignored");
}


static const gt_module_t *
route_module(gt_kind_t kind, const gt_part_model_t *part, gt_diag_t *d)
{
    const gt_module_t *m = gt_module_find(kind, part->type);

    if (!m) {
        gt_diag_error(d, &part->place, "no %s \"%s\" in this build",
                      gt_module_kind(kind), part->type);
    }

    return m;
}


static int
route_modules(gt_route_node_t *n, gt_diag_t *d)
{
    route_unknown_t           u = { .node = n, .d = d };
    const gt_node_model_t    *m = n->model;
    const gt_dialer_ops_t    *dial;
    const gt_connector_ops_t *ask;

    n->dialer = route_module(GT_DIALER, &m->dialer, d);
    n->connector = route_module(GT_CONNECTOR, &m->connector, d);
    if (!n->dialer || !n->connector) {
        return GT_ERROR;
    }

    n->connector_conf =
        gt_module_configure(n->connector, m->connector.metadata,
                            &m->connector.place, d, route_unknown, &u);
    u.dialer = true;
    n->dialer_conf =
        gt_module_configure(n->dialer, m->dialer.metadata, &m->dialer.place, d,
                            route_unknown, &u);

    dial = n->dialer->ops;
    ask = n->connector->ops;
    n->pass = ask && ask->pass;

    if (!n->pass && dial && !dial->dial) {
        gt_diag_error(d, &m->dialer.place,
                      "node %s: dialer \"%s\" reaches no node that connector "
                      "\"%s\" could ask",
                      m->name, m->dialer.type, m->connector.type);
        return GT_ERROR;
    }

    return n->connector_conf && n->dialer_conf ? GT_OK : GT_ERROR;
}


static int
route_node_addr(gt_route_node_t *n, gt_diag_t *d)
{
    size_t      len;
    const char *host, *why = "not an address";

    if (n->pass) {
        return GT_OK;
    }

    if (gt_addr_split(n->model->addr, strlen(n->model->addr), &host, &len,
                      &n->port, &why)
            != GT_OK
        || n->port == 0)
    {
        gt_diag_error(d, &n->model->place, "node %s: \"%s\": %s",
                      n->model->name, n->model->addr,
                      n->port ? why : "want host:port");
        return GT_ERROR;
    }

    n->host = gt_str_make(host, len);

    return GT_OK;
}


static int
route_node_metadata(gt_route_node_t *n, const gt_route_hop_t *hop, gt_diag_t *d)
{
    int               rc;
    route_node_conf_t cf = { 0 };

    gt_opt_defaults(gt_route_node_opts, &cf);
    rc = gt_opt_apply(gt_route_node_opts, &cf, n->model->metadata, d, NULL,
                      NULL);

    n->backup = cf.backup;
    n->weight = (uint32_t) gt_min(gt_max(cf.weight, 1), 1000000);
    n->max_fails = cf.max_fails ? cf.max_fails : hop->max_fails;
    n->fail_ms = cf.fail_ms ? cf.fail_ms : hop->fail_ms;

    return rc;
}


/*
 * What limits a node to some requests.  The target's host is known; protocol
 * and path are not, and a node that ignored them would get what is not meant
 * for it.
 */
static int
route_node_filter(gt_route_node_t *n, gt_diag_t *d)
{
    int               rc = GT_OK;
    const gt_cnode_t *v, *filter = gt_cnode_get(n->model->node, "filter");

    for (v = filter ? filter->first : NULL; v; v = v->next) {
        if (v->kind != GT_NODE_SCALAR || v->text[0] == '\0') {
            continue;
        }

        if (gt_str_ieq(gt_str_from(v->key), GT_STR("host"))) {
            n->filter = gt_str_from(v->text);
        } else {
            gt_diag_error(d, &v->place,
                          "node %s: filter.%.100s: not built "
                          "yet, and not safe to ignore",
                          n->model->name, v->key);
            rc = GT_ERROR;
        }
    }

    return rc;
}


int
gt_route_node_init(gt_route_node_t *n, const gt_node_model_t *nm,
                   const gt_route_hop_t *hop, gt_routes_t *rs, gt_diag_t *d)
{
    int rc;

    n->model = nm;
    n->cred.username = nm->connector.auth.username;
    n->cred.password = nm->connector.auth.password;

    rc = route_modules(n, d);
    gt_route_net_later(nm->node, d);

    if (route_node_addr(n, d) != GT_OK
        || route_node_metadata(n, hop, d) != GT_OK
        || route_node_filter(n, d) != GT_OK
        || gt_route_net_init(&n->net, gt_route_net_opts, nm->node, &hop->net,
                             rs, d)
               != GT_OK)
    {
        rc = GT_ERROR;
    }

    return rc;
}
