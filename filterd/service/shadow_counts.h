/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is counted of the shadow configuration, in memory that the master makes before it forks, for
 * all generations together. Every child may add to it: workers what they could not pass on, shadow
 * processes what they judged. The numbers are for people; nothing is decided by them.
 */
#ifndef FILTERD_SERVICE_SHADOW_COUNTS_H
#define FILTERD_SERVICE_SHADOW_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "filterd/util/buffer.h"

/* What can differ between two judgements of one message. */
enum judgement_part {
	JUDGED_VERDICT,
	JUDGED_REPLY,
	JUDGED_RECIPIENTS,	/* that were accepted */
	JUDGED_EDITS,
	JUDGED_RESULTS,		/* score and symbols among them */
	JUDGEMENT_PARTS
};

enum shadow_count {
	SHADOW_JUDGED,			/* messages */
	SHADOW_DIFFERING,		/* of them */
	SHADOW_DIFFERENCES,		/* by part */
	/* messages that were not judged: the queue was full, it was too large, it was lost with a
	 * process */
	SHADOW_DROPPED = SHADOW_DIFFERENCES + JUDGEMENT_PARTS,
	SHADOW_DEATHS = SHADOW_DROPPED + 3,	/* of processes, by crash or time limit */
	SHADOW_COUNTS
};

#define SHADOW_DROPPED_FULL	(SHADOW_DROPPED + 0)
#define SHADOW_DROPPED_LARGE	(SHADOW_DROPPED + 1)
#define SHADOW_DROPPED_LOST	(SHADOW_DROPPED + 2)

/* In the master. False: there is no such memory (errno), and nothing is counted. */
bool shadow_counts_create(void);
void shadow_counts_destroy(void);

/* Whether the generation that serves has a shadow. */
void shadow_counts_use(bool used);
bool shadow_counts_used(void);

void shadow_count(unsigned place);
uint64_t shadow_counted(unsigned place);

/* The words for parts, in their order: "verdict", …; for why messages were dropped: "full", …. Each
 * ends with NULL. */
extern const char *const judgement_part_names[];
extern const char *const shadow_drop_names[];

/* The member "shadow" of the status: an object, or null while there is no shadow. */
void shadow_counts_json(struct buffer *to);

#endif
