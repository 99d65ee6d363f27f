/*
 * conf/help.c: the keys of the configuration out of their tables, for --help
 * and for the manual page.
 */

#include "conf/help.h"
#include "conf/schema.h"
#include "conf/words.h"

#include <string.h>

enum { HELP_TABLES = 128, HELP_PATH = 120 };

/* tables that are printed already, each under the path it was met at first */
typedef struct {
    FILE           *out; /* not ours */
    const gt_key_t *tables[HELP_TABLES];
    char            paths[HELP_TABLES][HELP_PATH];
    size_t          n;
} help_seen_t;


/* "services" is meant by "service", too */
static bool
help_named(const char *row, const char *topic)
{
    size_t   n = strlen(topic);
    gt_str_t name = gt_str_from(row);

    if (!gt_str_istarts(name, gt_str_from(topic))) {
        return false;
    }

    name = gt_str_sub(name, n, name.n);

    return name.n == 0 || gt_str_eq(name, GT_STR("s"))
           || gt_str_eq(name, GT_STR("es"));
}


/* what is only carried along of GOST's own API is no topic */
static bool
help_about(const gt_key_t *row)
{
    return row->sub != NULL && strcmp(row->name, "status") != 0;
}


/* the row of a section of that name, the highest first; none below one of the
   flags in not */
static const gt_key_t *
help_section(const gt_key_t *table, const char *topic, unsigned not )
{
    const gt_key_t *row, *found = NULL;

    for (row = table; row->name != NULL; row++) {
        if (help_about(row) && !(row->flags & not )
            && help_named(row->name, topic)) {
            return row;
        }
    }

    for (row = table; row->name != NULL && found == NULL; row++) {
        found = help_about(row) && !(row->flags & not )
                    ? help_section(row->sub, topic, not )
                    : NULL;
    }

    return found;
}


static const char *
help_type(const gt_key_t *row)
{
    static const char *const names[] = {
        [GT_KEY_STR] = "text",      [GT_KEY_INT] = "number",
        [GT_KEY_BOOL] = "bool",     [GT_KEY_DUR] = "duration",
        [GT_KEY_STRS] = "texts",    [GT_KEY_OBJ] = "section",
        [GT_KEY_OBJS] = "sections", [GT_KEY_MAP] = "map",
        [GT_KEY_ANY] = "any",
    };

    return names[row->type];
}


static const char *
help_state(const gt_key_t *row)
{
    return row->flags & GT_KEY_REFUSE  ? " (not built yet: refused)"
           : row->flags & GT_KEY_LATER ? " (not built yet: ignored)"
                                       : "";
}


static void
help_line(void *data, const char *line)
{
    fprintf(data, "%s\n", line);
}


/* a section whose metadata are a module's, or the service's */
static void
help_metadata(const gt_source_t *src, const gt_key_t *section, FILE *out)
{
    int             i;
    const gt_opt_t *opts;

    if (src->options == NULL || strcmp(section->name, "services") != 0) {
        return;
    }

    fputs("\nmetadata: options of the service\n", out);

    for (i = 0; (opts = src->options(GT_WORD_HANDLER, NULL, i)) != NULL; i++) {
        gt_opt_help(opts, help_line, out);
    }
}


int
gt_help_topic(const gt_source_t *src, const char *topic, FILE *out)
{
    const gt_key_t *row, *section;

    section = help_section(gt_schema_top, topic, GT_KEY_REFUSE | GT_KEY_LATER);
    if (section == NULL) {
        section = help_section(gt_schema_top, topic, 0);
    }

    if (section == NULL) {
        return GT_ERROR;
    }

    fprintf(out, "%s: %s%s\n", section->name, section->help,
            help_state(section));

    for (row = section->sub; row->name != NULL; row++) {
        fprintf(out, "  %-20s %-9s %-10s %s%s\n", row->name, help_type(row),
                row->init != NULL ? row->init : "-", row->help,
                help_state(row));
    }

    help_metadata(src, section, out);

    return GT_OK;
}


static void
help_names(help_seen_t *s, const gt_key_t *table)
{
    size_t          i;
    const gt_key_t *row;

    for (row = table; row->name != NULL; row++) {
        if (!help_about(row) || row->flags & (GT_KEY_REFUSE | GT_KEY_LATER)) {
            continue;
        }

        for (i = 0; i < s->n && s->tables[i] != row->sub; i++) {
            /* void */
        }

        if (i == s->n && s->n < HELP_TABLES) {
            s->tables[s->n++] = row->sub;
            fprintf(s->out, " %s", row->name);
            help_names(s, row->sub);
        }
    }
}


void
gt_help_topics(FILE *out)
{
    static help_seen_t seen;

    memset(&seen, 0, sizeof(seen));
    seen.out = out;
    fputs("sections:", out);
    help_names(&seen, gt_schema_top);
    fputc('\n', out);
}


/* text that roff takes for nothing else */
static void
roff_text(const char *text, FILE *out)
{
    if (*text == '.' || *text == '\'') {
        fputs("\\&", out);
    }

    for (/* void */; *text != '\0'; text++) {
        switch (*text) {

        case '\\': fputs("\\e", out); break;

        case '-': fputs("\\-", out); break;

        case '"': fputs("\\(dq", out); break;

        case '~': fputs("\\(ti", out); break;

        case '^': fputs("\\(ha", out); break;

        default: fputc(*text, out);
        }
    }
}


static void
roff_item(const char *name, const char *what, const char *init,
          const char *help, const char *state, FILE *out)
{
    fputs(".TP\n.BR ", out);
    roff_text(name, out);
    fputs(" \" (", out);
    roff_text(what, out);

    if (init != NULL && init[0] != '\0') {
        fputs(what[0] != '\0' ? ", default " : "default ", out);
        roff_text(init, out);
    }

    fputs(")\"\n", out);
    roff_text(help, out);
    roff_text(state, out);
    fputs(".\n", out);
}


static const char *
roff_seen(const help_seen_t *s, const gt_key_t *table)
{
    size_t i;

    for (i = 0; i < s->n; i++) {
        if (s->tables[i] == table) {
            return s->paths[i];
        }
    }

    return NULL;
}


/* a table under its path, then those of its sections that are new */
static void
roff_section(help_seen_t *s, const gt_key_t *section, const char *path)
{
    char            below[HELP_PATH];
    const char     *twin;
    const gt_key_t *row;

    if (s->n == HELP_TABLES || roff_seen(s, section->sub) != NULL) {
        return;
    }

    s->tables[s->n] = section->sub;
    gt_snprintf(s->paths[s->n++], HELP_PATH, "%s", path);

    fputs(".SS ", s->out);
    roff_text(path, s->out);
    fputc('\n', s->out);
    roff_text(section->help, s->out);
    roff_text(help_state(section), s->out);
    fputs(".\n", s->out);

    for (row = section->sub; row->name != NULL; row++) {
        twin = row->sub != NULL ? roff_seen(s, row->sub) : NULL;
        gt_snprintf(below, sizeof(below), "%s%s%s", help_type(row),
                    twin != NULL ? " as " : "", twin != NULL ? twin : "");
        roff_item(row->name, below, row->init, row->help, help_state(row),
                  s->out);
    }

    for (row = section->sub; row->name != NULL; row++) {
        if (help_about(row)) {
            gt_snprintf(below, sizeof(below), "%s%s.%s", path,
                        section->type == GT_KEY_OBJS ? "[]" : "", row->name);
            roff_section(s, row, below);
        }
    }
}


static void
roff_options(const gt_opt_t *opts, FILE *out)
{
    char            name[80];
    gt_str_t        rest, part;
    const gt_opt_t *row;

    for (row = opts; row->name != NULL; row++) {
        rest = gt_str_from(row->name);
        (void) gt_str_split(&rest, '|', &part);
        (void) gt_str_copy(name, sizeof(name), part);

        /* the page is the same whatever the build: tests alone have this */
        if (strcmp(name, "chaos") == 0) {
            continue;
        }

        fputs(".TP\n.B ", out);
        roff_text(name, out);

        while (gt_str_split(&rest, '|', &part)) {
            (void) gt_str_copy(name, sizeof(name), part);
            fputs(", ", out);
            roff_text(name, out);
        }

        fputc('\n', out);
        roff_text(row->help != NULL ? row->help : "", out);

        if (row->init != NULL) {
            fputs("; default ", out);
            roff_text(row->init[0] != '\0' ? row->init : "empty", out);
        }

        fputs(".\n", out);
    }
}


/* the modules of a kind; names with the same tables are one module's */
static void
roff_modules(const gt_source_t *src, gt_word_t kind, FILE *out)
{
    int             i, k;
    const char     *name;
    const gt_opt_t *opts, *before = NULL;

    for (i = 0; (name = src->module(kind, i)) != NULL; i++) {
        opts = src->options(kind, name, 0);
        if (opts == NULL || opts == before) {
            continue;
        }

        before = opts;
        fprintf(out, ".SS %s ", gt_word_kind(kind));
        roff_text(name, out);
        fputs("\nOptions of its metadata.\n", out);

        for (k = 0; (opts = src->options(kind, name, k)) != NULL; k++) {
            roff_options(opts, out);
        }
    }
}


void
gt_help_roff(const gt_source_t *src, FILE *out)
{
    int                kind, i;
    const gt_key_t    *row;
    const gt_opt_t    *opts;
    static help_seen_t seen;

    memset(&seen, 0, sizeof(seen));
    seen.out = out;

    fputs(".SH KEYS\n", out);

    for (row = gt_schema_top; row->name != NULL; row++) {
        if (row->sub != NULL) {
            roff_section(&seen, row, row->name);
        }
    }

    fputs(".SH OPTIONS OF METADATA\n.SS service\nOptions of a service's"
          " metadata.\n",
          out);

    for (i = 0; (opts = src->options(GT_WORD_HANDLER, NULL, i)) != NULL; i++) {
        roff_options(opts, out);
    }

    for (kind = GT_WORD_HANDLER; kind <= GT_WORD_DIALER; kind++) {
        roff_modules(src, (gt_word_t) kind, out);
    }
}
