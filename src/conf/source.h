/*
 * conf/source.h: what a configuration is made of: arguments, and the sources
 * that they name.
 */

#ifndef GT_CONF_SOURCE_H
#define GT_CONF_SOURCE_H

#include "conf/node.h"
#include "conf/opt.h"

#include <stdio.h>

/* what a type: or a scheme's half names */
typedef enum {
    GT_WORD_HANDLER,
    GT_WORD_LISTENER,
    GT_WORD_CONNECTOR,
    GT_WORD_DIALER
} gt_word_t;

enum { GT_SOURCE_BYTES = 10 << 20 }; /* of one -C; as GOST's downloads */

/* what a URL of -C gave */
typedef struct {
    char  *text; /* the source's, n bytes; NULL: none */
    size_t n;
    bool   json; /* else YAML */
    char  *why;  /* the source's; why there is none */
} gt_fetched_t;

/*
 * What a group of a command line gives, gathered by conf/cmdline.  Lists in
 * order.  The texts and arrays belong to whoever filled it in and outlive every
 * load; all-zero is a good start.
 */
typedef struct gt_source gt_source_t;

struct gt_source {
    const char **services; /* -L */
    const char **nodes;    /* -F */
    const char **sources;  /* -C */
    int          n_services, n_nodes, n_sources;
    int          workers;   /* -w; 0: not given, -1: auto */
    const char  *stats;     /* -stats, or NULL */
    const char  *log_level; /* "debug", "trace" by -D, -DD; or NULL */
    const char  *api;       /* -api, or NULL */
    const char  *metrics;   /* -metrics, or NULL */
    const char  *reload;    /* -R, or NULL */
    const char  *prefix;    /* -p: where pid file, sockets, state go; or NULL */
    const char  *default_source; /* searched before GOST's places; or NULL */

    /*
     * The modules that are linked: the i-th name of that kind, NULL behind
     * the last.  conf/ cannot see module/, so whoever calls sets it.  NULL:
     * every name that some build may have is taken.
     */
    const char *(*module)(gt_word_t kind, int i);

    /*
     * The options of such a module, or of services' metadata (type NULL): its
     * i-th table, NULL behind the last; of a composed transport there are
     * several, the topmost part's first.  NULL: nobody knows any.
     */
    const gt_opt_t *(*options)(gt_word_t kind, const char *type, int i);

    /* "-C -" can be read once only, so a reload takes it from here; made by
       the first load, freed by gt_source_free() */
    char  *stdin_text;
    size_t stdin_len;

    /* what the URLs among the sources gave, at the same index, or NULL: conf/
       speaks to no net, so whoever loads fills it in; freed with the rest */
    gt_fetched_t *fetched;

    /* groups: whoever has this one has the others too */
    gt_source_t *next;  /* or NULL */
    gt_source_t *first; /* the first of them, which keeps stdin; NULL: this */
    char         id[8]; /* its number, of several; else "" */
};

/* of the bytes of every source that can change, or of why there are none; what
   URLs gave is what was fetched last.  Blocking, as a load is */
uint64_t gt_source_digest(const gt_source_t *src);
uint64_t gt_source_file_digest(const char *path);

/* is it a URL to be fetched? */
bool gt_source_is_url(const char *source);

/* the runtimeDir that a source seems to name whose text cannot be read as YAML
   or JSON, so that whoever broke it still finds who runs; false: none */
bool gt_source_guess_dir(const gt_source_t *src, char *dir, size_t size);

/* what the load keeps in src; not src itself nor what was put into it */
void gt_source_free(gt_source_t *src);
void gt_source_forget(gt_source_t *src); /* what was fetched */

/*
 * -O: the sources merged, in GOST's shape, with nothing checked but the
 * syntax and credentials in clear.  GT_ERROR with errors in d.
 */
int gt_source_print(gt_source_t *src, bool json, FILE *out, gt_diag_t *d);

#endif
