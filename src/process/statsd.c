/*
 * process/statsd.c: the stats process: /status and /healthz.
 *
 *   accept -> one request head -> the whole answer in a chain -> goodbye
 *
 * One request a connection, one deadline for all of it: slow readers cost a
 * place for that long at most, and less when places run out.
 */

#include "process/statsd.h"

#include "core/buf.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/str.h"
#include "net/linger.h"
#include "net/stream.h"
#include "net/tcp.h"
#include "os/signal.h"
#include "os/sock.h"
#include "process/status.h"
#include "process/worker.h"
#include "proto/basicauth.h"
#include "proto/http1.h"
#include "proto/http1_target.h"
#include "proto/http1_write.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    STATSD_ACCEPTS = 64, /* a round */
    STATSD_KEEP = 8
};

typedef struct {
    gt_loop_t               loop;
    gt_event_t              listener, signals;
    gt_channel_t            ch;
    const gt_stats_place_t *at;
    gt_str_t                user, password; /* user.p NULL: everybody may */
    gt_zone_t              *lasting;
    gt_zone_t              *zones[GT_STATSD_ZONES]; /* ours; the newest last */
    int                     n_zones;
    pid_t                   master;
    gt_list_t               conns; /* ours, the oldest first */
    unsigned                n_conns;
    gt_timer_t              pause; /* of accepting, without descriptors */
} statsd_t;

typedef struct {
    gt_list_t        link;
    gt_reap_t        reap;
    gt_timer_t       timer;
    statsd_t        *sd;
    gt_stream_t     *st;      /* ours */
    gt_chain_t       in, out; /* in: up to GT_STATSD_HEAD */
    gt_http1_head_t  head;
    bool             answered;
    gt_http1_field_t fields[GT_HTTP1_FIELDS];
} statsd_conn_t;

/* an answer before it is bytes */
typedef struct {
    int         status;
    const char *type;  /* NULL: no body type */
    const char *extra; /* a field's name, or NULL, and its value */
    const char *value;
    gt_str_t    body;
} statsd_answer_t;


/* --- connections --- */

static void
statsd_conn_free(gt_reap_t *reap)
{
    gt_free(gt_container_of(reap, statsd_conn_t, reap));
}


static void
statsd_conn_close(statsd_conn_t *cn, gt_err_t why)
{
    gt_timer_del(&cn->sd->loop, &cn->timer);

    if (cn->st && why == GT_E_NONE) {
        gt_linger(cn->st, &cn->out);
    } else if (cn->st) {
        gt_stream_close(cn->st, why);
    }

    cn->st = NULL;
    gt_chain_free(&cn->in);
    gt_chain_free(&cn->out);
    gt_list_del(&cn->link);
    cn->sd->n_conns--;
    gt_reap(&cn->sd->loop, &cn->reap, statsd_conn_free);
}


static void
statsd_conn_late(gt_timer_t *timer)
{
    statsd_conn_close(gt_container_of(timer, statsd_conn_t, timer),
                      GT_E_TIMEOUT);
}


/* --- what is asked --- */

bool
gt_statsd_host_ok(gt_str_t host, const char *own)
{
    gt_addr_t         addr;
    gt_http1_target_t t;

    if (gt_http1_hostport_parse(host, false, &t) != GT_OK) {
        return false;
    }

    return t.ipv6 || gt_addr_literal(&addr, t.host.p, t.host.n, 0) == GT_OK
           || gt_str_ieq(t.host, GT_STR("localhost"))
           || gt_str_ieq(t.host, GT_STR("localhost."))
           || (t.host.n > 10
               && gt_str_ieq(gt_str_sub(t.host, t.host.n - 10, t.host.n),
                             GT_STR(".localhost")))
           || (own[0] != '\0' && gt_str_ieq(t.host, gt_str_from(own)));
}


static bool
statsd_may(const statsd_conn_t *cn)
{
    bool     good;
    char     buf[GT_BASICAUTH_MAX];
    gt_str_t value, user, pass;

    if (!cn->sd->user.p) {
        return true;
    }

    if (!gt_http1_field_find(&cn->head, "Authorization", &value)
        || gt_basicauth_parse(value, buf, sizeof(buf), &user, &pass) != GT_OK)
    {
        return false;
    }

    good = gt_basicauth_same(user, cn->sd->user);
    good &= gt_basicauth_same(pass, cn->sd->password);
    explicit_bzero(buf, sizeof(buf));

    return good;
}


static statsd_answer_t
statsd_text(int status, const char *text)
{
    return (statsd_answer_t){ .status = status,
                              .type = "text/plain; charset=utf-8",
                              .body = gt_str_from(text) };
}


static statsd_answer_t
statsd_status(statsd_t *sd, char **json)
{
    *json = gt_status_json(sd->lasting, sd->zones, sd->n_zones, sd->master);
    if (!*json) {
        return statsd_text(500, "no memory\n");
    }

    return (statsd_answer_t){ .status = 200,
                              .type = "application/json",
                              .body = gt_str_from(*json) };
}


/* json: what the answer's body may lie in; the caller's */

static statsd_answer_t
statsd_route(statsd_conn_t *cn, char **json)
{
    statsd_answer_t  a;
    gt_http1_head_t *h = &cn->head;
    statsd_t        *sd = cn->sd;
    gt_str_t         path = h->target;
    ssize_t          query;

    /* a unix socket is out of a browser's reach */
    if (sd->at->addr.len > 0 && h->has_host
        && !gt_statsd_host_ok(h->host, sd->at->host))
    {
        return statsd_text(403, "forbidden: unknown Host\n");
    }

    if (!gt_str_eq(h->method, GT_STR("GET"))
        && !gt_str_eq(h->method, GT_STR("HEAD")))
    {
        a = statsd_text(405, "method not allowed\n");
        a.extra = "Allow";
        a.value = "GET, HEAD";
        return a;
    }

    query = gt_str_chr(path, '?');
    if (query >= 0) {
        path.n = (size_t) query;
    }

    if (gt_str_eq(path, GT_STR("/healthz"))) {
        return gt_status_ready(sd->zones, sd->n_zones) > 0
                   ? statsd_text(200, "ok\n")
                   : statsd_text(503, "no worker\n");
    }

    if (!statsd_may(cn)) {
        a = statsd_text(401, "unauthorized\n");
        a.extra = "WWW-Authenticate";
        a.value = "Basic realm=\"gatun\"";
        return a;
    }

    if (gt_str_eq(path, GT_STR("/status"))) {
        return statsd_status(sd, json);
    }

    return statsd_text(404, "not found\n");
}


static void
statsd_answer(statsd_conn_t *cn, const statsd_answer_t *a)
{
    char           head[1024];
    gt_http1_out_t o;

    gt_http1_write_init(&o, head, sizeof(head));
    (void) gt_http1_write_status(&o, 1, a->status, gt_str_from(NULL));
    (void) gt_http1_write_field(&o, GT_STR("Content-Type"),
                                gt_str_from(a->type));
    (void) gt_http1_write_length(&o, a->body.n);
    (void) gt_http1_write_field(&o, GT_STR("Cache-Control"),
                                GT_STR("no-store"));
    (void) gt_http1_write_field(&o, GT_STR("X-Content-Type-Options"),
                                GT_STR("nosniff"));
    (void) gt_http1_write_field(&o, GT_STR("Connection"), GT_STR("close"));

    if (a->extra) {
        (void) gt_http1_write_field(&o, gt_str_from(a->extra),
                                    gt_str_from(a->value));
    }

    GT_ASSERT(gt_http1_write_end(&o) == GT_OK);

    cn->answered = true;

    if (gt_chain_push(&cn->out, head, o.n) != GT_OK
        || (a->body.n > 0 && !gt_str_eq(cn->head.method, GT_STR("HEAD"))
            && gt_chain_push(&cn->out, a->body.p, a->body.n) != GT_OK))
    {
        gt_chain_free(&cn->out); /* an empty goodbye: no memory */
    }
}


/* GT_OK: there is an answer; GT_AGAIN; GT_ERROR: close */

static int
statsd_read(statsd_conn_t *cn)
{
    int             rc;
    char           *json = NULL;
    uint8_t        *p;
    ssize_t         n;
    statsd_answer_t a;

    n = gt_stream_recv(cn->st, &cn->in, GT_STATSD_HEAD - cn->in.len);
    if (n == GT_AGAIN) {
        gt_stream_want(cn->st, GT_EV_IN);
        return GT_AGAIN;
    }

    if (n <= 0) {
        return GT_ERROR;
    }

    p = gt_chain_pull(&cn->in, cn->in.len);
    if (!p) {
        return GT_ERROR;
    }

    rc = gt_http1_request_parse(p, cn->in.len, NULL, &cn->head);

    if (rc == GT_AGAIN && cn->in.len < GT_STATSD_HEAD) {
        gt_stream_want(cn->st, GT_EV_IN);
        return GT_AGAIN;
    }

    if (rc != GT_OK) {
        a = statsd_text(rc == GT_AGAIN ? 431 : cn->head.status,
                        rc == GT_AGAIN ? "too long\n" : "bad request\n");
        cn->head.method = GT_STR("GET");
    } else {
        a = statsd_route(cn, &json);
    }

    statsd_answer(cn, &a);
    free(json);

    return GT_OK;
}


static void
statsd_conn_run(statsd_conn_t *cn)
{
    int     rc;
    ssize_t n;

    if (!cn->answered) {
        rc = statsd_read(cn);
        if (rc == GT_AGAIN) {
            return;
        }

        if (rc == GT_ERROR) {
            statsd_conn_close(cn, GT_E_RESET);
            return;
        }
    }

    while (cn->out.len > 0) {
        n = gt_stream_send(cn->st, &cn->out);
        if (n == GT_AGAIN) {
            gt_stream_want(cn->st, GT_EV_OUT);
            return;
        }

        if (n < 0) {
            statsd_conn_close(cn, cn->st->err);
            return;
        }
    }

    statsd_conn_close(cn, GT_E_NONE);
}


static void
statsd_conn_ready(gt_stream_t *st, unsigned ev)
{
    if (ev & GT_EV_ERR) {
        statsd_conn_close(st->owner, st->err ? st->err : GT_E_RESET);
        return;
    }

    statsd_conn_run(st->owner);
}


static void
statsd_conn_new(statsd_t *sd, int fd)
{
    gt_stream_t   *st;
    statsd_conn_t *cn;

    st = gt_tcp_stream(&sd->loop, fd);
    if (!st) {
        return;
    }

    if (sd->n_conns == GT_STATSD_CONNS) {
        statsd_conn_close(gt_list_entry(sd->conns.next, statsd_conn_t, link),
                          GT_E_LIMIT);
    }

    cn = gt_calloc(sizeof(*cn));
    if (!cn) {
        gt_stream_close(st, GT_E_NOMEM);
        return;
    }

    cn->sd = sd;
    cn->st = st;
    gt_http1_head_init(&cn->head, cn->fields, GT_HTTP1_FIELDS);
    gt_stream_own(st, cn, statsd_conn_ready);
    gt_list_push(&sd->conns, &cn->link);
    sd->n_conns++;
    gt_timer_set(&sd->loop, &cn->timer, GT_STATSD_MS, statsd_conn_late);
    gt_stream_want(st, GT_EV_IN);
}


static void
statsd_resume(gt_timer_t *timer)
{
    statsd_t *sd = gt_container_of(timer, statsd_t, pause);

    (void) gt_event_mod(&sd->loop, &sd->listener, EPOLLIN);
}


static void
statsd_accept(gt_event_t *ev, uint32_t events)
{
    int       i, fd;
    statsd_t *sd = gt_container_of(ev, statsd_t, listener);

    (void) events;

    for (i = 0; i < STATSD_ACCEPTS; i++) {
        fd = gt_sock_accept(ev->fd, NULL, NULL);
        if (fd >= 0) {
            statsd_conn_new(sd, fd);
            continue;
        }

        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM
            || errno == ENOBUFS) {
            (void) gt_event_mod(&sd->loop, ev, 0);
            gt_timer_set(&sd->loop, &sd->pause, 100, statsd_resume);
        }

        return;
    }
}


/* --- the process --- */

static void
statsd_zone(statsd_t *sd, gt_msg_t *m)
{
    int         i, n = 0;
    gt_zone_t  *z;
    const char *why = "no descriptor";

    for (i = 0; i < sd->n_zones; i++) {
        if (gt_tally_head(sd->zones[i])->folded) {
            gt_zone_free(sd->zones[i]);
        } else {
            sd->zones[n++] = sd->zones[i];
        }
    }

    sd->n_zones = n;
    z = m->n_fds == 1 ? gt_zone_map(m->fds[0], &why) : NULL;

    if (!z || n == GT_STATSD_ZONES) {
        gt_error("stats: a generation's counters: %s", z ? "too many" : why);
        if (z) {
            m->fds[0] = -1;
            gt_zone_free(z);
        }

        return;
    }

    m->fds[0] = -1;
    sd->zones[sd->n_zones++] = z;
}


static void
statsd_told(gt_channel_t *ch, gt_msg_t *m)
{
    statsd_t *sd = ch->owner;

    if (!m) {
        sd->loop.stop = true;
        return;
    }

    if (m->type == GT_MSG_ZONE) {
        statsd_zone(sd, m);

    } else if (m->type == GT_MSG_LOG && m->n_fds == 1) {
        gt_log_take_fd(m->fds[0]);
        m->fds[0] = -1;
    }
}


static void
statsd_signal(gt_event_t *ev, uint32_t events)
{
    int       sig;
    statsd_t *sd = gt_container_of(ev, statsd_t, signals);

    (void) events;

    while ((sig = gt_signal_read(ev->fd, NULL)) > 0) {
        if (sig == SIGTERM || sig == SIGINT) {
            sd->loop.stop = true;
        }
    }
}


static void
statsd_after(gt_loop_t *loop)
{
    (void) loop;
    gt_log_flush();
}


/* our own mappings of all zones; everything else is closed */

static int
statsd_shed(statsd_t *sd, const gt_statsd_conf_t *cf)
{
    int         n_keep = 0, *keep;
    gt_list_t  *l, *tmp;
    gt_cycle_t *cy;

    keep = gt_alloc((STATSD_KEEP + GT_STATSD_ZONES) * sizeof(int));
    if (!keep) {
        return GT_ERROR;
    }

    keep[n_keep++] = gt_log_fd();
    keep[n_keep++] = cf->channel;
    keep[n_keep++] = cf->cycle->stats_fd;
    keep[n_keep++] = gt_zone_fd(cf->lasting);

    gt_list_each(l, tmp, cf->cycles)
    {
        cy = gt_list_entry(l, gt_cycle_t, link);

        if (cy->zone && sd->n_zones < GT_STATSD_ZONES) {
            keep[n_keep++] = gt_zone_fd(cy->zone);
            sd->zones[sd->n_zones++] = cy->zone;
            cy->zone = NULL;
        }
    }

    gt_proc_close_others(keep, n_keep);
    gt_free(keep);

    return GT_OK;
}


static int
statsd_start(statsd_t *sd, const gt_statsd_conf_t *cf)
{
    const char           *why = "memory";
    static const int      signals[] = { SIGTERM, SIGINT,  SIGQUIT,  SIGHUP,
                                        SIGUSR1, SIGUSR2, SIGWINCH, 0 };
    const gt_own_model_t *own = &cf->cycle->model->own;

    if (statsd_shed(sd, cf) != GT_OK
        || gt_proc_drop(&cf->cycle->user, 0, &why) != GT_OK)
    {
        gt_error("stats process: %s: %s", why, strerror(errno));
        return GT_ERROR;
    }

    sd->at = &cf->cycle->stats;
    sd->lasting = cf->lasting;
    sd->master = cf->master;

    if (own->stats_user) {
        sd->user = gt_str_from(own->stats_user);
        sd->password = gt_str_from(own->stats_password);
    }

    gt_list_init(&sd->conns);

    if (gt_loop_init(&sd->loop) != GT_OK) {
        return GT_ERROR;
    }

    sd->loop.after = statsd_after;
    sd->signals.fd = gt_signal_open(signals);
    sd->signals.handler = statsd_signal;
    sd->listener.fd = cf->cycle->stats_fd;
    sd->listener.handler = statsd_accept;

    return sd->signals.fd >= 0
                   && gt_event_add(&sd->loop, &sd->signals, EPOLLIN) == GT_OK
                   && gt_event_add(&sd->loop, &sd->listener, EPOLLIN) == GT_OK
                   && gt_channel_open(&sd->ch, &sd->loop, cf->channel, sd,
                                      statsd_told)
                          == GT_OK
               ? GT_OK
               : GT_ERROR;
}


static void
statsd_finish(statsd_t *sd)
{
    while (!gt_list_empty(&sd->conns)) {
        statsd_conn_close(gt_list_entry(sd->conns.next, statsd_conn_t, link),
                          GT_E_CANCEL);
    }

    gt_linger_close_all();
    gt_timer_del(&sd->loop, &sd->pause);
    gt_event_del(&sd->loop, &sd->listener);
    gt_event_del(&sd->loop, &sd->signals);
    gt_loop_round(&sd->loop, 0);

    if (gt_stream_live() || gt_slab_live() || gt_linger_live()) {
        gt_log_alert("the stats process ends with %u streams, %u slabs, %u "
                     "goodbyes",
                     gt_stream_live(), gt_slab_live(), gt_linger_live());
    }

    while (sd->n_zones > 0) {
        gt_zone_free(sd->zones[--sd->n_zones]);
    }

    gt_slab_trim();
    gt_channel_close(&sd->ch);
    gt_log_flush();
    gt_loop_free(&sd->loop);
}


int
gt_statsd_run(const gt_statsd_conf_t *cf)
{
    statsd_t *sd = gt_calloc(sizeof(*sd));

    gt_proc_title("gatun: stats");

    if (!sd || statsd_start(sd, cf) != GT_OK) {
        gt_error("the stats process cannot start");
        gt_log_flush();
        return GT_WORKER_FAILED;
    }

    gt_loop_run(&sd->loop);
    statsd_finish(sd);
    gt_free(sd);

    return GT_WORKER_DONE;
}
