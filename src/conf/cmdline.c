/*
 * conf/cmdline.c: the arguments of gatun.
 */

#include "conf/cmdline.h"
#include "conf/cmdline_impl.h"
#include "conf/usage.h"
#include "core/mem.h"
#include "core/num.h"
#include "core/str.h"

#include <string.h>

typedef struct {
    gt_cmdline_t *cl;
    gt_source_t  *src; /* the group's */
    FILE         *err;
    char        **argv;
    int           from, argc, at;
    bool          debug, trace;
} cmdline_t;

typedef enum {
    CMDLINE_SWITCH, /* no value but behind '=' */
    CMDLINE_VALUE
} cmdline_kind_t;

/* takes the value, which for a switch is "true" or "false"; GT_ERROR when it
   cannot */
typedef int (*cmdline_set_t)(cmdline_t *s, const char *value);

typedef struct {
    const char    *name;
    cmdline_kind_t kind;
    cmdline_set_t  set;
} cmdline_flag_t;


static int
cmdline_push(const char ***list, int *n, const char *value)
{
    const char **more;

    more = gt_realloc(*list, (size_t) (*n + 1) * sizeof(char *));
    if (more == NULL) {
        return GT_AGAIN;
    }

    *list = more;
    more[(*n)++] = value;

    return GT_OK;
}


static void
cmdline_ask(cmdline_t *s, gt_cmd_t cmd, bool yes)
{
    if (yes) {
        s->cl->asked |= 1u << cmd;
    } else {
        s->cl->asked &= ~(1u << cmd);
    }
}


static int
set_service(cmdline_t *s, const char *value)
{
    return cmdline_push(&s->src->services, &s->src->n_services, value);
}


static int
set_node(cmdline_t *s, const char *value)
{
    return cmdline_push(&s->src->nodes, &s->src->n_nodes, value);
}


static int
set_source(cmdline_t *s, const char *value)
{
    return cmdline_push(&s->src->sources, &s->src->n_sources, value);
}


static int
set_debug(cmdline_t *s, const char *value)
{
    s->debug = value[0] == 't';

    return GT_OK;
}


static int
set_trace(cmdline_t *s, const char *value)
{
    s->trace = value[0] == 't';

    return GT_OK;
}


static int
set_version(cmdline_t *s, const char *value)
{
    cmdline_ask(s, GT_CMD_VERSION, value[0] == 't');

    return GT_OK;
}


static int
set_test(cmdline_t *s, const char *value)
{
    cmdline_ask(s, GT_CMD_TEST, value[0] == 't');

    return GT_OK;
}


static int
set_dump(cmdline_t *s, const char *value)
{
    cmdline_ask(s, GT_CMD_DUMP, value[0] == 't');

    return GT_OK;
}


static int
set_modules(cmdline_t *s, const char *value)
{
    cmdline_ask(s, GT_CMD_MODULES, value[0] == 't');

    return GT_OK;
}


static int
set_print(cmdline_t *s, const char *value)
{
    cmdline_ask(s, GT_CMD_PRINT, value[0] != '\0');
    s->cl->json = strcmp(value, "json") == 0;

    return GT_OK;
}


static int
set_signal(cmdline_t *s, const char *value)
{
    static const char *const names[] = { "reload", "stop", "quit", "reopen",
                                         "status" };
    size_t                   i;

    for (i = 0; i < gt_nelts(names); i++) {
        if (strcmp(value, names[i]) == 0) {
            cmdline_ask(s, GT_CMD_SIGNAL, true);
            s->cl->signal = names[i];
            return GT_OK;
        }
    }

    return GT_ERROR;
}


static int
set_workers(cmdline_t *s, const char *value)
{
    uint64_t n = 0;

    if (strcmp(value, "auto") != 0 && !gt_str_u64(gt_str_from(value), 1000, &n))
    {
        return GT_ERROR;
    }

    s->src->workers = n == 0 ? -1 : (int) n;

    return GT_OK;
}


static int
set_prefix(cmdline_t *s, const char *value)
{
    s->src->prefix = value;

    return value[0] != '\0' ? GT_OK : GT_ERROR;
}


static int
set_stats(cmdline_t *s, const char *value)
{
    s->src->stats = value;

    return GT_OK;
}


static int
set_reload(cmdline_t *s, const char *value)
{
    int64_t ns;

    if (gt_num_duration(gt_str_from(value), &ns) != GT_OK) {
        return GT_ERROR;
    }

    s->src->reload = ns > 0 ? value : NULL;

    return GT_OK;
}


static int
set_api(cmdline_t *s, const char *value)
{
    s->src->api = value;

    return GT_OK;
}


static int
set_metrics(cmdline_t *s, const char *value)
{
    s->src->metrics = value;

    return GT_OK;
}


/* clang-format off */
static const cmdline_flag_t cmdline_flags[] = {
    { "L",       CMDLINE_VALUE,  set_service },
    { "F",       CMDLINE_VALUE,  set_node },
    { "C",       CMDLINE_VALUE,  set_source },
    { "O",       CMDLINE_VALUE,  set_print },
    { "D",       CMDLINE_SWITCH, set_debug },
    { "DD",      CMDLINE_SWITCH, set_trace },
    { "V",       CMDLINE_SWITCH, set_version },
    { "R",       CMDLINE_VALUE,  set_reload },
    { "api",     CMDLINE_VALUE,  set_api },
    { "metrics", CMDLINE_VALUE,  set_metrics },
    { "t",       CMDLINE_SWITCH, set_test },
    { "T",       CMDLINE_SWITCH, set_dump },
    { "s",       CMDLINE_VALUE,  set_signal },
    { "p",       CMDLINE_VALUE,  set_prefix },
    { "w",       CMDLINE_VALUE,  set_workers },
    { "stats",   CMDLINE_VALUE,  set_stats },
    { "modules", CMDLINE_SWITCH, set_modules }
};
/* clang-format on */


static const cmdline_flag_t *
cmdline_find(gt_str_t name)
{
    size_t i;

    for (i = 0; i < gt_nelts(cmdline_flags); i++) {
        if (gt_str_eq(name, gt_str_from(cmdline_flags[i].name))) {
            return &cmdline_flags[i];
        }
    }

    return NULL;
}


static int
cmdline_exit(cmdline_t *s, int status)
{
    s->cl->cmd = GT_CMD_EXIT;
    s->cl->status = status;

    return GT_DONE;
}


/* -h ends everything at once; a word behind it is a module */
static int
cmdline_help(cmdline_t *s)
{
    if (s->at + 1 < s->argc && s->argv[s->at + 1][0] != '-') {
        s->cl->topic = s->argv[s->at + 1];
    } else {
        gt_usage(s->err);
    }

    s->cl->cmd = GT_CMD_HELP;

    return GT_DONE;
}


/* the value of -L and its like is never repeated: it may hold a password */
static int
cmdline_set(cmdline_t *s, const cmdline_flag_t *flag, const char *value)
{
    int rc;

    rc = flag->set(s, value);
    if (rc == GT_ERROR) {
        fprintf(s->err, "gatun: -%s: cannot take this value\n", flag->name);
        gt_usage(s->err);
        return cmdline_exit(s, 2);
    }

    return rc == GT_AGAIN ? GT_ERROR : GT_OK;
}


static int
cmdline_value(cmdline_t *s, const cmdline_flag_t *flag, const char *value)
{
    bool yes;

    if (flag->kind == CMDLINE_SWITCH) {
        if (value != NULL && gt_num_bool(gt_str_from(value), &yes) != GT_OK) {
            fprintf(s->err, "gatun: -%s: want true or false behind '='\n",
                    flag->name);
            gt_usage(s->err);
            return cmdline_exit(s, 2);
        }

        return cmdline_set(s, flag, value == NULL || yes ? "true" : "false");
    }

    if (value == NULL) {
        if (s->at + 1 == s->argc) {
            fprintf(s->err, "gatun: -%s: a value is missing\n", flag->name);
            gt_usage(s->err);
            return cmdline_exit(s, 2);
        }

        value = s->argv[++s->at];
    }

    return cmdline_set(s, flag, value);
}


/* how much of what was typed may be repeated: a blank may be missing in front
   of a URL with a password */
static gt_str_t
cmdline_plain(gt_str_t s)
{
    size_t n = 0;

    while (n < s.n && n < 40 && strchr(":/@?&", s.p[n]) == NULL) {
        n++;
    }

    return gt_str_sub(s, 0, n);
}


/* an argument that begins with a dash; GT_DONE: nothing more to read */
static int
cmdline_flag(cmdline_t *s)
{
    ssize_t               at;
    gt_str_t              name = gt_str_from(s->argv[s->at]);
    const char           *value = NULL;
    const cmdline_flag_t *flag;

    name = gt_str_sub(name, gt_str_starts(name, GT_STR("--")) ? 2 : 1, name.n);
    at = gt_str_chr(name, '=');

    if (at >= 0) {
        value = name.p + at + 1;
        name = gt_str_sub(name, 0, (size_t) at);
    }

    if (gt_str_eq(name, GT_STR("h")) || gt_str_eq(name, GT_STR("help"))) {
        return cmdline_help(s);
    }

    flag = cmdline_find(name);
    if (flag == NULL) {
        fprintf(s->err, "gatun: there is no flag -%.*s\n",
                GT_STR_ARG(cmdline_plain(name)));
        gt_usage(s->err);
        return cmdline_exit(s, 2);
    }

    return cmdline_value(s, flag, value);
}


/* the first word without a dash; GOST ignores it and what follows, which
   hides a forgotten -C */
static int
cmdline_word(cmdline_t *s)
{
    static const char *const later[] = { "top", "tunnels", "passwd" };
    size_t                   i;
    const char              *word = s->argv[s->at];

    for (i = 0; i < gt_nelts(later); i++) {
        if (s->at == s->from && strcmp(word, later[i]) == 0) {
            fprintf(s->err, "gatun: %s: not built yet\n", word);
            return cmdline_exit(s, 2);
        }
    }

    if (s->at == s->from) {
        fprintf(s->err,
                "gatun: there is no subcommand \"%.*s\"; there will be"
                " top, tunnels and passwd\n",
                GT_STR_ARG(cmdline_plain(gt_str_from(word))));
    } else {
        fprintf(s->err, "gatun: argument %d has no flag before it\n", s->at);
    }

    gt_usage(s->err);

    return cmdline_exit(s, 2);
}


int
gt_cmdline_group(gt_cmdline_t *cl, gt_source_t *src, char **argv, int from,
                 int to, FILE *err)
{
    int       rc = GT_OK;
    cmdline_t s;

    memset(&s, 0, sizeof(s));
    s.cl = cl;
    s.src = src;
    s.err = err;
    s.argv = argv;
    s.from = from;
    s.argc = to;

    for (s.at = from; s.at < to && rc == GT_OK; s.at++) {
        if (argv[s.at][0] == '-' && argv[s.at][1] != '\0') {
            rc = cmdline_flag(&s);
        } else {
            rc = cmdline_word(&s);
        }
    }

    src->log_level = s.trace ? "trace" : s.debug ? "debug" : NULL;

    return rc;
}
