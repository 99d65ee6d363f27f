/*
 * conf/model_part.c: the parts of a service or node, with what they hold:
 * addresses, credentials, certificates, an auther's name.
 */

#include "conf/load.h"
#include "conf/schema.h"
#include "conf/words.h"
#include "proto/url.h"

#include <string.h>


int
gt_build_addr(gt_build_t *b, const gt_cnode_t *node, bool zero_ok)
{
    const char   *why = NULL;
    gt_url_addr_t a;

    if (gt_url_addr_parse(gt_str_from(node->text), &a) != GT_OK) {
        why = "want host:port";

    } else if (a.kind == GT_URL_PORT_NONE) {
        why = "a port is missing";

    } else if (a.kind == GT_URL_PORT_RANGE || a.kind == GT_URL_PORT_REVERSE) {
        why = "a range of ports is for -L only";

    } else if (a.kind != GT_URL_PORT_ONE) {
        why = "the port is not a number from 0 to 65535";

    } else if (a.lo == 0 && !zero_ok) {
        why = "port 0 cannot be connected to";

    } else {
        return GT_OK;
    }

    /* what an argument has for an address may be a part of a password */
    if (node->place.line > 0) {
        gt_diag_error(b->d, &node->place, "addr \"%.200s\": %s", node->text,
                      why);
    } else {
        gt_diag_error(b->d, &node->place, "%s", why);
    }

    return GT_ERROR;
}


int
gt_build_auth(gt_build_t *b, const gt_cnode_t *node, gt_auth_model_t *auth)
{
    const char *user, *password;

    memset(auth, 0, sizeof(*auth));

    if (node == NULL) {
        return GT_OK;
    }

    user = gt_cnode_text(node, "username", "");
    password = gt_cnode_text(node, "password", "");

    if (user[0] != '\0') {
        auth->username = user;
        auth->password = password;
        return GT_OK;
    }

    /* GOST takes this for no authentication at all */
    if (password[0] != '\0') {
        gt_diag_error(b->d, &node->place, "a password without a user name");
        return GT_ERROR;
    }

    return GT_OK;
}


/* certificates and checks for something that has no TLS; GOST sets a server
   name on every node of -F, so that one does not count */
static void
build_tls(gt_build_t *b, gt_word_t kind, gt_part_model_t *part)
{
    const gt_cnode_t *v;

    if (part->tls == NULL || gt_word_tls(gt_str_from(part->type))) {
        return;
    }

    for (v = part->tls->first; v != NULL; v = v->next) {
        if (!gt_schema_empty(v)
            && !gt_str_ieq(gt_str_from(v->key), GT_STR("serverName")))
        {
            gt_diag_error(b->d, &v->place, "%.60s: the %s %.60s has no TLS",
                          v->key, gt_word_kind(kind), part->type);
        }
    }
}


/* `auther` before those of `authers` */
static void
build_auther(gt_build_t *b, const gt_cnode_t *v, gt_part_model_t *part)
{
    const char **names;

    if (v == NULL || v->text[0] == '\0') {
        return;
    }

    names = gt_arena_alloc(b->t->arena,
                           (size_t) (part->n_authers + 1) * sizeof(*names));
    if (names == NULL) {
        b->t->failed = true;
        return;
    }

    names[0] = v->text;
    if (part->n_authers > 0) {
        memcpy(names + 1, part->authers,
               (size_t) part->n_authers * sizeof(*names));
    }

    part->authers = names;
    part->n_authers++;
}


static void
build_authers(gt_build_t *b, gt_cnode_t *map, gt_part_model_t *part)
{
    int               i = 0;
    const gt_cnode_t *v, *list;

    list = gt_cnode_get(map, "authers");
    part->authers = gt_build_array(b, list, sizeof(char *), &part->n_authers);

    for (v = part->authers != NULL ? list->first : NULL; v != NULL; v = v->next)
    {
        part->authers[i++] = v->kind == GT_NODE_SCALAR ? v->text : "";
    }

    build_auther(b, gt_cnode_get(map, "auther"), part);

    if (part->n_authers > 0 && part->auth.username != NULL) {
        gt_diag_warn(b->d, &gt_cnode_get(map, "auth")->place,
                     "auth is ignored: auther is set");
        memset(&part->auth, 0, sizeof(part->auth));
    }
}


static void
build_handler(gt_build_t *b, gt_cnode_t *map, gt_part_model_t *part)
{
    int64_t           n;
    const gt_cnode_t *v;

    build_authers(b, map, part);

    part->chain = gt_cnode_text(map, "chain", NULL);
    if (part->chain != NULL && part->chain[0] == '\0') {
        part->chain = NULL;
    }

    v = gt_cnode_get(map, "retries");
    if (v != NULL && gt_cnode_int(v, &n) == GT_OK) {
        if (n < 0 || n > 1000) {
            gt_diag_error(b->d, &v->place, "retries: want 0 to 1000");
        } else {
            part->retries = (int) n;
        }
    }
}


static const gt_cnode_t *
build_map(const gt_cnode_t *map, const char *key)
{
    const gt_cnode_t *node;

    node = gt_cnode_get(map, key);

    return node != NULL && node->kind == GT_NODE_MAP && node->first != NULL
               ? node
               : NULL;
}


int
gt_build_part(gt_build_t *b, gt_word_t kind, gt_cnode_t *owner, bool quiet,
              gt_part_model_t *part)
{
    gt_cnode_t       *map;
    const gt_cnode_t *type;
    const gt_place_t *place;

    map = gt_tree_map(b->t, owner, gt_word_kind(kind));
    if (map == NULL) {
        return GT_ERROR;
    }

    place = &map->place;

    if (gt_cnode_text(map, "type", "")[0] == '\0') {
        gt_tree_take(map, "type");
        gt_tree_default(b->t, map, "type", gt_word_default(kind));
    }

    type = gt_cnode_get(map, "type");
    if (type == NULL) {
        return GT_ERROR;
    }

    if (type->place.line > 0) {
        place = &type->place;
    }

    part->type = type->text;
    part->place = map->place;
    part->metadata = build_map(map, "metadata");
    part->tls = build_map(map, "tls");

    if (kind == GT_WORD_HANDLER || kind == GT_WORD_CONNECTOR) {
        gt_build_auth(b, build_map(map, "auth"), &part->auth);
    }

    if (kind == GT_WORD_HANDLER) {
        build_handler(b, map, part);
    }

    if (kind == GT_WORD_LISTENER || kind == GT_WORD_DIALER) {
        build_tls(b, kind, part);
    }

    return quiet ? GT_OK : gt_word_check(b->src, kind, part->type, place, b->d);
}
