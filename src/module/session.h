/*
 * module/session.h: one client's stay, as a handler sees it.
 *
 * The service makes a session for each accepted stream and owns it; the
 * handler serves the stream and ends the session once: by gt_session_tunnel(),
 * after which the handler's object and buffers are gone and the session is
 * plain data around a relay, or by gt_session_end().
 *
 * A session holds identity, target and counters, nothing of a module's.
 */

#ifndef GT_MODULE_SESSION_H
#define GT_MODULE_SESSION_H

#include "core/list.h"
#include "core/log.h"
#include "core/stat.h"
#include "module/target.h"
#include "net/addr.h"
#include "net/relay.h"

typedef struct gt_session gt_session_t;
typedef struct gt_auth    gt_auth_t;  /* policy/auth.h */
typedef struct gt_guard   gt_guard_t; /* policy/guard.h */
typedef struct gt_route   gt_route_t; /* route/route.h */

enum { GT_SESSION_HOPS = 16 }; /* of a chain */

/* what the service supplies */
typedef struct {
    void (*tunnel)(gt_session_t *ss, gt_stream_t *a, gt_stream_t *b,
                   uint64_t idle_ms);
    void (*end)(gt_session_t *ss, gt_err_t why);
} gt_session_ops_t;

struct gt_session {
    const gt_session_ops_t *ops;
    gt_loop_t              *loop;
    const gt_auth_t        *auth;  /* the service's; NULL: everybody may */
    gt_guard_t             *guard; /* the service's; NULL: nobody counts who
                                      guesses */
    gt_route_t             *route; /* the service's way out */

    gt_log_level_t log_level; /* its group's; the process's may be lower */
    bool deny_private; /* the target must be nobody's own: net/deny.h */
    bool hash_host;    /* selectors hash the target's host, not the client's
                          address; the handler's to set */

    uint64_t    id;     /* unique over workers and generations */
    gt_addr_t   remote, local;
    const char *service, *handler_name, *listener_name; /* the model's */
    char       *user;   /* ours; NULL: nobody has authenticated */
    char       *target; /* "host:port", ours; NULL: none yet */
    uint64_t    began;  /* loop->now */
    uint64_t   *in, *out; /* the service's byte counters: from, to the client */
    uint64_t    moved[2]; /* this session's: from, to the client; a running
                             relay adds its own when it ends */

    /*
     * Set by the handler while it serves, NULL otherwise.  abort: the worker
     * stops or the session is cut: close everything now and end the session.
     * drain: the worker stops gently: an idle connection closes (and may end
     * the session at once), a busy one after its exchange.  One whose first
     * request has not come yet is busy: it was accepted a moment ago.
     */
    void (*abort)(gt_session_t *ss, gt_err_t why);
    void (*drain)(gt_session_t *ss);
    void *handler;

    bool failed; /* the target could not be reached: one of the errors that the
                    service counts, however politely the client is told */

    uint16_t via[GT_SESSION_HOPS]; /* route's: where it counts as active */

    gt_op_t   relay; /* the tunnel, once there is one */
    gt_list_t link;  /* in the service's list */
};

/* counts bytes that the handler itself has taken from the client and sent to
   it; those of the tunnel are the service's to count */
static inline void
gt_session_count(gt_session_t *ss, uint64_t in, uint64_t out)
{
    ss->moved[0] += in;
    ss->moved[1] += out;
    gt_stat_add(ss->in, in);
    gt_stat_add(ss->out, out);
}

/* the id as the log shows it, as long as GOST's: 20 characters; returns buf */
enum { GT_SESSION_SID = 21 };
const char *gt_session_sid(const gt_session_t *ss, char buf[GT_SESSION_SID]);

/* records who it is, for the log and for limits; GT_ERROR: no memory */
int gt_session_set_user(gt_session_t *ss, gt_str_t user);

/* records where it goes, and logs "remote >> target" at debug */
int gt_session_set_target(gt_session_t *ss, const gt_target_t *to);

/*
 * The handler's last step: joins client and upstream; takes both, and the
 * handler lets go of everything of its own before or after, but within the
 * same event.  Logs "remote <-> target", later ">-<".  ss is the service's
 * again.
 */
static inline void
gt_session_tunnel(gt_session_t *ss, gt_stream_t *client, gt_stream_t *up,
                  uint64_t idle_ms)
{
    ss->abort = NULL;
    ss->drain = NULL;
    ss->ops->tunnel(ss, client, up, idle_ms);
}

/* the other last step: the log line, counters; ss is gone afterwards */
static inline void
gt_session_end(gt_session_t *ss, gt_err_t why)
{
    ss->abort = NULL;
    ss->drain = NULL;
    ss->ops->end(ss, why);
}

/*
 * Begins a log line with the fields that GOST gives each line of a session
 * (service, handler, listener, network, remote, local, client, clientID, sid);
 * add to it, then gt_log_end().  False when the level is off: nothing to end.
 */
bool gt_session_log(const gt_session_t *ss, gt_log_line_t *ln,
                    gt_log_level_t level, const char *fmt, ...) GT_PRINTF(4, 5);

#endif
