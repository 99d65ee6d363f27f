/*
 * service/handover.c: a tunnel leaves a process as an image, and goes on from
 * one.
 *
 * An image is a head, the texts, what the client sent and the target has not
 * got yet, and the other way round.  It never leaves the machine, so the head
 * is a struct as it stands in memory; its version says whether it is ours.
 */

#include "service/session.h"

#include "core/mem.h"
#include "net/tcp.h"
#include "os/sock.h"
#include "service/impl.h"

#include <string.h>
#include <unistd.h>

enum {
    IMAGE_MAGIC = 0x47545353,
    IMAGE_VERSION = 1, /* raise it with any change of image_head_t */
    IMAGE_NONE = 0xffff
};

typedef struct {
    uint32_t  magic, version;
    uint64_t  id;
    uint64_t  age, tunnel_age; /* ms */
    uint64_t  idle_ms;
    uint64_t  moved[2];   /* by the handler, in and out */
    uint64_t  relayed[2]; /* by the relay */
    uint32_t  unsent[2];  /* bytes, to the target and to the client */
    uint16_t  service, user, target; /* lengths; IMAGE_NONE: NULL */
    uint8_t   eof[2];                /* of the client, of the target */
    gt_addr_t remote, local;
} image_head_t;


static uint16_t
image_length(const char *s)
{
    return s ? (uint16_t) gt_min(strlen(s), (size_t) IMAGE_NONE - 1)
             : (uint16_t) IMAGE_NONE;
}


static size_t
image_text_size(uint16_t n)
{
    return n == IMAGE_NONE ? 0 : n;
}


static uint8_t *
image_put(uint8_t *p, const char *s, uint16_t n)
{
    if (n != IMAGE_NONE) {
        memcpy(p, s, n);
        p += n;
    }

    return p;
}


static void
image_head(const gt_stay_t *stay, const gt_relay_parts_t *parts,
           image_head_t *h)
{
    const gt_session_t *ss = &stay->ss;

    memset(h, 0, sizeof(*h));

    h->magic = IMAGE_MAGIC;
    h->version = IMAGE_VERSION;
    h->id = ss->id;
    h->age = ss->loop->now - ss->began;
    h->tunnel_age = ss->loop->now - stay->tunneled;
    h->idle_ms = stay->idle_ms;
    h->moved[0] = ss->moved[0];
    h->moved[1] = ss->moved[1];
    h->relayed[0] = parts->up;
    h->relayed[1] = parts->down;
    h->unsent[0] = (uint32_t) parts->a_to_b.len;
    h->unsent[1] = (uint32_t) parts->b_to_a.len;
    h->service = image_length(ss->service);
    h->user = image_length(ss->user);
    h->target = image_length(ss->target);
    h->eof[0] = parts->a_eof;
    h->eof[1] = parts->b_eof;
    h->remote = ss->remote;
    h->local = ss->local;
}


static size_t
image_size(const image_head_t *h)
{
    return sizeof(*h) + image_text_size(h->service) + image_text_size(h->user)
           + image_text_size(h->target) + h->unsent[0] + h->unsent[1];
}


static int
image_make(const gt_stay_t *stay, const gt_relay_parts_t *parts,
           gt_session_image_t *im)
{
    uint8_t            *p;
    image_head_t        h;
    const gt_session_t *ss = &stay->ss;

    image_head(stay, parts, &h);

    im->n = image_size(&h);
    if (im->n > GT_SESSION_IMAGE) {
        return GT_ERROR;
    }

    im->p = gt_alloc(im->n);
    if (!im->p) {
        return GT_ERROR;
    }

    memcpy(im->p, &h, sizeof(h));
    p = im->p + sizeof(h);
    p = image_put(p, ss->service, h.service);
    p = image_put(p, ss->user, h.user);
    p = image_put(p, ss->target, h.target);
    p += gt_chain_peek(&parts->a_to_b, p, h.unsent[0]);
    p += gt_chain_peek(&parts->b_to_a, p, h.unsent[1]);

    GT_ASSERT((size_t) (p - im->p) == im->n);

    return GT_OK;
}


void
gt_session_image_free(gt_session_image_t *im)
{
    int i;

    for (i = 0; i < 2; i++) {
        if (im->fd[i] >= 0) {
            (void) close(im->fd[i]);
        }

        im->fd[i] = -1;
    }

    gt_free(im->p);
    im->p = NULL;
    im->n = 0;
}


/* what was given back unread comes behind what is unsent */

static int
export_unread(gt_stream_t *st, gt_chain_t *c)
{
    while (st->unread.len) {
        if (c->len + st->unread.len > GT_RELAY_HALF
            || gt_stream_recv(st, c, st->unread.len) <= 0)
        {
            return GT_ERROR;
        }
    }

    return GT_OK;
}


/* both descriptors, or none and the streams are as they were; GT_DONE: one is
   lost */

static int
export_release(gt_relay_parts_t *parts, int fd[2])
{
    gt_loop_t *loop = parts->a->loop;

    if (gt_tcp_release(parts->a, &fd[0]) != GT_OK) {
        return GT_ERROR;
    }

    if (gt_tcp_release(parts->b, &fd[1]) == GT_OK) {
        return GT_OK;
    }

    parts->a = gt_tcp_stream(loop, fd[0]);

    return parts->a ? GT_ERROR : GT_DONE;
}


static int
export_parts(gt_stay_t *stay, gt_relay_parts_t *parts, gt_session_image_t *im)
{
    int rc;

    if (export_unread(parts->a, &parts->a_to_b) != GT_OK
        || export_unread(parts->b, &parts->b_to_a) != GT_OK
        || image_make(stay, parts, im) != GT_OK)
    {
        return GT_ERROR;
    }

    rc = export_release(parts, im->fd);
    if (rc != GT_OK) {
        im->fd[0] = im->fd[1] = -1;
        gt_session_image_free(im);
    }

    return rc;
}


int
gt_session_export(gt_session_t *ss, gt_session_image_t *im)
{
    int              rc;
    gt_stay_t       *stay = gt_container_of(ss, gt_stay_t, ss);
    gt_relay_parts_t parts;

    *im = (gt_session_image_t){ .fd = { -1, -1 } };

    if (!stay->tunneled || !gt_op_busy(&ss->relay)
        || gt_relay_take(&ss->relay, &parts) != GT_OK)
    {
        return GT_ERROR;
    }

    rc = export_parts(stay, &parts, im);

    if (rc == GT_ERROR) {
        gt_stay_tunnel(stay, &parts); /* it goes on here */
        return GT_ERROR;
    }

    gt_chain_free(&parts.a_to_b);
    gt_chain_free(&parts.b_to_a);

    if (rc == GT_DONE) {
        gt_stream_close(parts.b, GT_E_NOMEM);
    }

    gt_stay_free(stay);

    return rc == GT_OK ? GT_OK : GT_ERROR;
}


/* --- the other side --- */

static int
image_read(const gt_session_image_t *im, image_head_t *h)
{
    if (im->n < sizeof(*h) || im->n > GT_SESSION_IMAGE) {
        return GT_ERROR;
    }

    memcpy(h, im->p, sizeof(*h));

    if (h->magic != IMAGE_MAGIC || h->version != IMAGE_VERSION
        || h->unsent[0] > GT_RELAY_HALF || h->unsent[1] > GT_RELAY_HALF
        || h->service == IMAGE_NONE || image_size(h) != im->n)
    {
        return GT_ERROR;
    }

    return GT_OK;
}


static gt_service_t *
adopt_service(gt_services_t *sv, const uint8_t *p, size_t n)
{
    int i;

    for (i = 0; i < sv->n; i++) {
        if (gt_str_eq(gt_str_from(sv->services[i].model->name),
                      gt_str_make(p, n))) {
            return &sv->services[i];
        }
    }

    return NULL;
}


/* a text at *p, or NULL where there was none */

static int
adopt_text(const uint8_t **p, uint16_t n, char **text)
{
    if (n == IMAGE_NONE) {
        return GT_OK;
    }

    *text = gt_strndup((const char *) *p, n);
    *p += n;

    return *text ? GT_OK : GT_ERROR;
}


static uint64_t
adopt_time(const gt_loop_t *loop, uint64_t age)
{
    return age < loop->now ? loop->now - age : 1;
}


static int
adopt_chains(gt_relay_parts_t *parts, const image_head_t *h, const uint8_t *p)
{
    if (gt_chain_push(&parts->a_to_b, p, h->unsent[0]) != GT_OK
        || gt_chain_push(&parts->b_to_a, p + h->unsent[0], h->unsent[1])
               != GT_OK)
    {
        return GT_ERROR;
    }

    parts->a_eof = h->eof[0] != 0;
    parts->b_eof = h->eof[1] != 0;
    parts->up = h->relayed[0];
    parts->down = h->relayed[1];

    return GT_OK;
}


static int
adopt_streams(gt_loop_t *loop, gt_session_image_t *im, gt_relay_parts_t *parts)
{
    parts->a = gt_tcp_stream(loop, im->fd[0]);
    parts->b = gt_tcp_stream(loop, im->fd[1]);
    im->fd[0] = im->fd[1] = -1;

    return parts->a && parts->b ? GT_OK : GT_ERROR;
}


static void
adopt_drop(gt_relay_parts_t *parts)
{
    gt_chain_free(&parts->a_to_b);
    gt_chain_free(&parts->b_to_a);

    if (parts->a) {
        gt_stream_close(parts->a, GT_E_NOMEM);
    }

    if (parts->b) {
        gt_stream_close(parts->b, GT_E_NOMEM);
    }
}


static int
adopt_session(gt_stay_t *stay, const image_head_t *h, gt_session_image_t *im)
{
    const uint8_t   *p = im->p + sizeof(*h) + h->service;
    gt_session_t    *ss = &stay->ss;
    gt_relay_parts_t parts = { 0 };

    ss->id = h->id;
    ss->began = adopt_time(ss->loop, h->age);
    ss->local = h->local;
    ss->moved[0] = h->moved[0];
    ss->moved[1] = h->moved[1];
    stay->idle_ms = h->idle_ms;

    if (adopt_text(&p, h->user, &ss->user) != GT_OK
        || adopt_text(&p, h->target, &ss->target) != GT_OK
        || adopt_chains(&parts, h, p) != GT_OK
        || adopt_streams(ss->loop, im, &parts) != GT_OK)
    {
        adopt_drop(&parts);
        return GT_ERROR;
    }

    gt_stay_tunnel(stay, &parts);
    stay->tunneled = adopt_time(ss->loop, h->tunnel_age);

    return GT_OK;
}


static void
adopt_reset(int fd)
{
    if (fd >= 0) {
        (void) gt_sock_reset_on_close(fd);
    }
}


int
gt_session_adopt(gt_services_t *sv, gt_session_image_t *im, const char **why)
{
    int           rc = GT_ERROR;
    gt_stay_t    *stay;
    gt_service_t *s;
    image_head_t  h;

    *why = "not an image of a session";

    if (sv->loop && image_read(im, &h) == GT_OK) {
        *why = "no such service";

        s = adopt_service(sv, im->p + sizeof(h), h.service);
        if (s) {
            *why = "no memory";

            stay = gt_stay_new(s, &h.remote);
            if (stay) {
                rc = adopt_session(stay, &h, im);
                if (rc != GT_OK) {
                    gt_stay_free(stay);
                }
            }
        }
    }

    if (rc != GT_OK) {
        /* an orderly end would look like all there was to come */
        adopt_reset(im->fd[0]);
        adopt_reset(im->fd[1]);
    }

    gt_session_image_free(im);

    return rc;
}
