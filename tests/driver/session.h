/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One MTA session of a scenario: its connection, what was negotiated, and what it awaits. Answers
 * are taken lazily: an event is sent, and its answer is read by the next line of the same session
 * that needs it, so that sessions may be interleaved at will.
 */
#ifndef TESTS_DRIVER_SESSION_H
#define TESTS_DRIVER_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "filterd/util/buffer.h"
#include "filterd/util/str.h"

#include "tests/driver/offer.h"
#include "tests/driver/peer.h"
#include "tests/driver/wire.h"

struct run;
struct step;

#define SESSION_MACROS	64	/* macros that one session defines */

enum awaiting {
	AWAIT_NOTHING,		/* the last answer is complete */
	AWAIT_VERDICT,
	AWAIT_NO_REPLY,		/* the milter negotiated not to reply to the event */
	AWAIT_UNSENT,		/* the milter does not want the event: it was not sent */
	AWAIT_ANYTHING		/* raw bytes were sent: nobody knows */
};

struct session {
	struct str label;
	bool open;
	bool negotiated;
	struct peer peer;
	const struct offer_mta *mta;
	struct wire_options offer;
	struct wire_options answer;
	enum awaiting awaiting;
	char command;			/* the event last sent */
	char skipped;			/* the command that the message sends no more of; 0: none */
	const struct step *step;	/* the line of that event */
	bool held;			/* frame was looked at, and not taken */
	struct wire_frame frame;
	struct str macros[SESSION_MACROS * 2];	/* defined; names and values in turn; borrowed */
	size_t macro_count;		/* names */
	char explicit;			/* the command whose macros were sent by a line; 0: none */
	char queue_id[16];		/* of the message, "" before the first */
};

/* The session of the step's label. */
struct session *session_of(struct run *run, const struct step *step);

/* Makes ready for a step's event: what is still awaited must say that the mail goes on; a
 * session not yet open is opened. */
bool session_begin(struct run *run, struct session *session, const struct step *step);

/* The same, and negotiates what the scenario's MTA offers if that was not done. */
bool session_begin_mail(struct run *run, struct session *session, const struct step *step);

/* Sends the option negotiation. */
bool session_negotiate(struct run *run, struct session *session, const struct wire_options *offer);

/* Sends bytes as they are. */
bool session_send(struct run *run, struct session *session, const struct buffer *bytes);

/* Sends an event as an MTA does: with the macros that belong to it, unless the milter does not
 * want it. */
bool session_send_event(struct run *run, struct session *session, char command, const struct buffer
    *frame);

/* The next frame, progress passed over unless asked for; it stays the next one until
 * session_take(). */
enum peer_status session_look(struct run *run, struct session *session, bool progress, struct
    wire_frame *frame_r);
void session_take(struct session *session);

/* The answer to the last event must say that the mail goes on, or not be due at all. */
bool session_settle(struct run *run, struct session *session);

/* Whether the answer to the last event lets the next part of the same message follow; false
 * leaves it to be read. With past_skip, SKIP does. */
bool session_goes_on(struct run *run, struct session *session, bool past_skip);

/* Takes the milter's answer to the negotiation, which is the next frame. A failure is reported. */
bool session_negotiated(struct run *run, struct session *session, const struct step *step);

/* Closes without a word. */
void session_vanish(struct session *session, bool abruptly);

/* Reports that a step failed because of what came instead, and returns false. */
bool session_fail(struct run *run, const struct step *step, const char *expected,
    enum peer_status status, const struct wire_frame *frame);

#endif
