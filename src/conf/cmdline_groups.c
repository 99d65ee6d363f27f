/*
 * conf/cmdline_groups.c: the arguments of gatun as groups, with `--` between
 * them, each of which is a command line of its own.
 */

#include "conf/cmdline_impl.h"
#include "core/mem.h"
#include "core/str.h"

#include <string.h>

enum { CMDLINE_GROUPS = 100 }; /* they are compared with each other */


/* behind the last one of cl; NULL: no memory */
static gt_source_t *
groups_add(gt_cmdline_t *cl)
{
    gt_source_t *src, *last;

    if (cl->n_groups == 0) {
        cl->n_groups = 1;
        return &cl->src;
    }

    src = gt_calloc(sizeof(*src));
    if (src == NULL) {
        return NULL;
    }

    for (last = &cl->src; last->next != NULL; last = last->next) {
        /* void */
    }

    last->next = src;
    src->first = &cl->src;
    cl->n_groups++;

    return src;
}


/* the first that was given, in the order of gt_cmd_t; -s status takes -O json
   for itself */
static void
groups_choose(gt_cmdline_t *cl)
{
    int cmd;

    if (cl->signal != NULL && strcmp(cl->signal, "status") == 0 && cl->json) {
        cl->asked &= ~(1u << GT_CMD_PRINT);
    }

    for (cmd = GT_CMD_VERSION; cmd < GT_CMD_RUN; cmd++) {
        if (cl->asked & 1u << cmd) {
            break;
        }
    }

    cl->cmd = (gt_cmd_t) cmd;
}


/* GOST numbers its children so in their environment */
static void
groups_number(gt_cmdline_t *cl)
{
    int          i = 0;
    gt_source_t *src;

    for (src = &cl->src; src != NULL && cl->n_groups > 1; src = src->next) {
        gt_snprintf(src->id, sizeof(src->id), "%d", i++);
    }
}


int
gt_cmdline_parse(int argc, char **argv, gt_cmdline_t *cl, FILE *err)
{
    int          i, from = 1, rc = GT_OK;
    gt_source_t *src;

    memset(cl, 0, sizeof(*cl));

    /* one in front of everything, or behind it, separates nothing */
    if (argc > from && strcmp(argv[from], "--") == 0) {
        from++;
    }

    if (argc > from && strcmp(argv[argc - 1], "--") == 0) {
        argc--;
    }

    for (i = from; i <= argc && rc == GT_OK; i++) {
        if (i < argc && strcmp(argv[i], "--") != 0) {
            continue;
        }

        if (cl->n_groups == CMDLINE_GROUPS) {
            fprintf(err, "gatun: more than %d groups\n", CMDLINE_GROUPS);
            cl->cmd = GT_CMD_EXIT;
            cl->status = 2;
            return GT_OK;
        }

        src = groups_add(cl);
        rc = src != NULL ? gt_cmdline_group(cl, src, argv, from, i, err)
                         : GT_ERROR;
        from = i + 1;
    }

    if (rc == GT_OK) {
        groups_choose(cl);
        groups_number(cl);
    }

    return rc == GT_ERROR ? GT_ERROR : GT_OK;
}


void
gt_cmdline_free(gt_cmdline_t *cl)
{
    gt_source_t *src, *next;

    for (src = &cl->src; src != NULL; src = next) {
        next = src->next;
        gt_free(src->services);
        gt_free(src->nodes);
        gt_free(src->sources);
        gt_source_free(src);

        if (src != &cl->src) {
            gt_free(src);
        }
    }

    memset(cl, 0, sizeof(*cl));
}
