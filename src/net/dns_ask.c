/*
 * net/dns_ask.c: a question and its answer: both families of a name asked, and
 * made one.
 */

#include "net/dns.h"

#include "core/mem.h"
#include "net/dns_impl.h"

#include <ares.h>

typedef struct dns_question dns_question_t;

/* one family of a question */
typedef struct {
    dns_question_t *q; /* we are in it */
    gt_dns_answer_t a;
    bool            answered;
} dns_half_t;

/* lives until both families are answered, the asker until the first or a
   moment longer: RFC 8305 3, and many servers are silent about one of them */
struct dns_question {
    gt_dns_t *d; /* outlives its questions */
    void (*done)(void *data, const gt_dns_answer_t *a); /* NULL: was called */
    void      *data;                                    /* the asker's */
    dns_half_t half[2];                                 /* IPv6, IPv4 */
    gt_timer_t timer;                                   /* the moment */
};


static gt_err_t
dns_error(int status, uint64_t *ttl_ms)
{
    *ttl_ms = 0;

    switch (status) {
    case ARES_ENODATA:
    case ARES_ENOTFOUND:
    case ARES_EBADNAME: *ttl_ms = GT_DNS_TTL_NONE; return GT_E_DNS;
    case ARES_ETIMEOUT: return GT_E_TIMEOUT;
    case ARES_ENOMEM: return GT_E_NOMEM;
    case ARES_ECANCELLED:
    case ARES_EDESTRUCTION: return GT_E_CANCEL;
    default: return GT_E_DNS;
    }
}


static void
dns_take(gt_dns_answer_t *a, const struct ares_addrinfo *res)
{
    const struct ares_addrinfo_node *n;

    for (n = res->nodes; n && a->n < GT_DNS_ADDRS; n = n->ai_next) {
        gt_addr_set(&a->addrs[a->n], n->ai_addr, n->ai_addrlen);
        a->n += a->addrs[a->n].len > 0;
    }
}


static uint64_t
dns_ttl(const struct ares_addrinfo *res)
{
    int                               ttl = GT_DNS_TTL_MAX / 1000;
    const struct ares_addrinfo_node  *n;
    const struct ares_addrinfo_cname *c;

    for (n = res->nodes; n; n = n->ai_next) {
        ttl = gt_min(ttl, n->ai_ttl);
    }

    for (c = res->cnames; c; c = c->next) {
        ttl = gt_min(ttl, c->ttl);
    }

    return (uint64_t) gt_max(ttl, GT_DNS_TTL_MIN / 1000) * 1000;
}


static void
dns_interleave(gt_dns_answer_t *a, const gt_dns_answer_t *v6,
               const gt_dns_answer_t *v4)
{
    unsigned i;

    for (i = 0; i < GT_DNS_ADDRS; i++) {
        if (i < v6->n && a->n < GT_DNS_ADDRS) {
            a->addrs[a->n++] = v6->addrs[i];
        }

        if (i < v4->n && a->n < GT_DNS_ADDRS) {
            a->addrs[a->n++] = v4->addrs[i];
        }
    }
}


/* both families as one answer; that of half a question holds not for long */

static void
dns_join(gt_dns_answer_t *a, const dns_question_t *q)
{
    const gt_dns_answer_t *v6 = &q->half[0].a, *v4 = &q->half[1].a;

    dns_interleave(a, v6, v4);

    if (a->n == 0) {
        *a = v6->err == GT_E_DNS && v6->ttl_ms > 0 ? *v4 : *v6;

    } else if (!q->half[0].answered || !q->half[1].answered) {
        a->ttl_ms = GT_DNS_TTL_NONE;

    } else if (v6->n > 0 && v4->n > 0) {
        a->ttl_ms = gt_min(v6->ttl_ms, v4->ttl_ms);

    } else {
        a->ttl_ms = v6->n > 0 ? v6->ttl_ms : v4->ttl_ms;
    }
}


static void
dns_tell(dns_question_t *q)
{
    gt_dns_answer_t a = { 0 };
    void (*done)(void *data, const gt_dns_answer_t *a) = q->done;

    if (done) {
        q->done = NULL;
        dns_join(&a, q);
        done(q->data, &a);
    }
}


static void
dns_moment(gt_timer_t *timer)
{
    dns_tell(gt_container_of(timer, dns_question_t, timer));
}


/* the answer may be the last of a retired channel */

static void
dns_end(dns_question_t *q)
{
    gt_dns_t *d = q->d;

    gt_timer_del(d->loop, &q->timer);
    dns_tell(q);
    gt_free(q);
    d->pending--;

    if (d->retired && d->pending == 0) {
        gt_post(d->loop, &d->post);
    }
}


/* c-ares's callback */

static void
dns_answered(void *data, int status, int timeouts, struct ares_addrinfo *res)
{
    dns_half_t      *h = data;
    gt_dns_answer_t *a = &h->a;
    dns_question_t  *q = h->q;

    (void) timeouts;

    if (status == ARES_SUCCESS && res) {
        dns_take(a, res);
        a->ttl_ms = dns_ttl(res);
        a->err = a->n > 0 ? GT_E_NONE : GT_E_DNS;
    } else {
        a->err = dns_error(status, &a->ttl_ms);
    }

    if (res) {
        ares_freeaddrinfo(res);
    }

    h->answered = true;

    if (q->half[0].answered && q->half[1].answered) {
        dns_end(q);

    } else if (a->n > 0 && q->d->pending <= GT_DNS_EARLY) {
        gt_timer_set(q->d->loop, &q->timer, GT_DNS_MOMENT, dns_moment);
    }
}


static void
dns_ask_half(dns_question_t *q, const char *name, int family)
{
    dns_half_t                      *h = &q->half[family == AF_INET];
    const struct ares_addrinfo_hints hints = {
        .ai_flags = ARES_AI_NOSORT, /* sorting asks the kernel for each */
        .ai_family = family,
        .ai_socktype = SOCK_STREAM,
    };

    h->q = q;
    ares_getaddrinfo(q->d->ares, name, NULL, &hints, dns_answered, h);
}


void
gt_dns_ask(gt_dns_t *d, const char                                  *name,
           void (*done)(void *data, const gt_dns_answer_t *a), void *data)
{
    dns_question_t *q = gt_calloc(sizeof(*q));
    gt_dns_answer_t a = { .err = GT_E_NOMEM };

    if (!q) {
        done(data, &a);
        return;
    }

    q->d = d;
    q->done = done;
    q->data = data;
    d->pending++;

    dns_ask_half(q, name, AF_INET6);
    dns_ask_half(q, name, AF_INET);
    gt_dns_arm(d);
}
