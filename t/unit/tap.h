/*
 * t/unit/tap.h: the smallest TAP producer.  A test program calls ok() and its
 * friends any number of times and ends with `return tap_done();`.
 */

#ifndef T_UNIT_TAP_H
#define T_UNIT_TAP_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_count, tap_failed;

/* clang-format off */
#define ok(x, ...)        tap_ok(!!(x), __FILE__, __LINE__, __VA_ARGS__)
#define is_int(a, b, ...) tap_is_int((long long) (a), (long long) (b),        \
                                     __FILE__, __LINE__, __VA_ARGS__)
#define is_str(a, b, ...) tap_is_str((a), (b), __FILE__, __LINE__, __VA_ARGS__)
/* clang-format on */

__attribute__((format(printf, 4, 5))) static inline bool
tap_ok(bool good, const char *file, int line, const char *fmt, ...)
{
    __builtin_va_list ap;

    tap_count++;
    printf("%sok %d - ", good ? "" : "not ", tap_count);
    __builtin_va_start(ap, fmt);
    vprintf(fmt, ap);
    __builtin_va_end(ap);
    printf("\n");

    if (!good) {
        tap_failed++;
        printf("#   at %s:%d\n", file, line);
    }

    fflush(stdout);

    return good;
}


__attribute__((unused)) static inline bool
tap_is_int(long long a, long long b, const char *file, int line,
           const char *name)
{
    if (!tap_ok(a == b, file, line, "%s", name)) {
        printf("#   got %lld, expected %lld\n", a, b);
        return false;
    }

    return true;
}


__attribute__((unused)) static inline bool
tap_is_str(const char *a, const char *b, const char *file, int line,
           const char *name)
{
    if (!tap_ok(strcmp(a ? a : "(null)", b ? b : "(null)") == 0, file, line,
                "%s", name))
    {
        printf("#   got \"%s\"\n#   expected \"%s\"\n", a ? a : "(null)",
               b ? b : "(null)");
        return false;
    }

    return true;
}


__attribute__((unused)) static inline int
tap_done(void)
{
    printf("1..%d\n", tap_count);
    return tap_failed ? 1 : 0;
}

#endif
