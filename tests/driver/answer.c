/* SPDX-License-Identifier: BSD-2-Clause */
/* A milter's frames, printed as answer lines. */
#include <ctype.h>
#include <string.h>

#include "filterd/scenario/words.h"

#include "tests/driver/answer.h"
#include "tests/driver/offer.h"
#include "tests/driver/run.h"

#define REPLY_LINES	64	/* of a reply that is printed line by line */

bool
answer_ends(char command)
{
	return command == SMFIC_OPTNEG || strchr("acdfrsty4", command);
}

static void
print_options(struct buffer *out, const struct wire_options *options)
{
	buffer_printf(out, "negotiate version %u actions ", options->version);
	bits_print(out, bits_actions, options->actions);
	buffer_add_text(out, " steps ");
	bits_print(out, bits_steps, options->steps);
	for (int stage = 0; stage < WIRE_STAGES; stage++) {
		if (!options->macros[stage].data)
			continue;
		buffer_printf(out, " macros %s ", offer_stages[stage]);
		words_quote(out, options->macros[stage], 0);
	}
}

/* The bytes at the start of text that make an enhanced status code with a blank behind it; 0
 * when there is none. */
static size_t
enhanced_length(struct str text)
{
	size_t i = 0;
	int dots = 0;

	while (i < text.length && (isdigit((unsigned char)text.data[i]) || text.data[i] == '.'))
		dots += text.data[i++] == '.';
	return dots == 2 && i < text.length && text.data[i] == ' ' ? i : 0;
}

/* Divides a reply into the texts of its lines; 0 when it does not look like one. */
static size_t
split_reply(struct str text, size_t prefix, struct str *texts_r)
{
	size_t count = 0;

	while (count < REPLY_LINES && text.length >= prefix) {
		const char *end = memmem(text.data, text.length, "\r\n", 2);
		size_t length = end ? (size_t)(end - text.data) : text.length;

		if (length < prefix)
			return 0;
		texts_r[count++] = (struct str){ text.data + prefix, length - prefix };
		if (!end)
			return count;
		text.data += length + 2;
		text.length -= length + 2;
	}
	return 0;
}

/* A reply in its parts when these make it up again byte for byte, else as it is. */
static void
print_reply(struct buffer *out, struct str text)
{
	struct str code = { text.data, text.length < 4 ? 0 : 3 };
	struct str enhanced = { text.data + 4, 0 };
	struct str texts[REPLY_LINES] = { { 0 } };
	struct buffer again = { 0 };
	size_t count;

	if (code.length)
		enhanced.length = enhanced_length((struct str){ text.data + 4, text.length - 4 });
	count = split_reply(text, 4 + enhanced.length + (enhanced.length ? 1 : 0), texts);
	scenario_reply_text(&again, code, enhanced, texts, count);
	if (count && str_equal((struct str){ again.data, again.length }, text)) {
		buffer_printf(out, "reply %.3s %.*s", code.data,
		    enhanced.length ? (int)enhanced.length : 1,
		    enhanced.length ? enhanced.data : "-");
		for (size_t i = 0; i < count; i++) {
			buffer_add_char(out, ' ');
			words_quote(out, texts[i], 0);
		}
	} else {
		buffer_add_text(out, "reply-text ");
		words_quote(out, text, 0);
	}
	buffer_free(&again);
}

static const char *
verb_name(const struct wire_reply *reply)
{
	char command = reply->command == SMFIR_ADDRCPT_PAR ? SMFIR_ADDRCPT : reply->command;

	if (command == SMFIR_CHGHEADER && !reply->texts[1].length)
		return "delete-header";
	for (const struct verb *verb = verb_tables[SIDE_ANSWER]; verb->name; verb++)
		if (answer_performers[verb->id].command == command)
			return verb->name;
	return "unknown";
}

static void
print_texts(struct buffer *out, const struct wire_reply *reply, size_t most)
{
	bool deleted = reply->command == SMFIR_CHGHEADER && !reply->texts[1].length;

	buffer_add_text(out, verb_name(reply));
	if (reply->command == SMFIR_CHGHEADER || reply->command == SMFIR_INSHEADER)
		buffer_printf(out, " %u", reply->index);
	for (size_t i = 0; i < reply->count - deleted; i++) {
		buffer_add_char(out, ' ');
		words_quote(out, reply->texts[i], most);
	}
}

void
answer_print(struct buffer *out, const struct wire_frame *frame, size_t most)
{
	struct wire_options options;
	struct wire_reply reply;

	if (wire_read_options(frame, &options)) {
		print_options(out, &options);
	} else if (!wire_read_reply(frame, &reply)) {
		buffer_add_text(out, "malformed frame ");
		words_quote(out, (struct str){ &frame->command, 1 }, 0);
		buffer_add_char(out, ' ');
		words_quote(out, frame->data, most);
	} else if (reply.command == SMFIR_REPLYCODE) {
		print_reply(out, reply.texts[0]);
	} else {
		print_texts(out, &reply, most);
	}
}
