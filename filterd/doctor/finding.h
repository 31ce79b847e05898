/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Findings of filterd doctor: what is, why it matters, and what to put where. Collected in the
 * order in which they are found, printed worst first, as text or as JSON. Pure.
 */
#ifndef FILTERD_DOCTOR_FINDING_H
#define FILTERD_DOCTOR_FINDING_H

#include "filterd/util/arena.h"
#include "filterd/util/buffer.h"

enum severity {
	SEVERITY_ERROR,		/* mail is refused, held up or not filtered */
	SEVERITY_WARNING,	/* works, but not as most would want, or not for long */
	SEVERITY_NOTE,		/* to know */
	SEVERITY_COUNT
};

/* Texts are borrowed: constants, or in the arena of the findings. */
struct finding {
	enum severity severity;
	const char *name;	/* its kind: a fixed word, for scripts */
	const char *what, *why;
	const char *file;	/* where to put it; NULL: nothing is to be put anywhere */
	const char *put;	/* lines, without the last line end; NULL as file */
	struct finding *next;
};

struct findings {
	struct arena *arena;
	struct finding *first, *last;
	size_t count[SEVERITY_COUNT];
};

/* A copy is kept; one that says the very same is kept once. */
void finding_add(struct findings *findings, const struct finding *finding);

/* A paragraph each and a line that counts them. */
void findings_text(const struct findings *findings, struct buffer *to);

/* [{"severity","name","what","why","file","put"},…]; file and put null where there is nothing to
 * put. No line end. */
void findings_json(const struct findings *findings, struct buffer *to);

#endif
