/*
 * conf/urls_limits.c: the query keys of limits, each a limiter of its own.
 */

#include "conf/plain.h"
#include "conf/urls.h"

#include <stdlib.h>
#include <string.h>


/* limiter.in=1MB and the like: lines of a limiter-0 */
static void
limits_traffic(gt_url_arg_t *a, gt_cnode_t *service, gt_cnode_t *from)
{
    static const struct {
        const char *in, *out, *key;
    } rows[] = { { "limiter.in", "limiter.out", "$" },
                 { "limiter.conn.in", "limiter.conn.out", "$$" } };
    char        line[160];
    size_t      i;
    const char *in, *out;
    gt_cnode_t *all, *limits = NULL, *object;

    for (i = 0; i < gt_nelts(rows); i++) {
        in = gt_cnode_text(from, rows[i].in, "");
        out = gt_cnode_text(from, rows[i].out, "");
        if (in[0] == '\0' && out[0] == '\0') {
            continue;
        }

        if (limits == NULL) {
            all = gt_url_list(a, "limiters");
            gt_snprintf(line, sizeof(line), "limiter-%u", gt_url_count(all));
            gt_tree_put(a->t, service, "limiter", line);
            object = gt_url_object(a, all, "limiter", gt_url_count(all));
            limits = gt_tree_node(a->t, GT_NODE_LIST, &a->place);
            gt_tree_add(object, "limits", limits);
        }

        /* a missing first figure must not make the second the first */
        gt_snprintf(line, sizeof(line), "%s %.60s %.60s", rows[i].key,
                    in[0] != '\0' ? in : "0B", out);
        gt_tree_add(limits, NULL,
                    gt_tree_text(a->t, gt_str_from(line), &a->place));
    }

    if (limits != NULL) {
        gt_url_take(a, from,
                    "limiter.in|limiter.out|limiter.conn.in|limiter.conn.out");
    }
}


/* the number above 0 of climiter (whole) or rlimiter, taken out of from; GOST
   leaves others where they are, without effect */
static bool
limits_figure(gt_url_arg_t *a, gt_cnode_t *from, const char *key, char *buf,
              size_t size)
{
    bool              odd;
    char             *end;
    double            real;
    int64_t           n = 0;
    const gt_cnode_t *v = gt_cnode_get(from, key);

    if (v == NULL || v->text[0] == '\0') {
        return false;
    }

    real = strtod(v->text, &end);
    odd = *end != '\0' || real - real != 0 || strpbrk(v->text, "xX \t") != NULL;

    if (*key == 'c' && gt_cnode_int(v, &n) == GT_OK) {
        real = (double) n;
    }

    if (odd || (*key == 'c' && n == 0 && real > 0)) {
        if (!a->t->print) {
            gt_diag_error(a->d, &a->place, "%s: want a number", key);
        }

        return false;
    }

    if (real > 0 || !a->t->print) {
        gt_url_take(a, from, key);
        gt_plain_real(real, GT_REAL_JSON, buf, size);
    }

    return real > 0;
}


static void
limits_count(gt_url_arg_t *a, gt_cnode_t *service, gt_cnode_t *from,
             const char *key, const char *list)
{
    char        line[100], figure[GT_REAL_TEXT];
    gt_cnode_t *all, *limits, *object;

    if (!limits_figure(a, from, key, figure, sizeof(figure))) {
        return;
    }

    all = gt_url_list(a, list);
    gt_snprintf(line, sizeof(line), "%s-%u", key, gt_url_count(all));
    gt_tree_put(a->t, service, key, line);

    object = gt_url_object(a, all, key, gt_url_count(all));
    limits = gt_tree_node(a->t, GT_NODE_LIST, &a->place);
    gt_tree_add(object, "limits", limits);
    gt_snprintf(line, sizeof(line), "$ %.60s", figure);
    gt_tree_add(limits, NULL, gt_tree_text(a->t, gt_str_from(line), &a->place));
}


void
gt_url_limits(gt_url_arg_t *a, gt_cnode_t *from, gt_cnode_t *to)
{
    limits_traffic(a, to, from);
    limits_count(a, to, from, "climiter", "climiters");
    limits_count(a, to, from, "rlimiter", "rlimiters");
}
