/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Content transfer encodings. Where readers of mail disagree about what is not valid, this decoder
 * does what most do, it passes over it and goes on: a filter then sees at least what they show, and
 * the defect says that others may see something else.
 */
#include <string.h>

#include "filterd/message/mime_decode.h"
#include "filterd/message/mime_parts.h"

/* Of each byte its value, or one of these. */
enum { DIGIT_BLANK = 64, DIGIT_PADDING, DIGIT_LINE, DIGIT_INVALID };

static unsigned char digits[256];

static void __attribute__((constructor))
fill_digits(void)
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t i;

	memset(digits, DIGIT_INVALID, sizeof(digits));
	for (i = 0; i < 64; i++)
		digits[(unsigned char)alphabet[i]] = (unsigned char)i;
	digits[' '] = digits['\t'] = digits['\r'] = DIGIT_BLANK;
	digits['='] = DIGIT_PADDING;
	digits['\n'] = DIGIT_LINE;
}

static void
note(struct mime_decoder *decoder, enum mime_defect defect)
{
	decoder->defects |= MIME_DEFECT_BIT(defect);
}

static void
pass(struct mime_decoder *decoder, size_t count)
{
	decoder->rest.data += count;
	decoder->rest.length -= count;
}

/* ---- base64, RFC 2045 section 6.8 ---- */

/* Padding ends a quantum that has two or three digits. What follows begins anew. */
static void
take_padding(struct mime_decoder *decoder)
{
	decoder->started = true;
	if (decoder->digits == 2 || decoder->digits == 3)
		decoder->ended = decoder->digits == 2;	/* another "=" is due */
	else if (decoder->ended && decoder->digits == 0)
		decoder->ended = false;
	else
		note(decoder, MIME_BASE64_PADDING);
	decoder->padded = true;
	decoder->digits = decoder->held = 0;
}

static bool
at_blank_line(const struct mime_decoder *decoder)
{
	struct str rest = decoder->rest;
	size_t i;

	for (i = 1; i < rest.length && (rest.data[i] == '\r' || rest.data[i] == '\n'); i++) {
		if (rest.data[i] == '\n')
			return true;
	}
	return false;
}

/* One byte; whether it made an octet. */
static bool
take_base64(struct mime_decoder *decoder, char *octet_r)
{
	unsigned char digit = digits[(unsigned char)decoder->rest.data[0]];

	if (digit >= 64) {
		if (digit == DIGIT_PADDING)
			take_padding(decoder);
		else if (digit == DIGIT_INVALID)
			note(decoder, MIME_BASE64_INVALID);
		else if (digit == DIGIT_LINE && decoder->started && at_blank_line(decoder))
			decoder->blank = true;
		return false;
	}
	if (decoder->padded || decoder->ended)
		note(decoder, MIME_BASE64_PADDING);
	if (decoder->blank)
		note(decoder, MIME_BASE64_INVALID);
	decoder->padded = decoder->ended = decoder->blank = false;
	decoder->started = true;
	decoder->bits = decoder->bits << 6 | digit;
	decoder->digits = (decoder->digits + 1) % 4;
	decoder->held += 6;
	if (decoder->held < 8)
		return false;
	decoder->held -= 8;
	*octet_r = (char)(decoder->bits >> decoder->held & 0xff);
	return true;
}

/* Whole quanta without anything between them, as nearly all are. */
static size_t
take_quanta(struct mime_decoder *decoder, char *to, size_t room)
{
	const unsigned char *from = (const unsigned char *)decoder->rest.data;
	size_t left = decoder->rest.length, made = 0;

	while (left >= 4 && room - made >= 3) {
		unsigned a = digits[from[0]], b = digits[from[1]], c = digits[from[2]],
		    d = digits[from[3]];

		if ((a | b | c | d) >= 64)
			break;
		to[made] = (char)(a << 2 | b >> 4);
		to[made + 1] = (char)(b << 4 | c >> 2);
		to[made + 2] = (char)(c << 6 | d);
		made += 3;
		from += 4;
		left -= 4;
	}
	pass(decoder, decoder->rest.length - left);
	return made;
}

static size_t
next_base64(struct mime_decoder *decoder, char *to, size_t room)
{
	size_t made = 0;
	bool clean;

	while (decoder->rest.length && made < room) {
		clean = !decoder->digits && !decoder->padded && !decoder->blank;
		if (clean && decoder->started)
			made += take_quanta(decoder, to + made, room - made);
		if (!decoder->rest.length || made == room)
			break;
		made += take_base64(decoder, to + made);
		pass(decoder, 1);
	}
	if (!decoder->rest.length && (decoder->digits || decoder->ended))
		note(decoder, MIME_BASE64_PADDING);
	return made;
}

/* ---- quoted-printable, RFC 2045 section 6.7 ---- */

/* Length of blanks and the line end behind them, from an offset; 0: something else is there. At the
 * end of the content there need be no line end. */
static size_t
blank_to_line_end(struct str rest, size_t at)
{
	size_t i = at;

	while (i < rest.length && (rest.data[i] == ' ' || rest.data[i] == '\t'))
		i++;
	if (i == rest.length)
		return i - at + 1;
	if (rest.data[i] == '\r' && i + 1 < rest.length && rest.data[i + 1] == '\n')
		return i + 2 - at;
	return rest.data[i] == '\n' ? i + 1 - at : 0;
}

/* What begins with "=": an octet, a soft line end, or neither, which stays as it is. */
static size_t
take_escape(struct mime_decoder *decoder, char *to)
{
	struct str rest = decoder->rest;
	int high = rest.length > 2 ? str_hex(rest.data[1]) : -1;
	int low = high >= 0 ? str_hex(rest.data[2]) : -1;
	size_t soft;

	if (low >= 0) {
		*to = (char)(high << 4 | low);
		pass(decoder, 3);
		return 1;
	}
	soft = blank_to_line_end(rest, 1);
	if (soft) {
		pass(decoder, soft + 1 < rest.length ? soft + 1 : rest.length);
		return 0;
	}
	note(decoder, MIME_QP_INVALID);
	*to = '=';
	pass(decoder, 1);
	return 1;
}

/* Blanks at the end of a line were added on the way, rule 3. Those that stay are counted once, for
 * a run of them may be long. */
static size_t
take_blanks(struct mime_decoder *decoder, char *to)
{
	struct str rest = decoder->rest;
	size_t run = 0;

	if (!decoder->blanks) {
		while (run < rest.length && (rest.data[run] == ' ' || rest.data[run] == '\t'))
			run++;
		if (blank_to_line_end(rest, run)) {
			pass(decoder, run);
			return 0;
		}
		decoder->blanks = run;
	}
	decoder->blanks--;
	*to = rest.data[0];
	pass(decoder, 1);
	return 1;
}

static size_t
next_quoted_printable(struct mime_decoder *decoder, char *to, size_t room)
{
	size_t made = 0;

	while (decoder->rest.length && made < room) {
		char c = decoder->rest.data[0];

		if (c == '=') {
			made += take_escape(decoder, to + made);
		} else if (c == ' ' || c == '\t') {
			made += take_blanks(decoder, to + made);
		} else {
			to[made++] = c;
			pass(decoder, 1);
		}
	}
	return made;
}

/* ---- uuencode, POSIX.1-2017 uuencode, historical algorithm ---- */

static struct str
take_line(struct mime_decoder *decoder)
{
	const char *end = memchr(decoder->rest.data, '\n', decoder->rest.length);
	size_t length = end ? (size_t)(end - decoder->rest.data) : decoder->rest.length;
	struct str line = { decoder->rest.data, length };

	pass(decoder, end ? length + 1 : length);
	if (line.length && line.data[line.length - 1] == '\r')
		line.length--;
	return line;
}

/* Six bits; blanks at the end of a line may have been lost on the way, and stand for zero. */
static unsigned
six_bits(struct mime_decoder *decoder, struct str line, size_t at)
{
	if (at >= line.length)
		return 0;
	if (line.data[at] < ' ' || line.data[at] > '`')
		note(decoder, MIME_UUENCODE_INVALID);
	return ((unsigned char)line.data[at] - 32u) & 63;
}

static size_t
decode_line(struct mime_decoder *decoder, struct str line, char *to)
{
	size_t length = six_bits(decoder, line, 0), made = 0, at = 1;

	while (made < length) {
		unsigned bits = 0, i;

		for (i = 0; i < 4; i++)
			bits = bits << 6 | six_bits(decoder, line, at++);
		for (i = 0; i < 3 && made < length; i++)
			to[made++] = (char)(bits >> (16 - 8 * i) & 0xff);
	}
	return made;
}

static size_t
next_uuencode(struct mime_decoder *decoder, char *to, size_t room)
{
	size_t made = 0;

	while (decoder->rest.length && room - made >= 64) {
		struct str line = take_line(decoder);

		if (!decoder->started || decoder->ended) {
			decoder->started |= line.length > 6 && memcmp(line.data, "begin ", 6) == 0;
			continue;
		}
		if (str_equal(str_trim(line), STR("end")))
			decoder->ended = true;
		else if (line.length)
			made += decode_line(decoder, line, to + made);
	}
	if (!decoder->rest.length && !decoder->ended)
		note(decoder, MIME_UUENCODE_INVALID);
	return made;
}

/* ---- all ---- */

void
mime_decoder_begin(struct mime_decoder *decoder, const struct mime_view *view,
    const struct mime_part *part)
{
	*decoder = (struct mime_decoder){ .encoding = part->encoding, .view = view,
		.from = part->body.begin };
	decoder->rest = mime_bytes(view, part->body);
}

size_t
mime_decoder_next(struct mime_decoder *decoder, char *buffer, const char **window_r)
{
	size_t made = 0;

	*window_r = buffer;
	if (decoder->encoding == MIME_IDENTITY || decoder->encoding == MIME_UNKNOWN_ENCODING) {
		*window_r = decoder->rest.data;
		made = decoder->rest.length;
		pass(decoder, made);
		return made;
	}
	while (!made && decoder->rest.length)
		made = decoder->encoding == MIME_BASE64 ?
		    next_base64(decoder, buffer, MIME_WINDOW) :
		    decoder->encoding == MIME_QUOTED_PRINTABLE ?
		    next_quoted_printable(decoder, buffer, MIME_WINDOW) :
		    next_uuencode(decoder, buffer, MIME_WINDOW);
	mime_passed(decoder->view, &decoder->from,
	    (size_t)(decoder->rest.data - decoder->view->bytes.data));
	return made;
}
