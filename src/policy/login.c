/*
 * policy/login.c: may this client in?
 */

#include "policy/login.h"

#include "policy/auth.h"
#include "policy/guard.h"


gt_login_t
gt_login(gt_session_t *ss, bool given, gt_str_t user, gt_str_t password)
{
    bool        good;
    uint64_t    cred = 0, now = ss->loop->now;
    gt_guard_t *g = ss->guard;

    if (!ss->auth) {
        return GT_LOGIN_IN;
    }

    if (given && g) {
        cred = gt_guard_cred(g, user, password);

        if (!gt_guard_may(g, &ss->remote, cred, now)) {
            return GT_LOGIN_SHED;
        }
    }

    good = gt_auth_check(ss->auth, user, password);

    if (good && gt_session_set_user(ss, user) != GT_OK) {
        return GT_LOGIN_NONE;
    }

    if (good) {
        if (given && g) {
            gt_guard_right(g, &ss->remote, cred, now);
        }

        return GT_LOGIN_IN;
    }

    if (!given) {
        return GT_LOGIN_NONE;
    }

    if (g) {
        gt_guard_wrong(g, &ss->remote, now);
    }

    return GT_LOGIN_WRONG;
}
