/*
 * proto/http1_frame.c: the meaning of the fields that a connection depends on.
 */

#include "proto/http1_frame.h"
#include "proto/http1_target.h"


static int
frame_fail(gt_http1_head_t *head, int status, const char *why)
{
    head->status = status;
    head->why = why;

    return GT_ERROR;
}


/* the value of the only field of that name, and how many there are */
static unsigned
frame_count(const gt_http1_head_t *head, gt_str_t name, gt_str_t *value)
{
    unsigned i, count;

    for (count = 0, i = 0; i < head->nfields; i++) {
        if (gt_str_ieq(head->fields[i].name, name)) {
            *value = head->fields[i].value;
            count++;
        }
    }

    return count;
}


/*
 * RFC 9112 6.1, 6.2: at most one of the two fields, and each at most once.
 * Equal repeated lengths may be accepted (RFC 9110 8.6); they are not, no
 * honest peer sends them.
 */
static int
frame_body(gt_http1_head_t *head, bool *chunked)
{
    unsigned te, cl;
    gt_str_t coding, length;

    te = frame_count(head, GT_STR("Transfer-Encoding"), &coding);
    cl = frame_count(head, GT_STR("Content-Length"), &length);

    if (te > 0 && cl > 0) {
        return frame_fail(head, 400, "Content-Length and Transfer-Encoding");
    }

    if (cl > 1) {
        return frame_fail(head, 400, "repeated Content-Length");
    }

    if (te > 1) {
        return frame_fail(head, 400, "repeated Transfer-Encoding");
    }

    *chunked = te == 1;

    if (te == 1) {
        if (!gt_str_ieq(coding, GT_STR("chunked"))) {
            return frame_fail(head, 400, "unknown transfer-coding");
        }

        if (head->minor == 0) {
            return frame_fail(head, 400, "Transfer-Encoding in HTTP/1.0");
        }
    }

    if (cl == 1) {
        if (!gt_str_u64(length, INT64_MAX, &head->length)) {
            return frame_fail(head, 400, "bad Content-Length");
        }

        head->has_length = 1;
    }

    return GT_OK;
}


/* RFC 9112 9.3: "close" wins, then the version decides */
static void
frame_persistence(gt_http1_head_t *head)
{
    if (gt_http1_field_has(head, "Connection", "close")) {
        head->keep_alive = 0;

    } else if (head->minor == 1) {
        head->keep_alive = 1;

    } else {
        head->keep_alive = gt_http1_field_has(head, "Connection", "keep-alive");
    }

    head->upgrade = head->minor == 1
                    && gt_http1_field_find(head, "Upgrade", NULL)
                    && gt_http1_field_has(head, "Connection", "upgrade");
}


static int
frame_host(gt_http1_head_t *head)
{
    unsigned          count;
    gt_http1_target_t t;

    count = frame_count(head, GT_STR("Host"), &head->host);

    if (count > 1) {
        return frame_fail(head, 400, "repeated Host");
    }

    if (count == 0) {
        return head->minor == 0 ? GT_OK : frame_fail(head, 400, "no Host");
    }

    /* Python sends "::1:443" with CONNECT [::1]:443; nobody reads it there */
    if (head->host.n > 0 && !gt_str_eq(head->method, GT_STR("CONNECT"))
        && gt_http1_hostport_parse(head->host, false, &t) != GT_OK)
    {
        return frame_fail(head, 400, "bad Host");
    }

    head->has_host = 1;

    return GT_OK;
}


static int
frame_expect(gt_http1_head_t *head)
{
    unsigned i;

    for (i = 0; i < head->nfields && head->minor == 1; i++) {
        if (!gt_str_ieq(head->fields[i].name, GT_STR("Expect"))) {
            continue;
        }

        if (!gt_str_ieq(head->fields[i].value, GT_STR("100-continue"))) {
            return frame_fail(head, 417, "unknown Expect");
        }

        head->expect_continue = 1;
    }

    return GT_OK;
}


int
gt_http1_request_frame(gt_http1_head_t *head)
{
    bool chunked;

    if (frame_body(head, &chunked) != GT_OK || frame_host(head) != GT_OK
        || frame_expect(head) != GT_OK)
    {
        return GT_ERROR;
    }

    frame_persistence(head);

    if (gt_str_eq(head->method, GT_STR("CONNECT"))) {
        if (chunked) {
            return frame_fail(head, 400, "Transfer-Encoding on CONNECT");
        }

        head->body = GT_HTTP1_BODY_NONE;

    } else if (chunked) {
        head->body = GT_HTTP1_BODY_CHUNKED;

    } else {
        head->body =
            head->length > 0 ? GT_HTTP1_BODY_LENGTH : GT_HTTP1_BODY_NONE;
    }

    return GT_OK;
}


int
gt_http1_response_frame(gt_http1_head_t *head, gt_str_t method)
{
    bool chunked;

    frame_persistence(head);
    head->body = GT_HTTP1_BODY_NONE;

    if (head->status / 100 == 2 && gt_str_eq(method, GT_STR("CONNECT"))) {
        return GT_OK;
    }

    if (frame_body(head, &chunked) != GT_OK) {
        return GT_ERROR;
    }

    if (head->status / 100 == 1 || head->status == 204 || head->status == 304
        || gt_str_eq(method, GT_STR("HEAD")))
    {
        return GT_OK;
    }

    if (chunked) {
        head->body = GT_HTTP1_BODY_CHUNKED;

    } else if (!head->has_length) {
        head->body = GT_HTTP1_BODY_CLOSE;
        head->keep_alive = 0;

    } else if (head->length > 0) {
        head->body = GT_HTTP1_BODY_LENGTH;
    }

    return GT_OK;
}
