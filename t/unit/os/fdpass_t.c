/*
 * Messages with descriptors: boundaries, odd sizes, too many of them, and that
 * none leaks on any way.
 */

#include "os/fdpass.h"

#include "core/str.h"

#include "tap.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>


/* how many descriptors this process has */

static int
open_fds(void)
{
    int  n = 0;
    DIR *dir = opendir("/proc/self/fd");

    while (dir && readdir(dir)) {
        n++;
    }

    (void) closedir(dir);

    return n;
}


static void
close_all(const int *fds, unsigned n)
{
    while (n > 0) {
        (void) close(fds[--n]);
    }
}


static void
test_messages(void)
{
    int      p[2], i, pipes[2], fds[4], before = open_fds();
    char     buf[64], c;
    unsigned n;

    is_int(gt_fdpass_pair(p), GT_OK, "a pair");
    ok(fcntl(p[0], F_GETFD) & FD_CLOEXEC, "close-on-exec");
    ok(fcntl(p[1], F_GETFL) & O_NONBLOCK, "non-blocking");

    n = 4;
    is_int(gt_fdpass_recv(p[0], buf, sizeof(buf), fds, &n), GT_AGAIN, "empty");
    is_int(n, 0, "no descriptors");

    is_int(gt_fdpass_send(p[1], "hello", 5, NULL, 0), GT_OK, "sent");
    is_int(gt_fdpass_send(p[1], "you", 3, NULL, 0), GT_OK, "and another");
    n = 4;
    is_int(gt_fdpass_recv(p[0], buf, sizeof(buf), fds, &n), 5, "one message");
    ok(memcmp(buf, "hello", 5) == 0 && n == 0, "as it was sent");
    is_int(gt_fdpass_recv(p[0], buf, sizeof(buf), NULL, NULL), 3, "the other");

    (void) !pipe(pipes);
    is_int(gt_fdpass_send(p[0], "pipe", 4, pipes, 2), GT_OK, "two descriptors");
    close_all(pipes, 2);
    n = 4;
    is_int(gt_fdpass_recv(p[1], buf, sizeof(buf), fds, &n), 4, "received");
    is_int(n, 2, "both");
    ok(fcntl(fds[0], F_GETFD) & FD_CLOEXEC, "close-on-exec");
    ok(write(fds[1], "x", 1) == 1 && read(fds[0], &c, 1) == 1 && c == 'x',
       "they are the pipe's ends");
    close_all(fds, n);

    /* the queue has an end, and a message is never cut */
    for (i = 0; i < 100000; i++) {
        if (gt_fdpass_send(p[0], buf, sizeof(buf), NULL, 0) != GT_OK) {
            break;
        }
    }

    is_int(gt_fdpass_send(p[0], buf, sizeof(buf), NULL, 0), GT_AGAIN, "full");

    while (i-- > 0) {
        if (gt_fdpass_recv(p[1], buf, sizeof(buf), NULL, NULL) != 64) {
            break;
        }
    }

    is_int(i, -1, "all of them whole");

    (void) close(p[0]);
    n = 4;
    is_int(gt_fdpass_recv(p[1], buf, sizeof(buf), fds, &n), 0, "the peer went");
    ok(gt_fdpass_send(p[1], "x", 1, NULL, 0) == GT_ERROR && errno == EPIPE,
       "nobody to send to, and no signal");
    (void) close(p[1]);
    ok(gt_fdpass_recv(-1, buf, sizeof(buf), NULL, NULL) == GT_ERROR
           && errno == EBADF,
       "a bad descriptor");
    is_int(open_fds(), before, "no descriptor leaks");
}


static void
test_too_much(void)
{
    int           p[2], i, before = open_fds();
    int           many[GT_FDPASS_MAX], fds[GT_FDPASS_MAX];
    char          buf[8];
    unsigned      n;
    struct rlimit rl, low;

    (void) gt_fdpass_pair(p);

    for (i = 0; i < GT_FDPASS_MAX; i++) {
        many[i] = p[0];
    }

    is_int(gt_fdpass_send(p[0], "many", 4, many, GT_FDPASS_MAX), GT_OK,
           "as many as there may be");
    n = GT_FDPASS_MAX;
    is_int(gt_fdpass_recv(p[1], buf, sizeof(buf), fds, &n), 4, "received");
    is_int(n, GT_FDPASS_MAX, "all of them");
    close_all(fds, n);

    (void) gt_fdpass_send(p[0], "four", 4, many, 4);
    n = 3;
    ok(gt_fdpass_recv(p[1], buf, sizeof(buf), fds, &n) == GT_ERROR
           && errno == EMSGSIZE,
       "more descriptors than there is room for");
    is_int(n, 0, "none is given");

    (void) gt_fdpass_send(p[0], "none", 4, many, 4);
    ok(gt_fdpass_recv(p[1], buf, sizeof(buf), NULL, NULL) == GT_ERROR
           && errno == EMSGSIZE,
       "none was expected");

    (void) gt_fdpass_send(p[0], "longer than 8", 13, many, 2);
    n = 4;
    ok(gt_fdpass_recv(p[1], buf, sizeof(buf), fds, &n) == GT_ERROR
           && errno == EMSGSIZE,
       "more bytes than there is room for");
    is_int(open_fds(), before + 2, "no descriptor leaks");

    /* our own limit of descriptors cuts what arrives */
    (void) getrlimit(RLIMIT_NOFILE, &rl);
    low = rl;
    low.rlim_cur = (rlim_t) gt_max(p[0], p[1]) + 3;
    (void) gt_fdpass_send(p[0], "six", 3, many, 6);
    (void) setrlimit(RLIMIT_NOFILE, &low);
    n = GT_FDPASS_MAX;
    i = (int) gt_fdpass_recv(p[1], buf, sizeof(buf), fds, &n);
    (void) setrlimit(RLIMIT_NOFILE, &rl);
    ok(i == GT_ERROR && errno == EMFILE, "out of descriptors");
    is_int(open_fds(), before + 2, "no descriptor leaks");

    (void) gt_fdpass_send(p[0], "next", 4, NULL, 0);
    is_int(gt_fdpass_recv(p[1], buf, sizeof(buf), NULL, NULL), 4,
           "what comes next is not hurt");
    close_all(p, 2);

    /* a message without bytes looks like an end, but its descriptors count */
    (void) gt_fdpass_pair(p);
    {
        union {
            struct cmsghdr c;
            char           room[CMSG_SPACE(sizeof(int))];
        } control = { .c = { .cmsg_level = SOL_SOCKET,
                             .cmsg_type = SCM_RIGHTS,
                             .cmsg_len = CMSG_LEN(sizeof(int)) } };
        struct msghdr msg = { .msg_control = &control,
                              .msg_controllen = sizeof(control) };

        memcpy(CMSG_DATA(&control.c), &p[0], sizeof(int));
        ok(sendmsg(p[0], &msg, 0) == 0, "no bytes but a descriptor");
        n = 4;
        is_int(gt_fdpass_recv(p[1], buf, sizeof(buf), fds, &n), GT_ERROR,
               "is refused");
    }

    close_all(p, 2);
    is_int(open_fds(), before, "no descriptor leaks");
}


static void
test_path(void)
{
    int         ls, ls2, a, b, before = open_fds();
    char        dir[] = "/tmp/gatun-fdpass-XXXXXX", path[64], long_path[200];
    char        buf[8];
    pid_t       pid = 0;
    uid_t       uid = 12345;
    struct stat sb;

    (void) !mkdtemp(dir);
    (void) gt_snprintf(path, sizeof(path), "%s/control.sock", dir);

    ok(gt_fdpass_connect(path) < 0 && errno == ENOENT, "nothing there");
    ls = gt_fdpass_listen(path, 0600);
    ok(ls >= 0 && stat(path, &sb) == 0 && (sb.st_mode & 0777) == 0600,
       "listening, for its owner alone");
    ok(gt_fdpass_accept(ls) < 0 && errno == EAGAIN, "nobody came");

    a = gt_fdpass_connect(path);
    b = gt_fdpass_accept(ls);
    ok(a >= 0 && b >= 0, "somebody did");
    ok(gt_fdpass_peer(b, &pid, &uid) == GT_OK && pid == getpid()
           && uid == getuid(),
       "and it was us");
    is_int(gt_fdpass_peer(b, NULL, NULL), GT_OK, "who does not matter");
    ok(gt_fdpass_send(a, "hi", 2, NULL, 0) == GT_OK
           && gt_fdpass_recv(b, buf, sizeof(buf), NULL, NULL) == 2,
       "a message");

    ok(gt_fdpass_listen(path, 0600) < 0 && errno == EADDRINUSE,
       "a living one stays");
    (void) close(gt_fdpass_accept(ls)); /* the probe */
    (void) close(ls);
    ls2 = gt_fdpass_listen(path, 0660);
    ok(ls2 >= 0 && stat(path, &sb) == 0 && (sb.st_mode & 0777) == 0660,
       "a stale one is replaced");
    close_all((int[]){ a, b, ls2 }, 3);
    (void) unlink(path);

    (void) close(creat(path, 0600));
    ok(gt_fdpass_listen(path, 0600) < 0 && errno == EEXIST,
       "a file that is no socket stays");
    (void) unlink(path);
    (void) rmdir(dir);

    memset(long_path, 'x', sizeof(long_path));
    long_path[199] = '\0';
    ok(gt_fdpass_listen(long_path, 0600) < 0 && errno == ENAMETOOLONG,
       "a path that is too long");
    is_int(open_fds(), before, "no descriptor leaks");
}


int
main(void)
{
    test_messages();
    test_too_much();
    test_path();

    return tap_done();
}
