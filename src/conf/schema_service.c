/*
 * conf/schema_service.c: the keys of services, their handlers, listeners and
 * forwarders.
 */

#include "conf/schema_impl.h"

/* clang-format off */
static const gt_key_t schema_group_chain[] = {
    { "chain",   GT_KEY_STR, 0, NULL, "chains", NULL,
      "a chain by name" },
    { "matcher", GT_KEY_OBJ, 0, gt_schema_matcher, NULL, NULL,
      "connections that go here" },
    { "probe",   GT_KEY_OBJ, 0, gt_schema_probe, NULL, NULL,
      "ask now and then whether it lives" },
    { .name = NULL }
};

static const gt_key_t schema_chain_group[] = {
    { "chains",   GT_KEY_OBJS, WORD, schema_group_chain, NULL, NULL,
      "chains by name, or maps of chain, matcher and probe" },
    { "selector", GT_KEY_OBJ, 0, gt_schema_selector, NULL, NULL,
      "which of the chains" },
    { .name = NULL }
};

/* a chain group decides whether traffic goes through a chain at all */
static const gt_key_t schema_handler[] = {
    { "type",       GT_KEY_STR, ALWAYS, NULL, NULL, "auto",
      "the proxy protocol; --modules lists them" },
    { "retries",    GT_KEY_INT, 0, NULL, NULL, "0",
      "more attempts to reach a target, each by a way of its own" },
    { "chain",      GT_KEY_STR, GUARD, NULL, "chains", NULL,
      "the way to targets, by name; direct otherwise" },
    { "chainGroup", GT_KEY_OBJ, REFUSE, schema_chain_group, NULL, NULL,
      "several chains and how to choose" },
    { "auther",     GT_KEY_STR, GUARD, NULL, "authers", NULL,
      "whose users may in, by name; instead of auth" },
    { "authers",    GT_KEY_STRS, GUARD, NULL, "authers", NULL,
      "several, of which any may say yes" },
    { "auth",       GT_KEY_OBJ, GUARD, gt_schema_auth, NULL, NULL,
      "the one user; ignored beside an auther" },
    { "tls",        GT_KEY_OBJ, REFUSE, gt_schema_tls, NULL, NULL,
      "of socks5's own TLS" },
    { "limiter",    GT_KEY_STR, REFUSE, NULL, "limiters", NULL,
      "bytes a second of each user" },
    { "observer",   GT_KEY_STR, LATER, NULL, "observers", NULL,
      "who is told of each user's traffic" },
    { "metadata",   GT_KEY_MAP, 0, NULL, NULL, NULL,
      "options of the type; --help TYPE lists them" },
    { .name = NULL }
};

static const gt_key_t schema_listener[] = {
    { "type",       GT_KEY_STR, ALWAYS, NULL, NULL, "tcp",
      "the transport; --modules lists them" },
    { "chain",      GT_KEY_STR, LATER, NULL, "chains", NULL,
      "of remote forwarding: the way to the far end" },
    { "chainGroup", GT_KEY_OBJ, LATER, schema_chain_group, NULL, NULL,
      "several chains and how to choose" },
    { "auther",     GT_KEY_STR, REFUSE, NULL, "authers", NULL,
      "of ssh listeners" },
    { "authers",    GT_KEY_STRS, REFUSE, NULL, "authers", NULL,
      "of ssh listeners" },
    { "auth",       GT_KEY_OBJ, REFUSE, gt_schema_auth, NULL, NULL,
      "of ssh listeners" },
    { "tls",        GT_KEY_OBJ, GUARD, gt_schema_tls, NULL, NULL,
      "the certificate, and who may connect" },
    { "metadata",   GT_KEY_MAP, 0, NULL, NULL, NULL,
      "options of the type; --help TYPE lists them" },
    { .name = NULL }
};

static const gt_key_t schema_target[] = {
    { "name",     GT_KEY_STR, 0, NULL, NULL, NULL,
      "for the log" },
    { "addr",     GT_KEY_STR, 0, NULL, NULL, NULL,
      "host:port" },
    { "network",  GT_KEY_STR, 0, NULL, NULL, NULL,
      "tcp or udp" },
    { "bypass",   GT_KEY_STR, REFUSE, NULL, "bypasses", NULL,
      "requests that do not go here" },
    { "bypasses", GT_KEY_STRS, REFUSE, NULL, "bypasses", NULL,
      "several" },
    { "protocol", GT_KEY_STR, 0, NULL, NULL, NULL,
      "what the traffic must be (old form of matcher)" },
    { "host",     GT_KEY_STR, 0, NULL, NULL, NULL,
      "the host that is asked for (old form of matcher)" },
    { "path",     GT_KEY_STR, 0, NULL, NULL, NULL,
      "the path that is asked for (old form of matcher)" },
    { "filter",   GT_KEY_OBJ, 0, gt_schema_filter, NULL, NULL,
      "requests that go here (old form of matcher)" },
    { "matcher",  GT_KEY_OBJ, 0, gt_schema_matcher, NULL, NULL,
      "requests that go here" },
    { "auth",     GT_KEY_OBJ, REFUSE, gt_schema_auth, NULL, NULL,
      "the one user (old form of http.auth)" },
    { "http",     GT_KEY_OBJ, 0, gt_schema_http_node, NULL, NULL,
      "changes to requests and responses" },
    { "tls",      GT_KEY_OBJ, 0, gt_schema_tls_node, NULL, NULL,
      "speak TLS to the target" },
    { "probe",    GT_KEY_OBJ, 0, gt_schema_probe, NULL, NULL,
      "ask now and then whether it lives" },
    { "metadata", GT_KEY_MAP, 0, NULL, NULL, NULL,
      "backup, weight, maxFails, failTimeout" },
    { .name = NULL }
};

static const gt_key_t schema_group_hop[] = {
    { "hop",     GT_KEY_STR, 0, NULL, "hops", NULL,
      "a hop by name" },
    { "matcher", GT_KEY_OBJ, 0, gt_schema_matcher, NULL, NULL,
      "connections that go here" },
    { "probe",   GT_KEY_OBJ, 0, gt_schema_probe, NULL, NULL,
      "ask now and then whether it lives" },
    { .name = NULL }
};

static const gt_key_t schema_hop_group[] = {
    { "hops",     GT_KEY_OBJS, 0, schema_group_hop, NULL, NULL,
      "hops by name, or maps of hop, matcher and probe" },
    { "selector", GT_KEY_OBJ, 0, gt_schema_selector, NULL, NULL,
      "which of the hops" },
    { .name = NULL }
};

static const gt_key_t schema_forwarder[] = {
    { "name",     GT_KEY_STR, 0, NULL, NULL, NULL,
      "the old spelling of hop" },
    { "hop",      GT_KEY_STR, 0, NULL, "hops", NULL,
      "a hop by name, instead of nodes" },
    { "selector", GT_KEY_OBJ, 0, gt_schema_selector, NULL, NULL,
      "which of the targets" },
    { "nodes",    GT_KEY_OBJS, ALWAYS, schema_target, NULL, NULL,
      "the targets" },
    { "hopGroup", GT_KEY_OBJ, 0, schema_hop_group, NULL, NULL,
      "several hops and how to choose" },
    { .name = NULL }
};

static const gt_key_t schema_recording[] = {
    { "name",     GT_KEY_STR, ALWAYS, NULL, "recorders", NULL,
      "a recorder by name" },
    { "record",   GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "what is recorded" },
    { "metadata", GT_KEY_MAP, 0, NULL, NULL, NULL,
      "details" },
    { .name = NULL }
};

static const gt_key_t schema_event[] = {
    { "time", GT_KEY_INT, ALWAYS, NULL, NULL, NULL,
      "GOST's" },
    { "msg",  GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "GOST's" },
    { .name = NULL }
};

static const gt_key_t schema_figures[] = {
    { "totalConns",   GT_KEY_INT, ALWAYS, NULL, NULL, NULL,
      "GOST's" },
    { "currentConns", GT_KEY_INT, ALWAYS, NULL, NULL, NULL,
      "GOST's" },
    { "totalErrs",    GT_KEY_INT, ALWAYS, NULL, NULL, NULL,
      "GOST's" },
    { "inputBytes",   GT_KEY_INT, ALWAYS, NULL, NULL, NULL,
      "GOST's" },
    { "outputBytes",  GT_KEY_INT, ALWAYS, NULL, NULL, NULL,
      "GOST's" },
    { .name = NULL }
};

static const gt_key_t schema_used[] = {
    { "name",    GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "GOST's" },
    { "used",    GT_KEY_INT, ALWAYS, NULL, NULL, NULL,
      "GOST's" },
    { "limit",   GT_KEY_INT, ALWAYS, NULL, NULL, NULL,
      "GOST's" },
    { "active",  GT_KEY_BOOL, ALWAYS, NULL, NULL, NULL,
      "GOST's" },
    { "blocked", GT_KEY_BOOL, ALWAYS, NULL, NULL, NULL,
      "GOST's" },
    { .name = NULL }
};

static const gt_key_t schema_status[] = {
    { "createTime",     GT_KEY_INT, ALWAYS, NULL, NULL, NULL,
      "GOST's" },
    { "state",          GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "GOST's" },
    { "events",         GT_KEY_OBJS, 0, schema_event, NULL, NULL,
      "GOST's" },
    { "stats",          GT_KEY_OBJ, 0, schema_figures, NULL, NULL,
      "GOST's" },
    { "stoppedByLimit", GT_KEY_BOOL, 0, NULL, NULL, NULL,
      "GOST's" },
    { "quotas",         GT_KEY_OBJS, 0, schema_used, NULL, NULL,
      "GOST's" },
    { .name = NULL }
};

const gt_key_t gt_schema_service[] = {
    { "name",       GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "for the log and the statistics; unique" },
    { "addr",       GT_KEY_STR, 0, NULL, NULL, NULL,
      "host:port to listen on; :port is every address" },
    { "interface",  GT_KEY_STR, 0, NULL, NULL, NULL,
      "the old place of metadata.interface" },
    { "sockopts",   GT_KEY_OBJ, 0, gt_schema_sockopts, NULL, NULL,
      "the old place of metadata.so_mark" },
    { "admission",  GT_KEY_STR, REFUSE, NULL, "admissions", NULL,
      "which clients may connect" },
    { "admissions", GT_KEY_STRS, REFUSE, NULL, "admissions", NULL,
      "several, of which all must say yes" },
    { "bypass",     GT_KEY_STR, REFUSE, NULL, "bypasses", NULL,
      "targets that are refused" },
    { "bypasses",   GT_KEY_STRS, REFUSE, NULL, "bypasses", NULL,
      "several" },
    { "resolver",   GT_KEY_STR, LATER, NULL, "resolvers", NULL,
      "name servers for targets" },
    { "hosts",      GT_KEY_STR, LATER, NULL, "hosts", NULL,
      "addresses of targets" },
    { "limiter",    GT_KEY_STR, REFUSE, NULL, "limiters", NULL,
      "bytes a second" },
    { "quotas",     GT_KEY_STRS, REFUSE, NULL, "quotas", NULL,
      "bytes in all" },
    { "climiter",   GT_KEY_STR, REFUSE, NULL, "climiters", NULL,
      "connections at a time" },
    { "rlimiter",   GT_KEY_STR, REFUSE, NULL, "rlimiters", NULL,
      "connections a second" },
    { "rewriter",   GT_KEY_STR, LATER, NULL, "rewriters", NULL,
      "what rewrites bodies" },
    { "cache",      GT_KEY_STR, LATER, NULL, "caches", NULL,
      "of HTTP responses" },
    { "logger",     GT_KEY_STR, LATER, NULL, "loggers", NULL,
      "a log of its own" },
    { "loggers",    GT_KEY_STRS, LATER, NULL, "loggers", NULL,
      "several" },
    { "observer",   GT_KEY_STR, LATER, NULL, "observers", NULL,
      "who is told of its traffic" },
    { "recorders",  GT_KEY_OBJS, LATER, schema_recording, NULL, NULL,
      "what is recorded, and where" },
    { "handler",    GT_KEY_OBJ, GUARD | FORCE, schema_handler, NULL, NULL,
      "the proxy protocol" },
    { "listener",   GT_KEY_OBJ, GUARD | FORCE, schema_listener, NULL, NULL,
      "the transport" },
    { "forwarder",  GT_KEY_OBJ, REFUSE, schema_forwarder, NULL, NULL,
      "fixed targets of port forwarding" },
    { "metadata",   GT_KEY_MAP, 0, NULL, NULL, NULL,
      "options of the service; --help service lists them" },
    { "status",     GT_KEY_OBJ, 0, schema_status, NULL, NULL,
      "of GOST's API; taken and ignored" },
    { .name = NULL }
};
/* clang-format on */
