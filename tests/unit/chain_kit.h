/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the tests of the chain share: a configuration written to a folder that goes away, loaded
 * with the test plugins; sessions with a front end whose macros and clock the test sets; the log,
 * caught; and the tally of what the plugins saw.
 */
#ifndef TESTS_UNIT_CHAIN_KIT_H
#define TESTS_UNIT_CHAIN_KIT_H

#include "filterd/chain/explanation.h"
#include "filterd/chain/session.h"
#include "filterd/service/log.h"
#include "tests/plugins/tally.h"

#define KIT_MACROS 16

struct kit {
	char folder[64];
	char config[128];		/* path of the configuration */
	struct generation *generation;	/* NULL when it has mistakes */
	const struct removals *removals;	/* for what is loaded next; NULL: none */
	const struct chain *chain;	/* of the listener "test" */
	char *mistakes;			/* as printed; "" when there are none */
	struct session *session;
	struct grant grant;
	const char *macros[KIT_MACROS][2];	/* name and value; ends with NULL */
	int64_t clock, step;		/* milliseconds; each look at the clock is a step */
	unsigned progress;
	struct tally tally;
	int log_file, saved_stderr;
	char *log;			/* what kit_log() returned last */
};

/* setup and teardown of a cmocka test: the log is caught from here on. */
int kit_setup(void **state);
int kit_teardown(void **state);

/* Loads a configuration of one listener "test" with this chain, and these filters and other
 * statements. False: mistakes. */
bool kit_load(struct kit *kit, const char *chain, const char *statements);

/* The same, but it must be well; opens a session and grants everything. */
void kit_start(struct kit *kit, const char *chain, const char *statements);

/* Opens a session, in place of the one before. */
void kit_open(struct kit *kit);

/* Closes the session and the generation. */
void kit_stop(struct kit *kit);

void kit_macro(struct kit *kit, const char *name, const char *value);

/* connect, helo, MAIL from a@example.org. Each must go on. */
void kit_greet(struct kit *kit);
void kit_mail(struct kit *kit);

/* One event; the outcome. */
enum outcome kit_rcpt(struct kit *kit, const char *recipient);
enum outcome kit_header(struct kit *kit, const char *name, const char *value);
enum outcome kit_body(struct kit *kit, const char *bytes);

/* DATA, the fields From and Subject, the end of headers, a body of one line: each must go on. */
void kit_content(struct kit *kit);

/* The end of message. */
struct decision kit_end(struct kit *kit);

/* A whole message for b@example.org, up to its end. */
struct decision kit_message(struct kit *kit);

/* The plan as text, one action a line: "add X-A: v", …; "" when it is empty. In static memory. */
const char *kit_plan(const struct plan *plan);

/* "550 5.7.1 text / more"; "none". In static memory. */
const char *kit_reply(struct decision decision);

/* The explanation as JSON, parsed; the caller gives it back with json_decref(). */
struct json_t *kit_explanation(struct kit *kit);

/* All that was logged so far. Borrowed until the next call. */
const char *kit_log(struct kit *kit);
void kit_clear_log(struct kit *kit);

/* Fails the test with a text that is not caught with the log. */
void kit_fail(const struct kit *kit, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));

/* The text stands in the log, or does not. */
void kit_logged(struct kit *kit, const char *text);
void kit_not_logged(struct kit *kit, const char *text);

/* Every message and session that filters saw has ended once, and no promise was broken. */
void kit_check_tally(const struct kit *kit);

#endif
