/*
 * conf/urls_keys.c: query keys that are not metadata: credentials,
 * certificates, the selector.
 */

#include "conf/urls.h"
#include "core/enc.h"
#include "core/num.h"

#include <string.h>


/* auth=: base64 of user:pass, of the URL alphabet first */
static void
urls_auth_key(gt_url_arg_t *a, gt_cnode_t *part, const char *value)
{
    char        buf[1024];
    ssize_t     n, at;
    gt_str_t    text, in = gt_str_from(value);
    gt_cnode_t *auth;

    n = gt_base64url_decode(in, buf, sizeof(buf));
    if (n < 0) {
        n = gt_base64_decode(in, buf, sizeof(buf));
    }

    if (n < 0 || memchr(buf, '\0', (size_t) n) != NULL) {
        gt_diag_error(a->d, &a->place,
                      "auth= is not the base64 of user:password");
        return;
    }

    text = gt_str_make(buf, (size_t) n);
    at = gt_str_chr(text, ':');
    auth = gt_tree_map(a->t, part, "auth");

    gt_tree_add(auth, "username",
                gt_tree_text(a->t,
                             gt_str_sub(text, 0, at < 0 ? text.n : (size_t) at),
                             &a->place));
    if (at >= 0) {
        gt_tree_add(auth, "password",
                    gt_tree_text(a->t,
                                 gt_str_sub(text, (size_t) at + 1, text.n),
                                 &a->place));
    }
}


void
gt_url_auth(gt_url_arg_t *a, gt_cnode_t *part)
{
    gt_cnode_t *key, *auth;

    key = gt_url_take(a, a->query, "auth");

    if (a->u.user.n == 0 && a->u.pass.n == 0) {
        if (key != NULL) {
            urls_auth_key(a, part, key->text);

        } else if (a->u.has_user) {
            gt_tree_map(a->t, part, "auth");
            gt_diag_warn(a->d, &a->place,
                         "an @ without a user name: no authentication");
        }

        return;
    }

    if (key != NULL) {
        gt_diag_warn(a->d, &a->place,
                     "auth= is ignored: the URL has a user already");
    }

    auth = gt_tree_map(a->t, part, "auth");
    gt_tree_add(auth, "username", gt_tree_text(a->t, a->u.user, &a->place));

    if (a->u.has_pass) {
        gt_tree_add(auth, "password", gt_tree_text(a->t, a->u.pass, &a->place));
    }
}


/* -O prints it all the same */
static void
urls_refuse(gt_url_arg_t *a, const char *why)
{
    if (!a->t->print) {
        gt_diag_error(a->d, &a->place, "%s", why);
    }
}


void
gt_url_tls(gt_url_arg_t *a, gt_cnode_t *part, bool node)
{
    static const struct {
        const char *names, *key;
        bool        node;
    } rows[] = { { "tls.certFile|certFile|cert", "certFile", false },
                 { "tls.keyFile|keyFile|key", "keyFile", false },
                 { "tls.caFile|caFile|ca", "caFile", false },
                 { "tls.secure|secure", "secure", true },
                 { "tls.servername|serverName", "serverName", true } };
    bool              yes;
    size_t            i;
    gt_cnode_t       *value;
    const gt_cnode_t *tls;

    for (i = 0; i < gt_nelts(rows); i++) {
        if (rows[i].node && !node) {
            continue;
        }

        value = gt_url_take(a, a->query, rows[i].names);
        if (value == NULL) {
            continue;
        }

        if (i == 3) {
            if (gt_num_bool(gt_str_from(value->text), &yes) != GT_OK) {
                yes = false;
                urls_refuse(a, "secure: want true or false");
            }

            if (!yes) {
                continue;
            }

            value->text = "true";
            value->quoted = false;
        }

        gt_tree_add(gt_tree_map(a->t, part, "tls"), rows[i].key, value);
    }

    tls = gt_cnode_get(part, "tls");

    /* GOST drops them without a word, and asks nobody for a certificate */
    if (!node && tls != NULL && gt_cnode_get(tls, "certFile") == NULL) {
        urls_refuse(a, "key or ca without a cert");
    }
}


static gt_cnode_t *
urls_selector(gt_url_arg_t *a, const char *strategy, int64_t fails, int64_t ns)
{
    char        text[GT_NUM_TEXT];
    gt_cnode_t *sel, *node;

    sel = gt_tree_node(a->t, GT_NODE_MAP, &a->place);
    gt_tree_put(a->t, sel, "strategy", strategy);

    gt_snprintf(text, sizeof(text), "%lld", (long long) fails);
    node = gt_tree_text(a->t, gt_str_from(text), &a->place);
    if (node != NULL) {
        node->quoted = false;
        node->number = true;
    }

    gt_tree_add(sel, "maxFails", node);
    gt_tree_put(a->t, sel, "failTimeout",
                gt_num_duration_text(ns, text, sizeof(text)));

    return sel;
}


gt_cnode_t *
gt_url_selector(gt_url_arg_t *a)
{
    int64_t           fails = 0, ns = 0;
    const char       *strategy;
    gt_cnode_t       *sel;
    const gt_cnode_t *v;

    strategy = gt_cnode_text(a->query, "strategy", "");

    v = gt_cnode_get(a->query, "maxFails|max_fails");
    if (v != NULL && gt_cnode_int(v, &fails) != GT_OK) {
        fails = 0;
    }

    v = gt_cnode_get(a->query, "failTimeout|fail_timeout");
    if (v != NULL && gt_num_duration_meta(gt_str_from(v->text), &ns) != GT_OK) {
        ns = 0;
    }

    if (strategy[0] == '\0' && fails <= 0 && ns <= 0) {
        return NULL;
    }

    sel = urls_selector(a, strategy[0] != '\0' ? strategy : "round",
                        fails > 0 ? fails : 1, ns > 0 ? ns : 30 * GT_NS_S);

    gt_url_take(a, a->query,
                "strategy|maxFails|max_fails|failTimeout|fail_timeout");

    return sel;
}
