/*
 * core/hash.h: SipHash-2-4, for tables and tokens whose keys a peer chooses;
 * CRC-32, where others must get the same number.
 */

#ifndef GT_CORE_HASH_H
#define GT_CORE_HASH_H

#include <stddef.h>
#include <stdint.h>

enum { GT_SIPHASH_KEY = 16 };

uint64_t gt_siphash(const uint8_t key[GT_SIPHASH_KEY], const void *p, size_t n);

/* of IEEE 802.3; for short texts */
uint32_t gt_crc32(const void *p, size_t n);

#endif
