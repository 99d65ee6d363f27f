/*
 * module/module.h: what every module declares.  A module is a table of options
 * and a table of operations; everything else follows from the two.
 */

#ifndef GT_MODULE_MODULE_H
#define GT_MODULE_MODULE_H

#include "conf/opt.h"
#include "core/core.h"
#include "event/loop.h"

typedef enum {
    GT_LISTENER, /* ops: gt_listener_ops_t */
    GT_DIALER,   /* gt_dialer_ops_t */
    GT_LAYER,    /* gt_layer_ops_t */
    GT_MUX,      /* gt_mux_ops_t */
    GT_HANDLER,  /* gt_handler_ops_t */
    GT_CONNECTOR /* gt_connector_ops_t */
} gt_kind_t;

enum { GT_STACK_MAX = 4 }; /* parts of a composed transport */

typedef struct {
    gt_kind_t       kind;
    const char     *name;      /* "http"; aliases after bars: "socks5|socks" */
    const char     *help;      /* one line */
    size_t          conf_size; /* of the struct that opts fill in; may be 0 */
    const gt_opt_t *opts;      /* or NULL */
    const void     *ops;       /* by kind, see above */

    /* a composed transport, "wss": the parts from the bottom, "tcp" "tls"
       "ws"; conf_size, opts and ops are then theirs and these are NULL */
    const char *stack[GT_STACK_MAX + 1];

    /* all optional.  check: after the options, in the master; GT_ERROR and
       *why.  start and stop: in each worker, before the first use and after
       the last */
    int (*check)(void *conf, const char **why);
    int (*start)(gt_loop_t *loop, void *conf);
    void (*stop)(gt_loop_t *loop, void *conf);
} gt_module_t;

/* every module of this build, NULL behind the last; made by configure */
extern const gt_module_t *const gt_modules[];

#endif
