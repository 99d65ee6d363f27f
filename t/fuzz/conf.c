/*
 * Fuzzes the whole of conf/: the first byte says what the rest is: "a" lines
 * for arguments, else a text on stdin, YAML or JSON as gatun decides.  What
 * loads is printed, and what is printed must be read again: the second and the
 * third print are the same (the first has keys of arguments in their own case).
 */

#include "conf/model.h"
#include "core/core.h"
#include "core/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FUZZ_LIST = 16 };

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);


/* a load of a text as stdin; NULL when refused */
static gt_model_t *
fuzz_load(gt_source_t *src, const void *p, size_t n, unsigned *errors)
{
    gt_diag_t               *d = gt_diag_new();
    gt_model_t              *m;
    static const char *const dash[] = { "-" };

    if (n > 0) {
        src->stdin_text = gt_alloc(n + 1);
        memcpy(src->stdin_text, p, n);
        src->stdin_text[n] = '\0';
        src->stdin_len = n;
        src->sources = (const char **) dash;
        src->n_sources = 1;
    }

    m = gt_model_load(src, d);
    *errors = gt_diag_errors(d);
    GT_ASSERT((m == NULL) == (*errors > 0));
    gt_diag_free(d);

    return m;
}


/* what -O prints of src, NULL when it refuses */
static char *
fuzz_print_once(gt_source_t *src, bool json, size_t *n)
{
    int        rc;
    char      *text = NULL;
    FILE      *out;
    gt_diag_t *d = gt_diag_new();

    out = open_memstream(&text, n);
    rc = gt_source_print(src, json, out, d);
    fclose(out);
    gt_diag_free(d);

    if (rc != GT_OK) {
        free(text);
        text = NULL;
    }

    return text;
}


/* the same of a text that was printed */
static char *
fuzz_print_again(const char *text, size_t len, bool json, size_t *n)
{
    char                    *again;
    gt_source_t              src;
    static const char *const dash[] = { "-" };

    memset(&src, 0, sizeof(src));
    src.stdin_text = gt_strndup(text, len);
    src.stdin_len = len;
    src.sources = (const char **) dash;
    src.n_sources = 1;

    again = fuzz_print_once(&src, json, n);
    gt_source_free(&src);

    return again;
}


/* as in GOST an object of which no key is known is printed empty, and an empty
   one is as good as absent: the level above is empty the next time */
static bool
fuzz_settled(const char *text, size_t n)
{
    return memmem(text, n, "{}", 2) == NULL;
}


static void
fuzz_print(gt_source_t *src, bool json)
{
    char  *text[3] = { NULL, NULL, NULL };
    size_t n[3];

    text[0] = fuzz_print_once(src, json, &n[0]);

    if (text[0] != NULL && n[0] > 1) {
        text[1] = fuzz_print_again(text[0], n[0], json, &n[1]);
        GT_ASSERT(text[1] != NULL);
        text[2] = fuzz_print_again(text[1], n[1], json, &n[2]);
        GT_ASSERT(text[2] != NULL);
        GT_ASSERT(!fuzz_settled(text[1], n[1])
                  || (n[1] == n[2] && memcmp(text[1], text[2], n[1]) == 0));
    }

    free(text[0]);
    free(text[1]);
    free(text[2]);
}


/* lines are -L, or behind an 'F' -F */
static void
fuzz_arguments(gt_source_t *src, char *text)
{
    char              *line, *rest = text;
    static const char *services[FUZZ_LIST], *nodes[FUZZ_LIST];

    src->services = services;
    src->nodes = nodes;

    while ((line = strsep(&rest, "\n")) != NULL) {
        if (line[0] == 'F' && src->n_nodes < FUZZ_LIST) {
            nodes[src->n_nodes++] = line + 1;
        } else if (src->n_services < FUZZ_LIST) {
            services[src->n_services++] = line;
        }
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    char       *text = NULL;
    FILE       *out;
    size_t      i;
    unsigned    errors;
    gt_model_t *m;
    gt_source_t src;

    if (n < 2) {
        return 0;
    }

    memset(&src, 0, sizeof(src));

    if (p[0] == 'a') {
        text = gt_strndup((const char *) p + 1, n - 1);
        fuzz_arguments(&src, text);
        src.api = ":1";
        m = fuzz_load(&src, NULL, 0, &errors);
    } else {
        m = fuzz_load(&src, p, n, &errors);
    }

    if (m != NULL) {
        out = fopen("/dev/null", "w");
        GT_ASSERT(gt_model_print(m, &src, out) == GT_OK);
        fclose(out);
    }

    gt_model_free(m);

    /* what is not UTF-8 in an argument is printed as '?' */
    for (i = 1; i < n && (p[0] != 'a' || p[i] < 0x80) && p[i] != '%'; i++) {
        /* void */
    }

    if (i == n) {
        fuzz_print(&src, n % 2);
    }

    gt_source_free(&src);
    gt_free(text);

    return 0;
}
