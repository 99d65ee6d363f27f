/*
 * proto/basicauth.h: HTTP Basic credentials (RFC 7617).
 */

#ifndef GT_PROTO_BASICAUTH_H
#define GT_PROTO_BASICAUTH_H

#include "core/str.h"

/* what a value may decode to: user, colon and password together */
#define GT_BASICAUTH_MAX 1024

/*
 * Takes apart the value of an Authorization or Proxy-Authorization field:
 * "Basic" in any case, blanks, padded base64 of user:pass.  The decoded bytes
 * go to buf, user and pass point into it; the first colon divides them.
 * GT_ERROR: another scheme, bad base64, no colon, a control character
 * (RFC 7617 2), more than size or GT_BASICAUTH_MAX bytes.  Wipe buf when done.
 */
int gt_basicauth_parse(gt_str_t value, char *buf, size_t size, gt_str_t *user,
                       gt_str_t *pass);

/*
 * Writes "Basic ..." for a client.  Returns the bytes written, without a NUL,
 * or GT_ERROR: a colon in user, a control character, or it does not fit.
 */
ssize_t gt_basicauth_write(gt_str_t user, gt_str_t pass, char *out,
                           size_t size);

/*
 * Are the two the same?  The time depends on the length of given, which its
 * sender knows, and not on want or on where the two differ.
 */
bool gt_basicauth_same(gt_str_t given, gt_str_t want);

#endif
