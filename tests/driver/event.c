/* SPDX-License-Identifier: BSD-2-Clause */
/* Well-formed events, and the table of all events. */
#include <string.h>

#include "tests/driver/event.h"

bool
event_send_texts(struct run *run, struct session *session, char command, const struct str *texts,
    size_t count)
{
	struct buffer frame = { 0 };
	bool good;

	wire_add_texts(&frame, command, texts, count);
	good = session_send_event(run, session, command, &frame);
	buffer_free(&frame);
	return good;
}

static bool
send_data(struct run *run, struct session *session, char command, struct str data)
{
	struct buffer frame = { 0 };
	bool good;

	wire_add_frame(&frame, command, data);
	good = session_send_event(run, session, command, &frame);
	buffer_free(&frame);
	return good;
}

/* [postfix | sendmail | VERSION ACTIONS STEPS] */
static bool
event_negotiate(struct run *run, const struct step *step)
{
	struct session *session = session_of(run, step);
	const struct offer_mta *mta = run->mta;
	struct wire_options offer = run->offer;

	if (step->count == 3) {
		if (!run_offer(run, step, 0, &offer))
			return false;
	} else if (step->count) {
		mta = offer_mta(step->words[0].text);
		if (!mta || step->count != 1)
			return run_fail(run, step,
			    "postfix, sendmail, or version, actions and steps", "%s",
			    step->words[0].text.data);
		offer = mta->options;
	}
	if (!session || !session_begin(run, session, step))
		return false;
	session->mta = mta;
	return session_negotiate(run, session, &offer);
}

/* NAME FAMILY [ADDRESS [PORT]] */
static bool
event_connect(struct run *run, const struct step *step)
{
	static const struct {
		const char *name;
		char family;
	} families[] = {
		{ "inet", SMFIA_INET }, { "inet6", SMFIA_INET6 },
		{ "unix", SMFIA_UNIX }, { "unknown", SMFIA_UNKNOWN }
	};
	struct session *session = session_of(run, step);
	struct wire_client client = { .name = step->words[0].text };
	struct buffer frame = { 0 };
	unsigned long port = 0;
	bool good;

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (str_equal(step->words[1].text, str_of(families[i].name)))
			client.family = families[i].family;
	if (!client.family)
		return run_fail(run, step, "inet, inet6, unix or unknown", "%s",
		    step->words[1].text.data);
	if ((step->count > 3 && !run_number(run, step, 3, 0, 65535, &port)) || !session ||
	    !session_begin_mail(run, session, step))
		return false;
	client.port = (uint16_t)port;
	client.address = step->count > 2 ? step->words[2].text : STR("");
	wire_add_client(&frame, &client);
	good = session_send_event(run, session, SMFIC_CONNECT, &frame);
	buffer_free(&frame);
	return good;
}

/* helo, mail, rcpt, unknown, data and eoh: the words are the frame's texts. */
static bool
event_texts(struct run *run, const struct step *step)
{
	struct session *session = session_of(run, step);
	struct str texts[WORDS_MOST];

	for (size_t i = 0; i < step->count; i++)
		texts[i] = step->words[i].text;
	return session && session_begin_mail(run, session, step) &&
	    event_send_texts(run, session, performer_of(step)->command, texts, step->count);
}

/* Without the leading-space step an MTA swallows the first blank. */
bool
event_send_header(struct run *run, struct session *session, struct str name, struct str value)
{
	struct str texts[2] = { name, value };

	if (!(session->answer.steps & SMFIP_HDR_LEADSPC) && value.length && value.data[0] == ' ')
		texts[1] = (struct str){ value.data + 1, value.length - 1 };
	return event_send_texts(run, session, SMFIC_HEADER, texts, 2);
}

static bool
event_header(struct run *run, const struct step *step)
{
	struct session *session = session_of(run, step);

	return session && session_begin_mail(run, session, step) &&
	    event_send_header(run, session, step->words[0].text, step->words[1].text);
}

bool
event_send_body(struct run *run, struct session *session, struct str body)
{
	while (body.length) {
		size_t length = body.length < WIRE_CHUNK ? body.length : WIRE_CHUNK;

		if (!send_data(run, session, SMFIC_BODY, (struct str){ body.data, length }))
			return false;
		body.data += length;
		body.length -= length;
		if (body.length && !session_goes_on(run, session, false))
			break;
	}
	return true;
}

static bool
event_body(struct run *run, const struct step *step)
{
	struct session *session = session_of(run, step);
	struct buffer body = { 0 };
	bool good = session && session_begin_mail(run, session, step) &&
		    run_content(run, step, 0, &body) &&
		    event_send_body(run, session, (struct str){ buffer_text(&body), body.length });

	buffer_free(&body);
	return good;
}

/* [DATA]: the last of the body may travel with the end. */
static bool
event_eom(struct run *run, const struct step *step)
{
	struct session *session = session_of(run, step);
	struct buffer data = { 0 };
	bool good = session && session_begin_mail(run, session, step) &&
	    (!step->count || run_content(run, step, 0, &data)) &&
	    send_data(run, session, SMFIC_BODYEOB, (struct str){ buffer_text(&data), data.length });

	buffer_free(&data);
	return good;
}

const struct performer event_performers[] = {
	[EVENT_NEGOTIATE] = { event_negotiate, SMFIC_OPTNEG },
	[EVENT_CONNECT] = { event_connect, SMFIC_CONNECT },
	[EVENT_HELO] = { event_texts, SMFIC_HELO },
	[EVENT_MAIL] = { event_texts, SMFIC_MAIL },
	[EVENT_RCPT] = { event_texts, SMFIC_RCPT },
	[EVENT_DATA] = { event_texts, SMFIC_DATA },
	[EVENT_HEADER] = { event_header, SMFIC_HEADER },
	[EVENT_EOH] = { event_texts, SMFIC_EOH },
	[EVENT_BODY] = { event_body, SMFIC_BODY },
	[EVENT_EOM] = { event_eom, SMFIC_BODYEOB },
	[EVENT_MESSAGE] = { event_message, 0 },
	[EVENT_UNKNOWN] = { event_texts, SMFIC_UNKNOWN },
	[EVENT_ABORT] = { event_bare, SMFIC_ABORT },
	[EVENT_QUIT] = { event_bare, SMFIC_QUIT },
	[EVENT_QUIT_NC] = { event_bare, SMFIC_QUIT_NC },
	[EVENT_MACROS] = { event_macros, SMFIC_MACRO },
	[EVENT_DEFINE] = { event_define, 0 },
	[EVENT_FRAME] = { event_frame, 0 },
	[EVENT_FALSE_FRAME] = { event_false_frame, 0 },
	[EVENT_RAW] = { event_raw, 0 },
	[EVENT_VANISH] = { event_vanish, 0 },
	[EVENT_RESET] = { event_reset, 0 },
	[EVENT_FINISH] = { event_finish, 0 },
};
