/*
 * process/reload_say.c: how a reload went, to those who asked for it, to the
 * lasting zone, to the log.
 */

#include "process/master.h"

#include "core/log.h"
#include "core/mem.h"

#include <string.h>


typedef struct {
    char  *p;
    size_t n;
} reload_text_t;


static void
reload_line(void *data, bool is_error, const char *line)
{
    char          *p;
    size_t         n = strlen(line);
    reload_text_t *text = data;
    const char    *kind = is_error ? "" : "warning: ";

    p = gt_realloc(text->p, text->n + strlen(kind) + n + 2);
    if (!p) {
        return;
    }

    text->p = p;
    text->n +=
        gt_snprintf(p + text->n, strlen(kind) + n + 2, "%s%s\n", kind, line);
}


void
gt_reload_note(gt_master_t *ms, bool good, const gt_diag_t *d, const char *last)
{
    reload_text_t text = { NULL, 0 };

    if (d) {
        gt_diag_each(d, reload_line, &text);
    }

    if (last) {
        reload_line(&text, true, last);
    }

    gt_tally_reloaded(ms->lasting, good, text.p ? text.p : "", text.n);
    gt_free(text.p);
}


void
gt_reload_answer(gt_master_t *ms, bool good, const gt_diag_t *d,
                 const char *last)
{
    int           i;
    reload_text_t text = { NULL, 0 };

    if (d) {
        gt_diag_each(d, reload_line, &text);
    }

    if (last) {
        reload_line(&text, true, last);
    }

    for (i = 0; i < ms->n_waiters; i++) {
        gt_control_answer(ms->control, ms->waiters[i], good,
                          gt_str_make(text.p, text.n));
    }

    ms->n_waiters = 0;
    gt_free(text.p);
}


static void
reload_alone_line(void *data, bool is_error, const char *line)
{
    (void) data;

    if (is_error) {
        gt_error("auto reload: %s", line);
    }
}


void
gt_reload_alone_failed(gt_master_t *ms, const gt_diag_t *d)
{
    reload_text_t text = { NULL, 0 };

    gt_diag_each(d, reload_line, &text);

    if (text.p && ms->said && strcmp(text.p, ms->said) == 0) {
        gt_free(text.p);
        return;
    }

    gt_diag_each(d, reload_alone_line, NULL);
    gt_reload_note(ms, false, d, NULL);
    gt_free(ms->said);
    ms->said = text.p;
}
