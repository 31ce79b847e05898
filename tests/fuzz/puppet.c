/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A plugin whose strings the input pulls: in whatever text an event brings, the letters behind the
 * filter's marker say what to do then and there, with the text itself for name, value, address and
 * reply. Where an event brings no text, the last one that had a marker speaks again. It has every
 * callback, and watches what the host promises of states, ends and clean-ups.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/plugins/tally.h"

#define STATE_MAGIC	0x50555050u
#define TEXT_MAXIMUM	2000	/* bytes kept of an event's text */
#define ACTS_MAXIMUM	8	/* a marker may have */

struct options {
	const char *marker;
	bool late;
};

static const struct mf_option option_table[] = {
	MF_OPTION(struct options, marker, "!", "the character before the letters for this filter"),
	MF_OPTION(struct options, late, "no", "take part at the end of the message only"),
	MF_OPTION_END
};

struct watch {
	unsigned magic;		/* 0 before the first call */
	bool ended;
};

struct session_state {
	struct watch watch;
	char text[TEXT_MAXIMUM + 1];	/* the last one with a marker */
};

struct message_state {
	struct watch watch;
};

/* ---- what it watches ---- */

static void
check(bool holds)
{
	if (!holds)
		tally()->wrong++;
}

static void
begin(struct watch *watch, atomic_uint *count)
{
	check(!watch->ended && (watch->magic == STATE_MAGIC || watch->magic == 0));
	if (!watch->magic)
		(*count)++;
	watch->magic = STATE_MAGIC;
}

static void
end(struct watch *watch, atomic_uint *count)
{
	check(watch->magic == STATE_MAGIC && !watch->ended);
	watch->ended = true;
	(*count)++;
}

static void
watch(struct mf_context *c)
{
	struct session_state *session = c->session;
	struct message_state *message = c->message;

	check(message || c->stage < MF_STAGE_MAIL || c->stage == MF_STAGE_UNKNOWN);
	begin(&session->watch, &tally()->sessions);
	if (message)
		begin(&message->watch, &tally()->messages);
}

/* ---- what it does ---- */

static void
add_header(struct mf_context *c, const char *text)
{
	mf_header_add(c, "X-Puppet", text);
}

static void
add_header_named(struct mf_context *c, const char *text)
{
	mf_header_add(c, text, " 1");
}

static void
insert_header(struct mf_context *c, const char *text)
{
	mf_header_insert(c, strlen(text) % 8, "Received", text);
}

static void
set_subject(struct mf_context *c, const char *text)
{
	mf_header_set(c, "Subject", 0, text);
}

static void
delete_subject(struct mf_context *c, const char *text)
{
	mf_header_delete(c, "Subject", strlen(text) % 2);
}

static void
move_first(struct mf_context *c, const char *text)
{
	struct mf_header first;

	(void)text;
	if (mf_header_at(c, 0, &first) && mf_header_add(c, first.name, first.value))
		mf_header_delete(c, first.name, 0);
}

static void
replace_body(struct mf_context *c, const char *text)
{
	mf_body_replace(c, text, strlen(text));
}

static void
append_body(struct mf_context *c, const char *text)
{
	mf_body_append(c, text, strlen(text));
}

static void
set_sender(struct mf_context *c, const char *text)
{
	mf_sender_set(c, text, NULL);
}

static void
set_sender_arguments(struct mf_context *c, const char *text)
{
	mf_sender_set(c, "a@example.org", text);
}

static void
add_recipient(struct mf_context *c, const char *text)
{
	mf_recipient_add(c, text, NULL);
}

static void
delete_recipient(struct mf_context *c, const char *text)
{
	const struct mf_address *first = mf_recipient(c, 0);

	mf_recipient_delete(c, first ? first->text : text);
}

static void
delete_recipients(struct mf_context *c, const char *text)
{
	(void)text;
	mf_recipient_delete(c, NULL);
}

static void
quarantine(struct mf_context *c, const char *text)
{
	mf_quarantine(c, text);
}

static void
add_results(struct mf_context *c, const char *text)
{
	mf_symbol_add(c, text, (double)strlen(text));
	mf_result_property(c, mf_result_add(c, "puppet", "pass", text), "header.d", text);
	check(mf_result_count(c, "puppet") > 0);
}

static void
add_result_named(struct mf_context *c, const char *text)
{
	mf_result_property(c, mf_result_add(c, text, text, NULL), text, "");
}

static void
match_rule(struct mf_context *c, const char *text)
{
	mf_matched(c, text, "puppet:1");
}

static void
take_memory(struct mf_context *c, const char *text)
{
	mf_cleanup(c, free, strdup(text));
	memset(mf_alloc(c, 20000), 1, 20000);
	memset(mf_session_alloc(c, 500), 1, 500);
}

/* Reads all that can be read. */
static void
look(struct mf_context *c, const char *text)
{
	const struct mf_address *sender = mf_sender(c);
	struct mf_header field;
	size_t i, bytes = strlen(text), size;
	const char *body = mf_body(c, &size);

	for (i = 0; mf_header_at(c, i, &field); i++)
		bytes += strlen(field.name) + strlen(field.value) + strlen(mf_decoded(c, &field));
	for (i = 0; i < mf_recipient_count(c); i++)
		bytes += strlen(mf_recipient(c, i)->local) + strlen(mf_recipient(c, i)->domain);
	bytes += strlen(mf_encoded(c, text)) + (size ? (unsigned char)body[size - 1] : 0u);
	mf_log(c, MF_LOG_NOTICE, "%zu bytes from %s of %s with %s and %s", bytes,
	    sender ? sender->text : "-", mf_client(c)->name, mf_helo(c) ? mf_helo(c) : "-",
	    mf_macro(c, "i") ? mf_macro(c, "i") : "-");
}

static const struct {
	char letter;
	void (*run)(struct mf_context *c, const char *text);
} acts[] = {
	{ 'a', add_header }, { 'n', add_header_named }, { 'i', insert_header },
	{ 's', set_subject }, { 'd', delete_subject }, { 'v', move_first },
	{ 'b', replace_body }, { 'p', append_body }, { 'f', set_sender },
	{ 'g', set_sender_arguments }, { 'r', add_recipient }, { 'x', delete_recipient },
	{ 'X', delete_recipients }, { 'q', quarantine }, { 'y', add_results },
	{ 'z', add_result_named }, { 'w', match_rule }, { 'm', take_memory }, { 'l', look },
};

/* Whether the letter is a verdict. */
static bool
rule(struct mf_context *c, char letter, const char *text, enum mf_verdict *verdict_r)
{
	switch (letter) {
	case 'R':
		*verdict_r = mf_reject(c, 554, "5.7.0", "%s", text);
		return true;
	case 'T':
		*verdict_r = mf_tempfail(c, 421, text, "%s", text);
		return true;
	case 'E':
		*verdict_r = mf_error(c, "%s", text);
		return true;
	case 'N':
		*verdict_r = MF_DONE;
		return true;
	case 'A':
		*verdict_r = MF_ACCEPT;
		return true;
	case 'D':
		*verdict_r = MF_DISCARD;
		return true;
	case 'J':
		*verdict_r = MF_REJECT;
		return true;
	case 'V':
		*verdict_r = (enum mf_verdict)text[0];
		return true;
	}
	return false;
}

static enum mf_verdict
pull(struct mf_context *c, const char *letters, const char *text)
{
	enum mf_verdict verdict = MF_CONTINUE;
	size_t i, j;

	for (i = 0; i < ACTS_MAXIMUM && letters[i]; i++) {
		for (j = 0; j < sizeof(acts) / sizeof(acts[0]); j++)
			if (acts[j].letter == letters[i])
				acts[j].run(c, text);
		if (rule(c, letters[i], text, &verdict))
			break;
	}
	return verdict;
}

static enum mf_verdict
play(struct mf_context *c, const char *bytes, size_t size)
{
	const struct options *o = c->options;
	struct session_state *session = c->session;
	char text[TEXT_MAXIMUM + 1];
	size_t length = size < TEXT_MAXIMUM ? size : TEXT_MAXIMUM;
	const char *found;

	watch(c);
	strcpy(text, session->text);
	if (bytes) {
		memcpy(text, bytes, length);
		text[length] = '\0';
	}
	found = strchr(text, o->marker[0]);
	if (!found)
		return MF_CONTINUE;
	strcpy(session->text, text);
	return pull(c, found + 1, text);
}

/* ---- callbacks ---- */

static bool
start(struct mf_context *c)
{
	const struct options *o = c->options;

	if (o->late)
		mf_only_stages(c, MF_AT(MF_STAGE_MESSAGE));
	return true;
}

static enum mf_verdict
at_connect(struct mf_context *c, const struct mf_client *client)
{
	check(client == mf_client(c) && strlen(client->address) > 0);
	return play(c, client->name, strlen(client->name));
}

static enum mf_verdict
at_text(struct mf_context *c, const char *text)
{
	return play(c, text, strlen(text));
}

static enum mf_verdict
at_address(struct mf_context *c, const struct mf_address *address)
{
	size_t i;

	for (i = 0; address->arguments[i]; i++)
		check(strlen(address->arguments[i]) < 70000);
	check(strlen(address->text) >= strlen(address->local) + strlen(address->domain));
	return play(c, address->text, strlen(address->text));
}

static enum mf_verdict
at_nothing(struct mf_context *c)
{
	return play(c, NULL, 0);
}

static enum mf_verdict
at_header(struct mf_context *c, const struct mf_header *field)
{
	check(strlen(field->name) == field->name_length);
	check(strlen(field->value) == field->value_length);
	check(field->index + 1 == mf_header_count(c, NULL));
	return play(c, field->value, field->value_length);
}

static enum mf_verdict
at_body(struct mf_context *c, const void *bytes, size_t size)
{
	return play(c, bytes ? bytes : "", size);
}

static void
end_message(struct mf_context *c)
{
	struct message_state *message = c->message;

	end(&message->watch, &tally()->message_ends);
	check(!mf_header_add(c, "X-Late", " never"));
	look(c, "the end");
}

static void
end_session(struct mf_context *c)
{
	struct session_state *session = c->session;

	check(c->message == NULL);
	end(&session->watch, &tally()->session_ends);
}

MF_PLUGIN(
	.name = "puppet",
	.version = "1.0",
	.summary = "Does what the input says",
	.options = option_table,
	.options_size = sizeof(struct options),
	.session_size = sizeof(struct session_state),
	.message_size = sizeof(struct message_state),
	.start = start,
	.connect = at_connect,
	.helo = at_text,
	.mail = at_address,
	.rcpt = at_address,
	.data = at_nothing,
	.header = at_header,
	.eoh = at_nothing,
	.body = at_body,
	.unknown = at_text,
	.message = at_nothing,
	.message_end = end_message,
	.session_end = end_session,
);
