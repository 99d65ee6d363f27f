/*
 * net/mesh.h: streams and datagrams between the workers of one machine.
 *
 * Each worker slot of each generation has an inbox, a SOCK_SEQPACKET pair that
 * the master makes before the fork and keeps open: messages sent while the
 * worker is dead wait for its replacement.  Worker j opens a stream to k by
 * sending one end of a fresh socket pair with a header; k receives an ordinary
 * stream.  A datagram is a message.
 */

#ifndef GT_NET_MESH_H
#define GT_NET_MESH_H

#include "net/stream.h"

enum {
    GT_MESH_HEADER = 512,  /* bytes that may describe a stream */
    GT_MESH_DGRAM = 65535, /* bytes of a datagram */
    GT_MESH_PEERS = 256    /* inboxes known at once: generations x slots */
};

typedef struct {
    uint32_t generation;
    uint32_t slot;
} gt_mesh_key_t;

typedef struct {
    /* a sibling has opened a stream; st is the callee's, header is not; either
       may be NULL: not wanted; both may free the mesh */
    void (*stream)(void *data, const gt_mesh_key_t *from, unsigned kind,
                   const void *header, size_t n, gt_stream_t *st);
    void (*dgram)(void *data, const gt_mesh_key_t *from, unsigned kind,
                  const void *p, size_t n);
    void *data;
} gt_mesh_conf_t;

typedef struct gt_mesh gt_mesh_t;

/* an inbox: fd[0] is read by its worker, fd[1] written by the others; both the
   caller's.  GT_ERROR with errno */
int gt_mesh_inbox(int fd[2]);

/* in a worker: reads its own inbox (fd stays the caller's); NULL: no memory */
gt_mesh_t *gt_mesh_new(gt_loop_t *loop, gt_mesh_key_t self, int inbox,
                       const gt_mesh_conf_t *cf);
void gt_mesh_free(gt_mesh_t *m);

/* makes a sibling known (fd is dup'ed), or forgets it; GT_ERROR: too many */
int  gt_mesh_peer(gt_mesh_t *m, gt_mesh_key_t key, int fd);
void gt_mesh_forget(gt_mesh_t *m, gt_mesh_key_t key);

/* a stream to a sibling; NULL and errno: unknown (ENOENT), its inbox is full
   (EAGAIN), no memory or descriptors */
gt_stream_t *gt_mesh_open(gt_mesh_t *m, gt_mesh_key_t to, unsigned kind,
                          const void *header, size_t n);

/* gives a stream to a sibling with the header: only raw sockets (gt_tcp_stream)
   without unread bytes.  GT_OK: st is gone; else st stays the caller's:
   GT_AGAIN (the inbox is full) or GT_ERROR and errno (EINVAL: no such
   stream) */
int gt_mesh_give(gt_mesh_t *m, gt_mesh_key_t to, unsigned kind,
                 const void *header, size_t n, gt_stream_t *st);

/* a datagram; GT_AGAIN: the inbox is full, it is dropped; GT_ERROR and errno:
   unknown (ENOENT), too long (EMSGSIZE), the socket's */
int gt_mesh_send(gt_mesh_t *m, gt_mesh_key_t to, unsigned kind, const void *p,
                 size_t n);

#endif
