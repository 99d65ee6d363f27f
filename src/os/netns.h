/*
 * os/netns.h: network namespaces: opened by name, entered for a moment, left.
 *
 * A process of one thread that has CAP_SYS_ADMIN makes its sockets elsewhere
 * with it.  A socket stays where it was made, and keeps its namespace alive.
 */

#ifndef GT_OS_NETNS_H
#define GT_OS_NETNS_H

#include "core/core.h"

enum {
    GT_NETNS_MAX = 64, /* in one set: each is a descriptor in each worker */
    GT_NETNS_NAME = 64 /* with its NUL; longer ones are cut for the log */
};

typedef struct {
    char     name[GT_NETNS_NAME];
    uint64_t id; /* no other living one has it */
    int      fd; /* the set's; -1: gone */
} gt_netns_t;

/* all-zero is empty */
typedef struct {
    gt_netns_t list[GT_NETNS_MAX];
    int        n;
} gt_netns_set_t;

/*
 * Opens the namespace `name`, a path if it begins with '/', else of
 * /var/run/netns or /run/netns, and enters it once to see whether we may.
 * Its index plus 1, that of before if the set has it; 0: it is our own, and
 * the set is as it was; -1 with *why, which is static or the errno's.
 */
int gt_netns_add(gt_netns_set_t *set, const char *name, const char **why);

/* takes fd, of a namespace; GT_ERROR: it is none, or the set is full, and fd is
   still the caller's */
int gt_netns_put(gt_netns_set_t *set, const char *name, int fd);

/* what `from` has is `to`'s, whatever was there before */
void gt_netns_move(gt_netns_set_t *to, gt_netns_set_t *from);

/* empties the set */
void gt_netns_close(gt_netns_set_t *set);

/* what gt_netns_leave() wants; -1 with errno, and we are where we were */
int gt_netns_enter(const gt_netns_t *ns);

/* back home.  That it fails must not happen: everything that follows would be
   done in the wrong place, so the process ends */
void gt_netns_leave(int home);

/* a socket made in there, as of gt_sock_open(); -1 with errno */
int gt_netns_socket(const gt_netns_t *ns, int family, int type);

#endif
