/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What was negotiated on connections whose session has ended. An MTA may end a session and begin
 * another one on the same connection without negotiating again (SMFIC_QUIT_NC), and libmilter does
 * not tell that end from the last one. So it is remembered, for a bounded number of connections;
 * the oldest are forgotten. Locked inside: any thread may call.
 */
#ifndef FILTERD_MTA_REUSE_H
#define FILTERD_MTA_REUSE_H

#include "filterd/mta/negotiate.h"

/* connection tells connections apart that live at the same time; it is not followed. */
void reuse_remember(const void *connection, const struct mta_request *request);

/* False: nothing is known about the connection. What is known is forgotten. */
bool reuse_recall(const void *connection, struct mta_request *request_r);

#endif
