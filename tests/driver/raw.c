/* SPDX-License-Identifier: BSD-2-Clause */
/* Events outside a mail's course: macros, commands without an answer, raw bytes, false frames,
 * hanging up. */
#include <string.h>

#include "tests/driver/event.h"

/* abort, quit and quit_nc: no answer follows. */
bool
event_bare(struct run *run, const struct step *step)
{
	struct session *session = session_of(run, step);
	struct buffer frame = { 0 };
	bool good;

	if (!session || !session_begin_mail(run, session, step))
		return false;
	session->skipped = 0;
	wire_add_frame(&frame, performer_of(step)->command, STR(""));
	good = session_send(run, session, &frame);
	buffer_free(&frame);
	return good;
}

/* Divides words NAME=VALUE from the given one on. */
static bool
split_macros(struct run *run, const struct step *step, size_t first, struct str *words_r)
{
	size_t wrong;

	return scenario_assignments(step, first, words_r, &wrong) ||
	    run_fail(run, step, "NAME=VALUE", "%s", step->words[wrong].text.data);
}

/* The command that an event's name stands for; 0 for an unknown one. */
static char
command_of(struct str name)
{
	for (const struct verb *verb = verb_tables[SIDE_EVENT]; verb->name; verb++)
		if (str_equal(name, str_of(verb->name)))
			return event_performers[verb->id].command;
	return 0;
}

/* EVENT NAME=VALUE …: the frame of macros that goes before an event, as written. */
bool
event_macros(struct run *run, const struct step *step)
{
	struct session *session = session_of(run, step);
	char command = command_of(step->words[0].text);
	struct str words[WORDS_MOST * 2];
	struct buffer frame = { 0 };
	bool good;

	if (!command)
		return run_fail(run, step, "the name of an event", "%s", step->words[0].text.data);
	if (!split_macros(run, step, 1, words) || !session ||
	    !session_begin_mail(run, session, step))
		return false;
	wire_add_macros(&frame, command, words, 2 * (step->count - 1));
	session->explicit = command;
	good = session_send(run, session, &frame);
	buffer_free(&frame);
	return good;
}

/* NAME=VALUE …: sent before the events to which the macros belong, from now on. */
bool
event_define(struct run *run, const struct step *step)
{
	struct session *session = session_of(run, step);
	struct str words[WORDS_MOST * 2];

	if (!split_macros(run, step, 0, words) || !session || !session_begin(run, session, step))
		return false;
	for (size_t i = 0; i < step->count; i++) {
		size_t at = 0;

		while (at < session->macro_count &&
		    !str_equal(session->macros[2 * at], words[2 * i]))
			at++;
		if (at == SESSION_MACROS)
			return run_fail(run, step, NULL, "too many macros");
		session->macros[2 * at] = words[2 * i];
		session->macros[2 * at + 1] = words[2 * i + 1];
		if (at == session->macro_count)
			session->macro_count++;
	}
	return true;
}

/* Sends bytes to which anything may be answered. */
static bool
send_raw(struct run *run, struct session *session, const struct step *step, const struct buffer
    *bytes)
{
	if (!session || !session_begin(run, session, step))
		return false;
	session->command = 0;
	session->awaiting = AWAIT_ANYTHING;
	return session_send(run, session, bytes);
}

/* COMMAND [CONTENT] */
bool
event_frame(struct run *run, const struct step *step)
{
	struct buffer data = { 0 }, frame = { 0 };
	bool good = step->count == 1 || run_content(run, step, 1, &data);

	if (good && step->words[0].text.length != 1)
		good = run_fail(run, step, "one command character", "%s", step->words[0].text.data);
	if (good) {
		wire_add_frame(&frame, step->words[0].text.data[0],
		    (struct str){ buffer_text(&data), data.length });
		good = send_raw(run, session_of(run, step), step, &frame);
	}
	buffer_free(&data);
	buffer_free(&frame);
	return good;
}

/* LENGTH CONTENT: a frame's length, and then what need not be as long. */
bool
event_false_frame(struct run *run, const struct step *step)
{
	struct buffer bytes = { 0 }, data = { 0 };
	unsigned long length;
	bool good = run_number(run, step, 0, 0, UINT32_MAX, &length) &&
	    run_content(run, step, 1, &data);

	if (good) {
		for (int shift = 24; shift >= 0; shift -= 8)
			buffer_add_char(&bytes, (char)(length >> shift));
		buffer_add(&bytes, data.data, data.length);
		good = send_raw(run, session_of(run, step), step, &bytes);
	}
	buffer_free(&bytes);
	buffer_free(&data);
	return good;
}

bool
event_raw(struct run *run, const struct step *step)
{
	struct buffer bytes = { 0 };
	bool good = run_content(run, step, 0, &bytes) &&
	    send_raw(run, session_of(run, step), step, &bytes);

	buffer_free(&bytes);
	return good;
}

static bool
hang_up(struct run *run, const struct step *step, bool abruptly)
{
	struct session *session = session_of(run, step);

	if (!session)
		return false;
	if (!session->open && !session_begin(run, session, step))
		return false;
	session_vanish(session, abruptly);
	return true;
}

/* The connection ends, whatever is awaited. */
bool
event_vanish(struct run *run, const struct step *step)
{
	return hang_up(run, step, false);
}

bool
event_reset(struct run *run, const struct step *step)
{
	return hang_up(run, step, true);
}

/* No more is sent, but answers are still read. */
bool
event_finish(struct run *run, const struct step *step)
{
	struct session *session = session_of(run, step);

	if (!session || (!session->open && !session_begin(run, session, step)))
		return false;
	peer_finish(&session->peer);
	return true;
}
