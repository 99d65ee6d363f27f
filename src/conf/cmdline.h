/*
 * conf/cmdline.h: the arguments of gatun, in the style of Go's flag package
 * as GOST has it: one dash or two, `-x value` or `-x=value`, a switch takes a
 * value only behind `=`.
 */

#ifndef GT_CONF_CMDLINE_H
#define GT_CONF_CMDLINE_H

#include "conf/model.h"

/* what is asked for; of several the first of this list that was given */
typedef enum {
    GT_CMD_EXIT,    /* it is said already: exit with cl->status */
    GT_CMD_HELP,    /* usage is printed; cl->topic, if any, is a module's name
                       that main looks up */
    GT_CMD_VERSION, /* -V */
    GT_CMD_MODULES, /* --modules: list what is linked */
    GT_CMD_PRINT,   /* -O: gt_source_print(), exit 0 */
    GT_CMD_SIGNAL,  /* -s: send cl->signal to the running master */
    GT_CMD_TEST,    /* -t: load, bind nothing, say so, exit 0 or 1 */
    GT_CMD_DUMP,    /* -T: the same and gt_model_print() */
    GT_CMD_RUN
} gt_cmd_t;

typedef struct {
    gt_cmd_t    cmd;
    int         status; /* GT_CMD_EXIT: 0, or 2 for a wrong command line */
    const char *topic;  /* GT_CMD_HELP: "http" of `--help http`, or NULL */
    const char *signal; /* "reload" "stop" "quit" "reopen" "status" */
    bool        json;   /* GT_CMD_PRINT, and "status": -O json */
    unsigned    asked;  /* bits of gt_cmd_t, by any group */

    /* what to load, the first of n_groups; main sets module and default_source
       of all before the load */
    gt_source_t src;
    int         n_groups;
} gt_cmdline_t;

/*
 * Takes argv apart, at each `--` into groups, each with its own sources; what
 * is asked for is asked of all.  Complaints and the usage text go to err
 * (stderr), help that was asked for as well, as Go does.  Texts in cl point
 * into argv, the rest is cl's own until gt_cmdline_free(); cl must not be
 * copied.  GT_ERROR: no memory.
 */
int  gt_cmdline_parse(int argc, char **argv, gt_cmdline_t *cl, FILE *err);
void gt_cmdline_free(gt_cmdline_t *cl);

#endif
