/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an MTA is told of an event, in the terms of the milter protocol, and as a scenario's answer
 * lines write it. For recordings, which write it, and for what plays scenarios with no MTA and
 * compares it.
 */
#ifndef FILTERD_MTA_MILTER_ANSWER_H
#define FILTERD_MTA_MILTER_ANSWER_H

#include "filterd/chain/session.h"
#include "filterd/scenario/scenario.h"

struct milter_answer {
	enum answer_verb verb;
	const struct str *words;	/* as behind the verb on a line */
	size_t count;
};

/* Edits in their order, then the verdict, which is the last. */
struct milter_answers {
	struct milter_answer *items;
	size_t count;
};

/* The answers that tell a decision. They live in the arena and borrow what the decision borrows.
 * False: the body's bytes cannot be had; errno. */
bool milter_answers_make(struct arena *arena, const struct decision *decision,
    struct milter_answers *answers_r);

/* Whether the mail goes on behind this verdict: at end of message it may be accepted. */
bool milter_answer_goes_on(const struct milter_answer *answer, bool end_of_message);

/* Whether it is what an answer line with words of its own expects. What the line leaves out of a
 * reply may be anything. content is what scenario_content() makes of its words. */
bool milter_answer_fits(const struct milter_answer *answer, const struct step *step, struct str
    content);

/* Appends it as an answer line has it behind SESSION<, without a line end; of longer texts only the
 * first most bytes and the length. 0: whole, a body in a block of lines. */
void milter_answer_print(const struct milter_answer *answer, struct buffer *to, size_t most);

/* One line of a reply as it goes to the MTA, which takes it for a format: each "%" is doubled. What
 * passes libmilter's limit is cut behind a whole character. */
void milter_reply_line(char to[REPLY_LINE_BYTES + 1], const char *from);

#endif
