/*
 * core/log.c: log lines, as Go's slog writes them for GOST.
 *
 *   begin -> fields -> end -> log_out.c
 *
 * A line is built in the caller's frame and handed on whole.
 */

#include "core/log.h"

#include "core/log_out.h"
#include "core/num.h"
#include "core/quote.h"
#include "core/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    LOG_TEXT_MAX = 2048, /* of a message, so that fields have room */
    LOG_TAG_MAX = 64,
    LOG_END = 8,    /* kept for a closing quote, a brace and the newline */
    LOG_VALUE = 16, /* a field with less room than that is left out */
    LOG_STAMP = 40
};

static struct {
    gt_log_level_t  level;
    gt_log_format_t format;
    char            key[LOG_TAG_MAX], value[LOG_TAG_MAX];
} log_state = { .level = GT_LOG_INFO };

static const char *const log_levels[] = { "trace", "debug", "info",
                                          "warn",  "error", "fatal" };


/* --- settings --- */

void
gt_log_set_level(gt_log_level_t level)
{
    log_state.level = level;
}


void
gt_log_set_format(gt_log_format_t format)
{
    log_state.format = format;
}


gt_log_level_t
gt_log_level(void)
{
    return log_state.level;
}


gt_log_level_t
gt_log_level_parse(const char *word)
{
    size_t i;

    for (i = 0; i < gt_nelts(log_levels); i++) {
        if (strcmp(word, log_levels[i]) == 0) {
            return (gt_log_level_t) i;
        }
    }

    return GT_LOG_INFO;
}


void
gt_log_set_tag(const char *key, const char *value)
{
    (void) gt_str_copy(log_state.key, LOG_TAG_MAX, gt_str_from(key));
    (void) gt_str_copy(log_state.value, LOG_TAG_MAX, gt_str_from(value));
}


/* --- lines --- */

static size_t
log_room(const gt_log_line_t *ln)
{
    return GT_LOG_LINE_MAX - gt_min(ln->n + LOG_END, (size_t) GT_LOG_LINE_MAX);
}


/* all of it or nothing */

static bool
log_put(gt_log_line_t *ln, const char *p, size_t n)
{
    if (n > log_room(ln)) {
        return false;
    }

    memcpy(ln->p + ln->n, p, n);
    ln->n += n;

    return true;
}


/* goes into the room that is kept for it */

static void
log_close(gt_log_line_t *ln, char c)
{
    GT_ASSERT(ln->n < GT_LOG_LINE_MAX);
    ln->p[ln->n++] = c;
}


static void
log_value(gt_log_line_t *ln, const char *p, size_t n)
{
    if (log_state.format == GT_LOG_TEXT && !gt_quote_needed(p, n)
        && log_put(ln, p, n))
    {
        return;
    }

    /* the quotes may go into the room that is kept */
    ln->n += gt_quote(ln->p + ln->n, log_room(ln) + 2, p, n,
                      log_state.format == GT_LOG_JSON);
}


/* false: the field does not fit */

static bool
log_key(gt_log_line_t *ln, const char *key)
{
    bool   json = log_state.format == GT_LOG_JSON;
    size_t n = strlen(key), was = ln->n;

    if (log_room(ln) < n + LOG_VALUE) {
        return false;
    }

    if (json) {
        return log_put(ln, ",", was > 1 ? 1 : 0) && log_put(ln, "\"", 1)
               && log_put(ln, key, n) && log_put(ln, "\":", 2);
    }

    return log_put(ln, " ", was > 0 ? 1 : 0) && log_put(ln, key, n)
           && log_put(ln, "=", 1);
}


void
gt_log_strn(gt_log_line_t *ln, const char *key, const char *p, size_t n)
{
    if (log_key(ln, key)) {
        log_value(ln, p, n);
    }
}


void
gt_log_str(gt_log_line_t *ln, const char *key, const char *value)
{
    gt_str_t s = gt_str_from(value);

    gt_log_strn(ln, key, s.n ? s.p : "", s.n);
}


static void
log_bare(gt_log_line_t *ln, const char *key, const char *text)
{
    size_t was = ln->n;

    if (!log_key(ln, key) || !log_put(ln, text, strlen(text))) {
        ln->n = was;
    }
}


void
gt_log_int(gt_log_line_t *ln, const char *key, int64_t value)
{
    char   text[GT_NUM_TEXT];
    size_t n = 0;

    if (value < 0) {
        text[n++] = '-';
    }

    n += gt_num_put(text + n, value < 0 ? -(uint64_t) value : (uint64_t) value);
    text[n] = '\0';
    log_bare(ln, key, text);
}


void
gt_log_dur(gt_log_line_t *ln, const char *key, int64_t ns)
{
    char text[GT_NUM_TEXT];

    if (log_state.format == GT_LOG_JSON) {
        gt_log_int(ln, key, ns);
        return;
    }

    log_bare(ln, key, gt_num_duration_text(ns, text, sizeof(text)));
}


/* RFC 3339 with milliseconds in the local zone, made anew when they pass */

static const char *
log_stamp(void)
{
    static char     text[LOG_STAMP];
    static time_t   last_s = -1;
    static long     last_ms = -1;
    static char     zone[8];
    long            ms, east;
    char            head[24];
    struct tm       tm;
    struct timespec ts;

    (void) clock_gettime(CLOCK_REALTIME, &ts);
    ms = ts.tv_nsec / 1000000;

    if (ts.tv_sec == last_s && ms == last_ms) {
        return text;
    }

    if (ts.tv_sec != last_s) {
        (void) localtime_r(&ts.tv_sec, &tm);
        (void) strftime(head, sizeof(head), "%Y-%m-%dT%H:%M:%S", &tm);
        east = tm.tm_gmtoff / 60;
        (void) gt_snprintf(zone, sizeof(zone), "%c%02d:%02d",
                           east < 0 ? '-' : '+', (int) (labs(east) / 60),
                           (int) (labs(east) % 60));
    } else {
        memcpy(head, text, 19);
        head[19] = '\0';
    }

    last_s = ts.tv_sec;
    last_ms = ms;
    (void) gt_snprintf(text, sizeof(text), "%s.%03ld%s", head, ms,
                       strcmp(zone, "+00:00") == 0 ? "Z" : zone);

    return text;
}


static void
log_begin(gt_log_line_t *ln, gt_log_level_t level, const char *prefix,
          const char *fmt, va_list ap)
{
    char   text[LOG_TEXT_MAX];
    size_t n;

    n = gt_snprintf(text, sizeof(text), "%s", prefix);
    n += gt_vsnprintf(text + n, sizeof(text) - n, fmt, ap);

    ln->level = level;
    ln->n = 0;

    if (log_state.format == GT_LOG_JSON) {
        (void) log_put(ln, "{", 1);
    }

    gt_log_str(ln, "time", log_stamp());
    gt_log_str(ln, "level", log_levels[level]);
    gt_log_strn(ln, "msg", text, n);

    if (log_state.key[0] != '\0') {
        gt_log_str(ln, log_state.key, log_state.value);
    }
}


static bool
log_is_on(gt_log_level_t level)
{
    return level >= log_state.level && level < GT_LOG_OFF && gt_log_fd() >= 0;
}


bool
gt_log_vbegin(gt_log_line_t *ln, gt_log_level_t level, const char *fmt,
              va_list ap)
{
    int  eno = errno;
    bool on = log_is_on(level);

    errno = eno; /* fmt may have %m */

    if (on) {
        log_begin(ln, level, "", fmt, ap);
        errno = eno;
    }

    return on;
}


bool
gt_log_begin(gt_log_line_t *ln, gt_log_level_t level, const char *fmt, ...)
{
    bool    on;
    va_list ap;

    va_start(ap, fmt);
    on = gt_log_vbegin(ln, level, fmt, ap);
    va_end(ap);

    return on;
}


void
gt_log_end(gt_log_line_t *ln)
{
    if (log_state.format == GT_LOG_JSON) {
        log_close(ln, '}');
    }

    log_close(ln, '\n');
    gt_log_out(ln->p, ln->n);

    if (ln->level >= GT_LOG_WARN) {
        gt_log_flush();
    }
}


static void
log_line(gt_log_level_t level, const char *prefix, const char *fmt, va_list ap)
{
    int           eno = errno;
    gt_log_line_t ln;

    if (log_is_on(level)) {
        errno = eno;
        log_begin(&ln, level, prefix, fmt, ap);
        gt_log_end(&ln);
    }

    errno = eno;
}


void
gt_log(gt_log_level_t level, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    log_line(level, "", fmt, ap);
    va_end(ap);
}


void
gt_log_alert(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    log_line(GT_LOG_ERROR, "[alert] ", fmt, ap);
    va_end(ap);
}
