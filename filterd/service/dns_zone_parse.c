/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads zone files, RFC 1035 section 5.1: words, quoted strings, comments, parentheses that join
 * lines; $ORIGIN and $TTL (RFC 2308 section 4); and lines of ours that begin with "!". An entry
 * that is wrong is left out, and reading goes on behind it.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filterd/service/dns_zone_parts.h"
#include "filterd/util/memory.h"

#define WORDS_MAXIMUM	1024	/* of an entry */
#define DEFAULT_TTL	3600u
#define TTL_MAXIMUM	INT32_MAX	/* RFC 2181 section 8 */

struct reading {
	struct dns_zone *zone;
	dns_zone_mistake *mistake;
	void *data;

	struct str text;
	size_t at, line_start;
	unsigned line;

	/* The entry */
	struct dns_zone_word words[WORDS_MAXIMUM];
	size_t count;
	bool indented;			/* it begins with a blank: the owner is the last one */
	bool broken;

	/* What holds until it is said otherwise */
	struct dns_name origin, owner;
	bool has_owner;
	uint32_t ttl;

	uint8_t bytes[DNS_DATA_MAXIMUM];
};

/* ---- mistakes ---- */

__attribute__((format(printf, 3, 4))) static void
complain(struct reading *reading, struct dns_zone_place at, const char *format, ...)
{
	char text[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	reading->broken = true;
	reading->mistake(reading->data, at, text);
}

static struct dns_zone_place
place(const struct reading *reading, size_t length)
{
	return (struct dns_zone_place){ reading->at, length, reading->line,
		(unsigned)(reading->at - reading->line_start + 1) };
}

/* Where the word of that number should be: behind the last one. */
static struct dns_zone_place
place_of(const struct reading *reading, size_t i)
{
	struct dns_zone_place at;

	if (i < reading->count)
		return reading->words[i].at;
	at = reading->words[reading->count - 1].at;
	at.offset += at.length;
	at.column += (unsigned)at.length;
	at.length = 0;
	return at;
}

/* ---- words ---- */

static char
next(const struct reading *reading)
{
	return reading->text.data[reading->at];
}

static bool
at_end(const struct reading *reading)
{
	return reading->at >= reading->text.length;
}

static void
pass_line_end(struct reading *reading)
{
	reading->at++;
	reading->line++;
	reading->line_start = reading->at;
}

static void
pass_comment(struct reading *reading)
{
	while (!at_end(reading) && next(reading) != '\n')
		reading->at++;
}

static bool
ends_word(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ';' || c == '(' ||
	    c == ')' || c == '"';
}

/* The bytes of the word that begins here; its end quote, if it has one, is passed over later. */
static size_t
word_length(struct reading *reading, bool quoted)
{
	size_t start = reading->at, at = start;

	while (at < reading->text.length) {
		char c = reading->text.data[at];

		if (c == '\n' || (quoted ? c == '"' : ends_word(c)))
			break;
		at += c == '\\' && at + 1 < reading->text.length &&
		    reading->text.data[at + 1] != '\n' ? 2 : 1;
	}
	return at - start;
}

static void
take_word(struct reading *reading)
{
	bool quoted = next(reading) == '"';
	struct dns_zone_word word = { .quoted = quoted, .at = place(reading, 1) };

	if (quoted)
		reading->at++;
	word.text = (struct str){ reading->text.data + reading->at, word_length(reading, quoted) };
	reading->at += word.text.length;
	word.at.length = word.text.length + (quoted ? 1 : 0);
	if (quoted && (at_end(reading) || next(reading) != '"')) {
		complain(reading, word.at, "the quote is not closed on its line");
	} else if (quoted) {
		reading->at++;
		word.at.length++;
	}
	if (reading->count < WORDS_MAXIMUM)
		reading->words[reading->count++] = word;
	else if (!reading->broken)
		complain(reading, word.at, "there are more than %d words in this entry",
		    WORDS_MAXIMUM);
}

/* A parenthesis; false: it is out of place. */
static bool
take_parenthesis(struct reading *reading, bool *open)
{
	bool opens = next(reading) == '(';
	bool fits = opens != *open;

	if (!fits && !reading->broken)
		complain(reading, place(reading, 1), opens ?
		    "parentheses do not stand in each other" : "no parenthesis is open");
	*open = opens;
	reading->at++;
	return fits;
}

/* Reads the words of one entry, up to the end of its line. */
static void
read_entry(struct reading *reading)
{
	struct dns_zone_place opened = { 0 };
	bool open = false;

	reading->count = 0;
	reading->broken = false;
	reading->indented = next(reading) == ' ' || next(reading) == '\t';
	while (!at_end(reading)) {
		char c = next(reading);

		if (c == '\n') {
			pass_line_end(reading);
			if (!open)
				return;
		} else if (c == ' ' || c == '\t' || c == '\r') {
			reading->at++;
		} else if (c == ';') {
			pass_comment(reading);
		} else if (c == '(' || c == ')') {
			opened = place(reading, 1);
			take_parenthesis(reading, &open);
		} else {
			take_word(reading);
		}
	}
	if (open && !reading->broken)
		complain(reading, opened, "the parenthesis is not closed");
}

/* ---- entries ---- */

static bool
is_word(const struct reading *reading, size_t i, const char *text)
{
	return i < reading->count && !reading->words[i].quoted &&
	    str_equal_nocase(reading->words[i].text, str_of(text));
}

/* Seconds, or "1h30m" as other programs write it. */
static bool
read_ttl(struct str text, uint32_t *ttl_r)
{
	static const struct { char letter; uint32_t seconds; } units[] = {
		{ 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 }
	};
	uint64_t sum = 0, number = 0;
	size_t i, unit;

	if (dns_zone_number(text, TTL_MAXIMUM, ttl_r))
		return true;
	for (i = 0; i < text.length; i++) {
		if (isdigit((unsigned char)text.data[i])) {
			number = number * 10 + (uint64_t)(text.data[i] - '0');
		} else {
			if (i == 0 || !isdigit((unsigned char)text.data[i - 1]))
				return false;
			for (unit = 0; unit < 5; unit++)
				if (units[unit].letter == str_lower(text.data[i]))
					break;
			if (unit == 5)
				return false;
			sum += number * units[unit].seconds;
			number = 0;
		}
		if (number > TTL_MAXIMUM || sum > TTL_MAXIMUM)
			return false;
	}
	*ttl_r = (uint32_t)sum;
	return text.length > 0 && number == 0;
}

static void
expect_end(struct reading *reading, size_t i)
{
	if (i < reading->count)
		complain(reading, reading->words[i].at, "expected the end of the line");
}

static void
take_directive(struct reading *reading)
{
	if (reading->count < 2) {
		complain(reading, place_of(reading, 1), "expected a value");
	} else if (is_word(reading, 0, "$ORIGIN")) {
		struct dns_name origin;

		if (!dns_zone_name(reading->words[1].text, &reading->origin, &origin))
			complain(reading, reading->words[1].at, "expected a domain name");
		else
			reading->origin = origin;
		expect_end(reading, 2);
	} else if (is_word(reading, 0, "$TTL")) {
		if (!read_ttl(reading->words[1].text, &reading->ttl))
			complain(reading, reading->words[1].at, "expected seconds, or 1h and such");
		expect_end(reading, 2);
	} else {
		complain(reading, reading->words[0].at, "expected $ORIGIN or $TTL");
	}
}

/* "!SERVFAIL name [type]" */
static void
take_failure(struct reading *reading)
{
	struct dns_zone_record record = { .type = DNS_TYPE_ANY };

	if (is_word(reading, 0, "!SERVFAIL"))
		record.status = MF_DNS_SERVFAIL;
	else if (is_word(reading, 0, "!TIMEOUT"))
		record.status = MF_DNS_TIMEOUT;
	else
		complain(reading, reading->words[0].at, "expected !SERVFAIL or !TIMEOUT");
	if (reading->count < 2 ||
	    !dns_zone_name(reading->words[1].text, &reading->origin, &record.name))
		complain(reading, place_of(reading, 1), "expected a domain name");
	if (reading->count > 2 && !(record.type = dns_zone_type(reading->words[2].text)))
		complain(reading, reading->words[2].at, "expected a type, A or TXT and such");
	expect_end(reading, 3);
	if (!reading->broken)
		dns_zone_add(reading->zone, &record);
}

/* [TTL] [class] or [class] [TTL], RFC 1035 section 5.1. Returns the place of the type. */
static size_t
take_ttl_and_class(struct reading *reading, size_t i, uint32_t *ttl)
{
	bool has_ttl = false, has_class = false;

	for (; i < reading->count; i++) {
		struct str word = reading->words[i].text;

		if (!has_class && is_word(reading, i, "IN"))
			has_class = true;
		else if (!has_ttl && !dns_zone_type(word) && read_ttl(word, ttl))
			has_ttl = true;
		else
			break;
	}
	return i;
}

/* False: complained. */
static bool
take_owner(struct reading *reading)
{
	if (reading->indented) {
		if (!reading->has_owner)
			complain(reading, reading->words[0].at,
			    "there is no name before it that this record could belong to");
		return reading->has_owner;
	}
	reading->has_owner = dns_zone_name(
	    reading->words[0].text, &reading->origin, &reading->owner);
	if (!reading->has_owner)
		complain(reading, reading->words[0].at, "expected a domain name");
	return reading->has_owner;
}

static void
take_record(struct reading *reading)
{
	struct dns_zone_record record = { .status = MF_DNS_FOUND, .ttl = reading->ttl };
	size_t i, wrong;
	const char *what;

	if (!take_owner(reading))
		return;
	record.name = reading->owner;
	i = take_ttl_and_class(reading, reading->indented ? 0 : 1, &record.ttl);
	if (i == reading->count || !(record.type = dns_zone_type(reading->words[i].text))) {
		complain(reading, place_of(reading, i), "expected a type, A or TXT and such");
		return;
	}
	i++;
	what = dns_zone_data(record.type, reading->words + i, reading->count - i,
	    &reading->origin, reading->bytes, &record.size, &wrong);
	if (what) {
		complain(reading, place_of(reading, i + wrong), "%s", what);
		return;
	}
	record.data = (uint8_t *)memory_copy(reading->bytes, record.size);
	dns_zone_add(reading->zone, &record);
}

void
dns_zone_read(struct dns_zone *zone, struct str text, dns_zone_mistake *mistake, void *data)
{
	struct reading *reading = memory_alloc(sizeof(*reading));

	reading->zone = zone;
	reading->mistake = mistake;
	reading->data = data;
	reading->text = text;
	reading->line = 1;
	reading->ttl = DEFAULT_TTL;
	reading->origin.size = 1;	/* the root */
	while (!at_end(reading)) {
		read_entry(reading);
		if (!reading->count || reading->broken)
			continue;
		if (!reading->words[0].quoted && reading->words[0].text.data[0] == '$')
			take_directive(reading);
		else if (!reading->words[0].quoted && reading->words[0].text.data[0] == '!')
			take_failure(reading);
		else
			take_record(reading);
	}
	free(reading);
}
