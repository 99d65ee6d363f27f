/*
 * process/fetch_http.c: one GET for a configuration, and the redirections that
 * it leads to; blocking, for a process that does nothing else.
 *
 * One deadline is over all of it but the resolver, which knows none: whoever
 * started the process ends it.
 */

#include "process/fetch_impl.h"

#include "core/enc.h"
#include "core/mem.h"
#include "gt_auto_config.h"
#include "proto/basicauth.h"
#include "proto/http1.h"
#include "proto/http1_chunk.h"

#include <string.h>

enum { FETCH_REDIRECTS = 10 }; /* as Go's client */

typedef struct {
    gt_fetch_conn_t c;
    gt_fetch_url_t  url, next; /* next: where a redirection leads */
    bool            again;     /* redirected */
    bool            same;      /* to where the credentials belong, too */
    char            auth[GT_BASICAUTH_MAX * 2]; /* "Basic ...", or "" */
    gt_fetched_t   *out;
    size_t          room; /* of out->text */
} fetch_t;


/* --- the request --- */

static int
fetch_auth(fetch_t *f)
{
    char     user[GT_BASICAUTH_MAX], pass[GT_BASICAUTH_MAX];
    ssize_t  n, m = 0, at;
    gt_str_t s = f->url.userinfo;

    if (s.n == 0) {
        if (!f->same) {
            f->auth[0] = '\0';
        }

        return GT_OK;
    }

    at = gt_str_chr(s, ':');
    n = gt_percent_decode(gt_str_sub(s, 0, at < 0 ? s.n : (size_t) at), user,
                          sizeof(user), false);
    if (at >= 0) {
        m = gt_percent_decode(gt_str_sub(s, (size_t) at + 1, s.n), pass,
                              sizeof(pass), false);
    }

    if (n >= 0 && m >= 0) {
        n = gt_basicauth_write(gt_str_make(user, (size_t) n),
                               gt_str_make(pass, (size_t) m), f->auth,
                               sizeof(f->auth) - 1);
    }

    if (n < 0 || m < 0) {
        return gt_fetch_fail(&f->c, "the user or password of the URL is none");
    }

    f->auth[n] = '\0';

    return GT_OK;
}


static int
fetch_request(fetch_t *f)
{
    int    rc;
    char  *text;
    size_t n, size = GT_FETCH_URL * 2 + sizeof(f->auth) + 256;

    if (fetch_auth(f) != GT_OK) {
        return GT_ERROR;
    }

    text = gt_alloc(size);
    if (!text) {
        return gt_fetch_fail(&f->c, "no memory");
    }

    n = gt_snprintf(text, size,
                    "GET %s%.*s HTTP/1.1\r\nHost: %.*s\r\n"
                    "User-Agent: gatun/" GT_VERSION "\r\n%s%s%s"
                    "Accept-Encoding: identity\r\nConnection: close\r\n\r\n",
                    gt_str_starts(f->url.target, GT_STR("/")) ? "" : "/",
                    GT_STR_ARG(f->url.target), GT_STR_ARG(f->url.authority),
                    f->auth[0] ? "Authorization: " : "", f->auth,
                    f->auth[0] ? "\r\n" : "");

    rc = gt_fetch_send(&f->c, text, n);
    gt_free(text);

    return rc;
}


/* --- the answer --- */

/* into head; what is left in buf is the body's */
static int
fetch_head(fetch_t *f, gt_http1_head_t *head, gt_http1_field_t *fields)
{
    int rc;

    gt_http1_head_init(head, fields, GT_HTTP1_FIELDS);

    for (;;) {
        rc = gt_http1_response_parse(f->c.buf, f->c.n, NULL, GT_STR("GET"),
                                     head);

        if (rc == GT_ERROR) {
            return gt_fetch_fail(&f->c, "not an HTTP answer: %s", head->why);
        }

        if (rc == GT_OK && head->status >= 200) {
            return GT_OK;
        }

        if (rc == GT_OK) { /* 1xx: the answer is still to come */
            memmove(f->c.buf, f->c.buf + head->len, f->c.n - head->len);
            f->c.n -= head->len;
            gt_http1_head_init(head, fields, GT_HTTP1_FIELDS);
            continue;
        }

        rc = gt_fetch_recv(&f->c);
        if (rc != GT_OK) {
            return rc == GT_ERROR
                       ? GT_ERROR
                       : gt_fetch_fail(&f->c, "the answer ends early");
        }
    }
}


static int
fetch_take(fetch_t *f, const uint8_t *p, size_t n)
{
    char         *more;
    gt_fetched_t *out = f->out;

    if (out->n + n > GT_SOURCE_BYTES) {
        return gt_fetch_fail(&f->c, "is larger than %d MiB",
                             GT_SOURCE_BYTES >> 20);
    }

    if (out->n + n + 1 > f->room) {
        f->room = gt_max(f->room * 2, out->n + n + 1);
        more = gt_realloc(out->text, f->room);
        if (!more) {
            return gt_fetch_fail(&f->c, "no memory");
        }

        out->text = more;
    }

    memcpy(out->text + out->n, p, n);
    out->n += n;
    out->text[out->n] = '\0';

    return GT_OK;
}


/* what is in buf; GT_DONE: the body has ended */
static int
fetch_chunks(fetch_t *f, gt_http1_chunk_t *d)
{
    int             rc;
    size_t          at = 0;
    gt_http1_span_t span;

    do {
        rc = gt_http1_chunk_decode(d, f->c.buf + at, f->c.n - at, &span);
        at += span.used;

        if (rc == GT_OK && !span.trailer
            && fetch_take(f, span.data, span.n) != GT_OK) {
            return GT_ERROR;
        }
    } while (rc == GT_OK);

    f->c.n = 0;

    return rc == GT_ERROR ? gt_fetch_fail(&f->c, "a broken chunk") : rc;
}


static int
fetch_plain(fetch_t *f, const gt_http1_head_t *head)
{
    size_t n = f->c.n;

    if (head->body == GT_HTTP1_BODY_LENGTH) {
        n = (size_t) gt_min((uint64_t) n, head->length - f->out->n);
    }

    f->c.n = 0;

    if (fetch_take(f, f->c.buf, n) != GT_OK) {
        return GT_ERROR;
    }

    return head->body == GT_HTTP1_BODY_LENGTH && f->out->n == head->length
               ? GT_DONE
               : GT_AGAIN;
}


static int
fetch_body(fetch_t *f, const gt_http1_head_t *head)
{
    int              rc;
    gt_http1_chunk_t d;

    gt_http1_chunk_init(&d);

    if (head->has_length && head->length > GT_SOURCE_BYTES) {
        return gt_fetch_fail(&f->c, "is larger than %d MiB",
                             GT_SOURCE_BYTES >> 20);
    }

    if (head->body == GT_HTTP1_BODY_NONE) {
        return GT_OK;
    }

    for (;;) {
        rc = head->body == GT_HTTP1_BODY_CHUNKED ? fetch_chunks(f, &d)
                                                 : fetch_plain(f, head);
        if (rc != GT_AGAIN) {
            return rc == GT_DONE ? GT_OK : GT_ERROR;
        }

        rc = gt_fetch_recv(&f->c);

        if (rc == GT_DONE) {
            return head->body == GT_HTTP1_BODY_CLOSE
                       ? GT_OK
                       : gt_fetch_fail(&f->c, "the answer ends early");
        }

        if (rc != GT_OK) {
            return GT_ERROR;
        }
    }
}


/* the Content-Type, or else how the path ends */
static int
fetch_format(fetch_t *f, const gt_http1_head_t *head, gt_str_t path)
{
    gt_str_t type = GT_STR(""), word = GT_STR("");

    if (gt_http1_field_find(head, "Content-Encoding", &type)
        && !gt_str_ieq(type, GT_STR("identity")) && type.n > 0)
    {
        return gt_fetch_fail(&f->c,
                             "it is compressed, which nobody has asked for");
    }

    if (gt_http1_field_find(head, "Content-Type", &type)) {
        (void) gt_str_split(&type, ';', &word);
        word = gt_str_trim(word);
    }

    if (gt_str_find(word, GT_STR("toml")) >= 0) {
        return gt_fetch_fail(&f->c, "TOML is not supported");
    }

    /* the page of somebody in between, a login above all */
    if (gt_str_ieq(word, GT_STR("text/html"))) {
        return gt_fetch_fail(&f->c, "it is a page, text/html");
    }

    f->out->json = gt_str_find(word, GT_STR("json")) >= 0;

    if (f->out->json || gt_str_find(word, GT_STR("yaml")) >= 0) {
        return GT_OK;
    }

    if (gt_str_ends(path, GT_STR(".toml"))) {
        return gt_fetch_fail(&f->c, "TOML is not supported");
    }

    f->out->json = gt_str_ends(path, GT_STR(".json"));

    return GT_OK;
}


static int
fetch_redirect(fetch_t *f, const gt_http1_head_t *head)
{
    gt_str_t    to;
    const char *why;

    if (!gt_http1_field_find(head, "Location", &to)) {
        return gt_fetch_fail(&f->c, "%d without a Location", head->status);
    }

    if (gt_fetch_url_resolve(&f->next, &f->url, to, &why) != GT_OK) {
        return gt_fetch_fail(&f->c, "a redirection: %s", why);
    }

    f->again = true;

    return GT_OK;
}


static int
fetch_answer(fetch_t *f, gt_str_t path)
{
    gt_http1_head_t  head;
    gt_http1_field_t fields[GT_HTTP1_FIELDS];

    f->c.n = 0;
    if (fetch_head(f, &head, fields) != GT_OK) {
        return GT_ERROR;
    }

    switch (head.status) {
    case 200: break;

    case 301:
    case 302:
    case 303:
    case 307:
    case 308: return fetch_redirect(f, &head);

    default:
        return gt_fetch_fail(&f->c, "status %d %s", head.status,
                             gt_http1_reason(head.status));
    }

    if (fetch_format(f, &head, path) != GT_OK) {
        return GT_ERROR;
    }

    memmove(f->c.buf, f->c.buf + head.len, f->c.n - head.len);
    f->c.n -= head.len;

    return fetch_body(f, &head);
}


static int
fetch_run(fetch_t *f, const char *url)
{
    int         i, rc = GT_OK;
    gt_str_t    path;
    const char *why;

    if (gt_fetch_url_parse(&f->url, gt_str_from(url), &why) != GT_OK) {
        return gt_fetch_fail(&f->c, "%s", why);
    }

    path = gt_str_from(url); /* the first one's name tells the format */
    path = gt_str_sub(path, 0,
                      (size_t) (f->url.path.p - f->url.text) + f->url.path.n);

    for (i = 0; rc == GT_OK; i++) {
        f->again = false;
        rc = gt_fetch_dial(&f->c, &f->url);
        rc = rc == GT_OK ? fetch_request(f) : rc;
        rc = rc == GT_OK ? fetch_answer(f, path) : rc;
        gt_fetch_close(&f->c);

        if (rc != GT_OK || !f->again) {
            break;
        }

        if (i == FETCH_REDIRECTS) {
            return gt_fetch_fail(&f->c, "stopped after %d redirections",
                                 FETCH_REDIRECTS);
        }

        f->same = gt_str_ieq(f->next.authority, f->url.authority);
        (void) gt_fetch_url_parse(&f->url, gt_str_from(f->next.text), &why);
    }

    return rc;
}


void
gt_fetch_http(const char *url, unsigned ms, gt_fetched_t *out)
{
    fetch_t *f = gt_calloc(sizeof(*f));

    memset(out, 0, sizeof(*out));

    if (!f) {
        out->why = gt_strdup("no memory");
        return;
    }

    f->c.fd = -1;
    f->out = out;
    f->c.ms = ms;
    f->c.until = gt_fetch_now_ms() + ms;

    if (fetch_run(f, url) != GT_OK) {
        gt_free(out->text);
        out->text = NULL;
        out->n = 0;
        out->why = gt_strdup(f->c.why);
    }

    gt_free(f);
}
