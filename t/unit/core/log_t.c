/*
 * The log: GOST's two shapes byte by byte, hostile text in them, cutting,
 * levels, and outputs that are files, full pipes or gone.
 */

#include "core/log.h"

#include "core/str.h"

#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char dir[] = "/tmp/gatun-log-XXXXXX";
static char path[64];
static char text[65536]; /* what the log holds now */


static const char *
slurp(const char *name)
{
    int     fd = open(name, O_RDONLY);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

    text[gt_max(n, 0)] = '\0';
    (void) close(fd);

    return text;
}


/* reads it into text and empties it */

static void
clear(void)
{
    (void) slurp(path);

    if (truncate(path, 0) != 0) {
        exit(1);
    }
}


/* what was logged since the last call, without the time */

static const char *
logged(void)
{
    char  *from;
    size_t skip;

    gt_log_flush();
    clear();

    if (strncmp(text, "{\"time\":\"", 9) == 0) {
        from = strchr(text + 9, '"');
        skip = 2;
    } else {
        from = strchr(text, ' ');
        skip = 1;
    }

    return from ? from + skip : text;
}


static void
format(gt_log_format_t f)
{
    gt_log_set_format(f);
}


static void
test_shapes(void)
{
    gt_log_line_t ln;

    format(GT_LOG_JSON);
    gt_log(GT_LOG_INFO, "listening on %s/%s", "[::]:8080", "tcp");
    is_str(logged(),
           "\"level\":\"info\",\"msg\":\"listening on "
           "[::]:8080/tcp\"}\n",
           "JSON");

    ok(gt_log_begin(&ln, GT_LOG_ERROR, "%s >< %s", "a:1", "b:2"), "begun");
    gt_log_str(&ln, "service", "service-0");
    gt_log_strn(&ln, "network", "tcp4", 3);
    gt_log_int(&ln, "inputBytes", -5);
    gt_log_dur(&ln, "duration", 1460000);
    gt_log_str(&ln, "client", NULL);
    gt_log_end(&ln);
    is_str(logged(),
           "\"level\":\"error\",\"msg\":\"a:1 >< b:2\","
           "\"service\":\"service-0\",\"network\":\"tcp\","
           "\"inputBytes\":-5,\"duration\":1460000,\"client\":\"\"}\n",
           "JSON with fields");

    format(GT_LOG_TEXT);
    ok(gt_log_begin(&ln, GT_LOG_WARN, "%s >< %s", "a:1", "b:2"), "begun");
    gt_log_str(&ln, "service", "service-0");
    gt_log_str(&ln, "remote", "[::1]:8");
    gt_log_int(&ln, "inputBytes", INT64_MIN);
    gt_log_dur(&ln, "duration", 1460000);
    gt_log_str(&ln, "client", NULL);
    gt_log_end(&ln);
    is_str(logged(),
           "level=warn msg=\"a:1 >< b:2\" service=service-0 "
           "remote=[::1]:8 inputBytes=-9223372036854775808 "
           "duration=1.46ms client=\"\"\n",
           "text");

    gt_log_set_tag("worker", "3");
    gt_log(GT_LOG_FATAL, "done");
    is_str(logged(), "level=fatal msg=done worker=3\n", "a tag");
    format(GT_LOG_JSON);
    gt_log(GT_LOG_FATAL, "done");
    is_str(logged(), "\"level\":\"fatal\",\"msg\":\"done\",\"worker\":\"3\"}\n",
           "a tag in JSON");
    gt_log_set_tag(NULL, NULL);

    gt_log_alert("lost %d", 3);
    is_str(logged(), "\"level\":\"error\",\"msg\":\"[alert] lost 3\"}\n",
           "an alert");

    errno = ENOENT;
    gt_log(GT_LOG_INFO, "open: %m");
    ok(errno == ENOENT, "errno stays");
    ok(strstr(logged(), "No such file") != NULL, "and %%m prints it");
}


/* in: what a peer sent; the two texts: how it must stand */

static const struct {
    const char *in, *json, *text;
} hostile[] = {
    { "plain", "\"plain\"", "plain" },
    { "a b", "\"a b\"", "\"a b\"" },
    { "a=b", "\"a=b\"", "\"a=b\"" },
    { "a\"b\\c", "\"a\\\"b\\\\c\"", "\"a\\\"b\\\\c\"" },
    { "a\\c", "\"a\\\\c\"", "a\\c" },
    { "x\ny\r\t\b\f", "\"x\\ny\\r\\t\\b\\f\"", "\"x\\ny\\r\\t\\b\\f\"" },
    { "\a\v\x1b[0m", "\"\\u0007\\u000b\\u001b[0m\"", "\"\\a\\v\\x1b[0m\"" },
    { "\x7f", "\"\x7f\"", "\"\\x7f\"" },
    { "<&>", "\"<&>\"", "<&>" },
    { "gr\xc3\xbc\xc3\x9f", "\"gr\xc3\xbc\xc3\x9f\"", "gr\xc3\xbc\xc3\x9f" },
    { "\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\"", "\xf0\x9f\x98\x80" },
    { "\xff", "\"\\ufffd\"", "\"\\xff\"" },
    { "a\xc3", "\"a\\ufffd\"", "\"a\\xc3\"" },
    { "\xc0\xaf", "\"\\ufffd\\ufffd\"", "\"\\xc0\\xaf\"" },
    { "\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"", "\"\\xed\\xa0\\x80\"" },
    { "\xe2\x80\xa8", "\"\\u2028\"", "\"\\u2028\"" },
    { "\xe2\x82", "\"\\ufffd\\ufffd\"", "\"\\xe2\\x82\"" },
    { "\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"",
      "\"\\xf4\\x90\\x80\\x80\"" },
    { "\xc2\x85", "\"\xc2\x85\"", "\"\\u0085\"" },
};


static void
test_hostile(void)
{
    char          want[128];
    size_t        i;
    gt_log_line_t ln;

    for (i = 0; i < gt_nelts(hostile); i++) {
        format(GT_LOG_JSON);
        (void) gt_log_begin(&ln, GT_LOG_INFO, "m");
        gt_log_str(&ln, "k", hostile[i].in);
        gt_log_end(&ln);
        (void) gt_snprintf(want, sizeof(want),
                           "\"level\":\"info\",\"msg\":\"m\",\"k\":%s}\n",
                           hostile[i].json);
        is_str(logged(), want, "hostile text in JSON");

        format(GT_LOG_TEXT);
        (void) gt_log_begin(&ln, GT_LOG_INFO, "m");
        gt_log_str(&ln, "k", hostile[i].in);
        gt_log_end(&ln);
        (void) gt_snprintf(want, sizeof(want), "level=info msg=m k=%s\n",
                           hostile[i].text);
        is_str(logged(), want, "hostile text");
    }

    format(GT_LOG_JSON);
    (void) gt_log_begin(&ln, GT_LOG_INFO, "m");
    gt_log_strn(&ln, "k", "a\0b", 3);
    gt_log_end(&ln);
    is_str(logged(), "\"level\":\"info\",\"msg\":\"m\",\"k\":\"a\\u0000b\"}\n",
           "a NUL");
}


/* whatever is put in, a line is one line, closed, and fits a pipe */

static void
test_long(void)
{
    int           f, i, n, bad = 0;
    char          big[9000];
    size_t        len;
    const char   *p;
    gt_log_line_t ln;

    static const char fill[] = { 'x', '\n', '\x01', '"', '\xff', ' ' };

    for (f = 0; f < 2; f++) {
        format(f ? GT_LOG_TEXT : GT_LOG_JSON);

        for (i = 0; i < 600; i++) {
            memset(big, fill[i % 6], sizeof(big));
            big[3900 + (i / 6) * 3] = '\0';
            big[8999] = '\0';
            n = i % 5;

            (void) gt_log_begin(&ln, GT_LOG_INFO, "%s", n ? "short" : big);

            while (n-- > 0) {
                gt_log_str(&ln, "key", big);
                gt_log_int(&ln, "number", INT64_MIN);
            }

            gt_log_end(&ln);
            p = logged();
            len = strlen(text);
            bad += len > GT_LOG_LINE_MAX || strchr(p, '\n') != text + len - 1;
            bad += f == 0 && text[len - 2] != '}';
        }
    }

    is_int(bad, 0, "1200 lines that are too long");

    format(GT_LOG_JSON);
    memset(big, 'y', 5000);
    big[5000] = '\0';
    (void) gt_log_begin(&ln, GT_LOG_INFO, "m");
    gt_log_str(&ln, "big", big);
    gt_log_str(&ln, "left", "out");
    gt_log_end(&ln);
    p = logged();
    len = strlen(p);
    ok(len > 3000 && strcmp(p + len - 6, "yyy\"}\n") == 0, "cut, and closed");
}


static void
test_levels(void)
{
    gt_log_line_t ln;

    is_int(gt_log_level_parse("trace"), GT_LOG_TRACE, "trace");
    is_int(gt_log_level_parse("fatal"), GT_LOG_FATAL, "fatal");
    is_int(gt_log_level_parse("DEBUG"), GT_LOG_INFO, "DEBUG is info");
    is_int(gt_log_level_parse(""), GT_LOG_INFO, "nothing is info");

    gt_log_set_level(GT_LOG_WARN);
    is_int(gt_log_level(), GT_LOG_WARN, "the level");
    gt_info("unheard");
    ok(!gt_log_begin(&ln, GT_LOG_DEBUG, "unheard"), "off");
    is_str(logged(), "", "below the level");
    gt_warn("heard");
    ok(strstr(slurp(path), "heard") != NULL, "a warning goes out at once");
    (void) logged();

    gt_log_set_level(GT_LOG_TRACE);
    gt_log(GT_LOG_TRACE, "t");
    is_str(slurp(path), "", "others wait");
    is_str(logged(), "\"level\":\"trace\",\"msg\":\"t\"}\n", "for the flush");

    gt_info("forgotten");
    gt_log_discard();
    is_str(logged(), "", "discarded");
    gt_log_set_level(GT_LOG_OFF);
    gt_log(GT_LOG_FATAL, "unheard");
    is_str(logged(), "", "off is off");
    gt_log_set_level(GT_LOG_INFO);
}


/* the stamp: RFC 3339 with milliseconds, in the local zone */

static void
stamp_is_now(const char *zone, const char *suffix)
{
    int       status;
    char      buf[32];
    time_t    now, got;
    struct tm tm = { 0 };

    (void) setenv("TZ", zone, 1);
    tzset();

    /* a process looks the zone up once a second: one that never did */
    if (fork() == 0) {
        gt_info("now");
        gt_log_flush();
        _exit(0);
    }

    (void) wait(&status);
    now = time(NULL);
    clear();
    (void) gt_str_copy(buf, 24, gt_str_from(text + 9));
    ok(strptime(buf, "%Y-%m-%dT%H:%M:%S", &tm) && buf[19] == '.', "%s", buf);
    tm.tm_isdst = -1;
    got = mktime(&tm);
    /* time() may lag behind a clock_gettime() of before */
    ok(now - got >= -1 && now - got <= 60, "is the time in %s", zone);
    ok(strncmp(text + 9 + 23, suffix, strlen(suffix)) == 0, "zone %.8s",
       text + 9 + 23);
}


static void
test_stamp(void)
{
    stamp_is_now("UTC0", "Z\"");
    stamp_is_now("XST-5:30", "+05:30\"");
    stamp_is_now("WST3:15", "-03:15\"");
}


static void
test_files(void)
{
    char moved[80], deep[96];
    int  fd;

    (void) gt_snprintf(moved, sizeof(moved), "%s.1", path);
    (void) gt_snprintf(deep, sizeof(deep), "%s/a/b/c.log", dir);

    ok(gt_log_fd() > 2, "a descriptor of its own");
    gt_info("one");
    is_int(rename(path, moved), 0, "moved away");
    is_int(gt_log_reopen(), GT_OK, "reopened");
    ok(strstr(slurp(moved), "one") != NULL, "what was buffered went there");
    gt_info("two");
    gt_log_flush();
    ok(strstr(slurp(path), "two") && !strstr(text, "one"), "the rest here");

    is_int(gt_log_open(deep), GT_OK, "folders are made");
    gt_warn("deep");
    ok(strstr(slurp(deep), "deep") != NULL, "written");

    is_int(gt_log_open("/proc/no/such"), GT_ERROR, "a bad path");
    ok(errno != 0, "says why: %s", strerror(errno));
    gt_warn("still");
    ok(strstr(slurp(deep), "still") != NULL, "the old output stays");

    fd = open(moved, O_WRONLY | O_APPEND);
    gt_log_take_fd(fd);
    is_int(gt_log_fd(), fd, "taken over");
    gt_warn("three");
    ok(strstr(slurp(moved), "three") != NULL, "written");
    is_int(gt_log_reopen(), GT_OK, "nothing to reopen");

    is_int(gt_log_open("none"), GT_OK, "none");
    is_int(gt_log_fd(), -1, "no descriptor");
    ok(fcntl(fd, F_GETFD) < 0, "the one before is closed");
    gt_error("unheard");
    is_int(gt_log_dropped(), 0, "nothing counts as dropped");

    is_int(gt_log_open(path), GT_OK, "back");
    (void) logged();
}


/* lines of a pipe, each of them whole */

static int
count_lines(int fd, int *broken)
{
    int     lines = 0;
    char   *p, *end;
    ssize_t n;

    while ((n = read(fd, text, sizeof(text) - 1)) > 0) {
        text[n] = '\0';
        *broken += text[n - 1] != '\n';

        for (p = text; (end = strchr(p, '\n')) != NULL; p = end + 1, lines++) {
            *broken += strncmp(p, "{\"time\"", 7) != 0 || end[-1] != '}';
        }
    }

    return lines;
}


static void
test_pipe(void)
{
    int      i, fd[2], got, broken = 0;
    uint64_t before = gt_log_dropped();

    if (pipe2(fd, O_CLOEXEC) != 0 || fcntl(fd[0], F_SETFL, O_NONBLOCK) != 0) {
        exit(1);
    }

    gt_log_take_fd(fd[1]); /* blocking: a write to the full pipe would hang */

    for (i = 0; i < 3000; i++) {
        gt_info("line %d of a reader that does not read", i);
    }

    gt_log_flush();
    got = count_lines(fd[0], &broken);
    ok(got > 100 && got < 3000, "%d lines came", got);
    is_int(broken, 0, "each of them whole");
    is_int(gt_log_dropped() - before, 3000 - got, "the others are counted");

    gt_warn("again");
    is_int(count_lines(fd[0], &broken), 1, "when there is room it goes on");

    (void) close(fd[0]);
    (void) gt_log_open(path);
}


static void
test_socket(void)
{
    int      i, fd[2], got, broken = 0;
    uint64_t before = gt_log_dropped();

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) != 0
        || fcntl(fd[0], F_SETFL, O_NONBLOCK) != 0)
    {
        exit(1);
    }

    gt_log_take_fd(fd[1]);

    for (i = 0; i < 6000; i++) {
        gt_info("line %d of a reader that does not read", i);
    }

    gt_log_flush();
    got = count_lines(fd[0], &broken);
    ok(got > 10 && got < 6000, "%d lines came through a socket", got);
    is_int(gt_log_dropped() - before, 6000 - got, "the others are counted");
    gt_warn("again");
    is_int(count_lines(fd[0], &broken), 1, "when there is room it goes on");

    (void) close(fd[0]);
    gt_warn("into the void"); /* no SIGPIPE */
    (void) gt_log_open(path);
}


/* one flush is one write: another appender's lines stay between ours */

static void
test_append(void)
{
    int fd = open(path, O_WRONLY | O_APPEND);

    (void) logged();
    gt_info("one");
    gt_info("two");
    ok(write(fd, "other\n", 6) == 6, "another process writes");
    gt_log_flush();
    ok(strncmp(slurp(path), "other\n{", 7) == 0, "nothing is overwritten");
    (void) close(fd);
}


int
main(void)
{
    (void) signal(SIGPIPE, SIG_IGN);

    if (!mkdtemp(dir)) {
        return 1;
    }

    (void) gt_snprintf(path, sizeof(path), "%s/log", dir);
    is_int(gt_log_open(path), GT_OK, "opened");

    test_stamp();
    test_shapes();
    test_hostile();
    test_long();
    test_levels();
    test_files();
    test_pipe();
    test_socket();
    test_append();

    (void) gt_log_open("stderr");
    (void) gt_snprintf(text, sizeof(text), "rm -rf %s", dir);
    is_int(system(text), 0, "cleaned up");

    return tap_done();
}
