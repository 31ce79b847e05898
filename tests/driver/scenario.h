/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A scenario file, read into steps. The form is strictly line-oriented; README.md beside this file
 * is its reference. Reading checks the grammar only (is the verb known, has it as many words as it
 * takes, has its text block an end); what the words mean is checked when the step is performed.
 * Owns the steps, in its arena.
 */
#ifndef TESTS_DRIVER_SCENARIO_H
#define TESTS_DRIVER_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>

#include "filterd/util/arena.h"
#include "filterd/util/buffer.h"
#include "filterd/util/str.h"

#include "tests/driver/words.h"

struct run;
struct step;

/* What a step's first word names. */
struct verb {
	const char *name;	/* NULL at the table's end */
	unsigned least, most;	/* words behind the name */
	bool block;		/* may end in <<MARK, and then has the lines up to MARK */
	bool (*perform)(struct run *run, const struct step *step);
	char command;		/* the milter command or reply that it stands for; 0: none */
};

extern const struct verb directive_verbs[];	/* NAME …: the runner's own business */
extern const struct verb event_verbs[];		/* SESSION> NAME …: from the MTA to the milter */
extern const struct verb answer_verbs[];	/* SESSION< NAME …: what the milter must send */

struct step {
	unsigned line;		/* from 1 */
	struct str text;	/* the line */
	struct str session;	/* label; "" for the one without */
	const struct verb *verb;
	const struct word *words;	/* behind the verb's name */
	size_t count;
	struct str block;	/* lines with LF, places filled in; data NULL: there is none */
};

struct scenario {
	struct arena *arena;
	struct step *steps;
	size_t count;
};

/* Reads text. False: *line_r and *error_r (in the scenario's arena) say what is wrong. Free it
 * either way. */
bool scenario_read(struct scenario *scenario_r, const struct places *places, struct str text,
    unsigned *line_r, const char **error_r);
void scenario_free(struct scenario *scenario);

#endif
