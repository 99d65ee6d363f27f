/*
 * conf/source.c: where a configuration comes from: files, stdin, text in an
 * argument, and the places that are searched when nothing is given.
 */

#include "conf/source.h"
#include "conf/file.h"
#include "conf/load.h"
#include "core/mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { SOURCE_PIECE = 65536 };


void
gt_source_memory(const gt_tree_t *t, gt_diag_t *d)
{
    if (t->failed) {
        gt_diag_error(d, NULL, "%s",
                      t->nodes >= GT_TREE_NODES
                          ? "the configuration is too large"
                          : "out of memory");
    }
}


/* all of it, and a byte more than is allowed when there is more; the caller's
   to free */
static char *
source_slurp(FILE *f, size_t *n, bool *failed)
{
    char  *p = NULL, *more;
    size_t got, size = 0;

    *n = 0;
    *failed = false;

    do {
        if (*n == size) {
            size += SOURCE_PIECE;
            more = gt_realloc(p, size + 1);
            if (more == NULL) {
                gt_free(p);
                *failed = true;
                return NULL;
            }

            p = more;
        }

        got = fread(p + *n, 1, size - *n, f);
        *n += got;
    } while (got > 0 && *n <= GT_TREE_BYTES);

    p[*n] = '\0';

    return p;
}


gt_cnode_t *
gt_source_text(gt_tree_t *t, gt_str_t text, const char *file, bool json,
               gt_diag_t *d)
{
    return json ? gt_json_parse(t, text, file, d)
                : gt_yaml_parse(t, text, file, d);
}


/* stdin ends once it is read: a reload takes what the start has read */
static gt_cnode_t *
source_stdin(gt_tree_t *t, gt_source_t *src, gt_diag_t *d)
{
    bool             failed;
    gt_str_t         text;
    const gt_place_t place = { "stdin", 0, 0 };

    src = src->first != NULL ? src->first : src;

    if (src->stdin_text == NULL) {
        src->stdin_text = source_slurp(stdin, &src->stdin_len, &failed);
        if (failed) {
            t->failed = true;
            return NULL;
        }
    }

    text = gt_str_make(src->stdin_text, src->stdin_len);

    if (text.n == 0) {
        gt_diag_error(d, &place, "is empty");
        return NULL;
    }

    return gt_source_text(t, text, "stdin", text.p[0] == '{', d);
}


void
gt_source_free(gt_source_t *src)
{
    gt_free(src->stdin_text);
    src->stdin_text = NULL;
    src->stdin_len = 0;
    gt_source_forget(src);
}


/* GT_OK: by its name YAML or JSON; GT_ERROR: reported */
static int
source_format(const gt_place_t *place, bool *json, gt_diag_t *d)
{
    gt_str_t name = gt_str_from(place->file);
    ssize_t  dot;

    dot = gt_str_rchr(name, '.');
    name = dot < 0 || gt_str_rchr(name, '/') > dot
               ? GT_STR("")
               : gt_str_sub(name, (size_t) dot + 1, name.n);

    *json = gt_str_eq(name, GT_STR("json"));

    if (*json || gt_str_eq(name, GT_STR("yaml"))
        || gt_str_eq(name, GT_STR("yml"))) {
        return GT_OK;
    }

    if (gt_str_eq(name, GT_STR("toml"))) {
        gt_diag_error(d, place,
                      "TOML is not supported: .yaml, .yml and .json"
                      " are");
    } else {
        gt_diag_error(d, place, "the name must end in .yaml, .yml or .json");
    }

    return GT_ERROR;
}


static gt_cnode_t *
source_file(gt_tree_t *t, const char *path, gt_diag_t *d)
{
    bool        json, failed;
    char       *p;
    FILE       *f;
    size_t      n;
    const char *why;
    gt_place_t  place = { path, 0, 0 };
    gt_cnode_t *node = NULL;

    if (source_format(&place, &json, d) != GT_OK) {
        return NULL;
    }

    f = gt_conf_open(path, &why);
    if (f == NULL) {
        gt_diag_error(d, &place, "%s", why);

    } else {
        p = source_slurp(f, &n, &failed);
        t->failed |= failed;

        if (p != NULL && ferror(f)) {
            gt_diag_error(d, &place, "cannot be read");

        } else if (p != NULL && n == 0) {
            /* one that is being written: a reload must not end everything */
            gt_diag_error(d, &place, "is empty");

        } else if (p != NULL) {
            node = gt_source_text(t, gt_str_make(p, n), place.file, json, d);
        }

        gt_free(p);
    }

    if (f != NULL) {
        fclose(f);
    }

    return node;
}


gt_cnode_t *
gt_source_read(gt_tree_t *t, gt_source_t *src, const char *name, gt_diag_t *d)
{
    gt_str_t         s = gt_str_from(name);
    const gt_place_t place = { "-C", 0, 0 };

    if (strcmp(name, "-") == 0) {
        return source_stdin(t, src, d);
    }

    /* also when its end is missing or blanks are in front: as the name of a
       file it would be repeated, with the passwords in it */
    if (name[strspn(name, " \t\r\n")] == '{') {
        return gt_json_parse(t, s, "-C", d);
    }

    if (gt_source_is_url(name)) {
        return gt_source_url(t, src, name, d);
    }

    if (s.n == 0) {
        gt_diag_error(d, &place, "is empty");
        return NULL;
    }

    /* a user and a password may be in it */
    if (gt_str_find(s, GT_STR("://")) >= 0) {
        gt_diag_error(d, &place, "a URL that is not http:// or https://");
        return NULL;
    }

    /* the arguments live longer than any tree, a name in a tree as long */
    return source_file(t, name, d);
}


static const char *
source_found(gt_tree_t *t, const char *path, char *tried, size_t size)
{
    size_t      n = strlen(tried);
    struct stat sb;
    const char *copy;

    if (stat(path, &sb) == 0 && S_ISREG(sb.st_mode)) {
        copy = gt_arena_strdup(t->arena, path);
        t->failed |= copy == NULL;
        return copy;
    }

    gt_snprintf(tried + n, size - n, "%s%s", n > 0 ? ", " : "", path);

    return NULL;
}


/* where GOST looks */
static const char *
source_gost(gt_tree_t *t)
{
    static const char *const dirs[] = { "/etc/gost", "~/.gost", ".", "~/gost" };
    static const char *const ends[] = { "json", "toml", "yaml", "yml" };
    bool                     own;
    char                     path[1024], places[1024] = "";
    size_t                   i, k;
    const char              *found = NULL, *home = getenv("HOME");

    for (i = 0; i < gt_nelts(dirs); i++) {
        own = dirs[i][0] == '~';
        if (own && home == NULL) {
            continue;
        }

        for (k = 0; k < gt_nelts(ends) && found == NULL; k++) {
            gt_snprintf(path, sizeof(path), "%s%s/gost.%s", own ? home : "",
                        dirs[i] + own, ends[k]);
            found = source_found(t, path, places, sizeof(places));
        }
    }

    return found;
}


const char *
gt_source_search(gt_tree_t *t, const gt_source_t *src, char *tried, size_t size)
{
    char        path[1024];
    size_t      n;
    const char *found;

    tried[0] = '\0';

    if (src->prefix != NULL) {
        gt_snprintf(path, sizeof(path), "%s/gatun.yaml", src->prefix);
        found = source_found(t, path, tried, size);
        if (found != NULL) {
            return found;
        }

    } else if (src->default_source != NULL) {
        found = source_found(t, src->default_source, tried, size);
        if (found != NULL) {
            return found;
        }
    }

    found = source_gost(t);
    if (found != NULL) {
        return found;
    }

    n = strlen(tried);
    gt_snprintf(tried + n, size - n,
                "%sgost.json, .yaml or .yml in /etc/gost,"
                " ~/.gost, the working directory, ~/gost",
                n > 0 ? ", " : "");

    return NULL;
}
