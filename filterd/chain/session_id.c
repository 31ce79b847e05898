/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Session ids. A process draws 50 bits at random when it makes its first id and counts on from
 * there: the ids of two processes with a million sessions each meet with a chance of two in a
 * thousand million. Without a source of random numbers, time and process id stand in.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "filterd/chain/session_id.h"

#define ID_LENGTH 10	/* of five bits each */

static atomic_uint_fast64_t next;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
draw(void)
{
	uint64_t base;

	if (getrandom(&base, sizeof(base), GRND_NONBLOCK) != (ssize_t)sizeof(base))
		base = ((uint64_t)time(NULL) << 22) + (uint64_t)getpid();
	atomic_store(&next, base);
}

void
session_id_make(char id_r[SESSION_ID_BYTES])
{
	static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
	uint64_t number;
	int i;

	pthread_once(&once, draw);
	number = atomic_fetch_add_explicit(&next, 1, memory_order_relaxed);
	memset(id_r, 0, SESSION_ID_BYTES);
	for (i = ID_LENGTH - 1; i >= 0; i--) {
		id_r[i] = digits[number & 31];
		number >>= 5;
	}
}
