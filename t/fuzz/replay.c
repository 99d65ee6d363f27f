/*
 * t/fuzz/replay.c: the main() of a fuzzer in builds without libFuzzer.  Every
 * argument is a file, or a folder of files; each goes through the target once.
 */

#include <dirent.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static unsigned long replay_count;


static int
replay_file(const char *path, size_t size)
{
    int      rc;
    FILE    *f;
    uint8_t *p;

    f = fopen(path, "rb");
    if (f == NULL) {
        perror(path);
        return 1;
    }

    /* a block of exactly the size, so that a read past its end is seen */
    p = malloc(size ? size : 1);
    rc = p == NULL || fread(p, 1, size, f) != size;
    if (rc == 0) {
        LLVMFuzzerTestOneInput(p, size);
        replay_count++;

    } else {
        fprintf(stderr, "%s: cannot be read\n", path);
    }

    free(p);
    fclose(f);

    return rc;
}


static int
replay_path(const char *path)
{
    int            rc = 0;
    DIR           *dir;
    char           name[PATH_MAX];
    struct stat    sb;
    struct dirent *de;

    if (stat(path, &sb) != 0) {
        perror(path);
        return 1;
    }

    if (!S_ISDIR(sb.st_mode)) {
        return replay_file(path, (size_t) sb.st_size);
    }

    dir = opendir(path);
    if (dir == NULL) {
        perror(path);
        return 1;
    }

    while ((de = readdir(dir)) != NULL) {
        if (de->d_name[0] == '.') {
            continue;
        }

        snprintf(name, sizeof(name), "%s/%s", path, de->d_name);
        rc |= replay_path(name);
    }

    closedir(dir);

    return rc;
}


int
main(int argc, char **argv)
{
    int i, rc = 0;

    for (i = 1; i < argc; i++) {
        rc |= replay_path(argv[i]);
    }

    printf("%lu inputs\n", replay_count);

    return rc;
}
