/*
 * core/log_out.c: where log lines go.
 *
 *   buffer -> flush -> file, pipe, terminal or socket
 *
 * Lines leave with their neighbours in one write.  A pipe takes at most
 * PIPE_BUF bytes at a time, so that lines of several processes do not mix.
 */

#include "core/log_out.h"

#include "core/log.h"
#include "core/mem.h"
#include "core/str.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    LOG_BUFFER = 32768, /* a round's lines; then they go out before its end */
    LOG_MODE = 0640
};

typedef enum { LOG_FILE, LOG_PIPE, LOG_TTY, LOG_SOCKET } log_kind_t;

static struct {
    bool       opened;
    bool       ours; /* fd is ours to close */
    bool       none;
    int        fd;
    log_kind_t kind;
    char      *path; /* ours; NULL for anything but a file by name */
    uint64_t   dropped;
    size_t     n;
    char       buffer[LOG_BUFFER];
} log_out = { .fd = -1 };


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
    if (log_out.ours) {
        (void) close(log_out.fd);
    }

    log_out.fd = fd;
    log_out.ours = ours;
    log_out.kind = log_kind(fd);
    log_out.none = false;
    log_out.opened = true;
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


int
gt_log_fd(void)
{
    if (!log_out.opened) {
        log_use_std(STDERR_FILENO);
    }

    return log_out.none ? -1 : log_out.fd;
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

    if (log_out.kind == LOG_FILE || n <= PIPE_BUF) {
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
        if (log_out.kind == LOG_SOCKET) {
            rc = send(fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);

        } else if (log_out.kind != LOG_FILE && !log_writable(fd)) {
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


size_t
gt_log_pending(void)
{
    return log_out.n;
}


void
gt_log_flush(void)
{
    int     fd, eno = errno;
    size_t  done = 0;
    ssize_t rc;

    fd = gt_log_fd();

    while (fd >= 0 && done < log_out.n) {
        rc = log_write(fd, log_out.buffer + done,
                       log_piece(log_out.buffer + done, log_out.n - done));
        if (rc <= 0) {
            break;
        }

        done += (size_t) rc;
    }

    if (fd >= 0) {
        log_out.dropped += log_lines(log_out.buffer + done, log_out.n - done);
    }

    if (done > 0 && done < log_out.n && log_out.buffer[done - 1] != '\n') {
        log_out.buffer[0] = '\n'; /* the next line is not to join a half */
        log_out.n = 1;
    } else {
        log_out.n = 0;
    }

    errno = eno;
}


void
gt_log_discard(void)
{
    log_out.n = 0;
}


void
gt_log_out(const char *p, size_t n)
{
    if (n > LOG_BUFFER - log_out.n) {
        gt_log_flush();
    }

    memcpy(log_out.buffer + log_out.n, p, n);
    log_out.n += n;
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
    gt_free(log_out.path);
    log_out.path = path;
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
        log_out.none = true;
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

    if (!log_out.path) {
        return GT_OK;
    }

    gt_log_flush();

    fd = log_open_path(log_out.path);
    if (fd < 0) {
        return GT_ERROR;
    }

    log_use(fd, true);

    return GT_OK;
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
    return log_out.dropped;
}
