/*
 * Fuzzes core/num: durations, sizes, whole numbers, booleans.  What reads is
 * printed and reads the same again; what does not leaves the value alone.
 */

#include "core/core.h"
#include "core/num.h"

#include <stdlib.h>
#include <string.h>

static const int64_t untouched = -4242424242;

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);


static void
fuzz_durations(gt_str_t s)
{
    int     rc;
    char    text[GT_NUM_TEXT];
    int64_t ns = untouched, again, typed = untouched, meta = untouched;

    rc = gt_num_duration(s, &ns);
    GT_ASSERT(rc == GT_OK || ns == untouched);

    if (rc == GT_OK) {
        gt_num_duration_text(ns, text, sizeof(text));
        GT_ASSERT(gt_num_duration(gt_str_from(text), &again) == GT_OK);
        GT_ASSERT(again == ns);
    }

    /* quotes make no difference to what has a unit */
    GT_ASSERT(gt_num_duration_typed(s, true, &typed) == rc);
    GT_ASSERT(typed == ns);

    if (rc == GT_OK) {
        GT_ASSERT(gt_num_duration_typed(s, false, &typed) == GT_OK);
        GT_ASSERT(typed == ns);
        GT_ASSERT(gt_num_duration_meta(s, &meta) == GT_OK && meta == ns);
        return;
    }

    /* a bare number: of ns, or of seconds */
    typed = untouched;
    rc = gt_num_duration_typed(s, false, &typed);
    GT_ASSERT(rc == GT_OK || typed == untouched);

    if (gt_num_duration_meta(s, &meta) != GT_OK) {
        GT_ASSERT(meta == untouched);
        return;
    }

    GT_ASSERT(rc == GT_OK);
    GT_ASSERT(typed == meta / GT_NS_S);
}


static void
fuzz_sizes(gt_str_t s)
{
    int      rc;
    char     text[GT_NUM_TEXT];
    uint64_t bytes = 4242424242, again;

    rc = gt_num_size(s, &bytes);
    if (rc != GT_OK) {
        GT_ASSERT(bytes == 4242424242);
        return;
    }

    gt_num_size_text(bytes, text, sizeof(text));
    GT_ASSERT(gt_num_size(gt_str_from(text), &again) == GT_OK);
    GT_ASSERT(again == bytes);
}


static void
fuzz_whole(gt_str_t s)
{
    bool     yes;
    char     text[GT_NUM_TEXT];
    size_t   n;
    int64_t  v = untouched, again;
    uint64_t u;

    if (gt_num_i64(s, &v) == GT_OK) {
        gt_snprintf(text, sizeof(text), "%lld", (long long) v);
        GT_ASSERT(gt_num_i64(gt_str_from(text), &again) == GT_OK);
        GT_ASSERT(again == v);
    } else {
        GT_ASSERT(v == untouched);
    }

    if (gt_str_u64(s, UINT64_MAX, &u)) {
        n = gt_num_put(text, u);
        GT_ASSERT(n <= 20 && gt_str_u64(gt_str_make(text, n), u, &u));
        GT_ASSERT(u > INT64_MAX || gt_num_size(s, &u) == GT_OK);
    }

    if (gt_num_bool(s, &yes) == GT_OK) {
        GT_ASSERT(s.n <= 5);
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    char    *copy = malloc(n > 0 ? n : 1);
    gt_str_t s;

    /* to its last byte, so that a byte too far is seen */
    if (n > 0) {
        memcpy(copy, p, n);
    }

    s = gt_str_make(copy, n);

    fuzz_durations(s);
    fuzz_sizes(s);
    fuzz_whole(s);

    free(copy);

    return 0;
}
