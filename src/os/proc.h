/*
 * os/proc.h: processes: forking, titles, limits, privileges, the pid file.
 */

#ifndef GT_OS_PROC_H
#define GT_OS_PROC_H

#include "core/core.h"

/* --- being a process --- */

/* keeps argv's and environ's memory for titles (environ is copied away);
   once, first thing in main(); without it gt_proc_title() does nothing */
void gt_proc_title_init(int argc, char **argv);

/* what ps shows: "gatun: worker 0" */
void gt_proc_title(const char *fmt, ...) GT_PRINTF(1, 2);

/*
 * fork(): flushes the log before, and in the child forgets random bytes.  The
 * child survives its parent.  Signals and descriptors are the caller's.
 */
pid_t gt_proc_fork(void);

bool gt_proc_alive(pid_t pid);

/* closes every descriptor from 3 on that is not among the n of keep, which is
   put in order; entries below 0 are passed over */
void gt_proc_close_others(int *keep, int n);

/* CPUs this process may run on, at least 1 */
int gt_proc_cpus(void);

/* raises the soft limit of descriptors to the hard one; the limit in force */
uint64_t gt_proc_nofile(void);

/* makes a folder and those above it; one that exists is fine */
int gt_proc_mkdirs(const char *path, mode_t mode);

/* --- privileges --- */

typedef struct {
    uid_t uid;
    gid_t gid;
    char  name[33]; /* for initgroups(); "" when given by number alone */
} gt_proc_user_t;

/* by name or number; group NULL or "": the user's own.  GT_ERROR: there is
   none; *why says which */
int gt_proc_user(const char *user, const char *group, gt_proc_user_t *u,
                 const char **why);

/*
 * Becomes that user for good and gains nothing by exec any more
 * (no-new-privs); keeps only the capabilities in `keep`, a mask of
 * GT_PROC_CAP(CAP_NET_ADMIN).  A process without the right to change its user
 * and asked for another fails.  GT_ERROR with errno and *why, the call that
 * failed: the process must end then.
 */
int gt_proc_drop(const gt_proc_user_t *u, uint64_t keep, const char **why);

/* clang-format off */
#define GT_PROC_CAP(cap)  (UINT64_C(1) << (cap))
/* clang-format on */

/* --- the pid file --- */

/*
 * The process that the file at path names, if one of this program's name
 * lives; 0: no file, or a stale one, or our own.
 */
pid_t gt_proc_pid_read(const char *path);

/* writes our pid, at once or not at all; GT_ERROR with errno */
int gt_proc_pid_write(const char *path);

/* removes the file if it still names us */
void gt_proc_pid_remove(const char *path);

#endif
