/*
 * conf/urls_node.c: one -F is one hop of chain-0, with a node for each of its
 * addresses.
 */

#include "conf/urls.h"

#include <string.h>


/* the hop's own share: everything but what is for the nodes alone */
static void
node_hop_metadata(gt_url_arg_t *a, gt_cnode_t *hop)
{
    static const char *const prefixes[] = { "hop.", "node.", "connector.",
                                            "dialer." };
    unsigned                 i;
    gt_cnode_t              *maps[4], *v, *next;

    for (i = 0; i < 4; i++) {
        maps[i] = gt_tree_node(a->t, GT_NODE_MAP, &a->place);
    }

    gt_url_share(a, prefixes, maps, 4);

    if (maps[0] != NULL && maps[0]->first != NULL) {
        gt_tree_add(hop, "metadata", maps[0]);
    }

    for (v = a->query != NULL ? a->query->first : NULL; v != NULL; v = next) {
        next = v->next;
        if (gt_str_starts(gt_str_from(v->key), GT_STR("hop."))) {
            gt_tree_take(a->query, v->key);
        }
    }
}


/* the node that the others of the hop are copies of */
static gt_cnode_t *
node_model(gt_url_arg_t *a)
{
    static const char *const prefixes[] = { "node.", "connector.", "dialer." };
    unsigned                 i;
    gt_cnode_t              *node, *connector, *dialer, *maps[3];

    node = gt_tree_node(a->t, GT_NODE_MAP, &a->place);
    connector = gt_tree_map(a->t, node, "connector");
    dialer = gt_tree_map(a->t, node, "dialer");

    gt_tree_add(connector, "type", gt_tree_text(a->t, a->first, &a->place));
    gt_tree_add(dialer, "type", gt_tree_text(a->t, a->second, &a->place));
    gt_url_auth(a, connector);
    gt_url_tls(a, dialer, true);

    for (i = 0; i < 3; i++) {
        maps[i] = gt_tree_node(a->t, GT_NODE_MAP, &a->place);
    }

    gt_url_share(a, prefixes, maps, 3);

    if (maps[0] != NULL && maps[0]->first != NULL) {
        gt_tree_add(node, "metadata", maps[0]);
    }

    if (maps[1] != NULL && maps[1]->first != NULL) {
        gt_tree_add(connector, "metadata", maps[1]);
    }

    if (maps[2] != NULL && maps[2]->first != NULL) {
        gt_tree_add(dialer, "metadata", maps[2]);
    }

    return node;
}


/* each node verifies the name of its own host, also in a list */
static void
node_server_name(gt_url_arg_t *a, gt_cnode_t *node, gt_str_t addr)
{
    gt_cnode_t   *tls, *dialer;
    gt_url_addr_t parts;

    /* GOST takes the first part of a relative path for a host */
    if (gt_str_eq(a->second, GT_STR("unix"))) {
        addr = a->u.address;
    }

    if (gt_url_addr_parse(addr, &parts) != GT_OK || parts.host.n == 0) {
        return;
    }

    dialer = gt_tree_map(a->t, node, "dialer");
    tls = gt_tree_map(a->t, dialer, "tls");

    if (gt_cnode_get(tls, "serverName") == NULL) {
        gt_tree_add(tls, "serverName",
                    gt_tree_text(a->t, parts.host, &a->place));
    }
}


static void
node_add(gt_url_arg_t *a, gt_cnode_t *nodes, const gt_cnode_t *model,
         gt_str_t addr)
{
    char        name[40];
    gt_cnode_t *node, *copy;

    gt_snprintf(name, sizeof(name), "node-%u", gt_url_count(nodes));

    node = gt_tree_node(a->t, GT_NODE_MAP, &a->place);
    gt_tree_put(a->t, node, "name", name);
    gt_tree_add(node, "addr", gt_tree_text(a->t, addr, &a->place));

    copy = model != NULL ? gt_tree_copy(a->t, model) : NULL;
    if (node != NULL && copy != NULL) {
        node->last->next = copy->first;
        node->last = copy->last;
        node_server_name(a, node, addr);
    }

    gt_tree_add(nodes, NULL, node);
}


/* unix:///run/x.sock and unix://name: the path is the address */
static gt_str_t
node_path(gt_url_arg_t *a)
{
    char    *text;
    gt_str_t path = a->u.path;

    if (a->u.address.n == 0) {
        return path;
    }

    if (gt_str_starts(path, GT_STR("/"))) {
        path = gt_str_sub(path, 1, path.n);
    }

    text = gt_arena_printf(a->t->arena, "%.*s%.*s", GT_STR_ARG(a->u.address),
                           GT_STR_ARG(path));
    a->t->failed |= text == NULL;

    return gt_str_from(text);
}


/* the hops of the one chain that all -F make; NULL: no memory */
static gt_cnode_t *
node_hops(gt_url_arg_t *a)
{
    gt_cnode_t *chain, *chains = gt_url_list(a, "chains");

    if (chains != NULL && chains->first == NULL) {
        chain = gt_url_object(a, chains, "chain", 0);
        gt_tree_add(chain, "hops", gt_tree_node(a->t, GT_NODE_LIST, &a->place));
    }

    return a->t->failed ? NULL : chains->first->last;
}


/* a node for each address */
static gt_cnode_t *
node_list(gt_url_arg_t *a)
{
    gt_str_t    rest, addr;
    gt_cnode_t *nodes, *model;

    model = node_model(a);
    nodes = gt_tree_node(a->t, GT_NODE_LIST, &a->place);
    rest = gt_str_eq(a->second, GT_STR("unix")) ? node_path(a) : a->u.address;

    if (rest.n == 0
        && (gt_str_eq(a->first, GT_STR("direct"))
            || gt_str_eq(a->first, GT_STR("virtual"))))
    {
        rest = GT_STR(":0");
    }

    while (rest.p != NULL && gt_str_split(&rest, ',', &addr)) {
        if (addr.n > 0) {
            node_add(a, nodes, model, addr);
        }
    }

    if (nodes != NULL && nodes->first == NULL) {
        gt_diag_error(a->d, &a->place, "an address is missing");
    }

    return nodes;
}


void
gt_url_node(gt_url_arg_t *a, unsigned nth)
{
    gt_cnode_t *hops, *hop, *selector;

    hops = node_hops(a);
    if (hops == NULL) {
        return;
    }

    hop = gt_url_object(a, hops, "hop", nth);

    selector = gt_url_selector(a);
    gt_tree_add(hop, "selector", selector);
    gt_url_matchers(a, a->query, hop, "bypass", "bypasses");
    gt_url_names(a, a->query, hop, "");

    gt_url_only(a, "interface", "hop.interface", false);
    gt_url_only(a, "so_mark", "hop.so_mark", true);
    gt_url_only(a, "proxyProtocol", "hop.proxyProtocol", true);
    node_hop_metadata(a, hop);

    gt_tree_add(hop, "nodes", node_list(a));
}
