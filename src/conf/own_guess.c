/*
 * conf/own_guess.c: where a running gatun listens for commands, out of a
 * configuration that YAML or JSON cannot make sense of: somebody has broken
 * the file and now wants to be told so by the one who runs.
 */

#include "conf/file.h"
#include "conf/load.h"
#include "core/str.h"
#include "gt_auto_config.h"

#include <string.h>

enum { GUESS_LINE = 4096, GUESS_LINES = 200000 };


/* the value behind `runtimeDir:`, quotes and all that may follow it cut off */

static bool
guess_value(const char *p, char *dir, size_t size)
{
    size_t      n;
    const char *ends = " \t\r\n,}#\"'";

    p += *p == '"' || *p == '\'';
    p += strspn(p, " \t");

    if (*p++ != ':') {
        return false;
    }

    p += strspn(p, " \t");

    if (*p == '"' || *p == '\'') {
        ends = *p++ == '"' ? "\"\r\n" : "'\r\n";
    }

    n = strcspn(p, ends);

    return n > 0 && gt_str_copy(dir, size, gt_str_make(p, n)) == n;
}


static bool
guess_line(const char *line, char *dir, size_t size)
{
    static const char key[] = "runtimeDir";
    const char       *p = strstr(line, key), *comment = strchr(line, '#');

    return p && (!comment || comment > p)
           && guess_value(p + sizeof(key) - 1, dir, size);
}


static bool
guess_file(const char *path, char *dir, size_t size)
{
    int         n = 0;
    bool        found = false;
    char        line[GUESS_LINE];
    const char *why;
    FILE       *f = gt_conf_open(path, &why);

    if (!f) {
        return false;
    }

    while (!found && n++ < GUESS_LINES && fgets(line, sizeof(line), f)) {
        found = guess_line(line, dir, size);
    }

    (void) fclose(f);

    return found;
}


static bool
guess_installed(char *dir, size_t size)
{
    const char *slash = strrchr(GT_PID_PATH, '/');
    size_t      n = slash ? (size_t) (slash - GT_PID_PATH) : 0;

    return n > 0 && gt_str_copy(dir, size, gt_str_make(GT_PID_PATH, n)) == n;
}


bool
gt_source_guess_dir(const gt_source_t *src, char *dir, size_t size)
{
    int                i;
    const gt_source_t *group;

    for (group = src; group; group = group->next) {
        for (i = 0; i < group->n_sources; i++) {
            if (guess_file(group->sources[i], dir, size)) {
                return true;
            }
        }
    }

    if (!gt_source_installed(src)) {
        return false;
    }

    return guess_file(src->default_source, dir, size)
           || guess_installed(dir, size);
}
