/*
 * core/err.c: the one table of reasons.
 */

#include "core/err.h"

#include "core/core.h"

#include <errno.h>


static const struct {
    const char *name;
    const char *text;
} err_table[GT_E_MAX] = {
    [GT_E_NONE] = { "none", "success" },
    [GT_E_REFUSED] = { "refused", "connection refused" },
    [GT_E_UNREACH] = { "unreach", "no route to host" },
    [GT_E_TIMEOUT] = { "timeout", "timed out" },
    [GT_E_RESET] = { "reset", "connection reset by peer" },
    [GT_E_PROTO] = { "proto", "protocol error" },
    [GT_E_AUTH] = { "auth", "authentication failed" },
    [GT_E_DENIED] = { "denied", "denied by policy" },
    [GT_E_NODE] = { "node", "refused by the next node" },
    [GT_E_DNS] = { "dns", "no such host" },
    [GT_E_NOMEM] = { "nomem", "out of memory or descriptors" },
    [GT_E_CANCEL] = { "cancel", "cancelled" },
    [GT_E_LIMIT] = { "limit", "limit reached" },
};


const char *
gt_err_name(gt_err_t err)
{
    return (unsigned) err < GT_E_MAX ? err_table[err].name : "unknown";
}


const char *
gt_err_text(gt_err_t err)
{
    return (unsigned) err < GT_E_MAX ? err_table[err].text : "unknown error";
}


gt_err_t
gt_err_errno(int eno)
{
    switch (eno) {
    case 0: return GT_E_NONE;
    case ECONNREFUSED: return GT_E_REFUSED;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
    case EACCES:
    case EPERM:
    case EINVAL: return GT_E_UNREACH;
    case ETIMEDOUT: return GT_E_TIMEOUT;
    case ENOMEM:
    case ENOBUFS:
    case EMFILE:
    case ENFILE: return GT_E_NOMEM;
    default: return GT_E_RESET;
    }
}
