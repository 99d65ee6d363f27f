/*
 * net/tcp.h: kernel byte-stream sockets (TCP, unix) as streams.
 *
 * One edge-triggered registration for life; two sticky bits remember what the
 * kernel can do, so that no system call is made to learn what is known.
 */

#ifndef GT_NET_TCP_H
#define GT_NET_TCP_H

#include "net/stream.h"

/*
 * A connected, non-blocking socket as a stream.  Takes fd: without memory, or
 * when the kernel refuses, it is closed and the result is NULL.
 */
gt_stream_t *gt_tcp_stream(gt_loop_t *loop, int fd);

/*
 * Lets go of the descriptor: the stream is closed and *fd stays open, the
 * caller's.  For hand-over to another process.  GT_ERROR: it is no such
 * stream, or it holds unread bytes; nothing has changed.
 */
int gt_tcp_release(gt_stream_t *st, int *fd);

#endif
