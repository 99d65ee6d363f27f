/*
 * conf/schema_part.c: the keys of what stands deeper: loaders, matchers,
 * probes, groups, and the objects of the lists that gatun only carries along.
 */

#include "conf/schema.h"

#define ALWAYS GT_KEY_ALWAYS
#define REFUSE (GT_KEY_REFUSE | GT_KEY_GUARD)
#define SECRET GT_KEY_SECRET

/* clang-format off */
static const gt_key_t part_file[] = {
    { "path", GT_KEY_STR, ALWAYS, NULL },
    { .name = NULL }
};

const gt_key_t gt_schema_redis[] = {
    { "addr",     GT_KEY_STR, ALWAYS, NULL },
    { "db",       GT_KEY_INT, 0,      NULL },
    { "username", GT_KEY_STR, 0,      NULL },
    { "password", GT_KEY_STR, SECRET, NULL },
    { "key",      GT_KEY_STR, 0,      NULL },
    { "type",     GT_KEY_STR, 0,      NULL },
    { .name = NULL }
};

const gt_key_t gt_schema_loader[] = {
    { "url",     GT_KEY_STR, ALWAYS, NULL },
    { "timeout", GT_KEY_DUR, 0,      NULL },
    { .name = NULL }
};

const gt_key_t gt_schema_plugin[] = {
    { "type",    GT_KEY_STR, ALWAYS, NULL },
    { "addr",    GT_KEY_STR, ALWAYS, NULL },
    { "tls",     GT_KEY_OBJ, 0,      gt_schema_tls },
    { "timeout", GT_KEY_DUR, 0,      NULL },
    { "token",   GT_KEY_STR, SECRET, NULL },
    { .name = NULL }
};

/* sds, rewriters, observers */
const gt_key_t gt_schema_plugged[] = {
    { "name",   GT_KEY_STR, ALWAYS, NULL },
    { "plugin", GT_KEY_OBJ, 0,      gt_schema_plugin },
    { .name = NULL }
};

const gt_key_t gt_schema_matcher[] = {
    { "rule",     GT_KEY_STR, 0,            NULL },
    { "priority", GT_KEY_INT, 0,            NULL },
    { "bodySize", GT_KEY_INT, GT_KEY_LOWER, NULL },
    { .name = NULL }
};

const gt_key_t gt_schema_filter[] = {
    { "host",     GT_KEY_STR, 0, NULL },
    { "protocol", GT_KEY_STR, 0, NULL },
    { "path",     GT_KEY_STR, 0, NULL },
    { .name = NULL }
};

const gt_key_t gt_schema_probe[] = {
    { "type",           GT_KEY_STR, ALWAYS,      NULL },
    { "addr",           GT_KEY_STR, GT_KEY_YAML, NULL },
    { "interval",       GT_KEY_DUR, ALWAYS,      NULL },
    { "timeout",        GT_KEY_DUR, ALWAYS,      NULL },
    { "httpPath",       GT_KEY_STR, 0,           NULL },
    { "httpHost",       GT_KEY_STR, 0,           NULL },
    { "httpHeaders",    GT_KEY_MAP, 0,           NULL },
    { "expectedStatus", GT_KEY_INT, 0,           NULL },
    { "command",        GT_KEY_STR, 0,           NULL },
    { .name = NULL }
};

static const gt_key_t part_rewrite[] = {
    { "match",       GT_KEY_STR, ALWAYS | GT_KEY_UPPER, NULL },
    { "replacement", GT_KEY_STR, ALWAYS | GT_KEY_UPPER, NULL },
    { .name = NULL }
};

static const gt_key_t part_rewrite_body[] = {
    { "type",         GT_KEY_STR, ALWAYS | GT_KEY_UPPER, NULL },
    { "match",        GT_KEY_STR, ALWAYS | GT_KEY_UPPER, NULL },
    { "replacement",  GT_KEY_STR, ALWAYS | GT_KEY_UPPER, NULL },
    { "rewriter",     GT_KEY_STR, 0,                     NULL },
    { "maxChunkSize", GT_KEY_INT, 0,                     NULL },
    { .name = NULL }
};

const gt_key_t gt_schema_http_node[] = {
    { "host",                GT_KEY_STR,  0,      NULL },
    { "header",              GT_KEY_MAP,  0,      NULL },
    { "requestHeader",       GT_KEY_MAP,  0,      NULL },
    { "responseHeader",      GT_KEY_MAP,  0,      NULL },
    { "rewrite",             GT_KEY_OBJS, 0,      part_rewrite },
    { "rewriteURL",          GT_KEY_OBJS, 0,      part_rewrite },
    { "rewriteBody",         GT_KEY_OBJS, 0,      part_rewrite_body },
    { "rewriteRequestBody",  GT_KEY_OBJS, 0,      part_rewrite_body },
    { "rewriteResponseBody", GT_KEY_OBJS, 0,      part_rewrite_body },
    { "failCodes",           GT_KEY_STR,  0,      NULL },
    { "auth",                GT_KEY_OBJ,  REFUSE, gt_schema_auth },
    { .name = NULL }
};

const gt_key_t gt_schema_tls_node[] = {
    { "serverName", GT_KEY_STR,  0, NULL },
    { "secure",     GT_KEY_BOOL, 0, NULL },
    { "options",    GT_KEY_OBJ,  0, gt_schema_tls_options },
    { .name = NULL }
};

static const gt_key_t part_group_chain[] = {
    { "chain",   GT_KEY_STR, 0, NULL },
    { "matcher", GT_KEY_OBJ, 0, gt_schema_matcher },
    { "probe",   GT_KEY_OBJ, 0, gt_schema_probe },
    { .name = NULL }
};

const gt_key_t gt_schema_chain_group[] = {
    { "chains",   GT_KEY_OBJS, GT_KEY_WORD, part_group_chain },
    { "selector", GT_KEY_OBJ,  0,           gt_schema_selector },
    { .name = NULL }
};

static const gt_key_t part_group_hop[] = {
    { "hop",     GT_KEY_STR, 0, NULL },
    { "matcher", GT_KEY_OBJ, 0, gt_schema_matcher },
    { "probe",   GT_KEY_OBJ, 0, gt_schema_probe },
    { .name = NULL }
};

const gt_key_t gt_schema_hop_group[] = {
    { "hops",     GT_KEY_OBJS, 0, part_group_hop },
    { "selector", GT_KEY_OBJ,  0, gt_schema_selector },
    { .name = NULL }
};

const gt_key_t gt_schema_recording[] = {
    { "name",     GT_KEY_STR, ALWAYS, NULL },
    { "record",   GT_KEY_STR, ALWAYS, NULL },
    { "metadata", GT_KEY_MAP, 0,      NULL },
    { .name = NULL }
};

static const gt_key_t part_event[] = {
    { "time", GT_KEY_INT, ALWAYS, NULL },
    { "msg",  GT_KEY_STR, ALWAYS, NULL },
    { .name = NULL }
};

static const gt_key_t part_stats[] = {
    { "totalConns",   GT_KEY_INT, ALWAYS, NULL },
    { "currentConns", GT_KEY_INT, ALWAYS, NULL },
    { "totalErrs",    GT_KEY_INT, ALWAYS, NULL },
    { "inputBytes",   GT_KEY_INT, ALWAYS, NULL },
    { "outputBytes",  GT_KEY_INT, ALWAYS, NULL },
    { .name = NULL }
};

static const gt_key_t part_quota[] = {
    { "name",    GT_KEY_STR,  ALWAYS, NULL },
    { "used",    GT_KEY_INT,  ALWAYS, NULL },
    { "limit",   GT_KEY_INT,  ALWAYS, NULL },
    { "active",  GT_KEY_BOOL, ALWAYS, NULL },
    { "blocked", GT_KEY_BOOL, ALWAYS, NULL },
    { .name = NULL }
};

const gt_key_t gt_schema_status[] = {
    { "createTime",     GT_KEY_INT,  ALWAYS, NULL },
    { "state",          GT_KEY_STR,  ALWAYS, NULL },
    { "events",         GT_KEY_OBJS, 0,      part_event },
    { "stats",          GT_KEY_OBJ,  0,      part_stats },
    { "stoppedByLimit", GT_KEY_BOOL, 0,      NULL },
    { "quotas",         GT_KEY_OBJS, 0,      part_quota },
    { .name = NULL }
};

static const gt_key_t part_nameserver[] = {
    { "addr",     GT_KEY_STR,  ALWAYS, NULL },
    { "chain",    GT_KEY_STR,  0,      NULL },
    { "prefer",   GT_KEY_STR,  0,      NULL },
    { "clientIP", GT_KEY_STR,  0,      NULL },
    { "hostname", GT_KEY_STR,  0,      NULL },
    { "ttl",      GT_KEY_DUR,  0,      NULL },
    { "timeout",  GT_KEY_DUR,  0,      NULL },
    { "async",    GT_KEY_BOOL, 0,      NULL },
    { "only",     GT_KEY_STR,  0,      NULL },
    { .name = NULL }
};

const gt_key_t gt_schema_resolver[] = {
    { "name",        GT_KEY_STR,  ALWAYS, NULL },
    { "nameservers", GT_KEY_OBJS, 0,      part_nameserver },
    { "plugin",      GT_KEY_OBJ,  0,      gt_schema_plugin },
    { .name = NULL }
};

static const gt_key_t part_mapping[] = {
    { "ip",       GT_KEY_STR,  ALWAYS, NULL },
    { "hostname", GT_KEY_STR,  ALWAYS, NULL },
    { "aliases",  GT_KEY_STRS, 0,      NULL },
    { .name = NULL }
};

const gt_key_t gt_schema_hosts[] = {
    { "name",     GT_KEY_STR,  ALWAYS, NULL },
    { "mappings", GT_KEY_OBJS, 0,      part_mapping },
    { "reload",   GT_KEY_DUR,  0,      NULL },
    { "file",     GT_KEY_OBJ,  0,      part_file },
    { "redis",    GT_KEY_OBJ,  0,      gt_schema_redis },
    { "http",     GT_KEY_OBJ,  0,      gt_schema_loader },
    { "plugin",   GT_KEY_OBJ,  0,      gt_schema_plugin },
    { .name = NULL }
};

static const gt_key_t part_rule[] = {
    { "hostname", GT_KEY_STR, ALWAYS, NULL },
    { "endpoint", GT_KEY_STR, ALWAYS, NULL },
    { .name = NULL }
};

const gt_key_t gt_schema_ingress[] = {
    { "name",   GT_KEY_STR,  ALWAYS, NULL },
    { "rules",  GT_KEY_OBJS, 0,      part_rule },
    { "reload", GT_KEY_DUR,  0,      NULL },
    { "file",   GT_KEY_OBJ,  0,      part_file },
    { "redis",  GT_KEY_OBJ,  0,      gt_schema_redis },
    { "http",   GT_KEY_OBJ,  0,      gt_schema_loader },
    { "plugin", GT_KEY_OBJ,  0,      gt_schema_plugin },
    { .name = NULL }
};

static const gt_key_t part_route[] = {
    { "net",     GT_KEY_STR, 0,      NULL },
    { "dst",     GT_KEY_STR, 0,      NULL },
    { "gateway", GT_KEY_STR, ALWAYS, NULL },
    { .name = NULL }
};

const gt_key_t gt_schema_router[] = {
    { "name",   GT_KEY_STR,  ALWAYS, NULL },
    { "routes", GT_KEY_OBJS, 0,      part_route },
    { "reload", GT_KEY_DUR,  0,      NULL },
    { "file",   GT_KEY_OBJ,  0,      part_file },
    { "redis",  GT_KEY_OBJ,  0,      gt_schema_redis },
    { "http",   GT_KEY_OBJ,  0,      gt_schema_loader },
    { "plugin", GT_KEY_OBJ,  0,      gt_schema_plugin },
    { .name = NULL }
};

const gt_key_t gt_schema_rotation[] = {
    { "maxSize",    GT_KEY_INT,  0, NULL },
    { "maxAge",     GT_KEY_INT,  0, NULL },
    { "maxBackups", GT_KEY_INT,  0, NULL },
    { "localTime",  GT_KEY_BOOL, 0, NULL },
    { "compress",   GT_KEY_BOOL, 0, NULL },
    { .name = NULL }
};

static const gt_key_t part_recorder_file[] = {
    { "path",     GT_KEY_STR, ALWAYS, NULL },
    { "sep",      GT_KEY_STR, 0,      NULL },
    { "rotation", GT_KEY_OBJ, 0,      gt_schema_rotation },
    { .name = NULL }
};

static const gt_key_t part_recorder_tcp[] = {
    { "addr",    GT_KEY_STR, ALWAYS, NULL },
    { "timeout", GT_KEY_DUR, ALWAYS, NULL },
    { .name = NULL }
};

static const gt_key_t part_recorder_http[] = {
    { "url",     GT_KEY_STR, ALWAYS, NULL },
    { "timeout", GT_KEY_DUR, 0,      NULL },
    { "header",  GT_KEY_MAP, 0,      NULL },
    { .name = NULL }
};

const gt_key_t gt_schema_recorder[] = {
    { "name",   GT_KEY_STR, ALWAYS, NULL },
    { "file",   GT_KEY_OBJ, 0,      part_recorder_file },
    { "tcp",    GT_KEY_OBJ, 0,      part_recorder_tcp },
    { "http",   GT_KEY_OBJ, 0,      part_recorder_http },
    { "redis",  GT_KEY_OBJ, 0,      gt_schema_redis },
    { "plugin", GT_KEY_OBJ, 0,      gt_schema_plugin },
    { .name = NULL }
};

static const gt_key_t part_memory[] = {
    { "ttl",     GT_KEY_DUR, 0, NULL },
    { "maxSize", GT_KEY_INT, 0, NULL },
    { .name = NULL }
};

const gt_key_t gt_schema_cache[] = {
    { "name",   GT_KEY_STR, ALWAYS, NULL },
    { "memory", GT_KEY_OBJ, 0,      part_memory },
    { "redis",  GT_KEY_OBJ, 0,      gt_schema_redis },
    { .name = NULL }
};

static const gt_key_t part_store[] = {
    { "type",  GT_KEY_STR, ALWAYS, NULL },
    { "file",  GT_KEY_STR, 0,      NULL },
    { "redis", GT_KEY_OBJ, 0,      gt_schema_redis },
    { .name = NULL }
};

/* its durations and times are texts */
const gt_key_t gt_schema_quota[] = {
    { "name",      GT_KEY_STR, ALWAYS, NULL },
    { "limit",     GT_KEY_STR, 0,      NULL },
    { "startsAt",  GT_KEY_STR, 0,      NULL },
    { "expiresAt", GT_KEY_STR, 0,      NULL },
    { "direction", GT_KEY_STR, 0,      NULL },
    { "flush",     GT_KEY_STR, 0,      NULL },
    { "store",     GT_KEY_OBJ, 0,      part_store },
    { .name = NULL }
};

const gt_key_t gt_schema_logger[] = {
    { "name", GT_KEY_STR, ALWAYS, NULL },
    { "log",  GT_KEY_OBJ, 0,      gt_schema_log },
    { .name = NULL }
};
/* clang-format on */
