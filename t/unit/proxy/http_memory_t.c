/*
 * The http handler without memory: each allocation in turn fails, and with it
 * one session, whose parts are all given back.  Builds without failmalloc run
 * each scenario once.
 */

#include "proxy/talk.h"

enum { MEMORY_MAX = 2000 /* allocations that a scenario may make */ };


static void
memory_settle(rig_end_t *e, const char *text)
{
    if (e->p) {
        rig_say(e, text);
    }

    rig_settle();
}


static void
memory_tunnel(void)
{
    memory_settle(&rig.client, "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\nearly");
    memory_settle(&rig.origin[0], "hi");
}


static void
memory_forward(void)
{
    memory_settle(&rig.client,
                  "POST http://a/ HTTP/1.1\r\nHost: a\r\n"
                  "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    memory_settle(&rig.client, "0\r\nX: 1\r\n\r\n");
    memory_settle(&rig.origin[0],
                  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "3\r\nabc\r\n");
    memory_settle(&rig.origin[0], "0\r\nX: 1\r\n\r\n");
}


static void
memory_twice(void)
{
    memory_settle(&rig.client, "GET http://a/1 HTTP/1.1\r\nHost: a\r\n\r\n"
                               "GET http://a/2 HTTP/1.1\r\nHost: a\r\n\r\n");
    memory_settle(&rig.origin[0],
                  "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
}


static void
memory_refuse(void)
{
    memory_settle(&rig.client, "GET http://a/ HTTP/1.1\r\n\r\n");
}


static void
memory_try(const char *name, void (*scenario)(void))
{
    unsigned long n, made;

    for (n = 1; n < MEMORY_MAX; n++) {
        rig_open("keepalive", n % 2 ? "true" : "false");
        gt_slab_trim();
        (void) gt_mem_fail_at(n);
        scenario();
        made = gt_mem_fail_at(0);
        rig_close(name);

        if (made < n) {
            break;
        }
    }

    ok(n < MEMORY_MAX, "%s: survives", name);
}


int
main(void)
{
    gt_log_set_level(GT_LOG_OFF);

    memory_try("tunnel", memory_tunnel);
    memory_try("forward", memory_forward);
    memory_try("refuse", memory_refuse);
    memory_try("keepalive", memory_twice);

    rig.chaos = "seed=7,maxread=9,maxwrite=5,again=30";
    memory_try("tunnel under chaos", memory_tunnel);
    memory_try("forward under chaos", memory_forward);

    return tap_done();
}
