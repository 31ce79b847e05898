/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A connection from an MTA to a milter: a blocking client with time limits, on unix, inet and inet6
 * sockets. Owns the descriptor and the bytes received but not yet taken. Nothing is fatal; failures
 * are told to the caller.
 */
#ifndef TESTS_DRIVER_PEER_H
#define TESTS_DRIVER_PEER_H

#include <stdbool.h>
#include <stddef.h>

#include "filterd/util/buffer.h"

#include "tests/driver/wire.h"

struct peer {
	int fd;				/* -1: not connected */
	struct buffer input;
	size_t taken;			/* of input, by the frames given out */
};

enum peer_status {
	PEER_FRAME,
	PEER_TIMEOUT,
	PEER_CLOSED,		/* closed or reset between two frames */
	PEER_BROKEN		/* the same inside a frame, or bytes that are no frame */
};

/* Connects to "unix:PATH", "local:PATH", "inet:PORT@HOST" or "inet6:PORT@HOST" (HOST numeric or
 * localhost). False: nobody listens there, errno says why; EINVAL for an address of no such
 * form. */
bool peer_open(struct peer *peer_r, const char *address);

/* Sends all bytes. False: the other end is gone, or took none for that many milliseconds. */
bool peer_send(struct peer *peer, const void *bytes, size_t size, int timeout);

/* The next frame; it points into the peer and is valid until the next call. */
enum peer_status peer_receive(struct peer *peer, int timeout, struct wire_frame *frame_r);

/* Whether bytes, or the end of the connection, arrive within that many milliseconds. */
bool peer_stirs(struct peer *peer, int timeout);

/* Says that no more will be sent, but still reads. */
void peer_finish(struct peer *peer);

/* Closes; with abruptly, by a reset where the socket is TCP. */
void peer_close(struct peer *peer, bool abruptly);

#endif
