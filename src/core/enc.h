/*
 * core/enc.h: base64, hexadecimal and percent encoding (RFC 4648, RFC 3986).
 *
 * All of these write at most size bytes to out, add no NUL and return the
 * bytes written, or GT_ERROR when the input is not well formed or the result
 * does not fit; out is then undefined.  in and out must not overlap, but for
 * gt_percent_decode(), where out may be in.
 */

#ifndef GT_CORE_ENC_H
#define GT_CORE_ENC_H

#include "core/str.h"

/* clang-format off */
/* what n bytes become in padded base64; room that n characters decode into */
#define GT_BASE64_SIZE(n)       (((n) + 2) / 3 * 4)
#define GT_BASE64_ROOM(n)       (((n) + 3) / 4 * 3)
/* clang-format on */

/*
 * The standard alphabet with padding.  Decoding is strict: the length is a
 * multiple of four, no blanks, no bytes behind the padding, unused bits zero.
 */
ssize_t gt_base64_encode(gt_str_t in, char *out, size_t size);
ssize_t gt_base64_decode(gt_str_t in, void *out, size_t size);

/* the URL alphabet without padding, as strict */
ssize_t gt_base64url_encode(gt_str_t in, char *out, size_t size);
ssize_t gt_base64url_decode(gt_str_t in, void *out, size_t size);

/* two lower-case digits a byte; decoding takes either case */
ssize_t gt_hex_encode(gt_str_t in, char *out, size_t size);
ssize_t gt_hex_decode(gt_str_t in, void *out, size_t size);

/* the value of a hexadecimal digit, or -1 */
int gt_hex_digit(unsigned char c);

/*
 * Undoes %xx; with plus, '+' becomes a blank (query strings).  A '%' without
 * two digits behind it is GT_ERROR.  The result may hold any byte, NUL too.
 */
ssize_t gt_percent_decode(gt_str_t in, char *out, size_t size, bool plus);

/*
 * Writes %XX for every byte that is neither unreserved (letters, digits,
 * "-._~") nor one of keep, a C string, which may be "".
 */
ssize_t gt_percent_encode(gt_str_t in, char *out, size_t size,
                          const char *keep);

#endif
