/*
 * proto/http1_chunk.h: the chunked transfer coding (RFC 9112 7.1).
 *
 * The decoder keeps counters and no bytes: payload and trailers are given out
 * as spans of the caller's input.  Chunk extensions are skipped.
 */

#ifndef GT_PROTO_HTTP1_CHUNK_H
#define GT_PROTO_HTTP1_CHUNK_H

#include "core/core.h"

/* a size line with its extensions and CRLF: nobody needs more */
#define GT_HTTP1_CHUNK_LINE 256

/* one chunk: 2^53, what every peer can count to */
#define GT_HTTP1_CHUNK_MAX ((uint64_t) 1 << 53)

/* the trailer section without its empty line */
#define GT_HTTP1_TRAILER_MAX 8192

/* "\r\n" after a chunk's data; the end of a body without trailers */
#define GT_HTTP1_CHUNK_END  "\r\n"
#define GT_HTTP1_CHUNK_LAST "0\r\n\r\n"

typedef struct {
    uint64_t left;  /* payload of this chunk still to come */
    uint64_t total; /* payload given out so far */
    uint32_t count; /* bytes of this size line, or of the trailers */
    uint8_t  state;
    uint8_t  name_n;   /* bytes of this trailer's name, up to 255 */
    char     name[20]; /* its beginning in lower case */
} gt_http1_chunk_t;

typedef struct {
    size_t         used; /* of the n bytes given */
    const uint8_t *data; /* within them, after GT_OK; else NULL */
    size_t         n;
    bool           trailer; /* data is of the trailer section, else payload */
} gt_http1_span_t;

void gt_http1_chunk_init(gt_http1_chunk_t *d);

/*
 * Reads on.  Whatever comes back, drop out->used bytes of the input.
 *
 * GT_OK: out->data holds out->n > 0 bytes; call again with the rest, even if
 *        there is none.
 * GT_AGAIN: all n bytes are used, more are needed.
 * GT_DONE: the body has ended; what is left of the input is the next message.
 * GT_ERROR: malformed, or over a limit (400; for a response, cut it off).
 *
 * Trailer bytes are whole well-formed field lines with their CRLF, cut
 * anywhere, without the empty line at the end: after "0\r\n" they can be sent
 * on as they are.  A trailer that would change the message (Content-Length,
 * Transfer-Encoding, Host, Connection, Trailer, Upgrade, Expect, TE,
 * Authorization, Proxy-Authorization, Set-Cookie) is GT_ERROR.
 */
int gt_http1_chunk_decode(gt_http1_chunk_t *d, const uint8_t *p, size_t n,
                          gt_http1_span_t *out);

/*
 * The size line of a chunk of n > 0 bytes; no NUL.  Returns its length, 3 to
 * 18.  The chunk is this, the bytes, GT_HTTP1_CHUNK_END.
 */
size_t gt_http1_chunk_head(uint64_t n, char buf[20]);

#endif
