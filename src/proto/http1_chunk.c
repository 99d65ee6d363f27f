/*
 * proto/http1_chunk.c: the chunked transfer coding.
 *
 *   SIZE -> [EXT] -> SIZE_LF -> DATA -> DATA_CR -> DATA_LF -> SIZE ...
 *   SIZE "0" -> SIZE_LF -> LINE -> NAME -> VALUE -> VALUE_LF -> LINE ...
 *                          LINE -> END_LF -> END
 *
 * One byte, one step; only payload and trailers are taken in runs.
 */

#include "proto/http1_chunk.h"
#include "core/enc.h"
#include "proto/http1.h"

#include <string.h>

typedef enum {
    CHUNK_SIZE,  /* before the first digit */
    CHUNK_DIGIT, /* behind one */
    CHUNK_BLANK, /* behind the size, an extension must follow */
    CHUNK_EXT,
    CHUNK_SIZE_LF,
    CHUNK_DATA,
    CHUNK_DATA_CR,
    CHUNK_DATA_LF,
    CHUNK_LINE, /* at the beginning of a trailer line */
    CHUNK_NAME,
    CHUNK_VALUE,
    CHUNK_VALUE_LF,
    CHUNK_END_LF,
    CHUNK_END,
    CHUNK_BROKEN
} chunk_state_t;


void
gt_http1_chunk_init(gt_http1_chunk_t *d)
{
    memset(d, 0, sizeof(*d));
}


static int
chunk_to(gt_http1_chunk_t *d, chunk_state_t state)
{
    d->state = (uint8_t) state;

    return GT_OK;
}


static int
chunk_digit(gt_http1_chunk_t *d, int digit)
{
    d->left = d->left * 16 + (unsigned) digit;

    return d->left > GT_HTTP1_CHUNK_MAX ? GT_ERROR : chunk_to(d, CHUNK_DIGIT);
}


/* RFC 9112 7.1.1; the extension itself may be any text */
static int
chunk_size_line(gt_http1_chunk_t *d, uint8_t c)
{
    int digit;

    if (++d->count > GT_HTTP1_CHUNK_LINE) {
        return GT_ERROR;
    }

    digit = gt_hex_digit(c);

    switch (d->state) {

    case CHUNK_SIZE:
        d->left = 0;
        return digit < 0 ? GT_ERROR : chunk_digit(d, digit);

    case CHUNK_DIGIT:
        if (digit >= 0) {
            return chunk_digit(d, digit);
        }

        if (c == '\r') {
            return chunk_to(d, CHUNK_SIZE_LF);
        }

        /* fall through */

    case CHUNK_BLANK:
        if (c == ';') {
            return chunk_to(d, CHUNK_EXT);
        }

        return c == ' ' || c == '\t' ? chunk_to(d, CHUNK_BLANK) : GT_ERROR;

    case CHUNK_EXT:
        if (c == '\r') {
            return chunk_to(d, CHUNK_SIZE_LF);
        }

        return (c < 0x20 && c != '\t') || c == 0x7f ? GT_ERROR : GT_OK;

    default: /* CHUNK_SIZE_LF */
        d->count = 0;
        return c != '\n' ? GT_ERROR
                         : chunk_to(d, d->left > 0 ? CHUNK_DATA : CHUNK_LINE);
    }
}


/* fields that must not come behind the body (RFC 9110 6.5.1) */
static bool
chunk_name_ok(const gt_http1_chunk_t *d)
{
    size_t   i;
    gt_str_t name;

    static const gt_str_t no[] = {
        GT_STR_INIT("content-length"), GT_STR_INIT("transfer-encoding"),
        GT_STR_INIT("host"),           GT_STR_INIT("connection"),
        GT_STR_INIT("trailer"),        GT_STR_INIT("upgrade"),
        GT_STR_INIT("expect"),         GT_STR_INIT("te"),
        GT_STR_INIT("authorization"),  GT_STR_INIT("proxy-authorization"),
        GT_STR_INIT("set-cookie"),
    };

    if (d->name_n > sizeof(d->name)) {
        return true;
    }

    name = gt_str_make(d->name, d->name_n);

    for (i = 0; i < gt_nelts(no); i++) {
        if (gt_str_eq(name, no[i])) {
            return false;
        }
    }

    return true;
}


static int
chunk_name(gt_http1_chunk_t *d, uint8_t c)
{
    if (c == ':') {
        return d->name_n > 0 && chunk_name_ok(d) ? chunk_to(d, CHUNK_VALUE)
                                                 : GT_ERROR;
    }

    if (!gt_http1_token_ok(gt_str_make(&c, 1))) {
        return GT_ERROR;
    }

    if (d->name_n < sizeof(d->name)) {
        d->name[d->name_n] = (char) gt_lower(c);
    }

    if (d->name_n < 255) {
        d->name_n++;
    }

    return chunk_to(d, CHUNK_NAME);
}


/* a byte of the trailer section (RFC 9112 7.1.2), not of its empty line */
static int
chunk_trailer(gt_http1_chunk_t *d, uint8_t c)
{
    if (++d->count > GT_HTTP1_TRAILER_MAX) {
        return GT_ERROR;
    }

    switch (d->state) {

    case CHUNK_LINE: d->name_n = 0; return chunk_name(d, c);

    case CHUNK_NAME: return chunk_name(d, c);

    case CHUNK_VALUE:
        if (c == '\r') {
            return chunk_to(d, CHUNK_VALUE_LF);
        }

        return (c < 0x20 && c != '\t') || c == 0x7f ? GT_ERROR : GT_OK;

    default: /* CHUNK_VALUE_LF */
        return c == '\n' ? chunk_to(d, CHUNK_LINE) : GT_ERROR;
    }
}


static int
chunk_expect(gt_http1_chunk_t *d, uint8_t c, uint8_t want, chunk_state_t next)
{
    return c == want ? chunk_to(d, next) : GT_ERROR;
}


/* a byte that is neither payload nor trailer */
static int
chunk_step(gt_http1_chunk_t *d, uint8_t c)
{
    switch (d->state) {
    case CHUNK_DATA_CR: return chunk_expect(d, c, '\r', CHUNK_DATA_LF);
    case CHUNK_DATA_LF: return chunk_expect(d, c, '\n', CHUNK_SIZE);
    case CHUNK_LINE: /* the CR of the empty line */
        return chunk_to(d, CHUNK_END_LF);
    case CHUNK_END_LF: return chunk_expect(d, c, '\n', CHUNK_END);
    case CHUNK_BROKEN: return GT_ERROR;
    default: return chunk_size_line(d, c);
    }
}


/* as much payload as there is */
static void
chunk_data(gt_http1_chunk_t *d, size_t n, gt_http1_span_t *out)
{
    out->n = (size_t) gt_min(d->left, (uint64_t) n);
    d->left -= out->n;
    d->total += out->n;

    if (d->left == 0) {
        chunk_to(d, CHUNK_DATA_CR);
    }
}


static bool
chunk_in_trailer(const gt_http1_chunk_t *d, uint8_t c)
{
    return (d->state == CHUNK_LINE && c != '\r')
           || (d->state >= CHUNK_NAME && d->state <= CHUNK_VALUE_LF);
}


/* all trailer bytes up to the empty line */
static int
chunk_trailers(gt_http1_chunk_t *d, const uint8_t *p, size_t n,
               gt_http1_span_t *out)
{
    out->trailer = true;

    while (out->n < n && chunk_in_trailer(d, p[out->n])) {
        if (chunk_trailer(d, p[out->n]) != GT_OK) {
            chunk_to(d, CHUNK_BROKEN);

            /* what was good goes out first, however the input is cut */
            return out->n > 0 ? GT_OK : GT_ERROR;
        }

        out->n++;
    }

    return GT_OK;
}


/* finds the next span; GT_OK also when there is none */
static int
chunk_walk(gt_http1_chunk_t *d, const uint8_t *p, size_t n,
           gt_http1_span_t *out)
{
    while (out->used < n && d->state != CHUNK_END) {
        out->data = p + out->used;

        if (d->state == CHUNK_DATA) {
            chunk_data(d, n - out->used, out);
            return GT_OK;
        }

        if (chunk_in_trailer(d, *out->data)) {
            return chunk_trailers(d, out->data, n - out->used, out);
        }

        if (chunk_step(d, *out->data) != GT_OK) {
            return GT_ERROR;
        }

        out->used++;
    }

    return GT_OK;
}


int
gt_http1_chunk_decode(gt_http1_chunk_t *d, const uint8_t *p, size_t n,
                      gt_http1_span_t *out)
{
    memset(out, 0, sizeof(*out));

    if (chunk_walk(d, p, n, out) != GT_OK) {
        chunk_to(d, CHUNK_BROKEN);
        out->data = NULL;
        out->n = 0;
        return GT_ERROR;
    }

    if (out->n > 0) {
        out->used += out->n;
        return GT_OK;
    }

    out->data = NULL;

    return d->state == CHUNK_END ? GT_DONE : GT_AGAIN;
}


size_t
gt_http1_chunk_head(uint64_t n, char buf[20])
{
    return gt_snprintf(buf, 20, "%llx\r\n", (unsigned long long) n);
}
