/*
 * process/fetch_conn.c: the connection of a fetch: one socket, waited for with
 * poll() until one deadline.
 */

#include "process/fetch_impl.h"

#include "core/num.h"
#include "os/sock.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>


uint64_t
gt_fetch_now_ms(void)
{
    struct timespec ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000 + (uint64_t) ts.tv_nsec / 1000000;
}


int
gt_fetch_fail(gt_fetch_conn_t *c, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    (void) gt_vsnprintf(c->why, sizeof(c->why), fmt, ap);
    va_end(ap);

    return GT_ERROR;
}


static int
fetch_late(gt_fetch_conn_t *c)
{
    char text[GT_NUM_TEXT];

    return gt_fetch_fail(c, "no answer within %s",
                         gt_num_duration_text((int64_t) c->ms * GT_NS_MS, text,
                                              sizeof(text)));
}


static int
fetch_wait(gt_fetch_conn_t *c, short events)
{
    int           rc;
    uint64_t      now;
    struct pollfd p = { .fd = c->fd, .events = events };

    do {
        now = gt_fetch_now_ms();
        if (now >= c->until) {
            return fetch_late(c);
        }

        rc = poll(&p, 1, (int) (c->until - now));
    } while (rc == 0 || (rc < 0 && errno == EINTR));

    return rc > 0 ? GT_OK : gt_fetch_fail(c, "%s", strerror(errno));
}


static int
fetch_connect(gt_fetch_conn_t *c, const struct addrinfo *ai)
{
    int err;

    c->fd = gt_sock_open(ai->ai_family, SOCK_STREAM);
    if (c->fd < 0) {
        return gt_fetch_fail(c, "%s", strerror(errno));
    }

    if (connect(c->fd, ai->ai_addr, ai->ai_addrlen) != 0) {
        if (errno != EINPROGRESS) {
            return gt_fetch_fail(c, "%s", strerror(errno));
        }

        if (fetch_wait(c, POLLOUT) != GT_OK) {
            return GT_ERROR;
        }

        err = gt_sock_error(c->fd);
        if (err != 0) {
            return gt_fetch_fail(c, "%s", strerror(err));
        }
    }

    return GT_OK;
}


void
gt_fetch_close(gt_fetch_conn_t *c)
{
    if (c->fd >= 0) {
        (void) close(c->fd);
        c->fd = -1;
    }
}


int
gt_fetch_dial(gt_fetch_conn_t *c, const gt_fetch_url_t *url)
{
    int              rc;
    char             host[256], port[8];
    struct addrinfo *list, *ai;
    struct addrinfo  hints = { .ai_socktype = SOCK_STREAM,
                               .ai_flags = AI_ADDRCONFIG };

    (void) gt_str_copy(host, sizeof(host), url->host);
    (void) gt_str_copy(port, sizeof(port), url->port);

    if (url->ipv6) {
        hints.ai_flags = AI_NUMERICHOST;
    }

    rc = getaddrinfo(host, port, &hints, &list);
    if (rc != 0) {
        return gt_fetch_fail(c, "%s", gai_strerror(rc));
    }

    rc = GT_ERROR;

    for (ai = list; ai && rc != GT_OK; ai = ai->ai_next) {
        gt_fetch_close(c);
        c->why[0] = '\0';
        rc = fetch_connect(c, ai);
    }

    freeaddrinfo(list);

    return rc;
}


int
gt_fetch_send(gt_fetch_conn_t *c, const char *p, size_t n)
{
    ssize_t sent;

    while (n > 0) {
        sent = send(c->fd, p, n, MSG_NOSIGNAL);

        if (sent > 0) {
            p += sent;
            n -= (size_t) sent;
        } else if (errno != EAGAIN && errno != EINTR) {
            return gt_fetch_fail(c, "%s", strerror(errno));
        } else if (fetch_wait(c, POLLOUT) != GT_OK) {
            return GT_ERROR;
        }
    }

    return GT_OK;
}


int
gt_fetch_recv(gt_fetch_conn_t *c)
{
    ssize_t n;

    for (;;) {
        n = recv(c->fd, c->buf + c->n, sizeof(c->buf) - c->n, 0);

        if (n > 0) {
            c->n += (size_t) n;
            return GT_OK;
        }

        if (n == 0) {
            return GT_DONE;
        }

        if (errno != EAGAIN && errno != EINTR) {
            return gt_fetch_fail(c, "%s", strerror(errno));
        }

        if (fetch_wait(c, POLLIN) != GT_OK) {
            return GT_ERROR;
        }
    }
}
