/*
 * process/status_table.c: the JSON of /status as tables of text: services,
 * nodes, workers.
 */

#include "process/status_table.h"

#include "core/arena.h"
#include "core/str.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

enum { TABLE_COLUMNS = 12, TABLE_WIDE = 60 /* a cell pushes no further */ };

/* one line of a table; all texts live in its arena */
typedef struct table_line_s table_line_t;

struct table_line_s {
    table_line_t *next;
    const char   *cells[TABLE_COLUMNS];
};

typedef struct {
    gt_arena_t   *arena; /* the caller's */
    const char   *right; /* a letter a column, 'r': to the right */
    table_line_t *first, *last;
    bool          failed; /* no memory */
} table_t;


/* --- texts --- */

/*
 * Names come from somebody's file: what a terminal would act upon is shown as
 * a question mark (C0, DEL, and C1 in UTF-8).
 */
static const char *
table_text(table_t *t, const char *s)
{
    size_t         i;
    char          *copy = gt_arena_strdup(t->arena, s ? s : "");
    unsigned char *p = (unsigned char *) copy;

    t->failed |= !copy;

    for (i = 0; p && p[i] != '\0'; i++) {
        if (p[i] < 0x20 || p[i] == 0x7f) {
            p[i] = '?';
        } else if (p[i] == 0xc2 && p[i + 1] >= 0x80 && p[i + 1] < 0xa0) {
            p[i] = p[i + 1] = '?';
        }
    }

    return copy ? copy : "";
}


static const char *
table_member(table_t *t, const json_t *o, const char *key)
{
    return table_text(t, json_string_value(json_object_get(o, key)));
}


static const char *
table_keep(table_t *t, const char *s)
{
    t->failed |= !s;

    return s ? s : "";
}


static json_int_t
table_number(const json_t *o, const char *key)
{
    return json_integer_value(json_object_get(o, key));
}


static const char *
table_count(table_t *t, const json_t *o, const char *key)
{
    return table_keep(t, gt_arena_printf(t->arena, "%lld",
                                         (long long) table_number(o, key)));
}


/* three digits that matter and a unit */

static const char *
table_bytes(table_t *t, const json_t *o, const char *key)
{
    static const char *const units[] = { "B",   "KiB", "MiB", "GiB",
                                         "TiB", "PiB", "EiB" };
    size_t                   i = 0;
    double                   n = (double) table_number(o, key);

    while (n >= 1000 && i + 1 < gt_nelts(units)) {
        n /= 1024;
        i++;
    }

    return table_keep(t, gt_arena_printf(t->arena, "%.*f %s",
                                         i == 0 || n >= 100 ? 0
                                         : n >= 10          ? 1
                                                            : 2,
                                         n, units[i]));
}


static const char *
table_age(table_t *t, json_int_t s)
{
    const char *text;

    if (s < 60) {
        text = gt_arena_printf(t->arena, "%lld s", (long long) s);
    } else if (s < 3600) {
        text = gt_arena_printf(t->arena, "%lld min %lld s", (long long) s / 60,
                               (long long) s % 60);
    } else if (s < 86400) {
        text = gt_arena_printf(t->arena, "%lld h %lld min",
                               (long long) s / 3600, (long long) s % 3600 / 60);
    } else {
        text = gt_arena_printf(t->arena, "%lld d %lld h", (long long) s / 86400,
                               (long long) s % 86400 / 3600);
    }

    return table_keep(t, text);
}


/* "http", or "relay, tls": what is plain goes without saying */

static const char *
table_type(table_t *t, const json_t *o, const char *top, const char *below)
{
    const char *a = table_member(t, o, top), *b = table_member(t, o, below);

    return b[0] == '\0' || strcmp(b, "tcp") == 0
               ? a
               : table_keep(t, gt_arena_printf(t->arena, "%s, %s", a, b));
}


/* --- lines --- */

static const char **
table_line(table_t *t)
{
    static const char *nowhere[TABLE_COLUMNS];
    table_line_t      *l = gt_arena_alloc(t->arena, sizeof(*l));

    if (!l) {
        t->failed = true;
        return nowhere;
    }

    if (t->last) {
        t->last->next = l;
    } else {
        t->first = l;
    }

    t->last = l;

    return l->cells;
}


static void
table_head(table_t *t, gt_arena_t *arena, const char *right,
           const char *const *titles)
{
    int          i;
    const char **cells;

    *t = (table_t){ .arena = arena, .right = right };
    cells = table_line(t);

    for (i = 0; right[i] != '\0'; i++) {
        cells[i] = titles[i];
    }
}


/* columns that a text takes: one for each character */

static size_t
table_width(const char *s)
{
    size_t n = 0;

    for (; *s != '\0'; s++) {
        n += ((unsigned char) *s & 0xc0) != 0x80;
    }

    return n;
}


static void
table_print(const table_t *t, FILE *out)
{
    int                 i;
    size_t              n, width[TABLE_COLUMNS] = { 0 };
    const table_line_t *l;

    for (l = t->first; l; l = l->next) {
        for (i = 0; t->right[i] != '\0'; i++) {
            n = gt_min(table_width(l->cells[i]), (size_t) TABLE_WIDE);
            width[i] = gt_max(width[i], n);
        }
    }

    (void) fputc('\n', out);

    for (l = t->first; l; l = l->next) {
        for (i = 0; t->right[i] != '\0'; i++) {
            n = table_width(l->cells[i]);
            n = n < width[i] ? width[i] - n : 0;

            if (t->right[i] == 'r') {
                (void) fprintf(out, "%*s%s", (int) n, "", l->cells[i]);
            } else {
                (void) fprintf(out, "%s%*s", l->cells[i],
                               t->right[i + 1] != '\0' ? (int) n : 0, "");
            }

            (void) fputs(t->right[i + 1] != '\0' ? "  " : "\n", out);
        }
    }
}


/* --- what there is --- */

static void
table_services(table_t *t, gt_arena_t *arena, const json_t *root)
{
    size_t                   i;
    json_t                  *s;
    const char             **c;
    static const char *const titles[] = { "SERVICE", "ADDRESS", "TYPE",
                                          "CHAIN",   "NOW",     "TOTAL",
                                          "ERRORS",  "IN",      "OUT" };

    table_head(t, arena, "llllrrrrr", titles);

    json_array_foreach(json_object_get(root, "services"), i, s)
    {
        c = table_line(t);
        c[0] = table_member(t, s, "name");
        c[1] = table_member(t, s, "addr");
        c[2] = table_type(t, s, "handler", "listener");
        c[3] = table_member(t, s, "chain");
        c[4] = table_count(t, s, "currentConns");
        c[5] = table_count(t, s, "totalConns");
        c[6] = table_count(t, s, "totalErrs");
        c[7] = table_bytes(t, s, "inputBytes");
        c[8] = table_bytes(t, s, "outputBytes");

        if (c[3][0] == '\0') {
            c[3] = "-";
        }
    }
}


static const char *
table_state(table_t *t, const json_t *nd)
{
    const char *state = table_member(t, nd, "state");

    if (json_is_integer(json_object_get(nd, "backIn"))) {
        return table_keep(
            t, gt_arena_printf(t->arena, "%s, back in %s", state,
                               table_age(t, table_number(nd, "backIn"))));
    }

    return table_number(nd, "fails") == 0
               ? state
               : table_keep(t,
                            gt_arena_printf(t->arena, "%s, fails: %lld", state,
                                            (long long) table_number(nd,
                                                                     "fails")));
}


static void
table_node(table_t *t, const json_t *chain, const json_t *hop, const json_t *nd)
{
    json_int_t   us = table_number(nd, "latencyMicroseconds");
    const char **c = table_line(t);

    c[0] = table_member(t, nd, "name");
    c[1] = table_member(t, chain, "name");
    c[2] = table_member(t, hop, "name");
    c[3] = table_member(t, nd, "addr");
    c[4] = table_type(t, nd, "connector", "dialer");
    c[5] = table_state(t, nd);
    c[6] = table_count(t, nd, "active");
    c[7] = table_count(t, nd, "tried");
    c[8] = table_count(t, nd, "failed");
    c[9] = us == 0 ? "-"
                   : table_keep(t, gt_arena_printf(t->arena, "%.2f ms",
                                                   (double) us / 1000));
}


static void
table_nodes(table_t *t, gt_arena_t *arena, const json_t *root)
{
    size_t                   i, k, m;
    json_t                  *chain, *hop, *nd;
    static const char *const titles[] = { "NODE",    "CHAIN", "HOP",
                                          "ADDRESS", "TYPE",  "STATE",
                                          "ACTIVE",  "TRIED", "FAILED",
                                          "CONNECT" };

    table_head(t, arena, "llllllrrrr", titles);

    json_array_foreach(json_object_get(root, "chains"), i, chain)
    {
        json_array_foreach(json_object_get(chain, "hops"), k, hop)
        {
            json_array_foreach(json_object_get(hop, "nodes"), m, nd)
            {
                table_node(t, chain, hop, nd);
            }
        }
    }
}


static void
table_workers(table_t *t, gt_arena_t *arena, const json_t *root)
{
    size_t                   i;
    json_t                  *w;
    const char             **c;
    static const char *const titles[] = {
        "WORKER",      "PID",     "STATE",    "GENERATION", "AGE",
        "CONNECTIONS", "TUNNELS", "ACCEPTED", "REFUSED",    "DEATHS"
    };

    table_head(t, arena, "lrlrrrrrrr", titles);

    json_array_foreach(json_object_get(root, "workers"), i, w)
    {
        c = table_line(t);
        c[0] = table_count(t, w, "slot");
        c[1] = table_count(t, w, "pid");
        c[2] = table_member(t, w, "state");
        c[3] = table_count(t, w, "generation");
        c[4] = table_age(t, table_number(w, "uptime"));
        c[5] = table_count(t, w, "connections");
        c[6] = table_count(t, w, "tunnels");
        c[7] = table_count(t, w, "accepted");
        c[8] = table_count(t, w, "refused");
        c[9] = table_count(t, w, "deaths");
    }
}


/* how the last reload went; its first line when it went wrong */

static void
table_reload(table_t *t, const json_t *root, FILE *out)
{
    const json_t *last;
    const char   *said;

    last = json_object_get(json_object_get(root, "reload"), "last");
    if (!json_is_object(last)) {
        return;
    }

    if (json_is_true(json_object_get(last, "good"))) {
        (void) fprintf(out, "reloaded %s ago\n",
                       table_age(t, table_number(last, "age")));
        return;
    }

    said = json_string_value(json_object_get(last, "message"));
    said = said ? said : "";
    (void) fprintf(out, "the last reload failed %s ago: %s\n",
                   table_age(t, table_number(last, "age")),
                   table_text(t, gt_arena_strndup(t->arena, said,
                                                  strcspn(said, "\n"))));
}


static void
table_top(table_t *t, const json_t *root, FILE *out)
{
    (void) fprintf(out, "gatun %s on %s: generation %lld, up %s, pid %lld\n",
                   table_member(t, root, "version"),
                   table_member(t, root, "hostname"),
                   (long long) table_number(root, "generation"),
                   table_age(t, table_number(root, "uptime")),
                   (long long) table_number(root, "pid"));
    table_reload(t, root, out);
}


int
gt_status_table(const char *json, size_t n, FILE *out)
{
    bool        failed;
    json_t     *root = json_loadb(json, n, 0, NULL);
    table_t     services, nodes, workers;
    gt_arena_t *arena = gt_arena_new();

    failed = !arena || !json_is_object(root);

    if (!failed) {
        table_services(&services, arena, root);
        table_nodes(&nodes, arena, root);
        table_workers(&workers, arena, root);
        failed = services.failed || nodes.failed || workers.failed;
    }

    if (!failed) {
        table_top(&services, root, out);
        table_print(&services, out);

        if (nodes.first != nodes.last) {
            table_print(&nodes, out);
        }

        table_print(&workers, out);
    }

    gt_arena_free(arena);
    json_decref(root);

    return failed ? GT_ERROR : GT_OK;
}
