/*
 * route/impl.h: what a route is made of, for those who build it and those who
 * go along it.
 */

#ifndef GT_ROUTE_IMPL_H
#define GT_ROUTE_IMPL_H

#include "module/connector.h"
#include "module/module.h"
#include "net/addr.h"
#include "net/connect.h"
#include "os/netns.h"
#include "route/mark.h"
#include "route/route.h"

enum {
    GT_ROUTE_HOPS = GT_SESSION_HOPS, /* each adds a round trip */
    GT_ROUTE_NODES = 1024            /* of one hop */
};

/* how sockets leave this machine */
typedef struct {
    gt_connect_conf_t cf;     /* source points below */
    gt_addr_t         source; /* len 0: any */
    unsigned          space;  /* the namespace's index in routes' plus 1; 0:
                                 the one where we are */
} gt_route_net_t;

typedef struct {
    const gt_node_model_t *model; /* the model's */
    const gt_module_t     *dialer, *connector;
    void                  *dialer_conf, *connector_conf; /* ours */
    gt_credentials_t       cred;
    gt_str_t               host; /* of the model's addr */
    uint16_t               port;
    gt_route_net_t         net;
    gt_mark_t             *mark; /* in the lasting zone; until then routes' */
    int64_t                max_fails;
    uint64_t               fail_ms;
    uint32_t               weight;
    bool                   backup;
    bool                   pass;   /* no node: what is wanted is dialed from
                                      where we are */
    gt_str_t               filter; /* of the target's host; n 0: any */
} gt_route_node_t;

typedef enum {
    GT_ROUTE_ROUND,
    GT_ROUTE_RAND,
    GT_ROUTE_FIFO,
    GT_ROUTE_HASH,
    GT_ROUTE_PARALLEL,
    GT_ROUTE_LATENCY
} gt_strategy_t;

typedef struct {
    const gt_hop_model_t *model;
    int                   group; /* of the command line; -1: the only one */
    const char           *scope; /* the chain that it stands in; "": named */
    gt_strategy_t         strategy;
    uint64_t              max_latency_ms; /* 0: any */
    int64_t               max_fails;      /* what a node says comes first */
    uint64_t              fail_ms;
    gt_route_net_t        net;
    gt_mark_t            *mark; /* its cursor */
    bool                  filters; /* some node takes only some targets */
    int                   n;
    gt_route_node_t       nodes[];
} gt_route_hop_t;

typedef struct {
    const gt_chain_model_t *model;
    int                     n;
    gt_route_hop_t         *hops[GT_ROUTE_HOPS]; /* routes' */
    int                     rows[GT_ROUTE_HOPS]; /* of a hop's first node */
} gt_route_chain_t;

struct gt_routes {
    const gt_model_t *model;
    gt_route_hop_t  **hops; /* ours, each once, however many chains use it */
    int               n_hops;
    gt_route_chain_t *chains; /* ours */
    int               n_chains;
    int               n_rows;
    gt_mark_t        *own;   /* ours: marks while there is no lasting zone */
    gt_mark_t        *marks; /* those in force */
    gt_stat_node_t   *spare; /* ours: rows while there is no worker */
    gt_stat_node_t   *stat;  /* those in force */
    uint64_t          caps;
    gt_netns_set_t    spaces; /* ours, until gt_routes_spaces() */
    gt_giver_t       *giver;  /* the worker's; NULL: nobody gives sockets */
};

struct gt_route {
    gt_routes_t            *routes;
    const gt_route_chain_t *chain; /* NULL: direct */
    int                     retries;
    uint64_t                dial_ms; /* of one attempt */
    gt_route_net_t          net; /* for what goes direct */
};

/* --- building --- */

/* route_hop.c: NULL with errors in d; a hop of the top level (of cx) is the
   same whichever chains use it, any other one is that chain's */
gt_route_hop_t *gt_route_hop_new(gt_routes_t *rs, const gt_hop_model_t *hm,
                                 const gt_context_model_t *cx,
                                 const char *chain, gt_diag_t *d);
void            gt_route_hop_free(gt_route_hop_t *hop);

/* route_node.c: n of nm, in hop; GT_ERROR with errors in d */
int  gt_route_node_init(gt_route_node_t *n, const gt_node_model_t *nm,
                        const gt_route_hop_t *hop, gt_routes_t *rs,
                        gt_diag_t *d);
void gt_route_node_free(gt_route_node_t *n);

/* route_net.c: the keys of owner's metadata, and of owner itself as GOST once
   had them; what is not said is taken from up (NULL: nothing, owner is a
   service or a hop).  opts: one of the two tables of route.h */
int gt_route_net_init(gt_route_net_t *net, const gt_opt_t *opts,
                      const gt_cnode_t *owner, const gt_route_net_t *up,
                      gt_routes_t *rs, gt_diag_t *d);

/* warns of what a hop or node has there and nobody looks at yet */
void gt_route_net_later(const gt_cnode_t *owner, gt_diag_t *d);

/* the keys that the above and the two below take out of metadata, for whoever
   warns of unknown ones */
extern const gt_opt_t gt_route_node_opts[];

/* a setter: (uint64_t) ms, of a typed duration; 0: none */
int gt_route_opt_dur(void *f, const gt_cnode_t *v, const char **why);

/* --- choosing --- */

/* what a choice hangs on */
typedef struct {
    uint64_t        now;   /* of the loop */
    gt_str_t        host;  /* the target's */
    gt_str_t        hash;  /* of whom; n 0: of nobody */
    const uint16_t *tried; /* in this request, n_tried */
    int             n_tried;
    bool            again; /* an attempt has failed: no experiments */
} gt_route_ask_t;

typedef struct {
    uint64_t bits[GT_ROUTE_NODES / 64];
    int      n;    /* bits that are set */
    bool     last; /* it is out or was tried, but there is no other */
} gt_route_set_t;

/* select.c: the nodes among which the strategy may choose; none: no node of
   this hop takes that target */
void gt_route_candidates(const gt_route_hop_t *hop, const gt_route_ask_t *ask,
                         gt_route_set_t *set);

/* the same for a race, in which a mute node would beat those that answer */
void gt_route_contenders(const gt_route_hop_t *hop, const gt_route_ask_t *ask,
                         gt_route_set_t *set);

/* the index of the i-th of the set */
int gt_route_set_at(const gt_route_set_t *set, int i);

/* one of them by the hop's strategy; GT_ERROR: there is none */
int gt_route_select(const gt_route_hop_t *hop, const gt_route_ask_t *ask);

#endif
