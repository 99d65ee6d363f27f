/*
 * process/channel.h: messages between the master and its children, over one
 * SOCK_SEQPACKET pair each; the end of the channel is the end of the other
 * process.  A worker that has lost its master accepts such channels from a new
 * one, and first tells it what it holds.
 *
 *   worker                      master
 *   READY                  ->             it accepts
 *                          <-  QUIT       no new ones, serve the rest, end
 *                          <-  STOP       end now
 *                          <-  LOG        + the log's descriptor
 *                          <-  PEER       + an inbox of another worker
 *                          <-  FORGET     the workers of a generation
 *                          <-  ZONE       + counters (the stats process)
 *                          <-  TAKE       a new master asks (first message)
 *   HELLO                  ->             + zones, inbox; then count of these:
 *   SOCKET                 ->             + one listening socket
 *   SPACE                  ->             + a network namespace
 *   ASK                    ->             a socket of a network namespace
 *                          <-  GIVEN      + the socket, or why there is none
 */

#ifndef GT_PROCESS_CHANNEL_H
#define GT_PROCESS_CHANNEL_H

#include "event/loop.h"
#include "os/fdpass.h"

typedef enum {
    GT_MSG_READY = 1,
    GT_MSG_QUIT,
    GT_MSG_STOP,
    GT_MSG_LOG,
    GT_MSG_PEER,
    GT_MSG_FORGET,
    GT_MSG_ZONE,
    GT_MSG_TAKE,
    GT_MSG_HELLO,
    GT_MSG_SOCKET,
    GT_MSG_SPACE,
    GT_MSG_ASK,
    GT_MSG_GIVEN,
    GT_MSG_END /* behind the last */
} gt_msg_type_t;

enum {
    GT_MSG_FDS = 4,   /* descriptors of one message */
    GT_MSG_TEXT = 128 /* a gt_bound_t's key */
};

typedef struct {
    gt_msg_type_t type;
    uint32_t      generation, slot; /* HELLO, PEER, FORGET, SOCKET; ASK: the
                                       namespace's index */
    uint32_t      n_slots;          /* HELLO, FORGET: of its generation */
    uint32_t      count;            /* HELLO: SOCKETs and SPACEs that follow;
                                       ASK, GIVEN: the request's number */
    uint32_t      state;            /* HELLO: gt_slot_state_t; ASK: 2: IPv6,
                                       1: datagrams */
    int32_t       pid;              /* HELLO; GIVEN without a socket: errno */
    char          text[GT_MSG_TEXT]; /* SOCKET: the key; SPACE: the name */
    int           fds[GT_MSG_FDS];  /* received: the receiver's, -1: none */
    unsigned      n_fds;
} gt_msg_t;

enum { GT_MSG_SIZE = 9 * 4 + GT_MSG_TEXT };

/* to GT_MSG_SIZE bytes and back; GT_ERROR: not such a message */
void gt_msg_encode(const gt_msg_t *m, uint8_t *p);
int  gt_msg_decode(const uint8_t *p, size_t n, gt_msg_t *m);

typedef struct gt_channel gt_channel_t;

/* embedded in its owner */
struct gt_channel {
    int        fd; /* ours; -1: closed */
    gt_event_t event;
    gt_loop_t *loop;
    void      *owner;

    /* m NULL: the other side has gone and the channel is closed.  Descriptors
       that got() does not set to -1 are closed after it */
    void (*got)(gt_channel_t *ch, gt_msg_t *m);
};

/* takes fd over; GT_ERROR: the kernel refuses, fd is closed */
int  gt_channel_open(gt_channel_t *ch, gt_loop_t *loop, int fd, void *owner,
                     void (*got)(gt_channel_t *ch, gt_msg_t *m));
void gt_channel_close(gt_channel_t *ch); /* idempotent */

/* GT_ERROR: closed, or the other side does not read */
int gt_channel_send(gt_channel_t *ch, const gt_msg_t *m);

/* --- without a loop, for the start of a master --- */

/* GT_OK, or GT_ERROR: nothing within ms, the end, not a message */
int gt_msg_wait(int fd, gt_msg_t *m, int ms);
int gt_msg_send(int fd, const gt_msg_t *m);

/* closes what descriptors m still has */
void gt_msg_drop(gt_msg_t *m);

#endif
