/*
 * conf/diag.c: errors and warnings with their places, kept in order.
 */

#include "core/mem.h"
#include "core/str.h"
#include "conf/node.h"

#include <string.h>

/* a file with an error in each line must not fill the memory */
enum { DIAG_MAX = 1000, DIAG_TEXT = 1024 };

typedef struct diag_line diag_line_t;

struct diag_line {
    diag_line_t *next;
    bool         error;
    char         text[];
};

struct gt_diag {
    diag_line_t *first, **last; /* ours */
    unsigned     lines, errors, warnings;
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


/* a line that there is no memory for is still counted */
GT_PRINTF(4, 0)
static void
diag_add(gt_diag_t *d, bool error, const gt_place_t *where, const char *fmt,
         va_list ap)
{
    char         text[DIAG_TEXT];
    size_t       n = 0;
    diag_line_t *line;

    *(error ? &d->errors : &d->warnings) += 1;

    if (d->lines == DIAG_MAX) {
        return;
    }

    if (d->group >= 0 && (where == NULL || where->line == 0)) {
        n = gt_snprintf(text, sizeof(text), "group %d: ", d->group);
    }

    if (where != NULL && where->file != NULL) {
        n += gt_snprintf(text + n, sizeof(text) - n, "%.255s:", where->file);
        if (where->line > 0) {
            n += gt_snprintf(text + n, sizeof(text) - n, "%u:%u:", where->line,
                             where->column);
        }

        n += gt_snprintf(text + n, sizeof(text) - n, " ");
    }

    n += gt_vsnprintf(text + n, sizeof(text) - n, fmt, ap);

    line = gt_alloc(sizeof(*line) + n + 1);
    if (line == NULL) {
        return;
    }

    memcpy(line->text, text, n + 1);
    line->error = error;
    line->next = NULL;
    *d->last = line;
    d->last = &line->next;
    d->lines++;
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
    return d->errors;
}


unsigned
gt_diag_warnings(const gt_diag_t *d)
{
    return d->warnings;
}


void
gt_diag_each(const gt_diag_t *d,
             void (*out)(void *data, bool is_error, const char *text),
             void *data)
{
    char               text[40];
    const diag_line_t *line;

    for (line = d->first; line != NULL; line = line->next) {
        out(data, line->error, line->text);
    }

    if (d->errors + d->warnings > d->lines) {
        gt_snprintf(text, sizeof(text), "and %u more",
                    d->errors + d->warnings - d->lines);
        out(data, d->errors > 0, text);
    }
}
