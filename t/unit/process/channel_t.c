/*
 * Messages between master and workers: the codec, descriptors, the end.
 */

#include "process/channel.h"

#include "core/log.h"

#include "tap.h"

#include <fcntl.h>
#include <unistd.h>

static int      got_n, got_end, got_fd = -1;
static gt_msg_t got_last;


static void
test_codec(void)
{
    gt_msg_t m = { .type = GT_MSG_HELLO,
                   .generation = 7,
                   .slot = 3,
                   .n_slots = 4,
                   .count = 9,
                   .state = 2,
                   .pid = 4711,
                   .text = "tcp/127.0.0.1:1" },
             r;
    uint8_t p[GT_MSG_SIZE + 1];

    gt_msg_encode(&m, p);
    is_int(gt_msg_decode(p, GT_MSG_SIZE, &r), GT_OK, "decodes");
    ok(r.type == GT_MSG_HELLO && r.generation == 7 && r.slot == 3
           && r.n_slots == 4 && r.count == 9 && r.state == 2 && r.pid == 4711,
       "numbers");
    is_str(r.text, "tcp/127.0.0.1:1", "text");

    is_int(gt_msg_decode(p, GT_MSG_SIZE - 1, &r), GT_ERROR, "too short");
    is_int(gt_msg_decode(p, GT_MSG_SIZE + 1, &r), GT_ERROR, "too long");

    p[0] ^= 1;
    is_int(gt_msg_decode(p, GT_MSG_SIZE, &r), GT_ERROR, "another version");
    p[0] ^= 1;

    p[4] = GT_MSG_END;
    is_int(gt_msg_decode(p, GT_MSG_SIZE, &r), GT_ERROR, "unknown type");
    p[4] = 0;
    is_int(gt_msg_decode(p, GT_MSG_SIZE, &r), GT_ERROR, "no type");
    p[4] = GT_MSG_QUIT;

    memset(p + GT_MSG_SIZE - GT_MSG_TEXT, 'x', GT_MSG_TEXT);
    is_int(gt_msg_decode(p, GT_MSG_SIZE, &r), GT_ERROR, "text without an end");
    p[GT_MSG_SIZE - 1] = '\0';
    is_int(gt_msg_decode(p, GT_MSG_SIZE, &r), GT_OK, "the longest text");

    memset(p + 32, 0xff, 4);
    is_int(gt_msg_decode(p, GT_MSG_SIZE, &r), GT_ERROR, "too many descriptors");
}


static void
got(gt_channel_t *ch, gt_msg_t *m)
{
    (void) ch;

    if (!m) {
        got_end++;
        return;
    }

    got_n++;
    got_last = *m;

    if (m->type == GT_MSG_LOG && m->n_fds > 0) {
        got_fd = m->fds[0];
        m->fds[0] = -1; /* kept */
    }
}


static int
fds_open(void)
{
    int fd, n = 0;

    for (fd = 0; fd < 64; fd++) {
        n += fcntl(fd, F_GETFD) >= 0;
    }

    return n;
}


static void
test_channel(void)
{
    int          fd[2], before, i;
    gt_msg_t     m = { .type = GT_MSG_SOCKET, .fds = { 1, 2 }, .n_fds = 2 };
    gt_loop_t    loop;
    gt_channel_t ch;

    is_int(gt_loop_init(&loop), GT_OK, "loop");
    is_int(gt_fdpass_pair(fd), GT_OK, "pair");
    is_int(gt_channel_open(&ch, &loop, fd[0], NULL, got), GT_OK, "open");

    before = fds_open();

    is_int(gt_msg_send(fd[1], &m), GT_OK, "sent with two descriptors");
    gt_loop_round(&loop, 1000);
    is_int(got_n, 1, "received");
    is_int(got_last.n_fds, 2, "with both");
    is_int(fds_open(), before, "which are closed when nobody keeps them");

    m = (gt_msg_t){ .type = GT_MSG_LOG, .fds = { 1 }, .n_fds = 1 };
    is_int(gt_msg_send(fd[1], &m), GT_OK, "sent with one");
    gt_loop_round(&loop, 1000);
    is_int(fds_open(), before + 1, "which is kept");
    ok(got_fd >= 0 && fcntl(got_fd, F_GETFD) == FD_CLOEXEC, "close-on-exec");
    (void) close(got_fd);

    gt_log_set_level(GT_LOG_OFF);
    is_int(gt_fdpass_send(fd[1], "rubbish", 7, (int[]){ 1 }, 1), GT_OK,
           "rubbish with a descriptor");
    gt_loop_round(&loop, 1000);
    gt_log_set_level(GT_LOG_INFO);
    is_int(got_n, 2, "is dropped");
    is_int(fds_open(), before, "and so is its descriptor");

    m = (gt_msg_t){ .type = GT_MSG_READY };

    for (i = 0; i < 100; i++) {
        (void) gt_msg_send(fd[1], &m);
    }

    (void) close(fd[1]);

    for (i = 0; i < 10 && !got_end; i++) {
        gt_loop_round(&loop, 1000);
    }

    is_int(got_n, 102, "what was sent before the end is received");
    is_int(got_end, 1, "then the end, once");
    is_int(gt_channel_send(&ch, &m), GT_ERROR, "a closed channel");
    gt_channel_close(&ch);
    gt_loop_free(&loop);
}


static void
test_wait(void)
{
    int      fd[2];
    gt_msg_t m = { .type = GT_MSG_TAKE }, r;

    is_int(gt_fdpass_pair(fd), GT_OK, "pair");
    is_int(gt_msg_wait(fd[0], &r, 1), GT_ERROR, "nothing in time");
    is_int(gt_msg_send(fd[1], &m), GT_OK, "sent");
    is_int(gt_msg_wait(fd[0], &r, 1000), GT_OK, "received");
    is_int(r.type, GT_MSG_TAKE, "as it was");
    (void) close(fd[1]);
    is_int(gt_msg_wait(fd[0], &r, 1000), GT_ERROR, "the end");
    (void) close(fd[0]);
}


int
main(void)
{
    test_codec();
    test_channel();
    test_wait();

    return tap_done();
}
