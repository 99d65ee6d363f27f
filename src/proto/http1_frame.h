/*
 * proto/http1_frame.h: from a parsed head to its meaning for the connection:
 * where the body ends (RFC 9112 6.3), whether the connection persists (9.3).
 * Between http1.c and http1_frame.c only.
 */

#ifndef GT_PROTO_HTTP1_FRAME_H
#define GT_PROTO_HTTP1_FRAME_H

#include "proto/http1.h"

/*
 * Fill in host, body, length and the flags of a head whose start line and
 * fields are known.  GT_OK, or GT_ERROR with status and why set.
 */
int gt_http1_request_frame(gt_http1_head_t *head);
int gt_http1_response_frame(gt_http1_head_t *head, gt_str_t method);

#endif
