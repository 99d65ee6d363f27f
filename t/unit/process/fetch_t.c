/*
 * A configuration by HTTP: URLs, redirections, what an answer may look like,
 * the deadline over all of it; and the children that do it for a loop.
 */

#include "process/fetch.h"

#include "core/mem.h"
#include "process/fetch_impl.h"

#include "tap.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TRIES = 16 };

/* a server that gives its n-th connection the n-th answer */
static struct {
    int         fd;
    unsigned    port;
    const char *answers[TRIES];
    char        heads[TRIES][2048];
    int         n;      /* connections so far */
    size_t      filler; /* bytes to send behind an answer */
} srv;

static char         url[300];
static gt_fetched_t got;


static void
serve_filler(int fd)
{
    size_t      n;
    static char p[65536];

    memset(p, ' ', sizeof(p));

    for (n = 0; n < srv.filler; n += sizeof(p)) {
        if (send(fd, p, sizeof(p), MSG_NOSIGNAL) < 0) {
            break;
        }
    }
}


static void *
serve(void *data)
{
    int     fd, i;
    char   *head;
    size_t  n;
    ssize_t rc;

    (void) data;

    while ((fd = accept(srv.fd, NULL, NULL)) >= 0) {
        i = srv.n++ % TRIES;
        head = srv.heads[i];

        for (n = 0; n < sizeof(srv.heads[i]) - 1; n += (size_t) rc) {
            rc = recv(fd, head + n, sizeof(srv.heads[i]) - 1 - n, 0);
            head[n + (size_t) gt_max(rc, 0)] = '\0';

            if (rc <= 0 || strstr(head, "\r\n\r\n") != NULL) {
                break;
            }
        }

        if (srv.answers[i] != NULL) {
            (void) send(fd, srv.answers[i], strlen(srv.answers[i]),
                        MSG_NOSIGNAL);
            serve_filler(fd);
        } else { /* says nothing until the other side has had enough */
            (void) poll(&(struct pollfd){ .fd = fd, .events = POLLRDHUP }, 1,
                        10000);
        }

        close(fd);
    }

    return NULL;
}


static void
serve_start(void)
{
    pthread_t          thread;
    socklen_t          len = sizeof(struct sockaddr_in);
    struct sockaddr_in sin = { .sin_family = AF_INET };

    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    srv.fd = socket(AF_INET, SOCK_STREAM, 0);
    (void) bind(srv.fd, (struct sockaddr *) &sin, len);
    (void) listen(srv.fd, 16);
    (void) getsockname(srv.fd, (struct sockaddr *) &sin, &len);
    srv.port = ntohs(sin.sin_port);
    (void) pthread_create(&thread, NULL, serve, NULL);
    (void) pthread_detach(thread);
}


/* GETs path of the server, which answers so; what went wrong, or the text */
static const char *
fetch(const char *before, const char *path, const char *a0, const char *a1)
{
    gt_free(got.text);
    gt_free(got.why);

    srv.n = 0;
    memset(srv.heads, 0, sizeof(srv.heads));
    srv.answers[0] = a0;
    srv.answers[1] = a1;
    gt_snprintf(url, sizeof(url), "http://%s127.0.0.1:%u%s", before, srv.port,
                path);
    gt_fetch_http(url, a0 == NULL ? 200 : 5000, &got);

    return got.why != NULL ? got.why : got.text;
}

#define OK_HEAD "HTTP/1.1 200 OK\r\n"


static void
test_answers(void)
{
    is_str(fetch("", "/x.yaml", OK_HEAD "Content-Length: 4\r\n\r\na: 1more", 0),
           "a: 1", "a length");
    ok(!got.json, "YAML by its name");
    ok(strncmp(srv.heads[0], "GET /x.yaml HTTP/1.1\r\nHost: 127.0.0.1:", 38)
           == 0,
       "the request");
    ok(strstr(srv.heads[0], "Authorization") == NULL, "without credentials");

    is_str(fetch("", "/x.json?y=1#z", OK_HEAD "\r\n{}", 0), "{}",
           "until the end");
    ok(got.json, "JSON by its name");
    ok(strncmp(srv.heads[0], "GET /x.json?y=1 HTTP/1.1\r\n", 26) == 0,
       "with its query, without its fragment");
    is_str(fetch("", "?a", OK_HEAD "\r\nx", 0), "x", "no path");
    ok(strncmp(srv.heads[0], "GET /?a HTTP/1.1\r\n", 18) == 0, "is the root");

    is_str(fetch("", "/x.yaml",
                 OK_HEAD "Content-Type: application/json; charset=utf-8\r\n"
                         "Transfer-Encoding: chunked\r\n\r\n"
                         "1\r\n{\r\n2;x=y\r\n }\r\n0\r\nA: b\r\n\r\n",
                 0),
           "{ }", "chunks");
    ok(got.json, "JSON by its type");
    fetch("", "/x.json", OK_HEAD "Content-Type: text/yaml\r\n\r\nx", 0);
    ok(!got.json, "YAML by its type");
    fetch("", "/x", OK_HEAD "Content-Type: text/plain\r\n\r\nx", 0);
    ok(!got.json, "YAML by default");

    is_str(fetch("", "/", "HTTP/1.1 100 Continue\r\n\r\n" OK_HEAD "\r\nx", 0),
           "x", "behind a 100");
    is_str(fetch("u%40:p%3Ax@", "/", OK_HEAD "\r\nx", 0), "x", "a user");
    ok(strstr(srv.heads[0], "\r\nAuthorization: Basic dUA6cDp4\r\n") != NULL,
       "is decoded");
}


static void
test_refused(void)
{
    is_str(fetch("", "/", "HTTP/1.1 404 Nope\r\n\r\n", 0),
           "status 404 Not Found", "404");
    is_str(fetch("", "/", "HTTP/1.1 204 No\r\n\r\n", 0),
           "status 204 No Content", "not even 204");
    is_str(fetch("", "/", "SSH-2.0-x\r\n\r\n", 0) != NULL ? "" : "x", "",
           "SSH");
    ok(strncmp(got.why, "not an HTTP answer: ", 20) == 0, "is no HTTP");
    is_str(fetch("", "/", OK_HEAD "Content-Length: 9\r\n\r\nx", 0),
           "the answer ends early", "too short");
    is_str(fetch("", "/", "HTTP/1.1 200 OK\r\n", 0), "the answer ends early",
           "half a head");
    is_str(fetch("", "/",
                 OK_HEAD "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n", 0),
           "the answer ends early", "no last chunk");
    is_str(fetch("", "/", OK_HEAD "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
                 0),
           "a broken chunk", "a broken chunk");
    is_str(fetch("", "/", OK_HEAD "Content-Length: 10485761\r\n\r\nx", 0),
           "is larger than 10 MiB", "a length above the limit");
    is_str(fetch("", "/", OK_HEAD "Content-Encoding: gzip\r\n\r\nx", 0),
           "it is compressed, which nobody has asked for", "compressed");
    is_str(fetch("", "/x.toml", OK_HEAD "\r\nx", 0), "TOML is not supported",
           "TOML");
    is_str(fetch("", "/", OK_HEAD "Content-Type: application/toml\r\n\r\nx", 0),
           "TOML is not supported", "TOML by its type");

    srv.filler = 11 << 20;
    is_str(fetch("", "/", OK_HEAD "\r\n", 0), "is larger than 10 MiB",
           "more bytes than the limit");
    ok(got.text == NULL, "and nothing of it is kept");
    srv.filler = 0;

    is_str(fetch("", "/", NULL, 0), "no answer within 200ms", "nobody answers");
    is_str(fetch("", "/", NULL, 0), "no answer within 200ms", "never");
}


static void
test_urls(void)
{
    static const struct {
        const char *url, *why;
    } rows[] = {
        { "https://127.0.0.1/", "https: not built yet" },
        { "http://", "a host is missing" },
        { "http:///x", "a host is missing" },
        { "http://:80/", "a host is missing" },
        { "http://a:0/", "the port is no number from 1 to 65535" },
        { "http://a:x/", "the port is no number from 1 to 65535" },
        { "http://a:70000/", "the port is no number from 1 to 65535" },
        { "http://[::1/", "a ']' is missing" },
        { "http://[::1]x/", "text behind a ']'" },
        { "http://a/b c", "a blank or a control character in the URL" },
        { "http://a/\r\nX: y", "a blank or a control character in the URL" },
        { "ftp://a/", "only http URLs can be read" },
    };
    size_t         i;
    const char    *why;
    gt_fetch_url_t u, v;

    for (i = 0; i < gt_nelts(rows); i++) {
        why = "";
        is_int(gt_fetch_url_parse(&u, gt_str_from(rows[i].url), &why), GT_ERROR,
               rows[i].url);
        is_str(why, rows[i].why, "why");
    }

    ok(gt_fetch_url_parse(&u, GT_STR("HTTP://u:p@[::1]:81/a/b?c"), &why)
           == GT_OK,
       "IPv6");
    ok(u.ipv6 && gt_str_eq(u.host, GT_STR("::1")), "its host");
    ok(gt_str_eq(u.port, GT_STR("81")), "its port");
    ok(gt_str_eq(u.authority, GT_STR("[::1]:81")), "without its user");

    gt_fetch_url_resolve(&v, &u, GT_STR("/x"), &why);
    is_str(v.text, "http://[::1]:81/x", "a path");
    gt_fetch_url_resolve(&v, &u, GT_STR("x?y"), &why);
    is_str(v.text, "http://[::1]:81/a/x?y", "a relative path");
    gt_fetch_url_resolve(&v, &u, GT_STR("?y"), &why);
    is_str(v.text, "http://[::1]:81/a/b?y", "a query");
    gt_fetch_url_resolve(&v, &u, GT_STR("//h/x"), &why);
    is_str(v.text, "http://h/x", "another host");
    gt_fetch_url_resolve(&v, &u, GT_STR("http://k:1/"), &why);
    is_str(v.text, "http://k:1/", "a whole URL");
    is_int(gt_fetch_url_resolve(&v, &u, GT_STR("https://k/"), &why), GT_ERROR,
           "https");
}


static void
test_redirects(void)
{
    int i;

    is_str(fetch("u:p@", "/a.json",
                 "HTTP/1.1 302 Found\r\nLocation: /b\r\n\r\n", OK_HEAD "\r\nx"),
           "x", "a redirection");
    ok(strncmp(srv.heads[1], "GET /b HTTP/1.1\r\n", 17) == 0, "is followed");
    ok(strstr(srv.heads[1], "\r\nAuthorization: Basic dTpw\r\n") != NULL,
       "with the credentials, on the same host");
    ok(got.json, "the first name tells the format");

    is_str(fetch("u:p@", "/",
                 "HTTP/1.1 307 Found\r\nLocation: http://u2:p2@localhost:1/\r\n"
                 "\r\n",
                 0),
           "Connection refused", "to where nobody is");
    is_str(fetch("", "/", "HTTP/1.1 301 Moved\r\nLocation: https://a/\r\n\r\n",
                 0),
           "a redirection: https: not built yet", "to https");
    is_str(fetch("", "/", "HTTP/1.1 301 Moved\r\n\r\n", 0),
           "301 without a Location", "to nowhere");

    for (i = 0; i < TRIES; i++) {
        srv.answers[i] = "HTTP/1.1 301 Moved\r\nLocation: /\r\n\r\n";
    }

    is_str(fetch("", "/", srv.answers[2], srv.answers[2]),
           "stopped after 10 redirections", "round and round");
    is_int(srv.n, 11, "eleven requests");
}


static void
test_children(void)
{
    int         i;
    char        good[100], silent[100];
    const char *sources[] = { "{}", good, silent, "x.yaml", "http://x:0/" };
    gt_source_t src = { .sources = sources, .n_sources = 5 };

    gt_snprintf(good, sizeof(good), "http://127.0.0.1:%u/x.json", srv.port);
    ok(gt_fetch_wanted(&src), "URLs among the sources");

    /* no connection of this one is ever accepted */
    i = socket(AF_INET, SOCK_STREAM, 0);
    (void) listen(i, 1);
    {
        struct sockaddr_in sin;
        socklen_t          len = sizeof(sin);

        (void) getsockname(i, (struct sockaddr *) &sin, &len);
        gt_snprintf(silent, sizeof(silent), "http://127.0.0.1:%u/",
                    ntohs(sin.sin_port));
    }

    srv.n = 0;
    srv.answers[0] = OK_HEAD "\r\n{}";
    is_int(gt_fetch_all(&src, 300), GT_OK, "read all");
    ok(src.fetched[0].why == NULL && src.fetched[0].text == NULL, "no URL");
    is_str(src.fetched[1].text, "{}", "a good one");
    ok(src.fetched[1].json && src.fetched[1].n == 2, "JSON");
    is_str(src.fetched[2].why, "no answer within 300ms", "a silent one");
    is_str(src.fetched[4].why, "the port is no number from 1 to 65535",
           "a bad one");

    gt_source_free(&src);
    ok(src.fetched == NULL, "forgotten");
    src.n_sources = 1;
    is_int(gt_fetch_all(&src, 300), GT_OK, "nothing to read");
    close(i);
}


int
main(void)
{
    serve_start();
    test_urls();
    test_answers();
    test_refused();
    test_redirects();
    test_children();

    gt_free(got.text);
    gt_free(got.why);

    return tap_done();
}
