/*
 * net/dgram.h: the packet sibling of net/stream.h: boundaries are kept, and
 * each datagram carries its peer's address.
 *
 * The contract is the stream's where it can be: AGAIN means want(), then one
 * ready(); close is immediate and silent; operations (net/op.h) end in one.
 * The differences:
 *
 *   recv takes up to n datagrams; each has memory of its own (a chain) and
 *     the address it came from.
 *   send gives up to n; a datagram that cannot be sent (too long, refused,
 *     no route) is counted and dropped, and ends nothing.  There is no
 *     half-close and no EOF: an owner's idle timer ends a flow.
 *   GT_EV_ERR is only for the socket itself.
 */

#ifndef GT_NET_DGRAM_H
#define GT_NET_DGRAM_H

#include "core/buf.h"
#include "net/addr.h"
#include "net/stream.h"

typedef struct gt_dgram gt_dgram_t;

typedef struct {
    gt_addr_t  peer; /* from, or to; family 0 on a connected one */
    gt_chain_t data;
} gt_packet_t;

typedef struct {
    const char *name;
    /* how many were filled, GT_AGAIN or GT_ERROR */
    int (*recv)(gt_dgram_t *dg, gt_packet_t *to, int n);
    /* how many left or were dropped (data emptied), GT_AGAIN or GT_ERROR */
    int (*send)(gt_dgram_t *dg, gt_packet_t *from, int n);
    void (*want)(gt_dgram_t *dg, unsigned ev);
    void (*close)(gt_dgram_t *dg);
    int (*query)(gt_dgram_t *dg, int what, void *out);
} gt_dgram_ops_t;

struct gt_dgram {
    const gt_dgram_ops_t *ops;
    gt_loop_t            *loop;
    void (*ready)(gt_dgram_t *dg, unsigned ev);
    void     *owner;
    gt_post_t post;
    uint64_t  rx, tx, dropped; /* bytes, bytes, datagrams */
    gt_err_t  err;
    uint8_t   want, pend;
    unsigned  closed : 1;
};

#endif
