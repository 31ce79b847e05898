/* SPDX-License-Identifier: BSD-2-Clause */
/* Orders to the quarantine that the running daemon carries out. */
#ifndef FILTERD_COMMAND_QUARANTINE_ASK_H
#define FILTERD_COMMAND_QUARANTINE_ASK_H

#include "filterd/quarantine/order.h"

/* Asks the daemon at that control socket, and tells what it says. *status_r, of sysexits(3), is how
 * the order ended. False: none runs that would carry it out, or we may not ask it; that is told if
 * `only` it can do so. */
bool quarantine_ask(const char *control, const struct order *order, bool only,
    const struct order_told *told, int *status_r);

#endif
