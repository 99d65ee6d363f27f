/*
 * proxy/http/http_auth.c: who asks, and what those get who may not.
 *
 * Each request is asked, not each connection.  Credentials that were wrong get
 * their answer a little later: the request waits, and nothing else does.
 */

#include "proxy/http/http.h"

#include "policy/guard.h"
#include "policy/login.h"
#include "proto/basicauth.h"

#include <string.h>


/* the field, or false: there is none, or more than one, which a reader in front
   of us may have understood otherwise; *given: at least one */

static bool
auth_field(const gt_exchange_t *ex, gt_str_t *value, bool *given)
{
    unsigned i, n = 0;

    for (i = 0; i < ex->n_fields; i++) {
        if (gt_str_ieq(ex->fields[i].name, GT_STR("Proxy-Authorization"))) {
            *value = ex->fields[i].value;
            n++;
        }
    }

    *given = n > 0;

    return n == 1;
}


gt_login_t
gt_http_login(http_req_t *r)
{
    bool       given;
    char       buf[GT_BASICAUTH_MAX];
    gt_str_t   value, user, pass;
    gt_login_t rc;

    if (!r->ss->auth) {
        return GT_LOGIN_IN;
    }

    user = pass = gt_str_from("");

    /* what cannot be read counts as nobody */
    if (!auth_field(r->ex, &value, &given)
        || gt_basicauth_parse(value, buf, sizeof(buf), &user, &pass) != GT_OK)
    {
        user = pass = gt_str_from("");
    }

    rc = gt_login(r->ss, given, user, pass);

    explicit_bzero(buf, sizeof(buf));

    return rc;
}


void
gt_http_login_release(http_req_t *r)
{
    if (r->delayed) {
        r->delayed = false;
        gt_guard_waited(r->ss->guard);
    }
}


static void
auth_late(gt_timer_t *timer)
{
    gt_http_reply(gt_container_of(timer, http_req_t, timer), GT_HTTP_NO_AUTH);
}


/* nothing is wanted: only a reset can come */

static void
auth_client_ready(gt_stream_t *st, unsigned ev)
{
    if (ev & GT_EV_ERR) {
        gt_http_req_end(st->owner, st->err);
    }
}


/* does the request itself, without Gost-Target, name a host of the list? */

static bool
auth_knocks(const http_req_t *r)
{
    gt_http1_target_t    t;
    const gt_exchange_t *ex = r->ex;

    if (ex->scheme.n == 0 && !gt_str_eq(ex->method, GT_STR("CONNECT"))) {
        return false;
    }

    return r->cf->knock
           && gt_http1_hostport_parse(ex->authority, false, &t) == GT_OK
           && gt_http_knocks(r->cf->knock, t.host);
}


void
gt_http_refuse(http_req_t *r, gt_login_t why)
{
    uint64_t ms = 0;

    if (r->cf->probe.kind != GT_HTTP_PROBE_NONE && !auth_knocks(r)) {
        gt_http_probe(r);
        return;
    }

    if (why == GT_LOGIN_SHED) {
        gt_http_reply(r, GT_HTTP_SHED);
        return;
    }

    if (why == GT_LOGIN_WRONG && r->ss->guard) {
        ms = gt_guard_delay(r->ss->guard);
    }

    if (ms == 0) {
        gt_http_reply(r, GT_HTTP_NO_AUTH);
        return;
    }

    r->delayed = true;
    gt_stream_own(r->client, r, auth_client_ready);
    gt_timer_set(r->ss->loop, &r->timer, ms, auth_late);
}
