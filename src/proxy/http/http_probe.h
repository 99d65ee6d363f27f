/*
 * proxy/http/http_probe.h: what somebody gets who may not in and is not to
 * learn that this is a proxy: the probeResist and knock options.
 */

#ifndef GT_PROXY_HTTP_HTTP_PROBE_H
#define GT_PROXY_HTTP_HTTP_PROBE_H

#include "core/str.h"

enum {
    GT_HTTP_DECOY_MS = 15000, /* for a decoy to answer; without a byte of it */
    GT_HTTP_DECOY_MAX = 64 << 20 /* bytes of a file */
};

typedef enum {
    GT_HTTP_PROBE_NONE,
    GT_HTTP_PROBE_CODE, /* an empty answer */
    GT_HTTP_PROBE_FILE, /* a page from the disk */
    GT_HTTP_PROBE_WEB,  /* a page of another server's */
    GT_HTTP_PROBE_HOST, /* another server, asked what we were asked */
    GT_HTTP_PROBE_ODD   /* 503: GOST knows no such type */
} gt_http_probe_kind_t;

/* texts are the tree's */
typedef struct {
    gt_http_probe_kind_t kind;
    int                  status;
    const char          *file;
    gt_str_t             authority; /* as written: the Host of WEB */
    gt_str_t             host, path; /* path may lack its slash */
    uint16_t             port;
} gt_http_probe_t;

/* "type:value", NULL or empty: none; GT_ERROR and *why */
int gt_http_probe_parse(const char *text, gt_http_probe_t *p, const char **why);

/* is host in a comma list (NULL: none) of names, in any case? */
bool gt_http_knocks(const char *list, gt_str_t host);

#endif
