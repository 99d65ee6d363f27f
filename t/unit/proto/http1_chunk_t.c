/*
 * The chunked coding: payload, trailers, what is refused, and that it does
 * not matter how the bytes arrive.
 */

#include "proto/http1_chunk.h"
#include "core/str.h"

#include "tap.h"

#include <stdlib.h>

typedef struct {
    int    rc;
    size_t used;
    char   data[512], trailer[512];
    size_t data_n, trailer_n;
} result_t;


static void
take(result_t *r, const gt_http1_span_t *out)
{
    char   *to;
    size_t *n;

    to = out->trailer ? r->trailer : r->data;
    n = out->trailer ? &r->trailer_n : &r->data_n;

    if (*n + out->n <= sizeof(r->data)) {
        memcpy(to + *n, out->data, out->n);
    }

    *n += out->n;
}


/* decodes in steps of the given size, each in memory of its own */
static void
decode(gt_str_t in, size_t step, result_t *r)
{
    size_t           n, at;
    uint8_t         *p;
    gt_http1_span_t  out;
    gt_http1_chunk_t d;

    memset(r, 0, sizeof(*r));
    r->rc = GT_AGAIN;
    gt_http1_chunk_init(&d);

    while (r->rc == GT_AGAIN && r->used < in.n) {
        n = gt_min(step, in.n - r->used);
        p = malloc(n);
        memcpy(p, in.p + r->used, n);

        for (at = 0;
             (r->rc = gt_http1_chunk_decode(&d, p + at, n - at, &out)) == GT_OK;
             at += out.used)
        {
            take(r, &out);
            r->used += out.used;
        }

        r->used += r->rc == GT_ERROR ? 0 : out.used;
        free(p);
    }
}


static void
decode_all_ways(gt_str_t in, result_t *whole)
{
    size_t   step;
    result_t r;

    decode(in, in.n, whole);

    for (step = 1; step < 8; step++) {
        decode(in, step, &r);

        if (r.rc != whole->rc || r.data_n != whole->data_n
            || r.trailer_n != whole->trailer_n
            || memcmp(r.data, whole->data, sizeof(r.data)) != 0
            || memcmp(r.trailer, whole->trailer, sizeof(r.trailer)) != 0
            || (r.rc == GT_DONE && r.used != whole->used))
        {
            ok(false, "steps of %zu give the same", step);
        }
    }
}


static void
chunked_is(gt_str_t in, size_t left, const char *data, const char *trailer)
{
    result_t r;

    decode_all_ways(in, &r);

    ok(r.rc == GT_DONE && r.used == in.n - left
           && gt_str_eq(gt_str_make(r.data, r.data_n), gt_str_from(data))
           && gt_str_eq(gt_str_make(r.trailer, r.trailer_n),
                        gt_str_from(trailer)),
       "decoded to \"%s\"", data);
}


static void
test_good(void)
{
    chunked_is(GT_STR("5\r\nhello\r\n0\r\n\r\n"), 0, "hello", "");
    chunked_is(GT_STR("0\r\n\r\n"), 0, "", "");
    chunked_is(GT_STR("0\r\n\r\nGET /"), 5, "", "");
    chunked_is(GT_STR("1\r\na\r\n2\r\nbc\r\n000\r\n\r\n"), 0, "abc", "");
    chunked_is(GT_STR("00000000005\r\nhello\r\n0\r\n\r\n"), 0, "hello", "");
    chunked_is(GT_STR("A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n"), 0,
               "01234567890123456789", "");
    chunked_is(GT_STR("2;a=b;c=\"d\"\r\nhi\r\n0;x\r\n\r\n"), 0, "hi", "");
    chunked_is(GT_STR("2 \t; a\t= b \r\nhi\r\n0\r\n\r\n"), 0, "hi", "");
    chunked_is(GT_STR("2;\r\nhi\r\n0\r\n\r\n"), 0, "hi", "");
    chunked_is(GT_STR("2\r\n\r\n\r\n0\r\n\r\n"), 0, "\r\n", "");
    chunked_is(GT_STR("1\r\na\r\n0\r\nX-A: b\r\nC:\r\n\r\n"), 0, "a",
               "X-A: b\r\nC:\r\n");
    chunked_is(GT_STR("0\r\nContent-Lengths: 1\r\n"
                      "A-Name-Longer-Than-The-Buffer: c\r\n\r\n"),
               0, "",
               "Content-Lengths: 1\r\nA-Name-Longer-Than-The-Buffer: c\r\n");
}


static void
test_bad(void)
{
    size_t   i;
    result_t r;

    static const gt_str_t bad[] = {
        GT_STR_INIT("\r\n"),
        GT_STR_INIT(" 5\r\nhello\r\n0\r\n\r\n"),
        GT_STR_INIT("5 \r\nhello\r\n0\r\n\r\n"),
        GT_STR_INIT("5\nhello\r\n0\r\n\r\n"),
        GT_STR_INIT("5\rhello\r\n0\r\n\r\n"),
        GT_STR_INIT("5\r\r\nhello\r\n0\r\n\r\n"),
        GT_STR_INIT("0x5\r\nhello\r\n0\r\n\r\n"),
        GT_STR_INIT("+5\r\nhello\r\n0\r\n\r\n"),
        GT_STR_INIT("-5\r\nhello\r\n0\r\n\r\n"),
        GT_STR_INIT("5_0\r\nhello\r\n0\r\n\r\n"),
        GT_STR_INIT("5,\r\nhello\r\n0\r\n\r\n"),
        GT_STR_INIT("g\r\n"),
        GT_STR_INIT(";a\r\n"),
        GT_STR_INIT("5;a\nhello\r\n0\r\n\r\n"),
        GT_STR_INIT("5;a\rb\r\nhello\r\n0\r\n\r\n"),
        GT_STR_INIT("5;a\0\r\nhello\r\n0\r\n\r\n"),
        GT_STR_INIT("5;\x7f\r\nhello\r\n0\r\n\r\n"),
        GT_STR_INIT("5;\n\r\nhello\r\n0\r\n\r\n"),
        GT_STR_INIT("5 a\r\nhello\r\n0\r\n\r\n"),
        GT_STR_INIT("20000000000001\r\n"),
        GT_STR_INIT("ffffffffffffffff\r\n"),
        GT_STR_INIT("10000000000000000\r\n"),
        GT_STR_INIT("100000000000000005\r\nhello\r\n"),
        GT_STR_INIT("5\r\nhellox\r\n"),
        GT_STR_INIT("5\r\nhello\n"),
        GT_STR_INIT("5\r\nhello\rx"),
        GT_STR_INIT("5\r\nhello0\r\n\r\n"),
        GT_STR_INIT("0\r\n\n"),
        GT_STR_INIT("0\r\n\rx"),
        GT_STR_INIT("0\r\nX : a\r\n\r\n"),
        GT_STR_INIT("0\r\n: a\r\n\r\n"),
        GT_STR_INIT("0\r\nX\r\n\r\n"),
        GT_STR_INIT("0\r\nX: a\n\r\n"),
        GT_STR_INIT("0\r\nX: a\r\n b\r\n\r\n"),
        GT_STR_INIT("0\r\nX: a\rb\r\n\r\n"),
        GT_STR_INIT("0\r\nX: \0\r\n\r\n"),
        GT_STR_INIT("0\r\nGET / HTTP/1.1\r\n\r\n"),
        GT_STR_INIT("0\r\nContent-Length: 1\r\n\r\n"),
        GT_STR_INIT("0\r\ntransfer-encoding: chunked\r\n\r\n"),
        GT_STR_INIT("0\r\nA: b\r\nHOST: h\r\n\r\n"),
        GT_STR_INIT("0\r\nProxy-Authorization: Basic x\r\n\r\n"),
    };

    for (i = 0; i < gt_nelts(bad); i++) {
        decode_all_ways(bad[i], &r);
        is_int(r.rc, GT_ERROR, "refused");
    }
}


static void
test_limits(void)
{
    int              rc;
    char             text[GT_HTTP1_TRAILER_MAX + 64];
    size_t           i, n;
    gt_http1_span_t  out;
    gt_http1_chunk_t d;

    /* a size line of 256 bytes, then of 257 */
    for (i = 0; i < 2; i++) {
        memset(text, 'x', sizeof(text));
        text[0] = '1';
        text[1] = ';';
        memcpy(text + GT_HTTP1_CHUNK_LINE - 2 + i, "\r\na", 3);
        n = GT_HTTP1_CHUNK_LINE + i + 1;

        gt_http1_chunk_init(&d);
        rc = gt_http1_chunk_decode(&d, (uint8_t *) text, n, &out);
        is_int(rc, i == 0 ? GT_OK : GT_ERROR, "size line");
    }

    /* a size line that does not end, and zeros without end */
    memset(text, '0', sizeof(text));
    gt_http1_chunk_init(&d);
    is_int(gt_http1_chunk_decode(&d, (uint8_t *) text, GT_HTTP1_CHUNK_LINE,
                                 &out),
           GT_AGAIN, "256 zeros");
    is_int(gt_http1_chunk_decode(&d, (uint8_t *) text, 1, &out), GT_ERROR,
           "one more");
    is_int(gt_http1_chunk_decode(&d, (uint8_t *) "5", 1, &out), GT_ERROR,
           "an error stays");

    /* trailers of 8192 bytes, then of 8193 */
    for (i = 0; i < 2; i++) {
        memset(text, 'x', sizeof(text));
        memcpy(text, "0\r\nx:", 5);
        memcpy(text + 3 + GT_HTTP1_TRAILER_MAX - 2 + i, "\r\n\r\n", 4);
        n = 3 + GT_HTTP1_TRAILER_MAX + i + 2;

        gt_http1_chunk_init(&d);
        rc = gt_http1_chunk_decode(&d, (uint8_t *) text, n, &out);
        is_int(rc, GT_OK, "trailers");
        ok(out.trailer, "are told from payload");
        rc = gt_http1_chunk_decode(&d, (uint8_t *) text + out.used,
                                   n - out.used, &out);
        is_int(rc, i == 0 ? GT_DONE : GT_ERROR, "end of trailers");
    }

    gt_http1_chunk_init(&d);
    is_int(gt_http1_chunk_decode(&d, (uint8_t *) "20000000000000\r\nab", 18,
                                 &out),
           GT_OK, "2^53");
    is_int(out.n, 2, "its beginning");
    ok(d.left == GT_HTTP1_CHUNK_MAX - 2 && d.total == 2, "counted");
}


static void
test_encode(void)
{
    char   buf[20];
    size_t n;

    n = gt_http1_chunk_head(1, buf);
    ok(n == 3 && memcmp(buf, "1\r\n", 3) == 0, "one byte");
    n = gt_http1_chunk_head(65536, buf);
    ok(n == 7 && memcmp(buf, "10000\r\n", 7) == 0, "64 KiB");
    n = gt_http1_chunk_head(UINT64_MAX, buf);
    ok(n == 18 && memcmp(buf, "ffffffffffffffff\r\n", 18) == 0, "the most");

    chunked_is(GT_STR("3" GT_HTTP1_CHUNK_END
                      "abc" GT_HTTP1_CHUNK_END GT_HTTP1_CHUNK_LAST),
               0, "abc", "");
}


int
main(void)
{
    test_good();
    test_bad();
    test_limits();
    test_encode();

    return tap_done();
}
