/*
 * main.c: takes the arguments apart and hands over to process/.
 */

#include "conf/cmdline.h"
#include "conf/help.h"
#include "core/log.h"
#include "module/registry.h"
#include "os/proc.h"
#include "os/signal.h"
#include "process/client.h"
#include "process/cycle.h"
#include "process/fetch.h"
#include "process/master.h"
#include "service/service.h"

#include "gt_auto_config.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

/* clang-format off */
#if defined(__clang__)
#define MAIN_CC  "clang"
#define MAIN_CC_MAJOR  __clang_major__
#define MAIN_CC_MINOR  __clang_minor__
#else
#define MAIN_CC  "gcc"
#define MAIN_CC_MAJOR  __GNUC__
#define MAIN_CC_MINOR  __GNUC_MINOR__
#endif
/* clang-format on */


/* what a master takes later and must not die of now: a HUP right after the
   start is a reload */
static const int main_signals[] = { SIGHUP,  SIGQUIT,  SIGUSR1,
                                    SIGUSR2, SIGWINCH, 0 };


static int
main_version(void)
{
    struct utsname u;
    const char    *arch = "unknown";

    if (uname(&u) == 0) {
        arch = strcmp(u.machine, "x86_64") == 0    ? "amd64"
               : strcmp(u.machine, "aarch64") == 0 ? "arm64"
                                                   : u.machine;
    }

    (void) printf("gatun %s (%s%d.%d linux/%s)\n", GT_VERSION, MAIN_CC,
                  MAIN_CC_MAJOR, MAIN_CC_MINOR, arch);

    return 0;
}


static void
main_line(void *data, bool is_error, const char *line)
{
    (void) data;
    (void) fprintf(stderr, "gatun: %s%s\n", is_error ? "" : "warning: ", line);
}


static int
main_print(gt_cmdline_t *cl, gt_diag_t *d)
{
    int rc = gt_source_print(&cl->src, cl->json, stdout, d);

    gt_diag_each(d, main_line, NULL);

    return rc == GT_OK ? 0 : 1;
}


/* -t and -T: everything but the world outside is tried */

static int
main_test(gt_cmdline_t *cl, gt_diag_t *d)
{
    int         rc = 0;
    gt_cycle_t *cy = gt_cycle_load(&cl->src, gt_proc_nofile(), d);

    gt_diag_each(d, main_line, NULL);

    if (!cy) {
        (void) fprintf(stderr, "gatun: the configuration has errors\n");
        return 1;
    }

    if (cl->cmd == GT_CMD_DUMP
        && gt_model_print(cy->model, &cl->src, stdout) != GT_OK)
    {
        (void) fprintf(stderr, "gatun: cannot print the configuration\n");
        rc = 1;
    }

    if (rc == 0) {
        (void) fprintf(stderr, "gatun: the configuration is valid\n");
    }

    gt_cycle_free(cy, NULL);

    return rc;
}


static const gt_kind_t main_kinds[] = {
    [GT_WORD_HANDLER] = GT_HANDLER,
    [GT_WORD_LISTENER] = GT_LISTENER,
    [GT_WORD_CONNECTOR] = GT_CONNECTOR,
    [GT_WORD_DIALER] = GT_DIALER,
};


static const char *
main_module(gt_word_t kind, int i)
{
    return gt_module_name(main_kinds[kind], i);
}


static const gt_opt_t *
main_options(gt_word_t kind, const char *type, int i)
{
    if (!type) {
        return gt_service_options(i);
    }

    return kind == GT_WORD_HANDLER
               ? gt_service_handler_options(type, i)
               : gt_module_options(main_kinds[kind], type, i);
}


/* "roff" is what `make man` asks for */

static int
main_help(const gt_cmdline_t *cl)
{
    if (!cl->topic) {
        return 0;
    }

    if (strcmp(cl->topic, "roff") == 0) {
        gt_help_roff(&cl->src, stdout);
        return 0;
    }

    if (gt_module_help(cl->topic, stdout) == GT_OK
        || gt_help_topic(&cl->src, cl->topic, stdout) == GT_OK)
    {
        return 0;
    }

    (void) fprintf(stderr,
                   "gatun: there is neither a module nor a section \"%s\"\n\n",
                   cl->topic);
    gt_module_list(stderr);
    gt_help_topics(stderr);

    return 2;
}


static int
main_with_diag(gt_cmdline_t *cl)
{
    int        rc;
    gt_diag_t *d = gt_diag_new();

    if (!d) {
        return 1;
    }

    rc = cl->cmd == GT_CMD_PRINT ? main_print(cl, d) : main_test(cl, d);
    gt_diag_free(d);

    return rc;
}


/* what is to be had of URLs */
static int
main_load(gt_cmdline_t *cl)
{
    if (cl->cmd != GT_CMD_SIGNAL && cl->cmd != GT_CMD_PRINT
        && cl->cmd != GT_CMD_TEST && cl->cmd != GT_CMD_DUMP
        && cl->cmd != GT_CMD_RUN)
    {
        return GT_OK;
    }

    if (gt_fetch_all(&cl->src, GT_FETCH_MS) != GT_OK) {
        (void) fprintf(stderr, "gatun: no memory\n");
        return GT_ERROR;
    }

    return GT_OK;
}


static int
main_dispatch(gt_cmdline_t *cl)
{
    switch (cl->cmd) {
    case GT_CMD_EXIT: return cl->status;

    case GT_CMD_HELP: return main_help(cl);

    case GT_CMD_VERSION: return main_version();

    case GT_CMD_MODULES: gt_module_list(stdout); return 0;

    case GT_CMD_SIGNAL: return gt_client_send(&cl->src, cl->signal, cl->json);

    case GT_CMD_PRINT:
    case GT_CMD_TEST:
    case GT_CMD_DUMP: return main_with_diag(cl);

    case GT_CMD_RUN: break;
    }

    return gt_master_run(&cl->src);
}


int
main(int argc, char **argv)
{
    int          status;
    gt_source_t *src;
    gt_cmdline_t cl;

    gt_signal_hold(main_signals, true);
    gt_proc_title_init(argc, argv);

    if (gt_cmdline_parse(argc, argv, &cl, stderr) != GT_OK) {
        (void) fprintf(stderr, "gatun: no memory\n");
        return 1;
    }

    for (src = &cl.src; src; src = src->next) {
        src->module = main_module;
        src->options = main_options;
        src->default_source = GT_CONF_PATH;
    }

    if (cl.cmd != GT_CMD_RUN) {
        gt_signal_hold(main_signals, false);
    }

    status = main_load(&cl) == GT_OK ? main_dispatch(&cl) : 1;

    gt_cmdline_free(&cl);
    gt_log_flush();

    return status;
}
