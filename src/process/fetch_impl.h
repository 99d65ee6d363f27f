/*
 * process/fetch_impl.h: between the files of fetch.
 */

#ifndef GT_PROCESS_FETCH_IMPL_H
#define GT_PROCESS_FETCH_IMPL_H

#include "conf/model.h"
#include "core/str.h"

enum {
    GT_FETCH_URL = 4096, /* a URL with its NUL: what -C or a Location may be */
    GT_FETCH_WHY = 200,
    GT_FETCH_BUF = 65536 /* a head, and what is read at once */
};

/* an http URL; everything points into text */
typedef struct {
    char     text[GT_FETCH_URL];
    gt_str_t host;     /* without brackets */
    bool     ipv6;     /* it stood in brackets */
    gt_str_t port;     /* digits; "80" when there was none */
    gt_str_t authority; /* host:port as written */
    gt_str_t userinfo; /* as written; empty: none */
    gt_str_t target;   /* path and query, at least "/" */
    gt_str_t path;     /* without the query */
} gt_fetch_url_t;

/* GT_ERROR and *why, static: it cannot be fetched from */
int gt_fetch_url_parse(gt_fetch_url_t *u, gt_str_t text, const char **why);

/* what a Location means at `from` */
int gt_fetch_url_resolve(gt_fetch_url_t *u, const gt_fetch_url_t *from,
                         gt_str_t location, const char **why);

typedef struct {
    uint64_t until; /* ms of gt_fetch_now_ms() */
    unsigned ms;    /* what that was at the start, for people */
    int      fd;    /* ours; -1: none */
    char     why[GT_FETCH_WHY]; /* "": nothing has failed */
    uint8_t  buf[GT_FETCH_BUF];
    size_t   n; /* bytes in buf */
} gt_fetch_conn_t;

uint64_t gt_fetch_now_ms(void);

/* notes why; always GT_ERROR */
int gt_fetch_fail(gt_fetch_conn_t *c, const char *fmt, ...) GT_PRINTF(2, 3);

/* these: GT_ERROR with why */
int  gt_fetch_dial(gt_fetch_conn_t *c, const gt_fetch_url_t *url);
int  gt_fetch_send(gt_fetch_conn_t *c, const char *p, size_t n);
int  gt_fetch_recv(gt_fetch_conn_t *c); /* GT_OK: more is in buf; GT_DONE */
void gt_fetch_close(gt_fetch_conn_t *c);

/*
 * GETs url within ms; blocking.  Everything is in out, the caller's: the text
 * to be freed, or a reason, which repeats no credentials.
 */
void gt_fetch_http(const char *url, unsigned ms, gt_fetched_t *out);

#endif
