/*
 * Who may in: one user, tables, files, what GOST's rules say about them.
 */

#include "policy/auth.h"

#include "tap.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static gt_diag_t *d;


static bool
may(const gt_auth_t *a, const char *user, const char *password)
{
    return gt_auth_check(a, gt_str_from(user), gt_str_from(password));
}


static void
test_own(void)
{
    gt_auth_t         *a;
    gt_context_model_t m = { .group = -1 };
    gt_part_model_t    part = { .auth = { "ann", "secret" } };

    is_int(gt_auth_new(&m, &part, &a, d), GT_OK, "a user of its own");
    ok(may(a, "ann", "secret"), "may");
    ok(!may(a, "ann", "secre") && !may(a, "ann", "secret!")
           && !may(a, "ann", "Secret") && !may(a, "ann", ""),
       "not with another password");
    ok(!may(a, "bob", "secret") && !may(a, "", "secret") && !may(a, "an", "")
           && !may(a, "ann ", "secret"),
       "nobody else may");
    ok(!may(a, "nobody", "a stand-in"), "not the stand-in either");
    ok(!gt_auth_check(a, GT_STR("ann\0"), GT_STR("secret"))
           && !gt_auth_check(a, GT_STR("ann"), GT_STR("secret\0")),
       "a NUL is a byte");
    gt_auth_free(a);

    part.auth.password = "";
    is_int(gt_auth_new(&m, &part, &a, d), GT_OK, "an empty password");
    ok(may(a, "ann", ""), "takes an empty one");
    ok(!may(a, "ann", "x"), "and no other");
    gt_auth_free(a);

    part.auth.username = NULL;
    is_int(gt_auth_new(&m, &part, &a, d), GT_OK, "no user");
    ok(!a && may(a, "who", "ever"), "everybody may");
}


static void
test_authers(void)
{
    gt_auth_t      *a;
    const char     *names[] = { "first", "second" };
    gt_auth_model_t one[] = {
        { "ann", "1" }, { "bob", "2" }, { "ann", "3" }, { "", "4" }
    };
    gt_auth_model_t   two[] = { { "ann", "5" }, { "dan", "6" } };
    gt_auther_model_t authers[] = {
        { .name = "first", .auths = one, .n_auths = 4 },
        { .name = "second", .auths = two, .n_auths = 2 },
        { .name = "empty" },
    };
    gt_context_model_t m = { .group = -1, .authers = authers, .n_authers = 3 };
    gt_part_model_t    part = { .authers = names,
                                .n_authers = 2,
                                .auth = { "own", "own" } };

    is_int(gt_auth_new(&m, &part, &a, d), GT_OK, "two authers");
    is_int(gt_diag_warnings(d), 1, "the user of its own is not used, and said");
    ok(!may(a, "own", "own"), "and may not");
    ok(may(a, "bob", "2") && may(a, "dan", "6"), "either may say yes");
    ok(may(a, "ann", "3") && may(a, "ann", "5"), "for one name, too");
    ok(!may(a, "ann", "1"), "given twice, the last wins");
    ok(!may(a, "", "4"), "nobody's name is skipped");
    gt_auth_free(a);

    names[0] = "empty";
    part.n_authers = 1;
    is_int(gt_auth_new(&m, &part, &a, d), GT_OK, "an empty one");
    ok(a && !may(a, "", "") && !may(a, "own", "own"), "refuses everybody");
    gt_auth_free(a);

    names[0] = "missing";
    is_int(gt_auth_new(&m, &part, &a, d), GT_ERROR, "an undefined one");
    is_int(gt_diag_errors(d), 1, "is an error");
}


static void
test_file(void)
{
    int                fd;
    char               path[] = "/tmp/auth_t.XXXXXX", name[64];
    FILE              *out;
    int                i;
    bool               good = true;
    gt_auth_t         *a;
    const char        *names[] = { "file" };
    gt_auther_model_t  authers[] = { { .name = "file", .file = path } };
    gt_context_model_t m = { .group = -1, .authers = authers, .n_authers = 1 };
    gt_part_model_t    part = { .authers = names, .n_authers = 1 };

    fd = mkstemp(path);
    out = fdopen(fd, "w");
    fputs("# a comment\n\n  ann  secret # word \r\nbob\n\tdan\tp\n"
          "#eve x\n",
          out);

    for (i = 0; i < 1000; i++) {
        fprintf(out, "user%d pass%d\n", i, i);
    }

    fclose(out);

    is_int(gt_auth_new(&m, &part, &a, d), GT_OK, "a file");
    ok(may(a, "ann", "secret # word"), "the password begins after the blank");
    ok(may(a, "bob", "") && !may(a, "bob", "x"), "none is an empty one");
    ok(may(a, "dan", "p"), "a tab is a blank");
    ok(!may(a, "#eve", "x") && !may(a, "#", "a comment"), "comments");

    for (i = 0; i < 1000; i++) {
        snprintf(name, sizeof(name), "pass%d", i);
        good &= !may(a, "user1000", name) && !may(a, "user", name);
    }

    ok(may(a, "user0", "pass0") && may(a, "user999", "pass999")
           && !may(a, "user999", "pass998") && good,
       "a thousand users");
    gt_auth_free(a);

    /* UTF-16, as some editors save it: user "a" without a password? */
    out = fopen(path, "w");
    fwrite("a\0n\0n\0 \0p\0\n\0", 1, 12, out);
    fclose(out);
    is_int(gt_auth_new(&m, &part, &a, d), GT_ERROR, "a file with NUL");
    unlink(path);

    is_int(gt_auth_new(&m, &part, &a, d), GT_ERROR, "a file that is not there");
    ok(!a, "gives nothing");

    (void) mkfifo(path, 0600);
    alarm(10);
    is_int(gt_auth_new(&m, &part, &a, d), GT_ERROR, "a FIFO is not waited for");
    alarm(0);
    unlink(path);
}


int
main(void)
{
    d = gt_diag_new();

    test_own();
    test_authers();
    test_file();

    gt_diag_free(d);

    return tap_done();
}
