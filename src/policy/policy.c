/*
 * policy/policy.c: options that every handler has.
 */

#include "policy/policy.h"


/* a list or a text; gt_cidrs_new() judges it */

static int
policy_node(void *f, const gt_cnode_t *v, const char **why)
{
    (void) why;

    *(const gt_cnode_t **) f = v;

    return GT_OK;
}


/* (int64_t) zero or more */

static int
policy_count(void *f, const gt_cnode_t *v, const char **why)
{
    int64_t n;

    if (gt_opt_int(&n, v, why) != GT_OK || n < 0 || n > INT32_MAX) {
        *why = "want a number, 0 for no limit";
        return GT_ERROR;
    }

    *(int64_t *) f = n;

    return GT_OK;
}


/* of a guard, `?deny-private` without a value must not mean false */

static int
policy_guard(void *f, const gt_cnode_t *v, const char **why)
{
    if (v->kind == GT_NODE_SCALAR && v->text[0] == '\0') {
        *why = "want true or false; without a value it is nothing";
        return GT_ERROR;
    }

    return gt_opt_bool(f, v, why);
}


/* clang-format off */
const gt_opt_t gt_policy_opts[] = {
    { "skipauth", policy_node, offsetof(gt_policy_t, skipauth),
      NULL, "addresses and networks of clients that need no password" },
    { "deny-private|denyPrivate", policy_guard,
      offsetof(gt_policy_t, deny_private),
      "false", "refuses loopback, private and link-local targets" },
    { "maxConnections", policy_count, offsetof(gt_policy_t, max_conns),
      "0", "clients of this service in a worker; 0: as many as there may be" },
    { "authFailures", policy_count, offsetof(gt_policy_t, failures),
      "30", "wrong passwords of an address in authWindow; 0: any number" },
    { "authWindow", gt_opt_msec, offsetof(gt_policy_t, window_ms),
      "1m", "see authFailures" },
    { "authDelay", gt_opt_msec, offsetof(gt_policy_t, delay_ms),
      "250ms", "before a wrong password is answered" },
    { .name = NULL }
};
/* clang-format on */


int
gt_policy_init(gt_policy_t *p, const gt_cnode_t *handler,
               const gt_cnode_t *service, gt_diag_t *d)
{
    int rc = GT_OK;

    gt_opt_defaults(gt_policy_opts, p);

    if (gt_opt_apply(gt_policy_opts, p, handler, d, NULL, NULL) != GT_OK
        || gt_opt_apply(gt_policy_opts, p, service, d, NULL, NULL) != GT_OK)
    {
        rc = GT_ERROR;
    }

    if (p->window_ms == 0) {
        p->failures = 0;
    }

    if (gt_cidrs_new(p->skipauth, "skipauth", &p->skip, d) != GT_OK) {
        rc = GT_ERROR;
    }

    return rc;
}


void
gt_policy_free(gt_policy_t *p)
{
    gt_cidrs_free(p->skip);
    p->skip = NULL;
}
