/*
 * process/control.h: control.sock in the runtime directory: commands with
 * answers, and the client of it, `gatun -s`.
 *
 * A request is one message: a word.  The answer is any number of messages, the
 * first byte of which says how to read the rest: '+' a part of an answer, '0'
 * its end, '-' a part of a complaint, '1' its end.
 */

#ifndef GT_PROCESS_CONTROL_H
#define GT_PROCESS_CONTROL_H

#include "core/str.h"
#include "event/loop.h"

#include <stdio.h>

enum {
    GT_CONTROL_WORD = 32,    /* a request, with its NUL */
    GT_CONTROL_PART = 16384, /* bytes of one message of an answer */
    GT_CONTROL_CONNS = 32,   /* clients at once; more are closed */
    GT_CONTROL_MS = 10000    /* to send a request, to take the answer */
};

/* the i-th message of an answer into p (GT_CONTROL_PART bytes); its length, 0:
   there is no i-th */
size_t gt_control_part(uint8_t *p, bool good, gt_str_t text, size_t i);

typedef struct gt_control gt_control_t;

/* of one client, as long as it waits; never kept by pointer */
typedef uint64_t gt_control_id_t;

typedef struct {
    /* answers at once, or later to the same id */
    void (*command)(void *data, gt_control_id_t id, const char *word);
    void *data;
} gt_control_conf_t;

/* NULL with errno; EADDRINUSE: somebody else answers there */
gt_control_t *gt_control_open(gt_loop_t *loop, const char *path,
                              const gt_control_conf_t *cf);

/* removes the file; clients that wait see the end */
void gt_control_close(gt_control_t *ct);

/* the answer of the client that waits under that id, if it still does */
void gt_control_answer(gt_control_t *ct, gt_control_id_t id, bool good,
                       gt_str_t text);

/* --- the client's side; blocking --- */

/* the pid of the master that listens there; 0: none; -1: with errno, it could
   not be asked (EACCES) */
pid_t gt_control_pid(const char *path);

/*
 * Sends the word and copies the answer to out, a complaint to err.  0: good,
 * 1: a complaint; -1: nobody listens or no answer within ms, with errno.
 */
int gt_control_ask(const char *path, const char *word, int ms, FILE *out,
                   FILE *err);

#endif
