/*
 * proxy/http/http_reply.c: the answers of our own, in the bytes of GOST.
 *
 * A status line, Connection: close, the framing, then the other fields sorted
 * by name.  The connection is closed after each of them.
 */

#include "proxy/http/http.h"

#include "policy/guard.h"

typedef struct {
    int      status;
    unsigned flags;
    bool     agent; /* with Proxy-Agent */
    bool     extra; /* with the fields of the header option */
} reply_t;

enum {
    REPLY_BARE = GT_EX_FIN | GT_EX_CLOSE | GT_EX_BARE,
    REPLY_QUIET = GT_EX_FIN | GT_EX_CLOSE | GT_EX_QUIET
};

/* clang-format off */
static const reply_t replies[GT_HTTP_REPLIES] = {
    [GT_HTTP_BAD] =          { 400, REPLY_BARE,  false, true },
    [GT_HTTP_NO_AUTH] =      { 407, REPLY_BARE,  false, true },
    [GT_HTTP_SHED] =         { 429, REPLY_BARE,  false, true },
    [GT_HTTP_NO_UDP] =       { 403, REPLY_QUIET, false, true },
    [GT_HTTP_DENIED] =       { 403, REPLY_BARE,  true,  true },
    [GT_HTTP_DENIED_LATER] = { 403, REPLY_QUIET, false, true },
    [GT_HTTP_NO_CONNECT] =   { 503, REPLY_BARE,  true,  true },
    [GT_HTTP_NO_UPSTREAM] =  { 503, REPLY_QUIET, false, true },
    [GT_HTTP_SLOW] =         { 408, REPLY_BARE,  false, true },
    [GT_HTTP_DECOY] =        { 503, REPLY_BARE,  false, false },
};
/* clang-format on */


/* the header map may name Proxy-Agent itself */

unsigned
gt_http_own_fields(const http_req_t *r, bool agent, gt_http1_field_t *f)
{
    unsigned           i, n = 0;
    const http_conf_t *cf = r->cf;

    agent = agent && cf->agent[0] != '\0';

    for (i = 0; i < cf->n_fields; i++) {
        agent &= !gt_str_ieq(cf->fields[i].name, GT_STR("Proxy-Agent"));
        gt_http_add(f, &n, cf->fields[i].name, cf->fields[i].value);
    }

    if (agent) {
        gt_http_add(f, &n, GT_STR("Proxy-Agent"), gt_str_from(cf->agent));
    }

    return n;
}


/* 407 says it in the client's own word, too */

static void
reply_challenge(const http_req_t *r, gt_http1_field_t *f, unsigned *n)
{
    gt_str_t value;

    gt_http_add(f, n, GT_STR("Proxy-Authenticate"),
                gt_str_from(r->cf->challenge));

    if (gt_exchange_field(r->ex, "Proxy-Connection", &value)
        && gt_str_ieq(value, GT_STR("keep-alive")))
    {
        gt_http_add(f, n, GT_STR("Proxy-Connection"), GT_STR("close"));
    }
}


void
gt_http_reply(http_req_t *r, http_reply_t what)
{
    char             wait[24];
    unsigned         n = 0;
    const reply_t   *e = &replies[r->decoy ? GT_HTTP_DECOY : what];
    gt_http1_field_t f[GT_HTTP_REPLY_FIELDS];

    if (e->extra) {
        n = gt_http_own_fields(r, e->agent, f);
    }

    if (e->status == 407) {
        reply_challenge(r, f, &n);
    }

    if (e->status == 429) {
        (void) gt_snprintf(wait, sizeof(wait), "%llu",
                           (unsigned long long) gt_guard_wait(r->ss->guard)
                                   / 1000
                               + 1);
        gt_http_add(f, &n, GT_STR("Retry-After"), gt_str_from(wait));
    }

    if (gt_exchange_respond(r->ex, e->status, gt_str_from(NULL), f, n, e->flags)
        != GT_OK)
    {
        gt_http_req_end(r, GT_E_NOMEM);
        return;
    }

    gt_http_req_end(r, GT_E_NONE);
}


void
gt_http_no_way(http_req_t *r, gt_err_t why)
{
    bool connect = gt_str_eq(r->ex->method, GT_STR("CONNECT"));

    if (why != GT_E_DENIED) {
        gt_http_reply(r, connect ? GT_HTTP_NO_CONNECT : GT_HTTP_NO_UPSTREAM);

    } else if (r->conn && r->conn->srv.served > 1) {
        gt_http_reply(r, GT_HTTP_DENIED_LATER);

    } else {
        gt_http_reply(r, GT_HTTP_DENIED);
    }
}
