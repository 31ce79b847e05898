/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One run of one scenario: the state that its steps share, and how they report. A step that fails
 * ends the run; the program under test is stopped, and the temporary folder removed, in any case.
 */
#ifndef TESTS_DRIVER_RUN_H
#define TESTS_DRIVER_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "filterd/scenario/scenario.h"
#include "filterd/scenario/words.h"
#include "filterd/util/arena.h"
#include "filterd/util/buffer.h"
#include "filterd/util/str.h"

#include "tests/driver/offer.h"
#include "tests/driver/process.h"
#include "tests/driver/session.h"

#define RUN_SESSIONS	64	/* labels a scenario */
#define RUN_CHECKS	64	/* log lines checked at its end */

/* From the command line. */
struct settings {
	const char *filterd;	/* the program, where a scenario names no other */
	int timeout;		/* milliseconds that anything awaited may take */
	bool trace;		/* print every event and answer */
	bool keep;		/* leave the temporary folder */
	struct places places;	/* --set */
};

struct run {
	const struct settings *settings;
	const char *path;		/* of the scenario file */
	struct scenario scenario;
	struct places places;
	const char *dir;		/* the temporary folder */
	struct process process;
	bool started;
	bool ended;			/* by itself, as the scenario expects: it serves no more */
	bool stopping;			/* the scenario has told it to stop */
	const char *config;		/* path; NULL: there is none */
	const struct step *command;	/* the directive `command`; NULL: filterd runs */
	const char *address;		/* where sessions connect, "unix:PATH" … */
	const struct offer_mta *mta;
	struct wire_options offer;
	struct session sessions[RUN_SESSIONS];
	size_t session_count;
	unsigned queue_ids;		/* given out so far */
	const struct step *checks[RUN_CHECKS];
	size_t check_count;
	struct buffer *report;		/* why it failed */
};

/* Runs a scenario file. False: the report says why, one or more lines; free it with
 * buffer_free() either way. */
bool run_scenario(const struct settings *settings, const char *path, struct buffer *report);

/* For the steps. */

/* What performs a verb, and the milter command or reply that it stands for (0: none). */
struct performer {
	bool (*perform)(struct run *run, const struct step *step);
	char command;
};

/* By enum directive, event_verb and answer_verb. */
extern const struct performer directive_performers[], event_performers[], answer_performers[];
const struct performer *performer_of(const struct step *step);

/* What is checked of the log when the program has ended; a failure is reported. */
bool run_check_log(struct run *run);

/* Starts the program if it does not run yet. */
bool run_start(struct run *run, const struct step *step);

/* Reports that a step failed, and returns false. The format says what there was instead; what
 * was expected is the step's own line, or the text given. */
bool run_fail(struct run *run, const struct step *step, const char *expected, const char *format,
    ...) __attribute__((format(printf, 4, 5)));

/* Three words from first on, VERSION ACTIONS STEPS, as an MTA's offer; a failure is reported. */
bool run_offer(struct run *run, const struct step *step, size_t first, struct wire_options
    *offer_r);

/* A word as a number from least to most; a failure is reported. */
bool run_number(struct run *run, const struct step *step, size_t word, unsigned long least,
    unsigned long most, unsigned long *number_r);

/* The bytes that words from first on stand for: "text" …, file PATH, generate N. A failure is
 * reported. */
bool run_content(struct run *run, const struct step *step, size_t first, struct buffer *out);

#endif
