/*
 * Sessions as handlers see them: user, target, ids, byte counts, log lines.
 */

#include "module/session.h"

#include "core/mem.h"

#include "tap.h"

#include <stdlib.h>
#include <unistd.h>

static gt_loop_t    loop;
static uint64_t     in, out;
static gt_session_t ss;


static void
setup(void)
{
    ss = (gt_session_t){ .loop = &loop,
                         .id = 0x0123456789abcdef,
                         .service = "service-0",
                         .handler_name = "http",
                         .listener_name = "tcp",
                         .in = &in,
                         .out = &out };
    gt_addr_literal(&ss.remote, "192.0.2.1", 9, 4711);
    gt_addr_literal(&ss.local, "::1", 3, 8080);
}


static void
test_notes(void)
{
    gt_target_t to = { GT_STR("::1"), 443 };

    is_int(gt_session_set_user(&ss, GT_STR("ann")), GT_OK, "a user");
    is_str(ss.user, "ann", "is kept");
    is_int(gt_session_set_user(&ss, GT_STR("anna")), GT_OK, "another");
    is_str(ss.user, "anna", "takes its place");

    is_int(gt_session_set_target(&ss, &to), GT_OK, "a target");
    is_str(ss.target, "[::1]:443", "as text");

    to.host = GT_STR("example.com");
    is_int(gt_session_set_target(&ss, &to), GT_OK, "another");
    is_str(ss.target, "example.com:443", "takes its place");

    gt_session_count(&ss, 10, 20);
    gt_session_count(&ss, 1, 2);
    ok(in == 11 && out == 22, "bytes count for the service");
    ok(ss.moved[0] == 11 && ss.moved[1] == 22, "and for the session");
}


static void
test_sid(void)
{
    char a[GT_SESSION_SID], b[GT_SESSION_SID];

    gt_session_sid(&ss, a);
    is_int(strlen(a), 20, "an id has 20 characters");
    is_int(strspn(a, "0123456789abcdefghijklmnopqrstuv"), 20, "of base32");
    is_str(gt_session_sid(&ss, b), a, "and stays the same");

    ss.id++;
    gt_session_sid(&ss, b);
    ok(strcmp(a, b) != 0, "another session has another");
    ss.id--;
}


static void
test_log(void)
{
    int           fd;
    char          path[] = "/tmp/session_t.XXXXXX", text[2048] = "";
    ssize_t       n;
    gt_log_line_t ln;

    fd = mkstemp(path);
    ok(fd >= 0 && gt_log_open(path) == GT_OK, "a log file");
    gt_log_set_level(GT_LOG_INFO);

    ok(!gt_session_log(&ss, &ln, GT_LOG_DEBUG, "x"), "below the level");
    ok(gt_session_log(&ss, &ln, GT_LOG_INFO, "%s <> %s", "a", "b"), "a line");
    gt_log_end(&ln);
    gt_log_flush();

    n = pread(fd, text, sizeof(text) - 1, 0);
    ok(n > 0, "is written");
    ok(strstr(text, "\"msg\":\"a <> b\""), "the message");
    ok(strstr(text, "\"service\":\"service-0\""), "the service");
    ok(strstr(text, "\"remote\":\"192.0.2.1:4711\""), "the client");
    ok(strstr(text, "\"local\":\"[::1]:8080\""), "our end");
    ok(strstr(text, "\"clientID\":\"anna\""), "the user");
    ok(strstr(text, "\"sid\":\""), "the id");

    (void) gt_log_open("none");
    unlink(path);
    close(fd);
}


int
main(void)
{
    setup();
    test_notes();
    test_sid();
    test_log();

    gt_free(ss.user);
    gt_free(ss.target);

    return tap_done();
}
