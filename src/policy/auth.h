/*
 * policy/auth.h: may this user in?  What GOST calls an auther.
 */

#ifndef GT_POLICY_AUTH_H
#define GT_POLICY_AUTH_H

#include "conf/model.h"
#include "core/str.h"

typedef struct gt_auth gt_auth_t;

/*
 * The authenticator of a handler: its authers, of which any may say yes, or
 * without them its own user.  *out is NULL when it has none: everybody may.
 * Files are read now.  GT_ERROR with errors in d.  Keeps nothing of the model.
 */
int gt_auth_new(const gt_context_model_t *cx, const gt_part_model_t *part,
                gt_auth_t **out, gt_diag_t *d);
void gt_auth_free(gt_auth_t *a);

/*
 * Compares in constant time, for users that do not exist too.  An empty stored
 * password accepts only an empty one.  a NULL: true.
 */
bool gt_auth_check(const gt_auth_t *a, gt_str_t user, gt_str_t password);

#endif
