/*
 * conf/source_url.c: sources that are URLs, fetched by somebody else.
 */

#include "conf/load.h"
#include "core/mem.h"

#include <string.h>

_Static_assert((int) GT_SOURCE_BYTES == (int) GT_TREE_BYTES, "one limit");


bool
gt_source_is_url(const char *source)
{
    gt_str_t s = gt_str_from(source);

    return gt_str_istarts(s, GT_STR("http://"))
           || gt_str_istarts(s, GT_STR("https://"));
}


void
gt_source_forget(gt_source_t *src)
{
    int i;

    for (i = 0; src->fetched != NULL && i < src->n_sources; i++) {
        gt_free(src->fetched[i].text);
        gt_free(src->fetched[i].why);
    }

    gt_free(src->fetched);
    src->fetched = NULL;
}


/* without credentials, and without the query, which may hold some.  A '/' or
   '?' in a password cuts the URL in the middle of it: then none of it */
static const char *
source_label(gt_tree_t *t, const char *name)
{
    size_t      at, end;
    ssize_t     user;
    gt_str_t    s = gt_str_from(name), host;
    const char *label;

    at = (size_t) gt_str_find(s, GT_STR("://")) + 3;
    end = at + strcspn(name + at, "/?#");
    host = gt_str_sub(s, at, end);
    user = gt_str_rchr(host, '@');
    host = gt_str_sub(host, (size_t) (user + 1), host.n);

    if (gt_str_chr(gt_str_sub(s, end, s.n), '@') >= 0) {
        return "-C URL";
    }

    label = gt_arena_printf(t->arena, "%.*s%.*s%.*s", (int) at, name,
                            GT_STR_ARG(host), (int) strcspn(name + end, "?#"),
                            name + end);
    t->failed |= label == NULL;

    return label != NULL ? label : "-C URL";
}


gt_cnode_t *
gt_source_url(gt_tree_t *t, const gt_source_t *src, const char *name,
              gt_diag_t *d)
{
    int                 i;
    gt_place_t          place = { source_label(t, name), 0, 0 };
    const gt_fetched_t *got = NULL;

    for (i = 0; src->fetched != NULL && i < src->n_sources; i++) {
        if (src->sources[i] == name) {
            got = &src->fetched[i];
        }
    }

    if (got == NULL || got->why != NULL) {
        gt_diag_error(d, &place, "%s", got != NULL ? got->why : "not fetched");
        return NULL;
    }

    if (got->n == 0) {
        gt_diag_error(d, &place, "is empty");
        return NULL;
    }

    return gt_source_text(t, gt_str_make(got->text, got->n), place.file,
                          got->json, d);
}
