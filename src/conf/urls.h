/*
 * conf/urls.h: -L and -F as the tree that YAML would have given, names and
 * all.  For conf/ only.
 *
 * No message repeats the text of an argument: it may hold a password.
 */

#ifndef GT_CONF_URLS_H
#define GT_CONF_URLS_H

#include "conf/model.h"
#include "conf/tree.h"
#include "proto/url.h"

enum {
    GT_URL_RANGE = 4096,    /* ports of one range */
    GT_URL_SERVICES = 10000 /* of all -L: counting them is linear */
};

/* all -F (before) and -L of src, into the map root; errors in d */
void gt_urls_tree(gt_tree_t *t, const gt_source_t *src, gt_cnode_t *root,
                  gt_diag_t *d);

/* the rest is between the files urls*.c */

typedef struct {
    gt_tree_t         *t;
    gt_diag_t         *d;
    const gt_source_t *src;
    gt_cnode_t        *root;
    gt_url_t           u;
    gt_place_t         place; /* "-L http://:8080", without credentials */
    bool               vague; /* the address may be a part of a password */
    gt_str_t           first, second; /* handler, listener or the like */
    gt_cnode_t        *query; /* key and value; consumed ones are taken out */
} gt_url_arg_t;

void gt_url_service(gt_url_arg_t *a);
void gt_url_node(gt_url_arg_t *a, unsigned nth);

/* the list of that key in root, made when missing; how many it has */
gt_cnode_t *gt_url_list(gt_url_arg_t *a, const char *key);
unsigned    gt_url_count(const gt_cnode_t *list);

/* a map at the argument's place, appended to a list, with "prefix-n" for a
   name when prefix is given */
gt_cnode_t *gt_url_object(gt_url_arg_t *a, gt_cnode_t *list,
                          const char *prefix, unsigned n);

/* the credentials as `auth:` of part, if there are any */
void gt_url_auth(gt_url_arg_t *a, gt_cnode_t *part);

/* the certificate keys as `tls:` of part, if there are any; out of query */
void gt_url_tls(gt_url_arg_t *a, gt_cnode_t *part, bool node);

/* strategy, maxFails, failTimeout out of query; NULL: none of them */
gt_cnode_t *gt_url_selector(gt_url_arg_t *a);

/* copies of what query has for these maps: a prefix of its own names one of
   them, no prefix all, but for those that have the key by its prefix */
void gt_url_share(gt_url_arg_t *a, const char *const *prefixes,
                  gt_cnode_t *const *maps, unsigned n);

/* bypass, admission, resolver, hosts taken from `from`: an object in root and
   its name in `to`; prefer: of every nameserver, or "" */
void gt_url_matchers(gt_url_arg_t *a, gt_cnode_t *from, gt_cnode_t *to,
                     const char *key, const char *list);
void gt_url_names(gt_url_arg_t *a, gt_cnode_t *from, gt_cnode_t *to,
                  const char *prefer);

/* limiter.in and its like, climiter, rlimiter taken from `from`: the same */
void gt_url_limits(gt_url_arg_t *a, gt_cnode_t *from, gt_cnode_t *to);

/* takes all of these names ("cert|certFile") out of the map, in any case; for
   -O only in just this one, as GOST does.  The first with a value, or NULL */
gt_cnode_t *gt_url_take(gt_url_arg_t *a, gt_cnode_t *map, const char *names);

/* renames a key of query, "interface" to "service.interface"; a number only
   when it is above 0 */
void gt_url_only(gt_url_arg_t *a, const char *key, const char *name,
                 bool number);

#endif
