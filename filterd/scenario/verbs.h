/* SPDX-License-Identifier: BSD-2-Clause */
/* The words that a scenario's lines begin with, and what each takes. Constant tables. */
#ifndef FILTERD_SCENARIO_VERBS_H
#define FILTERD_SCENARIO_VERBS_H

#include <stdbool.h>

enum side {
	SIDE_DIRECTIVE,		/* NAME …: to who plays the scenario */
	SIDE_EVENT,		/* SESSION> NAME …: from the MTA to the milter */
	SIDE_ANSWER,		/* SESSION< NAME …: what the milter answers */
	SIDES
};

enum directive {
	DIRECTIVE_CONFIG, DIRECTIVE_FILE, DIRECTIVE_COMMAND, DIRECTIVE_MTA, DIRECTIVE_PEER,
	DIRECTIVE_START, DIRECTIVE_STOP, DIRECTIVE_PAUSE, DIRECTIVE_LOG, DIRECTIVE_CLOCK,
	DIRECTIVE_LACKS,
	DIRECTIVE_COUNT
};

enum event_verb {
	EVENT_NEGOTIATE, EVENT_CONNECT, EVENT_HELO, EVENT_MAIL, EVENT_RCPT, EVENT_DATA,
	EVENT_HEADER, EVENT_EOH, EVENT_BODY, EVENT_EOM, EVENT_MESSAGE, EVENT_UNKNOWN, EVENT_ABORT,
	EVENT_QUIT, EVENT_QUIT_NC, EVENT_MACROS, EVENT_DEFINE, EVENT_FRAME, EVENT_FALSE_FRAME,
	EVENT_RAW, EVENT_VANISH, EVENT_RESET, EVENT_FINISH,
	EVENT_COUNT
};

enum answer_verb {
	ANSWER_CONTINUE, ANSWER_ACCEPT, ANSWER_REJECT, ANSWER_TEMPFAIL, ANSWER_DISCARD,
	ANSWER_SKIP, ANSWER_SHUTDOWN, ANSWER_CONNECTION_FAILURE, ANSWER_PROGRESS, ANSWER_REPLY,
	ANSWER_REPLY_TEXT, ANSWER_ADD_HEADER, ANSWER_INSERT_HEADER, ANSWER_CHANGE_HEADER,
	ANSWER_DELETE_HEADER, ANSWER_REPLACE_BODY, ANSWER_ADD_RECIPIENT, ANSWER_DELETE_RECIPIENT,
	ANSWER_CHANGE_SENDER, ANSWER_QUARANTINE, ANSWER_NEGOTIATE, ANSWER_CLOSE, ANSWER_SILENCE,
	ANSWER_NONE, ANSWER_UNSENT, ANSWER_ANY, ANSWER_JUDGED,
	ANSWER_COUNT
};

/* What <<MARK at a line's end begins. */
enum block {
	BLOCK_NONE,		/* nothing: it is a word */
	BLOCK_TEXT,		/* lines as they are, places filled in */
	BLOCK_CONTENT		/* lines of "quoted" words */
};

/* What a step's first word names. */
struct verb {
	const char *name;	/* NULL at the table's end */
	unsigned least, most;	/* words behind the name, where there is no block */
	enum block block;
	enum side side;
	int id;			/* enum directive, event_verb or answer_verb */
};

/* By side, each in the order of its enum. */
extern const struct verb *const verb_tables[SIDES];

#endif
