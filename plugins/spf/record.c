/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The parser of SPF records, RFC 7208 sections 4.5, 4.6.1, 5 and 6. A record is cut into terms at
 * its blanks; a table says which argument each mechanism takes. One pass, linear in the text.
 */
#include <arpa/inet.h>

#include "plugins/spf/macro.h"
#include "plugins/spf/record.h"

#define NETWORK_SIZE	64	/* bytes of an address as text, and a NUL: more is none */

/* What a mechanism is written with behind its name. */
struct form {
	const char *name;
	enum { NO_SPEC, OPTIONAL_SPEC, REQUIRED_SPEC, NETWORK } argument;
	bool cidr4;
	bool cidr6;
	bool asks;
};

static const struct form forms[] = {
	[SPF_ALL] = { "all", NO_SPEC, false, false, false },
	[SPF_INCLUDE] = { "include", REQUIRED_SPEC, false, false, true },
	[SPF_A] = { "a", OPTIONAL_SPEC, true, true, true },
	[SPF_MX] = { "mx", OPTIONAL_SPEC, true, true, true },
	[SPF_PTR] = { "ptr", OPTIONAL_SPEC, false, false, true },
	[SPF_IP4] = { "ip4", NETWORK, true, false, false },
	[SPF_IP6] = { "ip6", NETWORK, false, true, false },
	[SPF_EXISTS] = { "exists", REQUIRED_SPEC, false, false, true }
};

static const char *const result_names[] = {
	[SPF_NONE] = "none",
	[SPF_NEUTRAL] = "neutral",
	[SPF_PASS] = "pass",
	[SPF_FAIL] = "fail",
	[SPF_SOFTFAIL] = "softfail",
	[SPF_TEMPERROR] = "temperror",
	[SPF_PERMERROR] = "permerror"
};

const char *
spf_result_name(enum spf_result result)
{
	return result_names[result];
}

bool
spf_mechanism_asks(enum spf_mechanism mechanism)
{
	return forms[mechanism].asks;
}

/* ---- prefix lengths ---- */

/* Cuts "/N" off the end: no leading zero, at most so many digits. False: there is none. */
static bool
cut_length(struct spf_text *text, size_t digits_maximum, unsigned *bits_r)
{
	size_t start = text->length, i;

	while (start > 0 && text->length - start < digits_maximum &&
	    spf_is_digit(text->data[start - 1]))
		start--;
	if (start == text->length || start == 0 || text->data[start - 1] != '/' ||
	    (text->data[start] == '0' && text->length - start > 1))
		return false;
	for (*bits_r = 0, i = start; i < text->length; i++)
		*bits_r = *bits_r * 10 + (unsigned)(text->data[i] - '0');
	text->length = start - 1;
	return true;
}

/* Cuts the prefix lengths off the end of a mechanism that may have them (section 5.6). A slash may
 * be part of a domain-spec, so what does not look like a length is left to it. */
static const char *
read_lengths(const struct form *form, struct spf_text *rest, struct spf_term *term)
{
	unsigned bits4 = 32, bits6 = 128;
	struct spf_text text = *rest;

	if (form->cidr6 && cut_length(&text, 3, &bits6)) {
		bool dual = form->cidr4;

		if (!dual || (text.length && text.data[text.length - 1] == '/'))
			*rest = (struct spf_text){ text.data, text.length - dual };
		else
			bits6 = 128;
	}
	if (form->cidr4)
		cut_length(rest, 2, &bits4);
	if (bits4 > 32 || bits6 > 128)
		return "prefix length out of range";
	term->prefix4 = (uint8_t)bits4;
	term->prefix6 = (uint8_t)bits6;
	return NULL;
}

/* ---- mechanisms ---- */

/* ip4-network and ip6-network. inet_pton() takes just what the grammar does. */
static const char *
read_network(struct spf_text text, struct spf_term *term)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	char copy[NETWORK_SIZE];

	if (text.length >= sizeof(copy))
		return "expected an address";
	memcpy(copy, text.data, text.length);
	copy[text.length] = '\0';
	if (term->mechanism == SPF_IP6)
		return inet_pton(AF_INET6, copy, term->ip) == 1 ? NULL :
		    "expected an IPv6 address";
	memcpy(term->ip, mapped, sizeof(mapped));
	return inet_pton(AF_INET, copy, term->ip + sizeof(mapped)) == 1 ? NULL :
	    "expected an IPv4 address";
}

static const char *
check_spec(struct spf_text spec)
{
	if (spec.length > SPF_SPEC_MAXIMUM)
		return "domain too long";
	return spf_macros_valid(spec, SPF_DOMAIN_SPEC) ? NULL : "expected a domain";
}

/* What stands behind a mechanism's name. */
static const char *
read_argument(const struct form *form, struct spf_text rest, struct spf_term *term)
{
	const char *error = read_lengths(form, &rest, term);

	if (error)
		return error;
	if (!rest.length)
		return form->argument == NO_SPEC || form->argument == OPTIONAL_SPEC ? NULL :
		    "expected \":\" and an argument";
	if (rest.data[0] != ':' || form->argument == NO_SPEC)
		return "unexpected argument";
	rest = spf_text_behind(rest, 1);
	if (form->argument == NETWORK)
		return read_network(rest, term);
	term->spec = rest;
	return check_spec(rest);
}

static size_t
find_qualifier(char c, enum spf_result *result_r)
{
	static const char qualifiers[] = "+-~?";
	static const enum spf_result results[] = { SPF_PASS, SPF_FAIL, SPF_SOFTFAIL, SPF_NEUTRAL };
	const char *found = strchr(qualifiers, c);

	*result_r = found ? results[found - qualifiers] : SPF_PASS;
	return found ? 1 : 0;
}

static const char *
read_directive(struct spf_text text, struct spf_record *record)
{
	struct spf_term *term = &record->terms[record->count];
	struct spf_text name = spf_text_behind(text, find_qualifier(*text.data, &term->qualifier));
	struct spf_text rest = name;
	size_t i;

	while (rest.length && *rest.data != ':' && *rest.data != '/')
		rest = spf_text_behind(rest, 1);
	name.length -= rest.length;
	for (i = 0; !spf_text_is(name, forms[i].name);)
		if (++i == sizeof(forms) / sizeof(forms[0]))
			return "unknown mechanism";
	term->mechanism = (enum spf_mechanism)i;
	term->text = text;
	record->count++;
	return read_argument(&forms[i], rest, term);
}

/* ---- modifiers ---- */

/* The length of the name of a modifier, name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." ); 0: the
 * term is none, for no "=" follows. */
static size_t
modifier_name(struct spf_text text)
{
	size_t length = 0;

	if (!spf_is_alpha(*text.data))
		return 0;
	while (length < text.length && (spf_is_alphanum(text.data[length]) ||
	    (text.data[length] && strchr("-_.", text.data[length]))))
		length++;
	return length < text.length && text.data[length] == '=' ? length : 0;
}

/* Section 6: redirect and exp once at most; unknown ones are only checked for their syntax. */
static const char *
read_modifier(struct spf_text name, struct spf_text value, struct spf_record *record)
{
	struct spf_text *known = NULL;

	if (spf_text_is(name, "redirect"))
		known = &record->redirect;
	else if (spf_text_is(name, "exp"))
		known = &record->explanation;
	if (!known)
		return spf_macros_valid(value, SPF_MACRO_STRING) ? NULL : "bad macro";
	if (known->data)
		return "modifier given twice";
	*known = value;
	return check_spec(value);
}

/* ---- records ---- */

bool
spf_is_record(struct spf_text text)
{
	static const char version[] = "v=spf1";
	size_t length = sizeof(version) - 1;

	return text.length >= length && strncasecmp(text.data, version, length) == 0 &&
	    (text.length == length || text.data[length] == ' ');
}

static const char *
read_term(struct spf_text text, struct spf_record *record)
{
	size_t name = modifier_name(text);

	if (name)
		return read_modifier((struct spf_text){ text.data, name },
		    spf_text_behind(text, name + 1), record);
	if (record->count == SPF_TERMS_MAXIMUM)
		return "too many terms";
	return read_directive(text, record);
}

/* Takes the next term off the text. False: there is none. */
static bool
next_term(struct spf_text *rest, struct spf_text *term_r)
{
	const char *blank;

	while (rest->length && *rest->data == ' ')
		*rest = spf_text_behind(*rest, 1);
	if (!rest->length)
		return false;
	blank = memchr(rest->data, ' ', rest->length);
	term_r->data = rest->data;
	term_r->length = blank ? (size_t)(blank - rest->data) : rest->length;
	*rest = spf_text_behind(*rest, term_r->length);
	return true;
}

/* Terms are visible ASCII (section 3.1); whatever looks at one may count on that. */
static const char *
check_characters(struct spf_text term)
{
	size_t i;

	for (i = 0; i < term.length; i++)
		if (term.data[i] < 0x21 || term.data[i] > 0x7e)
			return "character that is not allowed";
	return NULL;
}

static size_t
count_terms(struct spf_text text)
{
	struct spf_text term;
	size_t count = 0;

	while (count < SPF_TERMS_MAXIMUM && next_term(&text, &term))
		count++;
	return count;
}

bool
spf_record_parse(struct spf_text text, const struct spf_memory *memory, struct spf_record *record_r,
    struct spf_mistake *mistake_r)
{
	struct spf_text rest = spf_text_behind(text, strlen("v=spf1"));
	struct spf_text term;

	*record_r = (struct spf_record){ .count = 0 };
	record_r->terms = memory->alloc(memory->of,
	    (count_terms(rest) + 1) * sizeof(*record_r->terms));
	while (next_term(&rest, &term)) {
		const char *error = check_characters(term);

		if (!error)
			error = read_term(term, record_r);
		if (!error)
			continue;
		*mistake_r = (struct spf_mistake){ error, term };
		return false;
	}
	return true;
}
