/*
 * process/asker.h: a worker asks its master for sockets of other network
 * namespaces (net/give.h), which only the master may enter.
 *
 * The wishes of one namespace, family and type are alike, and so are the
 * sockets: whichever comes goes to who has waited the longest, or is kept for
 * the next one.
 */

#ifndef GT_PROCESS_ASKER_H
#define GT_PROCESS_ASKER_H

#include "net/give.h"
#include "os/netns.h"
#include "process/channel.h"

enum {
    GT_ASKER_MS = 5000,      /* a wish's deadline */
    GT_ASKER_WAITING = 1024, /* wishes; more fail at once */
    GT_ASKER_FLIGHT = 64,    /* requests without an answer: both directions of
                                the channel hold as many, with descriptors */
    GT_ASKER_KEEP = 4,       /* sockets kept, of a kind that has been wanted */
    GT_ASKER_KEEP_ALL = 64   /* and of all kinds */
};

typedef struct gt_asker gt_asker_t;

/* spaces, whose indexes are asked for, and ch, which may be closed and opened
   again, outlive it; NULL: no memory */
gt_asker_t *gt_asker_new(gt_loop_t *loop, gt_channel_t *ch,
                         const gt_netns_set_t *spaces);

/* nobody may be waiting any more; NULL is harmless */
void gt_asker_free(gt_asker_t *as);

gt_giver_t *gt_asker_giver(gt_asker_t *as);

/* GIVEN has come; takes its descriptor out of m */
void gt_asker_got(gt_asker_t *as, gt_msg_t *m);

/* there is no master, who waits fails and so does who comes; NULL is
   harmless */
void gt_asker_gone(gt_asker_t *as);

/* there is a new one at the end of the channel; NULL is harmless */
void gt_asker_back(gt_asker_t *as);

/* --- the other end --- */

/* what the master answers to m, an ASK: GIVEN into *answer, whose descriptor
   is the caller's */
void gt_asker_answer(const gt_netns_set_t *spaces, const gt_msg_t *m,
                     gt_msg_t *answer);

#endif
