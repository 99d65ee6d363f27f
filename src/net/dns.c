/*
 * net/dns.c: c-ares on the event loop: its sockets, its clock, its life.
 *
 * c-ares says which sockets to watch and how long to wait; a socket's event
 * and the timer call ares_process_fd(), and nothing else does.  Its callbacks
 * only record (house rule 2).  Questions are dns_ask.c.
 */

#include "net/dns.h"

#include "core/mem.h"
#include "net/dns_impl.h"

#include <sys/epoll.h>
#include <sys/time.h>

enum {
    DNS_PORT_QUERIES = 256, /* then another source port */
    DNS_UDP_SIZE = 1232     /* no datagram is cut into fragments */
};

typedef struct {
    gt_event_t ev;
    gt_list_t  link; /* in d->socks */
    gt_reap_t  reap;
    gt_dns_t  *d; /* in whose list we are */
} dns_sock_t;

/* the one in use, and those that are retired and not done */
static gt_list_t dns_all = { &dns_all, &dns_all };


static void
dns_reaped(gt_reap_t *reap)
{
    gt_free(gt_container_of(reap, gt_dns_t, reap));
}


static void
dns_sock_reaped(gt_reap_t *reap)
{
    gt_free(gt_container_of(reap, dns_sock_t, reap));
}


static void dns_wake(gt_timer_t *timer);


void
gt_dns_arm(gt_dns_t *d)
{
    uint64_t       ms;
    struct timeval tv;

    if (!ares_timeout(d->ares, NULL, &tv)) {
        gt_timer_del(d->loop, &d->timer);
        return;
    }

    ms = (uint64_t) tv.tv_sec * 1000 + (uint64_t) tv.tv_usec / 1000 + 1;
    gt_timer_set(d->loop, &d->timer, ms, dns_wake);
}


static void
dns_process(gt_dns_t *d, ares_socket_t in, ares_socket_t out)
{
    ares_process_fd(d->ares, in, out);
    gt_dns_arm(d);
}


static void
dns_wake(gt_timer_t *timer)
{
    dns_process(gt_container_of(timer, gt_dns_t, timer), ARES_SOCKET_BAD,
                ARES_SOCKET_BAD);
}


static void
dns_event(gt_event_t *ev, uint32_t events)
{
    dns_sock_t *s = gt_container_of(ev, dns_sock_t, ev);
    bool        failed = events & (EPOLLERR | EPOLLHUP);

    dns_process(s->d, failed || (events & EPOLLIN) ? ev->fd : ARES_SOCKET_BAD,
                failed || (events & EPOLLOUT) ? ev->fd : ARES_SOCKET_BAD);
}


static dns_sock_t *
dns_sock_find(gt_dns_t *d, ares_socket_t fd)
{
    gt_list_t  *n, *tmp;
    dns_sock_t *s;

    gt_list_each(n, tmp, &d->socks)
    {
        s = gt_list_entry(n, dns_sock_t, link);
        if (s->ev.fd == fd) {
            return s;
        }
    }

    return NULL;
}


static void
dns_sock_close(dns_sock_t *s)
{
    gt_event_del(s->d->loop, &s->ev);
    gt_list_del(&s->link);
    gt_reap(s->d->loop, &s->reap, dns_sock_reaped);
}


/* without memory nobody listens to that socket, and c-ares tries again later */

static void
dns_sock_add(gt_dns_t *d, ares_socket_t fd, uint32_t events)
{
    dns_sock_t *s = gt_calloc(sizeof(*s));

    if (!s) {
        return;
    }

    s->d = d;
    s->ev.fd = fd;
    s->ev.handler = dns_event;

    if (gt_event_add(d->loop, &s->ev, events) != GT_OK) {
        gt_free(s);
        return;
    }

    gt_list_push(&d->socks, &s->link);
}


/* c-ares's callback: what that socket waits for, nothing: it is closed next */

static void
dns_sock_state(void *data, ares_socket_t fd, int in, int out)
{
    gt_dns_t   *d = data;
    uint32_t    events = (in ? EPOLLIN : 0) | (out ? EPOLLOUT : 0);
    dns_sock_t *s = dns_sock_find(d, fd);

    if (!s) {
        if (events) {
            dns_sock_add(d, fd, events);
        }

    } else if (!events || gt_event_mod(d->loop, &s->ev, events) != GT_OK) {
        dns_sock_close(s);
    }
}


static void
dns_free(gt_dns_t *d)
{
    gt_list_t *n, *tmp;

    d->retired = false;
    ares_destroy(d->ares);
    GT_ASSERT(d->pending == 0);

    gt_list_each(n, tmp, &d->socks)
    {
        dns_sock_close(gt_list_entry(n, dns_sock_t, link));
    }

    gt_list_del(&d->link);
    gt_timer_del(d->loop, &d->timer);
    gt_post_cancel(&d->post);
    gt_reap(d->loop, &d->reap, dns_reaped);
}


static void
dns_retired(gt_post_t *post)
{
    dns_free(gt_container_of(post, gt_dns_t, post));
}


/* c-ares' memory is ours, so that tests can fail it */

static int
dns_library(void)
{
    int         rc;
    static bool done;

    if (done) {
        return ARES_SUCCESS;
    }

    rc =
        ares_library_init_mem(ARES_LIB_INIT_ALL, gt_alloc, gt_free, gt_realloc);
    done = rc == ARES_SUCCESS;

    return rc;
}


static int
dns_init(gt_dns_t *d, const char *servers)
{
    int                 rc, mask;
    char                lookups[] = "b"; /* the hosts file is ours */
    struct ares_options o = { 0 };

    mask = ARES_OPT_FLAGS | ARES_OPT_EDNSPSZ | ARES_OPT_TIMEOUTMS
           | ARES_OPT_TRIES | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB;
    o.flags = ARES_FLAG_EDNS;
    o.ednspsz = DNS_UDP_SIZE;
    o.timeout = GT_DNS_TRY_MS;
    o.tries = GT_DNS_TRIES;
    o.lookups = lookups;
    o.sock_state_cb = dns_sock_state;
    o.sock_state_cb_data = d;

#ifdef ARES_OPT_UDP_MAX_QUERIES
    mask |= ARES_OPT_UDP_MAX_QUERIES;
    o.udp_max_queries = DNS_PORT_QUERIES;
#endif
#ifdef ARES_OPT_QUERY_CACHE
    mask |= ARES_OPT_QUERY_CACHE; /* 0 s: the cache is the resolver's */
#endif

    rc = ares_init_options(&d->ares, &o, mask);
    if (rc == ARES_SUCCESS && servers) {
        rc = ares_set_servers_ports_csv(d->ares, servers);
        if (rc != ARES_SUCCESS) {
            ares_destroy(d->ares);
        }
    }

    return rc;
}


gt_dns_t *
gt_dns_new(gt_loop_t *loop, const char *servers, const char **why)
{
    int       rc;
    gt_dns_t *d = gt_calloc(sizeof(*d));

    if (!d) {
        *why = "out of memory";
        return NULL;
    }

    d->loop = loop;
    gt_list_init(&d->socks);
    gt_post_init(&d->post, dns_retired);

    rc = dns_library();
    if (rc == ARES_SUCCESS) {
        rc = dns_init(d, servers);
    }

    if (rc != ARES_SUCCESS) {
        *why = ares_strerror(rc);
        gt_free(d);
        return NULL;
    }

    gt_list_push(&dns_all, &d->link);

    return d;
}


void
gt_dns_retire(gt_dns_t *d)
{
    d->retired = true;

    if (d->pending == 0) {
        gt_post(d->loop, &d->post);
    }
}


void
gt_dns_free_all(void)
{
    while (!gt_list_empty(&dns_all)) {
        dns_free(gt_list_entry(dns_all.next, gt_dns_t, link));
    }
}
