/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A scenario file, read into steps: sessions of an MTA, and what the milter answers. It is the form
 * of recordings and of tests alike; docs/scenarios.md is its reference. The form is strictly
 * line-oriented. Reading checks the grammar only (is the verb known, has it as many words as it
 * takes, has its text block an end); what the words mean is checked when the step is performed.
 * Pure: text in, steps out. Nothing is fatal; a mistake is told with its line.
 */
#ifndef FILTERD_SCENARIO_SCENARIO_H
#define FILTERD_SCENARIO_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>

#include "filterd/scenario/verbs.h"
#include "filterd/scenario/words.h"
#include "filterd/util/arena.h"
#include "filterd/util/buffer.h"
#include "filterd/util/str.h"

#define SCENARIO_STEPS	1000000	/* lines that say something, at most */

struct step {
	unsigned line;		/* from 1 */
	struct str text;	/* the line */
	struct str session;	/* label; "" for the one without */
	const struct verb *verb;
	const struct word *words;	/* behind the verb's name */
	size_t count;
	struct str block;	/* lines with LF; data NULL: there is none */
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

/* Appends the bytes that a step's words from first on, or its block, stand for: "TEXT" …, file
 * PATH, generate N, or a block of such texts. False: *error_r (in the arena) says what is wrong. */
bool scenario_content(struct arena *arena, const struct places *places, const struct step *step,
    size_t first, struct buffer *out, const char **error_r);

/* Appends bytes as content that reads so, with a blank before it: quoted on the line where they are
 * few, else in a block, a line of text each. */
void scenario_add_content(struct buffer *to, struct str bytes);

/* Appends the text of an SMTP reply (RFC 5321 section 4.2.1), a line for each text; enhanced may
 * be empty. */
void scenario_reply_text(struct buffer *to, struct str code, struct str enhanced,
    const struct str *texts, size_t count);

/* Divides words NAME=VALUE from first on: names and values in turn go to words_r, which has room
 * for twice WORDS_MOST. False: the word at *wrong_r is none. */
bool scenario_assignments(const struct step *step, size_t first, struct str *words_r, size_t
    *wrong_r);

/* A word as a number from least to most, decimal or with 0x before it. */
bool scenario_number(struct str word, unsigned long least, unsigned long most, unsigned long
    *number_r);

#endif
