/*
 * net/connect_impl.h: what the files of connecting share.
 */

#ifndef GT_NET_CONNECT_IMPL_H
#define GT_NET_CONNECT_IMPL_H

#include "net/connect.h"

/* takes fd, sets what cf says and connects it; GT_OK: it is connected,
   GT_AGAIN: under way, GT_ERROR with errno and it is closed */
int gt_connect_call(int fd, const gt_addr_t *to, const gt_connect_conf_t *cf);

#endif
