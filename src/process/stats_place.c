/*
 * process/stats_place.c: where the stats process listens, read and compared.
 */

#include "process/stats_place.h"

#include "core/str.h"

#include <string.h>
#include <unistd.h>


int
gt_stats_place(const char *text, bool wide, gt_stats_place_t *at,
               const char **why)
{
    size_t                  n;
    uint16_t                port;
    socklen_t               len;
    const char             *host;
    struct sockaddr_storage any;

    *at = (gt_stats_place_t){ .any = true };

    if (strncmp(text, "unix:", 5) == 0) {
        text += strncmp(text, "unix://", 7) == 0 ? 7 : 5;
        if (text[0] == '\0' || strlen(text) >= sizeof(at->path)) {
            *why = "a path of 1 to 107 characters is expected";
            return GT_ERROR;
        }

        (void) gt_str_copy(at->path, sizeof(at->path), gt_str_from(text));

        return GT_OK;
    }

    if (gt_addr_split(text, strlen(text), &host, &n, &port, why) != GT_OK) {
        return GT_ERROR;
    }

    (void) gt_str_copy(at->host, sizeof(at->host), gt_str_make(host, n));

    if (n == 0 && wide) {
        len = gt_sock_wildcard(&any, port);
        gt_addr_set(&at->addr, (struct sockaddr *) &any, len);
        at->open = true;
        return GT_OK;
    }

    if (n == 0 || gt_str_ieq(gt_str_make(host, n), GT_STR("localhost"))) {
        host = "127.0.0.1";
        n = strlen(host);
    }

    if (gt_addr_literal(&at->addr, host, n, port) != GT_OK) {
        *why = "an IP address, \"localhost\" or unix:PATH is expected";
        return GT_ERROR;
    }

    at->open = !gt_addr_is_loopback(&at->addr);

    return GT_OK;
}


bool
gt_stats_place_same(const gt_stats_place_t *a, const gt_stats_place_t *b)
{
    return a->any && b->any && strcmp(a->path, b->path) == 0
           && a->addr.len == b->addr.len
           && (a->addr.len == 0 || gt_addr_eq(&a->addr, &b->addr));
}


void
gt_stats_place_unlink(const gt_stats_place_t *at)
{
    if (at->any && at->path[0] != '\0' && at->path[0] != '@') {
        (void) unlink(at->path);
    }
}
