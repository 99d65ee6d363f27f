/*
 * core/enc.c: base64, hexadecimal and percent encoding.
 */

#include "core/enc.h"

#include <string.h>

static const char enc_std[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char enc_url[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";


/* one to three bytes become four characters, of which some may be missing */
static void
enc_group(const uint8_t *in, size_t n, const char *alphabet, char out[4])
{
    uint32_t v;

    v = (uint32_t) in[0] << 16;
    v |= n > 1 ? (uint32_t) in[1] << 8 : 0;
    v |= n > 2 ? (uint32_t) in[2] : 0;

    out[0] = alphabet[v >> 18];
    out[1] = alphabet[(v >> 12) & 63];
    out[2] = n > 1 ? alphabet[(v >> 6) & 63] : '=';
    out[3] = n > 2 ? alphabet[v & 63] : '=';
}


static ssize_t
enc_base64(gt_str_t in, char *out, size_t size, const char *alphabet, bool pad)
{
    char   group[4];
    size_t i, n, left, take;

    for (n = 0, i = 0; i < in.n; i += 3) {
        left = gt_min(in.n - i, (size_t) 3);
        take = pad ? 4 : left + 1;

        if (size - n < take) {
            return GT_ERROR;
        }

        enc_group((const uint8_t *) in.p + i, left, alphabet, group);
        memcpy(out + n, group, take);
        n += take;
    }

    return (ssize_t) n;
}


/* the value of a character, or -1; extra is the last two of the alphabet */
static int
enc_value(unsigned char c, const char *extra)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }

    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }

    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }

    if (c == (unsigned char) extra[0]) {
        return 62;
    }

    return c == (unsigned char) extra[1] ? 63 : -1;
}


/* two to four characters without padding; the bytes they make, or GT_ERROR */
static ssize_t
enc_ungroup(const char *in, size_t n, const char *extra, uint8_t out[3])
{
    int      value;
    size_t   i;
    uint32_t v;

    for (v = 0, i = 0; i < 4; i++) {
        value = i < n ? enc_value((unsigned char) in[i], extra) : 0;

        if (value < 0) {
            return GT_ERROR;
        }

        v = v << 6 | (uint32_t) value;
    }

    out[0] = (uint8_t) (v >> 16);
    out[1] = (uint8_t) (v >> 8);
    out[2] = (uint8_t) v;

    /* bits that no byte uses must be zero, or one text has two spellings */
    if (n < 2 || (n < 3 && out[1] != 0) || (n < 4 && out[2] != 0)) {
        return GT_ERROR;
    }

    return (ssize_t) n - 1;
}


static ssize_t
enc_unbase64(gt_str_t in, uint8_t *out, size_t size, const char *extra)
{
    size_t  i, n;
    uint8_t group[3];
    ssize_t got;

    for (n = 0, i = 0; i < in.n; i += 4) {
        got = enc_ungroup(in.p + i, gt_min(in.n - i, (size_t) 4), extra, group);

        if (got < 0 || (size_t) got > size - n) {
            return GT_ERROR;
        }

        memcpy(out + n, group, (size_t) got);
        n += (size_t) got;
    }

    return (ssize_t) n;
}


ssize_t
gt_base64_encode(gt_str_t in, char *out, size_t size)
{
    return enc_base64(in, out, size, enc_std, true);
}


ssize_t
gt_base64url_encode(gt_str_t in, char *out, size_t size)
{
    return enc_base64(in, out, size, enc_url, false);
}


ssize_t
gt_base64_decode(gt_str_t in, void *out, size_t size)
{
    unsigned pads;

    if (in.n % 4 != 0) {
        return GT_ERROR;
    }

    for (pads = 0; pads < 2 && in.n > 0 && in.p[in.n - 1] == '='; pads++) {
        in.n--;
    }

    return enc_unbase64(in, out, size, "+/");
}


ssize_t
gt_base64url_decode(gt_str_t in, void *out, size_t size)
{
    return enc_unbase64(in, out, size, "-_");
}


int
gt_hex_digit(unsigned char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c = gt_lower(c);

    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}


ssize_t
gt_hex_encode(gt_str_t in, char *out, size_t size)
{
    size_t        i;
    unsigned char c;

    if (in.n > size / 2) {
        return GT_ERROR;
    }

    for (i = 0; i < in.n; i++) {
        c = (unsigned char) in.p[i];
        out[i * 2] = "0123456789abcdef"[c >> 4];
        out[i * 2 + 1] = "0123456789abcdef"[c & 15];
    }

    return (ssize_t) (in.n * 2);
}


/* the byte of two digits, or -1 */
static int
enc_unhex(const char *p)
{
    int hi, lo;

    hi = gt_hex_digit((unsigned char) p[0]);
    lo = gt_hex_digit((unsigned char) p[1]);

    return hi < 0 || lo < 0 ? -1 : hi * 16 + lo;
}


ssize_t
gt_hex_decode(gt_str_t in, void *out, size_t size)
{
    int      c;
    size_t   i;
    uint8_t *to;

    if (in.n % 2 != 0 || in.n / 2 > size) {
        return GT_ERROR;
    }

    to = out;

    for (i = 0; i < in.n; i += 2) {
        c = enc_unhex(in.p + i);
        if (c < 0) {
            return GT_ERROR;
        }

        to[i / 2] = (uint8_t) c;
    }

    return (ssize_t) (in.n / 2);
}


ssize_t
gt_percent_decode(gt_str_t in, char *out, size_t size, bool plus)
{
    int    c;
    size_t i, n;

    for (n = 0, i = 0; i < in.n; i++) {
        c = (unsigned char) in.p[i];

        if (c == '%') {
            c = in.n - i < 3 ? -1 : enc_unhex(in.p + i + 1);
            i += 2;

        } else if (c == '+' && plus) {
            c = ' ';
        }

        if (c < 0 || n == size) {
            return GT_ERROR;
        }

        out[n++] = (char) c;
    }

    return (ssize_t) n;
}


static bool
enc_unreserved(unsigned char c)
{
    unsigned char lower;

    lower = gt_lower(c);

    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-'
           || c == '.' || c == '_' || c == '~';
}


ssize_t
gt_percent_encode(gt_str_t in, char *out, size_t size, const char *keep)
{
    size_t        i, n;
    unsigned char c;

    for (n = 0, i = 0; i < in.n; i++) {
        c = (unsigned char) in.p[i];

        if (enc_unreserved(c) || (c != '\0' && strchr(keep, c) != NULL)) {
            if (n == size) {
                return GT_ERROR;
            }

            out[n++] = (char) c;
            continue;
        }

        if (size - n < 3) {
            return GT_ERROR;
        }

        out[n++] = '%';
        out[n++] = "0123456789ABCDEF"[c >> 4];
        out[n++] = "0123456789ABCDEF"[c & 15];
    }

    return (ssize_t) n;
}
