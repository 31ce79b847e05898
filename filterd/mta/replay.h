/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The front end that plays a scenario: its sessions go through a chain with no MTA, event by event,
 * and what the MTA would be told now is handed to the caller beside what the scenario expects.
 * Nothing is fatal: a scenario may be anybody's.
 */
#ifndef FILTERD_MTA_REPLAY_H
#define FILTERD_MTA_REPLAY_H

#include "filterd/mta/milter_answer.h"

enum replay_fate {
	REPLAY_ANSWERED,
	REPLAY_SILENT,		/* the chain was given it, but needs no answer to it */
	REPLAY_UNSENT,		/* the chain does not want it, or no more of the body */
	REPLAY_BARE,		/* nothing is ever answered: abort, quit, macros … */
	REPLAY_PASSED		/* the MTA would not send it: an answer before it was the end */
};

struct replay_event {
	const struct step *step;
	const struct step *const *expected;	/* its answer lines */
	size_t expected_count;
	enum replay_fate fate;
	struct milter_answers answers;		/* when answered */
	bool end_of_message;
	/* The session, for what it says of the message; NULL: it is over */
	struct session *session;
	const char *queue_id;			/* "" while none is known */
};

struct replay_scene {
	/* The chain of the listener at an address as `peer` has it; NULL: before any of these */
	const struct chain *(*find_chain)(void *argument, const char *address);
	const struct places *places;		/* for content; as the scenario was read with */
	/* seconds since the epoch; < 0: what the scenario says, or the clock */
	int64_t now;
	/* As an MTA does it: what has ended a message or connection ends it here too. Else every
	 * event is played, whatever was answered before. */
	bool follow;
	/* Called for each event, in order. All it is given is borrowed until it returns. False:
	 * enough. */
	bool (*take)(void *argument, const struct replay_event *event);
	void *argument;
};

struct replay_mistake {
	const struct step *step;	/* NULL: there was none */
	char text[200];
};

/* Plays the scenario. False: a step makes no sense, and *mistake_r says why. */
bool replay_play(const struct replay_scene *scene, const struct scenario *scenario,
    struct replay_mistake *mistake_r);

/* The first step that needs an MTA, a program or a wire; NULL: all can be played. */
const struct step *replay_unplayable(const struct scenario *scenario);

/* Whether a step can be played but is not checked: it is about the log or the negotiation. */
bool replay_unchecked(const struct step *step);

/* Where an answered event differs from what is expected: the line (NULL: none expects it) and the
 * answer (NULL: none came). */
struct replay_difference {
	const struct step *expected;
	const struct milter_answer *got;
};

/* Whether the event's answers are what its lines expect; an event without a line must let the mail
 * go on. */
bool replay_as_expected(const struct replay_scene *scene, const struct replay_event *event,
    struct replay_difference *difference_r);

#endif
