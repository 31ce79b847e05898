/* SPDX-License-Identifier: BSD-2-Clause */
/* Words, escapes and placeholders of scenario lines. */
#include <string.h>

#include "filterd/scenario/words.h"

bool
places_set(struct places *places, const char *name, const char *value)
{
	size_t i = 0;

	while (i < places->count && strcmp(places->items[i].name, name) != 0)
		i++;
	if (i == sizeof(places->items) / sizeof(places->items[0]))
		return false;
	places->items[i] = (struct place){ name, value };
	if (i == places->count)
		places->count++;
	return true;
}

/* The text behind its first bytes. */
static struct str
rest_of(struct str text, size_t bytes)
{
	return (struct str){ text.data + bytes, text.length - bytes };
}

/* The place that text begins with, "${name}"; NULL when none does. */
static const struct place *
place_at(const struct places *places, struct str text)
{
	for (size_t i = 0; i < places->count; i++) {
		size_t length = strlen(places->items[i].name);

		if (text.length >= length + 3 && memcmp(text.data, "${", 2) == 0 &&
		    memcmp(text.data + 2, places->items[i].name, length) == 0 &&
		    text.data[length + 2] == '}')
			return &places->items[i];
	}
	return NULL;
}

/* Appends what stands at text, a place or one byte; how many bytes of text that was. */
static size_t
fill_one(const struct places *places, struct buffer *out, struct str text)
{
	const struct place *place = place_at(places, text);

	if (!place) {
		buffer_add_char(out, text.data[0]);
		return 1;
	}
	buffer_add_text(out, place->value);
	return strlen(place->name) + 3;
}

static struct str
keep(struct arena *arena, struct buffer *text)
{
	struct str kept = { arena_copy(arena, buffer_text(text), text->length), text->length };

	buffer_free(text);
	return kept;
}

struct str
places_fill(const struct places *places, struct arena *arena, struct str text)
{
	struct buffer out = { 0 };

	for (size_t i = 0; i < text.length;)
		i += fill_one(places, &out, rest_of(text, i));
	return keep(arena, &out);
}

/* Appends the escape at text, which begins behind its backslash; how many bytes it was, 0 when
 * it is none. */
static size_t
unescape(struct buffer *out, struct str text)
{
	static const char letters[] = "nrt0\\\"$", bytes[] = "\n\r\t\0\\\"$";
	const char *letter = NULL;

	if (text.length)
		letter = memchr(letters, text.data[0], sizeof(letters) - 1);
	if (letter) {
		buffer_add_char(out, bytes[letter - letters]);
		return 1;
	}
	if (text.length < 3 || text.data[0] != 'x' || str_hex(text.data[1]) < 0 ||
	    str_hex(text.data[2]) < 0)
		return 0;
	buffer_add_char(out, (char)(str_hex(text.data[1]) << 4 | str_hex(text.data[2])));
	return 3;
}

/* Reads the quoted word at line, which begins behind its quote; how many bytes it was with the
 * closing quote, 0 when it is wrong. */
static size_t
take_quoted(const struct places *places, struct buffer *out, struct str line, const char **error_r)
{
	size_t i = 0;

	while (i < line.length && line.data[i] != '"') {
		struct str rest = rest_of(line, i);
		size_t used = 0;

		if (rest.data[0] != '\\')
			used = fill_one(places, out, rest);
		else if ((used = unescape(out, rest_of(rest, 1))) != 0)
			used++;
		if (!used) {
			*error_r = "unknown escape: there are "
			    "\\n \\r \\t \\0 \\\\ \\\" \\$ and \\xHH";
			return 0;
		}
		i += used;
	}
	if (i == line.length) {
		*error_r = "a quoted word does not end on its line";
		return 0;
	}
	if (i + 1 < line.length && line.data[i + 1] != ' ' && line.data[i + 1] != '\t') {
		*error_r = "no blank behind a quoted word";
		return 0;
	}
	return i + 1;
}

static size_t
take_bare(const struct places *places, struct buffer *out, struct str line)
{
	size_t i = 0;

	while (i < line.length && line.data[i] != ' ' && line.data[i] != '\t')
		i += fill_one(places, out, rest_of(line, i));
	return i;
}

bool
words_split(const struct places *places, struct arena *arena, struct str line, struct word *words_r,
    size_t *count_r, const char **error_r)
{
	struct str rest = str_trim(line);

	*count_r = 0;
	while (rest.length) {
		struct buffer text = { 0 };
		bool quoted = rest.data[0] == '"';
		size_t used;

		if (*count_r == WORDS_MOST) {
			*error_r = "too many words";
			return false;
		}
		if (quoted)
			used = take_quoted(places, &text, rest_of(rest, 1), error_r);
		else
			used = take_bare(places, &text, rest);
		words_r[*count_r] = (struct word){ keep(arena, &text), quoted };
		if (!used)
			return false;
		++*count_r;
		used += quoted;
		rest = str_trim(rest_of(rest, used));
	}
	return true;
}

void
words_quote(struct buffer *out, struct str bytes, size_t most)
{
	static const char letters[] = "nrt0\\\"", escaped[] = "\n\r\t\0\\\"";
	size_t length = most && bytes.length > most ? most : bytes.length;

	buffer_add_char(out, '"');
	for (size_t i = 0; i < length; i++) {
		const char *special = memchr(escaped, bytes.data[i], sizeof(escaped) - 1);

		if (special)
			buffer_printf(out, "\\%c", letters[special - escaped]);
		else if (bytes.data[i] == '$' && i + 1 < length && bytes.data[i + 1] == '{')
			buffer_add_text(out, "\\$");
		else if (bytes.data[i] < ' ' || bytes.data[i] > '~')
			buffer_printf(out, "\\x%02x", (unsigned char)bytes.data[i]);
		else
			buffer_add_char(out, bytes.data[i]);
	}
	buffer_add_char(out, '"');
	if (length < bytes.length)
		buffer_printf(out, "… (%zu bytes)", bytes.length);
}
