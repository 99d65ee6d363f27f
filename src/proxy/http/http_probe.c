/*
 * proxy/http/http_probe.c: the probeResist and knock options.
 */

#include "proxy/http/http_probe.h"

#include "core/log.h"
#include "proto/http1.h"
#include "proto/http1_target.h"

#include <string.h>


static int
probe_web(gt_str_t url, gt_http_probe_t *p, const char **why)
{
    size_t            i;
    gt_http1_target_t t;

    if (gt_str_istarts(url, GT_STR("https://"))) {
        *why = "probeResist: https is not built yet, http is";
        return GT_ERROR;
    }

    if (gt_str_istarts(url, GT_STR("http://"))) {
        url = gt_str_sub(url, 7, url.n);
    }

    for (i = 0; i < url.n && !strchr("/?#", url.p[i]); i++) {
        /* the authority ends there */
    }

    p->authority = gt_str_sub(url, 0, i);
    p->path = gt_str_sub(url, i, url.n);

    if (gt_str_chr(p->path, '#') >= 0) {
        p->path.n = (size_t) gt_str_chr(p->path, '#');
    }

    if (gt_http1_hostport_parse(p->authority, false, &t) != GT_OK
        || !gt_http1_text_ok(p->path) || gt_str_chr(p->path, ' ') >= 0)
    {
        *why = "probeResist: web wants a URL";
        return GT_ERROR;
    }

    p->host = t.host;
    p->port = t.has_port ? t.port : 80;

    return GT_OK;
}


static int
probe_host(gt_str_t value, gt_http_probe_t *p, const char **why)
{
    gt_http1_target_t t;

    if (gt_http1_hostport_parse(value, true, &t) != GT_OK || !t.has_port) {
        *why = "probeResist: host wants host:port";
        return GT_ERROR;
    }

    p->host = t.host;
    p->port = t.port;

    return GT_OK;
}


/* what GOST answers with 503 is no error here either, but it is said */

static int
probe_odd(gt_http_probe_t *p, const char *text)
{
    gt_warn("probeResist=%s: want code:N, web:URL, host:HOST:PORT or"
            " file:PATH; the answer will be 503",
            text);
    p->kind = GT_HTTP_PROBE_ODD;

    return GT_OK;
}


static int
probe_code(gt_http_probe_t *p, gt_str_t value, const char *text,
           const char **why)
{
    uint64_t n;

    if (!gt_str_u64(value, INT32_MAX, &n)) {
        return probe_odd(p, text);
    }

    if (n == 0) {
        p->kind = GT_HTTP_PROBE_NONE; /* the 407 that it would be without */
        return GT_OK;
    }

    if (n < 200 || n > 999) {
        *why = "probeResist: code wants a status from 200 to 999";
        return GT_ERROR;
    }

    p->status = (int) n;

    return GT_OK;
}


int
gt_http_probe_parse(const char *text, gt_http_probe_t *p, const char **why)
{
    size_t   i;
    ssize_t  at;
    gt_str_t s = gt_str_from(text), type, value;

    static const gt_str_t types[] = {
        [GT_HTTP_PROBE_CODE] = GT_STR_INIT("code"),
        [GT_HTTP_PROBE_FILE] = GT_STR_INIT("file"),
        [GT_HTTP_PROBE_WEB] = GT_STR_INIT("web"),
        [GT_HTTP_PROBE_HOST] = GT_STR_INIT("host"),
    };

    memset(p, 0, sizeof(*p));

    if (s.n == 0) {
        return GT_OK;
    }

    at = gt_str_chr(s, ':');
    type = gt_str_sub(s, 0, at < 0 ? s.n : (size_t) at);
    value = gt_str_sub(s, at < 0 ? s.n : (size_t) at + 1, s.n);

    for (i = GT_HTTP_PROBE_CODE; i < gt_nelts(types); i++) {
        if (at >= 0 && gt_str_eq(type, types[i])) {
            break;
        }
    }

    p->kind = (gt_http_probe_kind_t) i;

    switch (p->kind) {

    case GT_HTTP_PROBE_CODE: return probe_code(p, value, text, why);

    case GT_HTTP_PROBE_FILE: p->file = value.p; return GT_OK;

    case GT_HTTP_PROBE_WEB: return probe_web(value, p, why);

    case GT_HTTP_PROBE_HOST: return probe_host(value, p, why);

    default: return probe_odd(p, text);
    }
}


bool
gt_http_knocks(const char *list, gt_str_t host)
{
    gt_str_t rest = gt_str_from(list), part;

    while (host.n > 0 && gt_str_split(&rest, ',', &part)) {
        if (gt_str_ieq(gt_str_trim(part), host)) {
            return true;
        }
    }

    return false;
}
