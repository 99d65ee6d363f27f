/*
 * conf/words.h: the names of handlers, listeners, connectors and dialers: what
 * GOST knows, what gatun has or will have, what it never will.  For conf/ only.
 */

#ifndef GT_CONF_WORDS_H
#define GT_CONF_WORDS_H

#include "conf/model.h"
#include "core/str.h"

typedef enum {
    GT_WORD_UNKNOWN, /* no such name */
    GT_WORD_BUILT,   /* linked */
    GT_WORD_LATER,   /* not in this build */
    GT_WORD_NEVER    /* GOST has it, gatun will not */
} gt_word_state_t;

/* "handler" and so on */
const char *gt_word_kind(gt_word_t kind);

/* what a part without a type is: "auto" */
const char *gt_word_default(gt_word_t kind);

gt_word_state_t gt_word_state(const gt_source_t *src, gt_word_t kind,
                              gt_str_t name);

/* a listener or dialer with TLS in it */
bool gt_word_tls(gt_str_t name);

/*
 * An error in d unless the name is linked: "ws: not built yet", or with the
 * valid names.  GT_OK or GT_ERROR.
 */
int gt_word_check(const gt_source_t *src, gt_word_t kind, const char *name,
                  const gt_place_t *place, gt_diag_t *d);

/*
 * The two halves of a scheme, as GOST resolves them: one word names both, and
 * a half that has no such name gets the default, as long as the other one
 * has.  GT_ERROR when nothing has it, reported in d.  `first` and `second`
 * are static or in the scheme's own bytes.
 */
int gt_word_scheme(const gt_source_t *src, bool node, gt_str_t proxy,
                   gt_str_t transport, gt_str_t *first, gt_str_t *second,
                   const gt_place_t *place, gt_diag_t *d);

#endif
