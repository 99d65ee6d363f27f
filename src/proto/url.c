/*
 * proto/url.c: takes the URLs of -L and -F apart.
 */

#include "proto/url.h"
#include "core/enc.h"

#include <string.h>

typedef struct {
    char  *p; /* the caller's; copies go here one behind another */
    size_t left;
} url_room_t;


static int
url_fail(gt_url_t *u, const char *why)
{
    u->why = why;

    return GT_ERROR;
}


/* the first place of any of set; s.n when there is none */
static size_t
url_any(gt_str_t s, const char *set)
{
    size_t i;

    for (i = 0; i < s.n; i++) {
        if (s.p[i] != '\0' && strchr(set, s.p[i]) != NULL) {
            break;
        }
    }

    return i;
}


static bool
url_control(gt_str_t s)
{
    size_t        i;
    unsigned char c;

    for (i = 0; i < s.n; i++) {
        c = (unsigned char) s.p[i];

        if (c < 0x20 || c == 0x7f) {
            return true;
        }
    }

    return false;
}


/* blanks of every kind, which a shell script may have left */
static gt_str_t
url_trim(gt_str_t s)
{
    while (s.n > 0 && strchr(" \t\r\n\v\f", s.p[0]) != NULL && s.p[0] != '\0') {
        s = gt_str_sub(s, 1, s.n);
    }

    while (s.n > 0 && strchr(" \t\r\n\v\f", s.p[s.n - 1]) != NULL
           && s.p[s.n - 1] != '\0')
    {
        s.n--;
    }

    return s;
}


static int
url_decode(url_room_t *room, gt_str_t in, bool plus, gt_str_t *out)
{
    ssize_t n;

    n = gt_percent_decode(in, room->p, room->left, plus);
    if (n < 0) {
        return GT_ERROR;
    }

    *out = gt_str_make(room->p, (size_t) n);
    room->p += n;
    room->left -= (size_t) n;

    return GT_OK;
}


static bool
url_scheme_ok(gt_str_t s)
{
    size_t        i;
    unsigned char c;

    for (i = 0; i < s.n; i++) {
        c = gt_lower((unsigned char) s.p[i]);

        if (!(c >= 'a' && c <= 'z')
            && (i == 0
                || !((c >= '0' && c <= '9') || c == '+' || c == '-'
                     || c == '.')))
        {
            return false;
        }
    }

    return s.n > 0;
}


static void
url_halves(gt_url_t *u)
{
    ssize_t  at;
    gt_str_t rest;

    at = gt_str_chr(u->scheme, '+');

    if (at < 0) {
        u->proxy = u->transport = u->scheme;
        return;
    }

    rest = gt_str_sub(u->scheme, (size_t) at + 1, u->scheme.n);

    if (gt_str_chr(rest, '+') < 0) {
        u->proxy = gt_str_sub(u->scheme, 0, (size_t) at);
        u->transport = rest;
    }
}


/* moves *s behind the scheme */
static int
url_scheme(gt_str_t *s, url_room_t *room, gt_url_t *u)
{
    size_t   i;
    ssize_t  at;
    gt_str_t text;

    at = gt_str_find(*s, GT_STR("://"));
    text = gt_str_sub(*s, 0, at < 0 ? 0 : (size_t) at);

    if (at <= 0 || url_any(text, "/?#@:,[") < text.n) {
        u->scheme = GT_STR("auto");
        url_halves(u);
        return GT_OK;
    }

    if (!url_scheme_ok(text) || text.n > room->left) {
        return url_fail(u, "malformed scheme");
    }

    for (i = 0; i < text.n; i++) {
        room->p[i] = (char) gt_lower((unsigned char) text.p[i]);
    }

    u->scheme = gt_str_make(room->p, text.n);
    room->p += text.n;
    room->left -= text.n;

    if (gt_str_eq(u->scheme, GT_STR("https"))) {
        u->scheme = GT_STR("http+tls");
    }

    url_halves(u);
    *s = gt_str_sub(*s, text.n + 3, s->n);

    return GT_OK;
}


static int
url_userinfo(gt_str_t s, url_room_t *room, gt_url_t *u)
{
    ssize_t  colon;
    gt_str_t user;

    u->has_user = true;

    colon = gt_str_chr(s, ':');
    user = gt_str_sub(s, 0, colon < 0 ? s.n : (size_t) colon);

    if (url_decode(room, user, false, &u->user) != GT_OK) {
        return url_fail(u, "malformed user name");
    }

    if (colon >= 0) {
        u->has_pass = true;

        if (url_decode(room, gt_str_sub(s, (size_t) colon + 1, s.n), false,
                       &u->pass)
            != GT_OK)
        {
            return url_fail(u, "malformed password");
        }
    }

    if (gt_str_chr(u->user, '\0') >= 0 || gt_str_chr(u->pass, '\0') >= 0) {
        return url_fail(u, "NUL in the credentials");
    }

    return GT_OK;
}


/* as GOST has it: 99999 is a port here, "http" and "1-2" are not */
static bool
url_digits(gt_str_t s)
{
    size_t i;

    for (i = 0; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++) {
        /* one more */
    }

    return i == s.n;
}


static int
url_nodes(gt_url_t *u)
{
    gt_str_t      list, item;
    gt_url_addr_t a;

    if (url_control(u->address) || url_any(u->address, " ") < u->address.n) {
        return url_fail(u, "malformed host name");
    }

    list = u->address;

    while (gt_str_split(&list, ',', &item)) {
        if (gt_url_addr_parse(item, &a) != GT_OK) {
            return url_fail(u, "malformed address: IPv6 needs brackets");
        }

        item = gt_str_sub(item, (size_t) (gt_str_rchr(item, ':') + 1), item.n);

        if (a.kind != GT_URL_PORT_NONE && !url_digits(item)) {
            return url_fail(u, "a port must be a number");
        }
    }

    return GT_OK;
}


/* [user[:pass]@]address */
static int
url_authority(gt_str_t s, gt_url_kind_t kind, url_room_t *room, gt_url_t *u)
{
    ssize_t at;

    at = gt_str_rchr(s, '@');

    if (at >= 0
        && url_userinfo(gt_str_sub(s, 0, (size_t) at), room, u) != GT_OK) {
        return GT_ERROR;
    }

    u->address = gt_str_sub(s, (size_t) (at + 1), s.n);

    if (kind == GT_URL_LISTEN) {
        return GT_OK;
    }

    if (url_decode(room, u->address, false, &u->address) != GT_OK) {
        return url_fail(u, "malformed host name");
    }

    return url_nodes(u);
}


static int
url_path(gt_str_t s, gt_url_t *u)
{
    size_t i;

    for (i = 0; i < s.n; i++) {
        if (s.p[i] == '%'
            && (s.n - i < 3 || gt_hex_digit((unsigned char) s.p[i + 1]) < 0
                || gt_hex_digit((unsigned char) s.p[i + 2]) < 0))
        {
            return url_fail(u, "malformed path");
        }
    }

    u->path = s;

    while (s.n > 0 && s.p[0] == '/') {
        s = gt_str_sub(s, 1, s.n);
    }

    while (s.n > 0 && s.p[s.n - 1] == '/') {
        s.n--;
    }

    u->target = s;

    return GT_OK;
}


/* one key=value; what GOST's parser drops is dropped */
static int
url_pair(gt_str_t s, url_room_t *room, gt_url_t *u)
{
    unsigned      i;
    ssize_t       eq;
    url_room_t    mark;
    gt_url_pair_t pair;

    mark = *room;
    eq = gt_str_chr(s, '=');

    if (gt_str_chr(s, ';') >= 0
        || url_decode(room, gt_str_sub(s, 0, eq < 0 ? s.n : (size_t) eq), true,
                      &pair.key)
               != GT_OK
        || url_decode(room, gt_str_sub(s, eq < 0 ? s.n : (size_t) eq + 1, s.n),
                      true, &pair.value)
               != GT_OK)
    {
        *room = mark;
        if (u->dropped < GT_URL_LOST) {
            u->lost[u->dropped] = s;
        }

        u->dropped++;
        return GT_OK;
    }

    if (gt_str_chr(pair.key, '\0') >= 0 || gt_str_chr(pair.value, '\0') >= 0) {
        return url_fail(u, "NUL in an option");
    }

    for (i = 0; i < u->npairs; i++) {
        if (gt_str_eq(u->pairs[i].key, pair.key)) {
            return GT_OK;
        }
    }

    if (u->npairs == GT_URL_PAIRS) {
        return url_fail(u, "too many options");
    }

    u->pairs[u->npairs++] = pair;

    return GT_OK;
}


static int
url_query(gt_str_t s, url_room_t *room, gt_url_t *u)
{
    gt_str_t item;

    while (gt_str_split(&s, '&', &item)) {
        if (item.n > 0 && url_pair(item, room, u) != GT_OK) {
            return GT_ERROR;
        }
    }

    return GT_OK;
}


int
gt_url_parse(gt_str_t s, gt_url_kind_t kind, char *buf, size_t size,
             gt_url_t *u)
{
    size_t     end;
    url_room_t room = { buf, size };

    memset(u, 0, sizeof(*u));

    s = url_trim(s);
    if (s.n == 0) {
        return GT_DONE;
    }

    if (size < GT_URL_ROOM(s.n)) {
        return url_fail(u, "too long");
    }

    if (url_control(s)) {
        return url_fail(u, "control character");
    }

    if (url_scheme(&s, &room, u) != GT_OK) {
        return GT_ERROR;
    }

    s = gt_str_sub(s, 0, url_any(s, "#"));

    end = url_any(s, "/?");
    if (url_authority(gt_str_sub(s, 0, end), kind, &room, u) != GT_OK) {
        return GT_ERROR;
    }

    s = gt_str_sub(s, end, s.n);

    end = url_any(s, "?");
    if (url_path(gt_str_sub(s, 0, end), u) != GT_OK) {
        return GT_ERROR;
    }

    return url_query(gt_str_sub(s, end + 1, s.n), &room, u);
}


bool
gt_url_get(const gt_url_t *u, const char *key, gt_str_t *value)
{
    unsigned i;

    for (i = 0; i < u->npairs; i++) {
        if (gt_str_eq(u->pairs[i].key, gt_str_from(key))) {
            *value = u->pairs[i].value;
            return true;
        }
    }

    return false;
}


bool
gt_url_iget(const gt_url_t *u, const char *key, gt_str_t *value)
{
    unsigned i;

    for (i = 0; i < u->npairs; i++) {
        if (gt_str_ieq(u->pairs[i].key, gt_str_from(key))) {
            *value = u->pairs[i].value;
            return true;
        }
    }

    return false;
}
