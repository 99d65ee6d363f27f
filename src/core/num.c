/*
 * core/num.c: durations, sizes, booleans.
 */

#include "core/num.h"

/* a number as it stands in text: digits [. digits] */
typedef struct {
    uint64_t whole;
    uint64_t part;  /* the fraction's digits, as many as fit */
    double   scale; /* what part is to be divided by */
} num_t;

/* clang-format off */
static const struct {
    gt_str_t name;
    int64_t  ns;
} num_times[] = {
    { GT_STR_INIT("ns"),         1 },
    { GT_STR_INIT("us"),         GT_NS_US },
    { GT_STR_INIT("\xc2\xb5s"),  GT_NS_US }, /* the micro sign */
    { GT_STR_INIT("\xce\xbcs"),  GT_NS_US }, /* the Greek letter */
    { GT_STR_INIT("ms"),         GT_NS_MS },
    { GT_STR_INIT("s"),          GT_NS_S },
    { GT_STR_INIT("m"),          GT_NS_M },
    { GT_STR_INIT("h"),          GT_NS_H }
};
/* clang-format on */

static const uint64_t num_most = (uint64_t) 1 << 63; /* -2^63 exists */


static bool
num_digit(gt_str_t s)
{
    return s.n > 0 && s.p[0] >= '0' && s.p[0] <= '9';
}


static unsigned
num_next(gt_str_t *s)
{
    unsigned v = (unsigned) (*s->p - '0');

    *s = gt_str_sub(*s, 1, s->n);

    return v;
}


/* takes a number from the front; needs a digit on either side of the point */

static int
num_take(gt_str_t *s, num_t *v)
{
    bool     any = num_digit(*s), full = false;
    unsigned d;

    *v = (num_t){ .scale = 1 };

    while (num_digit(*s)) {
        d = num_next(s);
        if (v->whole > (UINT64_MAX - d) / 10) {
            return GT_ERROR;
        }

        v->whole = v->whole * 10 + d;
    }

    if (s->n > 0 && s->p[0] == '.') {
        *s = gt_str_sub(*s, 1, s->n);
        any = any || num_digit(*s);

        while (num_digit(*s)) {
            d = num_next(s);
            full = full || v->part > ((uint64_t) INT64_MAX - d) / 10;
            if (!full) { /* what comes after is too small to matter */
                v->part = v->part * 10 + d;
                v->scale *= 10;
            }
        }
    }

    return any ? GT_OK : GT_ERROR;
}


/* the number in units of `unit`; more than `most` is an error */

static int
num_scale(const num_t *v, uint64_t unit, uint64_t most, uint64_t *out)
{
    uint64_t whole, part;

    if (v->whole > most / unit) {
        return GT_ERROR;
    }

    whole = v->whole * unit;
    part = (uint64_t) ((double) v->part * ((double) unit / v->scale));
    if (part > most - whole) {
        return GT_ERROR;
    }

    *out = whole + part;

    return GT_OK;
}


static bool
num_sign(gt_str_t *s)
{
    bool neg = s->n > 0 && s->p[0] == '-';

    if (neg || (s->n > 0 && s->p[0] == '+')) {
        *s = gt_str_sub(*s, 1, s->n);
    }

    return neg;
}


static int
num_signed(uint64_t v, bool neg, int64_t *out)
{
    if (v > num_most - !neg) {
        return GT_ERROR;
    }

    *out = neg ? (int64_t) (0 - v) : (int64_t) v;

    return GT_OK;
}


/* takes a unit from the front; 0: there is none of that name */

static uint64_t
num_take_time(gt_str_t *s)
{
    size_t   i, n;
    gt_str_t unit;

    for (n = 0; n < s->n; n++) {
        if (s->p[n] == '.' || (s->p[n] >= '0' && s->p[n] <= '9')) {
            break;
        }
    }

    unit = gt_str_sub(*s, 0, n);
    *s = gt_str_sub(*s, n, s->n);

    for (i = 0; i < gt_nelts(num_times); i++) {
        if (gt_str_eq(unit, num_times[i].name)) {
            return (uint64_t) num_times[i].ns;
        }
    }

    return 0;
}


int
gt_num_duration(gt_str_t s, int64_t *ns)
{
    bool     neg = num_sign(&s);
    num_t    v;
    uint64_t unit, one, sum = 0;

    if (gt_str_eq(s, GT_STR("0"))) {
        *ns = 0;
        return GT_OK;
    }

    if (s.n == 0) {
        return GT_ERROR;
    }

    while (s.n > 0) {
        if (num_take(&s, &v) != GT_OK) {
            return GT_ERROR;
        }

        unit = num_take_time(&s);
        if (unit == 0 || num_scale(&v, unit, num_most - sum, &one) != GT_OK) {
            return GT_ERROR;
        }

        sum += one;
    }

    return num_signed(sum, neg, ns);
}


/* a number without a unit, and nothing behind it, times `unit` */

static int
num_bare(gt_str_t s, uint64_t unit, int64_t *out)
{
    bool     neg = num_sign(&s);
    num_t    v;
    uint64_t n;

    if (num_take(&s, &v) != GT_OK || s.n > 0
        || num_scale(&v, unit, num_most, &n) != GT_OK)
    {
        return GT_ERROR;
    }

    return num_signed(n, neg, out);
}


int
gt_num_duration_typed(gt_str_t s, bool quoted, int64_t *ns)
{
    if (!quoted && num_bare(s, 1, ns) == GT_OK) {
        return GT_OK;
    }

    return gt_num_duration(s, ns);
}


int
gt_num_duration_meta(gt_str_t s, int64_t *ns)
{
    if (num_bare(s, (uint64_t) GT_NS_S, ns) == GT_OK) {
        return GT_OK;
    }

    return gt_num_duration(s, ns);
}


/* a power of two, or -1 */

static int
num_size_unit(gt_str_t s)
{
    ssize_t power = -1;

    if (s.n == 0 || gt_str_ieq(s, GT_STR("b"))) {
        return 0;
    }

    power = gt_str_chr(GT_STR("kmgt"), (char) gt_lower((unsigned char) s.p[0]));
    s = gt_str_sub(s, 1, s.n);

    if (power < 0
        || !(s.n == 0 || gt_str_ieq(s, GT_STR("b"))
             || gt_str_ieq(s, GT_STR("ib"))))
    {
        return -1;
    }

    return ((int) power + 1) * 10;
}


int
gt_num_size(gt_str_t s, uint64_t *bytes)
{
    int   power;
    num_t v;

    if (num_take(&s, &v) != GT_OK) {
        return GT_ERROR;
    }

    power = num_size_unit(s);
    if (power < 0) {
        return GT_ERROR;
    }

    return num_scale(&v, (uint64_t) 1 << power, (uint64_t) INT64_MAX, bytes);
}


int
gt_num_i64(gt_str_t s, int64_t *value)
{
    bool     neg = num_sign(&s);
    uint64_t v;

    if (!gt_str_u64(s, num_most, &v)) {
        return GT_ERROR;
    }

    return num_signed(v, neg, value);
}


int
gt_num_bool(gt_str_t s, bool *value)
{
    size_t i;

    static const char *const words[] = { "0",     "f",     "F",    "false",
                                         "FALSE", "False", "1",    "t",
                                         "T",     "true",  "TRUE", "True" };

    for (i = 0; i < gt_nelts(words); i++) {
        if (gt_str_eq(s, gt_str_from(words[i]))) {
            *value = i >= gt_nelts(words) / 2;
            return GT_OK;
        }
    }

    return GT_ERROR;
}


/* v / 10^digits, without the zeros at its end */

static size_t
num_print_frac(char *buf, size_t size, uint64_t v, unsigned digits)
{
    size_t   n;
    unsigned i;
    uint64_t unit = 1;

    for (i = 0; i < digits; i++) {
        unit *= 10;
    }

    n = gt_snprintf(buf, size, "%llu", (unsigned long long) (v / unit));

    if (v % unit != 0) {
        n += gt_snprintf(buf + n, size - n, ".%0*llu", (int) digits,
                         (unsigned long long) (v % unit));
        while (n > 0 && buf[n - 1] == '0') {
            n--;
        }
    }

    return n;
}


const char *
gt_num_duration_text(int64_t ns, char *buf, size_t size)
{
    size_t             n;
    uint64_t           v = ns < 0 ? 0 - (uint64_t) ns : (uint64_t) ns;
    unsigned long long minutes = v / (uint64_t) GT_NS_M;

    n = gt_snprintf(buf, size, ns < 0 ? "-" : "");

    if (v == 0) {
        (void) gt_snprintf(buf, size, "0s");

    } else if (v < (uint64_t) GT_NS_US) {
        (void) gt_snprintf(buf + n, size - n, "%uns", (unsigned) v);

    } else if (v < (uint64_t) GT_NS_MS) {
        n += num_print_frac(buf + n, size - n, v, 3);
        (void) gt_snprintf(buf + n, size - n, "\xc2\xb5s");

    } else if (v < (uint64_t) GT_NS_S) {
        n += num_print_frac(buf + n, size - n, v, 6);
        (void) gt_snprintf(buf + n, size - n, "ms");

    } else {
        if (minutes >= 60) {
            n += gt_snprintf(buf + n, size - n, "%lluh", minutes / 60);
        }

        if (minutes > 0) {
            n += gt_snprintf(buf + n, size - n, "%llum", minutes % 60);
        }

        n += num_print_frac(buf + n, size - n, v % (uint64_t) GT_NS_M, 9);
        (void) gt_snprintf(buf + n, size - n, "s");
    }

    return buf;
}


const char *
gt_num_size_text(uint64_t bytes, char *buf, size_t size)
{
    unsigned i;

    static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };

    for (i = 0; i + 1 < gt_nelts(units) && bytes != 0 && bytes % 1024 == 0; i++)
    {
        bytes /= 1024;
    }

    (void) gt_snprintf(buf, size, "%llu%s", (unsigned long long) bytes,
                       units[i]);

    return buf;
}


size_t
gt_num_put(char *buf, uint64_t v)
{
    char   digits[20];
    size_t i, n = 0;

    do {
        digits[n++] = (char) ('0' + v % 10);
        v /= 10;
    } while (v);

    for (i = 0; i < n; i++) {
        buf[i] = digits[n - 1 - i];
    }

    return n;
}
