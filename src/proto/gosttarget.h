/*
 * proto/gosttarget.h: GOST's Gost-Target field, which says where a request is
 * for in place of the request itself.  Pure.
 */

#ifndef GT_PROTO_GOSTTARGET_H
#define GT_PROTO_GOSTTARGET_H

#include "core/str.h"

enum { GT_GOSTTARGET_MAX = 264 /* host:port */ };

/*
 * base64url(CRC-32 of text, base64url(text)) without padding: the text goes to
 * buf, size bytes, and *text points into it.  GT_ERROR: it is anything else.
 */
int gt_gosttarget_parse(gt_str_t value, char *buf, size_t size, gt_str_t *text);

#endif
