/*
 * proxy/http/http_rewrite.c: heads as they are passed on, without what was
 * meant for us or for one connection only.
 */

#include "proxy/http/http.h"

#include "proto/http1_write.h"


/* --- to the origin --- */

/* an upgrade that is passed on: HTTP/2 would hide requests from us */

bool
gt_http_upgrades(const http_req_t *r)
{
    return r->ex->upgrade && r->decoy != GT_HTTP_PROBE_WEB
           && !gt_http1_list_has(r->ex->protocol, "h2c");
}


/* fields that are for us: GOST's own, and what gt_http_send_head() writes */

static bool
rewrite_ours(const gt_exchange_t *ex, gt_str_t name)
{
    size_t i;

    static const gt_str_t ours[] = {
        GT_STR_INIT("Host"),        GT_STR_INIT("Content-Length"),
        GT_STR_INIT("Gost-Target"), GT_STR_INIT("X-Gost-Target"),
        GT_STR_INIT("Gost-Record"), GT_STR_INIT("X-Gost-Protocol"),
    };

    for (i = 0; i < gt_nelts(ours); i++) {
        if (gt_str_ieq(name, ours[i])) {
            return true;
        }
    }

    /* of HTTP/1.0 it means nothing, and the origin is asked in 1.1 */
    return !ex->expect_continue && gt_str_ieq(name, GT_STR("Expect"));
}


static gt_http1_body_t
rewrite_framing(const http_req_t *r)
{
    const gt_exchange_t *ex = r->ex;

    if (!ex->has_body || r->decoy == GT_HTTP_PROBE_WEB) {
        return GT_HTTP1_BODY_NONE;
    }

    return ex->has_length ? GT_HTTP1_BODY_LENGTH : GT_HTTP1_BODY_CHUNKED;
}


/* the fields that the connection to the origin needs */

static void
rewrite_write_own(const http_req_t *r, gt_http1_out_t *o)
{
    gt_str_t       connection = GT_STR("Connection");
    gt_exchange_t *ex = r->ex;

    if (ex->has_length) {
        gt_http1_write_length(o, ex->length);

    } else if (ex->has_body) {
        gt_http1_write_field(o, GT_STR("Transfer-Encoding"), GT_STR("chunked"));
    }

    if (gt_http_upgrades(r)) {
        gt_http1_write_field(o, connection, GT_STR("Upgrade"));
        gt_http1_write_field(o, GT_STR("Upgrade"), ex->protocol);

    } else if (!r->cf->keepalive) {
        gt_http1_write_field(o, connection, GT_STR("close"));
    }
}


/* the request as it came, but for what is not the origin's */

static void
rewrite_write(const http_req_t *r, gt_http1_out_t *o)
{
    unsigned                i;
    gt_exchange_t          *ex = r->ex;
    const gt_http1_field_t *f;

    /* only a decoy is asked to CONNECT */
    gt_http1_write_request(o, ex->method, gt_str_from(""),
                           ex->path.n ? ex->path : ex->authority, 1);
    gt_http1_write_field(o, GT_STR("Host"), r->authority);

    for (i = 0; i < ex->n_fields; i++) {
        f = &ex->fields[i];

        if (!rewrite_ours(ex, f->name) && !gt_exchange_is_hop(ex, f->name)) {
            gt_http1_write_field(o, f->name, f->value);
        }
    }

    rewrite_write_own(r, o);
}


int
gt_http_send_head(http_req_t *r)
{
    char           buf[GT_HTTP_HEAD_OUT];
    gt_http1_out_t o;

    gt_http1_write_init(&o, buf, sizeof(buf));

    if (r->decoy == GT_HTTP_PROBE_WEB) {
        gt_http_probe_head(r, &o);
    } else {
        rewrite_write(r, &o);
    }

    if (gt_http1_write_end(&o) != GT_OK) {
        return GT_ERROR;
    }

    return gt_http1_client_request(r->up, buf, o.n, rewrite_framing(r),
                                   r->ex->length);
}


/* --- to the client --- */

unsigned
gt_http_pass_fields(const gt_http1_head_t *head, gt_http1_field_t *f)
{
    unsigned i, n;

    for (i = n = 0; i < head->nfields; i++) {
        if (!gt_http1_field_hop(head, head->fields[i].name)) {
            f[n++] = head->fields[i];
        }
    }

    return n;
}
