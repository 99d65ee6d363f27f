/*
 * conf/model.h: the checked configuration as structs: what GOST calls
 * services, chains, hops, nodes and authers, plus our own `gatun:` section.
 * Text, numbers and references are checked; module options are still nodes,
 * because only module/ knows the modules' tables.
 *
 * A command line may be several, with `--` between them: its groups.  Each is
 * a context, inside of which its names mean something; workers, sockets, log
 * and the settings of `gatun:` are the process's.
 *
 * Immutable once loaded.  Everything lives in one arena, freed by
 * gt_model_free(), strings included.
 */

#ifndef GT_CONF_MODEL_H
#define GT_CONF_MODEL_H

#include "conf/node.h"
#include "conf/source.h"

#include <stdio.h>

typedef struct {
    const char *username, *password; /* username NULL: none */
} gt_auth_model_t;

/* handler, listener, connector or dialer of something */
typedef struct {
    const char       *type;     /* "http"; the default is filled in */
    gt_auth_model_t   auth;     /* handler and connector */
    const char      **authers;  /* handler: names, n_authers */
    int               n_authers;
    const char       *chain;    /* handler: a name, or NULL */
    int               retries;  /* handler */
    const gt_cnode_t *metadata; /* a map, or NULL */
    const gt_cnode_t *tls;      /* a map, or NULL */
    gt_place_t        place;
} gt_part_model_t;

typedef struct gt_context_model gt_context_model_t;

typedef struct {
    const char      *name; /* unique in the process: see gt_context_model_t */
    const char      *addr; /* ":8080", "127.0.0.1:1", "[::]:1" */
    gt_part_model_t  handler, listener;
    const gt_cnode_t *metadata; /* the service's own, or NULL */
    const gt_cnode_t *node;     /* the whole service, for later keys */
    gt_place_t        place;

    const gt_context_model_t *context; /* whose it is */
} gt_service_model_t;

typedef struct {
    const char       *name;
    const char       *addr;
    gt_part_model_t   connector, dialer;
    const gt_cnode_t *metadata;
    const gt_cnode_t *node; /* the whole of it: filter, interface ... */
    gt_place_t        place;
} gt_node_model_t;

typedef struct {
    const char       *name;
    gt_node_model_t  *nodes;
    int               n_nodes;
    const gt_cnode_t *node; /* the whole of it: selector, interface ... */
    gt_place_t        place;
} gt_hop_model_t;

typedef struct {
    const char     *name; /* unique in the process, as a service's */
    gt_hop_model_t *hops; /* resolved: inline ones and named ones alike */
    int             n_hops;
    gt_place_t      place;
} gt_chain_model_t;

typedef struct {
    const char      *name;
    gt_auth_model_t *auths;
    int              n_auths;
    const char      *file; /* "username password" lines, or NULL */
    uint64_t         reload; /* ms between two looks at it; 0: none */
    gt_place_t       place;
} gt_auther_model_t;

typedef struct {
    const char *output; /* "stderr", "stdout", "none", a path */
    const char *level;  /* "info" */
    const char *format; /* "json", "text" */
} gt_log_model_t;

/* the section `metrics:` */
typedef struct {
    const char     *addr;  /* as written; NULL: none */
    const char     *path;  /* of the URL: "/metrics" */
    gt_part_model_t guard; /* its auth, or its auther, which beats that */
    gt_place_t      place;

    const gt_context_model_t *context; /* whose it is */
} gt_metrics_model_t;

/* the reserved key `gatun:` and its command line forms */
typedef struct {
    int64_t     workers;         /* 0: auto, one per CPU */
    const char *user, *group;    /* NULL: not set */
    /* absolute or below the working directory; relative ones are taken from
       -p, which also gives the first two: PREFIX/gatun.pid, PREFIX/run */
    const char *pid_file;        /* NULL: none */
    const char *runtime_dir;     /* NULL: private to the process */
    const char *state_dir;       /* never NULL */
    int64_t     max_connections; /* per worker; 0: auto */
    /* where these are said; no file: nowhere */
    gt_place_t  workers_place, user_place, connections_place;
    uint64_t    shutdown_timeout; /* ms; 0: no limit */
    const char *stats_addr;      /* NULL: no endpoint */
    gt_place_t  stats_place;     /* where that is said */
    int64_t     stats_clients; /* rows of counters per worker; 0: clients are
                                  not told apart */
    const char *stats_user, *stats_password; /* NULL: no auth */
} gt_own_model_t;

/*
 * What one group of the command line has: a configuration of its own.  What
 * refers to something finds it here or nowhere.
 *
 * Services and chains are shown to people and counted under their `name`, which
 * in group N of several is "go-N@" and the name as it was written; a reference
 * is the latter.
 */
struct gt_context_model {
    int                 group; /* from 0; -1: the only one */
    gt_service_model_t *services;
    int                 n_services;
    gt_chain_model_t   *chains;
    int                 n_chains;
    gt_auther_model_t  *authers; /* named as written */
    int                 n_authers;
    gt_log_model_t      log;   /* its own level; the rest is the process's */
    gt_metrics_model_t  metrics;
    const gt_cnode_t   *root;  /* the merged tree it was made of */
};

typedef struct {
    gt_context_model_t *contexts; /* at least one */
    int                 n_contexts;
    gt_service_model_t *services; /* of all contexts, in their order */
    int                 n_services;
    gt_log_model_t      log; /* the level is that of the most verbose */
    gt_own_model_t      own;
    gt_metrics_model_t  metrics; /* of the first context that has some */
    struct gt_arena    *arena; /* ours; everything above lives in it */
} gt_model_t;

/*
 * Reads all sources (files, stdin, inline JSON) of all groups, adds -L and -F,
 * checks, and returns the model, or NULL with errors in d.  Called at start and
 * at each reload.  Blocking; for the master only.  Takes GOST_LOGGER_LEVEL from
 * the environment.
 */
gt_model_t *gt_model_load(gt_source_t *src, gt_diag_t *d);
void        gt_model_free(gt_model_t *m);

/* only `own` of it, with whatever is valid there, even if the rest has errors:
   for finding a running gatun.  NULL: the text cannot be read at all */
gt_model_t *gt_model_load_own(gt_source_t *src, gt_diag_t *d);

/*
 * -T: the model as YAML that loads again, with the defaults that are in force,
 * the modules' among them (src->options), each value's origin in a comment and
 * every credential as "***".  GT_ERROR: no memory, or out failed.
 */
int gt_model_print(const gt_model_t *m, const gt_source_t *src, FILE *out);

/* by the name as it is written there; NULL when there is none */
const gt_chain_model_t  *gt_model_chain(const gt_context_model_t *cx,
                                        const char *name);
const gt_auther_model_t *gt_model_auther(const gt_context_model_t *cx,
                                         const char *name);

/* a written name as `name` of a service has it; NULL: no memory */
const char *gt_model_name(struct gt_arena *arena, const gt_context_model_t *cx,
                          const char *name);

#endif
