/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Answer lines, SESSION< VERB …: what the milter must send next, compared byte for byte. What else
 * it sends fails the scenario at the line that does not expect it.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/driver/answer.h"
#include "tests/driver/run.h"

#define SILENCE	200	/* milliseconds in which nothing may come */

/* The session of an answer line, when something may still come there. */
static struct session *
answering_session(struct run *run, const struct step *step)
{
	struct session *session = session_of(run, step);

	if (!session || session->open)
		return session;
	run_fail(run, step, NULL, "no such session is open");
	return NULL;
}

/* Whether an answer is due: the last event was sent, and the milter did not negotiate silence. */
static bool
answer_due(struct run *run, const struct step *step, const struct session *session)
{
	if (session->awaiting == AWAIT_UNSENT)
		return run_fail(run, step, NULL,
		    "unsent (the milter negotiated not to be sent the event)");
	if (session->awaiting == AWAIT_NO_REPLY)
		return run_fail(run, step, NULL,
		    "none (the milter negotiated not to reply to the event)");
	return true;
}

static bool
same_reply(const struct wire_frame *frame, const struct wire_reply *wanted)
{
	struct buffer out = { 0 };
	struct wire_frame again;
	size_t taken;
	bool same;

	wire_add_reply(&out, wanted);
	same = wire_take((struct str){ out.data, out.length }, &again, &taken) == WIRE_FRAME &&
	    again.command == frame->command && str_equal(again.data, frame->data);
	buffer_free(&out);
	return same;
}

/* Takes the next frame if it is an answer of that kind; NULL when it is not, which is reported. */
static struct session *
look_for(struct run *run, const struct step *step, struct wire_frame *frame_r)
{
	struct session *session = answering_session(run, step);
	bool progress = performer_of(step)->command == SMFIR_PROGRESS;
	enum peer_status status;

	if (!session || !answer_due(run, step, session))
		return NULL;
	status = session_look(run, session, progress, frame_r);
	if (status == PEER_FRAME)
		return session;
	session_fail(run, step, NULL, status, frame_r);
	return NULL;
}

static bool
expect_reply(struct run *run, const struct step *step, const struct wire_reply *wanted)
{
	struct wire_frame frame;
	struct session *session = look_for(run, step, &frame);

	if (!session)
		return false;
	if (!same_reply(&frame, wanted))
		return session_fail(run, step, NULL, PEER_FRAME, &frame);
	session_take(session);
	return true;
}

/* Verdicts and edits whose words are the texts of the frame. */
static bool
expect_texts(struct run *run, const struct step *step)
{
	struct wire_reply wanted = { .command = performer_of(step)->command };

	for (; wanted.count < step->count; wanted.count++)
		wanted.texts[wanted.count] = step->words[wanted.count].text;
	if (wanted.command == SMFIR_ADDRCPT && wanted.count == 2)
		wanted.command = SMFIR_ADDRCPT_PAR;
	return expect_reply(run, step, &wanted);
}

/* INDEX NAME [VALUE] */
static bool
expect_header(struct run *run, const struct step *step)
{
	struct wire_reply wanted = { .command = performer_of(step)->command, .count = 2 };
	unsigned long index;

	if (!run_number(run, step, 0, 0, UINT32_MAX, &index))
		return false;
	wanted.index = (uint32_t)index;
	wanted.texts[0] = step->words[1].text;
	wanted.texts[1] = step->count == 3 ? step->words[2].text : STR("");
	return expect_reply(run, step, &wanted);
}

/* Whether a reply has the code and the enhanced code, whatever its text. */
static bool
reply_begins(struct str text, struct str code, struct str enhanced)
{
	size_t end = 4 + enhanced.length;

	if (text.length < end || memcmp(text.data, code.data, code.length) != 0)
		return false;
	return !enhanced.length || (memcmp(text.data + 4, enhanced.data, enhanced.length) == 0 &&
	    (text.length == end || text.data[end] == ' '));
}

/* CODE [ENHANCED [TEXT…]]: what is left out may be anything. */
static bool
expect_smtp_reply(struct run *run, const struct step *step)
{
	struct str code = step->words[0].text;
	struct str enhanced = step->count > 1 ? step->words[1].text : STR("-");
	struct str texts[WORDS_MOST];
	struct wire_reply got;
	struct buffer wanted = { 0 };
	struct wire_frame frame;
	struct session *session = look_for(run, step, &frame);
	bool same;

	if (!session)
		return false;
	if (code.length != 3)
		return run_fail(run, step, "a reply code of three digits", "\"%s\"", code.data);
	if (str_equal(enhanced, STR("-")))
		enhanced.length = 0;
	for (size_t i = 2; i < step->count; i++)
		texts[i - 2] = step->words[i].text;
	same = frame.command == SMFIR_REPLYCODE && wire_read_reply(&frame, &got);
	if (same && step->count > 2) {
		scenario_reply_text(&wanted, code, enhanced, texts, step->count - 2);
		same = str_equal((struct str){ wanted.data, wanted.length }, got.texts[0]);
		buffer_free(&wanted);
	} else if (same) {
		same = reply_begins(got.texts[0], code, enhanced);
	}
	if (!same)
		return session_fail(run, step, NULL, PEER_FRAME, &frame);
	session_take(session);
	return true;
}

/* The body's chunks, up to the first frame that is none, are compared as one. */
static bool
expect_body(struct run *run, const struct step *step)
{
	struct buffer wanted = { 0 }, got = { 0 };
	struct wire_frame frame;
	struct session *session = look_for(run, step, &frame);
	bool same = session && run_content(run, step, 0, &wanted);

	if (!same)
		goto out;
	if (frame.command != SMFIR_REPLBODY) {
		same = session_fail(run, step, NULL, PEER_FRAME, &frame);
		goto out;
	}
	while (frame.command == SMFIR_REPLBODY) {
		buffer_add_str(&got, frame.data);
		session_take(session);
		if (session_look(run, session, false, &frame) != PEER_FRAME)
			break;
	}
	frame = (struct wire_frame){ SMFIR_REPLBODY, { buffer_text(&got), got.length } };
	same = str_equal(frame.data, (struct str){ buffer_text(&wanted), wanted.length });
	if (!same)
		session_fail(run, step, NULL, PEER_FRAME, &frame);
out:
	buffer_free(&wanted);
	buffer_free(&got);
	return same;
}

/* Reads names of actions and steps alike, divided by commas. */
static bool
read_either(struct str text, uint32_t *actions_r, uint32_t *steps_r)
{
	*actions_r = *steps_r = 0;
	for (size_t start = 0, i = 0; i <= text.length; i++) {
		struct str name = { text.data + start, i - start };
		uint32_t actions = 0, steps = 0;

		if (i < text.length && text.data[i] != ',')
			continue;
		if (!bits_read(bits_actions, name, &actions) &&
		    !bits_read(bits_steps, name, &steps))
			return false;
		*actions_r |= actions;
		*steps_r |= steps;
		start = i + 1;
	}
	return true;
}

/* One pair of words: version N, actions BITS, steps BITS, with NAMES, without NAMES. *same_r is
 * whether it holds. */
static bool
check_option(struct run *run, const struct step *step, size_t at, bool *same_r)
{
	const struct wire_options *answer = &session_of(run, step)->answer;
	struct str what = step->words[at].text, value = step->words[at + 1].text;
	uint32_t actions = 0, steps = 0;
	unsigned long version;
	bool good;

	if (str_equal(what, STR("version"))) {
		good = run_number(run, step, at + 1, 0, UINT32_MAX, &version);
		*same_r = good && answer->version == version;
		return good;
	}
	if (str_equal(what, STR("actions"))) {
		good = bits_read(bits_actions, value, &actions);
		*same_r = answer->actions == actions;
	} else if (str_equal(what, STR("steps"))) {
		good = bits_read(bits_steps, value, &steps);
		*same_r = answer->steps == steps;
	} else if (str_equal(what, STR("with"))) {
		good = read_either(value, &actions, &steps);
		*same_r = (answer->actions & actions) == actions &&
		    (answer->steps & steps) == steps;
	} else {
		good = str_equal(what, STR("without")) && read_either(value, &actions, &steps);
		*same_r = !(answer->actions & actions) && !(answer->steps & steps);
	}
	if (!good)
		run_fail(run, step,
		    "version, actions, steps, with, without or macros, and known names", "%s %s",
		    what.data, value.data);
	return good;
}

/* macros STAGE LIST; the list "-" is none. */
static bool
check_macros(struct run *run, const struct step *step, size_t at, bool *same_r)
{
	const struct wire_options *answer = &session_of(run, step)->answer;
	int stage = at + 2 < step->count ? offer_stage(step->words[at + 1].text) : -1;
	struct str list;

	if (stage < 0)
		return run_fail(run, step, "macros, a stage and a list", "%s",
		    step->words[at].text.data);
	list = step->words[at + 2].text;
	if (str_equal(list, STR("-")))
		*same_r = !answer->macros[stage].data;
	else
		*same_r = answer->macros[stage].data && str_equal(list, answer->macros[stage]);
	return true;
}

static bool
expect_options(struct run *run, const struct step *step)
{
	struct session *session = answering_session(run, step);
	bool same = true;

	if (!session || !session_negotiated(run, session, step))
		return false;
	for (size_t at = 0; same && at < step->count;) {
		bool macros = str_equal(step->words[at].text, STR("macros"));

		if (at + 1 == step->count)
			return run_fail(run, step, "a value", "nothing behind %s",
			    step->words[at].text.data);
		if (!(macros ? check_macros : check_option)(run, step, at, &same))
			return false;
		at += macros ? 3 : 2;
	}
	return same || session_fail(run, step, NULL, PEER_FRAME, &session->frame);
}

static bool
expect_close(struct run *run, const struct step *step)
{
	struct session *session = answering_session(run, step);
	struct wire_frame frame;
	enum peer_status status;

	if (!session)
		return false;
	status = session_look(run, session, false, &frame);
	if (status != PEER_CLOSED)
		return session_fail(run, step, NULL, status, &frame);
	session_vanish(session, false);
	return true;
}

/* Nothing comes, though the event may have been one that is replied to. */
static bool
expect_silence(struct run *run, const struct step *step)
{
	struct session *session = answering_session(run, step);
	unsigned long time = SILENCE;
	struct wire_frame frame;

	if (!session || (step->count && !run_number(run, step, 0, 1, 60000, &time)))
		return false;
	if (session->held || peer_stirs(&session->peer, (int)time))
		return session_fail(run, step, NULL, session_look(run, session, true, &frame),
		    &frame);
	session->awaiting = AWAIT_NOTHING;
	return true;
}

static bool
expect_no_reply(struct run *run, const struct step *step)
{
	struct session *session = answering_session(run, step);

	if (!session)
		return false;
	if (session->awaiting != AWAIT_NO_REPLY)
		return run_fail(run, step, NULL, "an event that was %s",
		    session->awaiting == AWAIT_UNSENT ? "not sent"
						      : "sent, and is to be replied to");
	session->awaiting = AWAIT_NOTHING;
	return true;
}

static bool
expect_unsent(struct run *run, const struct step *step)
{
	struct session *session = answering_session(run, step);

	if (!session)
		return false;
	if (session->awaiting != AWAIT_UNSENT)
		return run_fail(run, step, NULL, "an event that was sent");
	session->awaiting = AWAIT_NOTHING;
	return true;
}

static bool
expect_any(struct run *run, const struct step *step)
{
	struct session *session = answering_session(run, step);

	return session && session_settle(run, session);
}

/* What the milter thought of the message is not seen from here. */
static bool
expect_judged(struct run *run, const struct step *step)
{
	(void)run;
	(void)step;
	return true;
}

const struct performer answer_performers[] = {
	[ANSWER_CONTINUE] = { expect_texts, SMFIR_CONTINUE },
	[ANSWER_ACCEPT] = { expect_texts, SMFIR_ACCEPT },
	[ANSWER_REJECT] = { expect_texts, SMFIR_REJECT },
	[ANSWER_TEMPFAIL] = { expect_texts, SMFIR_TEMPFAIL },
	[ANSWER_DISCARD] = { expect_texts, SMFIR_DISCARD },
	[ANSWER_SKIP] = { expect_texts, SMFIR_SKIP },
	[ANSWER_SHUTDOWN] = { expect_texts, SMFIR_SHUTDOWN },
	[ANSWER_CONNECTION_FAILURE] = { expect_texts, SMFIR_CONN_FAIL },
	[ANSWER_PROGRESS] = { expect_texts, SMFIR_PROGRESS },
	[ANSWER_REPLY] = { expect_smtp_reply, SMFIR_REPLYCODE },
	[ANSWER_REPLY_TEXT] = { expect_texts, SMFIR_REPLYCODE },
	[ANSWER_ADD_HEADER] = { expect_texts, SMFIR_ADDHEADER },
	[ANSWER_INSERT_HEADER] = { expect_header, SMFIR_INSHEADER },
	[ANSWER_CHANGE_HEADER] = { expect_header, SMFIR_CHGHEADER },
	[ANSWER_DELETE_HEADER] = { expect_header, SMFIR_CHGHEADER },
	[ANSWER_REPLACE_BODY] = { expect_body, SMFIR_REPLBODY },
	[ANSWER_ADD_RECIPIENT] = { expect_texts, SMFIR_ADDRCPT },
	[ANSWER_DELETE_RECIPIENT] = { expect_texts, SMFIR_DELRCPT },
	[ANSWER_CHANGE_SENDER] = { expect_texts, SMFIR_CHGFROM },
	[ANSWER_QUARANTINE] = { expect_texts, SMFIR_QUARANTINE },
	[ANSWER_NEGOTIATE] = { expect_options, SMFIC_OPTNEG },
	[ANSWER_CLOSE] = { expect_close, 0 },
	[ANSWER_SILENCE] = { expect_silence, 0 },
	[ANSWER_NONE] = { expect_no_reply, 0 },
	[ANSWER_UNSENT] = { expect_unsent, 0 },
	[ANSWER_ANY] = { expect_any, 0 },
	[ANSWER_JUDGED] = { expect_judged, 0 },
};
