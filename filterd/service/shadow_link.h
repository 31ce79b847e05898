/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way of messages from workers to shadow processes: a socket pair that carries descriptors of
 * anonymous files (memfd_create(2)), a file a message, so that a message of any size goes in one
 * piece and costs the worker no memory once it is sent. Sending never waits. What waits in the pair
 * is bounded in bytes, by a count in memory shared with the children; whoever has written rubbish
 * there has messages dropped, or more kept, never more than the pair's own few hundred.
 */
#ifndef FILTERD_SERVICE_SHADOW_LINK_H
#define FILTERD_SERVICE_SHADOW_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filterd/util/buffer.h"

struct shadow_queue;

struct shadow_link {
	int to, from;			/* its ends; -1: closed */
	struct shadow_queue *queue;
};

/* False: there can be none; errno. */
bool shadow_link_open(struct shadow_link *link_r);
void shadow_link_close(struct shadow_link *link);

/* Sends the pieces as one message, unless more than limit bytes would wait then. False: it is
 * lost. */
bool shadow_link_send(const struct shadow_link *link, const struct str *pieces, size_t count,
    uint64_t limit);

/* Takes the next message into the buffer. False: there is none. One that cannot be read is empty.
 */
bool shadow_link_take(const struct shadow_link *link, struct buffer *message);

#endif
