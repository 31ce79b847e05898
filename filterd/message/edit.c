/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an edit may ask for. An illegal edit is the filter's mistake, told by a static text;
 * nothing is fatal.
 *
 * A header field is bounded as a whole by what both MTAs carry out unharmed: Sendmail takes
 * packets of at most 65,535 bytes (MILTER_MAX_DATA_SIZE), Postfix drops lines past 60,000.
 * Lines are not held to the 998 bytes of RFC 5322 section 2.1.1: fields that arrive are not
 * either, and one that a filter could no longer change would be a way past it.
 */
#include <string.h>

#include "filterd/message/address.h"
#include "filterd/message/model.h"

#define NAME_MAXIMUM		998	/* bytes */
#define FIELD_MAXIMUM		59000	/* bytes of name and value */
#define ARGUMENTS_MAXIMUM	1000	/* bytes */
#define REASON_MAXIMUM		1000	/* bytes */

static const char *
check_name(const char *name)
{
	size_t i;

	if (!name || !name[0])
		return "the header field has no name";
	for (i = 0; name[i]; i++) {
		if (name[i] <= ' ' || name[i] > '~' || name[i] == ':')
			return "a header field's name is printable ASCII without blanks and colons";
		if (i >= NAME_MAXIMUM)
			return "the header field's name is longer than 998 bytes";
	}
	return NULL;
}

/* What is wrong behind the line end at text.data[0]: a fold goes on with a blank and is not all
 * blanks. */
static const char *
check_fold(struct str text)
{
	size_t i;

	if (text.length < 2 || (text.data[1] != ' ' && text.data[1] != '\t'))
		return "a line end in a header value is not followed by a blank";
	for (i = 1; i < text.length && text.data[i] != '\n'; i++) {
		if (text.data[i] != ' ' && text.data[i] != '\t' && text.data[i] != '\r')
			return NULL;
	}
	return "a folded line of a header value has nothing but blanks";
}

static const char *
check_value(struct str value)
{
	const char *wrong;
	size_t i;

	for (i = 0; i < value.length; i++) {
		struct str rest = { value.data + i, value.length - i };

		if (value.data[i] == '\0')
			return "a header value holds a NUL";
		if (value.data[i] == '\r' && (rest.length < 2 || rest.data[1] != '\n'))
			return "a header value holds a CR without LF";
		if (value.data[i] == '\n' && (wrong = check_fold(rest)))
			return wrong;
	}
	return NULL;
}

static const char *
check_field(const struct edit *edit)
{
	const char *wrong = check_name(edit->name);

	if (wrong)
		return wrong;
	if (strlen(edit->name) + edit->value.length > FIELD_MAXIMUM)
		return "the header field is longer than 59,000 bytes";
	return check_value(edit->value);
}

static const char *
check_deleted_field(const struct edit *edit)
{
	return check_name(edit->name);
}

static const char *
check_body(const struct edit *edit)
{
	(void)edit;
	return NULL;
}

/* ESMTP arguments, RFC 5321 section 4.1.2; UTF-8 is allowed by RFC 6531 section 3.4. */
static const char *
check_arguments(const char *arguments)
{
	size_t i;

	for (i = 0; arguments && arguments[i]; i++) {
		unsigned char c = (unsigned char)arguments[i];

		if (c < ' ' || c == 0x7f)
			return "the ESMTP arguments hold a control character";
		if (i >= ARGUMENTS_MAXIMUM)
			return "the ESMTP arguments are longer than 1000 bytes";
	}
	return NULL;
}

static const char *
check_sender(const struct edit *edit)
{
	if (!edit->value.data || !address_sendable(edit->value, true))
		return "the sender is not an address";
	return check_arguments(edit->arguments);
}

static const char *
check_recipient(const struct edit *edit)
{
	if (!address_sendable(edit->value, false))
		return "the recipient is not an address";
	return check_arguments(edit->arguments);
}

static const char *
check_deleted_recipient(const struct edit *edit)
{
	if (edit->value.data && !address_valid(edit->value, false))
		return "the recipient is not an address";
	return NULL;
}

static const char *
check_quarantine(const struct edit *edit)
{
	size_t i;

	if (edit->value.length == 0)
		return "the quarantine has no reason";
	if (edit->value.length > REASON_MAXIMUM)
		return "the quarantine's reason is longer than 1000 bytes";
	for (i = 0; i < edit->value.length; i++) {
		unsigned char c = (unsigned char)edit->value.data[i];

		if (c < ' ' || c == 0x7f)
			return "the quarantine's reason holds a control character";
	}
	return NULL;
}

static const char *(*const checks[])(const struct edit *edit) = {
	[EDIT_HEADER_ADD] = check_field,
	[EDIT_HEADER_INSERT] = check_field,
	[EDIT_HEADER_SET] = check_field,
	[EDIT_HEADER_DELETE] = check_deleted_field,
	[EDIT_BODY_REPLACE] = check_body,
	[EDIT_BODY_APPEND] = check_body,
	[EDIT_SENDER] = check_sender,
	[EDIT_RECIPIENT_ADD] = check_recipient,
	[EDIT_RECIPIENT_DELETE] = check_deleted_recipient,
	[EDIT_QUARANTINE] = check_quarantine,
};

const char *
edit_check(const struct edit *edit)
{
	return checks[edit->kind](edit);
}

/* A CR stands only before an LF here. */
static void
drop_carriage_returns(char *text, size_t *length)
{
	size_t i, kept = 0;

	for (i = 0; i < *length; i++) {
		if (text[i] != '\r')
			text[kept++] = text[i];
	}
	text[kept] = '\0';
	*length = kept;
}

struct edit *
edit_copy(struct arena *arena, const struct edit *edit)
{
	struct edit *copy = arena_alloc(arena, sizeof(*copy));
	char *value;

	*copy = *edit;
	copy->next = NULL;
	copy->pieces = NULL;
	copy->piece_count = 0;
	if (edit->name)
		copy->name = arena_strdup(arena, edit->name);
	if (edit->arguments)
		copy->arguments = arena_strdup(arena, edit->arguments);
	if (edit->value.data) {
		value = arena_copy(arena, edit->value.data, edit->value.length);
		if (edit->name)
			drop_carriage_returns(value, &copy->value.length);
		copy->value.data = value;
	}
	return copy;
}
