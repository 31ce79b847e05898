/* SPDX-License-Identifier: BSD-2-Clause */
/* Signs of life for a supervisor. One that cannot be sent is no mistake: the supervisor is gone, or
 * will see that it does not come. */
#include <systemd/sd-daemon.h>

#include "filterd/supervise/heartbeat.h"

void
heartbeat_begin(struct heartbeat *heartbeat_r)
{
	uint64_t microseconds = 0;

	*heartbeat_r = (struct heartbeat){ 0 };
	if (sd_watchdog_enabled(0, &microseconds) <= 0)
		return;
	heartbeat_r->interval = (int64_t)(microseconds / 2000);
	if (!heartbeat_r->interval)
		heartbeat_r->interval = 1;
	heartbeat_r->next = watch_now();
}

void
heartbeat_watch(const struct heartbeat *heartbeat, struct watch *watch)
{
	if (heartbeat->interval)
		watch_until(watch, heartbeat->next);
}

void
heartbeat_tend(struct heartbeat *heartbeat)
{
	int64_t now;

	if (!heartbeat->interval)
		return;
	now = watch_now();
	if (now < heartbeat->next)
		return;
	sd_notify(0, "WATCHDOG=1");
	heartbeat->next = now + heartbeat->interval;
}
