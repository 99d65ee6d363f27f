/*
 * net/name.c: hosts that need no lookup: addresses, localhost, and what cannot
 * be a name.
 */

#include "net/name.h"

#include "core/str.h"

#include <arpa/inet.h>
#include <string.h>

enum { NAME_LABEL_MAX = 63 };

#define NAME_CHARS "abcdefghijklmnopqrstuvwxyz0123456789-_"


/*
 * A name in lower case.  GT_ERROR for what no name in DNS looks like; also for
 * a number at the end, or "127.1" would be one.
 */
static int
name_lower(char *to, const char *host, size_t n)
{
    size_t        i, label = 0, digits = 0;
    unsigned char c;

    if (n > GT_NAME_MAX || (n == GT_NAME_MAX && host[n - 1] != '.')) {
        return GT_ERROR;
    }

    for (i = 0; i < n; i++) {
        c = gt_lower((unsigned char) host[i]);
        to[i] = (char) c;

        if (c == '.' && i + 1 == n) {
            break;
        }

        if (c == '.') {
            if (label == 0) {
                return GT_ERROR;
            }

            label = digits = 0;
            continue;
        }

        if (!c || !strchr(NAME_CHARS, c) || ++label > NAME_LABEL_MAX) {
            return GT_ERROR;
        }

        digits += c <= '9' && c >= '0';
    }

    to[n] = '\0';

    return label > digits ? GT_OK : GT_ERROR;
}


static bool
name_is_local(const char *name, size_t n)
{
    gt_str_t s = gt_str_make(name, n);

    if (n > 0 && name[n - 1] == '.') {
        s.n--;
    }

    return gt_str_eq(s, GT_STR("localhost"))
           || gt_str_ends(s, GT_STR(".localhost"));
}


static void
name_local(gt_addr_t *to)
{
    struct sockaddr_in  in = { .sin_family = AF_INET };
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    in6.sin6_addr = in6addr_loopback;

    gt_addr_set(&to[0], (struct sockaddr *) &in6, sizeof(in6));
    gt_addr_set(&to[1], (struct sockaddr *) &in, sizeof(in));
}


gt_err_t
gt_name_known(const char *host, size_t len, char *name, gt_addr_t *to,
              unsigned *n)
{
    *n = 0;

    if (gt_addr_literal(&to[0], host, len, 0) == GT_OK) {
        *n = 1;
        return GT_E_NONE;
    }

    if (len > 0 && name_lower(name, host, len) != GT_OK) {
        return GT_E_DNS;
    }

    if (len == 0 || name_is_local(name, len)) {
        name_local(to);
        *n = 2;
    }

    return GT_E_NONE;
}
