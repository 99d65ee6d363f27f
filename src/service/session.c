/*
 * service/session.c: the sessions of a worker.
 *
 *   accepted -> the handler's -> [tunnel] -> ended
 *
 * While the handler serves, the session is in its hands; from
 * gt_session_tunnel() on it is plain data around a relay.  However it goes,
 * stay_end() is the end: log, counters, memory.
 */

#include "service/session.h"

#include "core/log.h"
#include "core/mem.h"
#include "service/impl.h"

enum { SESSION_REFUSED_MS = 1000 }; /* between two lines about refusals */

static void session_tunnel(gt_session_t *ss, gt_stream_t *a, gt_stream_t *b,
                           uint64_t idle_ms);
static void session_end(gt_session_t *ss, gt_err_t why);

static const gt_session_ops_t session_ops = { session_tunnel, session_end };


/* one more is too much; *at is when that was said last */

static int
session_refuse(gt_service_t *s, uint64_t n, uint64_t *at)
{
    gt_services_t *sv = s->sv;

    gt_stat_add(&sv->stat->worker[GT_STAT_REFUSED], 1);

    if (*at == 0 || sv->loop->now - *at >= SESSION_REFUSED_MS) {
        *at = sv->loop->now;
        gt_warn("service %s: %llu connections, the limit: refusing more",
                s->model->name, (unsigned long long) n);
    }

    return GT_ERROR;
}


int
gt_service_admit(gt_listener_t *ls)
{
    gt_service_t  *s = ls->owner;
    gt_services_t *sv = s->sv;

    if (sv->max_conns && sv->sessions >= sv->max_conns) {
        return session_refuse(s, sv->sessions, &sv->refused_at);
    }

    if (s->policy.max_conns && s->n_sessions >= (uint64_t) s->policy.max_conns)
    {
        return session_refuse(s, s->n_sessions, &s->refused_at);
    }

    return GT_OK;
}


/* the row that counts who comes from there */

static uint64_t *
stay_stat(const gt_service_t *s, const gt_addr_t *remote)
{
    uint8_t           addr[GT_STAT_ADDR];
    gt_stat_client_t *row;

    if (s->sv->n_clients == 0 || !gt_addr_bytes(remote, addr)) {
        return s->stat;
    }

    row = gt_stat_client(s->sv->clients, s->sv->n_clients, addr,
                         (uint32_t) (s - s->sv->services));

    return row ? row->figures : s->stat;
}


gt_stay_t *
gt_stay_new(gt_service_t *s, const gt_addr_t *remote)
{
    gt_stay_t       *stay = gt_calloc(sizeof(gt_stay_t));
    gt_services_t   *sv = s->sv;
    gt_session_t    *ss;
    gt_stat_block_t *stat = sv->stat;

    if (!stay) {
        return NULL;
    }

    stay->service = s;
    stay->stat = stay_stat(s, remote);

    ss = &stay->ss;
    ss->remote = *remote;
    ss->ops = &session_ops;
    ss->loop = sv->loop;
    ss->auth = s->auth;
    ss->guard = s->guard;
    ss->route = s->route;
    ss->deny_private = s->policy.deny_private;
    ss->id = sv->next_id++;
    ss->service = s->model->name;
    ss->handler_name = s->model->handler.type;
    ss->listener_name = s->model->listener.type;
    ss->log_level = s->log_level;
    ss->began = sv->loop->now;
    ss->in = &stay->stat[GT_STAT_INPUT_BYTES];
    ss->out = &stay->stat[GT_STAT_OUTPUT_BYTES];

    gt_list_init(&ss->link);
    gt_list_push(&s->sessions, &ss->link);
    sv->sessions++;
    s->n_sessions++;

    gt_stat_add(&stay->stat[GT_STAT_CURRENT_CONNS], 1);
    gt_stat_add(&stat->worker[GT_STAT_CONNECTIONS], 1);

    return stay;
}


static void
stay_reap(gt_reap_t *reap)
{
    gt_stay_t *stay = gt_container_of(reap, gt_stay_t, reap);

    gt_free(stay->ss.user);
    gt_free(stay->ss.target);
    gt_free(stay);
}


void
gt_stay_free(gt_stay_t *stay)
{
    gt_service_t  *s = stay->service;
    gt_services_t *sv = s->sv;

    gt_route_leave(&stay->ss);
    gt_list_del(&stay->ss.link);
    sv->sessions--;
    s->n_sessions--;

    gt_stat_sub(&stay->stat[GT_STAT_CURRENT_CONNS], 1);
    gt_stat_sub(&sv->stat->worker[GT_STAT_CONNECTIONS], 1);

    if (stay->tunneled) {
        gt_stat_sub(&sv->stat->worker[GT_STAT_TUNNELS], 1);
    }

    if (sv->sessions == 0 && sv->stopped && !sv->killed) {
        gt_post(sv->loop, &sv->idle_post);
    }

    gt_reap(sv->loop, &stay->reap, stay_reap);
}


/* --- log --- */

static int64_t
stay_since(const gt_session_t *ss, uint64_t ms)
{
    return (int64_t) (ss->loop->now - ms) * 1000000;
}


/* "remote <> local": between our two ends */

static void
stay_log_ends(const gt_session_t *ss, const char *sign, bool closed)
{
    char          remote[GT_ADDR_TEXT], local[GT_ADDR_TEXT];
    gt_log_line_t ln;

    if (gt_log_level() > GT_LOG_INFO
        || !gt_session_log(ss, &ln, GT_LOG_INFO, "%s %s %s",
                           gt_addr_text(&ss->remote, remote, sizeof(remote)),
                           sign,
                           gt_addr_text(&ss->local, local, sizeof(local))))
    {
        return;
    }

    if (closed) {
        gt_log_dur(&ln, "duration", stay_since(ss, ss->began));
        gt_log_int(&ln, "inputBytes", (int64_t) ss->moved[0]);
        gt_log_int(&ln, "outputBytes", (int64_t) ss->moved[1]);
    }

    gt_log_end(&ln);
}


/* "remote <-> target": through us */

static void
stay_log_tunnel(const gt_stay_t *stay, const char *sign, bool closed)
{
    char                remote[GT_ADDR_TEXT];
    gt_log_line_t       ln;
    const gt_session_t *ss = &stay->ss;

    if (gt_log_level() > GT_LOG_INFO
        || !gt_session_log(ss, &ln, GT_LOG_INFO, "%s %s %s",
                           gt_addr_text(&ss->remote, remote, sizeof(remote)),
                           sign, ss->target ? ss->target : "-"))
    {
        return;
    }

    if (closed) {
        gt_log_dur(&ln, "duration", stay_since(ss, stay->tunneled));
    }

    gt_log_end(&ln);
}


/* --- life --- */

void
gt_service_accept(gt_listener_t *ls, gt_stream_t *st, const gt_meta_t *meta)
{
    gt_stay_t              *stay;
    gt_service_t           *s = ls->owner;
    gt_session_t           *ss;
    const gt_handler_ops_t *h = s->handler->ops;

    gt_stat_add(&s->sv->stat->worker[GT_STAT_ACCEPTED], 1);

    stay = gt_stay_new(s, &meta->remote);
    if (!stay) {
        gt_stat_add(&s->stat[GT_STAT_TOTAL_CONNS], 1);
        gt_stat_add(&s->stat[GT_STAT_TOTAL_ERRS], 1);
        gt_stream_close(st, GT_E_NOMEM);
        return;
    }

    gt_stat_add(&stay->stat[GT_STAT_TOTAL_CONNS], 1);

    ss = &stay->ss;
    ss->local = meta->local;

    if (gt_cidrs_has(s->policy.skip, &ss->remote)) {
        ss->auth = NULL;
    }

    if (ss->local.len == 0 && gt_log_level() <= GT_LOG_INFO) {
        (void) gt_stream_query(st, GT_Q_LOCAL, &ss->local);
    }

    stay_log_ends(ss, "<>", false);

    if (h->handle(s->handler_conf, ss, st) != GT_OK) {
        gt_stream_close(st, GT_E_NOMEM);
        session_end(ss, GT_E_NOMEM);
    }
}


/* has it failed?  A tunnel's end is not an error of ours, whatever it was */

static void
stay_failed(gt_stay_t *stay, gt_err_t why)
{
    bool                bad;
    gt_log_line_t       ln;
    const gt_session_t *ss = &stay->ss;

    bad = why != GT_E_NONE && why != GT_E_CANCEL && !stay->tunneled;

    if (bad || ss->failed) {
        gt_stat_add(&stay->stat[GT_STAT_TOTAL_ERRS], 1);
    }

    if (!bad) {
        return;
    }

    /* what only came by, a port scanner, is no matter for everybody's log */
    if (gt_session_log(ss, &ln, ss->target ? GT_LOG_ERROR : GT_LOG_DEBUG, "%s",
                       gt_err_text(why)))
    {
        gt_log_end(&ln);
    }
}


static void
stay_end(gt_stay_t *stay, gt_err_t why)
{
    const gt_session_t *ss = &stay->ss;

    stay_failed(stay, why);
    gt_stat_took(stay->service->stat, ss->loop->now - ss->began);

    if (stay->tunneled) {
        stay_log_tunnel(stay, ">-<", true);
    }

    stay_log_ends(ss, "><", true);
    gt_stay_free(stay);
}


static void
session_end(gt_session_t *ss, gt_err_t why)
{
    GT_ASSERT(!gt_op_busy(&ss->relay));

    stay_end(gt_container_of(ss, gt_stay_t, ss), why);
}


static void
stay_relayed(gt_op_t *op, gt_stream_t *st, gt_err_t err)
{
    (void) st;

    stay_end(op->owner, err);
}


void
gt_stay_tunnel(gt_stay_t *stay, gt_relay_parts_t *parts)
{
    gt_session_t   *ss = &stay->ss;
    gt_relay_conf_t cf = { .idle_ms = stay->idle_ms,
                           .up = ss->in,
                           .down = ss->out,
                           .moved = ss->moved };

    if (!stay->tunneled) {
        stay->tunneled = gt_max(ss->loop->now, (uint64_t) 1);
        gt_stat_add(&stay->service->sv->stat->worker[GT_STAT_TUNNELS], 1);
    }

    ss->handler = NULL;
    ss->relay.done = stay_relayed;
    ss->relay.owner = stay;

    gt_relay_resume(parts, &cf, &ss->relay);
}


static void
session_tunnel(gt_session_t *ss, gt_stream_t *a, gt_stream_t *b,
               uint64_t idle_ms)
{
    gt_stay_t       *stay = gt_container_of(ss, gt_stay_t, ss);
    gt_relay_parts_t parts = { .a = a, .b = b };

    stay->idle_ms = idle_ms;
    gt_stay_tunnel(stay, &parts);
    stay_log_tunnel(stay, "<->", false);
}


void
gt_stay_kill(gt_stay_t *stay)
{
    gt_session_t *ss = &stay->ss;

    if (ss->abort) {
        ss->abort(ss, GT_E_CANCEL);
        return;
    }

    gt_op_cancel(&ss->relay);
    stay_end(stay, GT_E_CANCEL);
}
