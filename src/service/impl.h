/*
 * service/impl.h: what the files of service/ share.
 */

#ifndef GT_SERVICE_IMPL_H
#define GT_SERVICE_IMPL_H

#include "module/handler.h"
#include "module/listener.h"
#include "policy/auth.h"
#include "policy/guard.h"
#include "policy/policy.h"
#include "route/route.h"
#include "service/service.h"
#include "service/session.h"

typedef struct {
    bool     enable_stats; /* counters are always kept */
    bool     ignore_chain;
    uint64_t dial_ms;
    const char *netns;
} gt_service_conf_t;

typedef struct {
    const gt_service_model_t *model; /* the model's */
    gt_services_t            *sv;
    gt_listener_t             ls; /* its conf and fds are ours */
    const gt_module_t        *handler;
    void                     *handler_conf; /* ours */
    gt_service_conf_t         conf;
    unsigned                  space; /* where it listens: index in sv's plus
                                        1; 0: where we are */
    gt_log_level_t            log_level; /* of its sessions */
    gt_policy_t               policy;
    gt_guard_t               *guard;    /* a worker's, ours; or NULL */
    gt_auth_t                *auth;     /* ours; NULL: everybody may */
    gt_route_t               *route;    /* ours */
    uint64_t                 *stat;     /* the worker's row for this service */
    gt_list_t                 sessions; /* ours */
    uint64_t                  n_sessions; /* in it */
    uint64_t                  refused_at; /* as sv's, for its own limit */
    bool                      started;
} gt_service_t;

/* of one service, whose metadata is looked at map after map */
typedef struct {
    const gt_service_t *s;
    gt_diag_t          *d;
    int                 map;     /* 0: of the handler, 1: the listener's, 2 */
    const gt_cnode_t   *seen[2]; /* maps looked at before; of the tree */
    bool                failed;  /* a key must not be ignored */
} gt_service_unknown_t;

struct gt_services {
    const gt_model_t *model;  /* the process's */
    gt_routes_t      *routes; /* ours */
    gt_bound_t       *bound; /* ours; the sockets too */
    int               n_bound;
    bool              unprobed; /* gt_services_bind() does not probe */
    gt_netns_set_t    spaces; /* ours: where services listen; until bound */

    /* a worker's state */
    gt_loop_t       *loop;
    gt_stat_block_t *stat; /* the worker's */
    gt_stat_client_t *clients; /* the worker's, n_clients */
    uint32_t          n_clients;
    uint64_t         max_conns;
    uint64_t         next_id;
    unsigned         sessions;
    uint64_t         refused_at; /* loop->now of the last line about it */
    bool             stopped, killed;
    bool             routed; /* the modules of nodes were started */
    void (*idle)(void *data);
    void     *idle_data; /* the caller's */
    gt_post_t idle_post;

    int          n;
    gt_service_t services[];
};

/* a session as the service keeps it */
typedef struct {
    gt_session_t  ss;
    gt_service_t *service;
    uint64_t     *stat;     /* the worker's: GT_STAT_FIGURES of the client, or
                               of the service */
    uint64_t      tunneled; /* loop->now when the tunnel began; 0: none */
    uint64_t      idle_ms;  /* its limit */
    gt_reap_t     reap;
} gt_stay_t;

/* options.c: the options of services' metadata, and what to say about a key of
   metadata that its module does not know; data: gt_service_unknown_t */
extern const gt_opt_t gt_service_opts[];
void gt_service_unknown(void *data, const gt_cnode_t *key);

/* GT_ERROR with an error in d for each that has the address of another */
int gt_services_twice(gt_services_t *sv, gt_diag_t *d);

/* the listener's two calls */
int  gt_service_admit(gt_listener_t *ls);
void gt_service_accept(gt_listener_t *ls, gt_stream_t *st,
                       const gt_meta_t *meta);

/* a session in its service's list and counters, with its remote address; NULL:
   no memory */
gt_stay_t *gt_stay_new(gt_service_t *s, const gt_addr_t *remote);

/* out of them; logs nothing; the memory goes at the end of the round */
void gt_stay_free(gt_stay_t *stay);

/* joins the streams, or what a relay was; GT_E_* of its end goes to the log */
void gt_stay_tunnel(gt_stay_t *stay, gt_relay_parts_t *parts);

/* closes it now, whatever it does */
void gt_stay_kill(gt_stay_t *stay);

#endif
