/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Many MTA sessions at a time against one milter, in one thread: each negotiates, plays its script
 * for some messages, quits and begins anew. A verdict other than "go on" is an error, is counted
 * and ends that session. Owns its sockets; a milter that cannot be reached is fatal to the load.
 */
#ifndef TESTS_BENCH_CLIENT_H
#define TESTS_BENCH_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "tests/bench/script.h"

struct load;

struct load_options {
	const char *address;		/* of the milter, as peer_open() takes it */
	const struct mail *mails;	/* played in turn; of the same MTA */
	size_t mail_count;
	unsigned sessions;		/* concurrent */
	unsigned messages;		/* a session */
	unsigned think;			/* milliseconds before each SMTP command of the client */
	FILE *trace;			/* gets a line a message: when it ended, by CLOCK_MONOTONIC,
					 * and how long it waited, both in us; NULL: none */
};

/* What was counted since load_measure(). */
struct load_result {
	uint64_t messages;
	uint64_t sessions;		/* that ended after all their messages */
	uint64_t errors;
	uint64_t nanoseconds;
	uint32_t *latencies;		/* us that each message waited for the milter; borrowed */
	size_t latency_count;
};

/* Connects nothing yet. NULL: no resources, errno says which. */
struct load *load_create(const struct load_options *options);

/* Plays for so long. False: the milter cannot be reached; errno says why. */
bool load_run(struct load *load, unsigned milliseconds);

/* Ends each session when the message that it is at is done. False: some go on after so long. */
bool load_finish(struct load *load, unsigned milliseconds);

/* Forgets what was counted so far. */
void load_measure(struct load *load);
void load_result(struct load *load, struct load_result *result_r);
void load_destroy(struct load *load);

#endif
