/*
 * net/deny.c: addresses that are somebody's own.  Two tables of prefixes; a
 * prefix may say where in an IPv6 address the IPv4 one is that counts.
 */

#include "net/deny.h"

#include "core/str.h"

#include <arpa/inet.h>
#include <string.h>

typedef struct {
    uint8_t ip[4];
    uint8_t bits;
} deny4_t;

typedef struct {
    uint8_t ip[12];
    uint8_t bits;
    uint8_t at;   /* of an embedded IPv4 address; 0: none, all are denied */
    uint8_t flip; /* what its bytes are XORed with */
} deny6_t;

/* clang-format off */
static const deny4_t deny4[] = {
    { { 0 }, 8 },              /* this network */
    { { 10 }, 8 },
    { { 100, 64 }, 10 },       /* shared by a carrier's customers */
    { { 127 }, 8 },
    { { 169, 254 }, 16 },      /* link-local, and the metadata service */
    { { 172, 16 }, 12 },
    { { 192, 0, 0 }, 24 },     /* IETF protocols */
    { { 192, 168 }, 16 },
    { { 198, 18 }, 15 },       /* benchmarks: a laboratory's network */
    { { 224 }, 4 },            /* multicast */
    { { 240 }, 4 },            /* reserved, broadcast */
};

static const deny6_t deny6[] = {
    { { 0, 0x64, 0xff, 0x9b }, 96, 12, 0 },       /* NAT64 */
    { { 0, 0x64, 0xff, 0x9b, 0, 1 }, 48, 0, 0 },  /* a network's own NAT64 */
    { { 0x20, 0x01 }, 32, 12, 0xff },             /* Teredo: the client */
    { { 0x20, 0x01 }, 32, 4, 0 },                 /* and its server */
    { { 0x20, 0x02 }, 16, 2, 0 },                 /* 6to4 */
    { { 0xfc }, 7, 0, 0 },                        /* unique local */
    { { 0xfe, 0x80 }, 10, 0, 0 },                 /* link-local */
    { { 0xfe, 0xc0 }, 10, 0, 0 },                 /* site-local, as it was */
    { { 0xff }, 8, 0, 0 },                        /* multicast */
};
/* clang-format on */


static bool
deny_prefix(const uint8_t *ip, const uint8_t *with, unsigned bits)
{
    unsigned n = bits / 8, rest = bits % 8;

    return memcmp(ip, with, n) == 0
           && (rest == 0 || (ip[n] ^ with[n]) >> (8 - rest) == 0);
}


static bool
deny_4(const uint8_t ip[4])
{
    size_t i;

    for (i = 0; i < gt_nelts(deny4); i++) {
        if (deny_prefix(ip, deny4[i].ip, deny4[i].bits)) {
            return true;
        }
    }

    return false;
}


/* ten bytes of zero in front: an IPv4 address, mapped, translated or as such */

static bool
deny_low(const uint8_t ip[16])
{
    static const uint8_t mapped[2] = { 0xff, 0xff }, none[4] = { 0 };

    if (memcmp(ip + 10, mapped, 2) == 0 || memcmp(ip + 10, none, 2) == 0) {
        return deny_4(ip + 12);
    }

    return true; /* nobody has these */
}


static bool
deny_6(const uint8_t ip[16])
{
    size_t               i, k;
    uint8_t              in[4];
    static const uint8_t zero[10], translated[4] = { 0xff, 0xff, 0, 0 };

    if (memcmp(ip, zero, 8) == 0 && memcmp(ip + 8, translated, 4) == 0) {
        return deny_4(ip + 12); /* RFC 2765 */
    }

    if (memcmp(ip, zero, 10) == 0) {
        return deny_low(ip);
    }

    for (i = 0; i < gt_nelts(deny6); i++) {
        if (!deny_prefix(ip, deny6[i].ip, deny6[i].bits)) {
            continue;
        }

        for (k = 0; k < 4 && deny6[i].at; k++) {
            in[k] = ip[deny6[i].at + k] ^ deny6[i].flip;
        }

        if (!deny6[i].at || deny_4(in)) {
            return true;
        }
    }

    return false;
}


bool
gt_deny_addr(const gt_addr_t *a)
{
    uint8_t ip[16];

    if (a->len == 0) {
        return true;
    }

    if (a->sa.sa_family == AF_INET) {
        memcpy(ip, &a->in.sin_addr, 4);
        return deny_4(ip);
    }

    memcpy(ip, &a->in6.sin6_addr, 16);

    return deny_6(ip);
}


bool
gt_deny_host(const char *host, size_t n)
{
    char           text[GT_HOST_MAX + 1];
    gt_str_t       s = gt_str_make(host, n);
    gt_addr_t      a;
    struct in_addr in;

    if (s.n > 0 && s.p[s.n - 1] == '.') {
        s.n--;
    }

    if (s.n == 0 || gt_str_ieq(s, GT_STR("localhost"))
        || (s.n > 10
            && gt_str_ieq(gt_str_sub(s, s.n - 10, s.n), GT_STR(".localhost"))))
    {
        return true;
    }

    if (gt_addr_literal(&a, s.p, s.n, 0) == GT_OK) {
        return gt_deny_addr(&a);
    }

    /* the spellings of old, which a resolver elsewhere may know */
    if (s.n > GT_HOST_MAX) {
        return false;
    }

    (void) gt_str_copy(text, sizeof(text), s);

    return inet_aton(text, &in) && deny_4((const uint8_t *) &in.s_addr);
}
