/*
 * conf/model_service.c: services and authers of the model.
 */

#include "conf/load.h"
#include "conf/words.h"
#include "core/num.h"
#include "proto/url.h"

#include <string.h>


/* does the address take connections from this machine only? */
static bool
service_local(const char *addr)
{
    gt_url_addr_t a;

    if (gt_url_addr_parse(gt_str_from(addr), &a) != GT_OK) {
        return true;
    }

    return gt_str_starts(a.host, GT_STR("127."))
           || gt_str_eq(a.host, GT_STR("::1"))
           || gt_str_ieq(a.host, GT_STR("localhost"));
}


/* who may in is nobody's secret where everybody may */
static void
service_open(gt_build_t *b, const gt_service_model_t *s, const gt_cnode_t *node)
{
    const gt_part_model_t *part = &s->handler;

    if (gt_diag_errors(b->d) == 0 && part->auth.username == NULL
        && part->n_authers == 0 && s->addr != NULL
        && strcmp(s->listener.type, "unix") != 0 && !service_local(s->addr))
    {
        gt_diag_warn(b->d, &node->place,
                     "service \"%s\" on %s asks nobody for a password: an open"
                     " proxy",
                     s->name, s->addr);
    }
}


static void
build_service(gt_build_t *b, gt_cnode_t *node, gt_service_model_t *s)
{
    int               rc;
    bool              quiet;
    const gt_cnode_t *v;

    s->name =
        gt_model_name(b->t->arena, b->cx, gt_cnode_text(node, "name", ""));
    b->t->failed |= s->name == NULL;
    s->context = b->cx;
    s->place = node->place;
    s->node = node;
    s->metadata = gt_cnode_get(node, "metadata");
    if (s->metadata != NULL && s->metadata->kind != GT_NODE_MAP) {
        s->metadata = NULL;
    }

    rc = gt_build_part(b, GT_WORD_LISTENER, node, false, &s->listener);

    /* of ws:// the listener is what was meant; auto is only its companion */
    v = gt_cnode_get(node, "handler");
    quiet =
        rc != GT_OK && strcmp(gt_cnode_text(v, "type", "auto"), "auto") == 0;
    gt_build_part(b, GT_WORD_HANDLER, node, quiet, &s->handler);

    if (b->t->failed) {
        return;
    }

    v = gt_cnode_get(node, "addr");

    if (v == NULL || v->text[0] == '\0') {
        gt_diag_error(b->d, &node->place, "service \"%s\" has no addr",
                      s->name);

    } else if (strcmp(s->listener.type, "unix") == 0
               || gt_build_addr(b, v, true) == GT_OK)
    {
        s->addr = v->text;
    }

    service_open(b, s, node);
}


void
gt_build_services(gt_build_t *b)
{
    int               i = 0;
    gt_cnode_t       *part;
    const gt_cnode_t *list = gt_cnode_get(b->root, "services");

    gt_build_names(b, "services", "service", "service");
    b->cx->services =
        gt_build_array(b, list, sizeof(*b->cx->services), &b->cx->n_services);
    if (b->cx->services == NULL) {
        return;
    }

    for (part = list->first; part != NULL && !b->t->failed; part = part->next) {
        build_service(b, part, &b->cx->services[i++]);
    }
}


/* as GOST has it: at least a second, or never */
static uint64_t
auther_reload(const gt_cnode_t *v)
{
    int64_t ns;

    if (v == NULL || v->kind != GT_NODE_SCALAR
        || gt_num_duration_typed(gt_str_from(v->text), v->quoted, &ns) != GT_OK
        || ns <= 0)
    {
        return 0;
    }

    return gt_max((uint64_t) ns / GT_NS_MS, 1000u);
}


static void
build_auther(gt_build_t *b, const gt_cnode_t *node, gt_auther_model_t *a)
{
    int               i = 0, n;
    const gt_cnode_t *v, *list;

    a->name = gt_cnode_text(node, "name", "");
    a->place = node->place;
    a->file = gt_cnode_text(gt_cnode_get(node, "file"), "path", NULL);
    a->reload = auther_reload(gt_cnode_get(node, "reload"));

    list = gt_cnode_get(node, "auths");
    a->auths = gt_build_array(b, list, sizeof(*a->auths), &n);

    for (v = a->auths != NULL ? list->first : NULL; v != NULL; v = v->next) {
        if (gt_build_auth(b, v, &a->auths[i]) != GT_OK) {
            continue;
        }

        if (a->auths[i].username == NULL) {
            gt_diag_warn(b->d, &v->place,
                         "an entry without a user name is"
                         " ignored");
            continue;
        }

        i++;
    }

    a->n_auths = i;

    if (i == 0 && a->file == NULL) {
        gt_diag_warn(b->d, &node->place,
                     "auther \"%s\" knows nobody: it"
                     " refuses everybody",
                     a->name);
    }
}


void
gt_build_authers(gt_build_t *b)
{
    int               i = 0;
    const gt_cnode_t *part, *list = gt_cnode_get(b->root, "authers");

    gt_build_names(b, "authers", "auther", NULL);
    b->cx->authers =
        gt_build_array(b, list, sizeof(*b->cx->authers), &b->cx->n_authers);

    for (part = b->cx->authers != NULL ? list->first : NULL; part != NULL;
         part = part->next)
    {
        build_auther(b, part, &b->cx->authers[i++]);
    }
}
