/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Address lists of header fields (RFC 5322 section 3.4, obsolete forms of section 4.4). One
 * pass over the bytes, no recursion.
 *
 * The words of a mailbox are gathered in a run: words, dots and one "@" that belong together
 * whatever blanks and comments stand between them. A word that follows another with neither dot
 * nor "@" between begins a new run, so of a display name only its last word is ever in the run.
 * What stands in angle brackets wins over what stands outside. A quote, comment or domain
 * literal that nothing closes is read as if its opening byte were not there.
 */
#include <string.h>

#include "filterd/message/address.h"

#define COMMENT_DEPTH		50

typedef bool address_visitor(void *argument, struct str address, struct str local,
    struct str domain);

enum last { LAST_NONE, LAST_WORD, LAST_DOT, LAST_AT };

struct scanner {
	struct str text;
	size_t at;
	struct arena *arena;
	char *run;		/* as long as the text: room for any run */
	size_t length;		/* of the run */
	size_t local;		/* bytes before its "@"; meaningful with has_at */
	enum last last;
	bool has_at;
	bool broken_comment, broken_quote, broken_literal;	/* nothing closes the next one */
	bool angle;		/* between < and > */
	bool angle_found;	/* this mailbox had an address between them */
	size_t words;		/* of this mailbox; after a "<": between the brackets */
	char *bare;		/* the last run with an "@" outside angle brackets */
	size_t bare_length, bare_local;
	size_t found;
	address_visitor *visit;
	void *argument;
};

static void
run_clear(struct scanner *s)
{
	s->length = 0;
	s->last = LAST_NONE;
	s->has_at = false;
}

/* Dots at the end of the domain, a sentence's or the root's, do not belong to it. */
static void
run_trim(struct scanner *s)
{
	while (s->has_at && s->length > s->local + 1 && s->run[s->length - 1] == '.')
		s->length--;
}

static bool
run_is_address(const struct scanner *s)
{
	return s->has_at && s->local > 0 && s->length > s->local + 1;
}

/* Outside angle brackets a run that is an address is kept until the mailbox ends. */
static void
run_end(struct scanner *s)
{
	run_trim(s);
	if (!s->angle && run_is_address(s)) {
		memcpy(s->bare, s->run, s->length);
		s->bare_length = s->length;
		s->bare_local = s->local;
	}
	run_clear(s);
}

static bool
emit(struct scanner *s, const char *bytes, size_t length, size_t local, bool has_at)
{
	struct str address = { arena_copy(s->arena, bytes, length), length };
	struct str domain = { "", 0 };
	size_t i;

	if (has_at) {
		char *lower = arena_copy(s->arena, bytes + local + 1, length - local - 1);

		for (i = 0; i < length - local - 1; i++)
			lower[i] = str_lower(lower[i]);
		domain = (struct str){ lower, length - local - 1 };
	}
	s->found++;
	return s->visit(s->argument, address,
	    (struct str){ arena_copy(s->arena, bytes, local), local }, domain);
}

/* The run when it is an address; else what was kept from outside the brackets; else the only
 * word there is. */
static bool
emit_mailbox(struct scanner *s)
{
	run_trim(s);
	if (run_is_address(s))
		return emit(s, s->run, s->length, s->local, true);
	if (s->bare_length)
		return emit(s, s->bare, s->bare_length, s->bare_local, true);
	if (s->words == 1 && !s->has_at && s->last == LAST_WORD)
		return emit(s, s->run, s->length, s->length, false);
	return false;
}

static bool
mailbox_end(struct scanner *s)
{
	bool ended = !s->angle_found && emit_mailbox(s);

	s->angle = s->angle_found = false;
	s->bare_length = s->words = 0;
	run_clear(s);
	return ended;
}

static void
add_word(struct scanner *s, struct str word)
{
	if (s->last == LAST_WORD)
		run_end(s);
	s->words++;
	memcpy(s->run + s->length, word.data, word.length);
	s->length += word.length;
	s->last = LAST_WORD;
}

static void
add_dot(struct scanner *s)
{
	s->run[s->length++] = '.';
	s->last = LAST_DOT;
}

static void
add_at(struct scanner *s)
{
	if (s->has_at)
		run_end(s);
	s->local = s->length;
	s->run[s->length++] = '@';
	s->has_at = true;
	s->last = LAST_AT;
}

static bool
is_atom(char c)
{
	unsigned char byte = (unsigned char)c;

	return byte > ' ' && byte != 0x7f && !strchr("()<>[]:;@\\,.\"", c);
}

/* The place behind the comment that begins at `at`; 0 when nothing closes it or it nests too
 * deep. */
static size_t
comment_end(struct str text, size_t at)
{
	size_t depth = 0;

	for (; at < text.length; at++) {
		char c = text.data[at];

		if (c == '\\')
			at++;
		else if (c == '(' && ++depth > COMMENT_DEPTH)
			return 0;
		else if (c == ')' && --depth == 0)
			return at + 1;
	}
	return 0;
}

/* The place behind the quoted string or domain literal that begins at `at`; 0 when nothing
 * closes it. */
static size_t
quote_end(struct str text, size_t at, char close)
{
	for (at++; at < text.length; at++) {
		if (text.data[at] == '\\')
			at++;
		else if (text.data[at] == close)
			return at + 1;
	}
	return 0;
}

/* Takes the bytes up to `end` as one word without folds; line ends have no meaning inside it. */
static void
take_word(struct scanner *s, size_t end)
{
	char *word = arena_copy(s->arena, s->text.data + s->at, end - s->at);
	size_t i, length = 0;

	for (i = 0; i < end - s->at; i++) {
		if (word[i] != '\r' && word[i] != '\n')
			word[length++] = word[i];
	}
	add_word(s, (struct str){ word, length });
	s->at = end;
}

/* A quoted string is a word of a name or a local part, a domain literal follows an "@";
 * elsewhere they belong to nothing. */
static void
scan_enclosed(struct scanner *s, char close, bool *broken)
{
	size_t end = *broken ? 0 : quote_end(s->text, s->at, close);

	if (!end) {
		*broken = true;
		s->at++;
	} else if (close == ']' && s->last != LAST_AT) {
		run_end(s);
		s->at = end;
	} else {
		if (close == '"' && s->has_at)
			run_end(s);
		take_word(s, end);
	}
}

static void
scan_comment(struct scanner *s)
{
	size_t end = s->broken_comment ? 0 : comment_end(s->text, s->at);

	if (!end)
		s->broken_comment = true;
	s->at = end ? end : s->at + 1;
}

static void
scan_atom(struct scanner *s)
{
	size_t end = s->at;

	while (end < s->text.length && is_atom(s->text.data[end]))
		end++;
	add_word(s, (struct str){ s->text.data + s->at, end - s->at });
	s->at = end;
}

/* Between < and > a comma or colon may end a piece of a source route ("@a,@b:c@d"), which is
 * dropped. */
static bool
scan_separator(struct scanner *s, char c)
{
	bool route = s->angle && s->has_at && s->local == 0;

	if (c == ':' || (c == ',' && route)) {
		run_clear(s);
		if (s->angle)
			s->words++;
		else
			s->bare_length = s->words = 0;	/* it was the name of a group */
		return false;
	}
	return mailbox_end(s);
}

static bool
angle_end(struct scanner *s)
{
	size_t before = s->found;
	bool ended;

	if (!s->angle) {
		run_end(s);
		return false;
	}
	ended = s->length && emit_mailbox(s);
	if (s->found > before)
		s->angle_found = true;
	s->angle = false;
	s->words = 0;
	run_clear(s);
	return ended;
}

static bool
scan_special(struct scanner *s, char c)
{
	s->at++;
	switch (c) {
	case '.':
		add_dot(s);
		return false;
	case '@':
		add_at(s);
		return false;
	case '<':
		run_end(s);
		s->angle = true;
		s->words = 0;
		return false;
	case '>':
		return angle_end(s);
	case ',':
	case ';':
	case ':':
		return scan_separator(s, c);
	default:
		return false;	/* blanks, line ends, controls, stray brackets, backslashes */
	}
}

static bool
scan_next(struct scanner *s)
{
	char c = s->text.data[s->at];

	if (is_atom(c))
		scan_atom(s);
	else if (c == '(')
		scan_comment(s);
	else if (c == '"')
		scan_enclosed(s, '"', &s->broken_quote);
	else if (c == '[')
		scan_enclosed(s, ']', &s->broken_literal);
	else
		return scan_special(s, c);
	return false;
}

bool
address_list_each(struct str field_value, struct arena *arena,
    bool (*visit)(void *argument, struct str address, struct str local, struct str domain),
    void *argument)
{
	struct scanner s = {
		.text = field_value, .arena = arena, .visit = visit, .argument = argument
	};

	if (field_value.length == 0)
		return false;
	s.run = arena_alloc(arena, field_value.length);
	s.bare = arena_alloc(arena, field_value.length);
	while (s.at < s.text.length && s.found < ADDRESS_LIST_MAXIMUM) {
		if (scan_next(&s))
			return true;
	}
	return s.found < ADDRESS_LIST_MAXIMUM && mailbox_end(&s);
}
