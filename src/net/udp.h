/*
 * net/udp.h: kernel datagram sockets (UDP, unix) as dgrams.
 *
 * Several datagrams move in a system call.  One edge-triggered registration
 * for life, as of net/tcp.h.
 */

#ifndef GT_NET_UDP_H
#define GT_NET_UDP_H

#include "net/dgram.h"

enum { GT_UDP_BATCH = 16 }; /* datagrams a system call moves at most */

/*
 * A non-blocking socket, bound or connected, as a dgram.  Takes fd: without
 * memory, or when the kernel refuses, it is closed and the result is NULL.
 * On a dual-stack socket peers of IPv4 are IPv4 addresses, both ways.
 */
gt_dgram_t *gt_udp_dgram(gt_loop_t *loop, int fd);

#endif
