/*
 * process/slots.h: what lies in the shared zones, and nothing else.
 *
 * The lasting zone is made by the first master and handed on from master to
 * master.  A counter zone belongs to one generation.  Only the master writes
 * the lasting zone and the heads; a worker writes its own slot and block.
 * Change GT_ZONE_LAYOUT (os/zone.h) together with anything here.
 */

#ifndef GT_PROCESS_SLOTS_H
#define GT_PROCESS_SLOTS_H

#include "core/stat_client.h"

enum {
    GT_SLOTS_MAX = 128,      /* workers of one generation */
    GT_SLOTS_SERVICES = 512, /* names whose totals outlive a generation */
    GT_SLOTS_CLIENTS = 2048, /* the same of clients of services */
    GT_SLOTS_NODES = 1024,   /* the same of nodes */
    GT_SLOTS_NAME = 96,      /* of a service, with its NUL; longer ones are
                                cut */
    GT_SLOTS_ADDR = 64,
    GT_SLOTS_TYPE = 24,
    GT_SLOTS_TEXT = 512,
    GT_SLOTS_BEAT_MS = 2000 /* an idle worker's round */
};

/* clang-format off */
#define GT_SLOTS_LASTING   "lasting"  /* area of the lasting zone */
#define GT_SLOTS_HEAD      "head"     /* areas of a counter zone */
#define GT_SLOTS_WORKERS   "workers"
#define GT_SLOTS_NAMES     "services"
#define GT_SLOTS_NODE_AREA "nodes"
#define GT_SLOTS_BLOCKS    "blocks"
#define GT_SLOTS_CLIENT_AREA "clients"
/* clang-format on */

/* totals of generations that have ended, of one service */
typedef struct {
    char     name[GT_SLOTS_NAME]; /* "": free, and all behind it */
    uint64_t figures[GT_STAT_SERVICE_MAX];
} gt_slots_total_t;

/* how reloads went: what people ask for first when something is odd */
typedef struct {
    uint32_t turn;         /* odd while the master writes the rest */
    uint32_t good, failed; /* how many since the first master began */
    uint32_t was_good;     /* 1: the last one serves */
    uint64_t at_ms;        /* since 1970: when the last one ended; 0: none */
    char     text[GT_SLOTS_TEXT]; /* what its -s reload was told, or the
                                     beginning of that */
} gt_slots_reload_t;

/* totals of generations that have ended, of one node of a chain */
typedef struct {
    uint64_t       key; /* gt_slots_node_t's; 0: free, and all behind it */
    gt_stat_node_t figures;
} gt_slots_node_total_t;

typedef struct {
    uint32_t         turn;       /* odd while the master adds a generation up:
                                    then what is read may be half of it */
    uint32_t         generation; /* the last one that was made */
    uint64_t         started_ms; /* since 1970: when the first master began */
    uint64_t         worker[GT_STAT_WORKER_MAX];
    uint64_t         deaths;     /* of workers, however long ago */
    gt_slots_total_t totals[GT_SLOTS_SERVICES];
    gt_slots_reload_t reload;
    /* by core/stat_client.h: what they count is not in totals[], whose index
       is the service's number */
    gt_stat_client_t clients[GT_SLOTS_CLIENTS];
    gt_slots_node_total_t nodes[GT_SLOTS_NODES];
} gt_slots_lasting_t;

typedef struct {
    uint32_t generation;
    uint32_t n_slots;
    uint32_t n_services;
    uint32_t n_clients; /* rows of each worker; 0: clients are not told apart */
    uint32_t n_nodes;
    uint32_t block;  /* bytes from one worker's block to the next */
    uint32_t folded; /* 1: its figures are in the lasting zone now, or it
                        never came to life */
} gt_slots_head_t;

typedef enum {
    GT_SLOT_NONE,     /* no process */
    GT_SLOT_STARTING, /* forked */
    GT_SLOT_READY,    /* it accepts */
    GT_SLOT_QUITTING  /* it serves what it has and then ends */
} gt_slot_state_t;

/* padded to a cache line: each is written by another process */
typedef struct {
    int32_t  pid;        /* 0: none */
    uint32_t state;      /* gt_slot_state_t */
    uint64_t started_ms; /* since 1970 */
    uint64_t deaths;     /* how many before this one ended badly */
    uint64_t beat_ms;    /* of the monotonic clock: the last round of its loop;
                            GT_SLOTS_BEAT_MS old at most while it is well */
    uint8_t  unused[32];
} gt_slots_worker_t;

_Static_assert(sizeof(gt_slots_worker_t) == GT_STAT_ALIGN, "a cache line");

/* what a service is, for whoever reads the figures */
typedef struct {
    char     name[GT_SLOTS_NAME];
    char     addr[GT_SLOTS_ADDR];
    char     handler[GT_SLOTS_TYPE];
    char     listener[GT_SLOTS_TYPE];
    char     chain[GT_SLOTS_NAME]; /* "": direct */
    uint32_t total; /* the master's, while it folds: the index of its totals,
                       plus 1 */
} gt_slots_service_t;

/* what a node of a chain is; a row for each chain that it is in */
typedef struct {
    char     chain[GT_SLOTS_NAME];
    char     hop[GT_SLOTS_NAME];
    char     node[GT_SLOTS_NAME];
    char     addr[GT_SLOTS_ADDR];
    char     connector[GT_SLOTS_TYPE];
    char     dialer[GT_SLOTS_TYPE];
    char     strategy[GT_SLOTS_TYPE]; /* of its hop */
    uint64_t key;       /* of its totals, never 0: chain, hop and name */
    uint32_t mark;      /* its record in the lasting zone's marks
                           (route/mark.h) */
    int32_t  max_fails; /* so many in a row, and it is out; < 1: never */
    uint64_t fail_ms;   /* for so long after the last one */
    uint32_t weight;
    uint8_t  backup;    /* 1: only while no other one is usable */
    uint8_t  unused[3];
} gt_slots_node_t;

#endif
