/*
 * proto/http1_write.h: writes HTTP/1.x heads into a buffer of the caller.
 *
 * One status or request line, fields, then the end.  Errors stick: after the
 * first, nothing is written and gt_http1_write_end() says GT_ERROR, so the
 * calls between need no check.  CR, LF, NUL and other control characters are
 * refused everywhere: what comes out cannot be split into two messages.
 */

#ifndef GT_PROTO_HTTP1_WRITE_H
#define GT_PROTO_HTTP1_WRITE_H

#include "core/str.h"

typedef struct {
    char  *buf; /* the caller's */
    size_t cap;
    size_t n;        /* written so far; no NUL behind it */
    bool   overflow; /* cap was too small */
    bool   bad;      /* something was refused */
} gt_http1_out_t;

void gt_http1_write_init(gt_http1_out_t *o, char *buf, size_t cap);

/* METHOD SP target SP HTTP/1.minor; target is root and path one after another,
 * either may be empty, as GOST's UDP CONNECT wants */
int gt_http1_write_request(gt_http1_out_t *o, gt_str_t method, gt_str_t root,
                           gt_str_t path, int minor);

/* HTTP/1.minor SP status SP reason; reason with p NULL is the standard one */
int gt_http1_write_status(gt_http1_out_t *o, int minor, int status,
                          gt_str_t reason);

/* name: value */
int gt_http1_write_field(gt_http1_out_t *o, gt_str_t name, gt_str_t value);

/* Content-Length: length */
int gt_http1_write_length(gt_http1_out_t *o, uint64_t length);

/* the empty line; GT_OK means that buf[0..n) is a whole head */
int gt_http1_write_end(gt_http1_out_t *o);

#endif
