/*
 * conf/file.c: opens what a configuration names.
 */

#include "conf/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>


FILE *
gt_conf_open(const char *path, const char **why)
{
    int         fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    FILE       *f = NULL;
    struct stat sb;

    if (fd < 0 || fstat(fd, &sb) != 0) {
        *why = strerror(errno);

    } else if (S_ISDIR(sb.st_mode)) {
        *why = "is a folder";

    } else if (!S_ISREG(sb.st_mode)) {
        *why = "is not a file";

    } else {
        f = fdopen(fd, "r");
        *why = strerror(errno);
    }

    if (fd >= 0 && f == NULL) {
        close(fd);
    }

    return f;
}
