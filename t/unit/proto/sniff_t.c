/*
 * What the first bytes say, however few they are.
 */

#include "proto/sniff.h"

#include "core/core.h"

#include "tap.h"


static void
says(const char *p, size_t n, int rc, gt_sniff_t what, const char *name)
{
    size_t     k;
    int        first = GT_AGAIN, now = GT_AGAIN;
    gt_sniff_t is = GT_SNIFF_HTTP, then = GT_SNIFF_HTTP;

    for (k = 0; k <= n; k++) {
        now = gt_sniff((const uint8_t *) p, k, &is);

        if (first == GT_OK) {
            ok(now == GT_OK && is == then, "%s: it stays so", name);
        }

        first = now;
        then = is;
    }

    is_int(now, rc, name);
    is_int(is, what, name);
}


int
main(void)
{
    says("", 0, GT_AGAIN, GT_SNIFF_HTTP, "nothing");
    says("\x04", 1, GT_OK, GT_SNIFF_SOCKS4, "socks4");
    says("\x05\x01\x00", 3, GT_OK, GT_SNIFF_SOCKS5, "socks5");
    says("\x16", 1, GT_AGAIN, GT_SNIFF_HTTP, "a byte of TLS");
    says("\x16\x03", 2, GT_AGAIN, GT_SNIFF_HTTP, "two bytes of TLS");
    says("\x16\x03\x01\x02\x00", 5, GT_OK, GT_SNIFF_TLS, "TLS");
    says("\x16\x03\x04", 3, GT_OK, GT_SNIFF_TLS, "TLS 1.3 at the most");
    says("\x16\x03\x00", 3, GT_OK, GT_SNIFF_HTTP, "SSL 3.0 is too old");
    says("\x16\x03\x05", 3, GT_OK, GT_SNIFF_HTTP, "and this too new");
    says("\x16\x02", 2, GT_OK, GT_SNIFF_HTTP, "a 16 that is no TLS");
    says("C", 1, GT_OK, GT_SNIFF_HTTP, "a letter");
    says("\x00", 1, GT_OK, GT_SNIFF_HTTP, "a NUL");
    says("*1", 2, GT_OK, GT_SNIFF_HTTP, "what GOST calls Redis");

    return tap_done();
}
