/*
 * process/master.c: the master's start and its end.
 */

#include "process/master.h"

#include "core/log.h"
#include "core/mem.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>


/* --- reports --- */

static void
master_line(void *data, bool is_error, const char *line)
{
    const gt_log_level_t *level = data;

    gt_log(is_error ? *level : GT_LOG_WARN, "%s", line);
}


void
gt_master_report(const gt_diag_t *d, gt_log_level_t level)
{
    gt_diag_each(d, master_line, &level);
}


/* nobody need keep the inboxes of a generation that has ended */

static void
master_forget(gt_master_t *ms, const gt_cycle_t *gone)
{
    int         i;
    gt_list_t  *l, *tmp;
    gt_msg_t    m = { .type = GT_MSG_FORGET, .generation = gone->generation };
    gt_cycle_t *cy;

    m.n_slots = (uint32_t) gone->n_slots;

    gt_list_each(l, tmp, &ms->cycles)
    {
        cy = gt_list_entry(l, gt_cycle_t, link);

        for (i = 0; cy != gone && i < cy->n_slots; i++) {
            (void) gt_channel_send(&cy->slots[i].ch, &m);
        }
    }
}


/* generations whose last worker has gone are added up and forgotten */

static void
master_sweep(gt_post_t *post)
{
    gt_list_t   *l, *tmp;
    gt_cycle_t  *cy;
    gt_master_t *ms = gt_container_of(post, gt_master_t, sweep);

    gt_list_each(l, tmp, &ms->cycles)
    {
        cy = gt_list_entry(l, gt_cycle_t, link);

        if (cy == ms->current || cy == ms->next || gt_cycle_alive(cy) > 0) {
            continue;
        }

        gt_tally_fold(ms->lasting, cy->zone);
        master_forget(ms, cy);
        gt_cycle_free(cy, ms->dir);
    }
}


/* --- the start --- */

static int
master_fail(const char *what, const char *path)
{
    gt_log(GT_LOG_FATAL, "%s \"%s\": %s", what, path, strerror(errno));
    return GT_ERROR;
}


/* where we live, if that is anywhere; nobody else may live there */

static int
master_place(gt_master_t *ms, const gt_own_model_t *own)
{
    char  path[GT_SOCK_PATH];
    pid_t pid = 0;

    if (own->pid_file) {
        ms->pid_file = gt_strdup(own->pid_file);
        pid = ms->pid_file ? gt_proc_pid_read(own->pid_file) : -1;
    }

    if (own->runtime_dir) {
        ms->dir = gt_strdup(own->runtime_dir);
        if (!ms->dir || gt_proc_mkdirs(ms->dir, 0755) != GT_OK) {
            return master_fail("runtimeDir", own->runtime_dir);
        }

        if (!gt_master_control_path(path, sizeof(path), ms->dir)) {
            errno = ENAMETOOLONG;
            return master_fail("runtimeDir", own->runtime_dir);
        }

        if (pid <= 0) {
            pid = gt_control_pid(path);
        }

        if (pid < 0) {
            return master_fail("control socket", path);
        }
    }

    if (pid > 0) {
        gt_log(GT_LOG_FATAL, "already running, pid %d", (int) pid);
        return GT_ERROR;
    }

    return GT_OK;
}


bool
gt_master_control_path(char *buf, size_t size, const char *dir)
{
    return gt_snprintf(buf, size, "%s/control.sock", dir) < size - 1;
}


static int
master_control(gt_master_t *ms)
{
    char              path[GT_SOCK_PATH];
    gt_control_conf_t cf = { gt_master_command, ms };

    if (!ms->dir) {
        return GT_OK;
    }

    (void) gt_master_control_path(path, sizeof(path), ms->dir);
    ms->control = gt_control_open(&ms->loop, path, &cf);

    return ms->control ? GT_OK : master_fail("control socket", path);
}


static int
master_pid_file(gt_master_t *ms)
{
    char *slash, *folder;

    if (!ms->pid_file) {
        return GT_OK;
    }

    folder = gt_strdup(ms->pid_file);
    slash = folder ? strrchr(folder, '/') : NULL;

    if (slash && slash != folder) {
        *slash = '\0';
        (void) gt_proc_mkdirs(folder, 0755); /* what failed shows next */
    }

    gt_free(folder);

    return gt_proc_pid_write(ms->pid_file) == GT_OK
               ? GT_OK
               : master_fail("pid file", ms->pid_file);
}


/* sockets of a former master's workers, then what is missing */

static int
master_bind(gt_master_t *ms, gt_cycle_t *cy, gt_diag_t *d)
{
    int         i, n = 0, rc;
    gt_bound_t *b = NULL;

    if (ms->dir) {
        n = gt_takeover(ms, &b);
    }

    rc = gt_cycle_bind(cy, NULL, b, n, d);

    for (i = 0; i < n; i++) {
        (void) close(b[i].fd);
    }

    gt_free(b);

    return rc;
}


uint32_t
gt_master_oldest(const gt_master_t *ms)
{
    const gt_cycle_t *cy;
    const gt_list_t  *l;
    uint32_t          oldest = ms->made + 1;

    for (l = ms->cycles.next; l != &ms->cycles; l = l->next) {
        cy = gt_list_entry(l, gt_cycle_t, link);
        oldest = gt_min(oldest, cy->generation);
    }

    return oldest;
}


/* everything up to the first fork; GT_ERROR: said in d or in the log */

static int
master_start(gt_master_t *ms, gt_cycle_t *cy, gt_diag_t *d)
{
    if (gt_reload_log(cy->model, d) != GT_OK
        || master_place(ms, &cy->model->own) != GT_OK)
    {
        return GT_ERROR;
    }

    if (gt_loop_init(&ms->loop) != GT_OK || gt_master_watch(ms) != GT_OK) {
        return master_fail("epoll", "signals");
    }

    if (master_bind(ms, cy, d) != GT_OK || master_control(ms) != GT_OK) {
        return GT_ERROR;
    }

    if (!ms->lasting) {
        ms->lasting = gt_tally_new();
    }

    if (!ms->lasting) {
        return master_fail("shared memory", "lasting");
    }

    if (gt_cycle_share(cy, ms->lasting, ms->made + 1, gt_master_oldest(ms),
                       ms->dir, d)
            != GT_OK
        || master_pid_file(ms) != GT_OK)
    {
        return GT_ERROR;
    }

    ms->made++;

    return GT_OK;
}


static void
master_after(gt_loop_t *loop)
{
    (void) loop;
    gt_log_flush();
}


/* --- the end --- */

static void
master_free(gt_master_t *ms)
{
    int        i;
    gt_list_t *l, *tmp;

    gt_timer_del(&ms->loop, &ms->deadline);
    gt_timer_del(&ms->loop, &ms->stats_respawn);
    gt_post_cancel(&ms->sweep);
    gt_channel_close(&ms->stats_ch);

    if (ms->current) {
        gt_desks_unlink(ms->current->desks);
    }

    gt_list_each(l, tmp, &ms->cycles)
    {
        gt_cycle_free(gt_list_entry(l, gt_cycle_t, link), ms->dir);
    }

    for (i = 0; i < ms->n_stoppers; i++) {
        gt_control_answer(ms->control, ms->stoppers[i], true,
                          GT_STR("stopped\n"));
    }

    gt_control_close(ms->control);

    if (ms->signals.fd >= 0) {
        gt_event_del(&ms->loop, &ms->signals);
        (void) close(ms->signals.fd);
    }

    gt_reload_forget(ms);
    gt_timer_del(&ms->loop, &ms->watch);
    gt_free(ms->said);
    gt_zone_free(ms->lasting);
    gt_diag_free(ms->diag);

    if (ms->pid_file) {
        gt_proc_pid_remove(ms->pid_file);
    }

    gt_free(ms->pid_file);
    gt_free(ms->dir);
    gt_log_flush();
    gt_loop_free(&ms->loop);
}


static int
master_run(gt_master_t *ms)
{
    int         rc;
    gt_diag_t  *d = gt_diag_new();
    gt_cycle_t *cy;

    if (!d) {
        return 1;
    }

    cy = gt_cycle_load(ms->src, ms->nofile, d);
    rc = cy ? master_start(ms, cy, d) : GT_ERROR;
    gt_master_report(d, GT_LOG_FATAL);
    gt_diag_free(d);

    if (rc != GT_OK) {
        if (cy) {
            gt_desks_undo(cy->desks);
            gt_cycle_free(cy, ms->dir);
        }

        return 1;
    }

    ms->loop.after = master_after;
    gt_reload_start(ms, cy);
    gt_loop_run(&ms->loop);

    return ms->status;
}


int
gt_master_run(gt_source_t *src)
{
    int          status;
    gt_master_t *ms = gt_calloc(sizeof(*ms));

    if (!ms) {
        return 1;
    }

    gt_proc_title("gatun: master");
    ms->src = src;
    ms->nofile = gt_proc_nofile();
    ms->signals.fd = ms->stats_ch.fd = ms->loop.epfd = -1;
    gt_list_init(&ms->cycles);
    gt_list_init(&ms->loop.posted);
    gt_post_init(&ms->sweep, master_sweep);

    status = master_run(ms);
    master_free(ms);
    gt_free(ms);

    return status;
}
