/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an MTA sends in one session with one message, encoded once: bursts of frames, each up to the
 * next frame that the milter replies to. Everything follows what the milter negotiated, as a real
 * MTA would. Owns the bytes.
 */
#ifndef TESTS_BENCH_SCRIPT_H
#define TESTS_BENCH_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "filterd/util/buffer.h"

#include "tests/driver/offer.h"
#include "tests/driver/wire.h"

#define SCRIPT_BURSTS	4096

/* Frames that go out in one write. */
struct burst {
	size_t start, length;	/* in the script's bytes */
	char command;		/* the last frame's, which is replied to; 0: none is */
	bool thinks;		/* an SMTP command of the client comes before it */
};

struct script {
	struct buffer bytes;
	struct burst bursts[SCRIPT_BURSTS];
	size_t count;
	size_t mail;		/* the burst that begins a message; before it are the session's */
};

/* The mail that is played. */
struct mail {
	const struct offer_mta *mta;
	size_t headers;		/* fields of the message that is made up */
	size_t body;		/* bytes of it */
	struct str message;	/* one to play instead, lines end in CRLF; empty: none */
};

/* Encodes the session for a milter's answer. False: more bursts than a script holds. */
bool script_build(struct script *script_r, const struct mail *mail,
    const struct wire_options *answer);
void script_free(struct script *script);

#endif
