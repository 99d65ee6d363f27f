/*
 * conf/opt.c: option tables: setters, defaults, what is unknown, help.
 */

#include "conf/opt.h"
#include "conf/tree.h"
#include "core/num.h"

#include <stdio.h>
#include <string.h>


int
gt_opt_str(void *f, const gt_cnode_t *v, const char **why)
{
    if (v->kind != GT_NODE_SCALAR) {
        *why = "want a text";
        return GT_ERROR;
    }

    *(const char **) f = v->text;

    return GT_OK;
}


int
gt_opt_bool(void *f, const gt_cnode_t *v, const char **why)
{
    if (v->kind == GT_NODE_SCALAR && v->text[0] == '\0') {
        *(bool *) f = false;
        return GT_OK;
    }

    *why = "want true or false";

    return gt_cnode_bool(v, f);
}


int
gt_opt_int(void *f, const gt_cnode_t *v, const char **why)
{
    *why = "want a number";

    return gt_cnode_int(v, f);
}


int
gt_opt_msec(void *f, const gt_cnode_t *v, const char **why)
{
    int64_t ns;

    *why = "want a duration such as 30s or 1m30s, or a number of seconds";

    if (v->kind != GT_NODE_SCALAR
        || gt_num_duration_meta(gt_str_from(v->text), &ns) != GT_OK)
    {
        return GT_ERROR;
    }

    *(uint64_t *) f =
        ns <= 0 ? 0 : (uint64_t) gt_max(ns / GT_NS_MS, INT64_C(1));

    return GT_OK;
}


int
gt_opt_size(void *f, const gt_cnode_t *v, const char **why)
{
    *why = "want a size such as 64k or 1MB";

    if (v->kind != GT_NODE_SCALAR) {
        return GT_ERROR;
    }

    return gt_num_size(gt_str_from(v->text), f);
}


int
gt_opt_map(void *f, const gt_cnode_t *v, const char **why)
{
    if (v->kind != GT_NODE_MAP) {
        *why = "want a map of keys";
        return GT_ERROR;
    }

    *(const gt_cnode_t **) f = v;

    return GT_OK;
}


void
gt_opt_defaults(const gt_opt_t *opts, void *conf)
{
    const char     *why = NULL;
    gt_cnode_t      node;
    const gt_opt_t *row;

    for (row = opts; row->name != NULL; row++) {
        if (row->init == NULL) {
            continue;
        }

        memset(&node, 0, sizeof(node));
        node.kind = GT_NODE_SCALAR;
        node.number = true;
        node.text = row->init;

        GT_ASSERT(row->set((char *) conf + row->offset, &node, &why) == GT_OK);
    }
}


/* calls for each of a row's names while there are any */
static bool
opt_name(gt_str_t *rest, gt_str_t *name)
{
    return gt_str_split(rest, '|', name);
}


const gt_opt_t *
gt_opt_find(const gt_opt_t *opts, const char *key)
{
    gt_str_t        rest, name;
    const gt_opt_t *row;

    for (row = opts; row != NULL && row->name != NULL; row++) {
        rest = gt_str_from(row->name);

        while (opt_name(&rest, &name)) {
            if (gt_str_ieq(name, gt_str_from(key))) {
                return row;
            }
        }
    }

    return NULL;
}


int
gt_opt_set(const gt_opt_t *opts, void *conf, const gt_cnode_t *node,
           gt_diag_t *d)
{
    const char     *why = "cannot be taken";
    const gt_opt_t *row = gt_opt_find(opts, node->key);

    if (row == NULL) {
        return GT_DONE;
    }

    if (node->kind != GT_NODE_NULL
        && row->set((char *) conf + row->offset, node, &why) != GT_OK)
    {
        gt_diag_error(d, &node->place, "%s: %s", node->key, why);
        return GT_ERROR;
    }

    return GT_OK;
}


int
gt_opt_apply(const gt_opt_t *opts, void *conf, const gt_cnode_t *map,
             gt_diag_t *d, void (*unknown)(void *data, const gt_cnode_t *key),
             void      *data)
{
    int               rc = GT_OK;
    const gt_cnode_t *node = map != NULL ? map->first : NULL;

    for (/* void */; node != NULL; node = node->next) {
        switch (gt_opt_set(opts, conf, node, d)) {

        case GT_ERROR: rc = GT_ERROR; break;

        case GT_DONE:
            if (unknown != NULL) {
                unknown(data, node);
            }

            break;

        default: break;
        }
    }

    return rc;
}


gt_str_t
gt_opt_nearest(const gt_opt_t *const *tables, int n, const char *key)
{
    int             i;
    unsigned        far, best;
    gt_str_t        rest, name, near = { NULL, 0 };
    const gt_opt_t *row;

    best = gt_word_near(strlen(key)) + 1;

    for (i = 0; i < n; i++) {
        for (row = tables[i]; row->name != NULL; row++) {
            rest = gt_str_from(row->name);

            while (opt_name(&rest, &name)) {
                far = gt_word_distance(gt_str_from(key), name, best - 1);
                if (far < best) {
                    best = far;
                    near = name;
                }
            }
        }
    }

    return near;
}


void
gt_opt_help(const gt_opt_t *opts, void (*out)(void *data, const char *line),
            void           *data)
{
    char            line[512], names[160];
    size_t          n;
    gt_str_t        rest, name;
    const gt_opt_t *row;

    for (row = opts; row->name != NULL; row++) {
        rest = gt_str_from(row->name);
        n = 0;

        while (opt_name(&rest, &name)) {
            n += gt_snprintf(names + n, sizeof(names) - n, "%s%.*s",
                             n > 0 ? ", " : "", GT_STR_ARG(name));
        }

        gt_snprintf(line, sizeof(line), "  %-36s %-10s %s", names,
                    row->init != NULL ? row->init : "-",
                    row->help != NULL ? row->help : "");
        out(data, line);
    }
}


bool
gt_opt_guards(const char *key)
{
    static const char *const words[] = { "auth",      "admission", "bypass",
                                         "whitelist", "limiter",   "climiter",
                                         "rlimiter",  "tls" };
    size_t                   i;

    for (i = 0; i < gt_nelts(words); i++) {
        if (gt_str_istarts(gt_str_from(key), gt_str_from(words[i]))) {
            return true;
        }
    }

    return false;
}


gt_str_t
gt_opt_guard_meant(const char *key)
{
    /* none that is so short that other words are near */
    static const char *const words[] = {
        "auther",    "authers",   "admission",   "admissions", "bypass",
        "bypasses",  "whitelist", "limiter",     "limiters",   "climiter",
        "climiters", "rlimiter",  "skipauth",    "certFile",   "rlimiters",
        "keyFile",   "caFile",    "deny-private"
    };
    size_t   i;
    unsigned far, best = gt_word_near(strlen(key)) + 1;
    gt_str_t near = { NULL, 0 };

    for (i = 0; i < gt_nelts(words); i++) {
        far =
            gt_word_distance(gt_str_from(key), gt_str_from(words[i]), best - 1);
        if (far < best) {
            best = far;
            near = gt_str_from(words[i]);
        }
    }

    return near;
}
