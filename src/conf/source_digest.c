/*
 * conf/source_digest.c: what a configuration was made of, as a number, to see
 * whether it has changed.
 */

#include "conf/file.h"
#include "conf/load.h"
#include "core/hash.h"
#include "core/mem.h"

#include <string.h>

enum { DIGEST_PIECE = 65536 };

typedef struct {
    uint64_t sum;
    uint8_t  buf[sizeof(uint64_t) + DIGEST_PIECE];
} digest_t;


/* n bytes behind the sum in buf */
static void
digest_piece(digest_t *g, size_t n)
{
    /* whoever can write the files needs no collision */
    static const uint8_t key[GT_SIPHASH_KEY] = "configuration";

    memcpy(g->buf, &g->sum, sizeof(g->sum));
    g->sum = gt_siphash(key, g->buf, sizeof(g->sum) + n);
}


static void
digest_bytes(digest_t *g, const char *p, size_t n)
{
    size_t part;

    do {
        part = gt_min(n, (size_t) DIGEST_PIECE);
        memcpy(g->buf + sizeof(g->sum), p, part);
        digest_piece(g, part);
        p += part;
        n -= part;
    } while (n > 0);
}


static void
digest_file(digest_t *g, const char *path)
{
    FILE       *f;
    size_t      n;
    const char *why;

    f = gt_conf_open(path, &why);
    if (f == NULL) {
        digest_bytes(g, why, strlen(why));
        return;
    }

    do {
        n = fread(g->buf + sizeof(g->sum), 1, DIGEST_PIECE, f);
        digest_piece(g, n);
    } while (n > 0);

    fclose(f);
}


static void
digest_url(digest_t *g, const gt_fetched_t *got)
{
    if (got->text != NULL) {
        digest_bytes(g, got->text, got->n);
    } else if (got->why != NULL) {
        digest_bytes(g, got->why, strlen(got->why));
    }
}


/* the file that is used when nothing is given */
static void
digest_default(digest_t *g, const gt_source_t *src)
{
    char        tried[2048];
    gt_tree_t   t;
    const char *path;

    memset(&t, 0, sizeof(t));
    t.arena = gt_arena_new();
    if (t.arena == NULL) {
        return;
    }

    path = gt_source_search(&t, src, tried, sizeof(tried));
    if (path != NULL) {
        digest_bytes(g, path, strlen(path));
        digest_file(g, path);
    }

    gt_arena_free(t.arena);
}


static void
digest_group(digest_t *g, const gt_source_t *src)
{
    int i;

    for (i = 0; i < src->n_sources; i++) {
        if (gt_source_is_url(src->sources[i])) {
            if (src->fetched != NULL) {
                digest_url(g, &src->fetched[i]);
            }

        } else if (src->sources[i][0] != '{'
                   && strcmp(src->sources[i], "-") != 0) {
            digest_file(g, src->sources[i]);
        }
    }

    if (src->n_sources == 0 && src->n_services == 0) {
        digest_default(g, src);
    }
}


uint64_t
gt_source_digest(const gt_source_t *src)
{
    uint64_t  sum = 0;
    digest_t *g = gt_calloc(sizeof(*g));

    for (/* void */; src != NULL && g != NULL; src = src->next) {
        digest_group(g, src);
        sum = g->sum;
    }

    gt_free(g);

    return sum;
}


uint64_t
gt_source_file_digest(const char *path)
{
    uint64_t  sum = 0;
    digest_t *g = gt_calloc(sizeof(*g));

    if (g != NULL) {
        digest_file(g, path);
        sum = g->sum;
    }

    gt_free(g);

    return sum;
}
