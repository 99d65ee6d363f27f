/*
 * t/tools/bytes.h: what the test programs share: a clock, bytes that tell
 * where they stand, base64.
 */

#ifndef T_TOOLS_BYTES_H
#define T_TOOLS_BYTES_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>


static inline double
now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return (double) ts.tv_sec + (double) ts.tv_nsec * 1e-9;
}


/*
 * The n bytes at offset of the stream named by seed, no two places alike, in
 * buf, which has room for 16 more.
 */

static inline uint8_t *
pattern(uint8_t *buf, uint64_t seed, uint64_t offset, size_t n)
{
    size_t   skip = offset % 8, i;
    uint64_t word, at = offset / 8;

    for (i = 0; i < skip + n; i += 8, at++) {
        word = (at + 1) * UINT64_C(0x9e3779b97f4a7c15) + seed;
        word = (word ^ word >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        word = (word ^ word >> 27) * UINT64_C(0x94d049bb133111eb);
        word ^= word >> 31;
        memcpy(buf + i, &word, 8);
    }

    return buf + skip;
}


/* the caller frees it; NULL: no memory */

static inline char *
base64(const char *text)
{
    size_t      i, k = 0, n = strlen(text);
    char       *out = calloc(1, n * 2 + 8);
    uint32_t    v;
    const char *set = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                      "abcdefghijklmnopqrstuvwxyz0123456789+/";

    if (out == NULL) {
        return NULL;
    }

    for (i = 0; i < n; i += 3) {
        v = (uint32_t) (uint8_t) text[i] << 16;
        v |= i + 1 < n ? (uint32_t) (uint8_t) text[i + 1] << 8 : 0;
        v |= i + 2 < n ? (uint8_t) text[i + 2] : 0;
        out[k++] = set[v >> 18];
        out[k++] = set[v >> 12 & 63];
        out[k++] = i + 1 < n ? set[v >> 6 & 63] : '=';
        out[k++] = i + 2 < n ? set[v & 63] : '=';
    }

    return out;
}


#endif
