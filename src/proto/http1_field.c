/*
 * proto/http1_field.c: questions about fields, tokens and status codes.
 */

#include "proto/http1.h"


/* tchar of RFC 9110 5.6.2, a bit for each of the first 128 characters */
static const uint32_t field_tchar[4] = { 0x00000000, 0x03ff6cfa, 0xc7fffffe,
                                         0x57ffffff };


bool
gt_http1_token_ok(gt_str_t s)
{
    size_t        i;
    unsigned char c;

    for (i = 0; i < s.n; i++) {
        c = (unsigned char) s.p[i];

        if (c > 127 || !(field_tchar[c >> 5] & (UINT32_C(1) << (c & 31)))) {
            return false;
        }
    }

    return s.n > 0;
}


bool
gt_http1_text_ok(gt_str_t s)
{
    size_t        i;
    unsigned char c;

    for (i = 0; i < s.n; i++) {
        c = (unsigned char) s.p[i];

        if ((c < 0x20 && c != '\t') || c == 0x7f) {
            return false;
        }
    }

    return true;
}


bool
gt_http1_field_find(const gt_http1_head_t *head, const char *name,
                    gt_str_t *value)
{
    unsigned i;

    for (i = 0; i < head->nfields; i++) {
        if (gt_str_ieq(head->fields[i].name, gt_str_from(name))) {
            if (value != NULL) {
                *value = head->fields[i].value;
            }

            return true;
        }
    }

    return false;
}


static bool
field_list_has(gt_str_t list, gt_str_t token)
{
    gt_str_t part;

    while (gt_str_split(&list, ',', &part)) {
        if (gt_str_ieq(gt_str_trim(part), token)) {
            return true;
        }
    }

    return false;
}


bool
gt_http1_list_has(gt_str_t list, const char *token)
{
    return field_list_has(list, gt_str_from(token));
}


static bool
field_names(const gt_http1_head_t *head, gt_str_t name, gt_str_t token)
{
    unsigned i;

    for (i = 0; i < head->nfields; i++) {
        if (gt_str_ieq(head->fields[i].name, name)
            && field_list_has(head->fields[i].value, token))
        {
            return true;
        }
    }

    return false;
}


bool
gt_http1_field_has(const gt_http1_head_t *head, const char *name,
                   const char *token)
{
    return field_names(head, gt_str_from(name), gt_str_from(token));
}


bool
gt_http1_field_hop(const gt_http1_head_t *head, gt_str_t name)
{
    static const gt_str_t hop[] = {
        GT_STR_INIT("Connection"),         GT_STR_INIT("Keep-Alive"),
        GT_STR_INIT("Proxy-Connection"),   GT_STR_INIT("Proxy-Authorization"),
        GT_STR_INIT("Proxy-Authenticate"), GT_STR_INIT("TE"),
        GT_STR_INIT("Transfer-Encoding"),  GT_STR_INIT("Upgrade"),
    };
    static const gt_str_t end[] = { GT_STR_INIT("Host"),
                                    GT_STR_INIT("Content-Length") };

    if (gt_str_among(name, hop, gt_nelts(hop))) {
        return true;
    }

    if (gt_str_among(name, end, gt_nelts(end))) {
        return false;
    }

    return field_names(head, GT_STR("Connection"), name);
}


/* the words that GOST's peers see, not always RFC 9110's */
static const struct {
    int         status;
    const char *text;
} field_reasons[] = {
    { 100, "Continue" },
    { 101, "Switching Protocols" },
    { 103, "Early Hints" },
    { 200, "OK" },
    { 201, "Created" },
    { 202, "Accepted" },
    { 203, "Non-Authoritative Information" },
    { 204, "No Content" },
    { 205, "Reset Content" },
    { 206, "Partial Content" },
    { 300, "Multiple Choices" },
    { 301, "Moved Permanently" },
    { 302, "Found" },
    { 303, "See Other" },
    { 304, "Not Modified" },
    { 305, "Use Proxy" },
    { 307, "Temporary Redirect" },
    { 308, "Permanent Redirect" },
    { 400, "Bad Request" },
    { 401, "Unauthorized" },
    { 402, "Payment Required" },
    { 403, "Forbidden" },
    { 404, "Not Found" },
    { 405, "Method Not Allowed" },
    { 406, "Not Acceptable" },
    { 407, "Proxy Authentication Required" },
    { 408, "Request Timeout" },
    { 409, "Conflict" },
    { 410, "Gone" },
    { 411, "Length Required" },
    { 412, "Precondition Failed" },
    { 413, "Request Entity Too Large" },
    { 414, "Request URI Too Long" },
    { 415, "Unsupported Media Type" },
    { 416, "Requested Range Not Satisfiable" },
    { 417, "Expectation Failed" },
    { 418, "I'm a teapot" },
    { 421, "Misdirected Request" },
    { 422, "Unprocessable Entity" },
    { 423, "Locked" },
    { 424, "Failed Dependency" },
    { 425, "Too Early" },
    { 426, "Upgrade Required" },
    { 428, "Precondition Required" },
    { 429, "Too Many Requests" },
    { 431, "Request Header Fields Too Large" },
    { 451, "Unavailable For Legal Reasons" },
    { 500, "Internal Server Error" },
    { 501, "Not Implemented" },
    { 502, "Bad Gateway" },
    { 503, "Service Unavailable" },
    { 504, "Gateway Timeout" },
    { 505, "HTTP Version Not Supported" },
    { 507, "Insufficient Storage" },
    { 508, "Loop Detected" },
    { 511, "Network Authentication Required" },
};


const char *
gt_http1_reason(int status)
{
    size_t i;

    for (i = 0; i < gt_nelts(field_reasons); i++) {
        if (field_reasons[i].status == status) {
            return field_reasons[i].text;
        }
    }

    return "Unknown";
}
