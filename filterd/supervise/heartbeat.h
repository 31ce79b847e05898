/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signs of life for a supervisor that wants them (systemd's WatchdogSec=, sd_watchdog_enabled(3)):
 * one at half of the time after which it takes the master for stuck, from the master's own loop, so
 * that a loop that no longer turns is noticed.
 */
#ifndef FILTERD_SUPERVISE_HEARTBEAT_H
#define FILTERD_SUPERVISE_HEARTBEAT_H

#include "filterd/supervise/watch.h"

struct heartbeat {
	int64_t interval;	/* milliseconds; 0: nobody wants any */
	int64_t next;		/* when the next one is due, as watch_now() counts */
};

/* Takes from the environment whether this process is to give signs of life, and how often. */
void heartbeat_begin(struct heartbeat *heartbeat_r);

/* Has the loop wait no longer than until the next one is due. */
void heartbeat_watch(const struct heartbeat *heartbeat, struct watch *watch);

/* Gives one if it is due. */
void heartbeat_tend(struct heartbeat *heartbeat);

#endif
