/*
 * conf/model_chain.c: chains, hops and nodes of the model.
 */

#include "conf/load.h"
#include "conf/words.h"

#include <string.h>

typedef struct {
    gt_hop_model_t *hops; /* the top-level ones, in the arena */
    int             n;
} chain_named_t;


static void
build_node_addr(gt_build_t *b, const gt_cnode_t *node, gt_node_model_t *n)
{
    bool              direct;
    const gt_cnode_t *v = gt_cnode_get(node, "addr");

    direct = strcmp(n->connector.type, "direct") == 0
             || strcmp(n->connector.type, "virtual") == 0;

    if (v == NULL || v->text[0] == '\0') {
        if (!direct) {
            gt_diag_error(b->d, &node->place, "node \"%s\" has no addr",
                          n->name);
        }

        n->addr = ":0";

    } else if (strcmp(n->dialer.type, "unix") == 0
               || gt_build_addr(b, v, direct) == GT_OK)
    {
        n->addr = v->text;
    }
}


static void
build_node(gt_build_t *b, gt_cnode_t *node, int nth, gt_node_model_t *n)
{
    char              name[24];
    const gt_cnode_t *v;

    if (gt_cnode_text(node, "name", "")[0] == '\0') {
        gt_snprintf(name, sizeof(name), "node-%d", nth);
        gt_tree_take(node, "name");
        gt_tree_put(b->t, node, "name", name);
    }

    n->name = gt_cnode_text(node, "name", "");
    n->place = node->place;
    n->node = node;
    n->metadata = gt_cnode_get(node, "metadata");
    if (n->metadata != NULL && n->metadata->kind != GT_NODE_MAP) {
        n->metadata = NULL;
    }

    gt_build_part(b, GT_WORD_CONNECTOR, node, false, &n->connector);
    gt_build_part(b, GT_WORD_DIALER, node, false, &n->dialer);

    if (b->t->failed) {
        return;
    }

    v = gt_cnode_get(node, "network");
    if (v != NULL && v->text[0] != '\0' && strcmp(v->text, "tcp") != 0) {
        gt_diag_error(b->d, &v->place, "network: only tcp is built yet");
    }

    build_node_addr(b, node, n);
}


static void
build_hop(gt_build_t *b, const gt_cnode_t *node, gt_hop_model_t *hop)
{
    int               i = 0;
    gt_cnode_t       *part;
    const gt_cnode_t *list = gt_cnode_get(node, "nodes");

    hop->name = gt_cnode_text(node, "name", "");
    hop->node = node;
    hop->place = node->place;
    hop->nodes = gt_build_array(b, list, sizeof(*hop->nodes), &hop->n_nodes);

    if (hop->nodes == NULL) {
        /* of an -F that is reported already */
        if (!b->t->failed && node->place.line > 0) {
            gt_diag_error(b->d, &node->place, "hop \"%s\" has no nodes",
                          hop->name);
        }

        return;
    }

    for (part = list->first; part != NULL && !b->t->failed; part = part->next) {
        build_node(b, part, i, &hop->nodes[i]);
        i++;
    }
}


/* a hop of a chain: its own nodes, or a name among the top-level hops */
static void
build_chain_hop(gt_build_t *b, const gt_cnode_t *node,
                const chain_named_t *named, gt_hop_model_t *hop)
{
    int         i;
    const char *name = gt_cnode_text(node, "name", "");

    if (gt_cnode_get(node, "nodes") != NULL
        || gt_cnode_get(node, "plugin") != NULL) {
        build_hop(b, node, hop);
        return;
    }

    for (i = 0; i < named->n; i++) {
        if (strcmp(named->hops[i].name, name) == 0) {
            *hop = named->hops[i];
            return;
        }
    }

    if (name[0] == '\0') {
        gt_diag_error(b->d, &node->place,
                      "a hop with neither nodes nor a name");
    } else {
        gt_diag_error(b->d, &node->place, "no hop is named \"%s\"", name);
    }
}


static void
build_chain(gt_build_t *b, const gt_cnode_t *node, const chain_named_t *named,
            gt_chain_model_t *chain)
{
    int               i = 0;
    const gt_cnode_t *part, *list = gt_cnode_get(node, "hops");

    chain->name =
        gt_model_name(b->t->arena, b->cx, gt_cnode_text(node, "name", ""));
    b->t->failed |= chain->name == NULL;
    chain->place = node->place;
    chain->hops = gt_build_array(b, list, sizeof(*chain->hops), &chain->n_hops);

    if (chain->hops == NULL) {
        if (!b->t->failed) {
            gt_diag_error(b->d, &node->place, "chain \"%s\" has no hops",
                          chain->name);
        }

        return;
    }

    for (part = list->first; part != NULL && !b->t->failed; part = part->next) {
        build_chain_hop(b, part, named, &chain->hops[i++]);
    }
}


void
gt_build_chains(gt_build_t *b)
{
    int               i = 0;
    chain_named_t     named;
    const gt_cnode_t *part, *list;

    gt_build_names(b, "hops", "hop", NULL);
    gt_build_names(b, "chains", "chain", NULL);

    list = gt_cnode_get(b->root, "hops");
    named.hops = gt_build_array(b, list, sizeof(*named.hops), &named.n);

    for (part = named.hops != NULL ? list->first : NULL;
         part != NULL && !b->t->failed; part = part->next)
    {
        build_hop(b, part, &named.hops[i++]);
    }

    list = gt_cnode_get(b->root, "chains");
    b->cx->chains =
        gt_build_array(b, list, sizeof(*b->cx->chains), &b->cx->n_chains);
    i = 0;

    for (part = b->cx->chains != NULL ? list->first : NULL;
         part != NULL && !b->t->failed; part = part->next)
    {
        build_chain(b, part, &named, &b->cx->chains[i++]);
    }
}
