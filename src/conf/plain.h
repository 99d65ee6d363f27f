/*
 * conf/plain.h: what a scalar without quotes is, as Go's YAML reads it: YAML
 * 1.2 with 1.1's octal numbers and underscores.  For conf/ only.
 */

#ifndef GT_CONF_PLAIN_H
#define GT_CONF_PLAIN_H

#include "conf/tree.h"

typedef enum {
    GT_PLAIN_TEXT,
    GT_PLAIN_NULL,
    GT_PLAIN_BOOL,
    GT_PLAIN_INT,
    GT_PLAIN_REAL,
    GT_PLAIN_DATE /* 2001-02-03 */
} gt_plain_kind_t;

typedef struct {
    bool     yes;
    bool     minus;
    uint64_t whole; /* without the sign; -whole fits int64_t */
    double   real;
} gt_plain_t;

/* v is filled in as far as the kind has a value */
gt_plain_kind_t gt_plain_kind(const char *text, gt_plain_t *v);

/* would some YAML, old ones too, read these bytes as something else than a
   text? */
bool gt_plain_odd(const char *text);

typedef enum {
    GT_REAL_YAML,  /* 1e+06 */
    GT_REAL_JSON,  /* 1000000; 1e+21 */
    GT_REAL_DIGITS /* no exponent */
} gt_real_style_t;

enum { GT_REAL_TEXT = 360 }; /* any of them with its NUL */

/* the fewest digits that read back as v, as Go prints it; gives buf */
const char *gt_plain_real(double v, gt_real_style_t style, char *buf,
                          size_t size);

/* what is in the place of a text where a plain scalar stands: true is "1",
   010 is "8"; in the arena; NULL: no memory */
const char *gt_plain_text(gt_tree_t *t, const gt_cnode_t *node);

#endif
