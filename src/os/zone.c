/*
 * os/zone.c: a sealed memfd with a directory of areas at its front.
 */

#include "os/zone.h"

#include "core/mem.h"
#include "core/str.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* "gtzone" and the layout of these two structures */
static const uint64_t zone_magic = UINT64_C(0x67747a6f6e650001);

enum { ZONE_SEALS = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL };

typedef struct {
    char     name[GT_ZONE_NAME];
    uint64_t offset; /* from the zone's start */
    uint64_t size;
    uint64_t unused;
} zone_area_t;

typedef struct {
    uint64_t    magic;
    uint32_t    layout;
    uint32_t    n_areas; /* written last, read first: the directory's lock */
    uint64_t    size;    /* of the whole zone */
    uint64_t    used;    /* only the master reads and writes it */
    char        name[GT_ZONE_NAME];
    uint8_t     unused[56];
    zone_area_t areas[GT_ZONE_AREAS];
} zone_head_t;

_Static_assert(sizeof(zone_area_t) == 64, "an entry is a cache line");
_Static_assert(sizeof(zone_head_t) == 16384, "the directory is four pages");

struct gt_zone {
    zone_head_t *head; /* the mapping, ours */
    size_t       size; /* of the mapping; head->size is not to be trusted */
    int          fd;   /* ours */
};


static size_t
zone_round(size_t n, size_t to)
{
    return (n + to - 1) / to * to;
}


/* takes fd over; a failure leaves it open */

static gt_zone_t *
zone_attach(int fd, size_t size)
{
    void      *p;
    gt_zone_t *z;

    z = gt_calloc(sizeof(gt_zone_t));
    if (!z) {
        errno = ENOMEM;
        return NULL;
    }

    p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (p == MAP_FAILED) {
        gt_free(z);
        return NULL;
    }

    z->head = p;
    z->size = size;
    z->fd = fd;

    return z;
}


static void
zone_detach(gt_zone_t *z)
{
    (void) munmap(z->head, z->size);
    gt_free(z);
}


/* a memfd with all its memory; -1 with errno */

static int
zone_memory(const char *name, size_t size)
{
    int  fd, rc;
    char text[GT_ZONE_NAME + 8];

    (void) gt_snprintf(text, sizeof(text), "gatun:%s", name);

    fd = memfd_create(text, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) {
        return -1;
    }

    do {
        rc = posix_fallocate(fd, 0, (off_t) size);
    } while (rc == EINTR);

    if (rc == 0 && fcntl(fd, F_ADD_SEALS, ZONE_SEALS) != 0) {
        rc = errno;
    }

    if (rc != 0) {
        (void) close(fd);
        errno = rc;
        return -1;
    }

    return fd;
}


gt_zone_t *
gt_zone_new(const char *name, size_t size)
{
    int        fd, eno;
    gt_zone_t *z;

    if (strlen(name) >= GT_ZONE_NAME || size > SIZE_MAX / 4) {
        errno = size > SIZE_MAX / 4 ? ENOMEM : ENAMETOOLONG;
        return NULL;
    }

    size = zone_round(sizeof(zone_head_t) + zone_round(size, GT_ZONE_ALIGN),
                      (size_t) sysconf(_SC_PAGESIZE));

    fd = zone_memory(name, size);
    if (fd < 0) {
        return NULL;
    }

    z = zone_attach(fd, size);
    if (!z) {
        eno = errno;
        (void) close(fd);
        errno = eno;
        return NULL;
    }

    z->head->layout = GT_ZONE_LAYOUT;
    z->head->size = size;
    z->head->used = sizeof(zone_head_t);
    (void) gt_str_copy(z->head->name, GT_ZONE_NAME, gt_str_from(name));
    __atomic_store_n(&z->head->magic, zone_magic, __ATOMIC_RELEASE);

    return z;
}


static const char *
zone_check(const gt_zone_t *z)
{
    const zone_head_t *h = z->head;

    if (__atomic_load_n(&h->magic, __ATOMIC_ACQUIRE) != zone_magic) {
        return "not a zone of gatun's";
    }

    if (h->layout != GT_ZONE_LAYOUT) {
        return "another version's layout";
    }

    if (h->size != z->size) {
        return "another size than it says";
    }

    return memchr(h->name, '\0', GT_ZONE_NAME) ? NULL : "a broken name";
}


gt_zone_t *
gt_zone_map(int fd, const char **why)
{
    int         seals = fcntl(fd, F_GET_SEALS);
    gt_zone_t  *z;
    struct stat sb;

    /* unsealed, somebody could shorten it under us */
    if (seals < 0 || (seals & ZONE_SEALS) != ZONE_SEALS) {
        *why = "not a sealed memfd";
        return NULL;
    }

    if (fstat(fd, &sb) != 0 || sb.st_size < (off_t) sizeof(zone_head_t)) {
        *why = "too small";
        return NULL;
    }

    z = zone_attach(fd, (size_t) sb.st_size);
    if (!z) {
        *why = "mmap() failed";
        return NULL;
    }

    *why = zone_check(z);
    if (*why) {
        zone_detach(z);
        return NULL;
    }

    return z;
}


void
gt_zone_free(gt_zone_t *z)
{
    int fd;

    if (z) {
        fd = z->fd;
        zone_detach(z);
        (void) close(fd);
    }
}


int
gt_zone_fd(const gt_zone_t *z)
{
    return z->fd;
}


const char *
gt_zone_name(const gt_zone_t *z)
{
    return z->head->name;
}


int
gt_zone_keep(gt_zone_t *z, bool keep)
{
    return fcntl(z->fd, F_SETFD, keep ? 0 : FD_CLOEXEC) < 0 ? GT_ERROR : GT_OK;
}


static unsigned
zone_count(const gt_zone_t *z)
{
    unsigned n = __atomic_load_n(&z->head->n_areas, __ATOMIC_ACQUIRE);

    return gt_min(n, (unsigned) GT_ZONE_AREAS);
}


/* the area's memory, if it lies in the mapping */

static void *
zone_memory_of(const gt_zone_t *z, const zone_area_t *a)
{
    if (a->offset < sizeof(zone_head_t) || a->offset > z->size
        || a->size > z->size - a->offset)
    {
        return NULL;
    }

    return (uint8_t *) z->head + a->offset;
}


void *
gt_zone_at(const gt_zone_t *z, unsigned i, const char **name, size_t *size)
{
    const zone_area_t *a = &z->head->areas[i];

    if (i >= zone_count(z)) {
        return NULL;
    }

    if (name) {
        *name = a->name;
    }

    if (size) {
        *size = (size_t) a->size;
    }

    return zone_memory_of(z, a);
}


void *
gt_zone_find(const gt_zone_t *z, const char *name, size_t *size)
{
    unsigned i, n = zone_count(z);

    for (i = 0; i < n; i++) {
        if (strncmp(z->head->areas[i].name, name, GT_ZONE_NAME) == 0) {
            return gt_zone_at(z, i, NULL, size);
        }
    }

    return NULL;
}


size_t
gt_zone_left(const gt_zone_t *z)
{
    size_t used = (size_t) z->head->used;

    return used < z->size && zone_count(z) < GT_ZONE_AREAS ? z->size - used : 0;
}


void *
gt_zone_area(gt_zone_t *z, const char *name, size_t size)
{
    void        *p;
    size_t       had, n = strlen(name);
    zone_area_t *a;

    if (n == 0 || n >= GT_ZONE_NAME) {
        errno = ENAMETOOLONG;
        return NULL;
    }

    p = gt_zone_find(z, name, &had);
    if (p && had != size) {
        errno = EEXIST;
        return NULL;
    }

    if (p) {
        return p;
    }

    if (size > gt_zone_left(z)) {
        errno = ENOSPC;
        return NULL;
    }

    a = &z->head->areas[z->head->n_areas];
    memcpy(a->name, name, n + 1);
    a->offset = z->head->used;
    a->size = size;
    z->head->used += zone_round(size, GT_ZONE_ALIGN);
    __atomic_store_n(&z->head->n_areas, z->head->n_areas + 1, __ATOMIC_RELEASE);

    return zone_memory_of(z, a);
}
