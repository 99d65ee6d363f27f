/*
 * t/unit/conf/said.h: what a gt_diag_t holds, as one text: a line each, "W "
 * before a warning.
 */

#ifndef T_UNIT_CONF_SAID_H
#define T_UNIT_CONF_SAID_H

#include "conf/node.h"
#include "core/str.h"

#include <string.h>

static char said_text[16384];


static void
said_line(void *data, bool is_error, const char *text)
{
    size_t n = strlen(said_text);

    (void) data;
    gt_snprintf(said_text + n, sizeof(said_text) - n, "%s%s%s",
                n > 0 ? "\n" : "", is_error ? "" : "W ", text);
}


__attribute__((unused)) static const char *
said(const gt_diag_t *d)
{
    said_text[0] = '\0';
    gt_diag_each(d, said_line, NULL);

    return said_text;
}

#endif
