/*
 * proxy/http/http_keep.h: connections to origins, kept between requests.
 *
 * Those of a service are in a pool of its worker, each for requests of the
 * user that it was made for.  An origin may tie something to a connection, as
 * NTLM and Negotiate do: such a one is bound, never gets into the pool, and
 * stays with the client that caused it.
 */

#ifndef GT_PROXY_HTTP_HTTP_KEEP_H
#define GT_PROXY_HTTP_HTTP_KEEP_H

#include "core/list.h"
#include "module/target.h"
#include "net/stream.h"

enum {
    GT_HTTP_KEEP_MS = 30000, /* as long as GOST's pool */
    GT_HTTP_KEEP_EACH = 2,   /* for a target and a user: as many as GOST's */
    GT_HTTP_KEEP_ALL = 256   /* in a pool */
};

typedef struct http_keep http_keep_t;

typedef struct {
    gt_list_t idle; /* of http_keep_t, ours; the oldest first */
    unsigned  n;    /* GT_HTTP_KEEP_ALL at most */
} http_pool_t;

/* made by the module in each worker, and all of it closed; NULL: no memory */
http_pool_t *gt_http_pool_new(void);
void         gt_http_pool_free(http_pool_t *pool);

/* whose connection */
typedef struct {
    http_pool_t  *pool; /* NULL: there is none */
    http_keep_t **home; /* the client's own, for one that is bound; or NULL */
    const char   *user; /* NULL: nobody */
} http_keeper_t;

/* takes st; closes it when it cannot be kept */
void gt_http_keep_put(const http_keeper_t *k, gt_stream_t *st,
                      const gt_target_t *to, bool bound);

/*
 * A connection to that target, the caller's now; NULL: there is none.  safe:
 * the request may be sent twice; one that may not be goes to a bound connection
 * only, where it must.
 */
gt_stream_t *gt_http_keep_take(const http_keeper_t *k, const gt_target_t *to,
                               bool safe, bool *bound);

/* closes what is the client's own, if anything */
void gt_http_keep_drop(http_keep_t **home);

#endif
