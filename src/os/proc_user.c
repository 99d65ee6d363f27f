/*
 * os/proc_user.c: users, groups, capabilities, and how to let go of them.
 */

#include "os/proc.h"

#include "core/str.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PROC_CAPS = 64 }; /* bits of a mask; the kernel knows fewer */


static bool
proc_number(const char *s, uint32_t *id)
{
    uint64_t v;

    /* -1 would mean "leave as it is" to the system calls */
    if (!gt_str_u64(gt_str_from(s), UINT32_MAX - 1, &v)) {
        return false;
    }

    *id = (uint32_t) v;

    return true;
}


static int
proc_group(const char *group, gid_t *gid)
{
    struct group *gr = getgrnam(group);

    if (gr) {
        *gid = gr->gr_gid;
        return GT_OK;
    }

    return proc_number(group, gid) ? GT_OK : GT_ERROR;
}


int
gt_proc_user(const char *user, const char *group, gt_proc_user_t *u,
             const char **why)
{
    bool           grouped = group && group[0] != '\0';
    uint32_t       id;
    struct passwd *pw;

    *u = (gt_proc_user_t){ 0 };

    pw = getpwnam(user);
    if (!pw && proc_number(user, &id)) {
        u->uid = id;
        pw = getpwuid(id);

    } else if (!pw) {
        *why = "no such user";
        return GT_ERROR;
    }

    if (pw) {
        u->uid = pw->pw_uid;
        u->gid = pw->pw_gid;
        (void) gt_str_copy(u->name, sizeof(u->name), gt_str_from(pw->pw_name));
    }

    if (grouped && proc_group(group, &u->gid) != GT_OK) {
        *why = "no such group";
        return GT_ERROR;
    }

    if (!grouped && !pw) {
        *why = "a user by number needs a group";
        return GT_ERROR;
    }

    return GT_OK;
}


/* permitted and effective become what of `keep` is permitted now */

static int
proc_caps(uint64_t keep)
{
    struct __user_cap_header_struct head = { .version =
                                                 _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct   data[2];
    int                             i;

    if (syscall(SYS_capget, &head, data) < 0) {
        return GT_ERROR;
    }

    for (i = 0; i < 2; i++) {
        data[i].permitted &= (uint32_t) (keep >> (32 * i));
        data[i].effective = data[i].permitted;
        data[i].inheritable = 0;
    }

    return syscall(SYS_capset, &head, data) < 0 ? GT_ERROR : GT_OK;
}


/* nothing that is executed later gets them back either; as far as we may */

static void
proc_bounds(uint64_t keep)
{
    int cap;

    for (cap = 0; cap < PROC_CAPS; cap++) {
        if (!(keep & GT_PROC_CAP(cap))) {
            (void) prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
        }
    }
}


static int
proc_become(const gt_proc_user_t *u, const char **why)
{
    *why = u->name[0] ? "initgroups()" : "setgroups()";

    if ((u->name[0] ? initgroups(u->name, u->gid) : setgroups(1, &u->gid)) < 0)
    {
        return GT_ERROR;
    }

    *why = "setresgid()";
    if (setresgid(u->gid, u->gid, u->gid) < 0) {
        return GT_ERROR;
    }

    *why = "setresuid()";

    return setresuid(u->uid, u->uid, u->uid) < 0 ? GT_ERROR : GT_OK;
}


int
gt_proc_drop(const gt_proc_user_t *u, uint64_t keep, const char **why)
{
    bool change = geteuid() != u->uid || getegid() != u->gid;
    bool root = u->uid == 0;

    *why = "prctl()";

    if (!root) {
        proc_bounds(keep);
    }

    if (change && prctl(PR_SET_KEEPCAPS, keep != 0, 0, 0, 0) < 0) {
        return GT_ERROR;
    }

    if (change && proc_become(u, why) != GT_OK) {
        return GT_ERROR;
    }

    *why = "capset()";
    if (!root && proc_caps(keep) != GT_OK) {
        return GT_ERROR;
    }

    *why = "setuid(0) was possible";
    if (!root && setuid(0) == 0) {
        errno = EPERM;
        return GT_ERROR;
    }

    *why = "prctl()";
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
        return GT_ERROR;
    }

    *why = NULL;

    return GT_OK;
}
