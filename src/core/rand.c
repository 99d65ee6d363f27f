/*
 * core/rand.c: the kernel's generator behind a buffer, because most callers
 * want eight bytes and a system call costs more than that.
 */

#include "core/rand.h"

#include "core/core.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

enum { RAND_BUFFER = 256 }; /* the kernel never gives less without a signal */

static uint8_t rand_buffer[RAND_BUFFER];
static size_t  rand_left; /* bytes at the end that nobody has had */


static void
rand_system(uint8_t *p, size_t n)
{
    ssize_t got;

    while (n > 0) {
        got = getrandom(p, n, 0);
        GT_ASSERT(got > 0 || (got < 0 && errno == EINTR));

        if (got > 0) {
            p += got;
            n -= (size_t) got;
        }
    }
}


void
gt_rand_bytes(void *p, size_t n)
{
    uint8_t *from;

    if (n > RAND_BUFFER / 4) {
        rand_system(p, n);
        return;
    }

    if (n > rand_left) {
        rand_system(rand_buffer, RAND_BUFFER);
        rand_left = RAND_BUFFER;
    }

    from = rand_buffer + RAND_BUFFER - rand_left;
    memcpy(p, from, n);
    memset(from, 0, n); /* a key that was given out is not kept here */
    rand_left -= n;
}


uint64_t
gt_rand_u64(void)
{
    uint64_t v;

    gt_rand_bytes(&v, sizeof(v));

    return v;
}


uint32_t
gt_rand_below(uint32_t n)
{
    uint32_t v, skip;

    GT_ASSERT(n > 0);

    skip = (0 - n) % n; /* 2^32 mod n: values that would favour the low ones */

    do {
        gt_rand_bytes(&v, sizeof(v));
    } while (v < skip);

    return v % n;
}


void
gt_rand_reset(void)
{
    rand_left = 0;
}
