/* SPDX-License-Identifier: BSD-2-Clause */
/* The monotonic clock. It cannot fail on Linux. */
#include <time.h>

#include "filterd/util/clock.h"

int64_t
clock_monotonic(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
