/*
 * process/html.h: the files of html/, which auto/embed makes part of the
 * binary.
 */

#ifndef GT_PROCESS_HTML_H
#define GT_PROCESS_HTML_H

#include "core/core.h"

typedef struct {
    const char    *path; /* "/", "/page.js" */
    const char    *type; /* of its contents */
    const char    *etag; /* with its quotes; another one after every change */
    const uint8_t *p;    /* n bytes */
    size_t         n;
} gt_html_t;

extern const gt_html_t gt_html[]; /* path NULL: no more */

#endif
