/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Macros of SPF, RFC 7208 section 7. A text is read piece by piece, a piece being a macro or a run
 * of literal characters; checks and expansion share that reader. Time and memory are bounded by
 * the text's length times that of the longest value.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>

#include "plugins/spf/macro.h"

#define WORK_SIZE	1024	/* bytes of an expansion that are kept … */
#define WORK_KEPT	512	/* … and left when it grows over that: more than a name can have */
#define PARTS_MAXIMUM	1000	/* "%{d1001}" takes as many parts as that */

struct piece {
	struct spf_text literal;	/* the whole piece when letter is 0 */
	struct spf_text delimiters;
	unsigned digits;		/* right-hand parts to take; 0: not said */
	char letter;			/* in lower case; 0: a literal */
	bool upper;			/* to be URL-escaped */
	bool reverse;
};

/* ---- reading ---- */

/* transformers = *DIGIT [ "r" ]; a number must not be zero (section 7.3). */
static bool
read_transformers(struct spf_text *rest, struct piece *piece)
{
	bool numbered = false;

	while (rest->length && spf_is_digit(*rest->data)) {
		numbered = true;
		if (piece->digits < PARTS_MAXIMUM)
			piece->digits = piece->digits * 10 + (unsigned)(*rest->data - '0');
		*rest = spf_text_behind(*rest, 1);
	}
	if (numbered && piece->digits == 0)
		return false;
	if (rest->length && (*rest->data == 'r' || *rest->data == 'R')) {
		piece->reverse = true;
		*rest = spf_text_behind(*rest, 1);
	}
	return true;
}

/* Behind "%{". */
static bool
read_braces(struct spf_text *rest, struct piece *piece)
{
	char letter = rest->length ? *rest->data : '\0';

	piece->upper = letter >= 'A' && letter <= 'Z';
	piece->letter = piece->upper ? (char)(letter - 'A' + 'a') : letter;
	if (!piece->letter || !strchr("slodiphcrtv", piece->letter))
		return false;
	*rest = spf_text_behind(*rest, 1);
	if (!read_transformers(rest, piece))
		return false;
	piece->delimiters.data = rest->data;
	while (rest->length && *rest->data && strchr(".-+,/_=", *rest->data))
		*rest = spf_text_behind(*rest, 1);
	piece->delimiters.length = (size_t)(rest->data - piece->delimiters.data);
	if (!rest->length || *rest->data != '}')
		return false;
	*rest = spf_text_behind(*rest, 1);
	return true;
}

/* "%%", "%_" and "%-", as the literals that they stand for. */
static bool
read_escape(char c, struct piece *piece)
{
	switch (c) {
	case '%':
		piece->literal = spf_text_of("%");
		return true;
	case '_':
		piece->literal = spf_text_of(" ");
		return true;
	case '-':
		piece->literal = spf_text_of("%20");
		return true;
	default:
		return false;
	}
}

/* Takes the next piece off the text, which is not empty. False: a syntax error. */
static bool
next_piece(struct spf_text *rest, struct piece *piece_r)
{
	const char *percent = memchr(rest->data, '%', rest->length);
	char c;

	*piece_r = (struct piece){ .letter = '\0' };
	if (percent != rest->data) {
		piece_r->literal.data = rest->data;
		piece_r->literal.length = percent ? (size_t)(percent - rest->data) : rest->length;
		*rest = spf_text_behind(*rest, piece_r->literal.length);
		return true;
	}
	if (rest->length < 2)
		return false;
	c = rest->data[1];
	*rest = spf_text_behind(*rest, 2);
	return c == '{' ? read_braces(rest, piece_r) : read_escape(c, piece_r);
}

/* ---- syntax ---- */

/* toplabel = ( *alphanum ALPHA *alphanum ) / ( 1*alphanum "-" *( alphanum / "-" ) alphanum ) */
static bool
is_top_label(struct spf_text label)
{
	bool numeric = true;
	size_t i;

	if (!label.length || !spf_is_alphanum(label.data[0]) ||
	    !spf_is_alphanum(label.data[label.length - 1]))
		return false;
	for (i = 0; i < label.length; i++) {
		if (!spf_is_alphanum(label.data[i]) && label.data[i] != '-')
			return false;
		if (!spf_is_digit(label.data[i]))
			numeric = false;
	}
	return !numeric;
}

/* The end of a domain-spec that is no macro: "." toplabel [ "." ] */
static bool
ends_in_top_label(struct spf_text literal)
{
	const char *dot;

	if (literal.length && literal.data[literal.length - 1] == '.')
		literal.length--;
	dot = literal.length ? memrchr(literal.data, '.', literal.length) : NULL;
	return dot &&
	    is_top_label(spf_text_behind(literal, (size_t)(dot + 1 - literal.data)));
}

/* macro-literal = %x21-24 / %x26-7E */
static bool
is_literal(struct spf_text text, bool blanks)
{
	size_t i;

	for (i = 0; i < text.length; i++)
		if ((text.data[i] < 0x21 || text.data[i] > 0x7e) &&
		    !(blanks && text.data[i] == ' '))
			return false;
	return true;
}

bool
spf_macros_valid(struct spf_text text, enum spf_syntax syntax)
{
	struct spf_text rest = text;
	struct piece piece = { .letter = '\0' };
	bool macro = false;

	if (!text.length)
		return syntax != SPF_DOMAIN_SPEC;
	while (rest.length) {
		macro = *rest.data == '%';
		if (!next_piece(&rest, &piece))
			return false;
		if (syntax == SPF_DOMAIN_SPEC && piece.letter && strchr("crt", piece.letter))
			return false;
		if (!macro && !is_literal(piece.literal, syntax == SPF_EXPLAIN_STRING))
			return false;
	}
	return syntax != SPF_DOMAIN_SPEC || macro || ends_in_top_label(piece.literal);
}

bool
spf_macros_use(struct spf_text text, const char *letters)
{
	struct piece piece;

	while (text.length) {
		if (!next_piece(&text, &piece))
			return false;
		if (piece.letter && strchr(letters, piece.letter))
			return true;
	}
	return false;
}

/* ---- expansion ---- */

struct writer {
	char *data;
	size_t size;
	size_t length;
	bool tail;	/* when full, what was written first makes room; else the rest is dropped */
};

static void
put(struct writer *w, char c)
{
	if (w->length + 1 >= w->size) {
		if (!w->tail)
			return;
		memmove(w->data, w->data + w->length - WORK_KEPT, WORK_KEPT);
		w->length = WORK_KEPT;
	}
	w->data[w->length++] = c;
}

/* URL escaping is for all that is not `unreserved`, RFC 3986 section 2.3. */
static void
put_value(struct writer *w, char c, bool escape)
{
	static const char digits[] = "0123456789ABCDEF";

	if (!escape || spf_is_alphanum(c) || (c && strchr("-._~", c))) {
		put(w, c);
		return;
	}
	put(w, '%');
	put(w, digits[(unsigned char)c >> 4]);
	put(w, digits[(unsigned char)c & 0xf]);
}

static bool
is_delimiter(const struct piece *piece, char c)
{
	if (!piece->delimiters.length)
		return c == '.';
	return memchr(piece->delimiters.data, c, piece->delimiters.length);
}

/* Without reversal the parts wanted are the last ones of the value. */
static void
put_right_hand(struct writer *w, const struct piece *piece, struct spf_text value)
{
	size_t start = value.length, i;
	unsigned parts = piece->digits;

	while (start > 0) {
		if (is_delimiter(piece, value.data[start - 1]) && piece->digits && --parts == 0)
			break;
		start--;
	}
	for (i = start; i < value.length; i++)
		put_value(w, is_delimiter(piece, value.data[i]) ? '.' : value.data[i],
		    piece->upper);
}

/* With reversal they are the first ones, the last of them in front. */
static void
put_reversed(struct writer *w, const struct piece *piece, struct spf_text value)
{
	size_t end = 0, start, i;
	unsigned parts = piece->digits;

	while (end < value.length) {
		if (is_delimiter(piece, value.data[end]) && piece->digits && --parts == 0)
			break;
		end++;
	}
	for (;;) {
		for (start = end; start > 0 && !is_delimiter(piece, value.data[start - 1]);)
			start--;
		for (i = start; i < end; i++)
			put_value(w, value.data[i], piece->upper);
		if (start == 0)
			return;
		put_value(w, '.', piece->upper);
		end = start - 1;
	}
}

/* The "i" macro: dotted quad, or the nibbles of an IPv6 address divided by dots (section 7.3). */
static void
format_dotted(const struct spf_values *values, char *text, size_t size)
{
	size_t i;

	if (values->version == 4) {
		inet_ntop(AF_INET, values->ip + 12, text, (socklen_t)size);
		return;
	}
	for (i = 0; i < sizeof(values->ip); i++)
		snprintf(text + i * 4, size - i * 4, "%x.%x.", values->ip[i] >> 4,
		    values->ip[i] & 0xf);
	text[sizeof(values->ip) * 4 - 1] = '\0';
}

static void
format_readable(const struct spf_values *values, char *text, size_t size)
{
	if (values->version == 4)
		inet_ntop(AF_INET, values->ip + 12, text, (socklen_t)size);
	else
		inet_ntop(AF_INET6, values->ip, text, (socklen_t)size);
}

/* The value of a letter. Computed ones use the buffer. */
static const char *
value_of(char letter, const struct spf_values *values, char *buffer, size_t size)
{
	switch (letter) {
	case 's':
		return values->sender;
	case 'l':
		return values->local;
	case 'o':
		return values->sender_domain;
	case 'd':
		return values->domain;
	case 'p':
		return values->validated;
	case 'h':
		return values->helo;
	case 'r':
		return values->receiver;
	case 'v':
		return values->version == 4 ? "in-addr" : "ip6";
	case 'i':
		format_dotted(values, buffer, size);
		return buffer;
	case 'c':
		format_readable(values, buffer, size);
		return buffer;
	default:
		snprintf(buffer, size, "%" PRId64, values->now);
		return buffer;
	}
}

static void
put_piece(struct writer *w, const struct piece *piece, const struct spf_values *values)
{
	char buffer[sizeof(values->ip) * 4 + 1];
	struct spf_text value = piece->literal;
	size_t i;

	if (piece->letter)
		value = spf_text_of(value_of(piece->letter, values, buffer, sizeof(buffer)));
	if (piece->letter && piece->reverse) {
		put_reversed(w, piece, value);
	} else if (piece->letter && (piece->digits || piece->delimiters.length)) {
		put_right_hand(w, piece, value);
	} else {
		for (i = 0; i < value.length; i++)
			put_value(w, value.data[i], piece->upper);
	}
}

static void
expand(struct writer *w, struct spf_text text, const struct spf_values *values)
{
	struct piece piece;

	while (text.length && (w->tail || w->length + 1 < w->size)) {
		if (!next_piece(&text, &piece))
			break;
		put_piece(w, &piece, values);
	}
	w->data[w->length] = '\0';
}

void
spf_expand_name(struct spf_text spec, const struct spf_values *values, char name_r[SPF_NAME_SIZE])
{
	char work[WORK_SIZE];
	struct writer w = { .data = work, .size = sizeof(work), .tail = true };
	const char *name = work;

	expand(&w, spec, values);
	if (w.length && work[w.length - 1] == '.')
		work[--w.length] = '\0';
	while (w.length - (size_t)(name - work) >= SPF_NAME_SIZE) {
		const char *dot = strchr(name, '.');

		name = dot ? dot + 1 : work + w.length;
	}
	memcpy(name_r, name, w.length - (size_t)(name - work) + 1);
}

void
spf_expand_explanation(struct spf_text text, const struct spf_values *values, char *text_r,
    size_t size)
{
	struct writer w = { .data = text_r, .size = size };

	expand(&w, text, values);
}
