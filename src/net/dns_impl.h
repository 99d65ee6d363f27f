/*
 * net/dns_impl.h: what the two files of DNS lookups share.
 */

#ifndef GT_NET_DNS_IMPL_H
#define GT_NET_DNS_IMPL_H

#include "net/dns.h"

#include <ares.h>

struct gt_dns {
    gt_loop_t   *loop;
    gt_list_t    link;    /* in dns_all */
    ares_channel ares;    /* ours */
    gt_list_t    socks;   /* of dns_sock_t, ours: some for each server */
    gt_timer_t   timer;   /* when c-ares wants to look again */
    unsigned     pending; /* questions; bounded by whoever asks */
    bool         retired;
    gt_post_t    post; /* the end of a retired one */
    gt_reap_t    reap;
};

/* after every call into c-ares that may have changed what it waits for */
void gt_dns_arm(gt_dns_t *d);

#endif
