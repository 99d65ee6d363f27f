/*
 * policy/guard.h: who guesses passwords.  A worker's own table of addresses
 * that were wrong of late, of a fixed size; in IPv6 a /64 is one address.
 *
 * An address may be wrong so often in a window; after that its credentials are
 * not looked at, until time has given it another try.  Credentials that were
 * right from there before still are looked at, so that who shares an address
 * with a guesser goes on.
 */

#ifndef GT_POLICY_GUARD_H
#define GT_POLICY_GUARD_H

#include "core/str.h"
#include "module/session.h"
#include "policy/policy.h"

enum {
    GT_GUARD_ROWS = 2048,   /* addresses; the table is made at the first use */
    GT_GUARD_DELAYED = 1024 /* answers that may wait at a time */
};

/* wrong and shed are counters (core/stat.h); NULL: no memory */
gt_guard_t *gt_guard_new(const gt_policy_t *p, uint64_t *wrong, uint64_t *shed);
void        gt_guard_free(gt_guard_t *g);

/* what stands for a pair of user and password here */
uint64_t gt_guard_cred(const gt_guard_t *g, gt_str_t user, gt_str_t password);

/* may cred be looked at?  Counts it when not.  now: ms.  An address that is
   none (a unix socket's) may always */
bool gt_guard_may(gt_guard_t *g, const gt_addr_t *a, uint64_t cred,
                  uint64_t now);

/* they were wrong, or right */
void gt_guard_wrong(gt_guard_t *g, const gt_addr_t *a, uint64_t now);
void gt_guard_right(gt_guard_t *g, const gt_addr_t *a, uint64_t cred,
                    uint64_t now);

/* ms until an address that may not will get another try, at most */
uint64_t gt_guard_wait(const gt_guard_t *g);

/* how long the answer to wrong ones should wait: 0: not at all, or too many do
   so already; otherwise gt_guard_waited() follows, whatever happens */
uint64_t gt_guard_delay(gt_guard_t *g);
void     gt_guard_waited(gt_guard_t *g);

#endif
