/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines of a body, and what bytes they hold: every byte of a message passes here, so eight are
 * looked at at a time. */
#include <string.h>

#include "filterd/message/clean.h"
#include "filterd/message/mime_parts.h"
#include "filterd/util/buffer.h"

#define EACH(byte)	(0x0101010101010101ull * (byte))

/* Not zero when one of the eight bytes is zero; exact as long as none is above 0x7f. */
static uint64_t
has_zero(uint64_t word)
{
	return (word - EACH(1)) & ~word & EACH(0x80);
}

static unsigned
flags_of(unsigned char c)
{
	return c >= 0x80 ? MIME_LINE_8BIT : c == '\0' ? MIME_LINE_NUL :
	    c == '\r' ? MIME_LINE_CR : 0;
}

static unsigned
flags_one_by_one(const char *bytes, size_t size)
{
	unsigned flags = 0;
	size_t i;

	for (i = 0; i < size; i++)
		flags |= flags_of((unsigned char)bytes[i]);
	return flags;
}

unsigned
mime_line_flags(const char *bytes, size_t size)
{
	unsigned flags = 0;
	size_t i;

	for (i = 0; i + 8 <= size; i += 8) {
		uint64_t word;

		memcpy(&word, bytes + i, 8);
		if ((word & EACH(0x80)) | has_zero(word) | has_zero(word ^ EACH('\r')))
			flags |= flags_one_by_one(bytes + i, 8);
	}
	return flags | flags_one_by_one(bytes + i, size - i);
}

struct mime_line
mime_line_at(struct str bytes, size_t begin)
{
	const char *from = bytes.data + begin;
	const char *end = memchr(from, '\n', bytes.length - begin);
	struct mime_line line = { .begin = begin, .end = bytes.length, .next = bytes.length };

	if (!end)
		return line;
	line.end = (size_t)(end - bytes.data);
	line.next = line.end + 1;
	line.bare = line.end == begin || bytes.data[line.end - 1] != '\r';
	if (!line.bare)
		line.end--;
	return line;
}

bool
mime_is_blank(struct str text)
{
	return str_trim(text).length == 0;
}

struct str
mime_lower(struct arena *arena, struct str text)
{
	char *copy = arena_copy(arena, text.data, text.length);
	size_t i;

	for (i = 0; i < text.length; i++)
		copy[i] = str_lower(copy[i]);
	return (struct str){ copy, text.length };
}

struct str
mime_clean(struct arena *arena, struct str text)
{
	struct buffer clean = { 0 };
	struct str result;

	clean_add(&clean, str_trim(text));
	result = arena_str(arena, (struct str){ buffer_text(&clean), clean.length });
	buffer_free(&clean);
	return result;
}
