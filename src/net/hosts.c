/*
 * net/hosts.c: the hosts file as a table.
 *
 * The names are windows into one copy of the file.  The file is the
 * administrator's, so a simple hash will do.
 */

#include "net/hosts.h"

#include "core/mem.h"
#include "core/str.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    gt_str_t name; /* into text */
    uint32_t next; /* in its bucket, from 1; 0: the last */
    uint32_t line; /* of addrs */
} hosts_name_t;

typedef struct {
    char         *text;    /* ours, as all below */
    hosts_name_t *names;   /* [1..n_names] */
    uint32_t     *buckets; /* the first name of each; n_buckets of two */
    gt_addr_t    *addrs;
    uint32_t      n_names, n_addrs, n_buckets;
} hosts_table_t;

struct gt_hosts {
    char           *path; /* ours */
    struct timespec mtime;
    off_t           size;
    ino_t           ino;
    hosts_table_t   table;
};


static void
hosts_table_free(hosts_table_t *t)
{
    gt_free(t->text);
    gt_free(t->names);
    gt_free(t->buckets);
    gt_free(t->addrs);
    *t = (hosts_table_t){ 0 };
}


gt_hosts_t *
gt_hosts_new(const char *path)
{
    gt_hosts_t *h = gt_calloc(sizeof(*h));

    if (!h) {
        return NULL;
    }

    h->path = gt_strdup(path);
    if (!h->path) {
        gt_free(h);
        return NULL;
    }

    return h;
}


void
gt_hosts_free(gt_hosts_t *h)
{
    if (h) {
        hosts_table_free(&h->table);
        gt_free(h->path);
        gt_free(h);
    }
}


static uint32_t
hosts_hash(gt_str_t s)
{
    size_t   i;
    uint32_t h = 2166136261u;

    for (i = 0; i < s.n; i++) {
        h = (h ^ gt_lower((unsigned char) s.p[i])) * 16777619u;
    }

    return h;
}


static gt_str_t
hosts_canonical(gt_str_t name)
{
    if (name.n > 1 && name.p[name.n - 1] == '.') {
        name.n--;
    }

    return name;
}


/* the next word of a line, empty at its end or at a comment */

static gt_str_t
hosts_word(gt_str_t *line)
{
    size_t   i = 0;
    gt_str_t word;

    *line = gt_str_trim(*line);

    while (i < line->n && line->p[i] != ' ' && line->p[i] != '\t'
           && line->p[i] != '#')
    {
        i++;
    }

    word = gt_str_sub(*line, 0, i);
    *line = gt_str_sub(*line, i, line->n);

    return word;
}


/* at most so many lines and names can be in it */

static void
hosts_count(gt_str_t text, uint32_t *lines, uint32_t *words)
{
    size_t i;
    bool   blank, was = true;

    *lines = 1;
    *words = 0;

    for (i = 0; i < text.n; i++) {
        *lines += text.p[i] == '\n';
        blank = strchr(" \t\r\n", text.p[i]) != NULL;
        *words += was && !blank;
        was = blank;
    }
}


static int
hosts_table_init(hosts_table_t *t, gt_str_t text)
{
    uint32_t lines, words;

    hosts_count(text, &lines, &words);

    for (t->n_buckets = 16; t->n_buckets < words; t->n_buckets *= 2) {
        /* a power of two */
    }

    t->addrs = gt_calloc(lines * sizeof(gt_addr_t));
    t->names = gt_calloc((words + 1) * sizeof(hosts_name_t));
    t->buckets = gt_calloc(t->n_buckets * sizeof(uint32_t));

    return t->addrs && t->names && t->buckets ? GT_OK : GT_ERROR;
}


static void
hosts_add_line(hosts_table_t *t, gt_str_t line)
{
    gt_str_t      word;
    gt_addr_t    *a = &t->addrs[t->n_addrs];
    hosts_name_t *name;

    word = hosts_word(&line);
    if (gt_addr_literal(a, word.p, word.n, 0) != GT_OK) {
        return;
    }

    for (;;) {
        word = hosts_canonical(hosts_word(&line));
        if (word.n == 0) {
            break;
        }

        name = &t->names[++t->n_names];
        name->name = word;
        name->line = t->n_addrs;
    }

    t->n_addrs++;
}


static int
hosts_parse(hosts_table_t *t, gt_str_t text)
{
    uint32_t  i, *bucket;
    gt_str_t  line;
    gt_str_t *rest = &text;

    if (hosts_table_init(t, text) != GT_OK) {
        return GT_ERROR;
    }

    while (gt_str_split(rest, '\n', &line)) {
        if (line.n > 0 && line.p[line.n - 1] == '\r') {
            line.n--;
        }

        hosts_add_line(t, line);
    }

    /* from the last to the first: a bucket then has the file's order */
    for (i = t->n_names; i > 0; i--) {
        bucket = &t->buckets[hosts_hash(t->names[i].name) & (t->n_buckets - 1)];
        t->names[i].next = *bucket;
        *bucket = i;
    }

    return GT_OK;
}


/* all of the file, at most GT_HOSTS_BYTES; NULL: no memory, else *n bytes */

static char *
hosts_read(const char *path, size_t size, size_t *n)
{
    int     fd;
    char   *p;
    ssize_t got;

    *n = 0;
    size = gt_min(size, (size_t) GT_HOSTS_BYTES);
    p = gt_alloc(size + 1);
    if (!p) {
        return NULL;
    }

    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    while (fd >= 0 && *n < size) {
        got = read(fd, p + *n, size - *n);
        if (got == 0 || (got < 0 && errno != EINTR)) {
            break;
        }

        *n += got > 0 ? (size_t) got : 0;
    }

    if (fd >= 0) {
        (void) close(fd);
    }

    return p;
}


bool
gt_hosts_refresh(gt_hosts_t *h)
{
    size_t        n;
    struct stat   sb;
    hosts_table_t t = { 0 };

    if (stat(h->path, &sb) < 0 || !S_ISREG(sb.st_mode)) {
        memset(&sb, 0, sizeof(sb));
    }

    if (sb.st_ino == h->ino && sb.st_size == h->size
        && sb.st_mtim.tv_sec == h->mtime.tv_sec
        && sb.st_mtim.tv_nsec == h->mtime.tv_nsec)
    {
        return false;
    }

    if (sb.st_ino != 0) {
        t.text = hosts_read(h->path, (size_t) sb.st_size, &n);
        if (!t.text || hosts_parse(&t, gt_str_make(t.text, n)) != GT_OK) {
            hosts_table_free(&t);
            return false;
        }
    }

    hosts_table_free(&h->table);
    h->table = t;
    h->ino = sb.st_ino;
    h->size = sb.st_size;
    h->mtime = sb.st_mtim;

    return true;
}


unsigned
gt_hosts_find(const gt_hosts_t *h, const char *name, size_t n, gt_addr_t *to,
              unsigned max)
{
    uint32_t             i;
    unsigned             found = 0;
    gt_str_t             key = hosts_canonical(gt_str_make(name, n));
    const hosts_table_t *t = &h->table;

    if (t->n_names == 0) {
        return 0;
    }

    i = t->buckets[hosts_hash(key) & (t->n_buckets - 1)];

    for (; i != 0 && found < max; i = t->names[i].next) {
        if (gt_str_ieq(t->names[i].name, key)) {
            to[found++] = t->addrs[t->names[i].line];
        }
    }

    return found;
}
