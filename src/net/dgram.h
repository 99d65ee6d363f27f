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
    gt_addr_t  peer; /* from, or to; len 0 on a connected one */
    gt_chain_t data; /* at most GT_DGRAM_MAX bytes; may be empty */
} gt_packet_t;

enum { GT_DGRAM_MAX = 65535 };

/* what an implementation supplies */
typedef struct {
    const char *name; /* "udp": for traces */
    int (*recv)(gt_dgram_t *dg, gt_packet_t *to, int n);
    int (*send)(gt_dgram_t *dg, gt_packet_t *from, int n);
    void (*want)(gt_dgram_t *dg, unsigned ev); /* arm, one shot */
    void (*close)(gt_dgram_t *dg);
    int (*query)(gt_dgram_t *dg, int what, void *out); /* or NULL */
} gt_dgram_ops_t;

/* the first member of every implementation; the implementation allocates it */
struct gt_dgram {
    const gt_dgram_ops_t *ops;
    gt_loop_t            *loop;
    void (*ready)(gt_dgram_t *dg, unsigned ev); /* upcall */
    void     *owner;                            /* exactly one; NULL: closed */
    gt_post_t post;                             /* carries `pend` up */
    uint64_t  rx, tx;  /* bytes to and from the owner */
    uint64_t  dropped; /* datagrams, both ways; the implementation counts
                          these and tx */
    gt_err_t  err;
    uint8_t   want, pend; /* armed; posted: GT_EV_* */
    unsigned  closed : 1;
    unsigned  magic : 31; /* GT_DGRAM_MAGIC until freed */
};

enum { GT_DGRAM_MAGIC = 0xd96a3 };

/* --- for owners: these never call back --- */

/* to[0..n): their data is empty before; how many were filled (> 0), GT_AGAIN
   or GT_ERROR.  The chains are the caller's */
int gt_dgram_recv(gt_dgram_t *dg, gt_packet_t *to, int n);

/* how many have left or were dropped (> 0), in order: their data is empty
   then, the others are untouched; GT_AGAIN: none, or GT_ERROR */
int gt_dgram_send(gt_dgram_t *dg, gt_packet_t *from, int n);

void gt_dgram_want(gt_dgram_t *dg, unsigned ev);
void gt_dgram_close(gt_dgram_t *dg);

/* as gt_stream_query(), the same GT_Q_* */
int gt_dgram_query(gt_dgram_t *dg, int what, void *out);

/* takes over: from now on ready() goes to `owner`; earlier posts are kept */
void gt_dgram_own(gt_dgram_t *dg, void *owner,
                  void (*ready)(gt_dgram_t *dg, unsigned ev));

/* --- for implementors, as of streams --- */

void gt_dgram_init(gt_dgram_t *dg, const gt_dgram_ops_t *ops, gt_loop_t *loop);
void gt_dgram_post(gt_dgram_t *dg, unsigned ev);
void gt_dgram_notify(gt_dgram_t *dg, unsigned ev);
int  gt_dgram_fail(gt_dgram_t *dg, gt_err_t why);

/* dgrams alive in this process: 0 when a worker leaves */
unsigned gt_dgram_live(void);

/* an implementation's reaper calls it just before it frees */
void gt_dgram_gone(gt_dgram_t *dg);

#endif
