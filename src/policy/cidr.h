/*
 * policy/cidr.h: a set of networks.
 */

#ifndef GT_POLICY_CIDR_H
#define GT_POLICY_CIDR_H

#include "conf/node.h"
#include "net/addr.h"

typedef struct gt_cidrs gt_cidrs_t;

/*
 * From a list, or a text with commas, of addresses and ADDRESS/BITS; v NULL
 * gives NULL.  GT_ERROR with errors in d that begin with what.
 */
int  gt_cidrs_new(const gt_cnode_t *v, const char *what, gt_cidrs_t **out,
                  gt_diag_t *d);
void gt_cidrs_free(gt_cidrs_t *c);

/* c NULL, or an address that is none (a unix socket's): false */
bool gt_cidrs_has(const gt_cidrs_t *c, const gt_addr_t *a);

#endif
