/*
 * proto/gosttarget.c: GOST's Gost-Target field.
 */

#include "proto/gosttarget.h"

#include "core/enc.h"

enum {
    GOSTTARGET_CRC = 4,
    GOSTTARGET_INNER = GOSTTARGET_CRC + GT_BASE64_SIZE(GT_GOSTTARGET_MAX)
};


/* no table: a header that hardly anybody sends */

static uint32_t
gosttarget_crc(gt_str_t s)
{
    int      bit;
    size_t   i;
    uint32_t crc = 0xffffffff;

    for (i = 0; i < s.n; i++) {
        crc ^= (uint8_t) s.p[i];

        for (bit = 0; bit < 8; bit++) {
            crc = crc & 1 ? crc >> 1 ^ UINT32_C(0xedb88320) : crc >> 1;
        }
    }

    return ~crc;
}


int
gt_gosttarget_parse(gt_str_t value, char *buf, size_t size, gt_str_t *text)
{
    ssize_t  n;
    uint8_t  in[GOSTTARGET_INNER + 2];
    uint32_t crc;

    n = gt_base64url_decode(value, in, sizeof(in));
    if (n < GOSTTARGET_CRC) {
        return GT_ERROR;
    }

    crc = (uint32_t) in[0] << 24 | (uint32_t) in[1] << 16
          | (uint32_t) in[2] << 8 | in[3];

    n = gt_base64url_decode(gt_str_make(in + GOSTTARGET_CRC,
                                        (size_t) n - GOSTTARGET_CRC),
                            buf, size);
    if (n < 0) {
        return GT_ERROR;
    }

    *text = gt_str_make(buf, (size_t) n);

    return gosttarget_crc(*text) == crc ? GT_OK : GT_ERROR;
}
