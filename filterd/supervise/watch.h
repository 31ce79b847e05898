/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a loop waits for: descriptors, and a time. It is filled anew for each wait; who has put a
 * descriptor into it then tries it without blocking, and needs no answer from here.
 */
#ifndef FILTERD_SUPERVISE_WATCH_H
#define FILTERD_SUPERVISE_WATCH_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

/* Zero-initialise it. */
struct watch {
	struct pollfd *items;
	size_t count, room;
	int64_t wake;		/* 0: no time; else milliseconds of watch_now() */
};

/* Milliseconds of the monotonic clock; never 0. */
int64_t watch_now(void);

/* Empties it. */
void watch_clear(struct watch *watch);

/* Events as in poll(2). A negative descriptor is left out. */
void watch_add(struct watch *watch, int fd, short events);

/* Waits at most until then, which may be past; 0: no matter how long. */
void watch_until(struct watch *watch, int64_t time);

void watch_wait(const struct watch *watch);
void watch_free(struct watch *watch);

#endif
