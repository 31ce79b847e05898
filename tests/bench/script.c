/* SPDX-License-Identifier: BSD-2-Clause */
/* A session of one realistic message, encoded as bursts. */
#include <stdlib.h>
#include <string.h>

#include "tests/bench/script.h"

struct field {
	const char *name, *value;
};

/* About what a message from a list has; more fields than these repeat the last. */
static const struct field fields[] = {
	{ "Received", " from mail.example.net (mail.example.net [192.0.2.25])\n"
	    "\tby mx.example.org (Postfix) with ESMTPS id 4XYZ12345\n"
	    "\tfor <user@example.org>; Mon, 23 Nov 2026 10:00:00 +0000 (UTC)" },
	{ "Date", " Mon, 23 Nov 2026 10:00:00 +0000" },
	{ "From", " Alice Example <alice@example.net>" },
	{ "To", " Bob Example <user@example.org>" },
	{ "Subject", " Minutes of last week's meeting and the plan for the next one" },
	{ "Message-ID", " <20261123100000.12345@mail.example.net>" },
	{ "MIME-Version", " 1.0" },
	{ "Content-Type", " text/plain; charset=utf-8" },
	{ "Content-Transfer-Encoding", " 8bit" },
	{ "User-Agent", " Mailer/1.0" },
	{ "List-Id", " Discussion <discussion.lists.example.net>" },
	{ "X-Mailer-Trace", " a=1; b=2; c=3; d=0123456789abcdef0123456789abcdef" },
};

static const struct str macros[] = {
	STR("j"), STR("mx.example.org"), STR("{daemon_name}"), STR("mx.example.org"),
	STR("{daemon_addr}"), STR("192.0.2.1"), STR("v"), STR("Postfix 3.7.11"),
	STR("_"), STR("mail.example.net [192.0.2.25]"), STR("i"), STR("4XYZ12345"),
	STR("{mail_addr}"), STR("alice@example.net"), STR("{mail_host}"), STR("example.net"),
	STR("{mail_mailer}"), STR("smtp"), STR("{rcpt_addr}"), STR("user@example.org"),
	STR("{rcpt_host}"), STR("example.org"), STR("{rcpt_mailer}"), STR("local"),
	STR("{msg_id}"), STR("<20261123100000.12345@mail.example.net>")
};

struct builder {
	struct script *script;
	const struct mail *mail;
	const struct wire_options *answer;
	bool full;
};

/* The burst that is being filled; a new one when the last is complete. */
static struct burst *
current(struct builder *builder)
{
	struct script *script = builder->script;
	struct burst *last = script->count ? &script->bursts[script->count - 1] : NULL;

	if (last && !last->command)
		return last;
	if (script->count == SCRIPT_BURSTS) {
		builder->full = true;
		return last;
	}
	script->bursts[script->count] = (struct burst){ .start = script->bytes.length };
	return &script->bursts[script->count++];
}

/* Adds an event with its macros, where the milter wants it. */
static void
add_event(struct builder *builder, char command, const struct buffer *frame)
{
	struct buffer *bytes = &builder->script->bytes;
	struct burst *burst = current(builder);

	offer_add_macros(bytes, builder->mail->mta, builder->answer, command, macros,
	    sizeof(macros) / sizeof(macros[0]) / 2);
	if (!offer_unwanted(builder->answer, command)) {
		buffer_add(bytes, frame->data, frame->length);
		if (!offer_silent(builder->answer, command))
			burst->command = command;
	}
	burst->length = bytes->length - burst->start;
}

static void
add_texts(struct builder *builder, char command, const struct str *texts, size_t count)
{
	struct buffer frame = { 0 };

	wire_add_texts(&frame, command, texts, count);
	add_event(builder, command, &frame);
	buffer_free(&frame);
}

/* The next frame follows an SMTP command, for which the MTA waits: what there is goes out. */
static void
think(struct builder *builder)
{
	struct script *script = builder->script;

	if (script->count && !script->bursts[script->count - 1].command) {
		if (script->count == SCRIPT_BURSTS) {
			builder->full = true;
			return;
		}
		script->bursts[script->count] = (struct burst){ .start = script->bytes.length };
		script->count++;
	}
	current(builder)->thinks = true;
}

static void
add_connect(struct builder *builder)
{
	const struct wire_client client = { STR("mail.example.net"), SMFIA_INET, 40000,
	    STR("192.0.2.25") };
	struct buffer frame = { 0 };

	wire_add_client(&frame, &client);
	add_event(builder, SMFIC_CONNECT, &frame);
	buffer_free(&frame);
}

/* A value with its leading blank. */
static void
add_header(struct builder *builder, struct str name, struct str value)
{
	size_t left = builder->answer->steps & SMFIP_HDR_LEADSPC ? 0 : 1;
	const struct str texts[] = { name, { value.data + left, value.length - left } };

	add_texts(builder, SMFIC_HEADER, texts, 2);
}

static void
add_headers(struct builder *builder)
{
	const size_t last = sizeof(fields) / sizeof(fields[0]) - 1;

	for (size_t i = 0; i < builder->mail->headers; i++) {
		const struct field *field = &fields[i < last ? i : last];

		add_header(builder, str_of(field->name), str_of(field->value));
	}
}

/* A field of a message, its folds with LF alone as in the protocol. */
static void
add_raw_header(struct builder *builder, struct str field)
{
	const char *colon = memchr(field.data, ':', field.length);
	struct buffer value = { 0 };

	if (!colon)
		return;
	for (const char *at = colon + 1; at < field.data + field.length; at++)
		if (*at != '\r')
			buffer_add(&value, at, 1);
	add_header(builder, (struct str){ field.data, (size_t)(colon - field.data) },
	    (struct str){ value.data, value.length });
	buffer_free(&value);
}

/* The fields of the message; what is left is its body. */
static struct str
add_raw_headers(struct builder *builder)
{
	struct str rest = builder->mail->message;

	while (rest.length > 2 && memcmp(rest.data, "\r\n", 2) != 0) {
		const char *end = rest.data;
		size_t length;

		do {
			end = memmem(end, (size_t)(rest.data + rest.length - end), "\r\n", 2);
			end = end ? end + 2 : rest.data + rest.length;
		} while (end < rest.data + rest.length && (*end == ' ' || *end == '\t'));
		length = (size_t)(end - rest.data);
		add_raw_header(builder, (struct str){ rest.data, length < 2 ? 0 : length - 2 });
		rest = (struct str){ end, rest.length - length };
	}
	return rest.length < 2 ? rest : (struct str){ rest.data + 2, rest.length - 2 };
}

/* In chunks as MTAs send them. */
static void
add_body(struct builder *builder, struct str body)
{
	for (size_t at = 0; at < body.length; at += WIRE_CHUNK) {
		size_t rest = body.length - at;
		struct buffer frame = { 0 };

		wire_add_frame(&frame, SMFIC_BODY,
		    (struct str){ body.data + at, rest < WIRE_CHUNK ? rest : WIRE_CHUNK });
		add_event(builder, SMFIC_BODY, &frame);
		buffer_free(&frame);
	}
}

/* The message that is made up: lines of words. */
static void
add_made_message(struct builder *builder)
{
	struct buffer body = { 0 };

	add_headers(builder);
	add_texts(builder, SMFIC_EOH, NULL, 0);
	for (size_t line = 0; body.length < builder->mail->body; line++)
		buffer_printf(&body, "%zu. Lorem ipsum dolor sit amet, consectetur\r\n", line);
	add_body(builder, (struct str){ body.data, builder->mail->body });
	buffer_free(&body);
}

static void
add_message(struct builder *builder)
{
	struct str body;

	if (!builder->mail->message.length) {
		add_made_message(builder);
		return;
	}
	body = add_raw_headers(builder);
	add_texts(builder, SMFIC_EOH, NULL, 0);
	add_body(builder, body);
}

bool
script_build(struct script *script_r, const struct mail *mail, const struct wire_options *answer)
{
	const struct str helo[] = { STR("mail.example.net") };
	const struct str sender[] = { STR("<alice@example.net>"), STR("SIZE=3000"),
	    STR("BODY=8BITMIME") };
	const struct str recipient[] = { STR("<user@example.org>") };
	struct builder builder = { script_r, mail, answer, false };

	*script_r = (struct script){ .count = 0 };
	add_connect(&builder);
	think(&builder);
	add_texts(&builder, SMFIC_HELO, helo, 1);
	think(&builder);
	script_r->mail = script_r->count - 1;
	add_texts(&builder, SMFIC_MAIL, sender, 3);
	think(&builder);
	add_texts(&builder, SMFIC_RCPT, recipient, 1);
	think(&builder);
	add_texts(&builder, SMFIC_DATA, NULL, 0);
	think(&builder);
	add_message(&builder);
	add_texts(&builder, SMFIC_BODYEOB, NULL, 0);
	return !builder.full;
}

void
script_free(struct script *script)
{
	buffer_free(&script->bytes);
	script->count = 0;
}
