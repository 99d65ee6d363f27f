/*
 * process/channel.c: the codec of messages, and their way in and out.
 *
 * Both ends are of one machine, so words go in its own order; the version
 * keeps apart what two releases would read differently.
 */

#include "process/channel.h"

#include "core/log.h"
#include "core/str.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    MSG_MAGIC = 0x67740001, /* "gt" and the version of the layout below */
    MSG_WORDS = 9,
    MSG_TURN = 64 /* messages taken before the loop goes on */
};

_Static_assert((int) GT_MSG_SIZE == MSG_WORDS * 4 + GT_MSG_TEXT, "the layout");


void
gt_msg_encode(const gt_msg_t *m, uint8_t *p)
{
    uint32_t w[MSG_WORDS] = { MSG_MAGIC, (uint32_t) m->type, m->generation,
                              m->slot,   m->n_slots,         m->count,
                              m->state,  (uint32_t) m->pid,  m->n_fds };

    memcpy(p, w, sizeof(w));
    memset(p + sizeof(w), 0, GT_MSG_TEXT);
    (void) gt_str_copy((char *) p + sizeof(w), GT_MSG_TEXT,
                       gt_str_from(m->text));
}


int
gt_msg_decode(const uint8_t *p, size_t n, gt_msg_t *m)
{
    uint32_t w[MSG_WORDS];

    if (n != GT_MSG_SIZE) {
        return GT_ERROR;
    }

    memcpy(w, p, sizeof(w));

    if (w[0] != MSG_MAGIC || w[1] == 0 || w[1] >= GT_MSG_END
        || w[8] > GT_MSG_FDS || !memchr(p + sizeof(w), '\0', GT_MSG_TEXT))
    {
        return GT_ERROR;
    }

    *m = (gt_msg_t){ .type = (gt_msg_type_t) w[1],
                     .generation = w[2],
                     .slot = w[3],
                     .n_slots = w[4],
                     .count = w[5],
                     .state = w[6],
                     .pid = (int32_t) w[7],
                     .n_fds = w[8],
                     .fds = { -1, -1, -1, -1 } };
    memcpy(m->text, p + sizeof(w), GT_MSG_TEXT);

    return GT_OK;
}


void
gt_msg_drop(gt_msg_t *m)
{
    unsigned i;

    for (i = 0; i < m->n_fds; i++) {
        if (m->fds[i] >= 0) {
            (void) close(m->fds[i]);
            m->fds[i] = -1;
        }
    }
}


int
gt_msg_send(int fd, const gt_msg_t *m)
{
    uint8_t p[GT_MSG_SIZE];

    gt_msg_encode(m, p);

    return gt_fdpass_send(fd, p, sizeof(p), m->fds, m->n_fds) == GT_OK
               ? GT_OK
               : GT_ERROR;
}


/* GT_OK, GT_AGAIN, GT_DONE at the end, GT_ERROR: not a message of ours */

static int
msg_recv(int fd, gt_msg_t *m)
{
    int      i, fds[GT_MSG_FDS];
    ssize_t  n;
    uint8_t  p[GT_MSG_SIZE];
    unsigned n_fds = GT_MSG_FDS;

    n = gt_fdpass_recv(fd, p, sizeof(p), fds, &n_fds);

    if (n == GT_AGAIN) {
        return GT_AGAIN;
    }

    if (n <= 0) {
        return n < 0 && errno == EMSGSIZE ? GT_ERROR : GT_DONE;
    }

    if (gt_msg_decode(p, (size_t) n, m) == GT_OK && m->n_fds == n_fds) {
        memcpy(m->fds, fds, n_fds * sizeof(int));
        return GT_OK;
    }

    for (i = 0; i < (int) n_fds; i++) {
        (void) close(fds[i]);
    }

    return GT_ERROR;
}


int
gt_msg_wait(int fd, gt_msg_t *m, int ms)
{
    int           rc;
    struct pollfd pfd = { .fd = fd, .events = POLLIN };

    rc = msg_recv(fd, m);

    if (rc == GT_AGAIN && poll(&pfd, 1, ms) == 1) {
        rc = msg_recv(fd, m);
    }

    return rc == GT_OK ? GT_OK : GT_ERROR;
}


static void
channel_ready(gt_event_t *ev, uint32_t events)
{
    int           rc = GT_OK, turn;
    gt_msg_t      m;
    gt_channel_t *ch = gt_container_of(ev, gt_channel_t, event);

    (void) events;

    for (turn = 0; turn < MSG_TURN && ch->fd >= 0; turn++) {
        rc = msg_recv(ch->fd, &m);

        if (rc == GT_OK) {
            ch->got(ch, &m);
            gt_msg_drop(&m);

        } else if (rc == GT_ERROR) {
            gt_warn("a message of another version was dropped");

        } else {
            break;
        }
    }

    if (rc == GT_DONE && ch->fd >= 0) {
        gt_channel_close(ch);
        ch->got(ch, NULL);
    }
}


int
gt_channel_open(gt_channel_t *ch, gt_loop_t *loop, int fd, void *owner,
                void (*got)(gt_channel_t *ch, gt_msg_t *m))
{
    ch->fd = fd;
    ch->loop = loop;
    ch->owner = owner;
    ch->got = got;
    ch->event = (gt_event_t){ .fd = fd, .handler = channel_ready };

    if (gt_event_add(loop, &ch->event, EPOLLIN) != GT_OK) {
        (void) close(fd);
        ch->fd = -1;
        return GT_ERROR;
    }

    return GT_OK;
}


void
gt_channel_close(gt_channel_t *ch)
{
    if (ch->fd >= 0) {
        gt_event_del(ch->loop, &ch->event);
        (void) close(ch->fd);
        ch->fd = -1;
    }
}


int
gt_channel_send(gt_channel_t *ch, const gt_msg_t *m)
{
    return ch->fd >= 0 ? gt_msg_send(ch->fd, m) : GT_ERROR;
}
