/*
 * core/hash.c: SipHash-2-4 of Aumasson and Bernstein; CRC-32.
 */

#include "core/hash.h"

#include <endian.h>
#include <string.h>

typedef struct {
    uint64_t a, b, c, d;
} hash_sip_t;


static uint64_t
hash_load(const uint8_t *p)
{
    uint64_t v;

    memcpy(&v, p, sizeof(v));

    return le64toh(v);
}


static uint64_t
hash_rotl(uint64_t v, unsigned n)
{
    return v << n | v >> (64 - n);
}


static void
hash_rounds(hash_sip_t *s, int n)
{
    while (n-- > 0) {
        s->a += s->b;
        s->b = hash_rotl(s->b, 13) ^ s->a;
        s->a = hash_rotl(s->a, 32);
        s->c += s->d;
        s->d = hash_rotl(s->d, 16) ^ s->c;
        s->a += s->d;
        s->d = hash_rotl(s->d, 21) ^ s->a;
        s->c += s->b;
        s->b = hash_rotl(s->b, 17) ^ s->c;
        s->c = hash_rotl(s->c, 32);
    }
}


static void
hash_word(hash_sip_t *s, uint64_t m)
{
    s->d ^= m;
    hash_rounds(s, 2);
    s->a ^= m;
}


uint64_t
gt_siphash(const uint8_t key[GT_SIPHASH_KEY], const void *data, size_t n)
{
    size_t         left;
    uint8_t        last[8] = { 0 };
    uint64_t       k0 = hash_load(key), k1 = hash_load(key + 8);
    hash_sip_t     s;
    const uint8_t *p = data;

    s.a = k0 ^ UINT64_C(0x736f6d6570736575);
    s.b = k1 ^ UINT64_C(0x646f72616e646f6d);
    s.c = k0 ^ UINT64_C(0x6c7967656e657261);
    s.d = k1 ^ UINT64_C(0x7465646279746573);

    for (left = n; left >= 8; left -= 8, p += 8) {
        hash_word(&s, hash_load(p));
    }

    if (left > 0) {
        memcpy(last, p, left);
    }

    last[7] = (uint8_t) n;
    hash_word(&s, hash_load(last));

    s.c ^= 0xff;
    hash_rounds(&s, 4);

    return s.a ^ s.b ^ s.c ^ s.d;
}


uint32_t
gt_crc32(const void *p, size_t n)
{
    int            bit;
    uint32_t       crc = 0xffffffff;
    const uint8_t *b = p;

    while (n-- > 0) {
        crc ^= *b++;

        for (bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
        }
    }

    return ~crc;
}
