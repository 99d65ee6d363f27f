/*
 * core/log.c: log lines, as Go's slog writes them for GOST.
 *
 *   begin -> fields -> end -> buffer -> flush
 *
 * A line is built in the caller's frame, appended whole to the buffer and
 * leaves with its neighbours in one write.  A pipe takes at most PIPE_BUF
 * bytes at a time, so that lines of several processes do not mix.
 */

#include "core/log.h"

#include "core/mem.h"
#include "core/num.h"
#include "core/quote.h"
#include "core/str.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    LOG_BUFFER = 32768,  /* a round's lines; then they go out before its end */
    LOG_TEXT_MAX = 2048, /* of a message, so that fields have room */
    LOG_TAG_MAX = 64,
    LOG_END = 8,    /* kept for a closing quote, a brace and the newline */
    LOG_VALUE = 16, /* a field with less room than that is left out */
    LOG_MODE = 0640,
    LOG_STAMP = 40
};

typedef enum { LOG_FILE, LOG_PIPE, LOG_TTY, LOG_SOCKET } log_kind_t;

static struct {
    bool            opened;
    bool            ours; /* fd is ours to close */
    bool            none;
    int             fd;
    log_kind_t      kind;
    char           *path; /* ours; NULL for anything but a file by name */
    gt_log_level_t  level;
    gt_log_format_t format;
    char            key[LOG_TAG_MAX], value[LOG_TAG_MAX];
    uint64_t        dropped;
    size_t          n;
    char            buffer[LOG_BUFFER];
} log_state = { .fd = -1, .level = GT_LOG_INFO };

static const char *const log_levels[] = { "trace", "debug", "info",
                                          "warn",  "error", "fatal" };


/* --- output --- */

static log_kind_t
log_kind(int fd)
{
    struct stat sb;

    if (fstat(fd, &sb) != 0) {
        return LOG_FILE;
    }

    if (S_ISFIFO(sb.st_mode)) {
        return LOG_PIPE;
    }

    if (S_ISSOCK(sb.st_mode)) {
        return LOG_SOCKET;
    }

    return S_ISCHR(sb.st_mode) ? LOG_TTY : LOG_FILE;
}


static void
log_use(int fd, bool ours)
{
    if (log_state.ours) {
        (void) close(log_state.fd);
    }

    log_state.fd = fd;
    log_state.ours = ours;
    log_state.kind = log_kind(fd);
    log_state.none = false;
    log_state.opened = true;
}


/*
 * A standard descriptor is shared with whoever started us, so it must not be
 * made non-blocking.  A pipe or a terminal can be opened once more instead.
 */

static void
log_use_std(int std)
{
    int        fd = -1;
    char       path[32];
    log_kind_t kind = log_kind(std);

    if (kind == LOG_PIPE || kind == LOG_TTY) {
        (void) gt_snprintf(path, sizeof(path), "/proc/self/fd/%d", std);
        fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    }

    log_use(fd < 0 ? std : fd, fd >= 0);
}


static int
log_fd(void)
{
    if (!log_state.opened) {
        log_use_std(STDERR_FILENO);
    }

    return log_state.none ? -1 : log_state.fd;
}


/* may a write of up to PIPE_BUF bytes be made without waiting? */

static bool
log_writable(int fd)
{
    struct pollfd pfd = { .fd = fd, .events = POLLOUT };

    return poll(&pfd, 1, 0) == 1 && (pfd.revents & POLLOUT);
}


/* as many whole lines as one write may hold */

static size_t
log_piece(const char *p, size_t n)
{
    const char *end;

    if (log_state.kind == LOG_FILE || n <= PIPE_BUF) {
        return n;
    }

    end = memrchr(p, '\n', PIPE_BUF);

    return end ? (size_t) (end - p) + 1 : PIPE_BUF;
}


static ssize_t
log_write(int fd, const char *p, size_t n)
{
    ssize_t rc;

    do {
        if (log_state.kind == LOG_SOCKET) {
            rc = send(fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);

        } else if (log_state.kind != LOG_FILE && !log_writable(fd)) {
            errno = EAGAIN;
            return -1;

        } else {
            rc = write(fd, p, n);
        }
    } while (rc < 0 && errno == EINTR);

    return rc;
}


static uint64_t
log_lines(const char *p, size_t n)
{
    uint64_t    lines = 0;
    const char *end = p + n;

    while (p < end && (p = memchr(p, '\n', (size_t) (end - p))) != NULL) {
        lines++;
        p++;
    }

    return lines;
}


void
gt_log_flush(void)
{
    int     fd, eno = errno;
    size_t  done = 0;
    ssize_t rc;

    fd = log_fd();

    while (fd >= 0 && done < log_state.n) {
        rc = log_write(fd, log_state.buffer + done,
                       log_piece(log_state.buffer + done, log_state.n - done));
        if (rc <= 0) {
            break;
        }

        done += (size_t) rc;
    }

    if (fd >= 0) {
        log_state.dropped +=
            log_lines(log_state.buffer + done, log_state.n - done);
    }

    if (done > 0 && done < log_state.n && log_state.buffer[done - 1] != '\n') {
        log_state.buffer[0] = '\n'; /* the next line is not to join a half */
        log_state.n = 1;
    } else {
        log_state.n = 0;
    }

    errno = eno;
}


void
gt_log_discard(void)
{
    log_state.n = 0;
}


static void
log_append(const char *p, size_t n)
{
    if (n > LOG_BUFFER - log_state.n) {
        gt_log_flush();
    }

    memcpy(log_state.buffer + log_state.n, p, n);
    log_state.n += n;
}


/* the folders above path; one that cannot be made shows when path is opened */

static void
log_folders(char *path)
{
    char *p;

    for (p = path; (p = strchr(p + 1, '/')) != NULL;) {
        *p = '\0';
        (void) mkdir(path, 0755);
        *p = '/';
    }
}


static int
log_open_path(char *path)
{
    log_folders(path);

    return open(path,
                O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK
                    | O_NOCTTY,
                LOG_MODE);
}


static void
log_set_path(char *path)
{
    gt_free(log_state.path);
    log_state.path = path;
}


int
gt_log_open(const char *output)
{
    int   fd;
    char *path;

    gt_log_flush();

    if (strcmp(output, "stderr") == 0 || strcmp(output, "stdout") == 0) {
        log_set_path(NULL);
        log_use_std(output[3] == 'e' ? STDERR_FILENO : STDOUT_FILENO);
        return GT_OK;
    }

    if (strcmp(output, "none") == 0 || strcmp(output, "null") == 0) {
        log_set_path(NULL);
        log_use(-1, false);
        log_state.none = true;
        return GT_OK;
    }

    path = gt_strdup(output);
    if (!path) {
        errno = ENOMEM;
        return GT_ERROR;
    }

    fd = log_open_path(path);
    if (fd < 0) {
        gt_free(path);
        return GT_ERROR;
    }

    log_set_path(path);
    log_use(fd, true);

    return GT_OK;
}


int
gt_log_reopen(void)
{
    int fd;

    if (!log_state.path) {
        return GT_OK;
    }

    gt_log_flush();

    fd = log_open_path(log_state.path);
    if (fd < 0) {
        return GT_ERROR;
    }

    log_use(fd, true);

    return GT_OK;
}


int
gt_log_fd(void)
{
    return log_fd();
}


void
gt_log_take_fd(int fd)
{
    gt_log_flush();
    log_set_path(NULL);
    log_use(fd, true);
}


uint64_t
gt_log_dropped(void)
{
    return log_state.dropped;
}


/* --- settings --- */

void
gt_log_set_level(gt_log_level_t level)
{
    log_state.level = level;
}


void
gt_log_set_format(gt_log_format_t format)
{
    log_state.format = format;
}


gt_log_level_t
gt_log_level(void)
{
    return log_state.level;
}


gt_log_level_t
gt_log_level_parse(const char *word)
{
    size_t i;

    for (i = 0; i < gt_nelts(log_levels); i++) {
        if (strcmp(word, log_levels[i]) == 0) {
            return (gt_log_level_t) i;
        }
    }

    return GT_LOG_INFO;
}


void
gt_log_set_tag(const char *key, const char *value)
{
    (void) gt_str_copy(log_state.key, LOG_TAG_MAX, gt_str_from(key));
    (void) gt_str_copy(log_state.value, LOG_TAG_MAX, gt_str_from(value));
}


/* --- lines --- */

static size_t
log_room(const gt_log_line_t *ln)
{
    return GT_LOG_LINE_MAX - gt_min(ln->n + LOG_END, (size_t) GT_LOG_LINE_MAX);
}


/* all of it or nothing */

static bool
log_put(gt_log_line_t *ln, const char *p, size_t n)
{
    if (n > log_room(ln)) {
        return false;
    }

    memcpy(ln->p + ln->n, p, n);
    ln->n += n;

    return true;
}


/* goes into the room that is kept for it */

static void
log_close(gt_log_line_t *ln, char c)
{
    GT_ASSERT(ln->n < GT_LOG_LINE_MAX);
    ln->p[ln->n++] = c;
}


static void
log_value(gt_log_line_t *ln, const char *p, size_t n)
{
    if (log_state.format == GT_LOG_TEXT && !gt_quote_needed(p, n)
        && log_put(ln, p, n))
    {
        return;
    }

    /* the quotes may go into the room that is kept */
    ln->n += gt_quote(ln->p + ln->n, log_room(ln) + 2, p, n,
                      log_state.format == GT_LOG_JSON);
}


/* false: the field does not fit */

static bool
log_key(gt_log_line_t *ln, const char *key)
{
    bool   json = log_state.format == GT_LOG_JSON;
    size_t n = strlen(key), was = ln->n;

    if (log_room(ln) < n + LOG_VALUE) {
        return false;
    }

    if (json) {
        return log_put(ln, ",", was > 1 ? 1 : 0) && log_put(ln, "\"", 1)
               && log_put(ln, key, n) && log_put(ln, "\":", 2);
    }

    return log_put(ln, " ", was > 0 ? 1 : 0) && log_put(ln, key, n)
           && log_put(ln, "=", 1);
}


void
gt_log_strn(gt_log_line_t *ln, const char *key, const char *p, size_t n)
{
    if (log_key(ln, key)) {
        log_value(ln, p, n);
    }
}


void
gt_log_str(gt_log_line_t *ln, const char *key, const char *value)
{
    gt_str_t s = gt_str_from(value);

    gt_log_strn(ln, key, s.n ? s.p : "", s.n);
}


static void
log_bare(gt_log_line_t *ln, const char *key, const char *text)
{
    size_t was = ln->n;

    if (!log_key(ln, key) || !log_put(ln, text, strlen(text))) {
        ln->n = was;
    }
}


void
gt_log_int(gt_log_line_t *ln, const char *key, int64_t value)
{
    char   text[GT_NUM_TEXT];
    size_t n = 0;

    if (value < 0) {
        text[n++] = '-';
    }

    n += gt_num_put(text + n, value < 0 ? -(uint64_t) value : (uint64_t) value);
    text[n] = '\0';
    log_bare(ln, key, text);
}


void
gt_log_dur(gt_log_line_t *ln, const char *key, int64_t ns)
{
    char text[GT_NUM_TEXT];

    if (log_state.format == GT_LOG_JSON) {
        gt_log_int(ln, key, ns);
        return;
    }

    log_bare(ln, key, gt_num_duration_text(ns, text, sizeof(text)));
}


/* RFC 3339 with milliseconds in the local zone, made anew when they pass */

static const char *
log_stamp(void)
{
    static char     text[LOG_STAMP];
    static time_t   last_s = -1;
    static long     last_ms = -1;
    static char     zone[8];
    long            ms, east;
    char            head[24];
    struct tm       tm;
    struct timespec ts;

    (void) clock_gettime(CLOCK_REALTIME, &ts);
    ms = ts.tv_nsec / 1000000;

    if (ts.tv_sec == last_s && ms == last_ms) {
        return text;
    }

    if (ts.tv_sec != last_s) {
        (void) localtime_r(&ts.tv_sec, &tm);
        (void) strftime(head, sizeof(head), "%Y-%m-%dT%H:%M:%S", &tm);
        east = tm.tm_gmtoff / 60;
        (void) gt_snprintf(zone, sizeof(zone), "%c%02d:%02d",
                           east < 0 ? '-' : '+', (int) (labs(east) / 60),
                           (int) (labs(east) % 60));
    } else {
        memcpy(head, text, 19);
        head[19] = '\0';
    }

    last_s = ts.tv_sec;
    last_ms = ms;
    (void) gt_snprintf(text, sizeof(text), "%s.%03ld%s", head, ms,
                       strcmp(zone, "+00:00") == 0 ? "Z" : zone);

    return text;
}


static void
log_begin(gt_log_line_t *ln, gt_log_level_t level, const char *prefix,
          const char *fmt, va_list ap)
{
    char   text[LOG_TEXT_MAX];
    size_t n;

    n = gt_snprintf(text, sizeof(text), "%s", prefix);
    n += gt_vsnprintf(text + n, sizeof(text) - n, fmt, ap);

    ln->level = level;
    ln->n = 0;

    if (log_state.format == GT_LOG_JSON) {
        (void) log_put(ln, "{", 1);
    }

    gt_log_str(ln, "time", log_stamp());
    gt_log_str(ln, "level", log_levels[level]);
    gt_log_strn(ln, "msg", text, n);

    if (log_state.key[0] != '\0') {
        gt_log_str(ln, log_state.key, log_state.value);
    }
}


static bool
log_is_on(gt_log_level_t level)
{
    return level >= log_state.level && level < GT_LOG_OFF && log_fd() >= 0;
}


bool
gt_log_vbegin(gt_log_line_t *ln, gt_log_level_t level, const char *fmt,
              va_list ap)
{
    int  eno = errno;
    bool on = log_is_on(level);

    errno = eno; /* fmt may have %m */

    if (on) {
        log_begin(ln, level, "", fmt, ap);
        errno = eno;
    }

    return on;
}


bool
gt_log_begin(gt_log_line_t *ln, gt_log_level_t level, const char *fmt, ...)
{
    bool    on;
    va_list ap;

    va_start(ap, fmt);
    on = gt_log_vbegin(ln, level, fmt, ap);
    va_end(ap);

    return on;
}


void
gt_log_end(gt_log_line_t *ln)
{
    if (log_state.format == GT_LOG_JSON) {
        log_close(ln, '}');
    }

    log_close(ln, '\n');
    log_append(ln->p, ln->n);

    if (ln->level >= GT_LOG_WARN) {
        gt_log_flush();
    }
}


static void
log_line(gt_log_level_t level, const char *prefix, const char *fmt, va_list ap)
{
    int           eno = errno;
    gt_log_line_t ln;

    if (log_is_on(level)) {
        errno = eno;
        log_begin(&ln, level, prefix, fmt, ap);
        gt_log_end(&ln);
    }

    errno = eno;
}


void
gt_log(gt_log_level_t level, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    log_line(level, "", fmt, ap);
    va_end(ap);
}


void
gt_log_alert(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    log_line(GT_LOG_ERROR, "[alert] ", fmt, ap);
    va_end(ap);
}
