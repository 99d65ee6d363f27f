/*
 * conf/schema_chain.c: the keys of chains, hops and nodes.
 */

#include "conf/schema_impl.h"

/* clang-format off */
const gt_key_t gt_schema_selector[] = {
    { "strategy",    GT_KEY_STR, ALWAYS, NULL, NULL, "round",
      "round, rand, fifo, hash, parallel or lowestlatency" },
    { "maxFails",    GT_KEY_INT, ALWAYS, NULL, NULL, "1",
      "failures that make a node a bad one" },
    { "failTimeout", GT_KEY_DUR, ALWAYS, NULL, NULL, "10s",
      "how long it is one" },
    { "maxLatency",  GT_KEY_DUR, 0, NULL, NULL, NULL,
      "leave out nodes that are slower" },
    { .name = NULL }
};

const gt_key_t gt_schema_sockopts[] = {
    { "mark", GT_KEY_INT, 0, NULL, NULL, "0",
      "the socket's mark" },
    { .name = NULL }
};

const gt_key_t gt_schema_matcher[] = {
    { "rule",     GT_KEY_STR, 0, NULL, NULL, NULL,
      "Host(), Path(), Method() ..., with && || ! and parentheses" },
    { "priority", GT_KEY_INT, 0, NULL, NULL, "0",
      "the highest wins; 0: the length of the rule" },
    { "bodySize", GT_KEY_INT, LOWER, NULL, NULL, NULL,
      "bytes of the body that rules may see" },
    { .name = NULL }
};

const gt_key_t gt_schema_filter[] = {
    { "host",     GT_KEY_STR, 0, NULL, NULL, NULL,
      "the host asked for" },
    { "protocol", GT_KEY_STR, 0, NULL, NULL, NULL,
      "http, tls, ssh ..." },
    { "path",     GT_KEY_STR, 0, NULL, NULL, NULL,
      "the path's beginning" },
    { .name = NULL }
};

const gt_key_t gt_schema_probe[] = {
    { "type",           GT_KEY_STR, ALWAYS, NULL, NULL, "tcp",
      "tcp, http or cmd" },
    { "addr",           GT_KEY_STR, YAML, NULL, NULL, NULL,
      "what is asked; the node itself otherwise" },
    { "interval",       GT_KEY_DUR, ALWAYS, NULL, NULL, "30s",
      "how often" },
    { "timeout",        GT_KEY_DUR, ALWAYS, NULL, NULL, "10s",
      "for an answer" },
    { "httpPath",       GT_KEY_STR, 0, NULL, NULL, NULL,
      "path of http" },
    { "httpHost",       GT_KEY_STR, 0, NULL, NULL, NULL,
      "Host of http" },
    { "httpHeaders",    GT_KEY_MAP, 0, NULL, NULL, NULL,
      "fields of http" },
    { "expectedStatus", GT_KEY_INT, 0, NULL, NULL, "200",
      "of http" },
    { "command",        GT_KEY_STR, 0, NULL, NULL, NULL,
      "of cmd" },
    { .name = NULL }
};

static const gt_key_t schema_rewrite[] = {
    { "match",       GT_KEY_STR, ALWAYS | UPPER, NULL, NULL, NULL,
      "a regular expression" },
    { "replacement", GT_KEY_STR, ALWAYS | UPPER, NULL, NULL, NULL,
      "what comes instead" },
    { .name = NULL }
};

static const gt_key_t schema_rewrite_body[] = {
    { "type",         GT_KEY_STR, ALWAYS | UPPER, NULL, NULL, NULL,
      "media types" },
    { "match",        GT_KEY_STR, ALWAYS | UPPER, NULL, NULL, NULL,
      "a regular expression" },
    { "replacement",  GT_KEY_STR, ALWAYS | UPPER, NULL, NULL, NULL,
      "what comes instead" },
    { "rewriter",     GT_KEY_STR, 0, NULL, "rewriters", NULL,
      "a plugin by name" },
    { "maxChunkSize", GT_KEY_INT, 0, NULL, NULL, NULL,
      "bytes at a time" },
    { .name = NULL }
};

const gt_key_t gt_schema_http_node[] = {
    { "host",                GT_KEY_STR, 0, NULL, NULL, NULL,
      "the Host field instead" },
    { "header",              GT_KEY_MAP, 0, NULL, NULL, NULL,
      "the old spelling of requestHeader" },
    { "requestHeader",       GT_KEY_MAP, 0, NULL, NULL, NULL,
      "fields to add to requests" },
    { "responseHeader",      GT_KEY_MAP, 0, NULL, NULL, NULL,
      "fields to add to responses" },
    { "rewrite",             GT_KEY_OBJS, 0, schema_rewrite, NULL, NULL,
      "the old spelling of rewriteURL" },
    { "rewriteURL",          GT_KEY_OBJS, 0, schema_rewrite, NULL, NULL,
      "changes to paths" },
    { "rewriteBody",         GT_KEY_OBJS, 0, schema_rewrite_body, NULL, NULL,
      "the old spelling of rewriteResponseBody" },
    { "rewriteRequestBody",  GT_KEY_OBJS, 0, schema_rewrite_body, NULL, NULL,
      "changes to requests" },
    { "rewriteResponseBody", GT_KEY_OBJS, 0, schema_rewrite_body, NULL, NULL,
      "changes to responses" },
    { "failCodes",           GT_KEY_STR, 0, NULL, NULL, NULL,
      "statuses that count as a failure: \"429,5xx\"" },
    { "auth",                GT_KEY_OBJ, REFUSE, gt_schema_auth, NULL, NULL,
      "the one user" },
    { .name = NULL }
};

const gt_key_t gt_schema_tls_node[] = {
    { "serverName", GT_KEY_STR, 0, NULL, NULL, NULL,
      "the name to ask for and to verify" },
    { "secure",     GT_KEY_BOOL, 0, NULL, NULL, "false",
      "verify certificate and name" },
    { "options",    GT_KEY_OBJ, 0, gt_schema_tls_options, NULL, NULL,
      "versions, suites, protocols" },
    { .name = NULL }
};

static const gt_key_t schema_connector[] = {
    { "type",     GT_KEY_STR, ALWAYS, NULL, NULL, "http",
      "the proxy protocol; --modules lists them" },
    { "auth",     GT_KEY_OBJ, GUARD, gt_schema_auth, NULL, NULL,
      "who we are there" },
    { "tls",      GT_KEY_OBJ, REFUSE, gt_schema_tls, NULL, NULL,
      "of socks5's own TLS" },
    { "metadata", GT_KEY_MAP, 0, NULL, NULL, NULL,
      "options of the type; --help TYPE lists them" },
    { .name = NULL }
};

static const gt_key_t schema_dialer[] = {
    { "type",     GT_KEY_STR, ALWAYS, NULL, NULL, "tcp",
      "the transport; --modules lists them" },
    { "auth",     GT_KEY_OBJ, REFUSE, gt_schema_auth, NULL, NULL,
      "of ssh dialers" },
    { "tls",      GT_KEY_OBJ, GUARD, gt_schema_tls, NULL, NULL,
      "whom to trust" },
    { "metadata", GT_KEY_MAP, 0, NULL, NULL, NULL,
      "options of the type; --help TYPE lists them" },
    { .name = NULL }
};

static const gt_key_t schema_node[] = {
    { "name",      GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "for the log" },
    { "addr",      GT_KEY_STR, 0, NULL, NULL, NULL,
      "host:port" },
    { "network",   GT_KEY_STR, 0, NULL, NULL, "tcp",
      "tcp" },
    { "bypass",    GT_KEY_STR, REFUSE, NULL, "bypasses", NULL,
      "targets that do not go through this node" },
    { "bypasses",  GT_KEY_STRS, REFUSE, NULL, "bypasses", NULL,
      "several" },
    { "resolver",  GT_KEY_STR, LATER, NULL, "resolvers", NULL,
      "name servers for this node's address" },
    { "hosts",     GT_KEY_STR, LATER, NULL, "hosts", NULL,
      "addresses for this node's name" },
    { "connector", GT_KEY_OBJ, GUARD | FORCE, schema_connector, NULL, NULL,
      "the proxy protocol" },
    { "dialer",    GT_KEY_OBJ, GUARD | FORCE, schema_dialer, NULL, NULL,
      "the transport" },
    { "interface", GT_KEY_STR, 0, NULL, NULL, NULL,
      "the old place of metadata.interface" },
    { "netns",     GT_KEY_STR, 0, NULL, NULL, NULL,
      "the old place of metadata.netns" },
    { "sockopts",  GT_KEY_OBJ, 0, gt_schema_sockopts, NULL, NULL,
      "the old place of metadata.so_mark" },
    { "filter",    GT_KEY_OBJ, 0, gt_schema_filter, NULL, NULL,
      "requests that go here (old form of matcher)" },
    { "matcher",   GT_KEY_OBJ, REFUSE, gt_schema_matcher, NULL, NULL,
      "requests that go here" },
    { "http",      GT_KEY_OBJ, LATER, gt_schema_http_node, NULL, NULL,
      "changes to requests and responses" },
    { "tls",       GT_KEY_OBJ, REFUSE, gt_schema_tls_node, NULL, NULL,
      "speak TLS to the target" },
    { "probe",     GT_KEY_OBJ, LATER, gt_schema_probe, NULL, NULL,
      "ask now and then whether it lives" },
    { "metadata",  GT_KEY_MAP, 0, NULL, NULL, NULL,
      "backup, weight, maxFails, failTimeout, interface, so_mark, netns "
      "and free keys" },
    { .name = NULL }
};

const gt_key_t gt_schema_hop[] = {
    { "name",      GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "alone in a chain: a hop of the top level" },
    { "interface", GT_KEY_STR, 0, NULL, NULL, NULL,
      "the old place of metadata.interface" },
    { "sockopts",  GT_KEY_OBJ, 0, gt_schema_sockopts, NULL, NULL,
      "the old place of metadata.so_mark" },
    { "selector",  GT_KEY_OBJ, FORCE, gt_schema_selector, NULL, NULL,
      "which of the nodes" },
    { "bypass",    GT_KEY_STR, REFUSE, NULL, "bypasses", NULL,
      "targets for which the chain ends before this hop" },
    { "bypasses",  GT_KEY_STRS, REFUSE, NULL, "bypasses", NULL,
      "several" },
    { "resolver",  GT_KEY_STR, LATER, NULL, "resolvers", NULL,
      "name servers for the nodes' addresses" },
    { "hosts",     GT_KEY_STR, LATER, NULL, "hosts", NULL,
      "addresses for the nodes' names" },
    { "nodes",     GT_KEY_OBJS, GUARD, schema_node, NULL, NULL,
      "proxies, of which one is taken for each connection" },
    { "reload",    GT_KEY_DUR, LATER, NULL, NULL, NULL,
      "how often nodes from outside are read" },
    { "file",      GT_KEY_OBJ, REFUSE, gt_schema_file, NULL, NULL,
      "nodes from a file" },
    { "redis",     GT_KEY_OBJ, REFUSE, gt_schema_redis, NULL, NULL,
      "nodes from Redis" },
    { "http",      GT_KEY_OBJ, REFUSE, gt_schema_loader, NULL, NULL,
      "nodes over HTTP" },
    { "plugin",    GT_KEY_OBJ, REFUSE, gt_schema_plugin, NULL, NULL,
      "nodes from a plugin" },
    { "metadata",  GT_KEY_MAP, 0, NULL, NULL, NULL,
      "interface, so_mark, proxyProtocol, netns of all nodes" },
    { .name = NULL }
};

const gt_key_t gt_schema_chain[] = {
    { "name",     GT_KEY_STR, ALWAYS, NULL, NULL, NULL,
      "what handlers name" },
    { "hops",     GT_KEY_OBJS, ALWAYS | GUARD, gt_schema_hop, NULL, NULL,
      "in this order, the nearest first" },
    { "metadata", GT_KEY_MAP, 0, NULL, NULL, NULL,
      "of a member of a chain group" },
    { .name = NULL }
};
/* clang-format on */
