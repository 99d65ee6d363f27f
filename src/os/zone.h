/*
 * os/zone.h: shared memory between processes and generations.
 *
 * A zone is a sealed memfd, backed by memory from the start so that a full
 * tmpfs is an error here and never a SIGBUS later.  It holds named areas,
 * found through a directory at its front; areas never move and never go.
 *
 * One process at a time, the master, makes areas; everybody else may look
 * them up at any time without a lock.  Addresses differ between processes:
 * inside an area only offsets and indexes may be kept.
 *
 * The descriptor is inherited over fork(), over exec after gt_zone_keep(),
 * or passed by os/fdpass.
 */

#ifndef GT_OS_ZONE_H
#define GT_OS_ZONE_H

#include "core/core.h"

/* stands in every zone: raise it when the layout of any area changes, and a
   new binary makes its own zones instead of misreading old ones */
enum { GT_ZONE_LAYOUT = 3 };

enum {
    GT_ZONE_NAME = 40,   /* an area's or a zone's name with its NUL */
    GT_ZONE_AREAS = 254, /* at most, in one zone: 16 KiB of directory */
    GT_ZONE_ALIGN = 64   /* areas begin and end on a cache line */
};

typedef struct gt_zone gt_zone_t;

/* room for areas of `size` bytes in all, the directory apart; zeroed.  NULL
   with errno */
gt_zone_t *gt_zone_new(const char *name, size_t size);

/*
 * Maps a zone that another process made, and takes fd over.  NULL and *why, a
 * text, when it is none of ours: not a sealed memfd, another magic, size or
 * layout; fd then stays the caller's.
 */
gt_zone_t *gt_zone_map(int fd, const char **why);

/* unmaps and closes; NULL is harmless.  The memory lives while others map it */
void gt_zone_free(gt_zone_t *z);

int         gt_zone_fd(const gt_zone_t *z);
const char *gt_zone_name(const gt_zone_t *z);

/* true: the descriptor survives exec; GT_ERROR with errno */
int gt_zone_keep(gt_zone_t *z, bool keep);

/*
 * The area of that name; the master's call, which makes it, zeroed, where
 * there is none.  NULL: it exists with another size (EEXIST), the zone is full
 * (ENOSPC), the name is too long (ENAMETOOLONG).  The address holds as long as
 * z and is aligned to GT_ZONE_ALIGN.
 */
void *gt_zone_area(gt_zone_t *z, const char *name, size_t size);

/* the area of that name, or NULL; size may be NULL */
void *gt_zone_find(const gt_zone_t *z, const char *name, size_t *size);

/* the i-th area from 0 on, in the order of their making; NULL: no more */
void *gt_zone_at(const gt_zone_t *z, unsigned i, const char **name,
                 size_t *size);

/* bytes that new areas can still take */
size_t gt_zone_left(const gt_zone_t *z);

#endif
