/*
 * proxy/http/http_field.c: fields of our own.
 */

#include "proxy/http/http_field.h"

#include "core/log.h"


static bool
field_before(gt_str_t a, gt_str_t b)
{
    size_t        i;
    unsigned char x, y;

    for (i = 0; i < a.n && i < b.n; i++) {
        x = gt_lower((unsigned char) a.p[i]);
        y = gt_lower((unsigned char) b.p[i]);

        if (x != y) {
            return x < y;
        }
    }

    return a.n < b.n;
}


void
gt_http_add(gt_http1_field_t *f, unsigned *n, gt_str_t name, gt_str_t value)
{
    unsigned i;

    for (i = *n; i > 0 && field_before(name, f[i - 1].name); i--) {
        f[i] = f[i - 1];
    }

    f[i] = (gt_http1_field_t){ name, value };
    (*n)++;
}


int
gt_http_header(const gt_cnode_t *map, const gt_str_t *ours, size_t n_ours,
               gt_http1_field_t *f, unsigned *n, const char **why)
{
    gt_str_t          name, value;
    const gt_cnode_t *v;

    for (*n = 0, v = map ? map->first : NULL; v; v = v->next) {
        name = gt_str_from(v->key);
        value = gt_str_from(v->kind == GT_NODE_SCALAR ? v->text : NULL);

        if (v->kind != GT_NODE_SCALAR || !gt_http1_token_ok(name)
            || !gt_http1_text_ok(value))
        {
            *why = "header has an entry that is no HTTP field";
            return GT_ERROR;
        }

        /* GOST overrules them without a word */
        if (gt_str_among(name, ours, n_ours)) {
            gt_warn("header: %s is ignored: it is written as it must be",
                    v->key);
            continue;
        }

        if (*n == GT_HTTP_HEADERS) {
            *why = "more than 32 entries in header";
            return GT_ERROR;
        }

        f[(*n)++] = (gt_http1_field_t){ name, value };
    }

    return GT_OK;
}
