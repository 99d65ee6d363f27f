/*
 * Basic credentials.
 */

#include "proto/basicauth.h"
#include "core/enc.h"

#include "tap.h"


static void
parse_is(const char *value, const char *user, const char *pass)
{
    int      rc;
    char     buf[64];
    gt_str_t u, p;

    rc = gt_basicauth_parse(gt_str_from(value), buf, sizeof(buf), &u, &p);

    if (user == NULL) {
        is_int(rc, GT_ERROR, value);
        return;
    }

    ok(rc == GT_OK && gt_str_eq(u, gt_str_from(user))
           && gt_str_eq(p, gt_str_from(pass)),
       "%s", value);
}


static void
test_parse(void)
{
    char     buf[8];
    gt_str_t u, p;

    parse_is("Basic dXNlcjpwYXNz", "user", "pass");
    parse_is("basic dXNlcjpwYXNz", "user", "pass");
    parse_is("BASIC   dXNlcjpwYXNz \t", "user", "pass");
    parse_is("Basic dTpwOnE=", "u", "p:q");
    parse_is("Basic dTo=", "u", "");
    parse_is("Basic OnA=", "", "p");
    parse_is("Basic Og==", "", "");
    parse_is("Basic w7w6w7w=", "\xc3\xbc", "\xc3\xbc");

    parse_is("", NULL, NULL);
    parse_is("Basic", NULL, NULL);
    parse_is("Basic ", NULL, NULL);
    parse_is("BasicdXNlcjpwYXNz", NULL, NULL);
    parse_is("Basic\tdXNlcjpwYXNz", NULL, NULL);
    parse_is("Bearer dXNlcjpwYXNz", NULL, NULL);
    parse_is("Basic dXNlcg==", NULL, NULL); /* no colon */
    parse_is("Basic dTo", NULL, NULL);      /* no padding */
    parse_is("Basic dXNlcjpwYXNz=", NULL, NULL);
    parse_is("Basic dXNl cjpwYXNz", NULL, NULL);
    parse_is("Basic user:pass", NULL, NULL);
    parse_is("Basic dQo6cA==", NULL, NULL); /* LF */
    parse_is("Basic dTpwAA==", NULL, NULL); /* NUL */

    is_int(gt_basicauth_parse(GT_STR("Basic dXNlcjpwYXNz"), buf, 8, &u, &p),
           GT_ERROR, "no room");
}


static void
test_write(void)
{
    char    buf[64], big[GT_BASICAUTH_MAX], out[2 * GT_BASICAUTH_MAX];
    ssize_t n;

    n = gt_basicauth_write(GT_STR("user"), GT_STR("pass"), buf, 18);
    ok(n == 18 && memcmp(buf, "Basic dXNlcjpwYXNz", 18) == 0, "written");
    is_int(gt_basicauth_write(GT_STR("user"), GT_STR("pass"), buf, 17),
           GT_ERROR, "no room");
    is_int(gt_basicauth_write(GT_STR("user"), GT_STR("pass"), buf, 3), GT_ERROR,
           "no room at all");
    is_int(gt_basicauth_write(GT_STR("u:"), GT_STR("p"), buf, sizeof(buf)),
           GT_ERROR, "a colon in the name");
    is_int(gt_basicauth_write(GT_STR("u"), GT_STR("p\r\n"), buf, sizeof(buf)),
           GT_ERROR, "a line in the password");
    n = gt_basicauth_write(GT_STR("u"), GT_STR(""), buf, sizeof(buf));
    ok(n == 10 && memcmp(buf, "Basic dTo=", 10) == 0, "no password");

    memset(big, 'a', sizeof(big));
    n = gt_basicauth_write(gt_str_make(big, 512),
                           gt_str_make(big, GT_BASICAUTH_MAX - 513), out,
                           sizeof(out));
    is_int(n, 6 + GT_BASE64_SIZE(GT_BASICAUTH_MAX), "the longest");
    is_int(gt_basicauth_write(gt_str_make(big, 512),
                              gt_str_make(big, GT_BASICAUTH_MAX - 512), out,
                              sizeof(out)),
           GT_ERROR, "one more");
}


static void
test_same(void)
{
    ok(gt_basicauth_same(GT_STR("secret"), GT_STR("secret")), "same");
    ok(!gt_basicauth_same(GT_STR("secreT"), GT_STR("secret")), "last byte");
    ok(!gt_basicauth_same(GT_STR("Secret"), GT_STR("secret")), "first byte");
    ok(!gt_basicauth_same(GT_STR("secre"), GT_STR("secret")), "shorter");
    ok(!gt_basicauth_same(GT_STR("secrets"), GT_STR("secret")), "longer");
    ok(!gt_basicauth_same(GT_STR("abab"), GT_STR("ab")), "repeated");
    ok(!gt_basicauth_same(GT_STR(""), GT_STR("a")), "nothing given");
    ok(!gt_basicauth_same(GT_STR("x"), GT_STR("")), "nothing wanted");
    ok(gt_basicauth_same(GT_STR(""), GT_STR("")), "both empty");
    ok(gt_basicauth_same(gt_str_from(NULL), gt_str_from(NULL)), "both NULL");
}


int
main(void)
{
    test_parse();
    test_write();
    test_same();

    return tap_done();
}
