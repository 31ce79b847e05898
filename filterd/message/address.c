/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Envelope paths (RFC 5321 section 4.1.2). The MTA has accepted what comes in, so nothing is
 * refused here: brackets and a source route (section 4.1.1.3 and appendix C) are taken off, the
 * rest is divided at its last "@".
 */
#include <string.h>

#include "filterd/message/address.h"

#define ADDRESS_MAXIMUM		1000	/* bytes; RFC 5321 section 4.5.3.1.3 asks for 256 */
#define ARGUMENTS_MAXIMUM	100	/* of one path; the rest is dropped */

/* The place of the first byte of `wanted` that stands outside quotes and, where brackets count,
 * domain literals; the length when there is none. */
static size_t
find_outside(struct str text, char wanted, bool literals)
{
	bool quoted = false, literal = false;
	size_t i;

	for (i = 0; i < text.length; i++) {
		char c = text.data[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && literals && (c == '[' || c == ']'))
			literal = c == '[';
		else if (!quoted && !literal && c == wanted)
			return i;
	}
	return text.length;
}

static struct str
after(struct str text, size_t offset)
{
	return (struct str){ text.data + offset, text.length - offset };
}

/* Without "<", what follows ">", and the route "@a,@b:". */
static struct str
bare_path(struct str path)
{
	size_t colon;

	path = str_trim(path);
	if (path.length && path.data[0] == '<') {
		path = after(path, 1);
		path.length = find_outside(path, '>', false);
		path = str_trim(path);
	}
	if (path.length && path.data[0] == '@') {
		colon = find_outside(path, ':', true);
		if (colon < path.length)
			path = after(path, colon + 1);
	}
	return path;
}

static const char *
lower_copy(struct arena *arena, struct str text)
{
	char *copy = arena_copy(arena, text.data, text.length);
	size_t i;

	for (i = 0; i < text.length; i++)
		copy[i] = str_lower(copy[i]);
	return copy;
}

static const char *const *
copy_arguments(struct arena *arena, const char *const *arguments)
{
	const char **copy;
	size_t i, count = 0;

	while (arguments && arguments[count] && count < ARGUMENTS_MAXIMUM)
		count++;
	copy = arena_array(arena, count + 1, sizeof(*copy));
	for (i = 0; i < count; i++)
		copy[i] = arena_strdup(arena, arguments[i]);
	return copy;
}

struct mf_address *
address_from_path(struct arena *arena, const char *path, const char *const *arguments)
{
	struct mf_address *address = arena_alloc(arena, sizeof(*address));
	struct str text = bare_path(str_of(path));
	const char *at = text.length ? memrchr(text.data, '@', text.length) : NULL;
	size_t local = at ? (size_t)(at - text.data) : text.length;

	address->text = arena_copy(arena, text.data, text.length);
	address->local = arena_copy(arena, text.data, local);
	address->domain = at ? lower_copy(arena, after(text, local + 1)) : "";
	address->arguments = copy_arguments(arena, arguments);
	return address;
}

bool
address_valid(struct str text, bool empty_allowed)
{
	size_t i;

	if (text.length == 0)
		return empty_allowed;
	if (text.length > ADDRESS_MAXIMUM)
		return false;
	for (i = 0; i < text.length; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c < ' ' || c == 0x7f)
			return false;
	}
	return find_outside(text, '<', false) == text.length &&
	    find_outside(text, '>', false) == text.length;
}

static bool
quotes_closed(struct str text)
{
	bool quoted = false;
	size_t i;

	for (i = 0; i < text.length; i++) {
		if (quoted && text.data[i] == '\\')
			i++;
		else if (text.data[i] == '"')
			quoted = !quoted;
	}
	return !quoted;
}

bool
address_sendable(struct str text, bool empty_allowed)
{
	return address_valid(text, empty_allowed) && quotes_closed(text) &&
	    find_outside(text, ' ', false) == text.length;
}

bool
address_equal(const struct mf_address *a, const struct mf_address *b)
{
	return strcmp(a->local, b->local) == 0 && strcmp(a->domain, b->domain) == 0;
}

static bool
has_argument(const struct mf_address *address, const char *argument)
{
	size_t i;

	for (i = 0; address->arguments[i]; i++) {
		if (str_equal_nocase(str_of(address->arguments[i]), str_of(argument)))
			return true;
	}
	return false;
}

static bool
has_arguments_of(const struct mf_address *a, const struct mf_address *b)
{
	size_t i;

	for (i = 0; b->arguments[i]; i++) {
		if (!has_argument(a, b->arguments[i]))
			return false;
	}
	return true;
}

bool
address_arguments_equal(const struct mf_address *a, const struct mf_address *b)
{
	return has_arguments_of(a, b) && has_arguments_of(b, a);
}
