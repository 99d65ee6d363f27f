/*
 * conf/emit_text.c: how a text is written in YAML: plain, in quotes, or as a
 * block of lines.  The choice is that of Go's YAML, byte for byte.
 */

#include "conf/dump.h"
#include "conf/plain.h"

#include <string.h>

typedef struct {
    bool plain;  /* may stand without quotes */
    bool single; /* may stand in '' */
    bool block;  /* may stand as | */
    bool lines;  /* has a line end */
} emit_look_t;


/* YAML's printable characters; Go's YAML writes none beyond the BMP */
static bool
emit_printable(const unsigned char *p, size_t n)
{
    if (n == 1) {
        return p[0] == '\n' || (p[0] >= 0x20 && p[0] < 0x7f);
    }

    return n < 4 && !(p[0] == 0xc2 && p[1] < 0xa0)
           && !(n == 3 && p[0] == 0xef
                && ((p[1] == 0xbb && p[2] == 0xbf)
                    || (p[1] == 0xbf && p[2] >= 0xbe)))
           && !(n == 3 && p[0] == 0xe2 && p[1] == 0x80
                && (p[2] == 0xa8 || p[2] == 0xa9));
}


static bool
emit_indicator(const char *text, size_t i, bool after_blank, bool before_blank)
{
    char c = text[i];

    if (i == 0
        && (strchr("#,[]{}&*!|>'\"%@`", c) != NULL
            || (strchr("?:-", c) != NULL && before_blank)))
    {
        return true;
    }

    return (i > 0 && c == ':' && before_blank) || (c == '#' && after_blank);
}


/* one character more for what is known about the text */
static void
emit_look_at(emit_look_t *l, const char *text, size_t i, size_t len)
{
    char before = i > 0 ? text[i - 1] : '\0', after = text[i + len];
    bool first = i == 0, last = after == '\0';

    if (emit_indicator(text, i,
                       before == ' ' || before == '\t' || before == '\n',
                       last || strchr(" \t", after) != NULL))
    {
        l->plain = false;
    }

    if (text[i] == '\t') {
        l->plain = l->single = false;

    } else if (!emit_printable((const unsigned char *) text + i, len)) {
        l->plain = l->single = l->block = false;
    }

    if (text[i] == '\n') {
        l->lines = true;
        l->plain = false;

        if (before == ' ') {
            l->single = l->block = false;
        }
    }

    if (text[i] == ' ') {
        if (first || last) {
            l->plain = false;
        }

        if (last) {
            l->block = false;
        }

        if (before == '\n') {
            l->plain = l->single = false;
        }
    }
}


static emit_look_t
emit_look(const char *text)
{
    size_t      i, len, n = strlen(text);
    emit_look_t l = { true, true, true, false };

    /* a tab at a block's beginning is no indentation, and YAML asks for one */
    l.block = text[0] != '\t';
    l.plain =
        n > 0 && strncmp(text, "---", 3) != 0 && strncmp(text, "...", 3) != 0;

    for (i = 0; i < n; i += len) {
        len = gt_tree_char((const unsigned char *) text + i, n - i);
        len = gt_max(len, (size_t) 1);
        emit_look_at(&l, text, i, len);
    }

    return l;
}


static uint32_t
emit_code(const unsigned char *p, size_t n)
{
    size_t   i;
    uint32_t c = p[0];

    if (n > 1) {
        c &= 0x7fu >> n;
    }

    for (i = 1; i < n; i++) {
        c = c << 6 | (p[i] & 0x3f);
    }

    return c;
}


static void
emit_escape(const char *p, size_t len, FILE *out)
{
    static const struct {
        uint32_t    code;
        const char *text;
    } names[] = { { 0x07, "\\a" },  { 0x08, "\\b" }, { 0x09, "\\t" },
                  { 0x0a, "\\n" },  { 0x0b, "\\v" }, { 0x0c, "\\f" },
                  { 0x0d, "\\r" },  { 0x1b, "\\e" }, { 0x22, "\\\"" },
                  { 0x5c, "\\\\" }, { 0x85, "\\N" }, { 0x2028, "\\L" },
                  { 0x2029, "\\P" } };
    size_t   i;
    uint32_t code;

    code = emit_code((const unsigned char *) p, len);

    for (i = 0; i < gt_nelts(names); i++) {
        if (names[i].code == code) {
            fputs(names[i].text, out);
            return;
        }
    }

    fprintf(out,
            code <= 0xff     ? "\\x%02X"
            : code <= 0xffff ? "\\u%04X"
                             : "\\U%08X",
            code);
}


static void
emit_double(const char *text, FILE *out)
{
    size_t i, len, n = strlen(text);

    fputc('"', out);

    for (i = 0; i < n; i += len) {
        len = gt_tree_char((const unsigned char *) text + i, n - i);
        len = gt_max(len, (size_t) 1);

        if (strchr("\n\"\\", text[i]) != NULL
            || !emit_printable((const unsigned char *) text + i, len))
        {
            emit_escape(text + i, len, out);
        } else {
            fwrite(text + i, 1, len, out);
        }
    }

    fputc('"', out);
}


static void
emit_single(const char *text, FILE *out)
{
    fputc('\'', out);

    for (/* void */; *text != '\0'; text++) {
        if (*text == '\'') {
            fputc('\'', out);
        }

        fputc(*text, out);
    }

    fputc('\'', out);
}


/* "|", and "-" or "+" for the line ends at the end */
static void
emit_block(const char *text, unsigned indent, FILE *out)
{
    size_t n = strlen(text);
    bool   begin = true;

    fputc('|', out);

    if (text[0] == ' ' || text[0] == '\n') {
        fputc('2', out);
    }

    if (text[n - 1] != '\n') {
        fputc('-', out);

    } else if (n == 1 || text[n - 2] == '\n') {
        fputc('+', out);
    }

    fputc('\n', out);

    for (/* void */; *text != '\0'; text++) {
        if (begin && *text != '\n') {
            fprintf(out, "%*s", (int) indent, "");
        }

        begin = *text == '\n';

        if (!begin || text[1] != '\0') {
            fputc(*text, out);
        }
    }
}


int
gt_emit_text(const char *text, bool key, unsigned indent, FILE *out)
{
    emit_look_t l;

    l = emit_look(text);

    if (l.lines) {
        if (l.block && !key) {
            emit_block(text, indent, out);
        } else {
            emit_double(text, out);
        }

    } else if (gt_plain_odd(text) || (key && strcmp(text, "<<") == 0)) {
        emit_double(text, out);

    } else if (l.plain) {
        fputs(text, out);

    } else if (l.single) {
        emit_single(text, out);

    } else {
        emit_double(text, out);
    }

    return ferror(out) ? GT_ERROR : GT_OK;
}
