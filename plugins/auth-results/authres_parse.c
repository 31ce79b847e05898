/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads Authentication-Results fields. One pass over the bytes, no recursion; what is made of a
 * field is at most some times its size. */
#include <string.h>

#include "plugins/auth-results/authres.h"

struct scanner {
	const struct authres_memory *memory;
	const char *at, *end;
	const char *error;		/* NULL: none yet */
};

static bool
fail(struct scanner *s, const char *why)
{
	if (!s->error)
		s->error = why;
	return false;
}

static char *
copy(struct scanner *s, const char *bytes, size_t length)
{
	char *text = s->memory->alloc(s->memory->owner, length + 1);

	memcpy(text, bytes, length);
	return text;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_keyword(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '-' ||
	    c == '_';
}

static bool
at_char(const struct scanner *s, char c)
{
	return s->at < s->end && *s->at == c;
}

/* ---- the lexical tokens of RFC 5322 section 3.2 ---- */

static bool
skip_comment(struct scanner *s)
{
	size_t depth = 0;

	for (; s->at < s->end; s->at++) {
		if (*s->at == '\\' && s->at + 1 < s->end)
			s->at++;
		else if (*s->at == '(' && ++depth > AUTHRES_COMMENT_DEPTH)
			return fail(s, "comments nest too deep");
		else if (*s->at == ')' && --depth == 0) {
			s->at++;
			return true;
		}
	}
	return fail(s, "a comment is not closed");
}

/* Blanks, folds and comments. */
static bool
skip_cfws(struct scanner *s)
{
	while (s->at < s->end) {
		if (is_blank(*s->at))
			s->at++;
		else if (*s->at != '(')
			break;
		else if (!skip_comment(s))
			return false;
	}
	return true;
}

/* What stands between the quotes, without backslashes and folds. NULL: it is not closed. */
static char *
take_quoted(struct scanner *s)
{
	const char *from = ++s->at;
	char *text, *to;

	while (s->at < s->end && *s->at != '"')
		s->at += *s->at == '\\' && s->at + 1 < s->end ? 2 : 1;
	if (s->at >= s->end) {
		fail(s, "a quoted string is not closed");
		return NULL;
	}
	text = to = s->memory->alloc(s->memory->owner, (size_t)(s->at - from) + 1);
	for (; from < s->at; from++) {
		if (*from == '\\')
			from++;
		else if (*from == '\r' || *from == '\n')
			continue;
		*to++ = *from;
	}
	*to = '\0';
	s->at++;
	return text;
}

/* Bytes up to a blank, a control, a comment or one of `ends`. NULL: there are none. */
static char *
take_run(struct scanner *s, const char *ends)
{
	const char *from = s->at;

	while (s->at < s->end && (unsigned char)*s->at > ' ' && *s->at != 0x7f && *s->at != '(' &&
	    !strchr(ends, *s->at))
		s->at++;
	return s->at > from ? copy(s, from, (size_t)(s->at - from)) : NULL;
}

/* A keyword in lower case; NULL: there is none. */
static char *
take_keyword(struct scanner *s)
{
	const char *from = s->at;
	char *word, *c;

	while (s->at < s->end && is_keyword(*s->at))
		s->at++;
	if (s->at == from)
		return NULL;
	word = copy(s, from, (size_t)(s->at - from));
	for (c = word; *c; c++)
		*c += *c >= 'A' && *c <= 'Z' ? 'a' - 'A' : 0;
	return word;
}

/* 1*DIGIT, at most six of them; 0: there is none, or more. */
static unsigned
take_number(struct scanner *s)
{
	unsigned number = 0, digits = 0;

	for (; s->at < s->end && is_digit(*s->at); s->at++, digits++)
		number = digits < 6 ? number * 10 + (unsigned)(*s->at - '0') : 0;
	return digits <= 6 ? number : 0;
}

/* A mailbox with a quoted local part, as it stands: `"a b"@example.org`. */
static char *
take_quoted_mailbox(struct scanner *s, const char *from)
{
	const char *c;
	char *text;

	if (!take_run(s, ";\""))
		return NULL;
	for (c = from; c < s->at; c++)
		if (*c == '\r' || *c == '\n')
			return NULL;
	text = copy(s, from, (size_t)(s->at - from));
	return text;
}

/* A value: quoted, or the run of bytes that nothing ends. */
static char *
take_value(struct scanner *s, const char *missing)
{
	const char *from;
	char *value;

	if (!skip_cfws(s))
		return NULL;
	from = s->at;
	if (!at_char(s, '"'))
		value = take_run(s, ";\"");
	else if ((value = take_quoted(s)) != NULL && at_char(s, '@'))
		value = take_quoted_mailbox(s, from);
	if (!value)
		fail(s, missing);
	return value;
}

/* ---- the field ---- */

/* CFWS "=" behind a name. */
static bool
take_equals(struct scanner *s, const char *missing)
{
	if (!skip_cfws(s))
		return false;
	if (!at_char(s, '='))
		return fail(s, missing);
	s->at++;
	return true;
}

/* One of: reasonspec, propspec, or a word with "=" that is neither, which Microsoft's have. */
static bool
take_detail(struct scanner *s, struct authres_result *result, struct authres_property ***end)
{
	char *name = take_keyword(s), *property = NULL, *value;
	struct authres_property *made;

	if (!name)
		return fail(s, "expected a property");
	if (!skip_cfws(s))
		return false;
	if (at_char(s, '.')) {
		s->at++;
		if (!skip_cfws(s))
			return false;
		property = take_keyword(s);
		if (!property)
			return fail(s, "expected a property's name behind the dot");
	}
	if (!take_equals(s, "expected \"=\" behind a property") ||
	    !(value = take_value(s, "expected a property's value")))
		return false;
	if (!property) {
		if (strcmp(name, "reason") == 0)
			result->reason = value;
		return true;
	}
	made = s->memory->alloc(s->memory->owner, sizeof(*made));
	*made = (struct authres_property){ name, property, value, NULL };
	**end = made;
	*end = &made->next;
	return true;
}

static bool
take_details(struct scanner *s, struct authres_result *result)
{
	struct authres_property **end = &result->properties;
	size_t count = 0;

	for (;;) {
		if (!skip_cfws(s))
			return false;
		if (s->at == s->end || *s->at == ';')
			return true;
		if (++count > AUTHRES_PROPERTIES)
			return fail(s, "a result has too many properties");
		if (!take_detail(s, result, &end))
			return false;
	}
}

/* A methodspec and what belongs to it. *result_r stays NULL where "none" stands. */
static bool
take_result(struct scanner *s, struct authres_result **result_r)
{
	struct authres_result *result = s->memory->alloc(s->memory->owner, sizeof(*result));

	result->method = take_keyword(s);
	if (!result->method)
		return fail(s, "expected a method");
	if (!skip_cfws(s))
		return false;
	if (at_char(s, '/')) {
		s->at++;
		if (!skip_cfws(s) || !(result->version = take_number(s)))
			return fail(s, "expected the version of a method");
	}
	if (!skip_cfws(s))
		return false;
	if (strcmp(result->method, "none") == 0 && (s->at == s->end || *s->at == ';'))
		return true;
	if (!take_equals(s, "expected \"=\" behind a method") || !skip_cfws(s))
		return false;
	result->value = take_keyword(s);
	if (!result->value)
		return fail(s, "expected a result behind a method");
	*result_r = result;
	return take_details(s, result);
}

/* On to the ";" behind a result that is in error. */
static void
skip_result(struct scanner *s)
{
	while (s->at < s->end && *s->at != ';') {
		if (*s->at != '(' && *s->at != '"')
			s->at++;
		else if (*s->at == '(' ? !skip_comment(s) : !take_quoted(s))
			s->at = s->end;
	}
}

/* One that is in error is left out, and those behind it are read. */
static bool
take_results(struct scanner *s, struct authres *parsed)
{
	struct authres_result **end = &parsed->results;
	size_t count = 0;

	while (at_char(s, ';')) {
		s->at++;
		if (!skip_cfws(s))
			return false;
		if (s->at == s->end || *s->at == ';')
			continue;
		if (++count > AUTHRES_RESULTS)
			return fail(s, "too many results");
		if (!take_result(s, end)) {
			*end = NULL;
			skip_result(s);
		} else if (*end) {
			end = &(*end)->next;
		}
	}
	return s->at == s->end || fail(s, "expected \";\"");
}

/* "i=" and the instance, RFC 8617 section 4.1.1. */
static bool
take_instance(struct scanner *s, struct authres *parsed)
{
	const char *name;

	if (!skip_cfws(s) || !(name = take_keyword(s)) || strcmp(name, "i") != 0)
		return fail(s, "expected the instance, i=");
	if (!take_equals(s, "expected \"=\" behind i") || !skip_cfws(s) ||
	    !(parsed->instance = take_number(s)) || !skip_cfws(s) || !at_char(s, ';'))
		return fail(s, "expected an instance and \";\"");
	s->at++;
	return true;
}

static bool
take_id(struct scanner *s, struct authres *parsed)
{
	if (!skip_cfws(s))
		return false;
	parsed->authserv_id = at_char(s, '"') ? take_quoted(s) : take_run(s, ";\"=");
	if (!parsed->authserv_id || !*parsed->authserv_id)
		return fail(s, "expected an authserv-id");
	if (!skip_cfws(s))
		return false;
	if (s->at < s->end && is_digit(*s->at) && !(parsed->version = take_number(s)))
		return fail(s, "expected a version");
	if (!skip_cfws(s))
		return false;
	return !at_char(s, '=') || fail(s, "expected an authserv-id before the results");
}

bool
authres_parse(const struct authres_memory *memory, const char *text, size_t length, bool arc,
    struct authres *parsed_r, const char **error_r)
{
	struct scanner s = { memory, text, text + length, NULL };

	*parsed_r = (struct authres){ 0 };
	if (length > AUTHRES_TEXT_MAXIMUM)
		fail(&s, "too long");
	else if (memchr(text, '\0', length))
		fail(&s, "it has a NUL");
	else if ((!arc || take_instance(&s, parsed_r)) && take_id(&s, parsed_r))
		take_results(&s, parsed_r);
	if (error_r)
		*error_r = s.error;
	return !s.error;
}

const char *
authres_get(const struct authres_result *result, const char *ptype, const char *name)
{
	const struct authres_property *property;

	for (property = result->properties; property; property = property->next)
		if (strcmp(property->ptype, ptype) == 0 && strcmp(property->property, name) == 0)
			return property->value;
	return NULL;
}
