/*
 * proto/http1_write.c: writes heads that cannot be split.
 */

#include "proto/http1_write.h"
#include "proto/http1.h"

#include <string.h>


void
gt_http1_write_init(gt_http1_out_t *o, char *buf, size_t cap)
{
    memset(o, 0, sizeof(*o));
    o->buf = buf;
    o->cap = cap;
}


static int
write_rc(const gt_http1_out_t *o)
{
    return o->bad || o->overflow ? GT_ERROR : GT_OK;
}


static void
write_str(gt_http1_out_t *o, gt_str_t s)
{
    if (o->bad || o->overflow || s.n == 0) {
        return;
    }

    if (s.n > o->cap - o->n) {
        o->overflow = true;
        return;
    }

    memcpy(o->buf + o->n, s.p, s.n);
    o->n += s.n;
}


static int
write_bad(gt_http1_out_t *o)
{
    o->bad = true;

    return GT_ERROR;
}


/* no blank either: it would end the target */
static bool
write_target_ok(gt_str_t s)
{
    return gt_http1_text_ok(s) && gt_str_chr(s, ' ') < 0
           && gt_str_chr(s, '\t') < 0;
}


static gt_str_t
write_version(int minor)
{
    return minor == 0 ? GT_STR("HTTP/1.0") : GT_STR("HTTP/1.1");
}


int
gt_http1_write_request(gt_http1_out_t *o, gt_str_t method, gt_str_t root,
                       gt_str_t path, int minor)
{
    if (!gt_http1_token_ok(method) || !write_target_ok(root)
        || !write_target_ok(path))
    {
        return write_bad(o);
    }

    write_str(o, method);
    write_str(o, GT_STR(" "));
    write_str(o, root);
    write_str(o, path);
    write_str(o, GT_STR(" "));
    write_str(o, write_version(minor));
    write_str(o, GT_STR("\r\n"));

    return write_rc(o);
}


int
gt_http1_write_status(gt_http1_out_t *o, int minor, int status, gt_str_t reason)
{
    char code[8];

    if (reason.p == NULL) {
        reason = gt_str_from(gt_http1_reason(status));
    }

    if (status < 100 || status > 999 || !gt_http1_text_ok(reason)) {
        return write_bad(o);
    }

    write_str(o, write_version(minor));
    write_str(o, gt_str_make(code,
                             gt_snprintf(code, sizeof(code), " %d ", status)));
    write_str(o, reason);
    write_str(o, GT_STR("\r\n"));

    return write_rc(o);
}


int
gt_http1_write_field(gt_http1_out_t *o, gt_str_t name, gt_str_t value)
{
    if (!gt_http1_token_ok(name) || !gt_http1_text_ok(value)) {
        return write_bad(o);
    }

    write_str(o, name);
    write_str(o, GT_STR(": "));
    write_str(o, value);
    write_str(o, GT_STR("\r\n"));

    return write_rc(o);
}


int
gt_http1_write_length(gt_http1_out_t *o, uint64_t length)
{
    char   text[24];
    size_t n;

    n = gt_snprintf(text, sizeof(text), "%llu", (unsigned long long) length);

    return gt_http1_write_field(o, GT_STR("Content-Length"),
                                gt_str_make(text, n));
}


int
gt_http1_write_end(gt_http1_out_t *o)
{
    write_str(o, GT_STR("\r\n"));

    return write_rc(o);
}
