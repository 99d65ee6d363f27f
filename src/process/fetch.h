/*
 * process/fetch.h: the sources of a configuration that are URLs, each read by
 * a process of its own, because a name may take as long as it likes to be
 * resolved and a master must not wait.
 *
 *   start -> one child a URL, its answer by a pipe -> all ended -> done()
 *                     |                                  ^
 *                     +-- the deadline: killed ----------+
 */

#ifndef GT_PROCESS_FETCH_H
#define GT_PROCESS_FETCH_H

#include "conf/model.h"
#include "event/loop.h"

enum { GT_FETCH_MS = 30000 }; /* as GOST: name, connection, head and body */

typedef struct gt_fetch gt_fetch_t;

/* are there any, in any group? */
bool gt_fetch_wanted(const gt_source_t *src);

/*
 * Reads them all.  done(data) comes once, from the loop, when each has its
 * text or a reason in `fetched` of its group; then gt_fetch_free().  NULL: no
 * memory.  Children end with the fetch, whoever else waits for any child.
 */
gt_fetch_t *gt_fetch_start(gt_loop_t *loop, gt_source_t *src, unsigned ms,
                           void (*done)(void *data), void *data);

/* also before done(), which then does not come; NULL is harmless */
void gt_fetch_free(gt_fetch_t *f);

/* the same with a loop of its own; GT_ERROR: no memory.  Nothing to read is
   fine */
int gt_fetch_all(gt_source_t *src, unsigned ms);

#endif
