/*
 * net/mesh.c: streams and datagrams between the workers of one machine.
 *
 * A message is a head, then the bytes that describe a stream, with its
 * descriptor beside them, or those of a datagram.  A message that is none of
 * these is dropped: a worker of another version may have sent it.
 */

#include "net/mesh.h"

#include "core/log.h"
#include "core/mem.h"
#include "net/tcp.h"
#include "os/fdpass.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    MESH_MAGIC = 0x67746d31, /* "gtm1": also the version */
    MESH_TURN = 64,          /* messages read before others run */
    MESH_QUEUE = 1024 * 1024 /* bytes an inbox holds, if the system agrees */
};

enum { MESH_STREAM = 1, MESH_DGRAM };

typedef struct {
    uint32_t magic;
    uint32_t type;
    uint32_t kind;
    uint32_t generation, slot; /* of the sender */
} mesh_head_t;

typedef struct {
    gt_mesh_key_t key;
    int           fd; /* ours */
} mesh_peer_t;

typedef struct {
    mesh_head_t head;
    uint8_t     data[GT_MESH_DGRAM];
} mesh_msg_t;

struct gt_mesh {
    gt_loop_t     *loop;
    gt_mesh_key_t  self;
    gt_mesh_conf_t cf; /* data is the worker's */
    gt_event_t     ev; /* fd is the caller's */
    bool           closed;
    gt_reap_t      reap;
    unsigned       n_peers;
    mesh_peer_t    peers[GT_MESH_PEERS];
    mesh_msg_t     in, out; /* not touched while nothing is sent */
};


int
gt_mesh_inbox(int fd[2])
{
    int size = MESH_QUEUE;

    if (gt_fdpass_pair(fd) != GT_OK) {
        return GT_ERROR;
    }

    (void) setsockopt(fd[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));

    return GT_OK;
}


/* ---- receiving */

static void
mesh_got_stream(gt_mesh_t *m, size_t n, int fd)
{
    gt_stream_t  *st;
    gt_mesh_key_t from = { m->in.head.generation, m->in.head.slot };

    st = gt_tcp_stream(m->loop, fd);
    if (!st) {
        return; /* the sender sees the end of it */
    }

    if (!m->cf.stream || n > GT_MESH_HEADER) {
        gt_stream_close(st, GT_E_NONE);
        return;
    }

    m->cf.stream(m->cf.data, &from, m->in.head.kind, m->in.data, n, st);
}


static void
mesh_got(gt_mesh_t *m, size_t n, int fd)
{
    gt_mesh_key_t from = { m->in.head.generation, m->in.head.slot };

    if (n < sizeof(mesh_head_t) || m->in.head.magic != MESH_MAGIC) {
        n = 0;
    } else if (m->in.head.type == MESH_STREAM && fd >= 0) {
        mesh_got_stream(m, n - sizeof(mesh_head_t), fd);
        return;
    } else if (m->in.head.type == MESH_DGRAM && fd < 0 && m->cf.dgram) {
        m->cf.dgram(m->cf.data, &from, m->in.head.kind, m->in.data,
                    n - sizeof(mesh_head_t));
        return;
    }

    if (fd >= 0) {
        (void) close(fd);
    }
}


/* the inbox is of no use any more; the master has gone, or a bug */

static void
mesh_lost(gt_mesh_t *m, ssize_t n)
{
    if (n < 0) {
        gt_log_alert("mesh: inbox of slot %u: %m", m->self.slot);
    }

    gt_event_del(m->loop, &m->ev);
}


static void
mesh_event(gt_event_t *ev, uint32_t events)
{
    int        i, fd;
    ssize_t    n;
    unsigned   n_fds;
    gt_mesh_t *m = gt_container_of(ev, gt_mesh_t, ev);

    (void) events;

    for (i = 0; i < MESH_TURN && !m->closed; i++) {
        n_fds = 1;
        n = gt_fdpass_recv(ev->fd, &m->in, sizeof(m->in), &fd, &n_fds);

        if (n > 0) {
            mesh_got(m, (size_t) n, n_fds ? fd : -1);
            continue;
        }

        if (n == GT_AGAIN) {
            return;
        }

        if (n == 0 || (errno != EMSGSIZE && errno != EMFILE)) {
            mesh_lost(m, n);
            return;
        }
    }
}


/* ---- the mesh and its peers */

gt_mesh_t *
gt_mesh_new(gt_loop_t *loop, gt_mesh_key_t self, int inbox,
            const gt_mesh_conf_t *cf)
{
    gt_mesh_t *m = gt_calloc(sizeof(*m));

    if (!m) {
        return NULL;
    }

    m->loop = loop;
    m->self = self;
    m->cf = *cf;
    m->ev.fd = inbox;
    m->ev.handler = mesh_event;

    if (gt_event_add(loop, &m->ev, EPOLLIN) != GT_OK) {
        gt_free(m);
        return NULL;
    }

    return m;
}


static void
mesh_reaped(gt_reap_t *reap)
{
    gt_free(gt_container_of(reap, gt_mesh_t, reap));
}


void
gt_mesh_free(gt_mesh_t *m)
{
    GT_ASSERT(!m->closed);
    m->closed = true;

    while (m->n_peers > 0) {
        (void) close(m->peers[--m->n_peers].fd);
    }

    if (m->ev.handler) {
        gt_event_del(m->loop, &m->ev);
    }

    gt_reap(m->loop, &m->reap, mesh_reaped);
}


static mesh_peer_t *
mesh_find(gt_mesh_t *m, gt_mesh_key_t key)
{
    unsigned i;

    for (i = 0; i < m->n_peers; i++) {
        if (m->peers[i].key.generation == key.generation
            && m->peers[i].key.slot == key.slot)
        {
            return &m->peers[i];
        }
    }

    errno = ENOENT;

    return NULL;
}


int
gt_mesh_peer(gt_mesh_t *m, gt_mesh_key_t key, int fd)
{
    mesh_peer_t *p = mesh_find(m, key);

    if (!p && m->n_peers == GT_MESH_PEERS) {
        errno = ENOSPC;
        return GT_ERROR;
    }

    fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0) {
        return GT_ERROR;
    }

    if (p) {
        (void) close(p->fd);
    } else {
        p = &m->peers[m->n_peers++];
        p->key = key;
    }

    p->fd = fd;

    return GT_OK;
}


void
gt_mesh_forget(gt_mesh_t *m, gt_mesh_key_t key)
{
    mesh_peer_t *p = mesh_find(m, key);

    if (p) {
        (void) close(p->fd);
        *p = m->peers[--m->n_peers];
    }
}


/* ---- sending */

static int
mesh_put(gt_mesh_t *m, gt_mesh_key_t to, mesh_head_t head, const void *p,
         size_t n, int fd)
{
    mesh_peer_t *peer = mesh_find(m, to);

    if (!peer) {
        return GT_ERROR;
    }

    if (n > (head.type == MESH_STREAM ? (size_t) GT_MESH_HEADER
                                      : (size_t) GT_MESH_DGRAM))
    {
        errno = EMSGSIZE;
        return GT_ERROR;
    }

    head.magic = MESH_MAGIC;
    head.generation = m->self.generation;
    head.slot = m->self.slot;
    m->out.head = head;
    if (n > 0) {
        memcpy(m->out.data, p, n);
    }

    return gt_fdpass_send(peer->fd, &m->out, sizeof(head) + n, &fd, fd >= 0);
}


gt_stream_t *
gt_mesh_open(gt_mesh_t *m, gt_mesh_key_t to, unsigned kind, const void *header,
             size_t n)
{
    int          eno, fd[2];
    mesh_head_t  head = { .type = MESH_STREAM, .kind = kind };
    gt_stream_t *st;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fd)
        < 0) {
        return NULL;
    }

    st = gt_tcp_stream(m->loop, fd[0]);
    if (!st) {
        (void) close(fd[1]);
        errno = ENOMEM;
        return NULL;
    }

    if (mesh_put(m, to, head, header, n, fd[1]) != GT_OK) {
        eno = errno;
        (void) close(fd[1]);
        gt_stream_close(st, GT_E_NONE);
        errno = eno;
        return NULL;
    }

    (void) close(fd[1]);

    return st;
}


int
gt_mesh_give(gt_mesh_t *m, gt_mesh_key_t to, unsigned kind, const void *header,
             size_t n, gt_stream_t *st)
{
    int         rc, fd = gt_stream_raw_fd(st);
    mesh_head_t head = { .type = MESH_STREAM, .kind = kind };

    /* a filter may be raw too, but there is more to it than a descriptor */
    if (fd < 0 || strcmp(st->ops->name, "tcp") != 0) {
        errno = EINVAL;
        return GT_ERROR;
    }

    rc = mesh_put(m, to, head, header, n, fd);
    if (rc != GT_OK) {
        return rc;
    }

    rc = gt_tcp_release(st, &fd);
    GT_ASSERT(rc == GT_OK);
    (void) close(fd);

    return GT_OK;
}


int
gt_mesh_send(gt_mesh_t *m, gt_mesh_key_t to, unsigned kind, const void *p,
             size_t n)
{
    return mesh_put(m, to, (mesh_head_t){ .type = MESH_DGRAM, .kind = kind }, p,
                    n, -1);
}
