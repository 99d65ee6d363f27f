/*
 * core/rand.h: random bytes fit for keys, from the kernel's generator by way
 * of a small buffer.
 */

#ifndef GT_CORE_RAND_H
#define GT_CORE_RAND_H

#include <stddef.h>
#include <stdint.h>

/* cannot fail: without the kernel's generator the process ends */
void     gt_rand_bytes(void *p, size_t n);
uint64_t gt_rand_u64(void);

/* evenly from [0, n); n > 0 */
uint32_t gt_rand_below(uint32_t n);

/* forgets what is buffered: a child must, or it repeats its parent;
   gt_proc_fork() does it */
void gt_rand_reset(void);

#endif
