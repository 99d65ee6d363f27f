/*
 * proxy/http/http_decoy.c: decoys: for somebody who may not in and is not to
 * learn that this is a proxy.
 *
 *   code   an answer of ours
 *   file   a page of ours, below
 *   web    a page of another server's: a GET of our own, forwarded
 *   host   another server: the request itself, forwarded
 *
 * The last two go by http_forward.c, straight and never through the chain.
 * Credentials stay here, where GOST's host decoy gets them.
 */

#include "proxy/http/http.h"

#include "net/connect.h"
#include "proto/http1_write.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DECOY_CHUNK = 16384 };


/* --- a file --- */

/* GT_ERROR: it cannot be shown; said in the log */

static int
decoy_open(http_req_t *r, uint64_t *size)
{
    int           fd;
    struct stat   sb;
    const char   *why = NULL;
    gt_log_line_t ln;

    fd = open(r->cf->probe.file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &sb) < 0) {
        why = strerror(errno);

    } else if (!S_ISREG(sb.st_mode)) {
        why = "not a regular file";

    } else if (sb.st_size > GT_HTTP_DECOY_MAX) {
        why = "too large";
    }

    if (!why) {
        r->file = fd;
        *size = (uint64_t) sb.st_size;
        return GT_OK;
    }

    if (fd >= 0) {
        (void) close(fd);
    }

    if (gt_session_log(r->ss, &ln, GT_LOG_ERROR, "probeResist: %s: %s",
                       r->cf->probe.file, why))
    {
        gt_log_end(&ln);
    }

    return GT_ERROR;
}


static void
decoy_late(gt_timer_t *timer)
{
    gt_http_req_end(gt_container_of(timer, http_req_t, timer), GT_E_TIMEOUT);
}


/* more of the file into the pump's chain; GT_ERROR: it has become shorter */

static int
decoy_fill(http_req_t *r)
{
    char    buf[DECOY_CHUNK];
    ssize_t n;

    n = read(r->file, buf, gt_min(r->file_left, (uint64_t) sizeof(buf)));

    if (n <= 0 || gt_chain_push(&r->res.q, buf, (size_t) n) != GT_OK) {
        return GT_ERROR;
    }

    r->file_left -= (uint64_t) n;

    return GT_OK;
}


/* GT_OK: all has left; GT_AGAIN: not now, or others are due */

static int
decoy_move(http_req_t *r, gt_err_t *why)
{
    size_t  moved = 0;
    ssize_t n;

    *why = GT_E_RESET;

    while (r->file_left || r->res.q.len) {
        if (moved >= GT_HTTP_TURN) {
            return GT_AGAIN;
        }

        if (r->res.q.len == 0 && decoy_fill(r) != GT_OK) {
            *why = GT_E_PROTO;
            return GT_ERROR;
        }

        n = gt_stream_send(r->client, &r->res.q);
        if (n <= 0) {
            return (int) n;
        }

        moved += (size_t) n;
    }

    return gt_stream_shutdown(r->client);
}


static void
decoy_send(http_req_t *r)
{
    gt_err_t why;
    int      rc = decoy_move(r, &why);

    if (rc == GT_AGAIN) {
        gt_timer_set(r->ss->loop, &r->timer, GT_HTTP_DECOY_MS, decoy_late);
        gt_stream_want(r->client, GT_EV_OUT);
        return;
    }

    gt_http_req_end(r, rc == GT_OK ? GT_E_NONE : why);
}


static void
decoy_ready(gt_stream_t *st, unsigned ev)
{
    if (ev & GT_EV_ERR) {
        gt_http_req_end(st->owner, st->err);
        return;
    }

    decoy_send(st->owner);
}


static void
decoy_file(http_req_t *r)
{
    char             length[24];
    uint64_t         size;
    gt_http1_field_t f[2];

    if (decoy_open(r, &size) != GT_OK) {
        gt_http_reply(r, GT_HTTP_DECOY);
        return;
    }

    (void) gt_snprintf(length, sizeof(length), "%llu",
                       (unsigned long long) size);

    f[0] = (gt_http1_field_t){ GT_STR("Content-Length"), gt_str_from(length) };
    f[1] = (gt_http1_field_t){ GT_STR("Content-Type"), GT_STR("text/html") };

    if (gt_exchange_respond(r->ex, 200, gt_str_from(NULL), f, 2,
                            GT_EX_CLOSE | GT_EX_DECOY)
        != GT_OK)
    {
        gt_http_req_end(r, GT_E_NOMEM);
        return;
    }

    r->file_left = gt_str_eq(r->ex->method, GT_STR("HEAD")) ? 0 : size;
    gt_stream_own(r->client, r, decoy_ready);
    decoy_send(r);
}


/* --- the others --- */

static void
decoy_code_answer(http_req_t *r)
{
    unsigned flags = GT_EX_FIN | GT_EX_CLOSE | GT_EX_BARE | GT_EX_DECOY;

    if (gt_exchange_respond(r->ex, r->cf->probe.status, gt_str_from(NULL), NULL,
                            0, flags)
        != GT_OK)
    {
        gt_http_req_end(r, GT_E_NOMEM);
        return;
    }

    gt_http_req_end(r, GT_E_NONE);
}


static void
decoy_forward(http_req_t *r)
{
    const gt_http_probe_t *p = &r->cf->probe;

    r->decoy = p->kind;
    r->to = (gt_target_t){ .host = p->host, .port = p->port };

    /* of a page of another server's the client's request is no part */
    r->req.over = p->kind == GT_HTTP_PROBE_WEB;

    gt_http_forward(r);
}


void
gt_http_probe(http_req_t *r)
{
    switch (r->cf->probe.kind) {

    case GT_HTTP_PROBE_CODE: decoy_code_answer(r); break;

    case GT_HTTP_PROBE_FILE: decoy_file(r); break;

    case GT_HTTP_PROBE_WEB:
    case GT_HTTP_PROBE_HOST: decoy_forward(r); break;

    default: gt_http_reply(r, GT_HTTP_DECOY);
    }
}


void
gt_http_probe_dial(http_req_t *r)
{
    gt_connect(r->ss->loop, r->to.host.p, r->to.host.n, r->to.port, NULL,
               &r->op);
}


void
gt_http_probe_head(const http_req_t *r, gt_http1_out_t *o)
{
    const gt_http_probe_t *p = &r->cf->probe;
    bool                   rooted = p->path.n > 0 && p->path.p[0] == '/';

    gt_http1_write_request(o, GT_STR("GET"), gt_str_from(rooted ? "" : "/"),
                           p->path, 1);
    gt_http1_write_field(o, GT_STR("Host"), p->authority);
    gt_http1_write_field(o, GT_STR("User-Agent"), GT_STR("Go-http-client/1.1"));
    gt_http1_write_field(o, GT_STR("Accept-Encoding"), GT_STR("gzip"));
    gt_http1_write_field(o, GT_STR("Connection"), GT_STR("close"));
}
