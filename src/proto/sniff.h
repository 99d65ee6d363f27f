/*
 * proto/sniff.h: which protocol a client speaks, by its first bytes.  Pure.
 */

#ifndef GT_PROTO_SNIFF_H
#define GT_PROTO_SNIFF_H

#include <stddef.h>
#include <stdint.h>

typedef enum {
    GT_SNIFF_HTTP, /* whatever is nothing else; HTTP says what is wrong */
    GT_SNIFF_SOCKS4,
    GT_SNIFF_SOCKS5,
    GT_SNIFF_TLS /* a handshake record of SSL 3.1 to 3.4 */
} gt_sniff_t;

enum { GT_SNIFF_MAX = 3 /* bytes that are looked at */ };

/* GT_OK: it is *what; GT_AGAIN: n bytes do not tell */
int gt_sniff(const uint8_t *p, size_t n, gt_sniff_t *what);

#endif
