/* SPDX-License-Identifier: BSD-2-Clause */
/* SMTP replies: checks of code and enhanced code, and the text cut into lines. */
#include <assert.h>
#include <string.h>

#include "filterd/chain/reply.h"
#include "filterd/util/buffer.h"
#include "filterd/util/utf8.h"

struct reply_default {
	char class;
	int code;
	const char *enhanced;
	const char *text;
};

static const struct reply_default defaults[] = {
	[OUTCOME_REJECT] = { '5', 550, "5.7.1", "Refused by local policy" },
	[OUTCOME_TEMPFAIL] = { '4', 451, "4.7.1", "Try again later" },
};

/* class "." subject "." detail: one digit, then up to three each. */
static bool
enhanced_valid(const char *text, char class)
{
	int part;

	if (text[0] != class || text[1] != '.')
		return false;
	text += 2;
	for (part = 0; part < 2; part++) {
		size_t digits = strspn(text, "0123456789");

		if (digits < 1 || digits > 3 || text[digits] != (part ? '\0' : '.'))
			return false;
		text += digits + 1;
	}
	return true;
}

/* The character that text begins with, as it is sent: itself, a blank for a tab, or "?". Returns
 * the bytes it takes. */
static size_t
clean(struct str text, bool utf8, struct str *sent_r)
{
	unsigned char c = (unsigned char)text.data[0];
	uint32_t point;
	size_t size;

	if (c < 0x80) {
		*sent_r = (struct str){ text.data, 1 };
		if (c < ' ' || c == 0x7f)
			*sent_r = c == '\t' ? STR(" ") : STR("?");
		return 1;
	}
	size = utf8_next(text, &point);
	if (utf8 && size && point >= 0xa0)	/* U+0080 to U+009F are control characters */
		*sent_r = (struct str){ text.data, size };
	else
		*sent_r = STR("?");
	return size ? size : 1;
}

/* One line, cut at a whole character. */
static const char *
make_line(struct arena *arena, struct str text, bool utf8)
{
	char line[REPLY_LINE_BYTES];
	size_t length = 0;

	while (text.length) {
		struct str sent;
		size_t size = clean(text, utf8, &sent);

		if (length + sent.length > sizeof(line))
			break;
		memcpy(line + length, sent.data, sent.length);
		length += sent.length;
		text.data += size;
		text.length -= size;
	}
	return arena_copy(arena, line, length);
}

static void
make_lines(struct arena *arena, struct reply *reply, const char *text, bool utf8)
{
	size_t end = strlen(text);

	while (end && (text[end - 1] == '\n' || text[end - 1] == '\r'))
		end--;
	while (end && reply->line_count < REPLY_LINES) {
		const char *feed = memchr(text, '\n', end);
		size_t length = feed ? (size_t)(feed - text) : end;
		size_t skip = feed ? length + 1 : length;

		if (feed && length && text[length - 1] == '\r')
			length--;
		reply->lines[reply->line_count++] = make_line(
		    arena, (struct str){ text, length }, utf8);
		text += skip;
		end -= skip;
	}
}

const struct reply *
reply_make(struct arena *arena, enum outcome outcome, const struct reply_request *request,
    bool utf8, const char **mistake_r)
{
	const struct reply_default *standard = &defaults[outcome];
	struct reply *reply = arena_alloc(arena, sizeof(*reply));

	assert(outcome == OUTCOME_REJECT || outcome == OUTCOME_TEMPFAIL);
	*mistake_r = NULL;
	reply->code = request->code ? request->code : standard->code;
	if (reply->code / 100 != standard->class - '0') {
		*mistake_r = "the reply code does not fit the verdict";
		reply->code = standard->code;
	}
	reply->enhanced = standard->enhanced;
	if (request->enhanced && enhanced_valid(request->enhanced, standard->class))
		reply->enhanced = arena_strdup(arena, request->enhanced);
	else if (request->enhanced && !*mistake_r)
		*mistake_r = "the enhanced status code is not one, or does not fit the verdict";
	make_lines(arena, reply, request->text ? request->text : "", utf8);
	if (!reply->line_count)
		reply->lines[reply->line_count++] = standard->text;
	return reply;
}

const char *
reply_text(struct arena *arena, const struct reply *reply)
{
	struct buffer text = { 0 };
	const char *copy;
	size_t i;

	buffer_printf(&text, "%d %s", reply->code, reply->enhanced);
	for (i = 0; i < reply->line_count; i++) {
		buffer_add_char(&text, i ? '\n' : ' ');
		buffer_add_text(&text, reply->lines[i]);
	}
	copy = arena_copy(arena, buffer_text(&text), text.length);
	buffer_free(&text);
	return copy;
}
