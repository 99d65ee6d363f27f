/*
 * process/fetch_url.c: the URLs of -C and of redirections, taken apart.
 */

#include "process/fetch_impl.h"


/* host, port */
static int
url_authority(gt_fetch_url_t *u, const char **why)
{
    ssize_t  at;
    uint64_t port;
    gt_str_t s = u->authority;

    if (s.n > 0 && s.p[0] == '[') {
        at = gt_str_chr(s, ']');
        if (at < 0) {
            *why = "a ']' is missing";
            return GT_ERROR;
        }

        u->ipv6 = true;
        u->host = gt_str_sub(s, 1, (size_t) at);
        s = gt_str_sub(s, (size_t) at + 1, s.n);

        if (s.n > 0 && s.p[0] != ':') {
            *why = "text behind a ']'";
            return GT_ERROR;
        }

    } else {
        at = gt_str_chr(s, ':');
        u->host = at < 0 ? s : gt_str_sub(s, 0, (size_t) at);
        s = gt_str_sub(s, u->host.n, s.n);
    }

    u->port = s.n > 1 ? gt_str_sub(s, 1, s.n) : GT_STR("80");

    if (u->host.n == 0 || u->host.n > 255) {
        *why = "a host is missing";
        return GT_ERROR;
    }

    if (!gt_str_u64(u->port, 65535, &port) || port == 0) {
        *why = "the port is no number from 1 to 65535";
        return GT_ERROR;
    }

    return GT_OK;
}


/* what would break a request's lines */
static bool
url_plain(gt_str_t s)
{
    size_t i;

    for (i = 0; i < s.n; i++) {
        if ((unsigned char) s.p[i] <= ' ' || s.p[i] == 127) {
            return false;
        }
    }

    return true;
}


static void
url_split(gt_fetch_url_t *u, gt_str_t rest)
{
    size_t  i = 0;
    ssize_t at;

    while (i < rest.n && rest.p[i] != '/' && rest.p[i] != '?') {
        i++;
    }

    u->authority = gt_str_sub(rest, 0, i);
    u->target = gt_str_sub(rest, i, rest.n);

    at = gt_str_rchr(u->authority, '@');
    u->userinfo = GT_STR("");
    if (at >= 0) {
        u->userinfo = gt_str_sub(u->authority, 0, (size_t) at);
        u->authority =
            gt_str_sub(u->authority, (size_t) at + 1, u->authority.n);
    }

    at = gt_str_chr(u->target, '?');
    u->path = at < 0 ? u->target : gt_str_sub(u->target, 0, (size_t) at);
}


int
gt_fetch_url_parse(gt_fetch_url_t *u, gt_str_t text, const char **why)
{
    size_t  n;
    ssize_t at = gt_str_chr(text, '#');

    text = at < 0 ? text : gt_str_sub(text, 0, (size_t) at);
    n = gt_str_copy(u->text, sizeof(u->text), text);

    if (n < text.n || !url_plain(text)) {
        *why = n < text.n ? "the URL is too long"
                          : "a blank or a control character in the URL";
        return GT_ERROR;
    }

    if (gt_str_istarts(text, GT_STR("https://"))) {
        *why = "https: not built yet";
        return GT_ERROR;
    }

    if (!gt_str_istarts(text, GT_STR("http://"))) {
        *why = "only http URLs can be read";
        return GT_ERROR;
    }

    u->ipv6 = false;
    url_split(u, gt_str_sub(gt_str_make(u->text, n), 7, n));

    return url_authority(u, why);
}


/* the folder of the path, for a Location that is relative to it */
static gt_str_t
url_folder(const gt_fetch_url_t *u)
{
    ssize_t at = gt_str_rchr(u->path, '/');

    return at < 0 ? GT_STR("/") : gt_str_sub(u->path, 0, (size_t) at + 1);
}


int
gt_fetch_url_resolve(gt_fetch_url_t *u, const gt_fetch_url_t *from,
                     gt_str_t location, const char **why)
{
    char     text[GT_FETCH_URL];
    size_t   n;
    gt_str_t folder = GT_STR("");

    if (gt_str_istarts(location, GT_STR("http://"))
        || gt_str_find(location, GT_STR("://")) >= 0)
    {
        return gt_fetch_url_parse(u, location, why);
    }

    if (gt_str_starts(location, GT_STR("//"))) {
        n = gt_snprintf(text, sizeof(text), "http:%.*s", GT_STR_ARG(location));

    } else {
        if (location.n == 0 || location.p[0] != '/') {
            folder = location.n > 0 && location.p[0] == '?' ? from->path
                                                            : url_folder(from);
        }

        n = gt_snprintf(text, sizeof(text), "http://%.*s%.*s%.*s",
                        GT_STR_ARG(from->authority), GT_STR_ARG(folder),
                        GT_STR_ARG(location));
    }

    if (n >= sizeof(text) - 1) {
        *why = "the URL is too long";
        return GT_ERROR;
    }

    return gt_fetch_url_parse(u, gt_str_make(text, n), why);
}
