/*
 * process/client.h: gatun -s, from the command line to the running master.
 */

#ifndef GT_PROCESS_CLIENT_H
#define GT_PROCESS_CLIENT_H

#include "conf/model.h"

/*
 * Finds the master where the configuration says that it lives: its control
 * socket, whose answer is printed, else its pid file, and then the word is
 * sent as a signal.  The status to exit with: 0, or 1 when nothing runs there
 * or it complains.  A status is printed as a table, or with json as it comes.
 */
int gt_client_send(gt_source_t *src, const char *word, bool json);

#endif
