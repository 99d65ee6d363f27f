/*
 * control.sock: how an answer is cut into messages; a server and its clients.
 */

#include "process/control.h"

#include "core/mem.h"
#include "os/fdpass.h"

#include "tap.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static char dir[] = "/tmp/gatun-control-XXXXXX", path[64];

static gt_control_t   *control;
static gt_control_id_t later;
static gt_loop_t       loop;


static void
test_parts(void)
{
    size_t  i, n, all = 0;
    char   *text;
    uint8_t p[GT_CONTROL_PART];

    is_int(gt_control_part(p, true, GT_STR("fine"), 0), 5, "one part");
    ok(memcmp(p, "0fine", 5) == 0, "good");
    is_int(gt_control_part(p, true, GT_STR("fine"), 1), 0, "and no other");
    is_int(gt_control_part(p, false, GT_STR(""), 0), 1, "an empty complaint");
    ok(p[0] == '1', "is one");
    is_int(gt_control_part(p, false, GT_STR(""), 1), 0, "and no other");

    text = gt_calloc(3 * GT_CONTROL_PART);

    for (i = 0; (n = gt_control_part(p, false,
                                     gt_str_make(text, 3 * GT_CONTROL_PART), i))
                > 0;
         i++)
    {
        all += n - 1;
        ok(p[0] == (all < 3 * GT_CONTROL_PART ? '-' : '1'), "part %zu", i);
    }

    is_int(all, 3 * GT_CONTROL_PART, "nothing is lost");
    gt_free(text);
}


static void
command(void *data, gt_control_id_t id, const char *word)
{
    char *text;

    (void) data;

    if (strcmp(word, "now") == 0) {
        gt_control_answer(control, id, true, GT_STR("yes\n"));

    } else if (strcmp(word, "later") == 0) {
        later = id;

    } else if (strcmp(word, "big") == 0) {
        text = gt_calloc(1 << 20);
        memset(text, 'x', 1 << 20);
        gt_control_answer(control, id, true, gt_str_make(text, 1 << 20));
        gt_free(text);

    } else {
        gt_control_answer(control, id, false, GT_STR("what?\n"));
    }
}


typedef struct {
    const char *word;
    int         rc, eno, done;
    char       *out, *err;
    size_t      out_n, err_n;
} client_t;


static void *
client_run(void *data)
{
    FILE     *out, *err;
    client_t *c = data;

    out = open_memstream(&c->out, &c->out_n);
    err = open_memstream(&c->err, &c->err_n);
    c->rc = gt_control_ask(path, c->word, 5000, out, err);
    c->eno = errno;
    (void) fclose(out);
    (void) fclose(err);
    __atomic_store_n(&c->done, 1, __ATOMIC_RELEASE);

    return NULL;
}


/* runs the loop until the client is done; answers `later` when asked */

static void
ask(client_t *c, const char *word)
{
    int       i;
    pthread_t thread;

    *c = (client_t){ .word = word };
    later = 0;
    (void) pthread_create(&thread, NULL, client_run, c);

    for (i = 0; i < 5000 && !__atomic_load_n(&c->done, __ATOMIC_ACQUIRE); i++) {
        gt_loop_round(&loop, 10);

        if (later) {
            gt_control_answer(control, later, false, GT_STR("no\n"));
            gt_control_answer(control, later, true, GT_STR("twice\n"));
            later = 0;
        }
    }

    (void) pthread_join(thread, NULL);
}


static void
test_server(void)
{
    int               fd;
    client_t          c;
    gt_control_conf_t cf = { command, NULL };

    is_int(gt_control_pid(path), 0, "nobody");
    is_int(gt_control_ask(path, "now", 1000, stdout, stderr), -1, "nobody");
    is_int(errno, ENOENT, "no file");

    is_int(gt_loop_init(&loop), GT_OK, "loop");
    control = gt_control_open(&loop, path, &cf);
    ok(control != NULL, "open");
    is_int(gt_control_pid(path), getpid(), "whose");
    ok(!gt_control_open(&loop, path, &cf) && errno == EADDRINUSE,
       "only one at a time");

    ask(&c, "now");
    is_int(c.rc, 0, "an answer");
    is_str(c.out, "yes\n", "its text");
    free(c.out);
    free(c.err);

    ask(&c, "later");
    is_int(c.rc, 1, "a complaint, later");
    is_str(c.err, "no\n", "its text, once");
    free(c.out);
    free(c.err);

    ask(&c, "big");
    is_int(c.rc, 0, "a big answer");
    is_int(c.out_n, 1 << 20, "all of it");
    free(c.out);
    free(c.err);

    ask(&c, "nonsense");
    is_int(c.rc, 1, "nonsense");
    is_str(c.err, "what?\n", "its text");
    free(c.out);
    free(c.err);

    /* a client that goes before its answer */
    later = 0;
    fd = gt_fdpass_connect(path);
    is_int(gt_fdpass_send(fd, "later", 5, NULL, 0), GT_OK, "asks");
    while (!later) {
        gt_loop_round(&loop, 100);
    }

    (void) close(fd);
    gt_loop_round(&loop, 100);
    gt_control_answer(control, later, true, GT_STR("too late\n"));
    ok(true, "its answer goes nowhere");

    fd = gt_fdpass_connect(path);
    gt_loop_round(&loop, 100);
    gt_control_close(control);
    gt_loop_free(&loop);
    (void) close(fd);
    ok(access(path, F_OK) != 0, "the file is gone");
}


int
main(void)
{
    if (!mkdtemp(dir)) {
        return 1;
    }

    (void) snprintf(path, sizeof(path), "%s/control.sock", dir);
    test_parts();
    test_server();
    (void) rmdir(dir);

    return tap_done();
}
