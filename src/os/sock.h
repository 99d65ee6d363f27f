/*
 * os/sock.h: opening sockets and setting their options.
 *
 * Every socket is non-blocking and close-on-exec.  Calls that make one return
 * it, or -1 with errno; the others return GT_OK, or GT_ERROR with errno.
 */

#ifndef GT_OS_SOCK_H
#define GT_OS_SOCK_H

#include "core/core.h"

#include <sys/socket.h>

enum {
    GT_SOCK_BACKLOG = 4096,  /* cut by the kernel to net.core.somaxconn */
    GT_SOCK_KEEPALIVE = 15,  /* s, idle and between probes, as Go has it */
    GT_SOCK_PATH = 108       /* of a unix socket, with its NUL */
};

typedef struct {
    int         type;      /* 0: SOCK_STREAM; SOCK_DGRAM */
    int         backlog;   /* 0: GT_SOCK_BACKLOG */
    bool        reuseport; /* shares the port with its sibling slots */
    uint32_t    mark;      /* 0: none; needs CAP_NET_ADMIN */
    const char *interface; /* NULL: any; the caller's */
} gt_sock_conf_t;

/* --- making --- */

/* a socket of that family and type */
int gt_sock_open(int family, int type);

/*
 * Bound, and listening unless it is a datagram socket.  An IPv6 wildcard is
 * dual-stack, an IPv4 address IPv4 only.  conf NULL: all defaults.
 */
int gt_sock_listen(const struct sockaddr *sa, socklen_t len,
                   const gt_sock_conf_t *conf);

/*
 * Could a process of somebody else's have that port?  Binds without
 * SO_REUSEPORT and closes again: GT_ERROR with EADDRINUSE where a listener
 * exists, also one that shares.  Port 0 is always GT_OK.
 */
int gt_sock_probe(const struct sockaddr *sa, socklen_t len, int type);

/* the address of "every address" for an empty host: [::], or 0.0.0.0 where
   the kernel has no IPv6; returns its length */
socklen_t gt_sock_wildcard(struct sockaddr_storage *ss, uint16_t port);

/*
 * Listening at a path (type SOCK_STREAM or SOCK_SEQPACKET), which gets `mode`.
 * A stale socket, to which nobody answers, is replaced; a living one is
 * EADDRINUSE, a file that is no socket EEXIST.  "@name" is the abstract
 * namespace.
 */
int gt_sock_listen_unix(const char *path, int type, mode_t mode);

/* connected, or connecting (EINPROGRESS is no error) to a path */
int gt_sock_connect_unix(const char *path, int type);

/* -1 with EAGAIN when nobody waits; sa may be NULL */
int gt_sock_accept(int fd, struct sockaddr *sa, socklen_t *len);

/* --- options --- */

int gt_sock_nodelay(int fd, bool on);

/* idle_s 0: off; else idle_s to the first probe and between probes */
int gt_sock_keepalive(int fd, int idle_s);

/* the lowest port that the kernel gives to a socket by itself */
uint16_t gt_sock_ephemeral(void);

int gt_sock_mark(int fd, uint32_t mark);
int gt_sock_interface(int fd, const char *name);

/* what it connects comes from that address; the port is chosen only then, so
   that many may have the same to different ends */
int gt_sock_source(int fd, const struct sockaddr *sa, socklen_t len);

/* close() will send a reset and forget what is unsent */
int gt_sock_reset_on_close(int fd);

int gt_sock_nonblock(int fd, bool on);
int gt_sock_cloexec(int fd, bool on);

/* the pending errno, which is thereby cleared; 0: none */
int gt_sock_error(int fd);

/* is it a listening socket (of SO_ACCEPTCONN)? for inherited descriptors */
bool gt_sock_is_listening(int fd);

/* connections that wait in the accept queue of a listening TCP socket; -1 */
int gt_sock_queued(int fd);

#endif
