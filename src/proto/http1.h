/*
 * proto/http1.h: HTTP/1.x message heads (RFC 9112): parsing, framing, fields.
 * Bodies are in proto/http1_chunk.h, writing in proto/http1_write.h, request
 * targets in proto/http1_target.h.
 *
 * Pure functions over the caller's bytes: nothing is copied or allocated,
 * every string in a head points into the bytes of the call that said GT_OK.
 * They are strict where two readers could disagree: lines end in CRLF only;
 * a bare CR or LF, NUL or another control character, obs-fold, a blank before
 * the colon, Content-Length beside Transfer-Encoding, more than one of
 * either, any transfer-coding but one "chunked": all are GT_ERROR.
 */

#ifndef GT_PROTO_HTTP1_H
#define GT_PROTO_HTTP1_H

#include "core/str.h"

/* what callers should size their array to; one more is 431 */
#define GT_HTTP1_FIELDS 100

typedef struct {
    gt_str_t name;  /* as sent, a token, never empty */
    gt_str_t value; /* without the blanks around it; may be empty */
} gt_http1_field_t;

/* how the bytes behind the head are to be read (RFC 9112 6.3) */
typedef enum {
    GT_HTTP1_BODY_NONE,    /* there are none; they are the next message */
    GT_HTTP1_BODY_LENGTH,  /* head->length of them, never 0 */
    GT_HTTP1_BODY_CHUNKED, /* gt_http1_chunk_decode() */
    GT_HTTP1_BODY_CLOSE    /* all until the end of input; responses only */
} gt_http1_body_t;

typedef struct {
    size_t head; /* of the whole head; 32 KiB: house rule, one slab pair */
    size_t line; /* of the request line without CRLF; 8 KiB (RFC 9112 3) */
} gt_http1_limits_t;

typedef struct {
    /* the caller's, by gt_http1_head_init() */
    gt_http1_field_t *fields; /* room for max of them */
    unsigned          max;

    /* between calls: how far the search for the end of the head has come */
    size_t   scan, line_at, start_at;
    unsigned lines, skipped;

    /* after GT_OK */
    size_t          len; /* of the head; what follows it is body or tunnel */
    unsigned        nfields;
    gt_str_t        method; /* requests; case matters */
    gt_str_t        target; /* requests; as sent; empty for CONNECT only */
    gt_str_t        reason; /* responses; may be empty */
    gt_str_t        host;   /* requests; the Host value, checked */
    gt_http1_body_t body;
    uint64_t        length; /* Content-Length, if has_length; else 0 */
    uint8_t         minor;  /* 0 or 1: HTTP/1.0 or HTTP/1.1 */
    unsigned        has_host : 1;
    unsigned        has_length : 1;
    unsigned        keep_alive : 1;      /* may the connection persist (9.3) */
    unsigned        expect_continue : 1; /* requests, HTTP/1.1 only */
    unsigned        upgrade : 1; /* Upgrade, and named in Connection; 1.1 */

    /*
     * Responses: the code, 100 to 999.  After GT_ERROR: what to answer, which
     * for a request is 400, 414 (line too long), 417 (unknown Expect), 431
     * (too many, too long) or 505, and for a response 502.
     */
    int         status;
    const char *why; /* after GT_ERROR: a static clause for the log */
} gt_http1_head_t;

/* a head ready for its first bytes; also between two messages */
void gt_http1_head_init(gt_http1_head_t *head, gt_http1_field_t *fields,
                        unsigned max);

/*
 * Parses a head from the n bytes at p, which begin where the message does.
 *
 * GT_OK: head is filled in, head->len says where the body begins.
 * GT_AGAIN: incomplete; call again with the same bytes (they may have moved)
 *           and more behind them.  Bytes seen once are not searched again.
 * GT_ERROR: head->status and head->why; the connection is of no more use.
 *
 * The result does not depend on how the bytes were cut into calls.  lim NULL
 * is the defaults.  Up to four empty lines before a request are skipped (2.2)
 * and counted in len.
 *
 * Requests: HTTP/1.1 without Host, two Hosts and a Host that is no
 * host[:port] are 400 (3.2), but for a CONNECT, whose target is elsewhere; an
 * empty Host passes.  The target is only
 * checked to be visible characters, without '#'; bytes above 127 pass.
 * A CONNECT has no body: a Content-Length on it is checked and then not
 * obeyed (RFC 9110 9.3.6), a Transfer-Encoding on it is 400.
 */
int gt_http1_request_parse(const uint8_t *p, size_t n,
                           const gt_http1_limits_t *lim, gt_http1_head_t *head);

/*
 * The same for a response; method is that of the request it answers: no body
 * for HEAD, 1xx, 204 and 304, nor for a 2xx to CONNECT, whose Content-Length
 * and Transfer-Encoding are not looked at.  A missing reason, and a missing
 * space before it, pass.  1xx are messages of their own: init, parse again.
 */
int gt_http1_response_parse(const uint8_t *p, size_t n,
                            const gt_http1_limits_t *lim, gt_str_t method,
                            gt_http1_head_t *head);

/* the first field of that name (any case); value may be NULL */
bool gt_http1_field_find(const gt_http1_head_t *head, const char *name,
                         gt_str_t *value);

/* is token (any case) a member of the comma list; of any field so named */
bool gt_http1_list_has(gt_str_t list, const char *token);
bool gt_http1_field_has(const gt_http1_head_t *head, const char *name,
                        const char *token);

/*
 * Must a field of that name stay on this connection (RFC 9110 7.6.1)?  True
 * for Connection and what it names, Keep-Alive, Proxy-Connection,
 * Proxy-Authorization, Proxy-Authenticate, TE, Transfer-Encoding, Upgrade.
 * Host and Content-Length are never hop-by-hop, even when Connection names
 * them: dropping those would change what the message is.
 */
bool gt_http1_field_hop(const gt_http1_head_t *head, gt_str_t name);

/* every byte a tchar (RFC 9110 5.6.2), and at least one */
bool gt_http1_token_ok(gt_str_t s);

/* no control character but tab: what may stand in a field value or a reason */
bool gt_http1_text_ok(gt_str_t s);

/* the standard phrase of a status code; "Unknown" for others; never NULL */
const char *gt_http1_reason(int status);

#endif
