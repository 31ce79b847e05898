/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames of the milter protocol: encoding and decoding. */
#include <string.h>

#include "tests/driver/wire.h"

/* What stands behind the command byte of a reply. */
struct layout {
	char command;
	bool index;			/* four bytes before the texts */
	bool raw;			/* the data is one text without a NUL */
	unsigned char least, most;	/* texts */
};

static const struct layout layouts[] = {
	{ SMFIR_ADDRCPT,	false,	false,	1, 1 },
	{ SMFIR_ADDRCPT_PAR,	false,	false,	1, 2 },
	{ SMFIR_DELRCPT,	false,	false,	1, 1 },
	{ SMFIR_CHGFROM,	false,	false,	1, 2 },
	{ SMFIR_ADDHEADER,	false,	false,	2, 2 },
	{ SMFIR_INSHEADER,	true,	false,	2, 2 },
	{ SMFIR_CHGHEADER,	true,	false,	2, 2 },
	{ SMFIR_REPLBODY,	false,	true,	1, 1 },
	{ SMFIR_QUARANTINE,	false,	false,	1, 1 },
	{ SMFIR_REPLYCODE,	false,	false,	1, 1 },
	{ SMFIR_ACCEPT,		false,	false,	0, 0 },
	{ SMFIR_CONTINUE,	false,	false,	0, 0 },
	{ SMFIR_DISCARD,	false,	false,	0, 0 },
	{ SMFIR_REJECT,		false,	false,	0, 0 },
	{ SMFIR_TEMPFAIL,	false,	false,	0, 0 },
	{ SMFIR_SKIP,		false,	false,	0, 0 },
	{ SMFIR_PROGRESS,	false,	false,	0, 0 },
	{ SMFIR_SHUTDOWN,	false,	false,	0, 0 },
	{ SMFIR_CONN_FAIL,	false,	false,	0, 0 },
};

static const struct layout *
find_layout(char command)
{
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
		if (layouts[i].command == command)
			return &layouts[i];
	return NULL;
}

static void
store_u32(char *bytes, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		bytes[i] = (char)(value >> (24 - 8 * i));
}

static uint32_t
load_u32(const char *bytes)
{
	uint32_t value = 0;

	for (int i = 0; i < 4; i++)
		value = value << 8 | (unsigned char)bytes[i];
	return value;
}

static void
add_u32(struct buffer *out, uint32_t value)
{
	char bytes[4];

	store_u32(bytes, value);
	buffer_add(out, bytes, sizeof(bytes));
}

static void
add_text(struct buffer *out, struct str text)
{
	buffer_add_str(out, text);
	buffer_add_char(out, '\0');
}

/* Where the frame begins, for frame_end(). */
static size_t
frame_begin(struct buffer *out, char command)
{
	size_t start = out->length;

	add_u32(out, 0);
	buffer_add_char(out, command);
	return start;
}

static void
frame_end(struct buffer *out, size_t start)
{
	store_u32(out->data + start, (uint32_t)(out->length - start - WIRE_HEAD));
}

void
wire_add_frame(struct buffer *out, char command, struct str data)
{
	size_t start = frame_begin(out, command);

	buffer_add_str(out, data);
	frame_end(out, start);
}

void
wire_add_texts(struct buffer *out, char command, const struct str *texts, size_t count)
{
	size_t start = frame_begin(out, command);

	for (size_t i = 0; i < count; i++)
		add_text(out, texts[i]);
	frame_end(out, start);
}

void
wire_add_options(struct buffer *out, const struct wire_options *options)
{
	size_t start = frame_begin(out, SMFIC_OPTNEG);

	add_u32(out, options->version);
	add_u32(out, options->actions);
	add_u32(out, options->steps);
	for (uint32_t stage = 0; stage < WIRE_STAGES; stage++) {
		if (!options->macros[stage].data)
			continue;
		add_u32(out, stage);
		add_text(out, options->macros[stage]);
	}
	frame_end(out, start);
}

void
wire_add_client(struct buffer *out, const struct wire_client *client)
{
	size_t start = frame_begin(out, SMFIC_CONNECT);

	add_text(out, client->name);
	buffer_add_char(out, client->family);
	if (client->family != SMFIA_UNKNOWN) {
		buffer_add_char(out, (char)(client->port >> 8));
		buffer_add_char(out, (char)client->port);
		add_text(out, client->address);
	}
	frame_end(out, start);
}

void
wire_add_macros(struct buffer *out, char command, const struct str *words, size_t count)
{
	size_t start = frame_begin(out, SMFIC_MACRO);

	buffer_add_char(out, command);
	for (size_t i = 0; i < count; i++)
		add_text(out, words[i]);
	frame_end(out, start);
}

void
wire_add_reply(struct buffer *out, const struct wire_reply *reply)
{
	const struct layout *layout = find_layout(reply->command);
	size_t start = frame_begin(out, reply->command);

	if (layout && layout->index)
		add_u32(out, reply->index);
	for (size_t i = 0; i < reply->count; i++) {
		buffer_add_str(out, reply->texts[i]);
		if (!layout || !layout->raw)
			buffer_add_char(out, '\0');
	}
	frame_end(out, start);
}

enum wire_status
wire_take(struct str input, struct wire_frame *frame_r, size_t *taken_r)
{
	uint32_t length;

	if (input.length < WIRE_HEAD)
		return WIRE_MORE;
	length = load_u32(input.data);
	if (length == 0 || length > WIRE_LARGEST)
		return WIRE_BAD;
	if (input.length - WIRE_HEAD < length)
		return WIRE_MORE;
	frame_r->command = input.data[WIRE_HEAD];
	frame_r->data = (struct str){ input.data + WIRE_HEAD + 1, length - 1 };
	*taken_r = WIRE_HEAD + (size_t)length;
	return WIRE_FRAME;
}

static bool
take_u32(struct str *rest, uint32_t *value_r)
{
	if (rest->length < 4)
		return false;
	*value_r = load_u32(rest->data);
	rest->data += 4;
	rest->length -= 4;
	return true;
}

static bool
take_text(struct str *rest, struct str *text_r)
{
	const char *end = rest->length ? memchr(rest->data, '\0', rest->length) : NULL;

	if (!end)
		return false;
	*text_r = (struct str){ rest->data, (size_t)(end - rest->data) };
	rest->data = end + 1;
	rest->length -= text_r->length + 1;
	return true;
}

bool
wire_read_options(const struct wire_frame *frame, struct wire_options *options_r)
{
	struct str rest = frame->data;

	*options_r = (struct wire_options){ 0 };
	if (frame->command != SMFIC_OPTNEG || !take_u32(&rest, &options_r->version) ||
	    !take_u32(&rest, &options_r->actions) || !take_u32(&rest, &options_r->steps))
		return false;
	while (rest.length) {
		struct str names;
		uint32_t stage;

		if (!take_u32(&rest, &stage) || stage >= WIRE_STAGES || !take_text(&rest, &names))
			return false;
		options_r->macros[stage] = names;
	}
	return true;
}

bool
wire_read_reply(const struct wire_frame *frame, struct wire_reply *reply_r)
{
	const struct layout *layout = find_layout(frame->command);
	struct str rest = frame->data;

	*reply_r = (struct wire_reply){ .command = frame->command };
	if (!layout || (layout->index && !take_u32(&rest, &reply_r->index)))
		return false;
	if (layout->raw) {
		reply_r->texts[reply_r->count++] = rest;
		return true;
	}
	while (rest.length) {
		if (reply_r->count == layout->most ||
		    !take_text(&rest, &reply_r->texts[reply_r->count]))
			return false;
		reply_r->count++;
	}
	return reply_r->count >= layout->least;
}
