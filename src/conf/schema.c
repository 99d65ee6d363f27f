/*
 * conf/schema.c: the keys, in the order in which GOST prints them: the top
 * level, its single sections, and what several sections share.
 */

#include "conf/schema.h"
#include "conf/schema_impl.h"

/* clang-format off */
/* clang-format off */
const gt_key_t gt_schema_tls_options[] = {
    { "minVersion",   GT_KEY_STR, 0, NULL, NULL, NULL,
      "VersionTLS10 to VersionTLS13" },
    { "maxVersion",   GT_KEY_STR, 0, NULL, NULL, NULL,
      "VersionTLS10 to VersionTLS13" },
    { "cipherSuites", GT_KEY_STRS, 0, NULL, NULL, NULL,
      "suites of TLS 1.2 and older, in Go's spelling" },
    { "alpn",         GT_KEY_STRS, 0, NULL, NULL, NULL,
      "instead of the transport's own" },
    { .name = NULL }
};

const gt_key_t gt_schema_tls[] = {
    { "certFile",         GT_KEY_STR, 0, NULL, NULL, NULL,
      "the certificate, PEM, with its chain" },
    { "keyFile",          GT_KEY_STR, 0, NULL, NULL, NULL,
      "its private key, PEM" },
    { "caFile",           GT_KEY_STR, 0, NULL, NULL, NULL,
      "who signs the other side's certificate" },
    { "secure",           GT_KEY_BOOL, 0, NULL, NULL, "false",
      "to a node: verify its certificate and name" },
    { "serverName",       GT_KEY_STR, 0, NULL, NULL, NULL,
      "to a node: the name to ask for and to verify; its host otherwise" },
    { "options",          GT_KEY_OBJ, 0, gt_schema_tls_options, NULL, NULL,
      "versions, suites, protocols" },
    { "validity",         GT_KEY_DUR, 0, NULL, NULL, NULL,
      "of the generated certificate; a year otherwise" },
    { "commonName",       GT_KEY_STR, 0, NULL, NULL, NULL,
      "of the generated certificate" },
    { "organization",     GT_KEY_STR, 0, NULL, NULL, NULL,
      "of the generated certificate" },
    { "rejectUnknownSNI", GT_KEY_BOOL, 0, NULL, NULL, "false",
      "refuse handshakes for other names than serverNames" },
    { "serverNames",      GT_KEY_STRS, 0, NULL, NULL, NULL,
      "names that are served" },
    { .name = NULL }
};

const gt_key_t gt_schema_auth[] = {
    { "username", GT_KEY_STR, GUARD, NULL, NULL, NULL,
      "empty: no authentication" },
    { "password", GT_KEY_STR, GUARD | SECRET, NULL, NULL, NULL,
      "an empty one takes no other" },
    { "file",     GT_KEY_STR, REFUSE, NULL, NULL, NULL,
      "a file whose first line is \"username password\"" },
    { .name = NULL }
};

const gt_key_t gt_schema_rotation[] = {
    { "maxSize",    GT_KEY_INT, 0, NULL, NULL, "100",
      "megabytes of a file" },
    { "maxAge",     GT_KEY_INT, 0, NULL, NULL, "0",
      "days to keep; 0: ever" },
    { "maxBackups", GT_KEY_INT, 0, NULL, NULL, "0",
      "files to keep; 0: all" },
    { "localTime",  GT_KEY_BOOL, 0, NULL, NULL, "false",
      "file names in local time, not UTC" },
    { "compress",   GT_KEY_BOOL, 0, NULL, NULL, "false",
      "gzip old files" },
    { .name = NULL }
};

const gt_key_t gt_schema_log[] = {
    { "output",   GT_KEY_STR, 0, NULL, NULL, "stderr",
      "stderr, stdout, none, or a path; signal USR1 opens it again" },
    { "level",    GT_KEY_STR, 0, NULL, NULL, "info",
      "trace, debug, info, warn, error or fatal" },
    { "format",   GT_KEY_STR, 0, NULL, NULL, "json",
      "json or text" },
    { "rotation", GT_KEY_OBJ, LATER, gt_schema_rotation, NULL, NULL,
      "of a file, by size and age" },
    { .name = NULL }
};

static const gt_key_t schema_profiling[] = {
    { "addr", GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "where Go's profiler would listen" },
    { .name = NULL }
};

static const gt_key_t schema_api[] = {
    { "addr",       GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "host:port, or unix:PATH" },
    { "pathPrefix", GT_KEY_STR, 0, NULL, NULL, NULL,
      "of all paths" },
    { "accesslog",  GT_KEY_BOOL, 0, NULL, NULL, "false",
      "log each request" },
    { "auth",       GT_KEY_OBJ, GUARD, gt_schema_auth, NULL, NULL,
      "the one user" },
    { "auther",     GT_KEY_STR, GUARD, NULL, "authers", NULL,
      "users of that auther" },
    { .name = NULL }
};

static const gt_key_t schema_metrics[] = {
    { "addr",   GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "host:port, or unix:PATH; empty: off" },
    { "path",   GT_KEY_STR, 0, NULL, NULL, "/metrics",
      "the path" },
    { "auth",   GT_KEY_OBJ, GUARD, gt_schema_auth, NULL, NULL,
      "the one user" },
    { "auther", GT_KEY_STR, GUARD, NULL, "authers", NULL,
      "users of that auther, instead of auth" },
    { .name = NULL }
};

static const gt_key_t schema_stats[] = {
    { "addr",    GT_KEY_STR, 0, NULL, NULL, NULL,
      "host:port, a port of the loopback, or unix:PATH; empty: off" },
    { "clients", GT_KEY_STR, 0, NULL, NULL, "256",
      "clients that each worker counts apart; 0: no label client" },
    { "auth",    GT_KEY_OBJ, GUARD, gt_schema_auth, NULL, NULL,
      "the one user" },
    { .name = NULL }
};

const gt_key_t gt_schema_own[] = {
    { "workers",         GT_KEY_STR, 0, NULL, NULL, "auto",
      "worker processes; auto: one a CPU" },
    { "user",            GT_KEY_STR, GUARD, NULL, NULL, NULL,
      "what a start as root becomes; \"gatun\" or \"nobody\" otherwise" },
    { "group",           GT_KEY_STR, GUARD, NULL, NULL, NULL,
      "the user's own otherwise" },
    { "pidFile",         GT_KEY_STR, 0, NULL, NULL, NULL,
      "the master's process id" },
    { "runtimeDir",      GT_KEY_STR, 0, NULL, NULL, NULL,
      "the control socket, where -s looks; private otherwise" },
    { "stateDir",        GT_KEY_STR, 0, NULL, NULL, NULL,
      "what is kept: the generated certificate" },
    { "maxConnections",  GT_KEY_STR, GUARD, NULL, NULL, "auto",
      "of each worker; auto: (descriptors - 200) / 2" },
    { "shutdownTimeout", GT_KEY_STR, 0, NULL, NULL, "0s",
      "how long old tunnels live after a reload; 0: as long as they like" },
    { "stats",           GT_KEY_OBJ, 0, schema_stats, NULL, NULL,
      "serves a page, /status, /metrics and /healthz" },
    { .name = NULL }
};

const gt_key_t gt_schema_top[] = {
    { "services",   GT_KEY_OBJS, ALWAYS, gt_schema_service, NULL, NULL,
      "what is listened on, and for whom" },
    { "chains",     GT_KEY_OBJS, GUARD, gt_schema_chain, NULL, NULL,
      "ways through other proxies" },
    { "hops",       GT_KEY_OBJS, GUARD, gt_schema_hop, NULL, NULL,
      "hops that several chains share" },
    { "authers",    GT_KEY_OBJS, GUARD, gt_schema_auther, NULL, NULL,
      "tables of users" },
    { "admissions", GT_KEY_OBJS, REFUSE, gt_schema_matchers, NULL, NULL,
      "which client addresses may connect" },
    { "bypasses",   GT_KEY_OBJS, REFUSE, gt_schema_matchers, NULL, NULL,
      "which targets are refused or not sent through a hop" },
    { "resolvers",  GT_KEY_OBJS, LATER, gt_schema_resolver, NULL, NULL,
      "name servers" },
    { "hosts",      GT_KEY_OBJS, LATER, gt_schema_hosts, NULL, NULL,
      "names and their addresses" },
    { "ingresses",  GT_KEY_OBJS, LATER, gt_schema_ingress, NULL, NULL,
      "names that lead into reverse tunnels" },
    { "routers",    GT_KEY_OBJS, LATER, gt_schema_router, NULL, NULL,
      "routes of TUN devices" },
    { "sds",        GT_KEY_OBJS, LATER, gt_schema_plugged, NULL, NULL,
      "service discovery of reverse tunnels" },
    { "recorders",  GT_KEY_OBJS, LATER, gt_schema_recorder, NULL, NULL,
      "where connections are recorded" },
    { "rewriters",  GT_KEY_OBJS, LATER, gt_schema_plugged, NULL, NULL,
      "plugins that rewrite bodies" },
    { "caches",     GT_KEY_OBJS, LATER, gt_schema_cache, NULL, NULL,
      "of HTTP responses" },
    { "limiters",   GT_KEY_OBJS, REFUSE, gt_schema_limiter, NULL, NULL,
      "bytes a second" },
    { "quotas",     GT_KEY_OBJS, REFUSE, gt_schema_quota, NULL, NULL,
      "bytes in all" },
    { "climiters",  GT_KEY_OBJS, REFUSE, gt_schema_limiter, NULL, NULL,
      "connections at a time" },
    { "rlimiters",  GT_KEY_OBJS, REFUSE, gt_schema_limiter, NULL, NULL,
      "connections a second" },
    { "observers",  GT_KEY_OBJS, LATER, gt_schema_plugged, NULL, NULL,
      "plugins that are told of traffic" },
    { "loggers",    GT_KEY_OBJS, LATER, gt_schema_logger, NULL, NULL,
      "logs for single services" },
    { "tls",        GT_KEY_OBJ, REFUSE, gt_schema_tls, NULL, NULL,
      "the certificate of listeners without one" },
    { "log",        GT_KEY_OBJ, FORCE, gt_schema_log, NULL, NULL,
      "the log" },
    { "profiling",  GT_KEY_OBJ, LATER, schema_profiling, NULL, NULL,
      "Go's profiler, which gatun has not" },
    { "api",        GT_KEY_OBJ, LATER, schema_api, NULL, NULL,
      "the web API" },
    { "metrics",    GT_KEY_OBJ, 0, schema_metrics, NULL, NULL,
      "Prometheus metrics" },
    { "gatun",      GT_KEY_OBJ, GUARD | FORCE, gt_schema_own, NULL, NULL,
      "gatun's own settings; GOST ignores them" },
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
