/* SPDX-License-Identifier: BSD-2-Clause */
/* What was negotiated on connections that may be used again: a ring of the latest. */
#include <pthread.h>

#include "filterd/mta/reuse.h"

#define REMEMBERED 256

static struct {
	const void *connection;		/* NULL: free */
	struct mta_request request;
} ring[REMEMBERED];

static size_t next;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void
reuse_remember(const void *connection, const struct mta_request *request)
{
	pthread_mutex_lock(&lock);
	ring[next].connection = connection;
	ring[next].request = *request;
	next = (next + 1) % REMEMBERED;
	pthread_mutex_unlock(&lock);
}

/* The newest entry counts: an older one may be of another connection at the same address. */
bool
reuse_recall(const void *connection, struct mta_request *request_r)
{
	bool found = false;
	size_t i;

	pthread_mutex_lock(&lock);
	for (i = 0; i < REMEMBERED; i++) {
		size_t place = (next + REMEMBERED - 1 - i) % REMEMBERED;

		if (ring[place].connection != connection)
			continue;
		if (!found)
			*request_r = ring[place].request;
		found = true;
		ring[place].connection = NULL;
	}
	pthread_mutex_unlock(&lock);
	return found;
}
