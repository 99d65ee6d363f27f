/*
 * conf/diag.c: errors and warnings with their places, told in the order of the
 * places, each once.
 */

#include "core/mem.h"
#include "core/str.h"
#include "conf/node.h"

#include <stdlib.h>
#include <string.h>

/* a file with an error in each line must neither fill the memory nor the
   screen; of errors and of warnings each */
enum { DIAG_MAX = 1000, DIAG_TOLD = 100, DIAG_TEXT = 1024 };

typedef struct diag_line diag_line_t;

struct diag_line {
    diag_line_t *next;
    unsigned     file; /* in the order in which files were met; 0: none */
    unsigned     line, column, nth;
    bool         error;
    char         text[];
};

typedef struct {
    unsigned n;    /* that there were */
    unsigned kept; /* of them, at most DIAG_MAX */
} diag_count_t;

struct gt_diag {
    diag_line_t *first, **last; /* ours */
    diag_count_t errors, warnings;
    int          group;
};


gt_diag_t *
gt_diag_new(void)
{
    gt_diag_t *d;

    d = gt_calloc(sizeof(*d));
    if (d != NULL) {
        d->last = &d->first;
        d->group = -1;
    }

    return d;
}


void
gt_diag_free(gt_diag_t *d)
{
    diag_line_t *line;

    if (d == NULL) {
        return;
    }

    while ((line = d->first) != NULL) {
        d->first = line->next;
        gt_free(line);
    }

    gt_free(d);
}


/* "file:line:column: " */
static size_t
diag_place(const gt_diag_t *d, const gt_place_t *where, char *text, size_t size)
{
    size_t n = 0;

    if (d->group >= 0 && (where == NULL || where->line == 0)) {
        n = gt_snprintf(text, size, "group %d: ", d->group);
    }

    if (where == NULL || where->file == NULL) {
        return n;
    }

    n += gt_snprintf(text + n, size - n, "%.255s:", where->file);
    if (where->line > 0) {
        n += gt_snprintf(text + n, size - n, "%u:%u:", where->line,
                         where->column);
    }

    return n + gt_snprintf(text + n, size - n, " ");
}


/* the number of a file: that of a line before with the same name in front */
static unsigned
diag_file(const gt_diag_t *d, const gt_place_t *where, const char *text,
          size_t n)
{
    unsigned           most = 0;
    const diag_line_t *line;

    if (where == NULL || where->line == 0) {
        return 0;
    }

    n = gt_min(n, strlen(where->file) + 1);

    for (line = d->first; line != NULL; line = line->next) {
        if (line->file > 0 && strncmp(line->text, text, n) == 0) {
            return line->file;
        }

        most = gt_max(most, line->file);
    }

    return most + 1;
}


/* a line that there is no memory for is still counted */
GT_PRINTF(4, 0)
static void
diag_add(gt_diag_t *d, bool error, const gt_place_t *where, const char *fmt,
         va_list ap)
{
    char          text[DIAG_TEXT];
    size_t        at, n;
    diag_line_t  *line;
    diag_count_t *count = error ? &d->errors : &d->warnings;

    count->n++;

    if (count->kept == DIAG_MAX) {
        return;
    }

    at = diag_place(d, where, text, sizeof(text));
    n = at + gt_vsnprintf(text + at, sizeof(text) - at, fmt, ap);

    line = gt_alloc(sizeof(*line) + n + 1);
    if (line == NULL) {
        return;
    }

    memcpy(line->text, text, n + 1);
    line->file = diag_file(d, where, text, at);
    line->line = where != NULL ? where->line : 0;
    line->column = where != NULL ? where->column : 0;
    line->nth = d->errors.kept + d->warnings.kept;
    line->error = error;
    line->next = NULL;
    *d->last = line;
    d->last = &line->next;
    count->kept++;
}


void
gt_diag_error(gt_diag_t *d, const gt_place_t *where, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    diag_add(d, true, where, fmt, ap);
    va_end(ap);
}


void
gt_diag_warn(gt_diag_t *d, const gt_place_t *where, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    diag_add(d, false, where, fmt, ap);
    va_end(ap);
}


void
gt_diag_group(gt_diag_t *d, int group)
{
    d->group = group;
}


unsigned
gt_diag_errors(const gt_diag_t *d)
{
    return d->errors.n;
}


unsigned
gt_diag_warnings(const gt_diag_t *d)
{
    return d->warnings.n;
}


static int
diag_order(const void *a, const void *b)
{
    const diag_line_t *x = *(const diag_line_t *const *) a;
    const diag_line_t *y = *(const diag_line_t *const *) b;

    if (x->file != y->file) {
        return x->file < y->file ? -1 : 1;
    }

    if (x->line != y->line) {
        return x->line < y->line ? -1 : 1;
    }

    if (x->column != y->column) {
        return x->column < y->column ? -1 : 1;
    }

    return x->nth < y->nth ? -1 : 1;
}


/* the n lines in the order of their places; without memory in that of their
   coming */
static const diag_line_t **
diag_sorted(const gt_diag_t *d, size_t *n)
{
    const diag_line_t  *line;
    const diag_line_t **all;

    *n = 0;

    all = gt_calloc(((size_t) d->errors.kept + d->warnings.kept + 1)
                    * sizeof(diag_line_t *));
    if (all == NULL) {
        return NULL;
    }

    for (line = d->first; line != NULL; line = line->next) {
        all[(*n)++] = line;
    }

    qsort(all, *n, sizeof(*all), diag_order);

    return all;
}


/* what several services share is looked at for each */
static bool
diag_again(const diag_line_t *const *all, size_t i)
{
    size_t k;

    for (k = i; k-- > 0 && all[k]->line == all[i]->line
                && all[k]->column == all[i]->column
                && all[k]->file == all[i]->file;)
    {
        if (all[k]->error == all[i]->error
            && strcmp(all[k]->text, all[i]->text) == 0) {
            return true;
        }
    }

    return false;
}


static void
diag_rest(const diag_count_t *count, unsigned told, const char *what,
          bool is_error,
          void (*out)(void *data, bool is_error, const char *text), void *data)
{
    char text[60];

    if (told < count->n) {
        gt_snprintf(text, sizeof(text), "and %u more %s", count->n - told,
                    what);
        out(data, is_error, text);
    }
}


void
gt_diag_each(const gt_diag_t *d,
             void (*out)(void *data, bool is_error, const char *text),
             void *data)
{
    size_t              i, n;
    unsigned            errors = 0, warnings = 0, again[2] = { 0, 0 }, *told;
    const diag_line_t **all = diag_sorted(d, &n);

    for (i = 0; i < n; i++) {
        told = all[i]->error ? &errors : &warnings;

        if (diag_again(all, i)) {
            again[all[i]->error]++;

        } else if (*told < DIAG_TOLD) {
            *told += 1;
            out(data, all[i]->error, all[i]->text);
        }
    }

    gt_free(all);

    diag_rest(&d->errors, errors + again[1], "errors", true, out, data);
    diag_rest(&d->warnings, warnings + again[0], "warnings", false, out, data);
}
