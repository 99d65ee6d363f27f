/*
 * core/err.h: why a stream or an operation ended, and how that is said to a
 * peer.  One table maps errno to a reason and a reason to its text.
 */

#ifndef GT_CORE_ERR_H
#define GT_CORE_ERR_H

typedef enum {
    GT_E_NONE, /* orderly */
    GT_E_REFUSED,
    GT_E_UNREACH,
    GT_E_TIMEOUT,
    GT_E_RESET,
    GT_E_PROTO, /* the peer broke its protocol */
    GT_E_AUTH,
    GT_E_DENIED, /* our own policy said no */
    GT_E_NODE,   /* the next node of a chain said no */
    GT_E_DNS,
    GT_E_NOMEM, /* memory, descriptors, ports */
    GT_E_CANCEL,
    GT_E_LIMIT, /* a limit of ours was met */
    GT_E_MAX
} gt_err_t;

/* a word for log fields and counters: "refused"; never NULL */
const char *gt_err_name(gt_err_t err);

/* a clause for people: "connection refused"; never NULL */
const char *gt_err_text(gt_err_t err);

/* the reason behind an errno of a socket call; unknown ones are GT_E_RESET */
gt_err_t gt_err_errno(int eno);

#endif
