/*
 * core/quote.h: text of any origin in quotes, as JSON or as Go's strconv.Quote
 * writes it.  What is not UTF-8 becomes \ufffd in JSON and \xff in Go's form;
 * no control character survives in either.
 */

#ifndef GT_CORE_QUOTE_H
#define GT_CORE_QUOTE_H

#include "core/core.h"

/*
 * Writes the n bytes at s with their quotes into at most room bytes (2 at
 * least), cut between two characters when they do not fit.  Returns how many
 * it wrote; no NUL.
 */
size_t gt_quote(char *out, size_t room, const char *s, size_t n, bool json);

/* bytes of the UTF-8 character at s, n > 0 of them there; 0: it is none */
size_t gt_quote_char(const char *s, size_t n);

/* must a value of a key=value line be quoted?  slog's rule: empty, a blank, an
   equals sign, a quote, or a character that cannot be printed */
bool gt_quote_needed(const char *s, size_t n);

#endif
