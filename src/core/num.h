/*
 * core/num.h: numbers as people write them: durations in Go's syntax, sizes,
 * Go's booleans.
 */

#ifndef GT_CORE_NUM_H
#define GT_CORE_NUM_H

#include "core/str.h"

/* clang-format off */
#define GT_NS_US  INT64_C(1000)
#define GT_NS_MS  INT64_C(1000000)
#define GT_NS_S   INT64_C(1000000000)
#define GT_NS_M   (60 * GT_NS_S)
#define GT_NS_H   (60 * GT_NS_M)
/* clang-format on */

enum { GT_NUM_TEXT = 32 }; /* any of the printed forms with its NUL */

/*
 * The readers below give GT_ERROR for text that is malformed or out of range;
 * the value is then untouched.  Nothing is trimmed.
 */

/* Go's ParseDuration, "1h15m30.5s", "-1.5ms", "0", to ns */
int gt_num_duration(gt_str_t s, int64_t *ns);

/*
 * GOST's rule for typed keys (failTimeout, reload, probe.interval): Go's
 * syntax, or a bare number of nanoseconds, its fraction cut.  `quoted`: the
 * source wrote it in quotes, and then a bare number is an error.
 */
int gt_num_duration_typed(gt_str_t s, bool quoted, int64_t *ns);

/* GOST's rule for metadata: Go's syntax, or a bare number of seconds */
int gt_num_duration_meta(gt_str_t s, int64_t *ns);

/*
 * Bytes: a decimal number, its fraction cut, with an optional unit in any
 * case: b, k kb kib, m mb mib, g gb gib, t tb tib.  As in GOST all of them
 * count by 1024: "16k" is 16384, "1.5MB" 1572864.
 */
int gt_num_size(gt_str_t s, uint64_t *bytes);

/* an optional sign and decimal digits, nothing else */
int gt_num_i64(gt_str_t s, int64_t *value);

/* Go's ParseBool: 1 t T true TRUE True, 0 f F false FALSE False */
int gt_num_bool(gt_str_t s, bool *value);

/* as Go prints it: "1.46ms", "1h15m0s", "0s"; size >= GT_NUM_TEXT; gives buf */
const char *gt_num_duration_text(int64_t ns, char *buf, size_t size);

/* the largest unit that keeps the number whole: "64KiB", "1000B" */
const char *gt_num_size_text(uint64_t bytes, char *buf, size_t size);

/* v in decimal, without a NUL; returns the digits, at most 20; for what is too
   hot for printf */
size_t gt_num_put(char *buf, uint64_t v);

#endif
