/*
 * net/dns.h: DNS lookups by c-ares on the event loop; for net/resolve.c, which
 * adds the hosts file, the cache and the callers.
 */

#ifndef GT_NET_DNS_H
#define GT_NET_DNS_H

#include "core/err.h"
#include "event/loop.h"
#include "net/addr.h"

enum {
    GT_DNS_ADDRS = 16,     /* of one answer; the rest is left out */
    GT_DNS_TRY_MS = 2000,  /* the first wait for a server, doubled each turn */
    GT_DNS_TRIES = 2,      /* turns over all servers */
    GT_DNS_MOMENT = 50,    /* ms that the other family may be later */
    GT_DNS_EARLY = 4096,   /* with more questions open both are waited for:
                              a question goes on when it is answered early */
    GT_DNS_TTL_MIN = 1000, /* ms */
    GT_DNS_TTL_MAX = 300 * 1000,
    GT_DNS_TTL_NONE = 5000 /* that there is no such name */
};

typedef struct {
    gt_err_t  err;
    uint64_t  ttl_ms; /* how long it holds; 0: not to be kept */
    unsigned  n;
    gt_addr_t addrs[GT_DNS_ADDRS]; /* families interleaved, IPv6 first */
} gt_dns_answer_t;

typedef struct gt_dns gt_dns_t;

/*
 * servers: "10.0.0.1,[::1]:5353", or NULL: those of /etc/resolv.conf.  NULL
 * and *why: no memory, no servers.
 */
gt_dns_t *gt_dns_new(gt_loop_t *loop, const char *servers, const char **why);

/* takes no more questions; frees itself after the last answer */
void gt_dns_retire(gt_dns_t *d);

/* frees all of them now; what is pending is answered with GT_E_CANCEL in this
   call */
void gt_dns_free_all(void);

/*
 * Asks for the addresses of both families; the first that has any is waited
 * for, the other a moment longer.  done runs once, possibly in this call, and
 * from inside c-ares: it only records and posts.
 */
void gt_dns_ask(gt_dns_t *d, const char *name,
                void (*done)(void *data, const gt_dns_answer_t *a), void *data);

#endif
