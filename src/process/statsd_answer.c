/*
 * process/statsd_answer.c: who may ask the stats process what, and the answer:
 * /status, /healthz and the page with its parts.
 */

#include "process/statsd_impl.h"

#include "process/html.h"
#include "process/status.h"
#include "proto/basicauth.h"
#include "proto/http1_target.h"

#include <string.h>


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
statsd_may(const gt_auth_t *auth, const gt_http1_head_t *h)
{
    bool     good;
    char     buf[GT_BASICAUTH_MAX];
    gt_str_t value, user, pass;

    if (!auth) {
        return true;
    }

    if (!gt_http1_field_find(h, "Authorization", &value)
        || gt_basicauth_parse(value, buf, sizeof(buf), &user, &pass) != GT_OK)
    {
        return false;
    }

    good = gt_auth_check(auth, user, pass);
    explicit_bzero(buf, sizeof(buf));

    return good;
}


gt_statsd_answer_t
gt_statsd_text(int status, const char *text)
{
    return (gt_statsd_answer_t){ .status = status,
                                 .type = "text/plain; charset=utf-8",
                                 .body = gt_str_from(text) };
}


static gt_statsd_answer_t
statsd_status(const gt_statsd_t *sd, char **json)
{
    *json = gt_status_json(sd->lasting, sd->zones, sd->n_zones, sd->master);
    if (!*json) {
        return gt_statsd_text(500, "no memory\n");
    }

    return (gt_statsd_answer_t){ .status = 200,
                                 .type = "application/json",
                                 .body = gt_str_from(*json) };
}


static gt_statsd_answer_t
statsd_refuse(int status, const char *text, const char *extra,
              const char *value)
{
    gt_statsd_answer_t a = gt_statsd_text(status, text);

    a.extra = extra;
    a.value = value;

    return a;
}


/* does a list of entity tags name ours?  Weak ones count (RFC 9110, 13.1.2) */

static bool
statsd_etag_in(gt_str_t list, const char *etag)
{
    gt_str_t part;

    while (gt_str_split(&list, ',', &part)) {
        part = gt_str_trim(part);

        if (gt_str_starts(part, GT_STR("W/"))) {
            part = gt_str_sub(part, 2, part.n);
        }

        if (gt_str_eq(part, GT_STR("*")) || gt_str_eq(part, gt_str_from(etag)))
        {
            return true;
        }
    }

    return false;
}


/* the page and its parts */

static gt_statsd_answer_t
statsd_html(const gt_http1_head_t *h, gt_str_t path)
{
    gt_str_t         tags;
    const gt_html_t *file;

    for (file = gt_html; file->path; file++) {
        if (!gt_str_eq(path, gt_str_from(file->path))) {
            continue;
        }

        if (gt_http1_field_find(h, "If-None-Match", &tags)
            && statsd_etag_in(tags, file->etag))
        {
            return (gt_statsd_answer_t){ .status = 304, .etag = file->etag };
        }

        return (gt_statsd_answer_t){ .status = 200,
                                     .type = file->type,
                                     .etag = file->etag,
                                     .body = gt_str_make(file->p, file->n) };
    }

    return gt_statsd_text(404, "not found\n");
}


static gt_statsd_answer_t
statsd_metrics(gt_statsd_t *sd)
{
    gt_statsd_answer_t a = { .status = 200, .type = GT_METRICS_TYPE };
    gt_metrics_from_t  from = { .lasting = sd->lasting,
                                .zones = sd->zones,
                                .n = sd->n_zones,
                                .master = sd->master,
                                .cpu_ms = &sd->cpu_ms };

    if (sd->n_scrapes >= GT_STATSD_SCRAPES) {
        return statsd_refuse(503, "too many at once\n", "Retry-After", "1");
    }

    a.metrics = gt_metrics_new(&from);

    return a.metrics ? a : gt_statsd_text(500, "no memory\n");
}


/* GOST's endpoint: one path, and who may not read it gets an empty 401 */

static gt_statsd_answer_t
statsd_ask_metrics(const gt_statsd_desk_t *at, const gt_http1_head_t *h,
                   gt_str_t path)
{
    if (!gt_str_eq(path, gt_str_from(at->desk->path))) {
        return gt_statsd_text(404, "404 page not found\n");
    }

    if (!statsd_may(at->desk->auth, h)) {
        return gt_statsd_text(401, "");
    }

    return statsd_metrics(at->sd);
}


gt_statsd_answer_t
gt_statsd_ask(gt_statsd_desk_t *at, const gt_http1_head_t *h, char **json)
{
    gt_str_t           path = h->target;
    ssize_t            query;
    const gt_statsd_t *sd = at->sd;

    gt_statsd_sweep(at->sd);

    /* a unix socket is out of a browser's reach */
    if (!at->desk->path && at->desk->at.addr.len > 0 && h->has_host
        && !gt_statsd_host_ok(h->host, at->desk->at.host))
    {
        return gt_statsd_text(403, "forbidden: unknown Host\n");
    }

    if (!gt_str_eq(h->method, GT_STR("GET"))
        && !gt_str_eq(h->method, GT_STR("HEAD")))
    {
        return statsd_refuse(405, "method not allowed\n", "Allow", "GET, HEAD");
    }

    query = gt_str_chr(path, '?');
    if (query >= 0) {
        path.n = (size_t) query;
    }

    if (at->desk->path) {
        return statsd_ask_metrics(at, h, path);
    }

    if (gt_str_eq(path, GT_STR("/healthz"))) {
        return gt_status_ready(sd->zones, sd->n_zones) > 0
                   ? gt_statsd_text(200, "ok\n")
                   : gt_statsd_text(503, "no worker\n");
    }

    if (!statsd_may(at->desk->auth, h)) {
        return statsd_refuse(401, "unauthorized\n", "WWW-Authenticate",
                             "Basic realm=\"gatun\"");
    }

    if (gt_str_eq(path, GT_STR("/status"))) {
        return statsd_status(sd, json);
    }

    if (gt_str_eq(path, GT_STR("/metrics"))) {
        return statsd_metrics(at->sd);
    }

    return statsd_html(h, path);
}
