/* SPDX-License-Identifier: BSD-2-Clause */
/* MTA sessions: connect, negotiate, send events, take answers. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tests/driver/answer.h"
#include "tests/driver/run.h"

#define RETRY	10	/* milliseconds between two attempts to connect */

struct session *
session_of(struct run *run, const struct step *step)
{
	struct session *session;

	for (size_t i = 0; i < run->session_count; i++)
		if (str_equal(run->sessions[i].label, step->session))
			return &run->sessions[i];
	if (run->session_count == RUN_SESSIONS) {
		run_fail(run, step, NULL, "too many sessions");
		return NULL;
	}
	session = &run->sessions[run->session_count++];
	*session = (struct session){ .label = step->session, .peer.fd = -1 };
	return session;
}

bool
session_fail(struct run *run, const struct step *step, const char *expected,
    enum peer_status status, const struct wire_frame *frame)
{
	struct buffer got = { 0 };

	switch (status) {
	case PEER_FRAME:
		answer_print(&got, frame, 400);
		break;
	case PEER_TIMEOUT:
		buffer_printf(&got, "nothing within %d ms", run->settings->timeout);
		break;
	case PEER_CLOSED:
		buffer_add_text(&got, "close");
		break;
	case PEER_BROKEN:
		buffer_add_text(&got, "part of a frame, or bytes that are no frame");
		break;
	}
	run_fail(run, step, expected, "%s", buffer_text(&got));
	buffer_free(&got);
	return false;
}

/* The socket may not be there yet: the program is starting. */
static bool
connect_session(struct run *run, struct session *session, const struct step *step)
{
	const struct timespec pause = { .tv_nsec = RETRY * 1000000L };

	int left = run->settings->timeout;

	for (; !peer_open(&session->peer, run->address); left -= RETRY) {
		int cause = errno;

		if (cause != ENOENT && cause != ECONNREFUSED)
			return run_fail(run, step, "a connection", "%s: %s", run->address,
			    strerror(cause));
		if (run->started && process_ended(&run->process, 0))
			return run_fail(run, step, "a connection", "the program ended");
		if (left <= 0)
			return run_fail(run, step, "a connection", "nobody listens on %s",
			    run->address);
		nanosleep(&pause, NULL);
	}
	return true;
}

bool
session_begin(struct run *run, struct session *session, const struct step *step)
{
	if (!session_settle(run, session))
		return false;
	if (!session->open) {
		*session = (struct session){ .label = session->label, .mta = run->mta,
		    .peer.fd = -1 };
		if (!run_start(run, step) || !connect_session(run, session, step))
			return false;
		session->open = true;
	}
	session->step = step;
	session->awaiting = AWAIT_NOTHING;
	if (run->settings->trace)
		printf("# %s\n", step->text.data);
	return true;
}

bool
session_begin_mail(struct run *run, struct session *session, const struct step *step)
{
	if (!session_begin(run, session, step))
		return false;
	if (session->negotiated)
		return true;
	return session_negotiate(run, session, &run->offer) && session_settle(run, session);
}

bool
session_send(struct run *run, struct session *session, const struct buffer *bytes)
{
	if (peer_send(&session->peer, bytes->data, bytes->length, run->settings->timeout))
		return true;
	/* What it said before it hung up, or that it did, is read as the answer. */
	session->awaiting = AWAIT_VERDICT;
	return true;
}

bool
session_negotiate(struct run *run, struct session *session, const struct wire_options *offer)
{
	const struct wire_options bits = {offer->version, offer->actions, offer->steps, {{0}}};
	struct buffer out = { 0 };
	bool good;

	session->offer = bits;
	session->command = SMFIC_OPTNEG;
	session->awaiting = AWAIT_VERDICT;
	wire_add_options(&out, &bits);
	good = session_send(run, session, &out);
	buffer_free(&out);
	return good;
}

/* Appends the macros that go before a command: those that the scenario defines, then what the MTA
 * has a value for by itself. */
static void
add_macros(struct buffer *out, const struct session *session, char command)
{
	const struct offer_mta *mta = session->mta;
	struct str words[4 * SESSION_MACROS];
	size_t count = 2 * session->macro_count;
	const struct str *standard = mta->kind->macros;

	memcpy(words, session->macros, count * sizeof(*words));
	for (size_t i = 0; i < 2 * MTA_MACROS && standard[i].data; i++)
		words[count++] = standard[i];
	if (session->queue_id[0] && !strchr(mta->unqueued, command)) {
		words[count++] = STR("i");
		words[count++] = str_of(session->queue_id);
	}
	offer_add_macros(out, mta, &session->answer, command, words, count / 2);
}

bool
session_send_event(struct run *run, struct session *session, char command, const struct buffer
    *frame)
{
	struct buffer out = { 0 };
	bool good = true;

	if (command == SMFIC_MAIL) {
		session->skipped = 0;
		snprintf(session->queue_id, sizeof(session->queue_id), "4Q%05u", ++run->queue_ids);
	}
	session->command = command;
	if (session->explicit != command)
		add_macros(&out, session, command);
	session->explicit = 0;
	if (offer_unwanted(&session->answer, command) || session->skipped == command) {
		session->awaiting = AWAIT_UNSENT;
	} else {
		session->awaiting = AWAIT_VERDICT;
		if (offer_silent(&session->answer, command))
			session->awaiting = AWAIT_NO_REPLY;
		buffer_add(&out, frame->data, frame->length);
	}
	if (out.length)
		good = session_send(run, session, &out);
	buffer_free(&out);
	return good;
}

static void
trace_answer(const struct run *run, const struct session *session)
{
	struct buffer line = { 0 };

	if (!run->settings->trace)
		return;
	answer_print(&line, &session->frame, 0);
	printf("# %.*s< %s\n", (int)session->label.length, session->label.data, buffer_text(&line));
	buffer_free(&line);
}

enum peer_status
session_look(struct run *run, struct session *session, bool progress, struct wire_frame *frame_r)
{
	enum peer_status status = PEER_FRAME;

	while (status == PEER_FRAME) {
		if (!session->held) {
			status = peer_receive(&session->peer, run->settings->timeout,
			    &session->frame);
			if (status == PEER_FRAME)
				trace_answer(run, session);
		}
		session->held = status == PEER_FRAME;
		if (!session->held || progress || session->frame.command != SMFIR_PROGRESS)
			break;
		session->held = false;
	}
	*frame_r = session->frame;
	return status;
}

void
session_take(struct session *session)
{
	session->held = false;
	if (!answer_ends(session->frame.command))
		return;
	session->awaiting = AWAIT_NOTHING;
	if (session->frame.command == SMFIR_SKIP)
		session->skipped = session->command;
}

static bool
mail_goes_on(const struct session *session)
{
	switch (session->frame.command) {
	case SMFIR_CONTINUE:
	case SMFIR_SKIP:
		return true;
	case SMFIR_ACCEPT:
		return session->command == SMFIC_BODYEOB;
	default:
		return false;
	}
}

bool
session_settle(struct run *run, struct session *session)
{
	struct wire_frame frame;
	enum peer_status status;

	if (!session->open || session->awaiting != AWAIT_VERDICT)
		return true;
	if (session->command == SMFIC_OPTNEG)
		return session_negotiated(run, session, session->step);
	status = session_look(run, session, false, &frame);
	if (status != PEER_FRAME || !mail_goes_on(session))
		return session_fail(run, session->step, "an answer by which the mail goes on",
		    status, &frame);
	session_take(session);
	return true;
}

bool
session_goes_on(struct run *run, struct session *session, bool past_skip)
{
	struct wire_frame frame;

	if (session->awaiting != AWAIT_VERDICT)
		return session->awaiting != AWAIT_ANYTHING;
	if (session_look(run, session, false, &frame) != PEER_FRAME)
		return false;
	if (frame.command != SMFIR_CONTINUE && !(past_skip && frame.command == SMFIR_SKIP))
		return false;
	session_take(session);
	return true;
}

bool
session_negotiated(struct run *run, struct session *session, const struct step *step)
{
	struct wire_frame frame;
	enum peer_status status = session_look(run, session, false, &frame);
	const char *expected = "the negotiation's answer";

	if (status != PEER_FRAME || !wire_read_options(&frame, &session->answer))
		return session_fail(run, step, expected, status, &frame);
	if (session->command == SMFIC_OPTNEG && !offer_kept(&session->offer, &session->answer))
		return session_fail(run, step, "an answer within the MTA's offer", status, &frame);
	for (int stage = 0; stage < WIRE_STAGES; stage++)
		if (session->answer.macros[stage].data)
			session->answer.macros[stage] =
			    arena_str(run->scenario.arena, session->answer.macros[stage]);
	session_take(session);
	session->negotiated = true;
	return true;
}

void
session_vanish(struct session *session, bool abruptly)
{
	peer_close(&session->peer, abruptly);
	session->open = false;
	session->held = false;
	session->awaiting = AWAIT_NOTHING;
}
