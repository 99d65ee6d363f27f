/*
 * core/str.h: counted strings.  A gt_str_t points into somebody else's bytes,
 * is not NUL-terminated and owns nothing; it lives as long as those bytes.
 * Comparisons fold ASCII only, never the locale.
 */

#ifndef GT_CORE_STR_H
#define GT_CORE_STR_H

#include "core/core.h"

#include <stdarg.h>

typedef struct {
    const char *p; /* not ours; may be NULL when n is 0 */
    size_t      n;
} gt_str_t;

/* clang-format off */
/* of a literal: as an expression, and as a static initialiser */
#define GT_STR(lit)      ((gt_str_t) { "" lit, sizeof(lit) - 1 })
#define GT_STR_INIT(lit) { "" lit, sizeof(lit) - 1 }

/* printf("%.*s", GT_STR_ARG(s)): a precision is an int, so it is cut there */
#define GT_STR_ARG(s)    ((int) gt_min((s).n, (size_t) 0x7fffffff)),         \
                         ((s).p != NULL ? (s).p : "")
/* clang-format on */

/* of a C string; NULL gives the empty string */
gt_str_t gt_str_from(const char *s);

/* of n bytes at p */
static inline gt_str_t
gt_str_make(const void *p, size_t n)
{
    return (gt_str_t) { (const char *) p, n };
}

/* same bytes; same bytes but for the case of ASCII letters */
bool gt_str_eq(gt_str_t a, gt_str_t b);
bool gt_str_ieq(gt_str_t a, gt_str_t b);

/* s begins with (istarts: in any case), ends with */
bool gt_str_starts(gt_str_t s, gt_str_t with);
bool gt_str_istarts(gt_str_t s, gt_str_t with);
bool gt_str_ends(gt_str_t s, gt_str_t with);

/* without the spaces and tabs at both ends (OWS of RFC 9110 5.6.3) */
gt_str_t gt_str_trim(gt_str_t s);

/* bytes [from, to) of s; both are cut to its length */
gt_str_t gt_str_sub(gt_str_t s, size_t from, size_t to);

/* first, last place of c, the first place of a string; -1 when there is none */
ssize_t gt_str_chr(gt_str_t s, char c);
ssize_t gt_str_rchr(gt_str_t s, char c);
ssize_t gt_str_find(gt_str_t s, gt_str_t what);

/*
 * Walks the parts of a list.  Start with *rest the whole text and rest->p not
 * NULL; each call gives the part before the next sep, and false when there is
 * no more.  "a,,b" has three parts, "" has one (empty), "a," has two.
 */
bool gt_str_split(gt_str_t *rest, char sep, gt_str_t *part);

/* decimal digits and nothing else, at least one, value <= max; else false */
bool gt_str_u64(gt_str_t s, uint64_t max, uint64_t *value);

/* c in lower case, if it is an ASCII capital */
static inline unsigned char
gt_lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char) (c | 0x20) : c;
}

/* is it one of n, in any case? */
bool gt_str_among(gt_str_t s, const gt_str_t *list, size_t n);

/*
 * Copies s into buf with a NUL behind it, cut to size - 1 bytes.  Returns the
 * bytes written without the NUL; size 0 writes nothing.
 */
size_t gt_str_copy(char *buf, size_t size, gt_str_t s);

/*
 * snprintf that returns what it wrote: the bytes in buf without the NUL,
 * always below size (0 when size is 0), so that calls can be added up.
 * A result of size - 1 means that the text may have been cut.
 */
size_t gt_snprintf(char *buf, size_t size, const char *fmt, ...)
    GT_PRINTF(3, 4);
size_t gt_vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
    GT_PRINTF(3, 0);

#endif
