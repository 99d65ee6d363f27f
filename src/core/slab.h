/*
 * core/slab.h: what chains need of their memory; for core/buf.c alone.
 */

#ifndef GT_CORE_SLAB_H
#define GT_CORE_SLAB_H

#include "core/buf.h"

enum { GT_SLAB_SPARES = 4 /* pieces of room: 64 KiB a call */ };

/* a window; the caller's reference to the slab passes to it.  NULL: no
   memory, and the reference stays the caller's */
gt_buf_t *gt_buf_new(gt_slab_t *slab, uint8_t *pos, uint8_t *last);

/* the window and its reference go */
void gt_buf_free(gt_buf_t *b);

/* a slab for n bytes, larger than the two sizes when it must be; n is at most
   GT_SLAB_LARGE * 4 */
gt_slab_t *gt_slab_big(size_t n);

/* large slab number i that a recv may fill, kept from one call to the next;
   NULL: no memory */
gt_slab_t *gt_slab_spare(int i);

/* it is in a chain now */
void gt_slab_spare_taken(int i);

#endif
