/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The descriptor of a session's connection, which libmilter tells nobody: in its contexts it stands
 * behind the id of a thread, where smfi_progress() of 8.17.1 reads it (struct smfi_str, which is
 * not installed). Another libmilter may have something else there: who does anything to the
 * descriptor looks first whether it is a connection of ours.
 */
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>

#include <libmilter/mfapi.h>

#include "filterd/mta/libmilter_parts.h"

struct context_head {
	pthread_t thread;
	int descriptor;
};

int
libmilter_descriptor(const SMFICTX *context)
{
	int descriptor;

	memcpy(&descriptor, (const char *)context + offsetof(struct context_head, descriptor),
	    sizeof(descriptor));
	return descriptor;
}

bool
libmilter_takes_more(const SMFICTX *context)
{
	struct pollfd connection = { .fd = libmilter_descriptor(context), .events = POLLOUT };

	return poll(&connection, 1, 0) != 0;
}
