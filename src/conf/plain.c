/*
 * conf/plain.c: plain scalars: null, bools, numbers, dates, and texts.
 */

#include "conf/plain.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>


static bool
plain_in(const char *text, const char *const *words, size_t n)
{
    size_t i;

    for (i = 0; i < n && strcmp(text, words[i]) != 0; i++) {
        /* void */
    }

    return i < n;
}


static const char *
plain_digits(const char *p)
{
    while (isdigit((unsigned char) *p)) {
        p++;
    }

    return p;
}


/* [-+] (.5 | 1 | 1. | 1.5) [e[-+]9] */
static bool
plain_is_real(const char *p)
{
    const char *from;

    p += *p == '-' || *p == '+';
    from = p;
    p = plain_digits(p);

    if (*p == '.') {
        from += p == from;
        p = plain_digits(p + 1);
    }

    if (p == from) {
        return false;
    }

    if (*p == 'e' || *p == 'E') {
        p += p[1] == '-' || p[1] == '+' ? 2 : 1;
        from = p;
        p = plain_digits(p);

        if (p == from) {
            return false;
        }
    }

    return *p == '\0';
}


/* Go's integers: a sign, then 0x, 0o, 0b, 0 for octal, or decimal */
static bool
plain_is_int(const char *p, gt_plain_t *v)
{
    int            base = 10;
    unsigned       digit;
    const uint64_t most = UINT64_MAX;

    v->minus = *p == '-';
    p += *p == '-' || *p == '+';

    if (*p == '0' && p[1] != '\0') {
        base = strchr("xX", p[1]) != NULL   ? 16
               : strchr("bB", p[1]) != NULL ? 2
                                            : 8;
        p += base != 8 || strchr("oO", p[1]) != NULL ? 2 : 1;
    }

    if (*p == '\0') {
        return false;
    }

    for (v->whole = 0; *p != '\0'; p++) {
        if (!isxdigit((unsigned char) *p)) {
            return false;
        }

        digit = isdigit((unsigned char) *p)
                    ? (unsigned) (*p - '0')
                    : gt_lower((unsigned char) *p) - 'a' + 10u;
        if (digit >= (unsigned) base
            || v->whole > (most - digit) / (unsigned) base) {
            return false;
        }

        v->whole = v->whole * (unsigned) base + digit;
    }

    return !v->minus || v->whole <= (uint64_t) INT64_MAX + 1;
}


static gt_plain_kind_t
plain_number(const char *text, gt_plain_t *v)
{
    char        digits[80];
    size_t      n = 0;
    const char *p;

    for (p = text; *p != '\0'; p++) {
        if (*p == '_') {
            continue;
        }

        if (n + 1 == sizeof(digits)) {
            return GT_PLAIN_TEXT;
        }

        digits[n++] = *p;
    }

    digits[n] = '\0';

    if (plain_is_int(digits, v)) {
        return GT_PLAIN_INT;
    }

    if (plain_is_real(digits)) {
        v->real = strtod(digits, NULL);
        return isfinite(v->real) ? GT_PLAIN_REAL : GT_PLAIN_TEXT;
    }

    return GT_PLAIN_TEXT;
}


/* YYYY-M-D, and what is behind it */
static const char *
plain_date(const char *text)
{
    int         i, n;
    const char *p;

    p = plain_digits(text);
    if (p - text != 4) {
        return NULL;
    }

    for (i = 0; i < 2; i++) {
        if (*p != '-') {
            return NULL;
        }

        text = p + 1;
        p = plain_digits(text);
        n = (int) strtol(text, NULL, 10);

        if (p == text || p - text > 2 || n < 1 || n > (i == 0 ? 12 : 31)) {
            return NULL;
        }
    }

    return p;
}


gt_plain_kind_t
gt_plain_kind(const char *text, gt_plain_t *v)
{
    static const char *const nulls[] = { "", "~", "null", "Null", "NULL" };
    static const char *const yes[] = { "true", "True", "TRUE" };
    static const char *const no[] = { "false", "False", "FALSE" };
    static const char *const inf[] = { ".inf",  ".Inf",  ".INF",
                                       "+.inf", "+.Inf", "+.INF" };
    static const char *const nan[] = { ".nan", ".NaN", ".NAN" };
    const char              *rest;

    memset(v, 0, sizeof(*v));

    if (plain_in(text, nulls, gt_nelts(nulls))) {
        return GT_PLAIN_NULL;
    }

    v->yes = plain_in(text, yes, gt_nelts(yes));
    if (v->yes || plain_in(text, no, gt_nelts(no))) {
        return GT_PLAIN_BOOL;
    }

    v->real = plain_in(text, nan, gt_nelts(nan))           ? (double) NAN
              : plain_in(text, inf, gt_nelts(inf))         ? (double) INFINITY
              : *text == '-' && plain_in(text + 1, inf, 3) ? -(double) INFINITY
                                                           : 0;
    if (v->real != 0) {
        return GT_PLAIN_REAL;
    }

    rest = plain_date(text);
    if (rest != NULL && *rest == '\0') {
        return GT_PLAIN_DATE;
    }

    if (strchr("+-.0123456789", *text) == NULL) {
        return GT_PLAIN_TEXT;
    }

    return plain_number(text, v);
}


/* 1:30, which is 90 to YAML 1.1 */
static bool
plain_base60(const char *p)
{
    int n;

    p += *p == '-' || *p == '+';
    if (!isdigit((unsigned char) *p)) {
        return false;
    }

    while (isdigit((unsigned char) *p) || *p == '_') {
        p++;
    }

    for (n = 0; *p == ':'; n++) {
        p++;

        if (!isdigit((unsigned char) *p)) {
            return false;
        }

        p += *p < '6' && isdigit((unsigned char) p[1]) ? 2 : 1;
    }

    if (*p == '.') {
        p += 1 + strspn(p + 1, "0123456789_");
    }

    return n > 0 && *p == '\0';
}


bool
gt_plain_odd(const char *text)
{
    static const char *const bools[] = { "y",  "Y",   "yes", "Yes", "YES", "on",
                                         "On", "ON",  "n",   "N",   "no",  "No",
                                         "NO", "off", "Off", "OFF" };
    gt_plain_t               v;

    return gt_plain_kind(text, &v) != GT_PLAIN_TEXT || plain_base60(text)
           || plain_in(text, bools, gt_nelts(bools))
           || (plain_date(text) != NULL
               && strchr("tT ", *plain_date(text)) != NULL);
}


/* the digits without a point, the exponent of the first one */
static int
real_digits(double v, char *digits, size_t size)
{
    int    n;
    char   buf[40];
    size_t k = 0;
    char  *p;

    for (n = 0; n < 17; n++) {
        gt_snprintf(buf, sizeof(buf), "%.*e", n, v);
        if (strtod(buf, NULL) == v) {
            break;
        }
    }

    for (p = buf; *p != 'e' && *p != '\0'; p++) {
        if (isdigit((unsigned char) *p) && k + 1 < size) {
            digits[k++] = *p;
        }
    }

    digits[k] = '\0';

    return *p == 'e' ? (int) strtol(p + 1, NULL, 10) : 0;
}


const char *
gt_plain_real(double v, gt_real_style_t style, char *buf, size_t size)
{
    int    i, e, n;
    char   digits[24];
    bool   raised;
    size_t at = 0;

    if (!isfinite(v)) {
        gt_snprintf(buf, size, "%s",
                    v != v  ? ".nan"
                    : v < 0 ? "-.inf"
                            : ".inf");
        return buf;
    }

    e = real_digits(fabs(v), digits, sizeof(digits));
    n = (int) strlen(digits);
    raised = style == GT_REAL_YAML   ? e < -4 || e >= 6
             : style == GT_REAL_JSON ? v != 0 && (e < -6 || e >= 21)
                                     : false;

    at += gt_snprintf(buf, size, "%s", v < 0 ? "-" : "");

    if (raised) {
        at += gt_snprintf(buf + at, size - at, "%c%s%s", digits[0],
                          n > 1 ? "." : "", digits + 1);
        gt_snprintf(buf + at, size - at,
                    style == GT_REAL_JSON ? "e%c%d" : "e%c%02d",
                    e < 0 ? '-' : '+', abs(e));
        return buf;
    }

    if (e < 0) {
        at += gt_snprintf(buf + at, size - at, "0.");
        for (i = e + 1; i < 0; i++) {
            at += gt_snprintf(buf + at, size - at, "0");
        }
    }

    for (i = 0; i < n || i <= e; i++) {
        at += gt_snprintf(buf + at, size - at, "%s%c",
                          i == e + 1 && e >= 0 ? "." : "",
                          i < n ? digits[i] : '0');
    }

    return buf;
}


const char *
gt_plain_text(gt_tree_t *t, const gt_cnode_t *node)
{
    char        buf[GT_REAL_TEXT];
    gt_plain_t  v;
    const char *text = node->text;

    switch (gt_plain_kind(node->text, &v)) {

    case GT_PLAIN_BOOL: return v.yes ? "1" : "0";

    case GT_PLAIN_INT:
        gt_snprintf(buf, sizeof(buf), "%s%llu", v.minus ? "-" : "",
                    (unsigned long long) v.whole);
        text = buf;
        break;

    case GT_PLAIN_REAL:
        text = gt_plain_real(v.real, GT_REAL_DIGITS, buf, sizeof(buf));
        break;

    case GT_PLAIN_NULL:
    case GT_PLAIN_DATE:
    case GT_PLAIN_TEXT: return node->text;
    }

    text = gt_arena_strdup(t->arena, text);
    t->failed |= text == NULL;

    return text;
}
