/*
 * Zones: areas by name, what other processes see of them, over fork() and
 * over exec, and descriptors that are no zones.
 */

#include "os/zone.h"

#include "core/core.h"
#include "core/str.h"

#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>


/* the other side of test_exec(): finds the area and adds to it */

static int
other_side(const char *fd)
{
    size_t      size;
    uint64_t   *area;
    gt_zone_t  *z;
    const char *why;

    z = gt_zone_map((int) strtol(fd, NULL, 10), &why);
    if (!z) {
        return 2;
    }

    area = gt_zone_find(z, "counters", &size);
    if (!area || size != 100 * sizeof(uint64_t) || area[99] != 7) {
        return 3;
    }

    area[99] = 8;
    gt_zone_free(z);

    return 0;
}


static void
test_areas(void)
{
    char       *a, *b;
    size_t      n, size;
    const char *name;
    gt_zone_t  *z = gt_zone_new("lasting", 1000);

    if (!ok(z != NULL, "a zone")) {
        return;
    }

    is_str(gt_zone_name(z), "lasting", "its name");
    ok(gt_zone_left(z) >= 1000, "room for what was asked");
    ok(fcntl(gt_zone_fd(z), F_GETFD) & FD_CLOEXEC, "close-on-exec");

    a = gt_zone_area(z, "health", 100);
    ok(a && (uintptr_t) a % GT_ZONE_ALIGN == 0, "an area, aligned");

    for (n = 0; a && n < 100 && a[n] == 0; n++) {
    }

    is_int(n, 100, "zeroed");
    memset(a, 'x', 100);

    b = gt_zone_area(z, "keys", 1);
    ok(b && b == a + 128 && *b == 0, "the next one, on its own cache line");
    ok(gt_zone_area(z, "health", 100) == a, "found again");
    ok(gt_zone_find(z, "health", &size) == a && size == 100, "looked up");
    ok(gt_zone_find(z, "keys", NULL) == b, "without its size");
    ok(!gt_zone_find(z, "health2", NULL) && !gt_zone_find(z, "", NULL),
       "others are not");

    ok(!gt_zone_area(z, "health", 101) && errno == EEXIST, "another size");
    ok(!gt_zone_area(z, "", 1) && errno == ENAMETOOLONG, "no name");
    ok(!gt_zone_area(z, "0123456789012345678901234567890123456789", 1)
           && errno == ENAMETOOLONG,
       "a name that is too long");
    ok(!gt_zone_area(z, "big", gt_zone_left(z) + 1) && errno == ENOSPC,
       "too big");

    ok(gt_zone_at(z, 0, &name, &size) == a && strcmp(name, "health") == 0
           && size == 100,
       "the first");
    ok(gt_zone_at(z, 1, NULL, NULL) == b, "the second");
    ok(!gt_zone_at(z, 2, NULL, NULL), "no more");

    b = gt_zone_area(z, "rest", gt_zone_left(z));
    ok(b != NULL, "all that is left");
    is_int(gt_zone_left(z), 0, "nothing now");
    ok(!gt_zone_area(z, "more", 1) && errno == ENOSPC, "full");
    gt_zone_free(z);
    gt_zone_free(NULL);
}


static void
test_directory(void)
{
    int        i, good = 0;
    char       name[16];
    gt_zone_t *z = gt_zone_new("many", 100000);

    for (i = 0; i < GT_ZONE_AREAS; i++) {
        (void) gt_snprintf(name, sizeof(name), "area %d", i);
        good += gt_zone_area(z, name, 8) != NULL;
    }

    is_int(good, GT_ZONE_AREAS, "as many areas as the directory holds");
    ok(!gt_zone_area(z, "one more", 8) && errno == ENOSPC, "and no more");
    ok(gt_zone_find(z, "area 253", NULL) != NULL, "the last is found");
    gt_zone_free(z);

    ok(!gt_zone_new("0123456789012345678901234567890123456789", 1),
       "a zone's name that is too long");
    ok(!gt_zone_new("x", SIZE_MAX) && errno == ENOMEM, "a zone too large");
}


static void
test_fork(void)
{
    int         i, status = 0;
    uint32_t   *n, *late;
    gt_zone_t  *z = gt_zone_new("fork", 4096), *again;
    const char *why = "";

    n = gt_zone_area(z, "n", sizeof(*n));

    if (fork() == 0) {
        /* an area that is made later is seen by those who mapped before */
        for (i = 0, late = NULL; !late && i < 100000000; i++) {
            late = gt_zone_find(z, "late", NULL);
        }

        if (!late) {
            _exit(1);
        }

        (*n)++;
        *late = 5;
        _exit(0);
    }

    late = gt_zone_area(z, "late", sizeof(*late));
    (void) wait(&status);
    ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "a child");
    ok(*n == 1 && *late == 5, "wrote where we read");

    again = gt_zone_map(fcntl(gt_zone_fd(z), F_DUPFD_CLOEXEC, 0), &why);
    ok(again != NULL, "mapped a second time (%s)", why ? why : "");
    ok(again && gt_zone_find(again, "late", NULL) != (void *) late
           && *(uint32_t *) gt_zone_find(again, "late", NULL) == 5,
       "elsewhere, with the same content");
    gt_zone_free(z);
    ok(*(uint32_t *) gt_zone_find(again, "n", NULL) == 1,
       "the memory lives while somebody maps it");
    gt_zone_free(again);
}


static void
test_exec(const char *self)
{
    int        status = 0;
    char       fd[16];
    uint64_t  *area;
    gt_zone_t *z = gt_zone_new("exec", 4096);

    area = gt_zone_area(z, "counters", 100 * sizeof(uint64_t));
    area[99] = 7;
    is_int(gt_zone_keep(z, true), GT_OK, "kept over exec");
    (void) gt_snprintf(fd, sizeof(fd), "%d", gt_zone_fd(z));

    if (fork() == 0) {
        (void) execl(self, self, fd, (char *) NULL);
        _exit(9);
    }

    (void) wait(&status);
    is_int(status, 0, "another program finds it by its descriptor");
    is_int(area[99], 8, "and writes to it");

    is_int(gt_zone_keep(z, false), GT_OK, "not kept any more");
    ok(fcntl(gt_zone_fd(z), F_GETFD) & FD_CLOEXEC, "close-on-exec again");

    ok(ftruncate(gt_zone_fd(z), 4096) < 0 && errno == EPERM,
       "nobody can shorten it");
    ok(ftruncate(gt_zone_fd(z), 1 << 20) < 0 && errno == EPERM, "nor extend");
    gt_zone_free(z);
}


static void
refused(int fd, const char *what)
{
    const char *why = NULL;

    ok(!gt_zone_map(fd, &why) && why, "%s: %s", what, why ? why : "");
    ok(fd < 0 || close(fd) == 0, "the descriptor stays ours");
}


static int
forged(size_t size, size_t at, uint8_t byte, int seals)
{
    int        fd = memfd_create("forged", MFD_ALLOW_SEALING);
    uint8_t    head[16384];
    gt_zone_t *z = gt_zone_new("true", 20000);

    (void) !pread(gt_zone_fd(z), head, sizeof(head), 0);
    head[at] ^= byte;
    (void) !pwrite(fd, head, gt_min(sizeof(head), size), 0);
    (void) !ftruncate(fd, (off_t) size);
    (void) fcntl(fd, F_ADD_SEALS, seals);
    gt_zone_free(z);

    return fd;
}


static void
test_refused(void)
{
    int         fd, seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
    size_t      size = 20000 + 16384;
    uint64_t   *count;
    gt_zone_t  *z;
    const char *why = NULL;

    size = (size + 4095) / 4096 * 4096;

    refused(-1, "no descriptor");
    refused(open("/dev/null", O_RDWR | O_CLOEXEC), "/dev/null");
    refused(forged(size, 0, 0, 0), "not sealed");
    refused(forged(size, 0, 0, seals & ~F_SEAL_SHRINK), "not sealed enough");
    refused(forged(100, 0, 0, seals), "a short one");
    refused(forged(size, 0, 1, seals), "another magic");
    refused(forged(size, 8, 1, seals), "another layout");
    refused(forged(size + 4096, 0, 0, seals), "another size");

    fd = forged(size, 0, 0, seals);
    z = gt_zone_map(fd, &why);
    ok(z != NULL, "the same without a fault is taken (%s)", why ? why : "");

    /* a directory that lies must not lead out of the mapping */
    count = gt_zone_area(z, "count", 8);
    ok(count != NULL, "an area");
    {
        uint64_t *entry = (uint64_t *) (void *) ((char *) count - 16384 + 128);

        entry[GT_ZONE_NAME / 8] = UINT64_MAX - 4;
        ok(!gt_zone_find(z, "count", NULL), "an offset beyond the end");
        entry[GT_ZONE_NAME / 8] = 16384;
        entry[GT_ZONE_NAME / 8 + 1] = size;
        ok(!gt_zone_find(z, "count", NULL), "a size beyond the end");
        entry[GT_ZONE_NAME / 8] = 0;
        ok(!gt_zone_find(z, "count", NULL), "an area over the directory");
    }

    gt_zone_free(z);
}


int
main(int argc, char **argv)
{
    if (argc > 1) {
        return other_side(argv[1]);
    }

    test_areas();
    test_directory();
    test_fork();
    test_exec(argv[0]);
    test_refused();

    return tap_done();
}
