/*
 * policy/policy.h: options that every handler has: who is asked for nothing,
 * where nobody may go, how many and how often.  They stand in the handler's
 * metadata or in the service's.
 */

#ifndef GT_POLICY_POLICY_H
#define GT_POLICY_POLICY_H

#include "conf/opt.h"
#include "policy/cidr.h"

typedef struct {
    const gt_cnode_t *skipauth; /* the tree's */
    bool              deny_private;
    int64_t           max_conns; /* 0: no limit of its own */
    int64_t           failures;  /* 0: nobody counts */
    uint64_t          window_ms;
    uint64_t          delay_ms;

    gt_cidrs_t *skip; /* ours: made of skipauth */
} gt_policy_t;

extern const gt_opt_t gt_policy_opts[];

/*
 * Defaults, then the maps (each may be NULL), the later one wins; what they
 * name that is not ours is not looked at.  GT_ERROR with errors in d.
 */
int  gt_policy_init(gt_policy_t *p, const gt_cnode_t *handler,
                    const gt_cnode_t *service, gt_diag_t *d);
void gt_policy_free(gt_policy_t *p);

#endif
