/*
 * proxy/http/http.h: what the parts of the http handler share.
 *
 * A http_req_t is one request: it owns its exchange, with the body stream, and
 * whatever it has opened towards the target, from gt_http_req_new() to
 * gt_http_req_end(), which releases all of it, or gt_http_req_tunnel().
 */

#ifndef GT_PROXY_HTTP_HTTP_H
#define GT_PROXY_HTTP_HTTP_H

#include "module/module.h"
#include "module/session.h"
#include "net/exchange.h"
#include "net/http1_client.h"
#include "net/http1_server.h"
#include "policy/login.h"
#include "proto/http1_target.h"
#include "proto/http1_write.h"
#include "proxy/http/http_field.h"
#include "proxy/http/http_keep.h"
#include "proxy/http/http_probe.h"

enum {
    GT_HTTP_REPLY_FIELDS = GT_HTTP_HEADERS + 4,
    GT_HTTP_CHALLENGE = 300,   /* Basic realm="..." */
    GT_HTTP_STALL_MS = 60000,  /* a request body that stops for so long */
    GT_HTTP_PUMP = 65536,      /* bytes a direction may hold */
    GT_HTTP_TURN = 256 * 1024, /* moved by a direction before others run */
    GT_HTTP_HEAD_OUT = 40960   /* a head of GT_HTTP1_HEAD_MAX, rewritten */
};

typedef struct {
    const char       *agent; /* the tree's; empty: no Proxy-Agent */
    const char       *realm;
    uint64_t          idle_ms, read_ms; /* 0: no limit */
    bool              keepalive;
    const char       *hash; /* "host": what selectors hash */
    const gt_cnode_t *header;
    const char       *probe_text, *knock; /* NULL: none */
    uint64_t          head_max;
    int64_t           fields_max;

    /* made by check() */
    gt_http1_field_t       fields[GT_HTTP_HEADERS]; /* the header map */
    unsigned               n_fields;
    char                   challenge[GT_HTTP_CHALLENGE];
    gt_http_probe_t        probe;
    http_pool_t           *pool; /* a worker's, ours; NULL: none */
    gt_http1_server_conf_t server;
} http_conf_t;

/* for the auto handler, which has the same configuration */
extern const gt_module_t gt_http_handler_module;
extern const gt_opt_t    gt_http_opts[];
int  gt_http_check(void *conf, const char **why);
int  gt_http_start(gt_loop_t *loop, void *conf);
void gt_http_stop(gt_loop_t *loop, void *conf);

typedef struct http_req http_req_t;

/* one client's HTTP/1 connection: the session's handler */
typedef struct {
    gt_http1_server_t  srv;
    gt_session_t      *ss;     /* the service's */
    const http_conf_t *cf;     /* the service's */
    http_req_t        *req;    /* its own owner; NULL between requests */
    http_keep_t       *keep;   /* ours: an origin that is bound; or NULL */
    uint64_t           rx, tx; /* counted so far */
    gt_reap_t          reap;
} http_conn_t;

/* one direction of bodies */
typedef struct {
    gt_stream_t *from, *to; /* the exchange's, the client's */
    gt_chain_t   q;         /* GT_HTTP_PUMP at most */
    gt_err_t     why;       /* what from said when it failed */
    unsigned     eof : 1;   /* from has ended, or failed */
    unsigned     dead : 1;  /* to takes no more */
    unsigned     over : 1;  /* nothing more will move, with dead or why as the
                               reason, or all is delivered */
} http_pump_t;

struct http_req {
    gt_session_t      *ss;   /* the service's; outlives us */
    const http_conf_t *cf;   /* the service's */
    http_conn_t       *conn; /* who serves us; NULL: ss is ours to end */
    gt_exchange_t     *ex;   /* ours */
    gt_stream_t       *client; /* the body of ex */
    gt_target_t        to;     /* texts of ex */

    gt_op_t    op; /* the way to the target */
    gt_timer_t timer;
    gt_reap_t  reap;
    bool       delayed; /* a 407 waits */

    gt_str_t authority; /* of ex, or of gost: where it goes, as Host */
    char    *gost;      /* ours: what Gost-Target says; or NULL */

    /* probe resistance only */
    gt_http_probe_kind_t decoy;     /* it is forwarded to one of these */
    int                  file;      /* ours; -1: none */
    uint64_t             file_left; /* bytes */

    /* forwarding only */
    uint8_t            state;
    gt_http1_client_t *up; /* ours */
    gt_stream_t       *up_body;
    http_pump_t        req, res;
    gt_chain_t         req_trailers, res_trailers;
    uint64_t           last; /* loop->now when something moved */
    bool               kept;  /* up was used before */
    bool               again; /* that has failed, once */
    bool               bound; /* what up says is for this client only */
    bool               lasts; /* the origin keeps it after this response */
};

/* moves until nothing moves, or others are due: GT_OK: p->over; GT_AGAIN: the
   wants are armed.  Sets *moved if something did */
int gt_http_pump_run(http_pump_t *p, bool *moved);

/* what a request is refused with */
typedef enum {
    GT_HTTP_BAD,         /* 400 */
    GT_HTTP_NO_AUTH,     /* 407 */
    GT_HTTP_SHED,        /* 429 */
    GT_HTTP_NO_UDP,      /* 403 */
    GT_HTTP_DENIED,      /* 403: our policy; to a later request of a client */
    GT_HTTP_DENIED_LATER,
    GT_HTTP_NO_CONNECT,  /* 503 to a CONNECT */
    GT_HTTP_NO_UPSTREAM, /* 503 to anything else */
    GT_HTTP_SLOW,        /* 408 */
    GT_HTTP_DECOY,       /* 503 that says nothing of a proxy */
    GT_HTTP_REPLIES
} http_reply_t;

/* may the client in; if not, gt_http_refuse() answers, now or later.  The last
   is for the one place where a request is released */
gt_login_t gt_http_login(http_req_t *r);
void       gt_http_refuse(http_req_t *r, gt_login_t why);
void       gt_http_login_release(http_req_t *r);

/* the answer to who may not in and did not knock */
void gt_http_probe(http_req_t *r);

/* the parts of it that forwarding needs: the way there, and the head of web */
void gt_http_probe_dial(http_req_t *r);
void gt_http_probe_head(const http_req_t *r, gt_http1_out_t *o);

/* answers and ends the request, in GOST's bytes; to a decoy's with 503 */
void gt_http_reply(http_req_t *r, http_reply_t what);

/* fields of our own, at most GT_HTTP_REPLY_FIELDS: the header map, and with
   agent Proxy-Agent; by name */
unsigned gt_http_own_fields(const http_req_t *r, bool agent,
                            gt_http1_field_t *f);

/* gt_http_reply() for a target that could not be reached */
void gt_http_no_way(http_req_t *r, gt_err_t why);

/* from here on the request is forwarded; r->to and r->client are set */
void gt_http_forward(http_req_t *r);

/* a kept connection to r->to, the caller's now, or NULL; safe: the request may
   be sent twice.  And the one to keep, which it takes, once all is delivered */
gt_stream_t *gt_http_kept(http_req_t *r, bool safe);
void         gt_http_keep(http_req_t *r, gt_stream_t *up);

/* notes what the head of a response says about its connection */
void gt_http_heard(http_req_t *r, const gt_http1_head_t *head);

/* an upgrade that is passed on: HTTP/2 would hide requests from us */
bool gt_http_upgrades(const http_req_t *r);

/* sends the request's head to r->up; GT_ERROR: too long, or no memory */
int gt_http_send_head(http_req_t *r);

/* the fields of a response's head that may be passed on: how many, of at most
   GT_HTTP1_FIELDS */
unsigned gt_http_pass_fields(const gt_http1_head_t *head, gt_http1_field_t *f);

/* a request that ex, which it owns from now on, has brought; NULL: no memory.
   req_start() may end it before it returns */
http_req_t *gt_http_req_new(const http_conf_t *cf, gt_session_t *ss,
                            gt_exchange_t *ex);
void        gt_http_req_start(http_req_t *r);

/* the one place where a request is released; GT_E_NONE: the response is
   complete.  From an event; the last statement */
void gt_http_req_end(http_req_t *r, gt_err_t why);

/* releases it for a connection that is ending, and ends nothing else */
void gt_http_req_close(http_req_t *r, gt_err_t why);

/* the other end: client and up become a tunnel; takes up.  The last statement
 */
void gt_http_req_tunnel(http_req_t *r, gt_stream_t *up);

/* counts what has moved on the client's connection since the last time */
void gt_http_req_count(http_req_t *r);
void gt_http_conn_count(http_conn_t *hc);

/* its server has ended or given its stream away, and there is no request */
void gt_http_conn_free(http_conn_t *hc);

#endif
