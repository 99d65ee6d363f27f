/*
 * service/session.h: the hand-over of running tunnels.
 *
 * A tunnel is plain data around two sockets, so it can leave one process (or
 * one generation) and go on in another.  An image is that data in one piece of
 * bytes, and the two descriptors.
 */

#ifndef GT_SERVICE_SESSION_H
#define GT_SERVICE_SESSION_H

#include "module/session.h"
#include "service/service.h"

enum {
    GT_SESSION_HEAD = 1024, /* bytes of an image beside what is unsent */
    GT_SESSION_IMAGE = GT_SESSION_HEAD + 2 * GT_RELAY_HALF
};

typedef struct {
    uint8_t *p; /* the bytes; whoever has the image frees them */
    size_t   n; /* at most GT_SESSION_IMAGE */
    int      fd[2]; /* client, upstream; whoever has the image closes them */
} gt_session_image_t;

/*
 * Takes a tunnel out of this process: the session is gone, without a log line,
 * and its connection no longer counts as one of this worker's.  GT_ERROR:
 * nothing has changed; it is no tunnel yet, not on plain sockets, or memory is
 * short.
 */
int gt_session_export(gt_session_t *ss, gt_session_image_t *im);

/*
 * Goes on with it, in the service of the same name; takes everything in im.
 * GT_ERROR and *why: the tunnel is reset; no such service, an image that is
 * none, no memory.
 */
int gt_session_adopt(gt_services_t *sv, gt_session_image_t *im,
                     const char **why);

/* closes the descriptors and frees the bytes */
void gt_session_image_free(gt_session_image_t *im);

/* the first session of a worker and the next one; NULL: no more.  Valid until
   a session ends */
gt_session_t *gt_services_first(gt_services_t *sv);
gt_session_t *gt_services_next(gt_services_t *sv, gt_session_t *ss);

#endif
