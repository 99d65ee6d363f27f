/*
 * net/addr.h: network addresses: IPv4, IPv6 and unix paths.
 */

#ifndef GT_NET_ADDR_H
#define GT_NET_ADDR_H

#include "core/core.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

typedef struct {
    socklen_t len; /* 0: none */
    union {
        struct sockaddr     sa;
        struct sockaddr_in  in;
        struct sockaddr_in6 in6;
    };
} gt_addr_t;

enum {
    GT_ADDR_TEXT = 64,  /* "[ipv6]:port" with its NUL fits */
    GT_HOST_MAX = 255,  /* a name's bytes */
    GT_HOSTPORT_TEXT = GT_HOST_MAX + 9 /* "[host]:65535" and NUL */
};

/* "a.b.c.d:port" or "[v6]:port" in buf (GT_ADDR_TEXT); len 0, a unix
   socket's: "@"; returns buf */
const char *gt_addr_text(const gt_addr_t *a, char *buf, size_t size);

/* from a sockaddr; anything but IPv4 and IPv6 gives len 0.  A v4-mapped IPv6
   address becomes IPv4 */
void gt_addr_set(gt_addr_t *a, const struct sockaddr *sa, socklen_t len);

/* an IP literal (no brackets) and a port; GT_ERROR: not a literal */
int gt_addr_literal(gt_addr_t *a, const char *host, size_t n, uint16_t port);

/* the address without its port, an IPv4 one mapped (RFC 4291 2.5.5.2); false:
   it has none */
bool gt_addr_bytes(const gt_addr_t *a, uint8_t bytes[16]);

uint16_t gt_addr_port(const gt_addr_t *a);
void     gt_addr_set_port(gt_addr_t *a, uint16_t port);
bool     gt_addr_eq(const gt_addr_t *a, const gt_addr_t *b);
bool     gt_addr_is_loopback(const gt_addr_t *a);

/*
 * Splits "host:port", ":port", "[v6]:port" in place of n bytes: *host and
 * *host_n are the part before, without brackets (may be empty).  The port is
 * digits, 0 to 65535.  GT_ERROR and *why when it is none.
 */
int gt_addr_split(const char *p, size_t n, const char **host, size_t *host_n,
                  uint16_t *port, const char **why);

/* "host:port", with brackets when the host has a colon; returns buf, cut at
   size */
const char *gt_addr_join(const char *host, size_t n, uint16_t port, char *buf,
                         size_t size);

#endif
