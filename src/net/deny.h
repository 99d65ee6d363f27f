/*
 * net/deny.h: addresses that are somebody's own: this machine's, its network's,
 * the cloud's behind it.  For deny-private.
 */

#ifndef GT_NET_DENY_H
#define GT_NET_DENY_H

#include "net/addr.h"

/*
 * Is it loopback, unspecified, link-local, private, shared (CGNAT), multicast,
 * reserved, or an IPv6 address in which such an IPv4 address is embedded
 * (mapped, compatible, translated, NAT64, 6to4, Teredo)?
 */
bool gt_deny_addr(const gt_addr_t *a);

/*
 * Does host (n bytes, no brackets) say such an address without a lookup: as a
 * literal, in any of the spellings that resolvers take ("127.1", "2130706433",
 * "0x7f.1"), as localhost or a name below it, or as nothing?  A dot at the end
 * is no difference.  For a target that somebody else will look up.
 */
bool gt_deny_host(const char *host, size_t n);

#endif
