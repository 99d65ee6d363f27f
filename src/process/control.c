/*
 * process/control.c: the master's control socket and its clients.
 *
 *   accept -> one word -> command() ... gt_control_answer() -> sent -> closed
 */

#include "process/control.h"

#include "core/list.h"
#include "core/log.h"
#include "core/mem.h"
#include "os/fdpass.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

struct gt_control {
    gt_loop_t        *loop; /* the master's */
    gt_event_t        event;
    gt_control_conf_t cf;
    gt_list_t         conns; /* ours */
    unsigned          n_conns;
    gt_control_id_t   last;
    char             *path; /* ours */
};

typedef struct {
    gt_list_t       link;
    gt_control_t   *control;
    gt_event_t      event;
    gt_timer_t      timer;
    gt_reap_t       reap;
    gt_control_id_t id;
    char           *text; /* ours: the answer, once there is one */
    size_t          n, part;
    bool            good, asked;
} control_conn_t;


size_t
gt_control_part(uint8_t *p, bool good, gt_str_t text, size_t i)
{
    size_t room = GT_CONTROL_PART - 1, n, at = i * room;

    if (i > 0 && at >= text.n) {
        return 0;
    }

    n = gt_min(text.n - at, room);

    if (at + n < text.n) {
        p[0] = good ? '+' : '-';
    } else {
        p[0] = good ? '0' : '1';
    }

    if (n > 0) {
        memcpy(p + 1, text.p + at, n);
    }

    return n + 1;
}


static void
control_conn_free(gt_reap_t *reap)
{
    control_conn_t *cn = gt_container_of(reap, control_conn_t, reap);

    gt_free(cn->text);
    gt_free(cn);
}


static void
control_conn_close(control_conn_t *cn)
{
    gt_control_t *ct = cn->control;

    gt_timer_del(ct->loop, &cn->timer);
    gt_event_del(ct->loop, &cn->event);
    (void) close(cn->event.fd);
    gt_list_del(&cn->link);
    ct->n_conns--;
    gt_reap(ct->loop, &cn->reap, control_conn_free);
}


static void
control_conn_late(gt_timer_t *timer)
{
    control_conn_close(gt_container_of(timer, control_conn_t, timer));
}


/* as much of the answer as the client takes now */

static void
control_conn_send(control_conn_t *cn)
{
    int     rc;
    size_t  n;
    uint8_t p[GT_CONTROL_PART];

    for (;;) {
        n = gt_control_part(p, cn->good, gt_str_make(cn->text, cn->n),
                            cn->part);
        if (n == 0) {
            break;
        }

        rc = gt_fdpass_send(cn->event.fd, p, n, NULL, 0);
        if (rc == GT_AGAIN) {
            if (gt_event_mod(cn->control->loop, &cn->event, EPOLLOUT) == GT_OK)
            {
                return;
            }

            break;
        }

        if (rc != GT_OK) {
            break;
        }

        cn->part++;
    }

    control_conn_close(cn);
}


static void
control_conn_ready(gt_event_t *ev, uint32_t events)
{
    char            word[GT_CONTROL_WORD];
    ssize_t         n;
    control_conn_t *cn = gt_container_of(ev, control_conn_t, event);
    gt_control_t   *ct = cn->control;

    if (cn->text) {
        if (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) {
            control_conn_send(cn);
        }

        return;
    }

    n = gt_fdpass_recv(ev->fd, word, sizeof(word) - 1, NULL, NULL);
    if (n == GT_AGAIN) {
        return;
    }

    if (n <= 0 || cn->asked) {
        control_conn_close(cn);
        return;
    }

    word[n] = '\0';
    cn->asked = true;
    gt_timer_del(ct->loop, &cn->timer); /* what it asks for may take long */

    ct->cf.command(ct->cf.data, cn->id, word);
}


static void
control_accept(gt_event_t *ev, uint32_t events)
{
    int             fd;
    gt_control_t   *ct = gt_container_of(ev, gt_control_t, event);
    control_conn_t *cn;

    (void) events;

    fd = gt_fdpass_accept(ev->fd);
    if (fd < 0) {
        return;
    }

    cn = ct->n_conns < GT_CONTROL_CONNS ? gt_calloc(sizeof(*cn)) : NULL;
    if (!cn) {
        (void) close(fd);
        return;
    }

    cn->control = ct;
    cn->id = ++ct->last;
    cn->event = (gt_event_t){ .fd = fd, .handler = control_conn_ready };

    if (gt_event_add(ct->loop, &cn->event, EPOLLIN) != GT_OK) {
        (void) close(fd);
        gt_free(cn);
        return;
    }

    gt_list_push(&ct->conns, &cn->link);
    ct->n_conns++;
    gt_timer_set(ct->loop, &cn->timer, GT_CONTROL_MS, control_conn_late);
}


gt_control_t *
gt_control_open(gt_loop_t *loop, const char *path, const gt_control_conf_t *cf)
{
    int           fd;
    gt_control_t *ct;

    ct = gt_calloc(sizeof(*ct));
    if (!ct) {
        return NULL;
    }

    ct->path = gt_strdup(path);
    fd = ct->path ? gt_fdpass_listen(path, 0600) : -1;

    ct->loop = loop;
    ct->cf = *cf;
    ct->event = (gt_event_t){ .fd = fd, .handler = control_accept };
    gt_list_init(&ct->conns);

    if (fd < 0 || gt_event_add(loop, &ct->event, EPOLLIN) != GT_OK) {
        if (fd >= 0) {
            (void) close(fd);
        }

        gt_free(ct->path);
        gt_free(ct);
        return NULL;
    }

    return ct;
}


void
gt_control_close(gt_control_t *ct)
{
    if (!ct) {
        return;
    }

    while (!gt_list_empty(&ct->conns)) {
        control_conn_close(gt_list_entry(ct->conns.next, control_conn_t, link));
    }

    gt_event_del(ct->loop, &ct->event);
    (void) close(ct->event.fd);
    (void) unlink(ct->path);
    gt_free(ct->path);
    gt_free(ct);
}


void
gt_control_answer(gt_control_t *ct, gt_control_id_t id, bool good,
                  gt_str_t text)
{
    gt_list_t      *l, *tmp;
    control_conn_t *cn;

    if (!ct) {
        return;
    }

    gt_list_each(l, tmp, &ct->conns)
    {
        cn = gt_list_entry(l, control_conn_t, link);

        if (cn->id == id && cn->asked && !cn->text) {
            cn->text = gt_strndup(text.p ? text.p : "", text.n);
            cn->n = cn->text ? text.n : 0;
            cn->good = good;
            gt_timer_set(ct->loop, &cn->timer, GT_CONTROL_MS,
                         control_conn_late);

            if (cn->text) {
                control_conn_send(cn);
            } else {
                control_conn_close(cn);
            }

            return;
        }
    }
}


/* --- the client's side --- */

pid_t
gt_control_pid(const char *path)
{
    int   fd;
    pid_t pid = 0;

    fd = gt_fdpass_connect(path);
    if (fd < 0) {
        return errno == ENOENT || errno == ECONNREFUSED ? 0 : -1;
    }

    if (gt_fdpass_peer(fd, &pid, NULL) != GT_OK) {
        pid = -1;
    }

    (void) close(fd);

    return pid;
}


/* messages until the last; as gt_control_ask() */

static int
control_listen(int fd, int ms, FILE *out, FILE *err)
{
    ssize_t       n;
    uint8_t       p[GT_CONTROL_PART];
    FILE         *to;
    struct pollfd pfd = { .fd = fd, .events = POLLIN };

    for (;;) {
        n = gt_fdpass_recv(fd, p, sizeof(p), NULL, NULL);

        if (n == GT_AGAIN) {
            if (poll(&pfd, 1, ms) != 1) {
                errno = ETIMEDOUT;
                return -1;
            }

            continue;
        }

        if (n <= 0) {
            errno = n == 0 ? ECONNRESET : errno;
            return -1;
        }

        to = p[0] == '+' || p[0] == '0' ? out : err;
        (void) fwrite(p + 1, 1, (size_t) n - 1, to);

        if (p[0] == '0' || p[0] == '1') {
            (void) fflush(to);
            return p[0] == '0' ? 0 : 1;
        }
    }
}


int
gt_control_ask(const char *path, const char *word, int ms, FILE *out, FILE *err)
{
    int fd, rc, eno;

    fd = gt_fdpass_connect(path);
    if (fd < 0) {
        return -1;
    }

    rc = gt_fdpass_send(fd, word, strlen(word), NULL, 0) == GT_OK
             ? control_listen(fd, ms, out, err)
             : -1;

    eno = errno;
    (void) close(fd);
    errno = eno;

    return rc;
}
