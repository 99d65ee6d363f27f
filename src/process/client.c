/*
 * process/client.c: sends a word, or a signal, to a running master.
 */

#include "process/client.h"

#include "core/str.h"
#include "os/proc.h"
#include "os/sock.h"
#include "process/control.h"
#include "process/master.h"
#include "process/status_table.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CLIENT_MS = 60000 /* a reload forks every worker before it answers */
};

static const struct {
    const char *word;
    int         signal;
} client_signals[] = {
    { "reload", SIGHUP },
    { "stop", SIGTERM },
    { "quit", SIGQUIT },
    { "reopen", SIGUSR1 },
};


static void
client_line(void *data, bool is_error, const char *line)
{
    (void) data;

    if (is_error) {
        (void) fprintf(stderr, "gatun: %s\n", line);
    }
}


static int
client_signal(const char *pid_file, const char *word)
{
    size_t i;
    pid_t  pid = gt_proc_pid_read(pid_file);

    if (pid <= 0) {
        (void) fprintf(stderr,
                       "gatun: nothing runs: \"%s\" names no living "
                       "gatun\n",
                       pid_file);
        return 1;
    }

    for (i = 0; i < gt_nelts(client_signals); i++) {
        if (strcmp(word, client_signals[i].word) != 0) {
            continue;
        }

        if (kill(pid, client_signals[i].signal) == 0) {
            (void) printf("signalled process %d\n", (int) pid);
            return 0;
        }

        (void) fprintf(stderr, "gatun: process %d: %s\n", (int) pid,
                       strerror(errno));
        return 1;
    }

    (void) fprintf(stderr, "gatun: -s %s needs gatun.runtimeDir or -p\n", word);

    return 1;
}


/* as gt_control_ask(), the answer as a table */

static int
client_table(const char *path, const char *word)
{
    int    rc, eno;
    char  *text = NULL;
    size_t n = 0;
    FILE  *to = open_memstream(&text, &n);

    if (!to) {
        return -1;
    }

    rc = gt_control_ask(path, word, CLIENT_MS, to, stderr);
    eno = errno;

    if (fclose(to) != 0) {
        rc = -1;
        eno = ENOMEM;
    }

    if (rc == 0 && gt_status_table(text, n, stdout) != GT_OK) {
        (void) fprintf(stderr, "gatun: the answer is no status\n");
        rc = 1;
    }

    free(text);
    errno = eno;

    return rc;
}


/* -1: nobody is there */

static int
client_ask(const char *dir, const char *word, bool json)
{
    int  rc;
    char path[GT_SOCK_PATH];

    if (!gt_master_control_path(path, sizeof(path), dir)) {
        (void) fprintf(stderr, "gatun: \"%s\": the path is too long\n", dir);
        return 1;
    }

    rc = strcmp(word, "status") == 0 && !json
             ? client_table(path, word)
             : gt_control_ask(path, word, CLIENT_MS, stdout, stderr);

    if (rc >= 0 || errno == ENOENT || errno == ECONNREFUSED) {
        return rc;
    }

    (void) fprintf(stderr, "gatun: \"%s\": %s\n", path, strerror(errno));

    return 1;
}


static int
client_nothing(const char *dir)
{
    (void) fprintf(stderr, "gatun: nothing runs: nobody answers in \"%s\"\n",
                   dir);
    return 1;
}


/* a configuration that cannot be read must not keep anybody from stopping what
   runs, and what runs has to hear of a reload to say in its log why not */

static int
client_blind(const gt_source_t *src, const char *word, bool json,
             const gt_diag_t *d)
{
    int  rc = -1;
    char dir[GT_SOCK_PATH];

    if (src->prefix) {
        (void) gt_snprintf(dir, sizeof(dir), "%s/run", src->prefix);
        rc = client_ask(dir, word, json);

        return rc < 0 ? client_nothing(dir) : rc;
    }

    if (gt_source_guess_dir(src, dir, sizeof(dir))) {
        rc = client_ask(dir, word, json);
    }

    if (rc < 0) {
        gt_diag_each(d, client_line, NULL);
        rc = 1;
    }

    return rc;
}


int
gt_client_send(gt_source_t *src, const char *word, bool json)
{
    int                   rc;
    gt_diag_t            *d = gt_diag_new();
    gt_model_t           *m;
    const gt_own_model_t *own;

    m = d ? gt_model_load_own(src, d) : NULL;
    if (!m) {
        rc = d ? client_blind(src, word, json, d) : 1;
        gt_diag_free(d);
        return rc;
    }

    own = &m->own;
    rc = own->runtime_dir ? client_ask(own->runtime_dir, word, json) : -1;

    if (rc < 0 && own->pid_file) {
        rc = client_signal(own->pid_file, word);

    } else if (rc < 0 && own->runtime_dir) {
        rc = client_nothing(own->runtime_dir);

    } else if (rc < 0 && gt_diag_errors(d) > 0) {
        rc = client_blind(src, word, json, d);

    } else if (rc < 0) {
        (void) fprintf(stderr, "gatun: -s needs to know where it runs: "
                               "gatun.runtimeDir, gatun.pidFile or -p\n");
        rc = 1;
    }

    gt_model_free(m);
    gt_diag_free(d);

    return rc;
}
