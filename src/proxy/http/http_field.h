/*
 * proxy/http/http_field.h: fields of our own, for handler and connector.
 */

#ifndef GT_PROXY_HTTP_HTTP_FIELD_H
#define GT_PROXY_HTTP_HTTP_FIELD_H

#include "conf/node.h"
#include "proto/http1.h"

enum { GT_HTTP_HEADERS = 32 /* entries of a `header` map */ };

/* adds one to the n fields at f, which has room, in the order of the names */
void gt_http_add(gt_http1_field_t *f, unsigned *n, gt_str_t name,
                 gt_str_t value);

/* a `header` map (NULL: none) as at most GT_HTTP_HEADERS fields, whose texts
   are the tree's, without those of n_ours names, which are said in the log;
   GT_ERROR and *why when an entry is no field */
int gt_http_header(const gt_cnode_t *map, const gt_str_t *ours, size_t n_ours,
                   gt_http1_field_t *f, unsigned *n, const char **why);

#endif
