/*
 * policy/auth.c: tables of users.
 *
 * A table is an array sorted by a keyed hash of the user's name, so that how
 * long a search takes says nothing about the names in it.  A password is
 * always compared: with a stand-in where there is no such user.
 */

#include "policy/auth.h"

#include "conf/file.h"
#include "core/hash.h"
#include "core/mem.h"
#include "core/rand.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { AUTH_USERS = 1 << 20, AUTH_LINE = 4096 };

typedef struct {
    char    *user, *password; /* ours; one piece of memory, at user */
    uint64_t hash;
    size_t   order; /* of two of one name the last wins */
} auth_user_t;

typedef struct {
    auth_user_t *users; /* ours */
    size_t       n, room;
} auth_table_t;

struct gt_auth {
    int          n;
    uint8_t      key[GT_SIPHASH_KEY];
    auth_table_t tables[]; /* any may say yes */
};


static int
auth_add(auth_table_t *t, gt_str_t user, gt_str_t password)
{
    char        *p;
    size_t       room;
    auth_user_t *users;

    if (user.n == 0) {
        return GT_OK; /* nobody's name: skipped, as in GOST */
    }

    if (t->n == t->room) {
        room = t->room ? t->room * 2 : 8;
        users = gt_realloc(t->users, room * sizeof(auth_user_t));
        if (!users) {
            return GT_ERROR;
        }

        t->users = users;
        t->room = room;
    }

    p = gt_alloc(user.n + password.n + 2);
    if (!p) {
        return GT_ERROR;
    }

    users = &t->users[t->n];
    users->user = p;
    users->password = p + user.n + 1;
    users->order = t->n++;
    (void) gt_str_copy(users->user, user.n + 1, user);
    (void) gt_str_copy(users->password, password.n + 1, password);

    return GT_OK;
}


static int
auth_order(const void *a, const void *b)
{
    int                c;
    const auth_user_t *x = a, *y = b;

    if (x->hash != y->hash) {
        return x->hash < y->hash ? -1 : 1;
    }

    c = strcmp(x->user, y->user);

    return c ? c : x->order < y->order ? -1 : 1;
}


/* sorts, and drops all but the last of each name */

static void
auth_close(const gt_auth_t *a, auth_table_t *t)
{
    size_t       i, n = 0;
    auth_user_t *u;

    if (t->n == 0) {
        return;
    }

    for (i = 0; i < t->n; i++) {
        u = &t->users[i];
        u->hash = gt_siphash(a->key, u->user, strlen(u->user));
    }

    qsort(t->users, t->n, sizeof(auth_user_t), auth_order);

    for (i = 1; i < t->n; i++) {
        if (strcmp(t->users[n].user, t->users[i].user) == 0) {
            gt_free(t->users[n].user);
        } else {
            n++;
        }

        t->users[n] = t->users[i];
    }

    t->n = n + 1;
}


/* "username password", the password begins behind the first blank */

static int
auth_line(auth_table_t *t, char *line)
{
    char    *p;
    ssize_t  at;
    gt_str_t s, user;

    for (p = line; *p; p++) {
        if (*p == '\t' || *p == '\r' || *p == '\n') {
            *p = ' ';
        }
    }

    s = gt_str_trim(gt_str_from(line));
    if (s.n == 0 || s.p[0] == '#') {
        return GT_OK;
    }

    at = gt_str_chr(s, ' ');
    user = gt_str_sub(s, 0, at < 0 ? s.n : (size_t) at);

    return auth_add(t, user, gt_str_trim(gt_str_sub(s, user.n, s.n)));
}


/* false: that was all; sets *why for a line that is none */

static bool
auth_read(char line[AUTH_LINE], FILE *in, const char **why)
{
    int    c = 0;
    size_t n;

    for (n = 0; n < AUTH_LINE - 1 && c != '\n'; n++) {
        c = fgetc(in);
        if (c == EOF) {
            break;
        }

        line[n] = (char) c;
    }

    line[n] = '\0';
    *why = n == AUTH_LINE - 1 ? "a line is too long" : NULL;

    /* half of a password must not do */
    if (strlen(line) != n) {
        *why = "a NUL: not a text file";
    }

    return n > 0;
}


/* some editors begin a file with a mark, which is no part of its first line: in
   front of a # it would make a user of a comment */

static void
auth_skip_mark(FILE *in)
{
    char c[3];

    if (fread(c, 1, sizeof(c), in) != sizeof(c)
        || memcmp(c, "\xef\xbb\xbf", sizeof(c)) != 0)
    {
        rewind(in);
    }
}


static int
auth_file(auth_table_t *t, const gt_auther_model_t *m, gt_diag_t *d)
{
    int         rc = GT_OK;
    char        line[AUTH_LINE];
    FILE       *in;
    const char *why;

    in = gt_conf_open(m->file, &why);
    if (!in) {
        gt_diag_error(d, &m->place, "auther \"%s\": %s: %s", m->name, m->file,
                      why);
        return GT_ERROR;
    }

    auth_skip_mark(in);

    while (rc == GT_OK && auth_read(line, in, &why)) {
        if (why) {
            gt_diag_error(d, &m->place, "auther \"%s\": %s: %s", m->name,
                          m->file, why);
            rc = GT_ERROR;

        } else if (t->n == AUTH_USERS || auth_line(t, line) != GT_OK) {
            gt_diag_error(d, &m->place, "auther \"%s\": %s: too many users",
                          m->name, m->file);
            rc = GT_ERROR;
        }
    }

    if (rc == GT_OK && ferror(in)) {
        gt_diag_error(d, &m->place, "auther \"%s\": %s: cannot be read",
                      m->name, m->file);
        rc = GT_ERROR;
    }

    (void) fclose(in);

    return rc;
}


static int
auth_table(gt_auth_t *a, auth_table_t *t, const gt_auther_model_t *m,
           gt_diag_t *d)
{
    int i;

    for (i = 0; i < m->n_auths; i++) {
        if (auth_add(t, gt_str_from(m->auths[i].username),
                     gt_str_from(m->auths[i].password))
            != GT_OK)
        {
            gt_diag_error(d, &m->place, "no memory");
            return GT_ERROR;
        }
    }

    if (m->file && auth_file(t, m, d) != GT_OK) {
        return GT_ERROR;
    }

    auth_close(a, t);

    return GT_OK;
}


static int
auth_fill(gt_auth_t *a, const gt_context_model_t *cx,
          const gt_part_model_t *part, gt_diag_t *d)
{
    int                      i, rc = GT_OK;
    const gt_auther_model_t *auther;

    if (part->n_authers == 0) {
        if (auth_add(&a->tables[0], gt_str_from(part->auth.username),
                     gt_str_from(part->auth.password))
            != GT_OK)
        {
            gt_diag_error(d, &part->place, "no memory");
            return GT_ERROR;
        }

        auth_close(a, &a->tables[0]);

        return GT_OK;
    }

    for (i = 0; i < part->n_authers; i++) {
        auther = gt_model_auther(cx, part->authers[i]);

        if (!auther) {
            gt_diag_error(d, &part->place, "auther \"%s\" is not defined",
                          part->authers[i]);
            rc = GT_ERROR;

        } else if (auth_table(a, &a->tables[i], auther, d) != GT_OK) {
            rc = GT_ERROR;
        }
    }

    return rc;
}


int
gt_auth_new(const gt_context_model_t *cx, const gt_part_model_t *part,
            gt_auth_t **out, gt_diag_t *d)
{
    int        n;
    bool       own;
    gt_auth_t *a;

    *out = NULL;
    own = part->auth.username && part->auth.username[0];

    if (part->n_authers == 0 && !own) {
        return GT_OK;
    }

    if (part->n_authers && own) {
        gt_diag_warn(d, &part->place,
                     "auth is ignored where an auther is named");
    }

    n = gt_max(part->n_authers, 1);

    a = gt_calloc(sizeof(gt_auth_t) + (size_t) n * sizeof(auth_table_t));
    if (!a) {
        gt_diag_error(d, &part->place, "no memory");
        return GT_ERROR;
    }

    a->n = n;
    gt_rand_bytes(a->key, sizeof(a->key));

    if (auth_fill(a, cx, part, d) != GT_OK) {
        gt_auth_free(a);
        return GT_ERROR;
    }

    *out = a;

    return GT_OK;
}


void
gt_auth_free(gt_auth_t *a)
{
    int    i;
    size_t j;

    if (!a) {
        return;
    }

    for (i = 0; i < a->n; i++) {
        for (j = 0; j < a->tables[i].n; j++) {
            gt_free(a->tables[i].users[j].user);
        }

        gt_free(a->tables[i].users);
    }

    gt_free(a);
}


/* compares the n bytes at p with a C string, in a time that n alone decides */

static unsigned
auth_differ(const char *p, size_t n, const char *with)
{
    size_t            i, j = 0, len = strlen(with);
    volatile unsigned differ = n != len;

    for (i = 0; i < n; i++) {
        differ |= (unsigned char) p[i] ^ (unsigned char) with[j];
        j = j == len ? 0 : j + 1;
    }

    return differ;
}


static const auth_user_t *
auth_find(const auth_table_t *t, gt_str_t user, uint64_t hash)
{
    size_t lo = 0, hi = t->n, mid;

    while (lo < hi) {
        mid = lo + (hi - lo) / 2;

        if (t->users[mid].hash < hash) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }

    for (; lo < t->n && t->users[lo].hash == hash; lo++) {
        if (gt_str_eq(gt_str_from(t->users[lo].user), user)) {
            return &t->users[lo];
        }
    }

    return NULL;
}


bool
gt_auth_check(const gt_auth_t *a, gt_str_t user, gt_str_t password)
{
    int                i;
    bool               yes = false;
    const auth_user_t *u;
    unsigned           differ;
    uint64_t           hash;

    if (!a) {
        return true;
    }

    hash = gt_siphash(a->key, user.p ? user.p : "", user.n);

    for (i = 0; i < a->n; i++) {
        u = auth_find(&a->tables[i], user, hash);
        differ =
            auth_differ(password.p, password.n, u ? u->password : "a stand-in");
        yes |= u && !differ;
    }

    return yes;
}
