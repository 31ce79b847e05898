/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting with poll(2). */
#include <limits.h>
#include <stdlib.h>

#include "filterd/supervise/watch.h"
#include "filterd/util/clock.h"
#include "filterd/util/memory.h"

int64_t
watch_now(void)
{
	return clock_monotonic() / 1000 + 1;
}

void
watch_clear(struct watch *watch)
{
	watch->count = 0;
	watch->wake = 0;
}

void
watch_add(struct watch *watch, int fd, short events)
{
	if (fd < 0)
		return;
	if (watch->count == watch->room) {
		watch->room = watch->room ? watch->room * 2 : 32;
		watch->items = memory_resize(watch->items, watch->room * sizeof(*watch->items));
	}
	watch->items[watch->count++] = (struct pollfd){ .fd = fd, .events = events };
}

void
watch_until(struct watch *watch, int64_t time)
{
	if (time && (!watch->wake || time < watch->wake))
		watch->wake = time;
}

void
watch_wait(const struct watch *watch)
{
	int64_t left = -1;

	if (watch->wake) {
		left = watch->wake - watch_now();
		left = left < 0 ? 0 : left > INT_MAX ? INT_MAX : left;
	}
	poll(watch->items, watch->count, (int)left);
}

void
watch_free(struct watch *watch)
{
	free(watch->items);
	*watch = (struct watch){ 0 };
}
