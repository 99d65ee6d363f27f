/*
 * core/log.h: log lines in GOST's shapes, as JSON or key=value text.
 *
 *     gt_log_line_t ln;
 *
 *     if (gt_log_begin(&ln, GT_LOG_INFO, "%s >< %s", remote, local)) {
 *         gt_log_str(&ln, "service", name);
 *         gt_log_int(&ln, "inputBytes", n);
 *         gt_log_end(&ln);
 *     }
 *
 * One log for the process.  Lines gather in a buffer that gt_log_flush()
 * writes: a worker soon, everybody else once a round of the event loop;
 * warnings and worse go out at once.  What cannot be written is dropped and
 * counted, never waited for.
 *
 * Credentials are never given to these functions.
 */

#ifndef GT_CORE_LOG_H
#define GT_CORE_LOG_H

#include "core/core.h"

#include <stdarg.h>

typedef enum {
    GT_LOG_TRACE,
    GT_LOG_DEBUG,
    GT_LOG_INFO,
    GT_LOG_WARN,
    GT_LOG_ERROR,
    GT_LOG_FATAL,
    GT_LOG_OFF
} gt_log_level_t;

typedef enum { GT_LOG_JSON, GT_LOG_TEXT } gt_log_format_t;

enum { GT_LOG_LINE_MAX = 4096 }; /* PIPE_BUF: lines of several workers in one
                                    pipe stay whole */

typedef struct {
    gt_log_level_t level;
    size_t         n;
    char           p[GT_LOG_LINE_MAX];
} gt_log_line_t;

/* the process's log; before the first call: stderr, info, JSON */
void gt_log_set_level(gt_log_level_t level);
void gt_log_set_format(gt_log_format_t format);

/*
 * Where lines go: "stderr", "stdout", "none" or "null", or a path, opened to
 * append (its folders are made).  GT_ERROR with errno set when it cannot be
 * opened; the old output stays.
 */
int gt_log_open(const char *output);

/* opens the path again (USR1); GT_OK for the others */
int gt_log_reopen(void);

/* the descriptor in use, or -1; for handing it to children */
int gt_log_fd(void);

/* takes fd over as the output: of a path opened elsewhere (a master) */
void gt_log_take_fd(int fd);

/* "info" and so on to a level; an unknown word is info, as in GOST */
gt_log_level_t gt_log_level_parse(const char *word);
gt_log_level_t gt_log_level(void);

/* a constant field on every line, such as worker=3; at most one, of a few
   bytes; NULL: none */
void gt_log_set_tag(const char *key, const char *value);

/*
 * False when the level is off; then nothing else may be called on ln.  A text
 * that is too long is cut, a field that does not fit is left out.  NULL is "".
 * errno stays as it was, and may be printed with %m.
 */
bool gt_log_begin(gt_log_line_t *ln, gt_log_level_t level, const char *fmt, ...)
    GT_PRINTF(3, 4);
bool gt_log_vbegin(gt_log_line_t *ln, gt_log_level_t level, const char *fmt,
                   va_list ap) GT_PRINTF(3, 0);
void gt_log_str(gt_log_line_t *ln, const char *key, const char *value);
void gt_log_strn(gt_log_line_t *ln, const char *key, const char *p, size_t n);
void gt_log_int(gt_log_line_t *ln, const char *key, int64_t value);
void gt_log_dur(gt_log_line_t *ln, const char *key, int64_t ns);
void gt_log_end(gt_log_line_t *ln);

/* a line without fields */
void gt_log(gt_log_level_t level, const char *fmt, ...) GT_PRINTF(2, 3);

/* a bug: an error line whose text begins with [alert]; fails every test */
void gt_log_alert(const char *fmt, ...) GT_PRINTF(1, 2);

void     gt_log_flush(void);
size_t   gt_log_pending(void); /* bytes that wait for it */
void     gt_log_discard(void); /* what is buffered: a child, its parent's */
uint64_t gt_log_dropped(void); /* lines that could not be written */

/* clang-format off */
#define gt_debug(...)  gt_log(GT_LOG_DEBUG, __VA_ARGS__)
#define gt_info(...)   gt_log(GT_LOG_INFO, __VA_ARGS__)
#define gt_warn(...)   gt_log(GT_LOG_WARN, __VA_ARGS__)
#define gt_error(...)  gt_log(GT_LOG_ERROR, __VA_ARGS__)
/* clang-format on */

#endif
