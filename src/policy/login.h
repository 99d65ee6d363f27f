/*
 * policy/login.h: a handler asks whether its client may in.
 */

#ifndef GT_POLICY_LOGIN_H
#define GT_POLICY_LOGIN_H

#include "module/session.h"

typedef enum {
    GT_LOGIN_IN,
    GT_LOGIN_NONE,  /* it has shown nothing */
    GT_LOGIN_WRONG, /* what it has shown was wrong: gt_guard_delay() */
    GT_LOGIN_SHED   /* it was wrong too often: gt_guard_wait() */
} gt_login_t;

/*
 * Looks at what a client has shown, once for each request; given: it has shown
 * something, though nothing that can be read perhaps.  GT_LOGIN_IN: and the
 * session has the user's name.
 */
gt_login_t gt_login(gt_session_t *ss, bool given, gt_str_t user,
                    gt_str_t password);

#endif
