/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of the DNS: text to bytes and back. */
#include <string.h>

#include "filterd/service/dns_name.h"
#include "filterd/util/domain.h"

/* ---- from text ---- */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* One byte of a label, with its escape if it has one. Returns how many of the text it takes; 0: a
 * bad escape. */
static size_t
read_byte(const char *text, size_t length, uint8_t *byte_r)
{
	unsigned value;

	*byte_r = (uint8_t)text[0];
	if (text[0] != '\\')
		return 1;
	if (length < 2)
		return 0;
	*byte_r = (uint8_t)text[1];
	if (!is_digit(text[1]))
		return 2;
	if (length < 4 || !is_digit(text[2]) || !is_digit(text[3]))
		return 0;
	value = (unsigned)(text[1] - '0') * 100 + (unsigned)(text[2] - '0') * 10 +
	    (unsigned)(text[3] - '0');
	*byte_r = (uint8_t)value;
	return value <= 255 ? 4 : 0;
}

/* Opens an empty label at the end of the name. */
static bool
open_label(struct dns_name *name)
{
	if (name->size >= DNS_NAME_BYTES - 1)
		return false;
	name->bytes[name->size++] = 0;
	return true;
}

static bool
add_byte(struct dns_name *name, size_t label, uint8_t byte)
{
	if (name->bytes[label] == DNS_LABEL_BYTES || name->size >= DNS_NAME_BYTES - 1)
		return false;
	name->bytes[label]++;
	name->bytes[name->size++] = (uint8_t)str_lower((char)byte);
	return true;
}

/* The labels of the text without the root, the last one of which may be ended by a dot. */
static bool
read_labels(struct str text, struct dns_name *name, bool *dot_r)
{
	size_t label = 0, at = 0, used;
	uint8_t byte;

	*dot_r = true;
	for (; at < text.length; at += used) {
		if (text.data[at] == '.') {
			if (*dot_r)
				return false;	/* an empty label */
			*dot_r = true;
			used = 1;
			continue;
		}
		if (*dot_r) {
			label = name->size;
			if (!open_label(name))
				return false;
		}
		*dot_r = false;
		used = read_byte(text.data + at, text.length - at, &byte);
		if (!used || !add_byte(name, label, byte))
			return false;
	}
	return text.length > 0;
}

bool
dns_name_parse_text(struct str text, struct dns_name *name_r, bool *absolute_r)
{
	name_r->size = 0;
	if (text.length == 1 && text.data[0] == '.')
		*absolute_r = true;
	else if (!read_labels(text, name_r, absolute_r))
		return false;
	name_r->bytes[name_r->size++] = 0;
	return true;
}

static bool
is_ascii(struct str text)
{
	size_t i;

	for (i = 0; i < text.length; i++)
		if ((unsigned char)text.data[i] > 0x7f)
			return false;
	return true;
}

bool
dns_name_parse(struct str text, struct dns_name *name_r)
{
	char buffer[DOMAIN_TEXT];
	bool absolute;

	if (!is_ascii(text)) {
		text = domain_ascii(text, buffer);
		if (!is_ascii(text))
			return false;
	}
	return dns_name_parse_text(text, name_r, &absolute);
}

bool
dns_name_append(struct dns_name *name, const struct dns_name *origin)
{
	if (name->size - 1 + origin->size > DNS_NAME_BYTES)
		return false;
	memcpy(name->bytes + name->size - 1, origin->bytes, origin->size);
	name->size += origin->size - 1;
	return true;
}

/* ---- from bytes, and to text ---- */

size_t
dns_name_read(const uint8_t *bytes, size_t size, struct dns_name *name_r)
{
	size_t at = 0, i;

	for (;;) {
		if (at >= size || at >= DNS_NAME_BYTES || bytes[at] > DNS_LABEL_BYTES)
			return 0;
		if (bytes[at] == 0)
			break;
		at += bytes[at] + 1u;
	}
	name_r->size = at + 1;
	for (i = 0; i < name_r->size; i++)
		name_r->bytes[i] = (uint8_t)str_lower((char)bytes[i]);
	return name_r->size;
}

static char *
print_byte(char *to, uint8_t byte)
{
	if (byte <= ' ' || byte > '~') {
		*to++ = '\\';
		*to++ = (char)('0' + byte / 100);
		*to++ = (char)('0' + byte / 10 % 10);
		*to++ = (char)('0' + byte % 10);
		return to;
	}
	if (strchr(".\\\"();@$", byte))
		*to++ = '\\';
	*to++ = (char)byte;
	return to;
}

size_t
dns_name_print(const struct dns_name *name, char text_r[DNS_NAME_TEXT])
{
	const uint8_t *label = name->bytes;
	char *to = text_r;

	while (*label) {
		size_t i;

		if (to > text_r)
			*to++ = '.';
		for (i = 1; i <= *label; i++)
			to = print_byte(to, label[i]);
		label += *label + 1;
	}
	*to = '\0';
	return (size_t)(to - text_r);
}

bool
dns_name_equal(const struct dns_name *a, const struct dns_name *b)
{
	return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}
