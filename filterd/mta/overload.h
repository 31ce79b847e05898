/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How many sessions a worker takes, and what becomes of those beyond. They are counted in the
 * metrics; the log has a line when it begins and one when it is over. Any thread may call.
 */
#ifndef FILTERD_MTA_OVERLOAD_H
#define FILTERD_MTA_OVERLOAD_H

#include <stdbool.h>

#include "filterd/config/settings.h"

/* Sets the limit, before the first session. NULL: there is none. Borrowed from then on. */
void overload_begin(const struct listener_settings *listener);

/* Whether a session more may begin. False: the listener's policy stands in for the chain, until the
 * connection ends. */
bool overload_admit(void);

/* A session that was admitted has ended. */
void overload_leave(void);

/* enum overload_policy */
int overload_policy(void);

#endif
