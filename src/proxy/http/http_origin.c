/*
 * proxy/http/http_origin.c: connections to origins, from one request of a
 * client, or of another, to the next.
 */

#include "proxy/http/http.h"


static http_keeper_t
origin_keeper(const http_req_t *r)
{
    return (http_keeper_t){ .pool = r->cf->pool,
                            .home = r->conn ? &r->conn->keep : NULL,
                            .user = r->ss->user };
}


/* does a head ask for, or show, credentials that count for a connection? */

static bool
origin_binds(const gt_http1_field_t *f, unsigned n, const char *name)
{
    unsigned i;

    for (i = 0; i < n; i++) {
        if (gt_str_ieq(f[i].name, gt_str_from(name))
            && (gt_str_istarts(f[i].value, GT_STR("NTLM"))
                || gt_str_istarts(f[i].value, GT_STR("Negotiate"))))
        {
            return true;
        }
    }

    return false;
}


void
gt_http_heard(http_req_t *r, const gt_http1_head_t *head)
{
    r->lasts = head->keep_alive;
    r->bound |= origin_binds(head->fields, head->nfields, "WWW-Authenticate");
}


gt_stream_t *
gt_http_kept(http_req_t *r, bool safe)
{
    http_keeper_t k = origin_keeper(r);

    if (!r->cf->keepalive || r->decoy || r->ex->upgrade) {
        return NULL;
    }

    return gt_http_keep_take(&k, &r->to, safe, &r->bound);
}


void
gt_http_keep(http_req_t *r, gt_stream_t *up)
{
    http_keeper_t k = origin_keeper(r);

    r->bound |= origin_binds(r->ex->fields, r->ex->n_fields, "Authorization");

    gt_http_keep_put(&k, up, &r->to, r->bound);
}
