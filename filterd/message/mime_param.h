/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Structured values of MIME header fields: a word ("text/plain", "attachment") and parameters (RFC
 * 2045 section 5.1), with RFC 2231's sections and character sets. Parameters are found in values
 * that are no such thing too; what readers read in several ways is offered in each, with a defect.
 */
#ifndef FILTERD_MESSAGE_MIME_PARAM_H
#define FILTERD_MESSAGE_MIME_PARAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filterd/util/arena.h"
#include "filterd/util/str.h"

#define MIME_PARAMETERS		64	/* of a value; more are not looked at, a defect */
#define MIME_READINGS		12	/* of a parameter's name */
#define MIME_PARAMETER_READINGS	4	/* of a parameter */

struct mime_parameter {
	struct str name;		/* without RFC 2231's asterisks and number */
	int section;			/* RFC 2231 section 3; -1: none */
	bool extended;			/* RFC 2231 section 4: percent-encoded */
	/* The value as it can be read, the likeliest first; unfolded. */
	struct str readings[MIME_PARAMETER_READINGS];
	size_t count;
};

struct mime_value {
	/* in front of the parameters, without blanks and comments */
	struct str word;
	struct mime_parameter parameters[MIME_PARAMETERS];
	size_t count;
	uint64_t defects;		/* MIME_PARAMETER_SYNTAX, MIME_COMMENT … */
};

void mime_value_parse(struct arena *arena, struct str text, struct mime_value *value_r);

/* Every reading of a parameter, as UTF-8 without control characters, at most MIME_READINGS, each
 * once; the likeliest first. Adds to *defects. */
size_t mime_value_readings(struct arena *arena, const struct mime_value *value, const char *name,
    struct str *readings_r, uint64_t *defects);

#endif
