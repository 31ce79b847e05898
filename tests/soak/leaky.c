/* SPDX-License-Identifier: BSD-2-Clause */
/* A filter that leaks memory and descriptors at an even pace, as long as there is mail: what the
 * soak must notice. */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <filterd/plugin.h>

#define PACE	100000000	/* nanoseconds between two leaks */
#define LEAKED	(768 * 1024)	/* bytes */

static _Atomic long long due;
static void *volatile lost;

static long long
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ll + time.tv_nsec;
}

static enum mf_verdict
message(struct mf_context *c)
{
	long long time = now(), expected = atomic_load(&due);

	(void)c;
	if (time < expected || !atomic_compare_exchange_strong(&due, &expected, time + PACE))
		return MF_CONTINUE;
	lost = malloc(LEAKED);
	if (lost)
		memset(lost, 1, LEAKED);
	open("/dev/null", O_RDONLY | O_CLOEXEC);
	return MF_CONTINUE;
}

MF_PLUGIN(.name = "leaky", .summary = "Leaks", .message = message);
