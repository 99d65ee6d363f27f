/*
 * conf/urls_service.c: one -L is one service, or one for each port of its
 * range.
 */

#include "conf/urls.h"
#include "core/num.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    gt_url_arg_t *a;
    gt_cnode_t   *handler, *listener, *metadata; /* to be copied */
    gt_cnode_t   *selector;                      /* or NULL */
    gt_cnode_t   *targets; /* a list, or NULL: no forwarding */
} service_t;


static bool
service_is(gt_str_t word, const char *list)
{
    gt_str_t rest = gt_str_from(list), part;

    while (gt_str_split(&rest, ' ', &part)) {
        if (gt_str_eq(part, word)) {
            return true;
        }
    }

    return false;
}


/* NULL: good; else why a start refuses it */
static const char *
service_odd(gt_str_t text, gt_url_addr_t *parts)
{
    if (gt_url_addr_parse(text, parts) != GT_OK || parts->host.n > 255) {
        return "the address is not host:port";
    }

    switch (parts->kind) {

    case GT_URL_PORT_NONE: return "a port is missing";

    case GT_URL_PORT_ODD: return "the port is not a number from 0 to 65535";

    case GT_URL_PORT_REVERSE: return "the range of ports runs backwards";

    case GT_URL_PORT_ONE:
    case GT_URL_PORT_RANGE: break;
    }

    return parts->hi - parts->lo >= GT_URL_RANGE
               ? "a range of more than 4096 ports"
               : NULL;
}


/* of an odd one -O prints 0 for a port that is none, else the text itself */
static bool
service_raw(const char *why, gt_str_t text, gt_url_addr_t *parts)
{
    bool odd = why != NULL;

    return odd
           && (gt_url_addr_parse(text, parts) != GT_OK || parts->host.n > 255
               || parts->kind != GT_URL_PORT_ODD);
}


/* host:port for each port of a range; GT_ERROR: no such address */
static int
service_addr(const gt_url_addr_t *parts, unsigned i, char *buf, size_t size)
{
    unsigned port = parts->lo + i;

    if (port > parts->hi) {
        return GT_DONE;
    }

    gt_snprintf(buf, size, parts->ipv6 ? "[%.*s]:%u" : "%.*s:%u",
                GT_STR_ARG(parts->host), port);

    return GT_OK;
}


/* "target", or "go-1@target" in a group, as GOST has it */
static void
service_target_prefix(const gt_source_t *src, char *buf, size_t size)
{
    const char *id = src->id[0] != '\0' ? src->id : getenv("_GOST_ID");

    if (id != NULL && id[0] != '\0') {
        gt_snprintf(buf, size, "go-%.16s@target", id);
    } else {
        gt_snprintf(buf, size, "target");
    }
}


static void
service_target(service_t *s, gt_str_t addr)
{
    char          prefix[32];
    gt_cnode_t   *target;
    gt_url_arg_t *a = s->a;

    service_target_prefix(a->src, prefix, sizeof(prefix));

    target = gt_url_object(a, s->targets, prefix, gt_url_count(s->targets));
    if (addr.n > 0) {
        gt_tree_add(target, "addr", gt_tree_text(a->t, addr, &a->place));
    }
}


/* host:port[-port], one target for each port */
static void
service_range(service_t *s, gt_str_t text)
{
    char          addr[300];
    unsigned      i;
    const char   *why;
    gt_url_arg_t *a = s->a;
    gt_url_addr_t parts;

    why = service_odd(text, &parts);

    if (why != NULL && !a->t->print) {
        gt_diag_error(a->d, &a->place,
                      "a target must be host:port or host:port-port");
        return;
    }

    if (service_raw(why, text, &parts)) {
        service_target(s, text);
        return;
    }

    for (i = 0; service_addr(&parts, i, addr, sizeof(addr)) == GT_OK; i++) {
        service_target(s, gt_str_from(addr));
    }
}


/* forwarding: then the handler is not what the scheme says, but for relay,
   which forwards by itself */
static void
service_targets(service_t *s)
{
    gt_str_t      rest, part;
    gt_url_arg_t *a = s->a;

    if (a->u.target.n == 0 || gt_str_eq(a->second, GT_STR("unix"))) {
        return;
    }

    s->targets = gt_tree_node(a->t, GT_NODE_LIST, &a->place);
    rest = a->u.target;

    while (gt_str_split(&rest, ',', &part) && !a->t->failed) {
        service_range(s, part);
    }

    if (gt_str_eq(a->first, GT_STR("relay"))) {
        return;
    }

    a->first =
        service_is(a->second, "tcp udp rtcp rudp tun tap dns unix runix serial")
            ? a->second
            : GT_STR("forward");
}


/* the one key whose value is a list in GOST's metadata */
static void
service_dns(gt_url_arg_t *a)
{
    gt_str_t    rest, part;
    gt_cnode_t *v, *list;

    if (gt_cnode_text(a->query, "dns", "")[0] == '\0') {
        return;
    }

    v = gt_url_take(a, a->query, "dns");
    list = gt_tree_node(a->t, GT_NODE_LIST, &a->place);
    rest = gt_str_from(v != NULL ? v->text : "");

    while (gt_str_split(&rest, ',', &part)) {
        gt_tree_add(list, NULL, gt_tree_text(a->t, part, &a->place));
    }

    gt_tree_add(a->query, "dns", list);
}


static void
service_parts(service_t *s)
{
    static const char *const prefixes[] = { "service.", "handler.",
                                            "listener." };
    static const char *const only[] = {
        "interface",     "service.interface",     "so_mark", "service.so_mark",
        "proxyProtocol", "service.proxyProtocol", "netns",   "service.netns",
        "netns.out",     "service.netns.out"
    };
    size_t        i;
    gt_cnode_t   *maps[3];
    gt_url_arg_t *a = s->a;

    s->handler = gt_tree_node(a->t, GT_NODE_MAP, &a->place);
    s->listener = gt_tree_node(a->t, GT_NODE_MAP, &a->place);
    gt_tree_add(s->handler, "type", gt_tree_text(a->t, a->first, &a->place));
    gt_tree_add(s->listener, "type", gt_tree_text(a->t, a->second, &a->place));

    gt_url_auth(a, s->handler);
    gt_url_tls(a, s->listener, false);

    for (i = 0; i < gt_nelts(only); i += 2) {
        gt_url_only(a, only[i], only[i + 1], i == 2 || i == 4);
    }

    s->selector = gt_url_selector(a);
    service_dns(a);

    for (i = 0; i < 3; i++) {
        maps[i] = gt_tree_node(a->t, GT_NODE_MAP, &a->place);
    }

    gt_url_share(a, prefixes, maps, 3);
    s->metadata = maps[0];
    gt_tree_add(s->handler, "metadata", maps[1]);
    gt_tree_add(s->listener, "metadata", maps[2]);
}


/* retries and the keys that name objects are the handler's to give */
static void
service_consume(service_t *s, gt_cnode_t *service, gt_cnode_t *handler)
{
    int64_t           n;
    gt_cnode_t       *from = gt_tree_map(s->a->t, handler, "metadata");
    const gt_cnode_t *v;

    v = gt_cnode_get(from, "retries");
    if (v != NULL && v->text[0] != '\0' && gt_cnode_int(v, &n) != GT_OK
        && !s->a->t->print)
    {
        gt_diag_error(s->a->d, &s->a->place, "retries: want a number");

    } else if (v != NULL && gt_cnode_int(v, &n) == GT_OK && n > 0) {
        gt_tree_put(s->a->t, handler, "retries", v->text);
        gt_url_take(s->a, from, "retries");
    }

    gt_url_matchers(s->a, from, service, "admission", "admissions");
    gt_url_matchers(s->a, from, service, "bypass", "bypasses");
    gt_url_names(s->a, from, service, gt_cnode_text(from, "prefer", ""));
    gt_url_limits(s->a, from, service);

    if (from != NULL && from->first == NULL) {
        gt_tree_take(handler, "metadata");
    }
}


static gt_cnode_t *
service_forwarder(service_t *s, unsigned i, unsigned n)
{
    unsigned      k, count = gt_url_count(s->targets);
    gt_cnode_t   *forwarder, *nodes, *part;
    gt_url_arg_t *a = s->a;

    if (count == 0 || (n > 1 && count > 1 && i >= count)) {
        return NULL;
    }

    forwarder = gt_tree_node(a->t, GT_NODE_MAP, &a->place);
    if (s->selector != NULL) {
        gt_tree_add(forwarder, "selector", gt_tree_copy(a->t, s->selector));
    }

    nodes = gt_tree_node(a->t, GT_NODE_LIST, &a->place);
    for (k = 0, part = s->targets->first; part != NULL; part = part->next) {
        if (n == 1 || count == 1 || k == i) {
            gt_tree_add(nodes, NULL, gt_tree_copy(a->t, part));
        }

        k++;
    }

    gt_tree_add(forwarder, "nodes", nodes);

    return forwarder;
}


/* the i-th of n services */
static void
service_add(service_t *s, gt_str_t addr, unsigned i, unsigned n)
{
    gt_cnode_t   *all, *service, *handler, *listener;
    gt_url_arg_t *a = s->a;

    all = gt_url_list(a, "services");
    service = gt_url_object(a, all, "service", gt_url_count(all));
    if (addr.n > 0) {
        gt_tree_add(service, "addr", gt_tree_text(a->t, addr, &a->place));
    }

    if (a->t->failed) {
        return;
    }

    handler = gt_tree_copy(a->t, s->handler);
    listener = gt_tree_copy(a->t, s->listener);

    if (a->src->n_nodes > 0) {
        gt_tree_put(a->t,
                    service_is(a->second, "rtcp rudp runix") ? listener
                                                             : handler,
                    "chain", "chain-0");
    }

    service_consume(s, service, handler);
    gt_tree_add(service, "handler", handler);
    gt_tree_add(service, "listener", listener);
    gt_tree_add(service, "forwarder", service_forwarder(s, i, n));

    if (s->metadata != NULL && s->metadata->first != NULL) {
        gt_tree_add(service, "metadata", gt_tree_copy(a->t, s->metadata));
    }
}


static void
service_ports(service_t *s)
{
    bool          raw;
    char          text[300];
    unsigned      i, n;
    const char   *why;
    gt_url_arg_t *a = s->a;
    gt_url_addr_t parts;

    why = service_odd(a->u.address, &parts);
    raw = service_raw(why, a->u.address, &parts);
    n = raw ? 1 : (unsigned) (parts.hi - parts.lo) + 1;

    if (why != NULL && a->t->print && n <= GT_URL_RANGE) {
        why = NULL;
    }

    if (gt_url_count(gt_url_list(a, "services")) + n > GT_URL_SERVICES) {
        why = "more than 10000 services";
    }

    if (why != NULL) {
        gt_diag_error(a->d, &a->place, "%s", why);
        return;
    }

    for (i = 0; i < n && !a->t->failed; i++) {
        if (!raw) {
            service_addr(&parts, i, text, sizeof(text));
        }

        service_add(s, raw ? a->u.address : gt_str_from(text), i, n);
    }
}


void
gt_url_service(gt_url_arg_t *a)
{
    char     *text;
    gt_str_t  path = a->u.path;
    service_t s = { .a = a };

    service_targets(&s);
    service_parts(&s);

    if (a->t->failed) {
        return;
    }

    if (!gt_str_eq(a->second, GT_STR("unix"))) {
        service_ports(&s);
        return;
    }

    if (a->u.address.n > 0 && gt_str_starts(path, GT_STR("/"))) {
        path = gt_str_sub(path, 1, path.n);
    }

    text = gt_arena_printf(a->t->arena, "%.*s%.*s", GT_STR_ARG(a->u.address),
                           GT_STR_ARG(path));
    a->t->failed |= text == NULL;

    if (text != NULL) {
        service_add(&s, gt_str_from(text), 0, 1);
    }
}
