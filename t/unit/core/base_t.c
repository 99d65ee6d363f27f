/*
 * Small things of core/: reasons, SipHash vectors, random bytes, arenas, the
 * tables of counters.
 */

#include "core/arena.h"
#include "core/core.h"
#include "core/err.h"
#include "core/hash.h"
#include "core/mem.h"
#include "core/rand.h"
#include "core/stat.h"
#include "core/str.h"

#include "tap.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>


static void
test_err(void)
{
    int i, k, bad = 0;

    for (i = 0; i < GT_E_MAX; i++) {
        bad += !gt_err_name((gt_err_t) i) || !gt_err_text((gt_err_t) i);

        for (k = 0; k < i && bad == 0; k++) {
            bad += strcmp(gt_err_name((gt_err_t) i), gt_err_name((gt_err_t) k))
                   == 0;
        }
    }

    is_int(bad, 0, "every reason has a name of its own and a text");
    is_str(gt_err_name(GT_E_MAX), "unknown", "no reason");
    is_str(gt_err_text((gt_err_t) -1), "unknown error", "none at all");
    is_int(gt_err_errno(0), GT_E_NONE, "success");
    is_int(gt_err_errno(ECONNREFUSED), GT_E_REFUSED, "refused");
    is_int(gt_err_errno(EHOSTUNREACH), GT_E_UNREACH, "unreachable");
    is_int(gt_err_errno(ETIMEDOUT), GT_E_TIMEOUT, "timed out");
    is_int(gt_err_errno(EMFILE), GT_E_NOMEM, "out of descriptors");
    is_int(gt_err_errno(ECONNRESET), GT_E_RESET, "reset");
    is_int(gt_err_errno(EPIPE), GT_E_RESET, "a broken pipe");
}


/* vectors_sip64 of the reference implementation: key 00..0f, input 00.. */

static void
test_siphash(void)
{
    size_t  i;
    uint8_t key[GT_SIPHASH_KEY], in[64];

    static const struct {
        size_t   n;
        uint64_t hash;
    } vectors[] = { { 0, UINT64_C(0x726fdb47dd0e0e31) },
                    { 1, UINT64_C(0x74f839c593dc67fd) },
                    { 7, UINT64_C(0xab0200f58b01d137) },
                    { 8, UINT64_C(0x93f5f5799a932462) },
                    { 15, UINT64_C(0xa129ca6149be45e5) },
                    { 63, UINT64_C(0x958a324ceb064572) } };

    for (i = 0; i < sizeof(in); i++) {
        in[i] = (uint8_t) i;
        key[i % GT_SIPHASH_KEY] = (uint8_t) (i % GT_SIPHASH_KEY);
    }

    for (i = 0; i < gt_nelts(vectors); i++) {
        ok(gt_siphash(key, in, vectors[i].n) == vectors[i].hash,
           "siphash of %zu bytes", vectors[i].n);
    }

    ok(gt_siphash(key, NULL, 0) == vectors[0].hash, "siphash of nothing");
    key[3] ^= 1;
    ok(gt_siphash(key, in, 8) != vectors[3].hash, "another key");
}


static void
test_rand(void)
{
    int      i, same = 0, over = 0, seen[10] = { 0 };
    size_t   n, zero = 0;
    uint8_t  big[1000] = { 0 };
    uint32_t v;
    uint64_t a, b;

    for (i = 0, a = gt_rand_u64(); i < 1000; i++, a = b) {
        b = gt_rand_u64();
        same += a == b;
    }

    is_int(same, 0, "1000 numbers in a row differ");

    for (i = 0; i < 10000; i++) {
        v = gt_rand_below(10);
        over += v >= 10;
        seen[v % 10]++;
    }

    is_int(over, 0, "all below the limit");

    for (i = 0; i < 10; i++) {
        ok(seen[i] > 700 && seen[i] < 1300, "%d came %d times of 10000", i,
           seen[i]);
    }

    is_int(gt_rand_below(1), 0, "below one is zero");

    gt_rand_bytes(big, sizeof(big));
    for (n = 0; n < sizeof(big); n++) {
        zero += big[n] == 0;
    }

    ok(zero < 50, "%zu zeros in 1000 bytes", zero);
    gt_rand_reset();
    ok(gt_rand_u64() != gt_rand_u64(), "after a reset");
}


static void
test_arena(void)
{
    int         i, good = 0;
    char       *p[500], text[8];
    size_t      n, size;
    uint8_t    *z;
    gt_arena_t *a = gt_arena_new();

    if (!ok(a != NULL, "an arena")) {
        return;
    }

    is_int(gt_arena_size(a), 0, "an empty one holds nothing");

    for (i = 0; i < 500; i++) {
        p[i] = gt_arena_printf(a, "<%d>", i);
    }

    for (i = 0; i < 500; i++) {
        (void) gt_snprintf(text, sizeof(text), "<%d>", i);
        good += strcmp(p[i], text) == 0 && (uintptr_t) p[i] % 16 == 0;
    }

    is_int(good, 500, "500 strings, aligned and none overwritten");
    is_str(gt_arena_strdup(a, "abc"), "abc", "strdup");
    is_str(gt_arena_strndup(a, "abcdef", 3), "abc", "strndup");
    is_str(gt_arena_strndup(a, NULL, 0), "", "strndup of nothing");
    ok(gt_arena_alloc(a, 0) != NULL, "no bytes are some");

    z = gt_arena_alloc(a, 100000);
    size = gt_arena_size(a);
    ok(z && size >= 100000, "larger than a block");

    for (n = 0; z && n < 100000 && z[n] == 0; n++) {
    }

    is_int(n, 100000, "zeroed");
    memset(z, 7, 100000);
    is_str(gt_arena_strdup(a, "x"), "x", "small again");

#if !(GT_ASAN)
    is_int(gt_arena_size(a), size, "the block before goes on being filled");
#endif

    ok(gt_arena_alloc(a, SIZE_MAX - 4) == NULL, "too much is NULL");
    gt_arena_free(a);
    gt_arena_free(NULL);
}


/* nothing leaks and nothing crashes, whichever allocation fails */

static void
test_arena_fails(void)
{
    unsigned long n, total;
    gt_arena_t   *a;

    for (n = 0, total = 0; n <= total; n++) {
        (void) gt_mem_fail_at(n);
        a = gt_arena_new();

        if (a && gt_arena_strdup(a, "abc") && gt_arena_alloc(a, 5000)
            && gt_arena_printf(a, "%01000d", 7))
        {
            is_int(n, 0, "an arena with all it asks for");
        }

        gt_arena_free(a);
        total = n ? total : gt_mem_fail_at(0);
    }

    (void) gt_mem_fail_at(0);

#if (GT_FAILMALLOC)
    ok(total >= 3, "%lu allocations", total);
#endif
}


static void
table_is_fine(const gt_stat_desc_t *t, int n)
{
    int i, k;

    for (i = 0; i < n; i++) {
        ok(t[i].name && t[i].help && islower((unsigned char) t[i].name[0]),
           "row %d has a name and a help", i);

        for (k = 0; k < i; k++) {
            if (strcmp(t[i].name, t[k].name) == 0) {
                ok(0, "%s stands twice", t[i].name);
            }
        }
    }
}


static void
test_stat(void)
{
    size_t           n = gt_stat_block_size(3, 2);
    gt_stat_block_t *b;

    table_is_fine(gt_stat_worker_table, GT_STAT_WORKER_MAX);
    table_is_fine(gt_stat_service_table, GT_STAT_SERVICE_MAX);
    is_str(gt_stat_service_table[GT_STAT_TOTAL_CONNS].name, "totalConns",
           "GOST's name");

    ok(n % GT_STAT_ALIGN == 0, "whole cache lines");
    ok(n >= offsetof(gt_stat_block_t, services[3]), "room for three");
    ok(gt_stat_block_size(0, 0) >= sizeof(gt_stat_block_t), "room for none");

    b = aligned_alloc(GT_STAT_ALIGN, n);
    memset(b, 0, n);
    gt_stat_add(&b->services[2][GT_STAT_OUTPUT_BYTES], 5);
    gt_stat_sub(&b->services[2][GT_STAT_OUTPUT_BYTES], 2);
    is_int(gt_stat_get(&b->services[2][GT_STAT_OUTPUT_BYTES]), 3, "counted");
    free(b);
}


int
main(void)
{
    test_err();
    test_siphash();
    test_rand();
    test_arena();
    test_arena_fails();
    test_stat();

    return tap_done();
}
