/*
 * net/addr.c: network addresses as text and as bytes.
 */

#include "net/addr.h"

#include "core/num.h"
#include "core/str.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <string.h>


/* "%eth0" behind a link-local address; the number where it has no name */

static size_t
addr_zone_text(uint32_t id, char *buf, size_t size)
{
    char name[IF_NAMESIZE];

    if (id == 0) {
        return 0;
    }

    if (if_indextoname(id, name)) {
        return gt_snprintf(buf, size, "%%%s", name);
    }

    return gt_snprintf(buf, size, "%%%u", id);
}


/* a.b.c.d:port, without printf: every log line has some of these */

static void
addr_text4(const gt_addr_t *a, char *buf, size_t size)
{
    char           text[GT_ADDR_TEXT];
    size_t         i, n = 0;
    const uint8_t *ip = (const uint8_t *) &a->in.sin_addr;

    for (i = 0; i < 4; i++) {
        n += gt_num_put(text + n, ip[i]);
        text[n++] = i < 3 ? '.' : ':';
    }

    n += gt_num_put(text + n, gt_addr_port(a));
    (void) gt_str_copy(buf, size, gt_str_make(text, n));
}


const char *
gt_addr_text(const gt_addr_t *a, char *buf, size_t size)
{
    char   ip[INET6_ADDRSTRLEN];
    size_t n;

    if (a->len == 0) {
        (void) gt_snprintf(buf, size, "@");
        return buf;
    }

    if (a->sa.sa_family == AF_INET) {
        addr_text4(a, buf, size);
        return buf;
    }

    (void) inet_ntop(AF_INET6, &a->in6.sin6_addr, ip, sizeof(ip));
    n = gt_snprintf(buf, size, "[%s", ip);
    n += addr_zone_text(a->in6.sin6_scope_id, buf + n, size - n);
    (void) gt_snprintf(buf + n, size - n, "]:%u", gt_addr_port(a));

    return buf;
}


static void
addr_set4(gt_addr_t *a, const void *ip, uint16_t port_be)
{
    struct in_addr in;

    memcpy(&in, ip, sizeof(in)); /* ip may lie in *a */

    *a = (gt_addr_t){ .len = sizeof(a->in) };
    a->in.sin_family = AF_INET;
    a->in.sin_port = port_be;
    a->in.sin_addr = in;
}


static void
addr_set6(gt_addr_t *a, const struct sockaddr_in6 *in6)
{
    if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
        addr_set4(a, &in6->sin6_addr.s6_addr[12], in6->sin6_port);
        return;
    }

    *a = (gt_addr_t){ .len = sizeof(a->in6) };
    a->in6.sin6_family = AF_INET6;
    a->in6.sin6_port = in6->sin6_port;
    a->in6.sin6_addr = in6->sin6_addr;
    a->in6.sin6_scope_id = in6->sin6_scope_id;
}


void
gt_addr_set(gt_addr_t *a, const struct sockaddr *sa, socklen_t len)
{
    struct sockaddr_in  in;
    struct sockaddr_in6 in6;

    if (len >= sizeof(in) && sa->sa_family == AF_INET) {
        memcpy(&in, sa, sizeof(in));
        addr_set4(a, &in.sin_addr, in.sin_port);
        return;
    }

    if (len >= sizeof(in6) && sa->sa_family == AF_INET6) {
        memcpy(&in6, sa, sizeof(in6));
        addr_set6(a, &in6);
        return;
    }

    *a = (gt_addr_t){ 0 };
}


/* the number of "eth0" or "2" */

static int
addr_zone(const char *p, uint32_t *id)
{
    uint64_t n;

    if (gt_str_u64(gt_str_from(p), UINT32_MAX, &n)) {
        *id = (uint32_t) n;
        return GT_OK;
    }

    *id = if_nametoindex(p);

    return *id ? GT_OK : GT_ERROR;
}


int
gt_addr_literal(gt_addr_t *a, const char *host, size_t n, uint16_t port)
{
    char                text[INET6_ADDRSTRLEN + IF_NAMESIZE + 1], *zone;
    struct in_addr      in;
    struct sockaddr_in6 in6 = { .sin6_port = htons(port) };

    if (n == 0 || n >= sizeof(text) || memchr(host, '\0', n)) {
        return GT_ERROR;
    }

    memcpy(text, host, n);
    text[n] = '\0';

    if (inet_pton(AF_INET, text, &in) == 1) {
        addr_set4(a, &in, htons(port));
        return GT_OK;
    }

    zone = strchr(text, '%');
    if (zone) {
        *zone++ = '\0';
        if (addr_zone(zone, &in6.sin6_scope_id) != GT_OK) {
            return GT_ERROR;
        }
    }

    if (inet_pton(AF_INET6, text, &in6.sin6_addr) != 1) {
        return GT_ERROR;
    }

    addr_set6(a, &in6);

    return GT_OK;
}


bool
gt_addr_bytes(const gt_addr_t *a, uint8_t bytes[16])
{
    if (a->len == 0) {
        return false;
    }

    if (a->sa.sa_family == AF_INET) {
        memset(bytes, 0, 10);
        memset(bytes + 10, 0xff, 2);
        memcpy(bytes + 12, &a->in.sin_addr, 4);
    } else {
        memcpy(bytes, &a->in6.sin6_addr, 16);
    }

    return true;
}


uint16_t
gt_addr_port(const gt_addr_t *a)
{
    if (a->len == 0) {
        return 0;
    }

    return ntohs(a->sa.sa_family == AF_INET ? a->in.sin_port
                                            : a->in6.sin6_port);
}


void
gt_addr_set_port(gt_addr_t *a, uint16_t port)
{
    if (a->len == 0) {
        return;
    }

    if (a->sa.sa_family == AF_INET) {
        a->in.sin_port = htons(port);
    } else {
        a->in6.sin6_port = htons(port);
    }
}


bool
gt_addr_eq(const gt_addr_t *a, const gt_addr_t *b)
{
    if (a->len == 0 || b->len == 0) {
        return a->len == b->len;
    }

    if (a->sa.sa_family != b->sa.sa_family
        || gt_addr_port(a) != gt_addr_port(b)) {
        return false;
    }

    if (a->sa.sa_family == AF_INET) {
        return a->in.sin_addr.s_addr == b->in.sin_addr.s_addr;
    }

    return a->in6.sin6_scope_id == b->in6.sin6_scope_id
           && IN6_ARE_ADDR_EQUAL(&a->in6.sin6_addr, &b->in6.sin6_addr);
}


bool
gt_addr_is_loopback(const gt_addr_t *a)
{
    const uint8_t *ip;

    if (a->len == 0) {
        return false;
    }

    if (a->sa.sa_family == AF_INET) {
        ip = (const uint8_t *) &a->in.sin_addr;
        return ip[0] == 127;
    }

    ip = a->in6.sin6_addr.s6_addr;

    return IN6_IS_ADDR_LOOPBACK(&a->in6.sin6_addr)
           || (IN6_IS_ADDR_V4MAPPED(&a->in6.sin6_addr) && ip[12] == 127);
}


/* the texts are Go's, as GOST's users know them */

static int
addr_split_host(gt_str_t s, gt_str_t *host, gt_str_t *rest, const char **why)
{
    ssize_t end;

    if (s.n > 0 && s.p[0] == '[') {
        end = gt_str_chr(s, ']');
        if (end < 0) {
            *why = "missing ']' in address";
            return GT_ERROR;
        }

        *host = gt_str_sub(s, 1, (size_t) end);
        *rest = gt_str_sub(s, (size_t) end + 1, s.n);

    } else {
        end = gt_str_rchr(s, ':');
        *host = gt_str_sub(s, 0, end < 0 ? s.n : (size_t) end);
        *rest = gt_str_sub(s, host->n, s.n);

        if (gt_str_chr(*host, ':') >= 0) {
            *why = "too many colons in address";
            return GT_ERROR;
        }
    }

    if (gt_str_chr(*host, '[') >= 0 || gt_str_chr(*host, ']') >= 0) {
        *why = "unexpected bracket in address";
        return GT_ERROR;
    }

    if (rest->n == 0 || rest->p[0] != ':') {
        *why = "missing port in address";
        return GT_ERROR;
    }

    *rest = gt_str_sub(*rest, 1, rest->n);

    return GT_OK;
}


int
gt_addr_split(const char *p, size_t n, const char **host, size_t *host_n,
              uint16_t *port, const char **why)
{
    uint64_t v;
    gt_str_t h, rest;

    if (addr_split_host(gt_str_make(p, n), &h, &rest, why) != GT_OK) {
        return GT_ERROR;
    }

    if (!gt_str_u64(rest, 65535, &v)) {
        *why = "invalid port";
        return GT_ERROR;
    }

    if (h.n > GT_HOST_MAX) {
        *why = "host name too long";
        return GT_ERROR;
    }

    *host = h.p;
    *host_n = h.n;
    *port = (uint16_t) v;

    return GT_OK;
}


const char *
gt_addr_join(const char *host, size_t n, uint16_t port, char *buf, size_t size)
{
    gt_str_t h = gt_str_make(host, n);

    if (gt_str_chr(h, ':') >= 0) {
        (void) gt_snprintf(buf, size, "[%.*s]:%u", GT_STR_ARG(h), port);
    } else {
        (void) gt_snprintf(buf, size, "%.*s:%u", GT_STR_ARG(h), port);
    }

    return buf;
}
