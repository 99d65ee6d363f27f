/*
 * os/netns.c: network namespaces, by setns().
 */

#include "os/netns.h"

#include "core/log.h"
#include "core/str.h"
#include "os/sock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* where GOST and ip-netns(8) look, and where that leads */
static const char *const netns_dirs[] = { "/var/run/netns", "/run/netns" };

#define NETNS_OWN "/proc/self/ns/net"


/* 0: not known.  The file system of namespaces is one, so the number of a file
   in it is all */

static uint64_t
netns_id(int fd)
{
    struct stat sb;

    return fstat(fd, &sb) == 0 ? (uint64_t) sb.st_ino : 0;
}


static uint64_t
netns_own(void)
{
    struct stat sb;

    return stat(NETNS_OWN, &sb) == 0 ? (uint64_t) sb.st_ino : 0;
}


static int
netns_file(const char *name)
{
    int    fd = -1;
    char   path[512];
    size_t i;

    if (name[0] == '/') {
        return open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    }

    for (i = 0; i < gt_nelts(netns_dirs) && fd < 0; i++) {
        if (gt_snprintf(path, sizeof(path), "%s/%s", netns_dirs[i], name)
            >= sizeof(path) - 1)
        {
            errno = ENAMETOOLONG;
            return -1;
        }

        fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    }

    return fd;
}


static bool
netns_is_one(int fd)
{
    return ioctl(fd, NS_GET_NSTYPE) == CLONE_NEWNET;
}


int
gt_netns_put(gt_netns_set_t *set, const char *name, int fd)
{
    gt_netns_t *ns = &set->list[set->n];

    if (set->n == GT_NETNS_MAX || !netns_is_one(fd)) {
        return GT_ERROR;
    }

    (void) gt_str_copy(ns->name, sizeof(ns->name), gt_str_from(name));
    ns->id = netns_id(fd);
    ns->fd = fd;
    set->n++;

    return GT_OK;
}


/* its index plus 1; 0: our own; -1 */

static int
netns_take(gt_netns_set_t *set, const char *name, int fd, const char **why)
{
    int      i, home;
    uint64_t id = netns_id(fd);

    if (!netns_is_one(fd)) {
        *why = "not a network namespace";
        return -1;
    }

    if (id == netns_own()) {
        (void) close(fd);
        return 0;
    }

    for (i = 0; i < set->n; i++) {
        if (set->list[i].id == id) {
            (void) close(fd);
            return i + 1;
        }
    }

    if (gt_netns_put(set, name, fd) != GT_OK) {
        *why = "too many namespaces";
        return -1;
    }

    home = gt_netns_enter(&set->list[set->n - 1]);
    if (home < 0) {
        *why = errno == EPERM ? "setns: Operation not permitted, it needs "
                                "CAP_SYS_ADMIN"
                              : strerror(errno);
        set->n--;
        return -1;
    }

    gt_netns_leave(home);

    return set->n;
}


int
gt_netns_add(gt_netns_set_t *set, const char *name, const char **why)
{
    int fd, rc;

    if (name[0] != '/' && strchr(name, '/')) {
        *why = "neither a name nor an absolute path";
        return -1;
    }

    fd = netns_file(name);
    if (fd < 0) {
        *why = strerror(errno);
        return -1;
    }

    rc = netns_take(set, name, fd, why);
    if (rc < 0) {
        (void) close(fd);
    }

    return rc;
}


void
gt_netns_move(gt_netns_set_t *to, gt_netns_set_t *from)
{
    *to = *from;
    from->n = 0;
}


void
gt_netns_close(gt_netns_set_t *set)
{
    int i;

    for (i = 0; i < set->n; i++) {
        if (set->list[i].fd >= 0) {
            (void) close(set->list[i].fd);
        }
    }

    set->n = 0;
}


int
gt_netns_enter(const gt_netns_t *ns)
{
    int eno, home;

    home = open(NETNS_OWN, O_RDONLY | O_CLOEXEC);
    if (home < 0) {
        return -1;
    }

    if (setns(ns->fd, CLONE_NEWNET) == 0) {
        return home;
    }

    eno = errno;
    (void) close(home);
    errno = eno;

    return -1;
}


void
gt_netns_leave(int home)
{
    int eno = errno; /* of what was done there */

    if (setns(home, CLONE_NEWNET) < 0) {
        gt_log_alert("the way back from a network namespace is lost: %s",
                     strerror(errno));
        gt_log_flush();
        abort();
    }

    (void) close(home);
    errno = eno;
}


int
gt_netns_socket(const gt_netns_t *ns, int family, int type)
{
    int fd, home = gt_netns_enter(ns);

    if (home < 0) {
        return -1;
    }

    fd = gt_sock_open(family, type);
    gt_netns_leave(home);

    return fd;
}
