/*
 * module/session.c: what a handler notes in its session, and the session's
 * log lines.
 */

#include "module/session.h"

#include "core/mem.h"

#include <string.h>


int
gt_session_set_user(gt_session_t *ss, gt_str_t user)
{
    char *copy;

    if (ss->user && gt_str_eq(gt_str_from(ss->user), user)) {
        return GT_OK; /* every request of a kept connection says it again */
    }

    copy = gt_strndup(user.p ? user.p : "", user.n);
    if (!copy) {
        return GT_ERROR;
    }

    gt_free(ss->user);
    ss->user = copy;

    return GT_OK;
}


int
gt_session_set_target(gt_session_t *ss, const gt_target_t *to)
{
    char          buf[GT_HOSTPORT_TEXT], remote[GT_ADDR_TEXT], *copy;
    gt_log_line_t ln;

    (void) gt_addr_join(to->host.p, to->host.n, to->port, buf, sizeof(buf));

    if (!ss->target || strcmp(ss->target, buf) != 0) {
        copy = gt_strdup(buf);
        if (!copy) {
            return GT_ERROR;
        }

        gt_free(ss->target);
        ss->target = copy;
    }

    if (ss->log_level <= GT_LOG_DEBUG && gt_log_level() <= GT_LOG_DEBUG
        && gt_session_log(ss, &ln, GT_LOG_DEBUG, "%s >> %s",
                          gt_addr_text(&ss->remote, remote, sizeof(remote)),
                          ss->target))
    {
        gt_log_end(&ln);
    }

    return GT_OK;
}


/* the id's 64 bits and 32 more that follow from them, five bits a letter */

const char *
gt_session_sid(const gt_session_t *ss, char buf[GT_SESSION_SID])
{
    int               i, bit;
    uint32_t          more;
    uint8_t           p[13] = { 0 };
    static const char letters[] = "0123456789abcdefghijklmnopqrstuv";

    more = (uint32_t) ((ss->id * UINT64_C(0x9e3779b97f4a7c15)) >> 32);

    for (i = 0; i < 8; i++) {
        p[i] = (uint8_t) (ss->id >> (56 - 8 * i));
    }

    for (i = 0; i < 4; i++) {
        p[8 + i] = (uint8_t) (more >> (24 - 8 * i));
    }

    for (i = 0; i < GT_SESSION_SID - 1; i++) {
        bit = i * 5;
        buf[i] = letters[((p[bit / 8] << 8 | p[bit / 8 + 1]) >> (11 - bit % 8))
                         & 31];
    }

    buf[i] = '\0';

    return buf;
}


static void
session_addr(gt_log_line_t *ln, const char *key, const gt_addr_t *a)
{
    char text[GT_ADDR_TEXT];

    if (a->len) {
        gt_log_str(ln, key, gt_addr_text(a, text, sizeof(text)));
    }
}


bool
gt_session_log(const gt_session_t *ss, gt_log_line_t *ln, gt_log_level_t level,
               const char *fmt, ...)
{
    bool    on;
    char    sid[GT_SESSION_SID];
    va_list ap;

    if (level < ss->log_level) {
        return false;
    }

    va_start(ap, fmt);
    on = gt_log_vbegin(ln, level, fmt, ap);
    va_end(ap);

    if (!on) {
        return false;
    }

    gt_log_str(ln, "kind", "handler");
    gt_log_str(ln, "service", ss->service);
    gt_log_str(ln, "handler", ss->handler_name);
    gt_log_str(ln, "listener", ss->listener_name);
    gt_log_str(ln, "network", "tcp");
    session_addr(ln, "remote", &ss->remote);
    session_addr(ln, "local", &ss->local);
    session_addr(ln, "client", &ss->remote);

    if (ss->user) {
        gt_log_str(ln, "clientID", ss->user);
    }

    if (ss->target) {
        gt_log_str(ln, "dst", ss->target);
    }

    gt_log_str(ln, "sid", gt_session_sid(ss, sid));

    return true;
}
