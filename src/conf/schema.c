/*
 * conf/schema.c: the keys, in the order in which GOST prints them.
 */

#include "conf/schema.h"

#define LATER  GT_KEY_LATER
#define REFUSE (GT_KEY_REFUSE | GT_KEY_GUARD)
#define GUARD  GT_KEY_GUARD
#define ALWAYS GT_KEY_ALWAYS
#define SECRET GT_KEY_SECRET

/* clang-format off */
const gt_key_t gt_schema_tls_options[] = {
    { "minVersion",       GT_KEY_STR,  0, NULL },
    { "maxVersion",       GT_KEY_STR,  0, NULL },
    { "cipherSuites",     GT_KEY_STRS, 0, NULL },
    { "alpn",             GT_KEY_STRS, 0, NULL },
    { .name = NULL }
};

const gt_key_t gt_schema_tls[] = {
    { "certFile",     GT_KEY_STR,  0, NULL },
    { "keyFile",      GT_KEY_STR,  0, NULL },
    { "caFile",       GT_KEY_STR,  0, NULL },
    { "secure",       GT_KEY_BOOL, 0, NULL },
    { "serverName",   GT_KEY_STR,  0, NULL },
    { "options",      GT_KEY_OBJ,  0, gt_schema_tls_options },
    { "validity",     GT_KEY_DUR,  0, NULL },
    { "commonName",   GT_KEY_STR,  0, NULL },
    { "organization", GT_KEY_STR,  0, NULL },
    { "rejectUnknownSNI", GT_KEY_BOOL, 0, NULL },
    { "serverNames",      GT_KEY_STRS, 0, NULL },
    { .name = NULL }
};

const gt_key_t gt_schema_auth[] = {
    { "username", GT_KEY_STR, GUARD,          NULL },
    { "password", GT_KEY_STR, GUARD | SECRET, NULL },
    { "file",     GT_KEY_STR, REFUSE,         NULL },
    { .name = NULL }
};

static const gt_key_t schema_file[] = {
    { "path", GT_KEY_STR, ALWAYS, NULL },
    { .name = NULL }
};

const gt_key_t gt_schema_selector[] = {
    { "strategy",    GT_KEY_STR, ALWAYS, NULL },
    { "maxFails",    GT_KEY_INT, ALWAYS, NULL },
    { "failTimeout", GT_KEY_DUR, ALWAYS, NULL },
    { "maxLatency",  GT_KEY_DUR, 0,      NULL },
    { .name = NULL }
};

static const gt_key_t schema_sockopts[] = {
    { "mark", GT_KEY_INT, 0, NULL },
    { .name = NULL }
};

/* a chain group decides whether traffic goes through a chain at all */
static const gt_key_t schema_handler[] = {
    { "type",       GT_KEY_STR,  ALWAYS, NULL },
    { "retries",    GT_KEY_INT,  0,      NULL },
    { "chain",      GT_KEY_STR,  GUARD,  NULL },
    { "chainGroup", GT_KEY_OBJ,  REFUSE, gt_schema_chain_group },
    { "auther",     GT_KEY_STR,  GUARD,  NULL },
    { "authers",    GT_KEY_STRS, GUARD,  NULL },
    { "auth",       GT_KEY_OBJ,  GUARD,  gt_schema_auth },
    { "tls",        GT_KEY_OBJ,  REFUSE, gt_schema_tls },
    { "limiter",    GT_KEY_STR,  REFUSE, NULL },
    { "observer",   GT_KEY_STR,  LATER,  NULL },
    { "metadata",   GT_KEY_MAP,  0,      NULL },
    { .name = NULL }
};

static const gt_key_t schema_listener[] = {
    { "type",       GT_KEY_STR,  ALWAYS, NULL },
    { "chain",      GT_KEY_STR,  LATER,  NULL },
    { "chainGroup", GT_KEY_OBJ,  LATER,  gt_schema_chain_group },
    { "auther",     GT_KEY_STR,  REFUSE, NULL },
    { "authers",    GT_KEY_STRS, REFUSE, NULL },
    { "auth",       GT_KEY_OBJ,  REFUSE, gt_schema_auth },
    { "tls",        GT_KEY_OBJ,  GUARD,  gt_schema_tls },
    { "metadata",   GT_KEY_MAP,  0,      NULL },
    { .name = NULL }
};

static const gt_key_t schema_connector[] = {
    { "type",     GT_KEY_STR, ALWAYS, NULL },
    { "auth",     GT_KEY_OBJ, GUARD,  gt_schema_auth },
    { "tls",      GT_KEY_OBJ, REFUSE, gt_schema_tls },
    { "metadata", GT_KEY_MAP, 0,      NULL },
    { .name = NULL }
};

static const gt_key_t schema_dialer[] = {
    { "type",     GT_KEY_STR, ALWAYS, NULL },
    { "auth",     GT_KEY_OBJ, REFUSE, gt_schema_auth },
    { "tls",      GT_KEY_OBJ, GUARD,  gt_schema_tls },
    { "metadata", GT_KEY_MAP, 0,      NULL },
    { .name = NULL }
};

static const gt_key_t schema_target[] = {
    { "name",     GT_KEY_STR,  0,      NULL },
    { "addr",     GT_KEY_STR,  0,      NULL },
    { "network",  GT_KEY_STR,  0,      NULL },
    { "bypass",   GT_KEY_STR,  REFUSE, NULL },
    { "bypasses", GT_KEY_STRS, REFUSE, NULL },
    { "protocol", GT_KEY_STR,  0,      NULL },
    { "host",     GT_KEY_STR,  0,      NULL },
    { "path",     GT_KEY_STR,  0,      NULL },
    { "filter",   GT_KEY_OBJ,  0,      gt_schema_filter },
    { "matcher",  GT_KEY_OBJ,  0,      gt_schema_matcher },
    { "auth",     GT_KEY_OBJ,  REFUSE, gt_schema_auth },
    { "http",     GT_KEY_OBJ,  0,      gt_schema_http_node },
    { "tls",      GT_KEY_OBJ,  0,      gt_schema_tls_node },
    { "probe",    GT_KEY_OBJ,  0,      gt_schema_probe },
    { "metadata", GT_KEY_MAP,  0,      NULL },
    { .name = NULL }
};

static const gt_key_t schema_forwarder[] = {
    { "name",     GT_KEY_STR,  0,      NULL },
    { "hop",      GT_KEY_STR,  0,      NULL },
    { "selector", GT_KEY_OBJ,  0,      gt_schema_selector },
    { "nodes",    GT_KEY_OBJS, ALWAYS, schema_target },
    { "hopGroup", GT_KEY_OBJ,  0,      gt_schema_hop_group },
    { .name = NULL }
};

static const gt_key_t schema_service[] = {
    { "name",       GT_KEY_STR,  ALWAYS, NULL },
    { "addr",       GT_KEY_STR,  0,      NULL },
    { "interface",  GT_KEY_STR,  0,      NULL },
    { "sockopts",   GT_KEY_OBJ,  0,      schema_sockopts },
    { "admission",  GT_KEY_STR,  REFUSE, NULL },
    { "admissions", GT_KEY_STRS, REFUSE, NULL },
    { "bypass",     GT_KEY_STR,  REFUSE, NULL },
    { "bypasses",   GT_KEY_STRS, REFUSE, NULL },
    { "resolver",   GT_KEY_STR,  LATER,  NULL },
    { "hosts",      GT_KEY_STR,  LATER,  NULL },
    { "limiter",    GT_KEY_STR,  REFUSE, NULL },
    { "quotas",     GT_KEY_STRS, REFUSE, NULL },
    { "climiter",   GT_KEY_STR,  REFUSE, NULL },
    { "rlimiter",   GT_KEY_STR,  REFUSE, NULL },
    { "rewriter",   GT_KEY_STR,  LATER,  NULL },
    { "cache",      GT_KEY_STR,  LATER,  NULL },
    { "logger",     GT_KEY_STR,  LATER,  NULL },
    { "loggers",    GT_KEY_STRS, LATER,  NULL },
    { "observer",   GT_KEY_STR,  LATER,  NULL },
    { "recorders",  GT_KEY_OBJS, LATER,  gt_schema_recording },
    { "handler",    GT_KEY_OBJ,  GUARD,  schema_handler },
    { "listener",   GT_KEY_OBJ,  GUARD,  schema_listener },
    { "forwarder",  GT_KEY_OBJ,  REFUSE, schema_forwarder },
    { "metadata",   GT_KEY_MAP,  0,      NULL },
    { "status",     GT_KEY_OBJ,  0,      gt_schema_status }, /* read-only */
    { .name = NULL }
};

static const gt_key_t schema_node[] = {
    { "name",      GT_KEY_STR,  ALWAYS, NULL },
    { "addr",      GT_KEY_STR,  0,      NULL },
    { "network",   GT_KEY_STR,  0,      NULL },
    { "bypass",    GT_KEY_STR,  REFUSE, NULL },
    { "bypasses",  GT_KEY_STRS, REFUSE, NULL },
    { "resolver",  GT_KEY_STR,  LATER,  NULL },
    { "hosts",     GT_KEY_STR,  LATER,  NULL },
    { "connector", GT_KEY_OBJ,  GUARD,  schema_connector },
    { "dialer",    GT_KEY_OBJ,  GUARD,  schema_dialer },
    { "interface", GT_KEY_STR,  0,      NULL },
    { "netns",     GT_KEY_STR,  REFUSE, NULL },
    { "sockopts",  GT_KEY_OBJ,  0,      schema_sockopts },
    { "filter",    GT_KEY_OBJ,  0,      gt_schema_filter },
    { "matcher",   GT_KEY_OBJ,  REFUSE, gt_schema_matcher },
    { "http",      GT_KEY_OBJ,  LATER,  gt_schema_http_node },
    { "tls",       GT_KEY_OBJ,  REFUSE, gt_schema_tls_node },
    { "probe",     GT_KEY_OBJ,  LATER,  gt_schema_probe },
    { "metadata",  GT_KEY_MAP,  0,      NULL },
    { .name = NULL }
};

static const gt_key_t schema_hop[] = {
    { "name",      GT_KEY_STR,  ALWAYS, NULL },
    { "interface", GT_KEY_STR,  0,      NULL },
    { "sockopts",  GT_KEY_OBJ,  0,      schema_sockopts },
    { "selector",  GT_KEY_OBJ,  0,      gt_schema_selector },
    { "bypass",    GT_KEY_STR,  REFUSE, NULL },
    { "bypasses",  GT_KEY_STRS, REFUSE, NULL },
    { "resolver",  GT_KEY_STR,  LATER,  NULL },
    { "hosts",     GT_KEY_STR,  LATER,  NULL },
    { "nodes",     GT_KEY_OBJS, GUARD,  schema_node },
    { "reload",    GT_KEY_DUR,  LATER,  NULL },
    { "file",      GT_KEY_OBJ,  REFUSE, schema_file },
    { "redis",     GT_KEY_OBJ,  REFUSE, gt_schema_redis },
    { "http",      GT_KEY_OBJ,  REFUSE, gt_schema_loader },
    { "plugin",    GT_KEY_OBJ,  REFUSE, gt_schema_plugin },
    { "metadata",  GT_KEY_MAP,  0,      NULL },
    { .name = NULL }
};

static const gt_key_t schema_chain[] = {
    { "name",     GT_KEY_STR,  ALWAYS,         NULL },
    { "hops",     GT_KEY_OBJS, ALWAYS | GUARD, schema_hop },
    { "metadata", GT_KEY_MAP,  0,              NULL },
    { .name = NULL }
};

static const gt_key_t schema_auther[] = {
    { "name",   GT_KEY_STR,  ALWAYS, NULL },
    { "auths",  GT_KEY_OBJS, GUARD,  gt_schema_auth },
    { "reload", GT_KEY_DUR,  REFUSE, NULL },
    { "file",   GT_KEY_OBJ,  GUARD,  schema_file },
    { "redis",  GT_KEY_OBJ,  REFUSE, gt_schema_redis },
    { "http",   GT_KEY_OBJ,  REFUSE, gt_schema_loader },
    { "plugin", GT_KEY_OBJ,  REFUSE, gt_schema_plugin },
    { .name = NULL }
};

/* admissions and bypasses */
static const gt_key_t schema_matchers[] = {
    { "name",      GT_KEY_STR,  ALWAYS, NULL },
    { "reverse",   GT_KEY_BOOL, 0,      NULL },
    { "whitelist", GT_KEY_BOOL, 0,      NULL },
    { "network",   GT_KEY_STR,  0,      NULL },
    { "matchers",  GT_KEY_STRS, 0,      NULL },
    { "reload",    GT_KEY_DUR,  0,      NULL },
    { "file",      GT_KEY_OBJ,  0,      schema_file },
    { "redis",     GT_KEY_OBJ,  0,      gt_schema_redis },
    { "http",      GT_KEY_OBJ,  0,      gt_schema_loader },
    { "plugin",    GT_KEY_OBJ,  0,      gt_schema_plugin },
    { .name = NULL }
};

static const gt_key_t schema_limiter[] = {
    { "name",   GT_KEY_STR,  ALWAYS, NULL },
    { "limits", GT_KEY_STRS, 0,      NULL },
    { "reload", GT_KEY_DUR,  0,      NULL },
    { "file",   GT_KEY_OBJ,  0,      schema_file },
    { "redis",  GT_KEY_OBJ,  0,      gt_schema_redis },
    { "http",   GT_KEY_OBJ,  0,      gt_schema_loader },
    { "plugin", GT_KEY_OBJ,  0,      gt_schema_plugin },
    { .name = NULL }
};

const gt_key_t gt_schema_log[] = {
    { "output",   GT_KEY_STR, 0,     NULL },
    { "level",    GT_KEY_STR, 0,     NULL },
    { "format",   GT_KEY_STR, 0,     NULL },
    { "rotation", GT_KEY_OBJ,  LATER, gt_schema_rotation },
    { .name = NULL }
};

static const gt_key_t schema_profiling[] = {
    { "addr", GT_KEY_STR, ALWAYS, NULL },
    { .name = NULL }
};

static const gt_key_t schema_api[] = {
    { "addr",       GT_KEY_STR,  ALWAYS, NULL },
    { "pathPrefix", GT_KEY_STR,  0,      NULL },
    { "accesslog",  GT_KEY_BOOL, 0,      NULL },
    { "auth",       GT_KEY_OBJ,  0,      gt_schema_auth },
    { "auther",     GT_KEY_STR,  0,      NULL },
    { .name = NULL }
};

static const gt_key_t schema_metrics[] = {
    { "addr",   GT_KEY_STR, ALWAYS, NULL },
    { "path",   GT_KEY_STR, 0,      NULL },
    { "auth",   GT_KEY_OBJ, GUARD,  gt_schema_auth },
    { "auther", GT_KEY_STR, GUARD,  NULL },
    { .name = NULL }
};

static const gt_key_t schema_stats[] = {
    { "addr",    GT_KEY_STR, 0,      NULL },
    { "clients", GT_KEY_STR, 0,      NULL },
    { "auth",    GT_KEY_OBJ, GUARD,  gt_schema_auth },
    { .name = NULL }
};

const gt_key_t gt_schema_own[] = {
    { "workers",         GT_KEY_STR, 0,     NULL },
    { "user",            GT_KEY_STR, GUARD, NULL },
    { "group",           GT_KEY_STR, GUARD, NULL },
    { "pidFile",         GT_KEY_STR, 0,     NULL },
    { "runtimeDir",      GT_KEY_STR, 0,     NULL },
    { "stateDir",        GT_KEY_STR, 0,     NULL },
    { "maxConnections",  GT_KEY_STR, GUARD, NULL },
    { "shutdownTimeout", GT_KEY_STR, 0,     NULL },
    { "stats",           GT_KEY_OBJ, 0,     schema_stats },
    { .name = NULL }
};

const gt_key_t gt_schema_top[] = {
    { "services",   GT_KEY_OBJS, ALWAYS, schema_service },
    { "chains",     GT_KEY_OBJS, GUARD,  schema_chain },
    { "hops",       GT_KEY_OBJS, GUARD,  schema_hop },
    { "authers",    GT_KEY_OBJS, GUARD,  schema_auther },
    { "admissions", GT_KEY_OBJS, REFUSE, schema_matchers },
    { "bypasses",   GT_KEY_OBJS, REFUSE, schema_matchers },
    { "resolvers",  GT_KEY_OBJS, LATER,  gt_schema_resolver },
    { "hosts",      GT_KEY_OBJS, LATER,  gt_schema_hosts },
    { "ingresses",  GT_KEY_OBJS, LATER,  gt_schema_ingress },
    { "routers",    GT_KEY_OBJS, LATER,  gt_schema_router },
    { "sds",        GT_KEY_OBJS, LATER,  gt_schema_plugged },
    { "recorders",  GT_KEY_OBJS, LATER,  gt_schema_recorder },
    { "rewriters",  GT_KEY_OBJS, LATER,  gt_schema_plugged },
    { "caches",     GT_KEY_OBJS, LATER,  gt_schema_cache },
    { "limiters",   GT_KEY_OBJS, REFUSE, schema_limiter },
    { "quotas",     GT_KEY_OBJS, REFUSE, gt_schema_quota },
    { "climiters",  GT_KEY_OBJS, REFUSE, schema_limiter },
    { "rlimiters",  GT_KEY_OBJS, REFUSE, schema_limiter },
    { "observers",  GT_KEY_OBJS, LATER,  gt_schema_plugged },
    { "loggers",    GT_KEY_OBJS, LATER,  gt_schema_logger },
    { "tls",        GT_KEY_OBJ,  REFUSE, gt_schema_tls },
    { "log",        GT_KEY_OBJ,  0,      gt_schema_log },
    { "profiling",  GT_KEY_OBJ,  LATER,  schema_profiling },
    { "api",        GT_KEY_OBJ,  LATER,  schema_api },
    { "metrics",    GT_KEY_OBJ,  0,      schema_metrics },
    { "gatun",      GT_KEY_OBJ,  GUARD,  gt_schema_own },
    { .name = NULL }
};
/* clang-format on */


const gt_key_t *
gt_schema_find(const gt_key_t *table, const char *key)
{
    const gt_key_t *row;

    for (row = table; row->name != NULL; row++) {
        if (gt_str_ieq(gt_str_from(row->name), gt_str_from(key))) {
            return row;
        }
    }

    return NULL;
}
