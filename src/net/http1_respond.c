/*
 * net/http1_respond.c: the head of a response on an HTTP/1.1 connection: how
 * its body is framed, and whether the connection goes on.
 */

#include "net/http1_exchange.h"

#include "proto/http1_write.h"

/* what we may add to the fields that another head of the full size gave us */
enum { RESPOND_HEAD = GT_HTTP1_HEAD_MAX + 1024 };


static bool
respond_is(const gt_http1_exchange_t *x, const char *method)
{
    return gt_str_eq(x->ex.method, gt_str_from(method));
}


static bool
respond_tunnel(const gt_http1_exchange_t *x, int status, unsigned flags)
{
    return status / 100 == 2 && !(flags & GT_EX_DECOY)
           && respond_is(x, "CONNECT");
}


/* a response of this status has no body and says no length of one */

static bool
respond_bare(const gt_http1_exchange_t *x, int status, unsigned flags)
{
    return status < 200 || status == 204 || respond_tunnel(x, status, flags);
}


/* fields that are ours to write */

static bool
respond_ours(gt_str_t name)
{
    return gt_str_ieq(name, GT_STR("Connection"))
           || gt_str_ieq(name, GT_STR("Keep-Alive"))
           || gt_str_ieq(name, GT_STR("Transfer-Encoding"))
           || gt_str_ieq(name, GT_STR("Content-Length"));
}


static const gt_http1_field_t *
respond_length(const gt_http1_field_t *f, unsigned n)
{
    unsigned i;

    for (i = 0; i < n; i++) {
        if (gt_str_ieq(f[i].name, GT_STR("Content-Length"))) {
            return &f[i];
        }
    }

    return NULL;
}


/*
 * How the body is framed, with the field that says so; sets x->keep and
 * x->until_close.  GT_ERROR: a length that is none.
 */

static int
respond_framing(gt_http1_exchange_t *x, gt_http1_out_t *o, int status,
                const gt_http1_field_t *length, unsigned flags)
{
    uint64_t        n = 0;
    gt_http1_body_t kind = GT_HTTP1_BODY_LENGTH;

    if (length && !gt_str_u64(length->value, INT64_MAX, &n)) {
        return GT_ERROR;
    }

    if (respond_bare(x, status, flags)) {
        kind = GT_HTTP1_BODY_NONE;
        length = NULL;

    } else if (status == 304 || respond_is(x, "HEAD")) {
        kind = GT_HTTP1_BODY_NONE;

    } else if (flags & GT_EX_FIN) {
        kind = GT_HTTP1_BODY_NONE;

        if (n > 0) {
            return GT_ERROR;
        }

        if (!length && !(flags & GT_EX_BARE)) {
            gt_http1_write_length(o, 0);
        }

    } else if (!length) {
        kind = x->until_close ? GT_HTTP1_BODY_CLOSE : GT_HTTP1_BODY_CHUNKED;
    }

    if (length) {
        gt_http1_write_length(o, n);
    }

    if (length && (flags & GT_EX_DECOY) && (flags & GT_EX_CLOSE)) {
        gt_http1_write_field(o, GT_STR("Connection"), GT_STR("keep-alive"));
    }

    if (kind == GT_HTTP1_BODY_CHUNKED) {
        gt_http1_write_field(o, GT_STR("Transfer-Encoding"), GT_STR("chunked"));
    }

    gt_http1_msg_tx(&x->msg, kind, n);

    return GT_OK;
}


static void
respond_connection(gt_http1_exchange_t *x, gt_http1_out_t *o, int status,
                   const gt_http1_field_t *length, unsigned flags)
{
    gt_str_t connection = GT_STR("Connection");

    if (status == 101) {
        gt_http1_write_field(o, connection, GT_STR("Upgrade"));

    } else if (respond_tunnel(x, status, flags)
               || (length && (flags & GT_EX_DECOY) && (flags & GT_EX_CLOSE)))
    {
        return;

    } else if (!x->keep && !(flags & GT_EX_QUIET)) {
        gt_http1_write_field(o, connection, GT_STR("close"));

    } else if (x->keep && x->ex.minor == 0) {
        gt_http1_write_field(o, connection, GT_STR("keep-alive"));
    }
}


/* may the connection go on, as far as the response is concerned? */

static void
respond_persist(gt_http1_exchange_t *x, const gt_http1_field_t *length,
                unsigned flags)
{
    x->until_close = !(flags & GT_EX_FIN) && !length
                     && (x->ex.minor == 0 || (flags & GT_EX_CLOSE));

    /* who waits with a body does not know whether we will (RFC 9110, 10.1.1) */
    if ((flags & GT_EX_CLOSE) || x->until_close || x->s->draining
        || (x->ex.expect_continue && !x->msg.rx_done))
    {
        x->keep = 0;
    }
}


static int
respond_final(gt_http1_exchange_t *x, gt_http1_out_t *o, int status,
              const gt_http1_field_t *f, unsigned n, unsigned flags)
{
    const gt_http1_field_t *length = respond_length(f, n);

    /* these have no body whatever the flags say */
    if (respond_bare(x, status, flags) || status == 304
        || respond_is(x, "HEAD")) {
        flags |= GT_EX_FIN;
    }

    respond_persist(x, length, flags);
    respond_connection(x, o, status, length, flags);

    return respond_framing(x, o, status, length, flags);
}


int
gt_http1_respond(gt_exchange_t *ex, int status, gt_str_t reason,
                 const gt_http1_field_t *f, unsigned n, unsigned flags)
{
    int                  minor;
    bool                 final = status >= 200 || status == 101;
    char                 buf[RESPOND_HEAD];
    unsigned             i;
    gt_http1_exchange_t *x = gt_container_of(ex, gt_http1_exchange_t, ex);
    gt_http1_out_t       o;

    if (x->responded || !x->msg.lo) {
        return GT_ERROR;
    }

    if (!final && ex->minor == 0) {
        return GT_OK; /* HTTP/1.0 knows no interim responses */
    }

    minor = (flags & GT_EX_BARE) || respond_is(x, "CONNECT") ? 1 : ex->minor;

    gt_http1_write_init(&o, buf, sizeof(buf));
    gt_http1_write_status(&o, minor, status, reason);

    if (final && respond_final(x, &o, status, f, n, flags) != GT_OK) {
        return GT_ERROR;
    }

    for (i = 0; i < n; i++) {
        if (!respond_ours(f[i].name)) {
            gt_http1_write_field(&o, f[i].name, f[i].value);
        }
    }

    if (gt_http1_write_end(&o) != GT_OK) {
        return GT_ERROR;
    }

    x->responded = final;

    return gt_http1_msg_queue(&x->msg, buf, o.n);
}
