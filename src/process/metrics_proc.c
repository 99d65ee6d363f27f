/*
 * process/metrics_proc.c: what the kernel says about our processes, all of
 * them together: master, workers and the stats process itself.
 *
 * /proc/PID/stat is everybody's to read, so the processor time of workers
 * that have ended is there too: the master has waited for them.  How many
 * descriptors another process has is only for its equals before Linux 6.2;
 * where one does not tell, there is no such figure at all.
 */

#include "process/metrics_impl.h"

#include "core/num.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* fields of /proc/PID/stat, counted behind the name (proc(5)) */
enum { PROC_UTIME = 11, PROC_CSTIME = 14, PROC_RSS = 21, PROC_FIELDS = 22 };


/* GT_ERROR: gone, or hidden from us */

static int
proc_fields(pid_t pid, uint64_t f[PROC_FIELDS])
{
    int      i, fd;
    char     path[64], text[1024];
    ssize_t  n;
    gt_str_t rest, part;

    (void) gt_snprintf(path, sizeof(path), "/proc/%d/stat", (int) pid);

    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return GT_ERROR;
    }

    n = read(fd, text, sizeof(text));
    (void) close(fd);

    rest = gt_str_make(text, n > 0 ? (size_t) n : 0);
    n = gt_str_rchr(rest, ')'); /* the name may hold anything */
    if (n < 0) {
        return GT_ERROR;
    }

    rest = gt_str_sub(rest, (size_t) n + 2, rest.n);

    for (i = 0; i < PROC_FIELDS; i++) {
        if (!gt_str_split(&rest, ' ', &part)) {
            return GT_ERROR;
        }

        if (!gt_str_u64(part, UINT64_MAX, &f[i])) {
            f[i] = 0; /* a letter, or below 0 */
        }
    }

    return GT_OK;
}


static bool
proc_count_fds(const char *path, uint64_t *n)
{
    DIR                 *dir = opendir(path);
    const struct dirent *e;

    if (!dir) {
        return false;
    }

    while ((e = readdir(dir)) != NULL) {
        *n += e->d_name[0] != '.';
    }

    (void) closedir(dir);

    return true;
}


static bool
proc_fds(pid_t pid, uint64_t *n)
{
    char        path[64];
    struct stat st;

    (void) gt_snprintf(path, sizeof(path), "/proc/%d/fd", (int) pid);

    if (stat(path, &st) == 0 && st.st_size > 0) {
        *n += (uint64_t) st.st_size;
        return true;
    }

    return proc_count_fds(path, n);
}


/* one more; its processor time, and with `all` that of its dead children */

static void
proc_add(gt_metrics_proc_t *p, pid_t pid, bool all)
{
    int           i;
    uint64_t      f[PROC_FIELDS], ticks = 0;
    struct rlimit lim;
    const long    hz = sysconf(_SC_CLK_TCK);

    if (proc_fields(pid, f) != GT_OK) {
        /* gone since it was written down, or all are hidden */
        p->have_cpu &= pid != getpid();
        return;
    }

    for (i = PROC_UTIME; i <= (all ? PROC_CSTIME : PROC_UTIME + 1); i++) {
        ticks += f[i];
    }

    p->cpu_ms += ticks * 1000 / (uint64_t) (hz > 0 ? hz : 100);
    p->rss += f[PROC_RSS] * (uint64_t) sysconf(_SC_PAGESIZE);
    p->have_fds &= proc_fds(pid, &p->fds);

    /* all have inherited the same limit */
    if (getrlimit(RLIMIT_NOFILE, &lim) == 0) {
        p->max_fds += lim.rlim_cur;
    }
}


void
gt_metrics_proc(gt_metrics_t *m, const gt_metrics_from_t *from)
{
    uint32_t           i;
    gt_metrics_proc_t *p = &m->proc;

    *p = (gt_metrics_proc_t){ .have_cpu = true, .have_fds = true };

    for (i = 0; i < m->n_workers; i++) {
        proc_add(p, m->workers[i].pid, false);
    }

    proc_add(p, getpid(), false);
    proc_add(p, from->master, true);

    /* one that has just ended may be missing, or counted twice; a master that
       took workers over has not waited for all of them */
    p->cpu_ms = gt_max(p->cpu_ms, *from->cpu_ms);
    *from->cpu_ms = p->cpu_ms;
}


/* --- families --- */

enum { PROC_CPU, PROC_MEMORY, PROC_FDS, PROC_MAX_FDS, PROC_START };


static bool
proc_put(gt_metrics_t *m, const gt_metrics_family_t *f, uint32_t i)
{
    const gt_metrics_proc_t *p = &m->proc;

    if (i > 0 || ((f->arg == PROC_CPU || f->arg == PROC_MEMORY) && !p->have_cpu)
        || (f->arg == PROC_FDS && !p->have_fds))
    {
        return false;
    }

    gt_metrics_begin(m, f, "");
    gt_metrics_label(m, "host", m->host);

    switch (f->arg) {
    case PROC_CPU: gt_metrics_ms(m, p->cpu_ms); break;
    case PROC_MEMORY: gt_metrics_value(m, p->rss); break;
    case PROC_FDS: gt_metrics_value(m, p->fds); break;
    case PROC_MAX_FDS: gt_metrics_value(m, p->max_fds); break;
    default: gt_metrics_ms(m, m->sum.started_ms);
    }

    return true;
}


/* clang-format off */
const gt_metrics_family_t gt_metrics_process[] = {
    { "process_cpu_seconds_total",
      "Processor time of all processes, those that have ended too.",
      GT_METRICS_COUNTER, proc_put, PROC_CPU },
    { "process_resident_memory_bytes",
      "Resident memory of all processes; what they share counts in each.",
      GT_METRICS_GAUGE, proc_put, PROC_MEMORY },
    { "process_open_fds", "Open descriptors of all processes.",
      GT_METRICS_GAUGE, proc_put, PROC_FDS },
    { "process_max_fds", "How many all of them together may have.",
      GT_METRICS_GAUGE, proc_put, PROC_MAX_FDS },
    { "process_start_time_seconds", "When the first master began.",
      GT_METRICS_GAUGE, proc_put, PROC_START },
    { .name = NULL }
};
/* clang-format on */
