/*
 * proto/http1_target.h: request targets (RFC 9112 3.2) and host:port texts.
 * Pure; every string points into the arguments or is static.
 */

#ifndef GT_PROTO_HTTP1_TARGET_H
#define GT_PROTO_HTTP1_TARGET_H

#include "core/str.h"

typedef enum {
    GT_HTTP1_ORIGIN,    /* GET /path */
    GT_HTTP1_ABSOLUTE,  /* GET http://host/path */
    GT_HTTP1_AUTHORITY, /* CONNECT host:port */
    GT_HTTP1_ASTERISK,  /* OPTIONS * */
    GT_HTTP1_EMPTY      /* CONNECT with nothing: a UDP association */
} gt_http1_form_t;

typedef struct {
    gt_http1_form_t form;
    gt_str_t        scheme;   /* of an absolute target, as sent; else empty */
    gt_str_t        host;     /* a name or an address, without brackets */
    uint16_t        port;     /* 1..65535; the default when not has_port */
    bool            has_port; /* it was written */
    bool            ipv6;     /* host is an IPv6 address: print with brackets */
    gt_str_t        root;     /* "/" or "*" to write before path, or empty */
    gt_str_t        path;     /* path and query as sent; may be empty */
} gt_http1_target_t;

/*
 * Takes a target apart.  host is the value of the Host field and is used for
 * origin and asterisk forms only; there it may be empty, and then t->host is.
 * root followed by path is the origin-form to send on.
 *
 * A missing port is 443 for https and wss, else 80, even for CONNECT, as GOST
 * has it; has_port tells.  GT_ERROR (answer 400): a form that does not fit
 * the method, userinfo, an empty or malformed host, an empty CONNECT port, a
 * port that is not 1..65535, a fragment.
 */
int gt_http1_target_parse(gt_str_t method, gt_str_t target, gt_str_t host,
                          gt_http1_target_t *t);

/*
 * host[:port]: sets host, ipv6, port, has_port.  Without a port, port is 0;
 * "host:" is the same unless strict, where it is GT_ERROR.  Empty hosts are
 * GT_ERROR.  Names are letters, digits, '-', '.', '_', at most 253 bytes;
 * IPv6 stands in brackets, without a zone.
 */
int gt_http1_hostport_parse(gt_str_t s, bool strict, gt_http1_target_t *t);

#endif
