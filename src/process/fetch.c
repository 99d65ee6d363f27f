/*
 * process/fetch.c: the children that read URLs, and what they hand over: 'J' or
 * 'Y' and the text, or 'E' and a reason; and a '.', without which it is a
 * part.
 */

#include "process/fetch.h"

#include "core/mem.h"
#include "core/num.h"
#include "os/proc.h"
#include "os/signal.h"
#include "os/sock.h"
#include "process/fetch_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    FETCH_MORE_MS = 1000, /* a child whose time is over tells so itself */
    FETCH_PIECE = 65536,
    FETCH_URLS = 64 /* of all groups: each is a process */
};

typedef struct {
    gt_event_t   ev; /* the pipe; ours */
    gt_fetch_t  *f;
    gt_source_t *src;
    int          at;  /* the index there */
    pid_t        pid; /* 0: ended */
    char        *p;   /* ours: n bytes so far */
    size_t       n, room;
} fetch_one_t;

struct gt_fetch {
    gt_loop_t *loop;
    unsigned   ms;
    gt_timer_t deadline;
    gt_post_t  post;
    void (*done)(void *data);
    void       *data; /* the caller's */
    int         n, left;
    fetch_one_t ones[];
};


/* --- the child --- */

static void
fetch_write(int fd, const char *p, size_t n)
{
    ssize_t done;

    while (n > 0) {
        done = write(fd, p, n);

        if (done < 0 && errno != EINTR) {
            _exit(1);
        }

        p += gt_max(done, 0);
        n -= (size_t) gt_max(done, 0);
    }
}


GT_NORETURN static void
fetch_be(const char *url, unsigned ms, int fd)
{
    gt_fetched_t got;

    gt_proc_title("gatun: reads a configuration");
    gt_signal_reset(true);
    (void) signal(SIGHUP, SIG_IGN); /* which is the master's */
    gt_proc_close_others(&fd, 1);

    gt_fetch_http(url, ms, &got);

    if (got.why || !got.text) {
        fetch_write(fd, "E", 1);
        fetch_write(fd, got.why ? got.why : "is empty",
                    strlen(got.why ? got.why : "is empty"));
    } else {
        fetch_write(fd, got.json ? "J" : "Y", 1);
        fetch_write(fd, got.text, got.n);
    }

    fetch_write(fd, ".", 1);
    _exit(0);
}


/* --- the answers --- */

/* the pipe and the child go */

static void
fetch_end(fetch_one_t *one)
{
    if (one->ev.fd >= 0) {
        gt_event_del(one->f->loop, &one->ev);
        (void) close(one->ev.fd);
        one->ev.fd = -1;
    }

    if (one->pid > 0) {
        /* who has said all that it has to say ends by itself; its pid may be
           somebody else's by now, if others wait for children too */
        if (one->n == 0 || one->p[one->n - 1] != '.') {
            (void) kill(one->pid, SIGKILL);
        }

        while (waitpid(one->pid, NULL, 0) < 0 && errno == EINTR) {
            /* it is on its way out */
        }

        one->pid = 0;
    }
}


static void
fetch_store(fetch_one_t *one)
{
    char          text[64], duration[GT_NUM_TEXT];
    gt_fetched_t *to = &one->src->fetched[one->at];

    if (one->n < 2 || one->p[one->n - 1] != '.') {
        (void) gt_snprintf(text, sizeof(text), "no answer within %s",
                           gt_num_duration_text((int64_t) one->f->ms * GT_NS_MS,
                                                duration, sizeof(duration)));
        to->why = gt_strdup(text);

    } else if (one->p[0] == 'E') {
        to->why = gt_strndup(one->p + 1, one->n - 2);

    } else {
        to->json = one->p[0] == 'J';
        to->n = one->n - 2;
        memmove(one->p, one->p + 1, to->n);
        one->p[to->n] = '\0';
        to->text = one->p;
        one->p = NULL;
    }

    if (!to->text && !to->why) {
        to->why = gt_strdup("no memory"); /* or, at the worst, "not fetched" */
    }
}


static void
fetch_ended(fetch_one_t *one)
{
    fetch_end(one);
    fetch_store(one);

    if (--one->f->left == 0) {
        gt_post(one->f->loop, &one->f->post);
    }
}


static bool
fetch_room(fetch_one_t *one)
{
    char  *more;
    size_t room = gt_max(one->room * 2, (size_t) FETCH_PIECE);

    if (one->n + 1 < one->room) {
        return true;
    }

    more = one->room > GT_SOURCE_BYTES ? NULL : gt_realloc(one->p, room);
    if (!more) {
        return false;
    }

    one->p = more;
    one->room = room;

    return true;
}


static void
fetch_readable(gt_event_t *ev, uint32_t events)
{
    ssize_t      n = 0;
    fetch_one_t *one = gt_container_of(ev, fetch_one_t, ev);

    (void) events;

    while (fetch_room(one)) {
        n = read(ev->fd, one->p + one->n, one->room - one->n - 1);

        if (n > 0) {
            one->n += (size_t) n;
        } else if (n == 0 || errno != EINTR) {
            break;
        }
    }

    if (n >= 0 || errno != EAGAIN) {
        fetch_ended(one);
    }
}


static void
fetch_late(gt_timer_t *timer)
{
    int         i;
    gt_fetch_t *f = gt_container_of(timer, gt_fetch_t, deadline);

    for (i = 0; i < f->n; i++) {
        if (f->ones[i].ev.fd >= 0) {
            fetch_ended(&f->ones[i]);
        }
    }
}


static void
fetch_done(gt_post_t *post)
{
    gt_fetch_t *f = gt_container_of(post, gt_fetch_t, post);

    gt_timer_del(f->loop, &f->deadline);
    f->done(f->data);
}


/* --- the start --- */

static int
fetch_fork(fetch_one_t *one)
{
    int fd[2];

    if (pipe2(fd, O_CLOEXEC) != 0) {
        return GT_ERROR;
    }

    one->pid = gt_proc_fork();
    if (one->pid == 0) {
        fetch_be(one->src->sources[one->at], one->f->ms, fd[1]);
    }

    (void) close(fd[1]);
    one->ev.fd = fd[0];
    one->ev.handler = fetch_readable;

    return one->pid > 0 && gt_sock_nonblock(fd[0], true) == GT_OK
                   && gt_event_add(one->f->loop, &one->ev, EPOLLIN) == GT_OK
               ? GT_OK
               : GT_ERROR;
}


static int
fetch_count(const gt_source_t *src)
{
    int i, n = 0;

    for (/* void */; src; src = src->next) {
        for (i = 0; i < src->n_sources; i++) {
            n += gt_source_is_url(src->sources[i]);
        }
    }

    return n;
}


bool
gt_fetch_wanted(const gt_source_t *src)
{
    return fetch_count(src) > 0;
}


static int
fetch_list(gt_fetch_t *f, gt_source_t *src)
{
    int          i;
    fetch_one_t *one;

    for (/* void */; src; src = src->next) {
        gt_source_forget(src);
        src->fetched = gt_calloc((size_t) gt_max(src->n_sources, 1)
                                 * sizeof(gt_fetched_t));
        if (!src->fetched) {
            return GT_ERROR;
        }

        for (i = 0; i < src->n_sources; i++) {
            if (!gt_source_is_url(src->sources[i])) {
                continue;
            }

            if (f->n == FETCH_URLS) {
                src->fetched[i].why = gt_strdup("too many URLs");
                continue;
            }

            one = &f->ones[f->n++];
            one->f = f;
            one->src = src;
            one->at = i;
            one->ev.fd = -1;
        }
    }

    return GT_OK;
}


gt_fetch_t *
gt_fetch_start(gt_loop_t *loop, gt_source_t *src, unsigned ms,
               void (*done)(void *data), void *data)
{
    int         i;
    gt_fetch_t *f;

    f = gt_calloc(sizeof(*f) + FETCH_URLS * sizeof(fetch_one_t));
    if (!f) {
        return NULL;
    }

    f->loop = loop;
    f->ms = ms;
    f->done = done;
    f->data = data;
    gt_post_init(&f->post, fetch_done);

    if (fetch_list(f, src) != GT_OK) {
        gt_free(f);
        return NULL;
    }

    f->left = f->n;
    gt_timer_set(loop, &f->deadline, ms + FETCH_MORE_MS, fetch_late);

    for (i = 0; i < f->n; i++) {
        if (fetch_fork(&f->ones[i]) != GT_OK) {
            f->ones[i].src->fetched[f->ones[i].at].why =
                gt_strdup(strerror(errno));
            fetch_end(&f->ones[i]);
            f->left--;
        }
    }

    if (f->left == 0) {
        gt_post(loop, &f->post);
    }

    return f;
}


void
gt_fetch_free(gt_fetch_t *f)
{
    int i;

    if (!f) {
        return;
    }

    gt_timer_del(f->loop, &f->deadline);
    gt_post_cancel(&f->post);

    for (i = 0; i < f->n; i++) {
        fetch_end(&f->ones[i]);
        gt_free(f->ones[i].p);
    }

    gt_free(f);
}


static void
fetch_stop(void *data)
{
    ((gt_loop_t *) data)->stop = true;
}


int
gt_fetch_all(gt_source_t *src, unsigned ms)
{
    gt_loop_t   loop;
    gt_fetch_t *f;

    if (!gt_fetch_wanted(src)) {
        return GT_OK;
    }

    memset(&loop, 0, sizeof(loop));
    if (gt_loop_init(&loop) != GT_OK) {
        return GT_ERROR;
    }

    f = gt_fetch_start(&loop, src, ms, fetch_stop, &loop);
    if (f) {
        gt_loop_run(&loop);
    }

    gt_fetch_free(f);
    gt_loop_free(&loop);

    return f ? GT_OK : GT_ERROR;
}
