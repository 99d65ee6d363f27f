/*
 * proto/url.h: the URLs of -L and -F, as GOST reads them.
 *
 *   [scheme[+transport]://][user[:pass]@]address[/target][?key=value[&...]]
 *
 * This only takes the text apart: it knows no scheme, no option and no
 * default.  Where GOST's own parser fails on what its documentation allows
 * (node lists with ports, an unescaped "://" in a query), this one does not.
 */

#ifndef GT_PROTO_URL_H
#define GT_PROTO_URL_H

#include "core/str.h"

/* options of one URL: more than there are to set */
#define GT_URL_PAIRS 96
#define GT_URL_LOST 4

/* room for the copies that are made of a text of n bytes */
#define GT_URL_ROOM(n) ((n) + 1)

typedef enum {
    GT_URL_LISTEN, /* -L: the address is left as it is written */
    GT_URL_NODE    /* -F: it is decoded, and each port must be digits */
} gt_url_kind_t;

typedef struct {
    gt_str_t key; /* both decoded; case matters */
    gt_str_t value;
} gt_url_pair_t;

typedef struct {
    /* in lower case; "auto" when there is none, "http+tls" for "https" */
    gt_str_t scheme;

    /* its halves around '+', the same twice without one; empty with two '+' */
    gt_str_t proxy, transport;

    bool     has_user, has_pass; /* an '@' was there, a ':' before it */
    gt_str_t user, pass;         /* decoded, without NUL */

    gt_str_t address; /* -L: host:port[-port]; -F: host:port[,host:port...] */
    gt_str_t path;    /* as written, from its first '/'; or empty */
    gt_str_t target;  /* path without the slashes at both ends */

    gt_url_pair_t pairs[GT_URL_PAIRS]; /* in their order, keys differ */
    unsigned      npairs;
    unsigned      dropped; /* pairs with a ';' or a bad %: worth a warning */
    gt_str_t      lost[GT_URL_LOST]; /* the first of them, as written */

    const char *why; /* after GT_ERROR: a static clause, without the text */
} gt_url_t;

/*
 * Takes s apart.  Decoded texts go to buf, which the caller keeps as long as
 * u and which needs GT_URL_ROOM(s.n) bytes; the rest points into s.
 *
 * GT_OK: u is filled in.  GT_DONE: nothing but blanks (-L: ignore it; -F: an
 * error).  GT_ERROR: u->why; never print s itself, it may hold a password.
 *
 * A scheme is what stands before the first "://", unless that begins with
 * ':' or holds one of "/?#@:,[".  The last '@' before the first '/', '?' or
 * '#' ends the userinfo, its first ':' begins the password.  Of repeated keys
 * the first counts.  A fragment is cut off.
 */
int gt_url_parse(gt_str_t s, gt_url_kind_t kind, char *buf, size_t size,
                 gt_url_t *u);

/* the value of a key in this spelling (first), or in any case (second) */
bool gt_url_get(const gt_url_t *u, const char *key, gt_str_t *value);
bool gt_url_iget(const gt_url_t *u, const char *key, gt_str_t *value);

typedef enum {
    GT_URL_PORT_NONE,    /* there is no ':' */
    GT_URL_PORT_ONE,     /* lo == hi, 0 to 65535 */
    GT_URL_PORT_RANGE,   /* lo < hi */
    GT_URL_PORT_REVERSE, /* lo > hi: GOST fails at start */
    GT_URL_PORT_ODD      /* no such number, or nothing; GOST takes 0 */
} gt_url_port_t;

typedef struct {
    gt_str_t      host; /* without brackets; may be empty */
    bool          ipv6; /* it stood in brackets; may have a zone */
    gt_url_port_t kind;
    uint16_t      lo, hi; /* 0 when NONE or ODD */
} gt_url_addr_t;

/*
 * host[:port[-port]]: one item of an address or a target, which are split at
 * ',' with gt_str_split().  Hosts are not checked beyond their brackets.
 * GT_ERROR: a second colon outside brackets, an open bracket, text behind it.
 */
int gt_url_addr_parse(gt_str_t s, gt_url_addr_t *a);

#endif
