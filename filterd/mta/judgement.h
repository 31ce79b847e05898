/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A judgement: what a chain has made of a message, part by part, as text that is the same whenever
 * the judgement is. Two configurations are compared by it.
 */
#ifndef FILTERD_MTA_JUDGEMENT_H
#define FILTERD_MTA_JUDGEMENT_H

#include "filterd/chain/session.h"
#include "filterd/service/shadow_counts.h"

#define JUDGEMENT_UNDECIDED "undecided"	/* verdict of a chain that has not seen enough */

/* Zero-initialise it. */
struct judgement {
	struct buffer parts[JUDGEMENT_PARTS];
	struct buffer filter;		/* that decided; empty: none */
};

/* Of the message, or connection, that has just ended; there is an explanation of it. */
void judgement_make(struct judgement *judgement_r, struct session *session);

/* The parts that differ, as bits 1 << enum judgement_part. With another verdict the rest is another
 * by itself, so then it is that one alone. */
unsigned judgement_compare(const struct judgement *a, const struct judgement *b);

void judgement_free(struct judgement *judgement);

#endif
