/*
 * core/quote.c: UTF-8, and what may not stand as it is.
 */

#include "core/quote.h"

#include "core/str.h"

#include <string.h>

enum { QUOTE_ONE = 16 }; /* the longest escape and a NUL */


/* bytes of the character at p; *rune is UINT32_MAX where there is none */

static size_t
quote_utf8(const uint8_t *p, size_t n, uint32_t *rune)
{
    size_t   i, len;
    uint32_t v, least;

    *rune = p[0];
    if (p[0] < 0x80) {
        return 1;
    }

    len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    least = len == 4 ? 0x10000 : len == 3 ? 0x800 : 0x80;
    v = p[0] & (0x7fU >> len);
    *rune = UINT32_MAX; /* no character */

    if (p[0] < 0xc2 || p[0] > 0xf4 || len > n) {
        return 1;
    }

    for (i = 1; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 1;
        }

        v = v << 6 | (p[i] & 0x3fU);
    }

    if (v < least || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff)) {
        return 1;
    }

    *rune = v;

    return len;
}


size_t
gt_quote_char(const char *s, size_t n)
{
    size_t   len;
    uint32_t rune;

    len = quote_utf8((const uint8_t *) s, n, &rune);

    return rune == UINT32_MAX ? 0 : len;
}


/* the letter of a backslash pair, or 0; text has Go's \a and \v besides */

static char
quote_pair(uint32_t rune, bool json)
{
    static const char pairs[] = "\"\"\\\\\nn\rr\tt\bb\ff\aa\vv";
    size_t            i, n = json ? 14 : 18;

    for (i = 0; i < n; i += 2) {
        if (rune == (uint8_t) pairs[i]) {
            return pairs[i + 1];
        }
    }

    return '\0';
}


static bool
quote_printable(uint32_t rune)
{
    return rune >= 0x20 && rune != 0x7f && !(rune >= 0x80 && rune <= 0xa0)
           && rune != 0xad && rune != 0x3000 && rune != 0xfeff
           && !(rune >= 0x2000 && rune <= 0x200f)
           && !(rune >= 0x2028 && rune <= 0x202f)
           && !(rune >= 0xe000 && rune <= 0xf8ff) && rune <= 0x10ffff;
}


/* how one character stands in quotes; returns its length in out[QUOTE_ONE] */

static size_t
quote_escape(char *out, const uint8_t *p, size_t len, uint32_t rune, bool json)
{
    char pair = quote_pair(rune, json);

    if (pair) {
        out[0] = '\\';
        out[1] = pair;
        return 2;
    }

    if (json && rune == UINT32_MAX) {
        return gt_snprintf(out, QUOTE_ONE, "\\ufffd");
    }

    if (json && (rune < 0x20 || rune == 0x2028 || rune == 0x2029)) {
        return gt_snprintf(out, QUOTE_ONE, "\\u%04x", rune);
    }

    if (!json && (rune == UINT32_MAX || rune < 0x20 || rune == 0x7f)) {
        return gt_snprintf(out, QUOTE_ONE, "\\x%02x", p[0]);
    }

    if (!json && !quote_printable(rune)) {
        return gt_snprintf(out, QUOTE_ONE,
                           rune > 0xffff ? "\\U%08x" : "\\u%04x", rune);
    }

    memcpy(out, p, len);

    return len;
}


/* how many bytes from p on stand for themselves in any kind of quotes */

static size_t
quote_plain(const uint8_t *p, const uint8_t *end)
{
    const uint8_t *at = p;

    while (at < end && *at >= 0x20 && *at < 0x7f && *at != '"' && *at != '\\') {
        at++;
    }

    return (size_t) (at - p);
}


size_t
gt_quote(char *out, size_t room, const char *s, size_t n, bool json)
{
    char           one[QUOTE_ONE];
    size_t         len, k, at = 0;
    uint32_t       rune;
    const uint8_t *p = (const uint8_t *) s, *end = p + n;

    GT_ASSERT(room >= 2);

    out[at++] = '"';

    for (; p < end; p += len) {
        len = gt_min(quote_plain(p, end), room - at - 1);
        if (len) {
            memcpy(out + at, p, len);
            at += len;
            continue;
        }

        len = quote_utf8(p, (size_t) (end - p), &rune);
        k = quote_escape(one, p, len, rune, json);

        if (k > room - at - 1) {
            break;
        }

        memcpy(out + at, one, k);
        at += k;
    }

    out[at++] = '"';

    return at;
}


bool
gt_quote_needed(const char *s, size_t n)
{
    size_t         len;
    uint32_t       rune;
    const uint8_t *p = (const uint8_t *) s, *end = p + n;

    for (; p < end; p += len) {
        len = quote_utf8(p, (size_t) (end - p), &rune);

        if (rune == ' ' || rune == '=' || rune == '"' || !quote_printable(rune))
        {
            return true;
        }
    }

    return n == 0;
}
