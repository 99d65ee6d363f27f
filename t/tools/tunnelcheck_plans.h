/*
 * t/tools/tunnelcheck_plans.h: the modes of tunnelcheck: what is to happen
 * next, from what has happened.  A part of tunnelcheck.c.
 */

#ifndef T_TOOLS_TUNNELCHECK_PLANS_H
#define T_TOOLS_TUNNELCHECK_PLANS_H

/* from sends n, to reads them all, says so with one byte, from gets it */

static bool
plan_told(end_t *from, end_t *to)
{
    from->may = cf.n;
    to->may = to->rx == cf.n && to->fd >= 0;

    return from->rx == 1;
}

/* from sends n and closes; to has to see n bytes and the end */

static bool
plan_given(end_t *from, end_t *to)
{
    from->may = cf.n;

    if (from->fd >= 0 && from->tx == cf.n) {
        end_close(from, false);
    }

    return to->eof && to->rx == cf.n;
}

static void
plan_half_close(tunnel_t *t, end_t *a, end_t *b)
{
    a->may = cf.n;

    if (a->tx == cf.n) {
        end_shutdown(a);
    }

    if (b->eof && b->rx == cf.n && plan_given(b, a)) {
        tunnel_ok(t);
    }
}

static void
plan_reset(tunnel_t *t, end_t *a, end_t *b)
{
    if (a->fd >= 0 && plan_told(a, b)) {
        end_close(a, true);
    }

    if (a->gone && b->rst) {
        tunnel_ok(t);
    } else if (a->gone && b->eof) {
        tunnel_fail(t, "a reset has become an orderly end");
    }
}

/* the reader waits until the writer is stuck, then goes at a walk */

static void
plan_slow_reader(tunnel_t *t, end_t *from, end_t *to)
{
    if (!t->head_done || from->fd < 0) {
        to->deaf = false;
    } else if (to->rx == 0 && from->tx < cf.n
               && cf.at - from->moved < STUCK_MS / 1000.0)
    {
        to->deaf = true;
    } else {
        if (to->deaf && from->tx < cf.n && from->tx > cf.stuck_at) {
            cf.stuck_at = from->tx;
        }

        to->deaf = false;
        to->step = to->rx < 65536 ? 2048 : 0;
    }

    if (plan_given(from, to)) {
        tunnel_ok(t);
    }
}

static void
plan_echo(tunnel_t *t, uint64_t n, bool last)
{
    t->c.may = n;
    t->o.may = t->o.rx;

    if (last && t->c.rx == n) {
        end_shutdown(&t->c);
    }

    if (t->o.eof && t->o.tx == t->o.rx && t->o.fd >= 0) {
        end_close(&t->o, false);
    }

    if (t->c.eof) {
        tunnel_ok(t);
    }
}

static void
plan_up(tunnel_t *t)
{
    if (plan_told(&t->c, &t->o)) {
        end_shutdown(&t->c);
    }

    if (t->o.eof && t->o.tx == 1) {
        end_close(&t->o, false);
    }

    if (t->c.eof && t->c.rx == 1) {
        tunnel_ok(t);
    }
}

static void
plan_hold(tunnel_t *t)
{
    end_t *c = &t->c;

    if (c->rx == c->tx && c->tx == c->may) {
        if (c->tx > 0 && !t->stands) {
            t->stands = true;
            cf.standing++;
        }

        if (cf.stop) {
            plan_echo(t, c->tx, true);
            return;
        }

        if (cf.at >= t->next) {
            c->may += PING;
            t->next = cf.at + PING_MS / 1000.0;
        }
    }

    plan_echo(t, c->may, false);
}

static void
plan_echo_all(tunnel_t *t)
{
    plan_echo(t, cf.n, true);
}

static void
plan_up_once(tunnel_t *t)
{
    plan_up(t);
}

static void
plan_slow_writer(tunnel_t *t)
{
    end_t *c = &t->c;

    plan_up(t);

    if (cf.at >= t->next && c->may > c->tx) {
        t->next = cf.at + 0.001;
        t->allowed += 1 + cf.n / SLOW_STEPS;
    }

    if (c->may > t->allowed) {
        c->may = t->allowed;
    }
}

static void
plan_down(tunnel_t *t)
{
    if (plan_given(&t->o, &t->c)) {
        tunnel_ok(t);
    }
}

static void
plan_both(tunnel_t *t)
{
    end_t *c = &t->c, *o = &t->o;

    c->may = o->may = cf.n;

    if (c->tx == cf.n) {
        end_shutdown(c);
    }

    if (o->tx == cf.n) {
        end_shutdown(o);
    }

    if (c->eof && o->eof && c->rx == cf.n && o->rx == cf.n) {
        tunnel_ok(t);
    }
}

static void
plan_half_close_client(tunnel_t *t)
{
    plan_half_close(t, &t->c, &t->o);
}

static void
plan_half_close_server(tunnel_t *t)
{
    plan_half_close(t, &t->o, &t->c);
}

static void
plan_reset_client(tunnel_t *t)
{
    plan_reset(t, &t->c, &t->o);
}

static void
plan_reset_server(tunnel_t *t)
{
    plan_reset(t, &t->o, &t->c);
}

static void
plan_slow_down(tunnel_t *t)
{
    plan_slow_reader(t, &t->o, &t->c);
}

static void
plan_slow_up(tunnel_t *t)
{
    plan_slow_reader(t, &t->c, &t->o);
}

#endif
