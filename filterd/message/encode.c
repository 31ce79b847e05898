/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text to the value of an unstructured header field. Words are looked at one by one: printable
 * ASCII goes as it is, runs of other words become encoded words, in B or Q, whichever is shorter.
 */
#include <stdbool.h>

#include "filterd/message/clean.h"
#include "filterd/message/encode.h"
#include "filterd/util/buffer.h"

#define LINE_MAXIMUM	77	/* columns; RFC 5322 section 2.1.1 asks for 78 without CRLF */
#define WORD_PREFIX	"=?UTF-8?"
#define WORD_PAYLOAD	63	/* 75 (RFC 2047 section 2) less "=?UTF-8?Q?" and "?=" */

struct writer {
	struct buffer text;
	size_t column;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void
put(struct writer *writer, const char *bytes, size_t length)
{
	buffer_add(&writer->text, bytes, length);
	writer->column += length;
}

/* The blanks before a word, with a fold in front of them when the word would pass the line. */
static void
put_blanks(struct writer *writer, struct str blanks, size_t word_length)
{
	bool line_begun = writer->column > 1 && writer->text.length > 0;

	if (line_begun && blanks.length &&
	    writer->column + blanks.length + word_length > LINE_MAXIMUM) {
		buffer_add_char(&writer->text, '\n');
		writer->column = 0;
	}
	put(writer, blanks.data, blanks.length);
}

static bool
q_plain(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    c == '-' ||
	    c == '!' || c == '*' || c == '+' || c == '/';
}

static size_t
q_length(struct str text)
{
	size_t i, length = 0;

	for (i = 0; i < text.length; i++)
		length += q_plain((unsigned char)text.data[i]) || text.data[i] == ' ' ? 1 : 3;
	return length;
}

/* Bytes of the UTF-8 character that begins here; the text is valid UTF-8. */
static size_t
character_length(struct str text)
{
	size_t length = 1;

	while (length < text.length && ((unsigned char)text.data[length] & 0xc0) == 0x80)
		length++;
	return length;
}

/* The longest beginning of the text, whole characters only, whose encoding fits into one encoded
 * word. */
static struct str
word_piece(struct str text, bool q)
{
	struct str piece = { text.data, 0 };

	while (piece.length < text.length) {
		struct str rest = { text.data + piece.length, text.length - piece.length };
		struct str longer = { text.data, piece.length + character_length(rest) };
		size_t encoded = q ? q_length(longer) : (longer.length + 2) / 3 * 4;

		if (encoded > WORD_PAYLOAD && piece.length)
			break;
		piece = longer;
	}
	return piece;
}

static void
add_q(struct buffer *to, struct str text)
{
	size_t i;

	for (i = 0; i < text.length; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c == ' ')
			buffer_add_char(to, '_');
		else if (q_plain(c))
			buffer_add_char(to, (char)c);
		else
			buffer_printf(to, "=%02X", c);
	}
}

static void
add_b(struct buffer *to, struct str text)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t i;

	for (i = 0; i < text.length; i += 3) {
		size_t left = text.length - i;
		unsigned a = (unsigned char)text.data[i];
		unsigned b = left > 1 ? (unsigned char)text.data[i + 1] : 0;
		unsigned c = left > 2 ? (unsigned char)text.data[i + 2] : 0;

		buffer_add_char(to, digits[a >> 2]);
		buffer_add_char(to, digits[(a & 3) << 4 | b >> 4]);
		buffer_add_char(to, left > 1 ? digits[(b & 15) << 2 | c >> 6] : '=');
		buffer_add_char(to, left > 2 ? digits[c & 63] : '=');
	}
}

/* A run of words as encoded words, `blanks` in front of the first. */
static void
put_encoded(struct writer *writer, struct str blanks, struct str run)
{
	bool q = q_length(run) <= (run.length + 2) / 3 * 4;

	while (run.length) {
		struct str piece = word_piece(run, q);
		struct buffer word = { 0 };

		buffer_add_text(&word, q ? WORD_PREFIX "Q?" : WORD_PREFIX "B?");
		(q ? add_q : add_b)(&word, piece);
		buffer_add_text(&word, "?=");
		put_blanks(writer, blanks, word.length);
		put(writer, word.data, word.length);
		buffer_free(&word);
		run.data += piece.length;
		run.length -= piece.length;
		blanks = STR(" ");
	}
}

static struct str
take_while(struct str *rest, bool blanks)
{
	struct str taken = { rest->data, 0 };

	while (taken.length < rest->length && is_blank(rest->data[taken.length]) == blanks)
		taken.length++;
	rest->data += taken.length;
	rest->length -= taken.length;
	return taken;
}

static bool
needs_encoding(struct str word)
{
	size_t i;

	for (i = 0; i < word.length; i++)
		if ((unsigned char)word.data[i] >= 0x80)
			return true;
	return str_has_prefix_nocase(word, STR("=?"));
}

/* Takes the words that follow and need encoding too, with the blanks between, into the run. */
static void
extend_run(struct str *run, struct str *rest)
{
	for (;;) {
		struct str ahead = *rest;
		struct str word;

		take_while(&ahead, true);
		word = take_while(&ahead, false);
		if (!word.length || !needs_encoding(word))
			return;
		run->length = (size_t)(word.data + word.length - run->data);
		*rest = ahead;
	}
}

struct str
header_encode(struct arena *arena, struct str text, size_t name_length)
{
	struct writer writer = { .column = name_length + 1 };
	struct str blanks = STR(" ");
	struct buffer cleaned = { 0 };
	struct str rest, result;

	clean_add(&cleaned, text);
	rest = str_trim((struct str){ buffer_text(&cleaned), cleaned.length });
	while (rest.length) {
		struct str word = take_while(&rest, false);

		if (needs_encoding(word)) {
			extend_run(&word, &rest);
			put_encoded(&writer, blanks, word);
		} else {
			put_blanks(&writer, blanks, word.length);
			put(&writer, word.data, word.length);
		}
		blanks = take_while(&rest, true);
	}
	if (!writer.text.length)
		put(&writer, " ", 1);
	result = arena_str(arena, (struct str){ buffer_text(&writer.text), writer.text.length });
	buffer_free(&writer.text);
	buffer_free(&cleaned);
	return result;
}
