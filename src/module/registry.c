/*
 * module/registry.c: the table of modules, searched; modules are few and this
 * is for the start only.
 */

#include "module/registry.h"

#include "core/str.h"

#include <string.h>

static const char *const registry_kinds[] = {
    [GT_LISTENER] = "listener", [GT_DIALER] = "dialer",
    [GT_LAYER] = "layer",       [GT_MUX] = "mux",
    [GT_HANDLER] = "handler",   [GT_CONNECTOR] = "connector",
};


const char *
gt_module_kind(gt_kind_t kind)
{
    GT_ASSERT((size_t) kind < gt_nelts(registry_kinds));

    return registry_kinds[kind];
}


/* is it one of "name|alias|alias"? */

static bool
registry_named(const char *names, const char *name)
{
    gt_str_t rest = gt_str_from(names), part;

    while (gt_str_split(&rest, '|', &part)) {
        if (gt_str_ieq(part, gt_str_from(name))) {
            return true;
        }
    }

    return false;
}


const gt_module_t *
gt_module_find(gt_kind_t kind, const char *name)
{
    const gt_module_t *const *m;

    for (m = gt_modules; *m; m++) {
        if ((*m)->kind == kind && registry_named((*m)->name, name)) {
            return *m;
        }
    }

    return NULL;
}


/*
 * Names are handed out NUL-terminated although the tables keep them between
 * bars: the first ask cuts them all.
 */

enum { REGISTRY_NAMES = 256, REGISTRY_TEXT = 4096 };

static struct {
    gt_kind_t   kind;
    const char *name; /* in registry_text */
} registry_names[REGISTRY_NAMES];

static char registry_text[REGISTRY_TEXT];
static int  registry_n;


static void
registry_cut(void)
{
    char                     *p = registry_text;
    size_t                    left = sizeof(registry_text);
    gt_str_t                  rest, part;
    const gt_module_t *const *m;

    for (m = gt_modules; *m; m++) {
        rest = gt_str_from((*m)->name);

        while (gt_str_split(&rest, '|', &part)) {
            GT_ASSERT(registry_n < REGISTRY_NAMES && part.n < left);

            registry_names[registry_n].kind = (*m)->kind;
            registry_names[registry_n++].name = p;
            (void) gt_str_copy(p, left, part);
            p += part.n + 1;
            left -= part.n + 1;
        }
    }
}


const char *
gt_module_name(gt_kind_t kind, int i)
{
    int n;

    if (registry_n == 0) {
        registry_cut();
    }

    for (n = 0; n < registry_n; n++) {
        if (registry_names[n].kind == kind && i-- == 0) {
            return registry_names[n].name;
        }
    }

    return NULL;
}


bool
gt_module_knows(const gt_opt_t *opts, const char *key)
{
    for (; opts && opts->name; opts++) {
        if (registry_named(opts->name, key)) {
            return true;
        }
    }

    return false;
}


/* "socks5 (socks)" */

static void
registry_title(const gt_module_t *m, char *buf, size_t size)
{
    int      n = 0;
    size_t   used = 0;
    gt_str_t rest = gt_str_from(m->name), part;

    while (gt_str_split(&rest, '|', &part)) {
        used += gt_snprintf(buf + used, size - used, "%s%.*s",
                            n == 0   ? ""
                            : n == 1 ? " ("
                                     : ", ",
                            GT_STR_ARG(part));
        n++;
    }

    if (n > 1) {
        (void) gt_snprintf(buf + used, size - used, ")");
    }
}


void
gt_module_list(FILE *out)
{
    char                      title[128];
    gt_kind_t                 kind;
    const gt_module_t *const *m;
    static const gt_kind_t    order[] = { GT_HANDLER, GT_LISTENER, GT_CONNECTOR,
                                          GT_DIALER };
    size_t                    i;

    for (i = 0; i < gt_nelts(order); i++) {
        kind = order[i];
        (void) fprintf(out, "%ss:\n", gt_module_kind(kind));

        for (m = gt_modules; *m; m++) {
            if ((*m)->kind == kind) {
                registry_title(*m, title, sizeof(title));
                (void) fprintf(out, "  %-20s %s\n", title, (*m)->help);
            }
        }
    }
}


static void
registry_line(void *data, const char *line)
{
    (void) fprintf(data, "%s\n", line);
}


int
gt_module_help(const char *name, FILE *out)
{
    int                       n = 0;
    char                      title[128];
    const gt_module_t *const *m;

    for (m = gt_modules; *m; m++) {
        if (!registry_named((*m)->name, name)) {
            continue;
        }

        registry_title(*m, title, sizeof(title));
        (void) fprintf(out, "%s%s %s: %s\n", n++ ? "\n" : "",
                       gt_module_kind((*m)->kind), title, (*m)->help);

        if ((*m)->opts && (*m)->opts->name) {
            gt_opt_help((*m)->opts, registry_line, out);
        } else {
            (void) fprintf(out, "  no options\n");
        }
    }

    return n ? GT_OK : GT_ERROR;
}
