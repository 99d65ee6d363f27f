/*
 * proxy/http/http_pump.c: moves one body from its sender to its receiver.
 *
 * Not net/relay: a request may be given up while its response goes on, and a
 * response ends when it is complete, whatever the request does.
 */

#include "proxy/http/http.h"


/* fills q; GT_AGAIN: from has no more now */

static int
pump_fill(http_pump_t *p)
{
    ssize_t n;

    while (!p->eof && p->q.len < GT_HTTP_PUMP) {
        n = gt_stream_recv(p->from, &p->q, GT_HTTP_PUMP - p->q.len);

        if (n == GT_AGAIN) {
            return GT_AGAIN;
        }

        if (n <= 0) {
            p->eof = 1;
            p->why = n == 0 ? GT_E_NONE : p->from->err;
        }
    }

    return GT_OK;
}


static int
pump_dead(http_pump_t *p)
{
    gt_chain_free(&p->q);
    p->dead = p->over = 1;

    return GT_OK;
}


/* what is in q, and the end; GT_AGAIN: to takes no more now */

static int
pump_drain(http_pump_t *p, size_t *moved)
{
    int     rc;
    ssize_t n;

    while (p->q.len) {
        n = gt_stream_send(p->to, &p->q);

        if (n == GT_AGAIN) {
            return GT_AGAIN;
        }

        if (n <= 0) {
            return pump_dead(p);
        }

        *moved += (size_t) n;
    }

    if (!p->eof) {
        return GT_OK;
    }

    if (p->why != GT_E_NONE) {
        p->over = 1;
        return GT_OK;
    }

    rc = gt_stream_shutdown(p->to);

    if (rc == GT_ERROR) {
        return pump_dead(p);
    }

    p->over = rc == GT_OK;

    return rc;
}


int
gt_http_pump_run(http_pump_t *p, bool *moved)
{
    int    in, out;
    size_t n = 0;

    do {
        in = pump_fill(p);
        out = pump_drain(p, &n);
        *moved |= n > 0;

        if (p->over) {
            return GT_OK;
        }
    } while (in == GT_OK && out == GT_OK && n < GT_HTTP_TURN);

    if (!p->eof && p->q.len < GT_HTTP_PUMP) {
        gt_stream_want(p->from, GT_EV_IN);
    }

    if (out == GT_AGAIN) {
        gt_stream_want(p->to, GT_EV_OUT);
    }

    return GT_AGAIN;
}
