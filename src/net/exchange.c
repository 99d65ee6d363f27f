/*
 * net/exchange.c: the front of every exchange.
 */

#include "net/exchange.h"


bool
gt_exchange_is_hop(const gt_exchange_t *ex, gt_str_t name)
{
    gt_http1_head_t head = { .nfields = ex->n_fields };

    head.fields = (gt_http1_field_t *) ex->fields; /* is only read */

    return gt_http1_field_hop(&head, name);
}


bool
gt_exchange_field(const gt_exchange_t *ex, const char *name, gt_str_t *v)
{
    unsigned i;
    gt_str_t want = gt_str_from(name);

    for (i = 0; i < ex->n_fields; i++) {
        if (gt_str_ieq(ex->fields[i].name, want)) {
            if (v) {
                *v = ex->fields[i].value;
            }

            return true;
        }
    }

    return false;
}


int
gt_exchange_respond(gt_exchange_t *ex, int status, gt_str_t reason,
                    const gt_http1_field_t *f, unsigned n, unsigned flags)
{
    int rc;

    GT_ASSERT(status >= 100 && status <= 999);

    ex->loop->down++;
    rc = ex->ops->respond(ex, status, reason, f, n, flags);
    ex->loop->down--;

    return rc;
}


gt_stream_t *
gt_exchange_body(gt_exchange_t *ex)
{
    if (!ex->body) {
        ex->loop->down++;
        ex->body = ex->ops->body(ex);
        ex->loop->down--;
    }

    return ex->body;
}


gt_stream_t *
gt_exchange_tunnel(gt_exchange_t *ex)
{
    gt_loop_t   *loop = ex->loop;
    gt_stream_t *st;

    loop->down++;
    st = ex->ops->tunnel(ex);
    loop->down--;

    return st;
}


void
gt_exchange_close(gt_exchange_t *ex, gt_err_t why)
{
    gt_loop_t *loop = ex->loop;

    loop->down++;
    ex->ops->close(ex, why);
    loop->down--;
}
