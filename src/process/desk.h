/*
 * process/desk.h: a desk is a place where the stats process answers: its own
 * endpoint and that of GOST's metrics.  The master binds them, a reload takes
 * over those that stay.
 */

#ifndef GT_PROCESS_DESK_H
#define GT_PROCESS_DESK_H

#include "policy/auth.h"
#include "process/stats_place.h"

typedef enum { GT_DESK_STATS, GT_DESK_METRICS, GT_DESKS } gt_desk_kind_t;

/* of one configuration, an array of GT_DESKS in its cycle */
typedef struct {
    gt_stats_place_t at;
    int              fd;   /* ours, listening; -1: none */
    bool             made; /* its file is new, and nobody's yet */
    gt_auth_t       *auth; /* ours; NULL: everybody may */
    const char      *path; /* the model's: of the metrics' URL */
} gt_desk_t;

/* all of them closed */
void gt_desks_init(gt_desk_t *desks);

/* where they are to be, and whom they answer; errors in d */
void gt_desks_check(gt_desk_t *desks, const gt_model_t *m, gt_diag_t *d);

/* opens them, or takes copies of what from (NULL: none) has open; GT_ERROR
   with errors in d */
int gt_desks_bind(gt_desk_t *desks, const gt_desk_t *from, const gt_model_t *m,
                  gt_diag_t *d);

/* is any open? */
bool gt_desks_open(const gt_desk_t *desks);

/* would a process that serves a's serve b's just as well? */
bool gt_desks_same(const gt_desk_t *a, const gt_model_t *am,
                   const gt_desk_t *b, const gt_model_t *bm);

/* `to` serves from now on: addresses that only `from` (NULL: none) has are free
   at once, though its process still lives */
void gt_desks_switch(gt_desk_t *from, gt_desk_t *to);

/* files of unix sockets go: all of them, those that never served */
void gt_desks_unlink(gt_desk_t *desks);
void gt_desks_undo(gt_desk_t *desks);

/* sockets and users; idempotent */
void gt_desks_close(gt_desk_t *desks);

#endif
