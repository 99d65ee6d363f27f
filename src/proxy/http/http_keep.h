/*
 * proxy/http/http_keep.h: the connection to an origin that a client's
 * connection keeps between two of its requests.
 *
 * It is the client's own, shared with nobody: what an origin ties to a
 * connection stays with the client that caused it.
 */

#ifndef GT_PROXY_HTTP_HTTP_KEEP_H
#define GT_PROXY_HTTP_HTTP_KEEP_H

#include "module/target.h"
#include "net/stream.h"

enum { GT_HTTP_KEEP_MS = 30000 /* as long as GOST's pool */ };

typedef struct http_keep http_keep_t;

/* takes st, in place of what *k kept; closes it when it cannot be kept */
void gt_http_keep_put(http_keep_t **k, gt_stream_t *st, const gt_target_t *to);

/* the connection to that target, the caller's now; NULL: there is none */
gt_stream_t *gt_http_keep_take(http_keep_t **k, const gt_target_t *to);

/* closes what is kept, if anything */
void gt_http_keep_drop(http_keep_t **k);

#endif
