/*
 * net/resolve.h: names to addresses, by c-ares on the event loop: the hosts
 * file, then DNS.  Never blocks.  One resolver a process, with a cache.
 */

#ifndef GT_NET_RESOLVE_H
#define GT_NET_RESOLVE_H

#include "net/addr.h"
#include "net/op.h"

enum {
    GT_RESOLVE_MAX = 16,      /* addresses of one answer that are used */
    GT_RESOLVE_MS = 10000,    /* a lookup's deadline */
    GT_RESOLVE_CACHE = 1024,  /* names kept, the least used go first */
    GT_RESOLVE_PENDING = 4096 /* lookups at once; more fail with GT_E_LIMIT */
};

typedef struct {
    gt_op_t   op; /* the caller sets done and owner */
    unsigned  n;  /* after done without an error: addrs[0..n) */
    gt_addr_t addrs[GT_RESOLVE_MAX]; /* families interleaved, IPv6 first */

    /* the resolver's */
    gt_list_t  link;  /* among those that wait for the same name */
    gt_timer_t timer; /* the deadline */
    uint16_t   port;
} gt_resolve_t;

/* before the first lookup, in each worker; GT_ERROR: said in the log */
int gt_resolve_start(gt_loop_t *loop);

/* what is pending ends with GT_E_CANCEL, the cache is dropped */
void gt_resolve_stop(void);

/*
 * Instead of the servers of /etc/resolv.conf these: "10.0.0.1,[::1]:5353";
 * NULL: back to the file.  Drops the cache.  GT_ERROR and *why: it is no such
 * list, or no memory; nothing has changed.  After gt_resolve_start().
 */
int gt_resolve_servers(const char *csv, const char **why);

/* instead of /etc/hosts that file; GT_ERROR: no memory */
int gt_resolve_hosts(const char *path);

/*
 * Looks host (n bytes, any case) up; all addresses get port.  r->op.done runs
 * with st NULL, never before this returns.  An IP literal, an empty host and
 * localhost with all below it (RFC 6761), which are ::1 and 127.0.0.1, need no
 * lookup and no start.  Then comes the hosts file, then DNS.
 *
 * GT_E_DNS: no such name, or text that cannot be one; GT_E_TIMEOUT;
 * GT_E_LIMIT; GT_E_NOMEM.  gt_op_cancel(&r->op) as for any operation.
 */
void gt_resolve(gt_loop_t *loop, const char *host, size_t n, uint16_t port,
                gt_resolve_t *r);

#endif
