/* SPDX-License-Identifier: BSD-2-Clause */
/* Header fields of a part with another file name. Nothing fails. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "plugins/attachments/rename.h"

/* Room for "; filename*=utf-8''" and the like. */
#define AROUND	64

size_t
rename_room(size_t value_length, size_t name_length)
{
	return value_length + 3 * name_length + AROUND;
}

/* Bytes up to the ";" that ends a value or parameter: one outside quotes and comments. */
static size_t
piece_size(const char *text)
{
	bool quoted = false;
	int comments = 0;
	size_t i;

	for (i = 0; text[i]; i++) {
		if (text[i] == '\\' && text[i + 1] && (quoted || comments))
			i++;
		else if (text[i] == '"' && !comments)
			quoted = !quoted;
		else if (text[i] == '(' && !quoted)
			comments++;
		else if (text[i] == ')' && !quoted && comments)
			comments--;
		else if (text[i] == ';' && !quoted && !comments)
			break;
	}
	return i;
}

/* Whether a piece is the parameter, in any form: "name=", "name*=", "name*0=", "name*0*=". */
static bool
is_parameter(const char *piece, const char *parameter)
{
	size_t length = strlen(parameter);

	piece += strspn(piece, " \t\r\n");
	if (strncasecmp(piece, parameter, length) != 0)
		return false;
	piece += length;
	piece += strspn(piece, "*0123456789");
	piece += strspn(piece, " \t\r\n");
	return *piece == '=';
}

static bool
is_plain(const char *name)
{
	for (; *name; name++) {
		if ((unsigned char)*name < ' ' || (unsigned char)*name >= 0x7f)
			return false;
	}
	return true;
}

static char *
add_quoted(char *to, const char *name)
{
	*to++ = '"';
	for (; *name; name++) {
		if (*name == '"' || *name == '\\')
			*to++ = '\\';
		*to++ = *name;
	}
	*to++ = '"';
	*to = '\0';
	return to;
}

/* RFC 2231 section 7: attribute-char stand as they are. */
static char *
add_encoded(char *to, const char *name)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	    "!#$&+-.^_`{|}~";

	for (; *name; name++) {
		if (strchr(plain, *name))
			*to++ = *name;
		else
			to += sprintf(to, "%%%02X", (unsigned char)*name);
	}
	*to = '\0';
	return to;
}

void
rename_value(const char *value, const char *parameter, const char *name, char *result_r)
{
	size_t size = piece_size(value);
	char *to = result_r;

	memcpy(to, value, size);
	to += size;
	for (value += size; *value; value += size) {
		value++;
		size = piece_size(value);
		if (is_parameter(value, parameter) || strspn(value, " \t\r\n") == size)
			continue;
		*to++ = ';';
		memcpy(to, value, size);
		to += size;
	}
	to += sprintf(to, ";\n %s%s=", parameter, is_plain(name) ? "" : "*");
	if (is_plain(name)) {
		add_quoted(to, name);
	} else {
		to += sprintf(to, "utf-8''");
		add_encoded(to, name);
	}
}
