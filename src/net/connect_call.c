/*
 * net/connect_call.c: a socket on its way to one address, and to a path.
 */

#include "core/log.h"
#include "net/connect_impl.h"
#include "net/tcp.h"
#include "os/sock.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>


/* an address that is not ours any more is no lack of ports */

static int
call_from(int fd, const gt_addr_t *source)
{
    int  eno;
    char text[GT_ADDR_TEXT];

    if (!source || gt_sock_source(fd, &source->sa, source->len) == GT_OK) {
        return GT_OK;
    }

    eno = errno;
    gt_error("interface %s: %s", gt_addr_text(source, text, sizeof(text)),
             strerror(eno));
    errno = eno == EADDRNOTAVAIL ? EHOSTUNREACH : eno;

    return GT_ERROR;
}


static int
call_options(int fd, const gt_connect_conf_t *cf)
{
    int eno;

    if (cf->mark && gt_sock_mark(fd, cf->mark) != GT_OK) {
        eno = errno;
        gt_error("so_mark %u: %s", cf->mark, strerror(eno));
        errno = eno;
        return GT_ERROR;
    }

    if (cf->interface && gt_sock_interface(fd, cf->interface) != GT_OK) {
        eno = errno;
        gt_error("interface %s: %s", cf->interface, strerror(eno));
        errno = eno;
        return GT_ERROR;
    }

    return call_from(fd, cf->source);
}


int
gt_connect_call(int fd, const gt_addr_t *to, const gt_connect_conf_t *cf)
{
    int eno;

    if (call_options(fd, cf) == GT_OK) {
        if (connect(fd, &to->sa, to->len) == 0) {
            return GT_OK;
        }

        if (errno == EINPROGRESS || errno == EINTR) {
            return GT_AGAIN;
        }
    }

    eno = errno;
    (void) close(fd);
    errno = eno;

    return GT_ERROR;
}


/* a path is connected at once or not at all */

void
gt_connect_unix(gt_loop_t *loop, const char *path, gt_op_t *op)
{
    int          fd = gt_sock_connect_unix(path, SOCK_STREAM);
    gt_err_t     err = GT_E_NONE;
    gt_stream_t *st = NULL;

    if (fd >= 0) {
        st = gt_tcp_stream(loop, fd);
        err = st ? GT_E_NONE : GT_E_NOMEM;

    } else if (errno == ENOENT || errno == ENOTSOCK || errno == EAGAIN) {
        err = GT_E_REFUSED; /* nobody listens, or its queue is full */

    } else {
        err = gt_err_errno(errno);
    }

    gt_op_post(loop, op, st, err);
}
