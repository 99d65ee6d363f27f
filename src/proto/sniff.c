/*
 * proto/sniff.c: which protocol a client speaks, by its first bytes.
 */

#include "proto/sniff.h"

#include "core/core.h"

enum { SNIFF_SOCKS4 = 4, SNIFF_SOCKS5 = 5, SNIFF_HANDSHAKE = 0x16 };


int
gt_sniff(const uint8_t *p, size_t n, gt_sniff_t *what)
{
    *what = GT_SNIFF_HTTP;

    if (n == 0) {
        return GT_AGAIN;
    }

    switch (p[0]) {

    case SNIFF_SOCKS4: *what = GT_SNIFF_SOCKS4; return GT_OK;

    case SNIFF_SOCKS5: *what = GT_SNIFF_SOCKS5; return GT_OK;

    case SNIFF_HANDSHAKE: break;

    default: return GT_OK;
    }

    if (n > 1 && p[1] != 3) {
        return GT_OK;
    }

    if (n < GT_SNIFF_MAX) {
        return GT_AGAIN;
    }

    if (p[2] >= 1 && p[2] <= 4) {
        *what = GT_SNIFF_TLS;
    }

    return GT_OK;
}
