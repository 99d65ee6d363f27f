/*
 * The command line: flags in Go's style, what is asked for, what is refused.
 */

#include "conf/cmdline.h"
#include "core/core.h"
#include "core/mem.h"

#include "tap.h"

#include <stdlib.h>

static gt_cmdline_t cl;
static char        *err_text;
static size_t       err_size;


/* parses up to eight arguments; the first line of what is said */
static const char *
parse(const char *a0, const char *a1, const char *a2, const char *a3)
{
    int         argc = 1;
    FILE       *err;
    char       *argv[6] = { (char *) "gatun", NULL };
    const char *args[] = { a0, a1, a2, a3 };

    for (size_t i = 0; i < gt_nelts(args) && args[i] != NULL; i++) {
        argv[argc++] = (char *) args[i];
    }

    gt_cmdline_free(&cl);
    free(err_text);
    err = open_memstream(&err_text, &err_size);
    is_int(gt_cmdline_parse(argc, argv, &cl, err), GT_OK, "parsed");
    fclose(err);
    err_text[strcspn(err_text, "\n")] = '\0';

    return err_text;
}


static void
test_flags(void)
{
    is_str(parse(NULL, NULL, NULL, NULL), "", "nothing");
    is_int(cl.cmd, GT_CMD_RUN, "runs");
    is_int(cl.src.workers, 0, "no -w");

    is_str(parse("-L", ":1", "--L=:2", "-F=x=y"), "", "-L and -F");
    is_int(cl.src.n_services, 2, "two -L");
    is_str(cl.src.services[0], ":1", "the first");
    is_str(cl.src.services[1], ":2", "the second");
    is_str(cl.src.nodes[0], "x=y", "a value with '='");

    is_str(parse("-C", "-", "-C", "a.yaml"), "", "-C");
    is_int(cl.src.n_sources, 2, "two -C");
    is_str(cl.src.sources[0], "-", "a dash is a value");

    is_str(parse("-L", "-F", NULL, NULL), "", "a value may begin with a dash");
    is_str(cl.src.services[0], "-F", "as in Go");

    is_str(parse("-D", NULL, NULL, NULL), "", "-D");
    is_str(cl.src.log_level, "debug", "debug");
    is_str(parse("-DD", "-D", NULL, NULL), "", "-DD");
    is_str(cl.src.log_level, "trace", "trace wins");
    is_str(parse("-D=false", "-DD=0", NULL, NULL), "", "-D=false");
    ok(cl.src.log_level == NULL, "no level");

    is_str(parse("-stats", ":8404", "-w", "4"), "", "-stats is not -s tats");
    is_str(cl.src.stats, ":8404", "-stats");
    is_int(cl.src.workers, 4, "-w");
    is_int(cl.cmd, GT_CMD_RUN, "runs");
    parse("-w", "auto", "-p", "/x");
    is_int(cl.src.workers, -1, "-w auto");
    is_str(cl.src.prefix, "/x", "-p");
    parse("-w=0", "-R", "30s", NULL);
    is_int(cl.src.workers, -1, "-w 0");
    is_str(cl.src.reload, "30s", "-R");
    parse("-api", ":1", "-metrics", ":2");
    is_str(cl.src.api, ":1", "-api");
    is_str(cl.src.metrics, ":2", "-metrics");
}


static void
test_commands(void)
{
    static const struct {
        const char *a0, *a1;
        gt_cmd_t    cmd;
    } rows[] = { { "-V", NULL, GT_CMD_VERSION },
                 { "-t", NULL, GT_CMD_TEST },
                 { "-T", NULL, GT_CMD_DUMP },
                 { "-t", "-T", GT_CMD_TEST },
                 { "--modules", NULL, GT_CMD_MODULES },
                 { "-O", "yaml", GT_CMD_PRINT },
                 { "-O=", NULL, GT_CMD_RUN },
                 { "-s", "reload", GT_CMD_SIGNAL },
                 { "-t", "-V", GT_CMD_VERSION },
                 { "-t=false", NULL, GT_CMD_RUN },
                 { "--help", "http", GT_CMD_HELP } };
    size_t i;

    for (i = 0; i < gt_nelts(rows); i++) {
        is_str(parse(rows[i].a0, rows[i].a1, NULL, NULL), "", rows[i].a0);
        is_int(cl.cmd, rows[i].cmd, "what to do");
    }

    is_str(cl.topic, "http", "--help http");

    parse("-O", "json", NULL, NULL);
    ok(cl.json, "-O json");
    parse("-O", "anything", NULL, NULL);
    ok(!cl.json, "-O anything is YAML");
    parse("-s", "status", NULL, NULL);
    is_str(cl.signal, "status", "-s status");

    is_str(parse("-h", NULL, NULL, NULL),
           "usage: gatun -L URL ... [-F URL ...]", "-h");
    is_int(cl.cmd, GT_CMD_HELP, "help");
    ok(cl.topic == NULL, "without a topic");
    parse("-help", "-x", NULL, NULL);
    is_int(cl.cmd, GT_CMD_HELP, "help ends the flags");
}


static void
test_groups(void)
{
    const gt_source_t *src;

    parse("-L", ":1", "--", "-DD");
    is_int(cl.n_groups, 2, "two groups");
    src = cl.src.next;
    is_int(cl.src.n_services, 1, "-L is the first's");
    is_int(src->n_services, 0, "and not the second's");
    is_str(src->log_level, "trace", "-DD is the second's");
    ok(cl.src.log_level == NULL, "and not the first's");
    is_str(cl.src.id, "0", "numbered");
    is_str(src->id, "1", "as GOST does");
    ok(src->first == &cl.src && src->next == NULL, "joined");

    parse("--", "-L", ":1", "--");
    is_int(cl.n_groups, 1, "-- in front and behind separates nothing");
    is_str(cl.src.id, "", "one group has no number");
    is_int(cl.src.n_services, 1, "its -L");

    parse("-D", "--", "--", "-t");
    is_int(cl.n_groups, 3, "an empty group");
    is_int(cl.cmd, GT_CMD_TEST, "what is asked for is asked of all");

    parse("--", NULL, NULL, NULL);
    is_int(cl.n_groups, 1, "nothing but --");
    parse("-L", "a -- b", NULL, NULL);
    is_int(cl.n_groups, 1, "-- inside an argument");
    is_str(cl.src.services[0], "a -- b", "harms nothing");
}


static void
test_refused(void)
{
    static const struct {
        const char *a0, *a1, *want;
    } rows[] = {
        { "-x", NULL, "gatun: there is no flag -x" },
        { "-DV", NULL, "gatun: there is no flag -DV" },
        { "-l", ":1", "gatun: there is no flag -l" },
        { "--sx=1", NULL, "gatun: there is no flag -sx" },
        { "-L", NULL, "gatun: -L: a value is missing" },
        { "-D=maybe", NULL, "gatun: -D: want true or false behind '='" },
        { "-s", "tats", "gatun: -s: cannot take this value" },
        { "-w", "-1", "gatun: -w: cannot take this value" },
        { "-w", "1001", "gatun: -w: cannot take this value" },
        { "-R", "30", "gatun: -R: cannot take this value" },
        { "-p=", NULL, "gatun: -p: cannot take this value" },
        { "top", NULL, "gatun: top: not built yet" },
        { "serve", "-x",
          "gatun: there is no subcommand \"serve\"; there will"
          " be top, tunnels and passwd" },
        { "-Lhttp://u:hidden@:1", NULL, "gatun: there is no flag -Lhttp" },
        { "http://u:hidden@:1", NULL,
          "gatun: there is no subcommand \"http\"; there will"
          " be top, tunnels and passwd" },
        { "-D", "true", "gatun: argument 2 has no flag before it" },
        { "-", NULL,
          "gatun: there is no subcommand \"-\"; there will be top,"
          " tunnels and passwd" }
    };
    size_t i;

    for (i = 0; i < gt_nelts(rows); i++) {
        is_str(parse(rows[i].a0, rows[i].a1, NULL, NULL), rows[i].want,
               rows[i].want);
        is_int(cl.cmd, GT_CMD_EXIT, "ends");
        is_int(cl.status, 2, "with 2");
    }
}


static void
test_memory(void)
{
    int           rc;
    char         *argv[] = { (char *) "gatun", (char *) "-L", (char *) ":1",
                             (char *) "-F",    (char *) ":2", (char *) "-C",
                             (char *) "x.yaml" };
    unsigned long n;

    for (n = 1; n < 20; n++) {
        gt_cmdline_free(&cl);
        gt_mem_fail_at(n);
        rc = gt_cmdline_parse(gt_nelts(argv), argv, &cl, stderr);
        gt_mem_fail_at(0);

        if (rc == GT_OK) {
            break;
        }
    }

    ok(n < 20, "each allocation may fail");
}


int
main(void)
{
    test_flags();
    test_commands();
    test_groups();
    test_refused();
    test_memory();

    gt_cmdline_free(&cl);
    free(err_text);

    return tap_done();
}
