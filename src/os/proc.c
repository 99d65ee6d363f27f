/*
 * os/proc.c: forking, titles, limits, the pid file.
 */

#include "os/proc.h"

#include "core/log.h"
#include "core/mem.h"
#include "core/rand.h"
#include "core/str.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PROC_PATH = 4096, PROC_COMM = 32 };

/* the memory in which the kernel looks for our title */
static struct {
    char  *p;
    size_t n;
    char  *saved; /* what stood there; argv and environ point into it now */
} proc_title;


/* the end of the block of strings that begins at `end`, as far as s goes on */

static char *
proc_title_end(char *end, char **s)
{
    for (; *s; s++) {
        if (*s == end) {
            end = *s + strlen(*s) + 1;
        }
    }

    return end;
}


static void
proc_title_move(char **s, const char *from, size_t n, char *to)
{
    for (; *s; s++) {
        if (*s >= from && *s < from + n) {
            *s = to + (*s - from);
        }
    }
}


void
gt_proc_title_init(int argc, char **argv)
{
    char *end;

    if (argc == 0 || proc_title.p) {
        return;
    }

    end = proc_title_end(argv[0], argv);
    end = proc_title_end(end, environ);

    proc_title.saved = gt_alloc((size_t) (end - argv[0]));
    if (!proc_title.saved) {
        return;
    }

    proc_title.p = argv[0];
    proc_title.n = (size_t) (end - argv[0]);
    memcpy(proc_title.saved, proc_title.p, proc_title.n);
    proc_title_move(argv, proc_title.p, proc_title.n, proc_title.saved);
    proc_title_move(environ, proc_title.p, proc_title.n, proc_title.saved);
}


void
gt_proc_title(const char *fmt, ...)
{
    size_t  n;
    va_list ap;

    if (!proc_title.p) {
        return;
    }

    va_start(ap, fmt);
    n = gt_vsnprintf(proc_title.p, proc_title.n, fmt, ap);
    va_end(ap);

    memset(proc_title.p + n, 0, proc_title.n - n);
}


pid_t
gt_proc_fork(void)
{
    pid_t pid;

    gt_log_flush();

    pid = fork();
    if (pid == 0) {
        gt_log_discard();
        gt_rand_reset();
    }

    return pid;
}


bool
gt_proc_alive(pid_t pid)
{
    return pid > 0 && (kill(pid, 0) == 0 || errno == EPERM);
}


static int
proc_compare(const void *a, const void *b)
{
    return *(const int *) a - *(const int *) b;
}


void
gt_proc_close_others(int *keep, int n)
{
    int i, from = STDERR_FILENO + 1;

    qsort(keep, (size_t) n, sizeof(int), proc_compare);

    for (i = 0; i < n; i++) {
        if (keep[i] > from) {
            (void) close_range((unsigned) from, (unsigned) keep[i] - 1, 0);
        }

        from = gt_max(from, keep[i] + 1);
    }

    (void) close_range((unsigned) from, ~0U, 0);
}


int
gt_proc_cpus(void)
{
    long      n;
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof(set), &set) == 0) {
        return gt_max(CPU_COUNT(&set), 1);
    }

    n = sysconf(_SC_NPROCESSORS_ONLN); /* more CPUs than a cpu_set_t holds */

    return n > 0 ? (int) n : 1;
}


uint64_t
gt_proc_nofile(void)
{
    rlim_t        was;
    struct rlimit rl;

    if (getrlimit(RLIMIT_NOFILE, &rl) < 0) {
        return 0;
    }

    was = rl.rlim_cur;
    rl.rlim_cur = rl.rlim_max;

    return setrlimit(RLIMIT_NOFILE, &rl) < 0 ? was : rl.rlim_cur;
}


int
gt_proc_mkdirs(const char *path, mode_t mode)
{
    char        text[PROC_PATH], *p;
    struct stat sb;

    if (gt_str_copy(text, sizeof(text), gt_str_from(path)) < strlen(path)) {
        errno = ENAMETOOLONG;
        return GT_ERROR;
    }

    for (p = text; (p = strchr(p + 1, '/')) != NULL;) {
        *p = '\0';
        (void) mkdir(text, 0755); /* what went wrong shows below */
        *p = '/';
    }

    if (mkdir(path, mode) == 0) {
        return GT_OK;
    }

    if (errno != EEXIST || stat(path, &sb) < 0) {
        return GT_ERROR;
    }

    errno = ENOTDIR;

    return S_ISDIR(sb.st_mode) ? GT_OK : GT_ERROR;
}


/* --- the pid file --- */

/* the first bytes of a small file as a string; its length, 0 for none */

static size_t
proc_slurp(const char *path, char *buf, size_t size)
{
    int     fd;
    ssize_t n;

    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return 0;
    }

    n = read(fd, buf, size - 1);
    (void) close(fd);
    n = gt_max(n, 0);
    buf[n] = '\0';

    return (size_t) n;
}


static pid_t
proc_pid_in(const char *path)
{
    char     text[32];
    size_t   n;
    gt_str_t s;
    uint64_t pid;

    n = proc_slurp(path, text, sizeof(text));
    s = gt_str_make(text, n);

    while (s.n > 0 && (s.p[s.n - 1] == '\n' || s.p[s.n - 1] == '\r')) {
        s.n--;
    }

    return gt_str_u64(gt_str_trim(s), INT32_MAX, &pid) ? (pid_t) pid : 0;
}


/* pids are used again: is it a process of our program's name? */

static bool
proc_is_kin(pid_t pid)
{
    char path[32], its[PROC_COMM], own[PROC_COMM];

    (void) gt_snprintf(path, sizeof(path), "/proc/%d/comm", (int) pid);

    if (proc_slurp(path, its, sizeof(its)) == 0
        || proc_slurp("/proc/self/comm", own, sizeof(own)) == 0)
    {
        return true; /* no telling: believe the file */
    }

    return strcmp(its, own) == 0;
}


pid_t
gt_proc_pid_read(const char *path)
{
    pid_t pid = proc_pid_in(path);

    return pid != getpid() && gt_proc_alive(pid) && proc_is_kin(pid) ? pid : 0;
}


int
gt_proc_pid_write(const char *path)
{
    int    fd, eno;
    char   temp[PROC_PATH], text[16];
    size_t n, len;

    len = gt_snprintf(temp, sizeof(temp), "%s.%d.tmp", path, (int) getpid());
    if (len >= sizeof(temp) - 1) {
        errno = ENAMETOOLONG;
        return GT_ERROR;
    }

    (void) unlink(temp); /* of a process that had our pid and died half-way */

    fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0) {
        return GT_ERROR;
    }

    n = gt_snprintf(text, sizeof(text), "%d\n", (int) getpid());
    errno = ENOSPC; /* what a short write means */

    if (write(fd, text, n) == (ssize_t) n && rename(temp, path) == 0) {
        (void) close(fd);
        return GT_OK;
    }

    eno = errno;
    (void) close(fd);
    (void) unlink(temp);
    errno = eno;

    return GT_ERROR;
}


void
gt_proc_pid_remove(const char *path)
{
    if (proc_pid_in(path) == getpid()) {
        (void) unlink(path);
    }
}
