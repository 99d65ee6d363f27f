/*
 * conf/schema_lists.c: the keys of the lists that services and chains refer to
 * by name: authers, bypasses, limiters and so on, and of where their entries
 * may come from.
 */

#include "conf/schema_impl.h"

/* clang-format off */
const gt_key_t gt_schema_file[] = {
    { "path", GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "of the file" },
    { .name = NULL }
};

const gt_key_t gt_schema_auther[] = {
    { "name",   GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "what handlers name" },
    { "auths",  GT_KEY_OBJS, GUARD, gt_schema_auth, NULL, NULL,
      "users; of a name that is there twice the last is right" },
    { "reload", GT_KEY_DUR, GUARD, NULL, NULL, "0s",
      "how often the file is read again; 0: once" },
    { "file",   GT_KEY_OBJ, GUARD, gt_schema_file, NULL, NULL,
      "more users, \"username password\" a line; # begins a comment line" },
    { "redis",  GT_KEY_OBJ, REFUSE, gt_schema_redis, NULL, NULL,
      "more users, from Redis" },
    { "http",   GT_KEY_OBJ, REFUSE, gt_schema_loader, NULL, NULL,
      "more users, over HTTP" },
    { "plugin", GT_KEY_OBJ, REFUSE, gt_schema_plugin, NULL, NULL,
      "somebody else decides" },
    { .name = NULL }
};

/* where what a list has may come from, besides the file itself */
#define SCHEMA_SOURCES                                                        \
    { "reload", GT_KEY_DUR, 0, NULL, NULL, "0s",                              \
      "how often the sources are read again; 0: once" },                      \
    { "file", GT_KEY_OBJ, 0, gt_schema_file, NULL, NULL,                      \
      "more of them, one a line; # begins a comment" },                       \
    { "redis", GT_KEY_OBJ, 0, gt_schema_redis, NULL, NULL,                    \
      "more of them, from Redis" },                                           \
    { "http", GT_KEY_OBJ, 0, gt_schema_loader, NULL, NULL,                    \
      "more of them, over HTTP" },                                            \
    { "plugin", GT_KEY_OBJ, 0, gt_schema_plugin, NULL, NULL,                  \
      "somebody else decides" }

/* admissions and bypasses */
const gt_key_t gt_schema_matchers[] = {
    { "name",      GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "what refers to it by" },
    { "reverse",   GT_KEY_BOOL, GUARD, NULL, NULL, "false",
      "the old spelling of whitelist" },
    { "whitelist", GT_KEY_BOOL, GUARD, NULL, NULL, "false",
      "everything that is not listed is meant" },
    { "network",   GT_KEY_STR, 0, NULL, NULL, NULL,
      "tcp or udp only" },
    { "matchers",  GT_KEY_STRS, GUARD, NULL, NULL, NULL,
      "addresses, networks, names, wildcards" },
    SCHEMA_SOURCES,
    { .name = NULL }
};

const gt_key_t gt_schema_limiter[] = {
    { "name",   GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "what services name" },
    { "limits", GT_KEY_STRS, GUARD, NULL, NULL, NULL,
      "\"$ IN OUT\" in all, \"$$ IN OUT\" each, \"NETWORK IN OUT\"" },
    SCHEMA_SOURCES,
    { .name = NULL }
};

const gt_key_t gt_schema_redis[] = {
    { "addr",     GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "host:port" },
    { "db",       GT_KEY_INT, 0, NULL, NULL, "0",
      "number" },
    { "username", GT_KEY_STR, 0, NULL, NULL, NULL,
      "to log in" },
    { "password", GT_KEY_STR, SECRET, NULL, NULL, NULL,
      "to log in" },
    { "key",      GT_KEY_STR, 0, NULL, NULL, "gost",
      "what is read" },
    { "type",     GT_KEY_STR, 0, NULL, NULL, NULL,
      "set, list or hash" },
    { .name = NULL }
};

const gt_key_t gt_schema_loader[] = {
    { "url",     GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "what is fetched" },
    { "timeout", GT_KEY_DUR, 0, NULL, NULL, NULL,
      "for the answer" },
    { .name = NULL }
};

const gt_key_t gt_schema_plugin[] = {
    { "type",    GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "http, or grpc" },
    { "addr",    GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "of the service" },
    { "tls",     GT_KEY_OBJ, 0, gt_schema_tls, NULL, NULL,
      "to the service" },
    { "timeout", GT_KEY_DUR, 0, NULL, NULL, NULL,
      "for an answer" },
    { "token",   GT_KEY_STR, SECRET, NULL, NULL, NULL,
      "that it asks for" },
    { .name = NULL }
};

/* sds, rewriters, observers */
const gt_key_t gt_schema_plugged[] = {
    { "name",   GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "what refers to it by" },
    { "plugin", GT_KEY_OBJ, 0, gt_schema_plugin, NULL, NULL,
      "the service" },
    { .name = NULL }
};

static const gt_key_t schema_nameserver[] = {
    { "addr",     GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "udp://, tcp://, tls:// or https://" },
    { "chain",    GT_KEY_STR, 0, NULL, "chains", NULL,
      "the way to it" },
    { "prefer",   GT_KEY_STR, 0, NULL, NULL, NULL,
      "ipv4 or ipv6" },
    { "clientIP", GT_KEY_STR, 0, NULL, NULL, NULL,
      "the client subnet that is sent along" },
    { "hostname", GT_KEY_STR, 0, NULL, NULL, NULL,
      "without effect" },
    { "ttl",      GT_KEY_DUR, 0, NULL, NULL, NULL,
      "instead of the records' own; negative: keep nothing" },
    { "timeout",  GT_KEY_DUR, 0, NULL, NULL, "5s",
      "for an answer" },
    { "async",    GT_KEY_BOOL, 0, NULL, NULL, "false",
      "answer with what is old while asking" },
    { "only",     GT_KEY_STR, 0, NULL, NULL, NULL,
      "ipv4 or ipv6" },
    { .name = NULL }
};

const gt_key_t gt_schema_resolver[] = {
    { "name",        GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "what refers to it by" },
    { "nameservers", GT_KEY_OBJS, 0, schema_nameserver, NULL, NULL,
      "in the order of asking" },
    { "plugin",      GT_KEY_OBJ, 0, gt_schema_plugin, NULL, NULL,
      "somebody else answers" },
    { .name = NULL }
};

static const gt_key_t schema_mapping[] = {
    { "ip",       GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "the address" },
    { "hostname", GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "a name; .example.org is all below it, too" },
    { "aliases",  GT_KEY_STRS, 0, NULL, NULL, NULL,
      "more names" },
    { .name = NULL }
};

const gt_key_t gt_schema_hosts[] = {
    { "name",     GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "what refers to it by" },
    { "mappings", GT_KEY_OBJS, 0, schema_mapping, NULL, NULL,
      "names and their addresses" },
    SCHEMA_SOURCES,
    { .name = NULL }
};

static const gt_key_t schema_rule[] = {
    { "hostname", GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "who is asked for" },
    { "endpoint", GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "a tunnel's id" },
    { .name = NULL }
};

const gt_key_t gt_schema_ingress[] = {
    { "name",   GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "what refers to it by" },
    { "rules",  GT_KEY_OBJS, 0, schema_rule, NULL, NULL,
      "names and tunnels" },
    SCHEMA_SOURCES,
    { .name = NULL }
};

static const gt_key_t schema_route[] = {
    { "net",     GT_KEY_STR, 0, NULL, NULL, NULL,
      "the old spelling of dst" },
    { "dst",     GT_KEY_STR, 0, NULL, NULL, NULL,
      "a network" },
    { "gateway", GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "the way to it" },
    { .name = NULL }
};

const gt_key_t gt_schema_router[] = {
    { "name",   GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "what refers to it by" },
    { "routes", GT_KEY_OBJS, 0, schema_route, NULL, NULL,
      "networks" },
    SCHEMA_SOURCES,
    { .name = NULL }
};

static const gt_key_t schema_recorder_file[] = {
    { "path",     GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "of the file" },
    { "sep",      GT_KEY_STR, 0, NULL, NULL, NULL,
      "between records" },
    { "rotation", GT_KEY_OBJ, 0, gt_schema_rotation, NULL, NULL,
      "by size and age" },
    { .name = NULL }
};

static const gt_key_t schema_recorder_tcp[] = {
    { "addr",    GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "host:port" },
    { "timeout", GT_KEY_DUR, ALWAYS, NULL, NULL, NULL,
      "to connect" },
    { .name = NULL }
};

static const gt_key_t schema_recorder_http[] = {
    { "url",     GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "of the POSTs" },
    { "timeout", GT_KEY_DUR, 0, NULL, NULL, NULL,
      "of each" },
    { "header",  GT_KEY_MAP, 0, NULL, NULL, NULL,
      "fields to add" },
    { .name = NULL }
};

const gt_key_t gt_schema_recorder[] = {
    { "name",   GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "what refers to it by" },
    { "file",   GT_KEY_OBJ, 0, schema_recorder_file, NULL, NULL,
      "a file" },
    { "tcp",    GT_KEY_OBJ, 0, schema_recorder_tcp, NULL, NULL,
      "a TCP connection" },
    { "http",   GT_KEY_OBJ, 0, schema_recorder_http, NULL, NULL,
      "POSTs" },
    { "redis",  GT_KEY_OBJ, 0, gt_schema_redis, NULL, NULL,
      "Redis" },
    { "plugin", GT_KEY_OBJ, 0, gt_schema_plugin, NULL, NULL,
      "a plugin" },
    { .name = NULL }
};

static const gt_key_t schema_memory[] = {
    { "ttl",     GT_KEY_DUR, 0, NULL, NULL, NULL,
      "how long a response is kept" },
    { "maxSize", GT_KEY_INT, 0, NULL, NULL, NULL,
      "bytes in all" },
    { .name = NULL }
};

const gt_key_t gt_schema_cache[] = {
    { "name",   GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "what refers to it by" },
    { "memory", GT_KEY_OBJ, 0, schema_memory, NULL, NULL,
      "in memory" },
    { "redis",  GT_KEY_OBJ, 0, gt_schema_redis, NULL, NULL,
      "in Redis" },
    { .name = NULL }
};

static const gt_key_t schema_store[] = {
    { "type",  GT_KEY_STR, ALWAYS, NULL, NULL, "file",
      "file" },
    { "file",  GT_KEY_STR, 0, NULL, NULL, "gost-quota.json",
      "its path" },
    { "redis", GT_KEY_OBJ, 0, gt_schema_redis, NULL, NULL,
      "not to be had in GOST either" },
    { .name = NULL }
};

/* its durations and times are texts */
const gt_key_t gt_schema_quota[] = {
    { "name",      GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "what services name" },
    { "limit",     GT_KEY_STR, 0, NULL, NULL, NULL,
      "bytes: 10GB" },
    { "startsAt",  GT_KEY_STR, 0, NULL, NULL, NULL,
      "2026-01-01T00:00:00Z" },
    { "expiresAt", GT_KEY_STR, 0, NULL, NULL, NULL,
      "2026-12-31T00:00:00Z" },
    { "direction", GT_KEY_STR, 0, NULL, NULL, "total",
      "total, in or out" },
    { "flush",     GT_KEY_STR, 0, NULL, NULL, "10s",
      "how often it is written" },
    { "store",     GT_KEY_OBJ, 0, schema_store, NULL, NULL,
      "where it is kept" },
    { .name = NULL }
};

const gt_key_t gt_schema_logger[] = {
    { "name", GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "what services name" },
    { "log",  GT_KEY_OBJ, 0, gt_schema_log, NULL, NULL,
      "as the log's keys" },
    { .name = NULL }
};
/* clang-format on */
