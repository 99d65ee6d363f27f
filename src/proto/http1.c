/*
 * proto/http1.c: finds the end of a head, then its start line and fields.
 *
 * The search looks at every byte once, however the bytes arrive, and refuses
 * at the first one that no head may hold; only a whole head is parsed.
 */

#include "proto/http1.h"
#include "proto/http1_frame.h"

#include <string.h>

/* what a client may send before its request (RFC 9112 2.2), and no more */
#define HTTP1_SKIP 4

static const gt_http1_limits_t http1_defaults = { 32 * 1024, 8 * 1024 };


void
gt_http1_head_init(gt_http1_head_t *head, gt_http1_field_t *fields,
                   unsigned max)
{
    memset(head, 0, sizeof(*head));
    head->fields = fields;
    head->max = max;
}


static int
http1_fail(gt_http1_head_t *head, int status, const char *why)
{
    head->status = status;
    head->why = why;

    return GT_ERROR;
}


/* a line has ended in the LF at i; GT_DONE is the end of the head */
static int
http1_scan_line(gt_http1_head_t *head, size_t i)
{
    bool empty;

    empty = i - head->line_at == 1;
    head->line_at = i + 1;

    if (head->lines > 0) {
        if (empty) {
            return GT_DONE;
        }

        if (head->lines++ > head->max) {
            return http1_fail(head, 431, "too many fields");
        }

        return GT_OK;
    }

    if (!empty) {
        head->lines = 1;
        return GT_OK;
    }

    if (head->skipped++ == HTTP1_SKIP) {
        return http1_fail(head, 400, "empty lines before the start line");
    }

    head->start_at = head->line_at;

    return GT_OK;
}


/* one of the bytes that are not plain text */
static int
http1_scan_control(const uint8_t *p, size_t i, gt_http1_head_t *head)
{
    switch (p[i]) {

    case '\n':
        if (i == head->line_at || p[i - 1] != '\r') {
            return http1_fail(head, 400, "bare LF");
        }

        return http1_scan_line(head, i);

    case '\r':
    case '\t': return GT_OK;

    case '\0': return http1_fail(head, 400, "NUL");

    default: return http1_fail(head, 400, "control character");
    }
}


/* GT_OK when the head is whole: it is then p[start_at, len) */
static int
http1_scan(const uint8_t *p, size_t n, const gt_http1_limits_t *lim,
           gt_http1_head_t *head)
{
    int    rc;
    size_t i;

    for (i = head->scan; i < n; i++) {
        if (i >= lim->head) {
            return http1_fail(head, 431, "head too long");
        }

        if (i > head->line_at && p[i - 1] == '\r' && p[i] != '\n') {
            return http1_fail(head, 400, "bare CR");
        }

        if (head->lines == 0 && i - head->line_at >= lim->line && p[i] != '\r'
            && p[i] != '\n')
        {
            return http1_fail(head, 414, "start line too long");
        }

        if (gt_likely(p[i] >= 0x20 && p[i] != 0x7f)) {
            continue;
        }

        rc = http1_scan_control(p, i, head);

        if (rc == GT_DONE) {
            head->scan = head->len = i + 1;
            return GT_OK;
        }

        if (rc != GT_OK) {
            return rc;
        }
    }

    head->scan = n;

    return GT_AGAIN;
}


/* cuts the next line off *rest; the scan has seen that it ends in CRLF */
static gt_str_t
http1_line(gt_str_t *rest)
{
    size_t      n;
    gt_str_t    line;
    const char *lf;

    lf = memchr(rest->p, '\n', rest->n);
    n = lf != NULL ? (size_t) (lf - rest->p) + 1 : rest->n;

    line = gt_str_make(rest->p, n >= 2 ? n - 2 : 0);
    rest->p += n;
    rest->n -= n;

    return line;
}


/* 0, or the status that says no */
static int
http1_version(gt_str_t s, uint8_t *minor)
{
    if (s.n != 8 || !gt_str_starts(s, GT_STR("HTTP/")) || s.p[5] < '0'
        || s.p[5] > '9' || s.p[6] != '.' || s.p[7] < '0' || s.p[7] > '9')
    {
        return 400;
    }

    if (s.p[5] != '1' || s.p[7] > '1') {
        return 505;
    }

    *minor = (uint8_t) (s.p[7] - '0');

    return 0;
}


/* visible characters, and bytes above 127 that crude clients do not encode */
static bool
http1_target_ok(gt_str_t s)
{
    size_t        i;
    unsigned char c;

    for (i = 0; i < s.n; i++) {
        c = (unsigned char) s.p[i];

        if (c <= 0x20 || c == 0x7f || c == '#') {
            return false;
        }
    }

    return true;
}


static int
http1_request_line(gt_str_t line, gt_http1_head_t *head)
{
    int     status;
    ssize_t first, last;

    first = gt_str_chr(line, ' ');
    last = gt_str_rchr(line, ' ');

    if (first <= 0 || last == first) {
        return http1_fail(head, 400, "malformed request line");
    }

    head->method = gt_str_sub(line, 0, (size_t) first);
    head->target = gt_str_sub(line, (size_t) first + 1, (size_t) last);

    status = http1_version(gt_str_sub(line, (size_t) last + 1, line.n),
                           &head->minor);
    if (status != 0) {
        return http1_fail(head, status, "bad HTTP version");
    }

    if (!gt_http1_token_ok(head->method)) {
        return http1_fail(head, 400, "bad method");
    }

    if (!http1_target_ok(head->target)
        || (head->target.n == 0 && !gt_str_eq(head->method, GT_STR("CONNECT"))))
    {
        return http1_fail(head, 400, "bad request target");
    }

    return GT_OK;
}


static int
http1_status_line(gt_str_t line, gt_http1_head_t *head)
{
    size_t   i;
    gt_str_t code;

    if (line.n < 12 || line.p[8] != ' '
        || http1_version(gt_str_sub(line, 0, 8), &head->minor) != 0)
    {
        return http1_fail(head, 502, "malformed status line");
    }

    code = gt_str_sub(line, 9, 12);

    for (i = 0; i < 3; i++) {
        if (code.p[i] < '0' || code.p[i] > '9') {
            return http1_fail(head, 502, "bad status code");
        }
    }

    if (code.p[0] == '0' || (line.n > 12 && line.p[12] != ' ')) {
        return http1_fail(head, 502, "bad status code");
    }

    head->status =
        (code.p[0] - '0') * 100 + (code.p[1] - '0') * 10 + (code.p[2] - '0');
    head->reason = gt_str_sub(line, 13, line.n);

    return GT_OK;
}


static int
http1_fields(gt_str_t rest, gt_http1_head_t *head)
{
    ssize_t           colon;
    gt_str_t          line;
    gt_http1_field_t *f;

    for (line = http1_line(&rest); line.n > 0; line = http1_line(&rest)) {
        if (line.p[0] == ' ' || line.p[0] == '\t') {
            return http1_fail(head, 400, "folded field");
        }

        colon = gt_str_chr(line, ':');
        if (colon < 0) {
            return http1_fail(head, 400, "field without a colon");
        }

        f = &head->fields[head->nfields];
        f->name = gt_str_sub(line, 0, (size_t) colon);
        f->value = gt_str_trim(gt_str_sub(line, (size_t) colon + 1, line.n));

        if (!gt_http1_token_ok(f->name)) {
            return http1_fail(head, 400, "bad field name");
        }

        head->nfields++;
    }

    return GT_OK;
}


int
gt_http1_request_parse(const uint8_t *p, size_t n, const gt_http1_limits_t *lim,
                       gt_http1_head_t *head)
{
    int      rc;
    gt_str_t rest;

    rc = http1_scan(p, n, lim != NULL ? lim : &http1_defaults, head);
    if (rc != GT_OK) {
        return rc;
    }

    rest = gt_str_make(p + head->start_at, head->len - head->start_at);

    if (http1_request_line(http1_line(&rest), head) != GT_OK
        || http1_fields(rest, head) != GT_OK)
    {
        return GT_ERROR;
    }

    return gt_http1_request_frame(head);
}


int
gt_http1_response_parse(const uint8_t *p, size_t n,
                        const gt_http1_limits_t *lim, gt_str_t method,
                        gt_http1_head_t *head)
{
    int      rc;
    gt_str_t rest;

    rc = http1_scan(p, n, lim != NULL ? lim : &http1_defaults, head);

    if (rc != GT_ERROR && head->skipped > 0) {
        rc = http1_fail(head, 502, "empty line before the status line");
    }

    if (rc == GT_OK) {
        rest = gt_str_make(p, head->len);

        if (http1_status_line(http1_line(&rest), head) != GT_OK
            || http1_fields(rest, head) != GT_OK)
        {
            rc = GT_ERROR;

        } else {
            rc = gt_http1_response_frame(head, method);
        }
    }

    if (rc == GT_ERROR) {
        head->status = 502;
    }

    return rc;
}
