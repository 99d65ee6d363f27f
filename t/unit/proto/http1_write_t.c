/*
 * Writing heads: the bytes, the bounds, and that nothing can be split.
 */

#include "proto/http1_write.h"
#include "proto/http1.h"

#include "tap.h"


static void
written_is(gt_http1_out_t *o, const char *want, const char *name)
{
    ok(gt_http1_write_end(o) == GT_OK
           && gt_str_eq(gt_str_make(o->buf, o->n), gt_str_from(want)),
       "%s", name);
}


static void
test_heads(void)
{
    char           buf[256];
    gt_http1_out_t o;

    gt_http1_write_init(&o, buf, sizeof(buf));
    gt_http1_write_status(&o, 1, 200, GT_STR("Connection established"));
    gt_http1_write_field(&o, GT_STR("Proxy-Agent"), GT_STR("gost/3.0"));
    written_is(&o,
               "HTTP/1.1 200 Connection established\r\n"
               "Proxy-Agent: gost/3.0\r\n\r\n",
               "a status");

    gt_http1_write_init(&o, buf, sizeof(buf));
    gt_http1_write_status(&o, 0, 503, gt_str_from(NULL));
    gt_http1_write_length(&o, 0);
    written_is(&o,
               "HTTP/1.0 503 Service Unavailable\r\n"
               "Content-Length: 0\r\n\r\n",
               "the standard phrase");

    gt_http1_write_init(&o, buf, sizeof(buf));
    gt_http1_write_status(&o, 1, 200, GT_STR(""));
    written_is(&o, "HTTP/1.1 200 \r\n\r\n", "an empty phrase");

    gt_http1_write_init(&o, buf, sizeof(buf));
    gt_http1_write_request(&o, GT_STR("GET"), GT_STR("/"), GT_STR("?a=b"), 1);
    gt_http1_write_field(&o, GT_STR("Host"), GT_STR("h"));
    gt_http1_write_length(&o, UINT64_MAX);
    written_is(&o,
               "GET /?a=b HTTP/1.1\r\nHost: h\r\n"
               "Content-Length: 18446744073709551615\r\n\r\n",
               "a request");

    gt_http1_write_init(&o, buf, sizeof(buf));
    gt_http1_write_request(&o, GT_STR("CONNECT"), GT_STR(""), GT_STR(""), 1);
    gt_http1_write_field(&o, GT_STR("Host"), GT_STR(""));
    written_is(&o, "CONNECT  HTTP/1.1\r\nHost: \r\n\r\n", "a UDP association");
}


static void
field_refused(gt_str_t name, gt_str_t value)
{
    char           buf[256];
    gt_http1_out_t o;

    gt_http1_write_init(&o, buf, sizeof(buf));
    gt_http1_write_status(&o, 1, 200, gt_str_from(NULL));

    ok(gt_http1_write_field(&o, name, value) == GT_ERROR
           && gt_http1_write_field(&o, GT_STR("A"), GT_STR("b")) == GT_ERROR
           && gt_http1_write_end(&o) == GT_ERROR && o.bad,
       "a field is refused, and the head with it");
}


static void
test_refused(void)
{
    char           buf[256];
    size_t         i;
    gt_http1_out_t o;

    static const gt_str_t texts[] = {
        GT_STR_INIT("a\rb"), GT_STR_INIT("a\nb"),  GT_STR_INIT("a\r\nb"),
        GT_STR_INIT("a\0b"), GT_STR_INIT("a\x7f"), GT_STR_INIT("\x01"),
        GT_STR_INIT("\v"),
    };
    static const gt_str_t targets[] = {
        GT_STR_INIT("/a b"),
        GT_STR_INIT("/a\tb"),
        GT_STR_INIT("/\r\nX: y"),
    };

    for (i = 0; i < gt_nelts(texts); i++) {
        field_refused(GT_STR("X"), texts[i]);
        field_refused(texts[i], GT_STR("x"));

        gt_http1_write_init(&o, buf, sizeof(buf));
        is_int(gt_http1_write_status(&o, 1, 200, texts[i]), GT_ERROR,
               "a phrase is refused");
        is_int(gt_http1_write_request(&o, texts[i], GT_STR("/"), GT_STR(""), 1),
               GT_ERROR, "a method is refused");
    }

    field_refused(GT_STR(""), GT_STR("x"));
    field_refused(GT_STR("X "), GT_STR("x"));
    field_refused(GT_STR("X:"), GT_STR("x"));

    for (i = 0; i < gt_nelts(targets); i++) {
        gt_http1_write_init(&o, buf, sizeof(buf));
        is_int(gt_http1_write_request(&o, GT_STR("GET"), GT_STR(""), targets[i],
                                      1),
               GT_ERROR, "a target is refused");
    }

    gt_http1_write_init(&o, buf, sizeof(buf));
    is_int(gt_http1_write_status(&o, 1, 99, GT_STR("")), GT_ERROR, "99");
    is_int(gt_http1_write_status(&o, 1, 1000, GT_STR("")), GT_ERROR, "1000");
}


static void
test_overflow(void)
{
    int            rc;
    bool           good;
    char           buf[64];
    size_t         cap, whole;
    gt_http1_out_t o;

    whole = sizeof("HTTP/1.1 200 OK\r\nA: b\r\n\r\n") - 1;

    for (good = true, cap = 0; cap <= whole; cap++) {
        memset(buf, '#', sizeof(buf));
        gt_http1_write_init(&o, buf, cap);
        gt_http1_write_status(&o, 1, 200, gt_str_from(NULL));
        gt_http1_write_field(&o, GT_STR("A"), GT_STR("b"));
        rc = gt_http1_write_end(&o);

        good = good && rc == (cap < whole ? GT_ERROR : GT_OK)
               && o.overflow == (cap < whole) && !o.bad && o.n <= cap
               && buf[cap] == '#';
    }

    ok(good, "no capacity is written beyond");
}


int
main(void)
{
    test_heads();
    test_refused();
    test_overflow();

    return tap_done();
}
