/*
 * core/core.h: the words that every other file uses.
 */

#ifndef GT_CORE_CORE_H
#define GT_CORE_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define GT_VERSION "0.1.0"

/*
 * The control result of a call: what the caller does next.  The reason of a
 * failure is a gt_err_t (core/err.h), kept apart.
 */
enum {
    GT_OK = 0,
    GT_ERROR = -1,
    GT_AGAIN = -2, /* would block: ask for a wake-up, then call again */
    GT_DONE = -3   /* nothing more will come */
};

/* clang-format off */
#define gt_nelts(a)     (sizeof(a) / sizeof((a)[0]))
#define gt_min(a, b)    ((a) < (b) ? (a) : (b))
#define gt_max(a, b)    ((a) > (b) ? (a) : (b))

#define gt_container_of(p, type, member)                                      \
    ((type *) (void *) ((char *) (p) - offsetof(type, member)))

#if defined(__GNUC__)
#define GT_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define GT_NORETURN     __attribute__((noreturn))
#define gt_likely(x)    __builtin_expect(!!(x), 1)
#define gt_unlikely(x)  __builtin_expect(!!(x), 0)
#else
#define GT_PRINTF(f, a)
#define GT_NORETURN
#define gt_likely(x)    (x)
#define gt_unlikely(x)  (x)
#endif

/*
 * What must hold.  Stays in every build: a worker that has lost an invariant
 * ends with an [alert] line and is replaced, the others do not notice.
 */
#define GT_ASSERT(x)                                                          \
    (gt_likely(x) ? (void) 0 : gt_assert_failed(#x, __FILE__, __LINE__))
/* clang-format on */

GT_NORETURN void gt_assert_failed(const char *what, const char *file, int line);

#endif
