/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Header values as a reader sees them (RFC 2047, RFC 2231 section 5, RFC 5322 section 2.2.3).
 *
 * Stricter senders gain nothing from it, but mail is full of words that break the rules, and
 * what people see is what filters must see. So encoded words are also found glued to other
 * text, longer than 75 bytes, in quoted strings, with blanks or folds in them (a fold is
 * removed, blanks stay), with base64 that is not padded. Adjacent words of one character set
 * are decoded to bytes first and converted together, for some senders cut characters in two.
 */
#include <string.h>

#include "filterd/message/charset.h"
#include "filterd/message/clean.h"
#include "filterd/message/decode.h"
#include "filterd/util/buffer.h"

#define LANGUAGE_MAXIMUM	40	/* bytes */
#define GROWTH_MAXIMUM		4	/* times the value; more is cut off */

struct decoder {
	struct buffer text;		/* decoded so far */
	struct buffer bytes;		/* of the encoded words that are not converted yet */
	struct str charset;		/* theirs */
	size_t limit;			/* of text */
};

struct word {
	struct str charset;
	char encoding;			/* 'q' or 'b' */
	struct str payload;
	size_t length;			/* of the whole */
};

static struct str
after(struct str text, size_t offset)
{
	return (struct str){ text.data + offset, text.length - offset };
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Length of the beginning of the text that holds none of the bytes in `stop`, at most `maximum`. */
static size_t
span_without(struct str text, const char *stop, size_t maximum)
{
	size_t i;

	for (i = 0; i < text.length && i < maximum; i++) {
		if (is_space(text.data[i]) || (text.data[i] && strchr(stop, text.data[i])))
			break;
	}
	return i;
}

/* Takes "=?charset*language?X?payload?=" off the front of the text, which has a "?=" somewhere. */
static bool
parse_word(struct str text, struct word *word_r)
{
	struct str rest = after(text, 2);
	const char *end;
	size_t length = span_without(rest, "?*", CHARSET_NAME_MAXIMUM + 1);

	word_r->charset = (struct str){ rest.data, length };
	rest = after(rest, length);
	if (rest.length && rest.data[0] == '*')
		rest = after(rest, span_without(rest, "?", LANGUAGE_MAXIMUM));
	if (rest.length < 3 || rest.data[0] != '?' || rest.data[2] != '?')
		return false;
	word_r->encoding = str_lower(rest.data[1]);
	if (word_r->encoding != 'q' && word_r->encoding != 'b')
		return false;
	rest = after(rest, 3);
	end = memmem(rest.data, rest.length, "?=", 2);
	if (!end)
		return false;
	word_r->payload = (struct str){ rest.data, (size_t)(end - rest.data) };
	word_r->length = (size_t)(end + 2 - text.data);
	return true;
}

/* Length of a fold, the blanks behind the line end included; 0 when there is none here. */
static size_t
fold_length(struct str text)
{
	size_t i = 0;

	while (i < text.length && (text.data[i] == '\r' || text.data[i] == '\n'))
		i++;
	if (i == 0)
		return 0;
	while (i < text.length && is_space(text.data[i]))
		i++;
	return i;
}

/* RFC 2047 section 4.2. */
static void
decode_q(struct buffer *bytes, struct str payload)
{
	while (payload.length) {
		char c = payload.data[0];
		size_t fold = fold_length(payload);
		int high = -1, low = -1;

		if (fold) {
			payload = after(payload, fold);
			continue;
		}
		if (c == '=' && payload.length > 2) {
			high = str_hex(payload.data[1]);
			low = str_hex(payload.data[2]);
		}
		if (high >= 0 && low >= 0) {
			buffer_add_char(bytes, (char)(high << 4 | low));
			payload = after(payload, 3);
		} else {
			buffer_add_char(bytes, c == '_' ? ' ' : c);
			payload = after(payload, 1);
		}
	}
}

static int
base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* RFC 2045 section 6.8. Bytes outside the alphabet are passed over; padding begins anew. */
static void
decode_b(struct buffer *bytes, struct str payload)
{
	unsigned bits = 0, count = 0;
	size_t i;

	for (i = 0; i < payload.length; i++) {
		int digit = base64_digit(payload.data[i]);

		if (payload.data[i] == '=')
			bits = count = 0;
		if (digit < 0)
			continue;
		bits = (bits << 6 | (unsigned)digit) & 0xffff;
		count += 6;
		if (count >= 8) {
			count -= 8;
			buffer_add_char(bytes, (char)(bits >> count & 0xff));
		}
	}
}

/* Converts the words that have been gathered. An unknown character set is shown as UTF-8 as far
 * as it is that. */
static void
convert_words(struct decoder *decoder)
{
	struct str bytes = { buffer_text(&decoder->bytes), decoder->bytes.length };

	if (!charset_add(&decoder->text, decoder->charset, bytes))
		clean_add(&decoder->text, bytes);
	decoder->bytes.length = 0;
}

static void
add_word(struct decoder *decoder, const struct word *word)
{
	if (!str_equal_nocase(decoder->charset, word->charset))
		convert_words(decoder);
	decoder->charset = word->charset;
	(word->encoding == 'q' ? decode_q : decode_b)(&decoder->bytes, word->payload);
}

/* Adds text as it stands, unfolded: of a fold its blanks remain. */
static void
add_plain(struct decoder *decoder, struct str text)
{
	size_t i, begin = 0;

	convert_words(decoder);
	for (i = 0; i < text.length; i++) {
		bool fold = text.data[i] == '\n' && i + 1 < text.length &&
		    (text.data[i + 1] == ' ' || text.data[i + 1] == '\t');

		if (fold) {
			size_t end = i > begin && text.data[i - 1] == '\r' ? i - 1 : i;

			clean_add(&decoder->text,
			    (struct str){ text.data + begin, end - begin });
			begin = i + 1;
		}
	}
	clean_add(&decoder->text, after(text, begin));
}

static bool
all_space(struct str text)
{
	return str_trim(text).length == 0;
}

/* The text up to the last "?=", behind which no encoded word can end; so looking for the end of one
 * never fails, and all looking together costs no more than the text is long. */
static struct str
up_to_last_end(struct str value)
{
	size_t length = value.length;

	while (length >= 2 && memcmp(value.data + length - 2, "?=", 2) != 0)
		length--;
	return (struct str){ value.data, length >= 2 ? length : 0 };
}

static void
decode(struct decoder *decoder, struct str value)
{
	struct str words = up_to_last_end(value);
	size_t at = 0, plain = 0;
	bool behind_word = false;

	while (decoder->text.length < decoder->limit) {
		const char *begin = memmem(words.data + at, words.length - at, "=?", 2);
		struct str between;
		struct word word;

		if (!begin)
			break;
		at = (size_t)(begin - words.data);
		if (!parse_word(after(words, at), &word)) {
			at += 2;
			continue;
		}
		between = (struct str){ words.data + plain, at - plain };
		if (!behind_word || !all_space(between))
			add_plain(decoder, between);
		add_word(decoder, &word);
		behind_word = true;
		at += word.length;
		plain = at;
	}
	add_plain(decoder, after(value, plain));
}

/* Whole characters only. */
static struct str
cut(struct str text, size_t maximum)
{
	if (text.length <= maximum)
		return text;
	text.length = maximum;
	while (text.length && ((unsigned char)text.data[text.length] & 0xc0) == 0x80)
		text.length--;
	return text;
}

/* Whether the value needs no decoding: printable ASCII, no "=?", no folds. */
static bool
is_plain(struct str value)
{
	size_t i;

	for (i = 0; i < value.length; i++) {
		unsigned char c = (unsigned char)value.data[i];

		if (c < ' ' || c > '~')
			return false;
		if (c == '=' && i + 1 < value.length && value.data[i + 1] == '?')
			return false;
	}
	return true;
}

struct str
header_decode(struct arena *arena, struct str value)
{
	struct decoder decoder = { .limit = GROWTH_MAXIMUM * value.length };
	struct str trimmed = str_trim(value);
	struct str text;

	if (!trimmed.length)
		return (struct str){ "", 0 };
	if (is_plain(trimmed)) {
		bool borrowed = trimmed.data + trimmed.length == value.data + value.length;

		return borrowed ? trimmed : arena_str(arena, trimmed);
	}
	decode(&decoder, trimmed);
	text = str_trim((struct str){ buffer_text(&decoder.text), decoder.text.length });
	text = arena_str(arena, cut(text, decoder.limit));
	buffer_free(&decoder.text);
	buffer_free(&decoder.bytes);
	return text;
}
