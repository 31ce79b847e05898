/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the quarantine store holds, and what it may: in memory that the master makes before it
 * forks. The worker that has last kept the store within its limits has written it. The numbers are
 * for people; nothing is decided by them.
 */
#ifndef FILTERD_SERVICE_QUARANTINE_GAUGES_H
#define FILTERD_SERVICE_QUARANTINE_GAUGES_H

#include <stdbool.h>
#include <stdint.h>

#include "filterd/util/buffer.h"

#define QUARANTINE_STATES 3	/* as enum entry_state in quarantine/entry.h */

enum quarantine_gauge {
	QUARANTINE_MESSAGES,		/* by state */
	QUARANTINE_BYTES = QUARANTINE_MESSAGES + QUARANTINE_STATES,
	QUARANTINE_OLDEST,		/* seconds since 1970; 0: there is none */
	QUARANTINE_MAXIMUM_BYTES,
	QUARANTINE_MAXIMUM_AGE,		/* seconds */
	QUARANTINE_GAUGES
};

/* In the master. False: there is no such memory (errno), and nothing is told. */
bool quarantine_gauges_create(void);
void quarantine_gauges_destroy(void);

/* Whether the generation that serves has a store. Nothing is told before that was measured. */
void quarantine_gauges_use(bool used);
bool quarantine_gauges_told(void);

/* All of them, as they were measured. */
void quarantine_gauges_set(const uint64_t gauges[QUARANTINE_GAUGES]);
uint64_t quarantine_gauge(unsigned place);

/* "held", …; ends with NULL. */
extern const char *const quarantine_state_names[];

/* The member "quarantine" of the status: an object, or null while there is nothing to tell. */
void quarantine_gauges_json(struct buffer *to);

#endif
