/*
 * net/resolve.c: names to addresses: the hosts file, the cache, DNS.
 *
 * A name lives in one table from its first lookup: it is pending, with those
 * who wait for it, then cached until it expires or the least used go, or it is
 * forgotten.  A lookup goes on when nobody waits any more: c-ares cannot give
 * up a single one, and the cache has use for the answer.
 *
 * Whoever waits is finished by gt_op_post(): an answer comes from inside
 * c-ares, and what a caller does in done() must not meet it there.
 */

#include "net/resolve.h"

#include "core/hash.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/rand.h"
#include "core/str.h"
#include "net/dns.h"
#include "net/hosts.h"
#include "net/name.h"

#include <string.h>
#include <sys/stat.h>

enum {
    RS_BUCKETS = 1024,
    RS_REFRESH_MS = 1000, /* between two looks at the files */
    RS_SERVERS = 1024     /* bytes of a list of servers */
};

typedef struct {
    gt_list_t  bucket;  /* in rs.names */
    gt_list_t  use;     /* cached: in rs.cache */
    gt_list_t  waiting; /* pending: of gt_resolve_t, theirs */
    bool       pending;
    uint64_t   expires; /* ms of loop->now */
    gt_err_t   err;
    unsigned   n;
    gt_addr_t *addrs; /* ours */
    size_t     len;
    char       name[]; /* in lower case, with a NUL */
} rs_name_t;

/* one resolver a process: a worker has one loop */
static struct {
    gt_loop_t  *loop;  /* the worker's; NULL: not started */
    gt_dns_t   *dns;   /* ours */
    gt_hosts_t *hosts; /* ours */
    uint64_t    refresh;
    char        servers[RS_SERVERS]; /* empty: those of the file */

    struct timespec conf_mtime;
    gt_list_t       names[RS_BUCKETS];
    gt_list_t       cache; /* the least used first; n_cached of them */
    unsigned        n_cached, n_pending;
    uint8_t         key[GT_SIPHASH_KEY];
} rs;


static void
rs_name_free(rs_name_t *nm)
{
    GT_ASSERT(gt_list_empty(&nm->waiting));

    if (!nm->pending) {
        rs.n_cached -= !gt_list_empty(&nm->use);
        gt_list_del(&nm->use);
    }

    gt_list_del(&nm->bucket);
    gt_free(nm->addrs);
    gt_free(nm);
}


static void
rs_drop_cache(void)
{
    while (!gt_list_empty(&rs.cache)) {
        rs_name_free(gt_list_entry(rs.cache.next, rs_name_t, use));
    }
}


static gt_list_t *
rs_bucket(const char *name, size_t n)
{
    return &rs.names[gt_siphash(rs.key, name, n) % RS_BUCKETS];
}


static rs_name_t *
rs_find(const char *name, size_t n)
{
    gt_list_t *l, *tmp, *bucket = rs_bucket(name, n);
    rs_name_t *nm;

    gt_list_each(l, tmp, bucket)
    {
        nm = gt_list_entry(l, rs_name_t, bucket);
        if (nm->len == n && memcmp(nm->name, name, n) == 0) {
            return nm;
        }
    }

    return NULL;
}


static rs_name_t *
rs_name_new(const char *name, size_t n)
{
    rs_name_t *nm = gt_calloc(sizeof(*nm) + n + 1);

    if (nm) {
        gt_list_init(&nm->use);
        gt_list_init(&nm->waiting);
        gt_list_push(rs_bucket(name, n), &nm->bucket);
        memcpy(nm->name, name, n);
        nm->len = n;
        nm->pending = true;
        rs.n_pending++;
    }

    return nm;
}


/* ---- answers */

static void
rs_answer(gt_loop_t *loop, gt_resolve_t *r, gt_err_t err,
          const gt_addr_t *addrs, unsigned n)
{
    unsigned i;

    r->n = err == GT_E_NONE ? gt_min(n, (unsigned) GT_RESOLVE_MAX) : 0;

    for (i = 0; i < r->n; i++) {
        r->addrs[i] = addrs[i];
        gt_addr_set_port(&r->addrs[i], r->port);
    }

    gt_op_post(loop, &r->op, NULL, err);
}


static void
rs_leave(gt_resolve_t *r)
{
    gt_list_del(&r->link);
    gt_timer_del(rs.loop, &r->timer);
}


static void
rs_answer_all(rs_name_t *nm, gt_err_t err, const gt_addr_t *addrs, unsigned n)
{
    gt_resolve_t *r;

    while (!gt_list_empty(&nm->waiting)) {
        r = gt_list_entry(nm->waiting.next, gt_resolve_t, link);
        rs_leave(r);
        rs_answer(rs.loop, r, err, addrs, n);
    }
}


static int
rs_keep(rs_name_t *nm, const gt_dns_answer_t *a)
{
    if (a->ttl_ms == 0) {
        return GT_ERROR;
    }

    if (a->n > 0) {
        nm->addrs = gt_alloc(a->n * sizeof(gt_addr_t));
        if (!nm->addrs) {
            return GT_ERROR;
        }

        memcpy(nm->addrs, a->addrs, a->n * sizeof(gt_addr_t));
    }

    nm->n = a->n;
    nm->err = a->err;
    nm->expires = rs.loop->now + a->ttl_ms;

    gt_list_push(&rs.cache, &nm->use);
    if (++rs.n_cached > GT_RESOLVE_CACHE) {
        rs_name_free(gt_list_entry(rs.cache.next, rs_name_t, use));
    }

    return GT_OK;
}


/* from inside c-ares: records and posts */

static void
rs_answered(void *data, const gt_dns_answer_t *a)
{
    rs_name_t *nm = data;

    nm->pending = false;
    rs.n_pending--;

    rs_answer_all(nm, a->err, a->addrs, a->n);

    if (rs_keep(nm, a) != GT_OK) {
        rs_name_free(nm);
    }
}


/* ---- waiting */

static void
rs_cancel(gt_op_t *op)
{
    rs_leave(gt_container_of(op, gt_resolve_t, op));
}


static void
rs_expire(gt_timer_t *timer)
{
    gt_resolve_t *r = gt_container_of(timer, gt_resolve_t, timer);

    rs_leave(r);
    rs_answer(rs.loop, r, GT_E_TIMEOUT, NULL, 0);
}


static void
rs_wait(gt_resolve_t *r, rs_name_t *nm)
{
    gt_op_start(&r->op, nm, rs_cancel);
    gt_list_push(&nm->waiting, &r->link);
    gt_timer_set(rs.loop, &r->timer, GT_RESOLVE_MS, rs_expire);
}


static void
rs_ask(const char *name, size_t n, gt_resolve_t *r)
{
    rs_name_t *nm;

    if (rs.n_pending >= GT_RESOLVE_PENDING) {
        rs_answer(rs.loop, r, GT_E_LIMIT, NULL, 0);
        return;
    }

    nm = rs_name_new(name, n);
    if (!nm) {
        rs_answer(rs.loop, r, GT_E_NOMEM, NULL, 0);
        return;
    }

    rs_wait(r, nm);
    gt_dns_ask(rs.dns, nm->name, rs_answered, nm);
}


static void
rs_lookup(const char *name, size_t n, gt_resolve_t *r)
{
    rs_name_t *nm = rs_find(name, n);

    if (nm && nm->pending) {
        rs_wait(r, nm);
        return;
    }

    if (nm && nm->expires > rs.loop->now) {
        gt_list_del(&nm->use);
        gt_list_push(&rs.cache, &nm->use);
        rs_answer(rs.loop, r, nm->err, nm->addrs, nm->n);
        return;
    }

    if (nm) {
        rs_name_free(nm);
    }

    rs_ask(name, n, r);
}


/* the hosts file's order within a family, the families in turn */

static void
rs_interleave(gt_addr_t *a, unsigned n)
{
    int       family = AF_INET6;
    unsigned  i, k, left;
    gt_addr_t from[GT_RESOLVE_MAX];

    memcpy(from, a, n * sizeof(*a));

    for (k = 0, left = n; left > 0; family ^= AF_INET6 ^ AF_INET) {
        for (i = 0; i < n && from[i].sa.sa_family != family; i++) {
            /* the next of that family */
        }

        if (i < n) {
            a[k++] = from[i];
            from[i].sa.sa_family = AF_UNSPEC;
            left--;
        }
    }
}


/* ---- the files */

static void
rs_conf_mtime(struct timespec *ts)
{
    struct stat sb;

    *ts = (struct timespec){ 0 };

    if (stat("/etc/resolv.conf", &sb) == 0) {
        *ts = sb.st_mtim;
    }
}


static int
rs_renew(const char *servers, const char **why)
{
    gt_dns_t *dns;

    dns = gt_dns_new(rs.loop, *servers ? servers : NULL, why);
    if (!dns) {
        return GT_ERROR;
    }

    if (rs.dns) {
        gt_dns_retire(rs.dns);
    }

    rs.dns = dns;
    rs_drop_cache();

    return GT_OK;
}


static void
rs_refresh(void)
{
    const char     *why;
    struct timespec ts;

    if (rs.loop->now < rs.refresh) {
        return;
    }

    rs.refresh = rs.loop->now + RS_REFRESH_MS;
    (void) gt_hosts_refresh(rs.hosts);

    rs_conf_mtime(&ts);
    if (*rs.servers
        || (ts.tv_sec == rs.conf_mtime.tv_sec
            && ts.tv_nsec == rs.conf_mtime.tv_nsec))
    {
        return;
    }

    if (rs_renew("", &why) == GT_OK) {
        rs.conf_mtime = ts;
    } else {
        gt_warn("resolver: /etc/resolv.conf has changed: %s", why);
    }
}


void
gt_resolve(gt_loop_t *loop, const char *host, size_t n, uint16_t port,
           gt_resolve_t *r)
{
    char      name[GT_NAME_MAX + 1];
    gt_err_t  err;
    unsigned  found;
    gt_addr_t addrs[GT_RESOLVE_MAX];

    r->n = 0;
    r->port = port;
    r->timer = (gt_timer_t){ .set = false };
    gt_list_init(&r->link);

    err = gt_name_known(host, n, name, addrs, &found);

    if (err == GT_E_NONE && found == 0) {
        GT_ASSERT(rs.loop == loop);
        rs_refresh();
        found = gt_hosts_find(rs.hosts, name, n, addrs, GT_RESOLVE_MAX);
        rs_interleave(addrs, found);
    }

    if (err != GT_E_NONE || found > 0) {
        rs_answer(loop, r, err, addrs, found);
        return;
    }

    rs_lookup(name, n, r);
}


/* ---- start, stop */

int
gt_resolve_start(gt_loop_t *loop)
{
    unsigned    i;
    const char *why = "out of memory";

    GT_ASSERT(!rs.loop);

    for (i = 0; i < RS_BUCKETS; i++) {
        gt_list_init(&rs.names[i]);
    }

    gt_list_init(&rs.cache);
    gt_rand_bytes(rs.key, sizeof(rs.key));
    rs.loop = loop;
    rs_conf_mtime(&rs.conf_mtime);

    if (gt_resolve_hosts("/etc/hosts") == GT_OK
        && rs_renew(rs.servers, &why) == GT_OK)
    {
        return GT_OK;
    }

    gt_error("resolver: %s", why);
    gt_hosts_free(rs.hosts);
    rs.hosts = NULL;
    rs.loop = NULL;

    return GT_ERROR;
}


void
gt_resolve_stop(void)
{
    if (rs.loop) {
        gt_dns_free_all();
        rs_drop_cache();
        GT_ASSERT(rs.n_pending == 0 && rs.n_cached == 0);

        gt_hosts_free(rs.hosts);
        memset(&rs, 0, sizeof(rs));
    }
}


int
gt_resolve_servers(const char *csv, const char **why)
{
    char servers[RS_SERVERS];

    GT_ASSERT(rs.loop);

    if (gt_str_copy(servers, sizeof(servers), gt_str_from(csv))
        == sizeof(servers) - 1)
    {
        *why = "too long";
        return GT_ERROR;
    }

    if (rs_renew(servers, why) != GT_OK) {
        return GT_ERROR;
    }

    memcpy(rs.servers, servers, sizeof(servers));

    return GT_OK;
}


int
gt_resolve_hosts(const char *path)
{
    gt_hosts_t *h = gt_hosts_new(path);

    if (!h) {
        return GT_ERROR;
    }

    (void) gt_hosts_refresh(h);
    gt_hosts_free(rs.hosts);
    rs.hosts = h;

    return GT_OK;
}
