/*
 * proxy/direct/direct.c: connector and dialer "direct": a node that is none.
 *
 * What is wanted is connected to from where we are: from this machine, or from
 * the last node of the hops before.  As one of several nodes it is the way out
 * when the others are down, with backup.
 */

#include "core/str.h"
#include "module/connector.h"
#include "module/dialer.h"

typedef struct {
    bool reject;
} direct_conf_t;


static int
direct_opt_action(void *f, const gt_cnode_t *v, const char **why)
{
    bool    *reject = f;
    gt_str_t text =
        v->kind == GT_NODE_SCALAR ? gt_str_from(v->text) : GT_STR("?");

    *reject = gt_str_ieq(text, GT_STR("reject"));

    if (text.n && !*reject && !gt_str_ieq(text, GT_STR("accept"))) {
        *why = "want accept or reject";
        return GT_ERROR;
    }

    return GT_OK;
}


static int
direct_pass(void *conf)
{
    const direct_conf_t *cf = conf;

    return cf->reject ? GT_ERROR : GT_OK;
}


/* clang-format off */
static const gt_opt_t direct_opts[] = {
    { "action", direct_opt_action, offsetof(direct_conf_t, reject), "accept",
      "reject: refuse what leads here" },
    { .name = NULL }
};
/* clang-format on */

static const gt_connector_ops_t direct_connector_ops = { .pass = direct_pass };
static const gt_dialer_ops_t    direct_dialer_ops = { .dial = NULL };

const gt_module_t gt_direct_connector_module = {
    .kind = GT_CONNECTOR,
    .name = "direct|virtual",
    .help = "no node: the target is reached from where we are",
    .conf_size = sizeof(direct_conf_t),
    .opts = direct_opts,
    .ops = &direct_connector_ops,
};

const gt_module_t gt_direct_dialer_module = {
    .kind = GT_DIALER,
    .name = "direct|virtual",
    .help = "no node: for connector direct",
    .ops = &direct_dialer_ops,
};
