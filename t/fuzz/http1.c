/*
 * Fuzzes proto/http1: a head as request and as response, at once and cut in
 * two: the result must be the same.  Then its target, its body if chunked,
 * and the head written again, which must parse.
 */

#include "proto/http1.h"
#include "proto/http1_chunk.h"
#include "proto/http1_target.h"
#include "proto/http1_write.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

enum { FUZZ_FIELDS = 32 };

typedef struct {
    gt_http1_head_t  head;
    gt_http1_field_t fields[FUZZ_FIELDS];
    int              rc;
} fuzz_t;


static int
parse(fuzz_t *f, bool request, const uint8_t *p, size_t n)
{
    return request
               ? gt_http1_request_parse(p, n, NULL, &f->head)
               : gt_http1_response_parse(p, n, NULL, GT_STR("GET"), &f->head);
}


static void
chunks(const uint8_t *p, size_t n)
{
    int              rc;
    gt_http1_span_t  span;
    gt_http1_chunk_t d;

    gt_http1_chunk_init(&d);

    do {
        rc = gt_http1_chunk_decode(&d, p, n, &span);
        GT_ASSERT(rc == GT_ERROR || span.used <= n);

        if (rc == GT_OK) {
            GT_ASSERT(span.n > 0 && span.data >= p
                      && span.data + span.n <= p + span.used);
        }

        p += rc == GT_ERROR ? 0 : span.used;
        n -= rc == GT_ERROR ? 0 : span.used;
    } while (rc == GT_OK);
}


/* what was parsed is written, and parses to the same */
static void
write_again(const fuzz_t *f)
{
    static char    buf[65536];
    unsigned       i;
    fuzz_t         again;
    gt_http1_out_t o;

    gt_http1_write_init(&o, buf, sizeof(buf));
    gt_http1_write_request(&o, f->head.method, f->head.target, GT_STR(""),
                           f->head.minor);
    for (i = 0; i < f->head.nfields; i++) {
        gt_http1_write_field(&o, f->fields[i].name, f->fields[i].value);
    }

    if (gt_http1_write_end(&o) != GT_OK) {
        GT_ASSERT(o.overflow || o.bad);
        return;
    }

    gt_http1_head_init(&again.head, again.fields, FUZZ_FIELDS);
    if (parse(&again, true, (uint8_t *) buf, o.n) != GT_OK) {
        /* a head near a limit may be longer when written */
        GT_ASSERT(again.head.status == 431 || again.head.status == 414);
        return;
    }

    GT_ASSERT(again.head.nfields == f->head.nfields);
    GT_ASSERT(again.head.body == f->head.body);
    GT_ASSERT(again.head.length == f->head.length);
    GT_ASSERT(gt_str_eq(again.head.target, f->head.target));
}


static void
whole_and_cut(bool request, const uint8_t *p, size_t n, size_t at)
{
    int               rc;
    fuzz_t            f, g;
    gt_http1_target_t t;

    gt_http1_head_init(&f.head, f.fields, FUZZ_FIELDS);
    gt_http1_head_init(&g.head, g.fields, FUZZ_FIELDS);

    rc = parse(&f, request, p, n);

    if (parse(&g, request, p, at) == GT_AGAIN) {
        GT_ASSERT(parse(&g, request, p, n) == rc);
        GT_ASSERT(rc != GT_OK || g.head.len == f.head.len);
        GT_ASSERT(rc == GT_AGAIN || g.head.status == f.head.status);
    }

    if (rc != GT_OK) {
        GT_ASSERT(rc == GT_AGAIN || (f.head.status >= 400 && f.head.why));
        return;
    }

    GT_ASSERT(f.head.len <= n && f.head.nfields <= FUZZ_FIELDS);
    chunks(p + f.head.len, n - f.head.len);

    if (!request) {
        return;
    }

    if (gt_http1_target_parse(f.head.method, f.head.target, f.head.host, &t)
            == GT_OK
        && t.form != GT_HTTP1_EMPTY)
    {
        GT_ASSERT(t.host.n <= 253 + 2 || t.ipv6);
    }

    write_again(&f);
}


int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    size_t at;

    if (n == 0) {
        return 0;
    }

    /* the first byte says where to cut */
    at = p[0] % n;
    whole_and_cut(true, p + 1, n - 1, gt_min(at, n - 1));
    whole_and_cut(false, p + 1, n - 1, gt_min(at, n - 1));
    chunks(p + 1, n - 1);

    return 0;
}
