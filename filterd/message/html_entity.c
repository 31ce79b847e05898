/* SPDX-License-Identifier: BSD-2-Clause */
/* Character references of HTML, sections 13.2.5.72 to 13.2.5.80 of the standard. Nothing fails:
 * what is no reference stays as it is. */
#include <stdint.h>
#include <string.h>

#include "filterd/message/html_entity.h"

#define NAME_MAXIMUM	32	/* bytes of the longest name */
#define REPLACEMENT	0xfffd

/* What the numbers 0x80 to 0x9f mean: windows-1252; 0: themselves. */
static const uint16_t windows[32] = {
	0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039,
	0x0152, 0, 0x017d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc,
	0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178,
};

static bool
is_alphanumeric(char c)
{
	return (c >= '0' && c <= '9') || (str_lower(c) >= 'a' && str_lower(c) <= 'z');
}

static void
add_point(struct buffer *buffer, uint32_t point)
{
	if (point < 0x80) {
		buffer_add_char(buffer, (char)point);
		return;
	}
	if (point < 0x800) {
		buffer_add_char(buffer, (char)(0xc0 | point >> 6));
	} else if (point < 0x10000) {
		buffer_add_char(buffer, (char)(0xe0 | point >> 12));
		buffer_add_char(buffer, (char)(0x80 | (point >> 6 & 0x3f)));
	} else {
		buffer_add_char(buffer, (char)(0xf0 | point >> 18));
		buffer_add_char(buffer, (char)(0x80 | (point >> 12 & 0x3f)));
		buffer_add_char(buffer, (char)(0x80 | (point >> 6 & 0x3f)));
	}
	buffer_add_char(buffer, (char)(0x80 | (point & 0x3f)));
}

static int
digit(char c, unsigned base)
{
	char lower = str_lower(c);

	if (c >= '0' && c <= '9')
		return c - '0';
	return base == 16 && lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* Section 13.2.5.80. */
static uint32_t
meant_by(uint32_t number)
{
	if (number == 0 || number > 0x10ffff || (number >= 0xd800 && number <= 0xdfff))
		return REPLACEMENT;
	if (number >= 0x80 && number <= 0x9f && windows[number - 0x80])
		return windows[number - 0x80];
	return number;
}

/* Bytes of a reference by number at the beginning of the text; 0: there is none. */
static size_t
add_number(struct buffer *buffer, struct str text)
{
	unsigned base = text.length > 2 && str_lower(text.data[2]) == 'x' ? 16 : 10;
	size_t first = base == 16 ? 3 : 2, i;
	uint32_t number = 0;

	for (i = first; i < text.length && digit(text.data[i], base) >= 0; i++) {
		if (number <= 0x10ffff)
			number = number * base + (uint32_t)digit(text.data[i], base);
	}
	if (i == first)
		return 0;
	add_point(buffer, meant_by(number));
	return i + (i < text.length && text.data[i] == ';');
}

static const struct html_entity *
find(struct str name)
{
	size_t low = 0, high = html_entity_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const char *candidate = html_entities[middle].name;
		int order = strncmp(name.data, candidate, name.length);

		if (order == 0 && candidate[name.length] == '\0')
			return &html_entities[middle];
		if (order > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* The longest name that the text begins with counts. */
static size_t
add_named(struct buffer *buffer, struct str text, bool in_attribute)
{
	size_t run = 1;

	while (run < text.length && run <= NAME_MAXIMUM && is_alphanumeric(text.data[run]))
		run++;
	if (run < text.length && text.data[run] == ';')
		run++;
	for (; run > 2; run--) {
		const struct html_entity *entity = find((struct str){ text.data + 1, run - 1 });

		if (!entity)
			continue;
		if (in_attribute && text.data[run - 1] != ';' && run < text.length &&
		    (text.data[run] == '=' || is_alphanumeric(text.data[run])))
			return 0;
		buffer_add_text(buffer, entity->text);
		return run;
	}
	return 0;
}

void
html_entity_decode(struct buffer *buffer, struct str text, bool in_attribute)
{
	while (text.length) {
		const char *mark = memchr(text.data, '&', text.length);
		size_t plain = mark ? (size_t)(mark - text.data) : text.length;
		size_t used;

		buffer_add(buffer, text.data, plain);
		text.data += plain;
		text.length -= plain;
		if (!text.length)
			return;
		used = text.length > 1 && text.data[1] == '#' ? add_number(buffer, text) :
		    add_named(buffer, text, in_attribute);
		if (!used) {
			buffer_add_char(buffer, '&');
			used = 1;
		}
		text.data += used;
		text.length -= used;
	}
}
