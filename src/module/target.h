/*
 * module/target.h: where a client wants to go.
 */

#ifndef GT_MODULE_TARGET_H
#define GT_MODULE_TARGET_H

#include "core/str.h"

/* a callee that needs the host after its call has returned copies it */
typedef struct {
    gt_str_t host; /* a name, or an address without brackets; may be empty:
                      this machine */
    uint16_t port;
} gt_target_t;

#endif
