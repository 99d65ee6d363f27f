/*
 * Processes: titles as ps sees them, forking, users, privileges let go for
 * good, pid files that are stale, foreign or ours.
 */

#include "os/proc.h"

#include "core/log.h"
#include "core/rand.h"
#include "core/str.h"

#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[] = "/tmp/gatun-proc-XXXXXX";


/* the file's first bytes with its NULs as they are; its length */

static size_t
slurp(const char *path, char *buf, size_t size)
{
    int     fd = open(path, O_RDONLY);
    ssize_t n = fd < 0 ? -1 : read(fd, buf, size - 1);

    (void) close(fd);
    n = gt_max(n, 0);
    buf[n] = '\0';

    return (size_t) n;
}


static void
spit(const char *path, const char *text)
{
    int fd = creat(path, 0644);

    (void) !write(fd, text, strlen(text));
    (void) close(fd);
}


/* what the child's function returns */

static int
in_child(int (*run)(void))
{
    int   status = -1;
    pid_t pid = gt_proc_fork();

    if (pid == 0) {
        _exit(run());
    }

    (void) waitpid(pid, &status, 0);

    return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}


static void
test_title(int argc, char **argv)
{
    char  buf[4096], big[4096], *first = argv[0];
    char  was[256];
    char *home;

    (void) gt_str_copy(was, sizeof(was), gt_str_from(argv[0]));
    gt_proc_title("too early");
    is_str(argv[0], was, "nothing happens before the beginning");

    (void) setenv("GATUN_PROC_T", "here", 1);
    gt_proc_title_init(argc, argv);
    gt_proc_title_init(argc, argv);
    gt_proc_title("gatun: worker %d", 12);
    (void) slurp("/proc/self/cmdline", buf, sizeof(buf));
    is_str(buf, "gatun: worker 12", "the title");
    ok(argv[0] != first, "argv has moved");
    is_str(argv[0], was, "and is what it was");

    home = getenv("GATUN_PROC_T");
    ok(home && strcmp(home, "here") == 0 && getenv("PATH") != NULL,
       "so is the environment");

    memset(big, 'x', sizeof(big) - 1);
    big[sizeof(big) - 1] = '\0';
    gt_proc_title("%s", big);
    ok(getenv("PATH") && strcmp(argv[0], was) == 0, "a long one is cut");
    gt_proc_title("gatun: master");
    (void) slurp("/proc/self/cmdline", buf, sizeof(buf));
    is_str(buf, "gatun: master", "a short one after it");
}


static uint64_t parents;

static int
child_rand(void)
{
    return gt_rand_u64() == parents;
}


static int
child_flush(void)
{
    gt_log_flush();

    return 0;
}


static void
test_fork(void)
{
    char          path[64], buf[4096];
    size_t        n;
    struct rlimit rl;

    (void) gt_rand_u64(); /* the buffer holds more */
    {
        pid_t pid = gt_proc_fork();
        int   status = -1;

        if (pid == 0) {
            _exit((int) (gt_rand_u64() & 0x7f));
        }

        (void) waitpid(pid, &status, 0);
        parents = gt_rand_u64();
        ok(WIFEXITED(status), "a child");
        is_int(in_child(child_rand), 0, "draws its own random numbers");
    }

    (void) gt_snprintf(path, sizeof(path), "%s/log", dir);
    (void) gt_log_open(path);
    gt_info("once");
    is_int(in_child(child_flush), 0, "a child that flushes");
    gt_log_flush();
    n = slurp(path, buf, sizeof(buf));
    ok(strstr(buf, "once") && strchr(buf, '\n') == buf + n - 1,
       "does not log its parent's line again");
    (void) gt_log_open("stderr");
    (void) unlink(path);

    ok(gt_proc_alive(getpid()) && gt_proc_alive(1), "we live, and so does 1");
    ok(!gt_proc_alive(0) && !gt_proc_alive(-1), "none and all do not");
    ok(gt_proc_cpus() >= 1 && gt_proc_cpus() <= 4096, "%d CPUs",
       gt_proc_cpus());

    (void) getrlimit(RLIMIT_NOFILE, &rl);
    rl.rlim_cur = 100;
    (void) setrlimit(RLIMIT_NOFILE, &rl);
    ok(gt_proc_nofile() == rl.rlim_max && getrlimit(RLIMIT_NOFILE, &rl) == 0
           && rl.rlim_cur == rl.rlim_max,
       "descriptors up to the hard limit");
}


static void
test_mkdirs(void)
{
    char        path[64];
    struct stat sb;

    (void) gt_snprintf(path, sizeof(path), "%s/a/b/c", dir);
    ok(gt_proc_mkdirs(path, 0700) == GT_OK && stat(path, &sb) == 0
           && (sb.st_mode & 0777) == 0700,
       "three folders");
    is_int(gt_proc_mkdirs(path, 0700), GT_OK, "again");
    (void) gt_snprintf(path, sizeof(path), "%s/file", dir);
    spit(path, "");
    ok(gt_proc_mkdirs(path, 0700) == GT_ERROR && errno == ENOTDIR,
       "a file is in the way");
    (void) gt_snprintf(path, sizeof(path), "%s/file/x", dir);
    ok(gt_proc_mkdirs(path, 0700) == GT_ERROR && errno == ENOTDIR,
       "above it too");
}


static void
test_user(void)
{
    const char    *why = NULL;
    gt_proc_user_t u;

    ok(gt_proc_user("root", NULL, &u, &why) == GT_OK && u.uid == 0 && u.gid == 0
           && strcmp(u.name, "root") == 0,
       "root");
    ok(gt_proc_user("nobody", "", &u, &why) == GT_OK && u.uid == 65534,
       "nobody, of its own group");
    ok(gt_proc_user("nobody", "root", &u, &why) == GT_OK && u.gid == 0,
       "nobody of another");
    ok(gt_proc_user("0", NULL, &u, &why) == GT_OK
           && strcmp(u.name, "root") == 0,
       "by number");
    ok(gt_proc_user("4242", "4343", &u, &why) == GT_OK && u.uid == 4242
           && u.gid == 4343 && u.name[0] == '\0',
       "numbers that have no name");
    ok(gt_proc_user("4242", NULL, &u, &why) == GT_ERROR, "need a group: %s",
       why);
    ok(gt_proc_user("no-such-user", NULL, &u, &why) == GT_ERROR, "%s", why);
    ok(gt_proc_user("root", "no-such-group", &u, &why) == GT_ERROR, "%s", why);
    ok(gt_proc_user("4294967295", "0", &u, &why) == GT_ERROR,
       "-1 is nobody's number");
}


static uint64_t
caps(char kind)
{
    char        buf[8192], key[16];
    const char *p;

    (void) slurp("/proc/self/status", buf, sizeof(buf));
    (void) gt_snprintf(key, sizeof(key), "\nCap%s:",
                       kind == 'p'   ? "Prm"
                       : kind == 'e' ? "Eff"
                                     : "Bnd");
    p = strstr(buf, key);

    return p ? strtoull(p + 8, NULL, 16) : UINT64_MAX;
}


static uint64_t keep;

static int
child_drop(void)
{
    char           buf[8192];
    uid_t          r, e, s;
    gid_t          groups[64];
    const char    *why;
    gt_proc_user_t u;

    if (gt_proc_user("nobody", NULL, &u, &why) != GT_OK
        || gt_proc_drop(&u, keep, &why) != GT_OK)
    {
        return 1;
    }

    if (getresuid(&r, &e, &s) != 0 || r != 65534 || e != 65534 || s != 65534) {
        return 2;
    }

    if (caps('p') != keep || caps('e') != keep || (caps('b') & ~keep) != 0) {
        return 3;
    }

    if (setuid(0) == 0 || seteuid(0) == 0 || setgid(0) == 0) {
        return 4;
    }

    if (getgroups(64, groups) != 1 || groups[0] != u.gid) {
        return 5;
    }

    (void) slurp("/proc/self/status", buf, sizeof(buf));

    return strstr(buf, "NoNewPrivs:\t1") ? 0 : 6;
}


static int
child_drop_twice(void)
{
    const char    *why = NULL;
    gt_proc_user_t u, root;

    (void) gt_proc_user("nobody", NULL, &u, &why);
    (void) gt_proc_user("root", NULL, &root, &why);

    if (gt_proc_drop(&u, 0, &why) != GT_OK
        || gt_proc_drop(&u, 0, &why) != GT_OK) {
        return 1; /* one that needs no change is no error */
    }

    return gt_proc_drop(&root, 0, &why) == GT_ERROR && why ? 0 : 2;
}


static void
test_drop(void)
{
    if (geteuid() != 0) {
        ok(1, "not root: nothing to let go of");
        return;
    }

    keep = 0;
    is_int(in_child(child_drop), 0, "root becomes nobody for good");
    keep = GT_PROC_CAP(CAP_NET_BIND_SERVICE);
    is_int(in_child(child_drop), 0, "and keeps one capability");
    is_int(in_child(child_drop_twice), 0, "nobody cannot become root");
}


static void
test_pid(void)
{
    int   status;
    char  path[64], buf[64], own[64];
    pid_t pid;

    (void) gt_snprintf(path, sizeof(path), "%s/pid", dir);
    (void) gt_snprintf(own, sizeof(own), "%d\n", (int) getpid());

    is_int(gt_proc_pid_read(path), 0, "no file");
    gt_proc_pid_remove(path);

    is_int(gt_proc_pid_write(path), GT_OK, "written");
    (void) slurp(path, buf, sizeof(buf));
    is_str(buf, own, "our pid");
    is_int(gt_proc_pid_read(path), 0, "we are no other process");

    pid = fork(); /* of our name, and living */
    if (pid == 0) {
        for (;;) {
            (void) pause();
        }
    }

    (void) gt_snprintf(buf, sizeof(buf), "%d\n", (int) pid);
    spit(path, buf);
    is_int(gt_proc_pid_read(path), pid, "a process of our name");
    gt_proc_pid_remove(path);
    is_int(access(path, F_OK), 0, "its file is not removed");
    (void) gt_snprintf(buf, sizeof(buf), "  %d", (int) pid);
    spit(path, buf);
    is_int(gt_proc_pid_read(path), pid, "blanks, and no newline");

    (void) kill(pid, SIGKILL);
    (void) waitpid(pid, &status, 0);
    is_int(gt_proc_pid_read(path), 0, "a dead one");
    spit(path, "1\n");
    is_int(gt_proc_pid_read(path), 0, "a process of another name");
    spit(path, "rubbish");
    is_int(gt_proc_pid_read(path), 0, "no number");
    spit(path, "-1");
    is_int(gt_proc_pid_read(path), 0, "everybody");
    spit(path, "99999999999999999999");
    is_int(gt_proc_pid_read(path), 0, "too long a number");

    is_int(gt_proc_pid_write(path), GT_OK, "written over a stale one");
    gt_proc_pid_remove(path);
    ok(access(path, F_OK) != 0, "ours is removed");
    ok(gt_proc_pid_write("/no/such/folder/pid") == GT_ERROR && errno == ENOENT,
       "a folder that is missing");
}


int
main(int argc, char **argv)
{
    char cmd[64];

    if (!mkdtemp(dir)) {
        return 1;
    }

    test_title(argc, argv);
    test_fork();
    test_mkdirs();
    test_user();
    test_drop();
    test_pid();

    (void) gt_snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
    is_int(system(cmd), 0, "nothing is left behind");

    return tap_done();
}
