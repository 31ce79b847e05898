/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every reading of a parameter. Standards know one value; readers of mail differ when a parameter
 * stands there twice, in RFC 2231's sections and without, in sections that are incomplete or out of
 * order, with encoded words (RFC 2047), which section 5 of it forbids there and many senders use.
 */
#include <stdlib.h>
#include <string.h>

#include "filterd/message/charset.h"
#include "filterd/message/clean.h"
#include "filterd/message/decode.h"
#include "filterd/message/mime_defect.h"
#include "filterd/message/mime_param.h"
#include "filterd/util/buffer.h"

struct readings {
	struct arena *arena;
	struct str *list;
	size_t count;
	uint64_t defects;
};

static void
note(struct readings *readings, enum mime_defect defect)
{
	readings->defects |= MIME_DEFECT_BIT(defect);
}

/* Adds a text that is not there yet. */
static void
add_text(struct readings *readings, struct str text)
{
	size_t i;

	for (i = 0; i < readings->count; i++) {
		if (str_equal(readings->list[i], text))
			return;
	}
	if (readings->count < MIME_READINGS)
		readings->list[readings->count++] = arena_str(readings->arena, text);
}

/* Bytes as UTF-8. */
static void
add_clean(struct readings *readings, struct str bytes)
{
	struct buffer text = { 0 };

	clean_add(&text, bytes);
	add_text(readings, (struct str){ buffer_text(&text), text.length });
	buffer_free(&text);
}

/* A value outside RFC 2231: what an encoded word means first, for that is what people see. */
static void
add_plain(struct readings *readings, struct str value)
{
	const char *word = memmem(value.data, value.length, "=?", 2);

	if (word && memmem(word, value.length - (size_t)(word - value.data), "?=", 2)) {
		note(readings, MIME_PARAMETER_ENCODED_WORD);
		add_text(readings, header_decode(readings->arena, value));
	}
	add_clean(readings, value);
}

/* RFC 2231 section 7, ext-octet. */
static void
add_octets(struct readings *readings, struct buffer *bytes, struct str value)
{
	size_t i;

	for (i = 0; i < value.length; i++) {
		int high = -1, low = -1;

		if (value.data[i] == '%' && i + 2 < value.length) {
			high = str_hex(value.data[i + 1]);
			low = str_hex(value.data[i + 2]);
		}
		if (value.data[i] == '%' && (high < 0 || low < 0))
			note(readings, MIME_PARAMETER_SYNTAX);
		if (high < 0 || low < 0) {
			buffer_add_char(bytes, value.data[i]);
			continue;
		}
		buffer_add_char(bytes, (char)(high << 4 | low));
		i += 2;
	}
}

/* Takes "charset'language'" off an initial value, RFC 2231 section 4. */
static struct str
take_charset(struct readings *readings, struct str *value)
{
	const char *first = memchr(value->data, '\'', value->length), *second = NULL;
	struct str charset = { "", 0 };
	const char *end = value->data + value->length;

	if (first)
		second = memchr(first + 1, '\'', (size_t)(end - first - 1));
	if (!second) {
		note(readings, MIME_PARAMETER_SYNTAX);
		return charset;
	}
	charset = (struct str){ value->data, (size_t)(first - value->data) };
	*value = (struct str){ second + 1, (size_t)(end - second - 1) };
	return charset;
}

static void
add_converted(struct readings *readings, struct str charset, const struct buffer *bytes)
{
	struct str octets = { buffer_text(bytes), bytes->length };
	struct buffer text = { 0 };

	if (charset.length && charset_add(&text, charset, octets))
		add_text(readings, (struct str){ buffer_text(&text), text.length });
	else
		add_plain(readings, octets);
	buffer_free(&text);
}

/* Sections put together in this order, up to `count` of them. */
static void
add_joined(struct readings *readings, const struct mime_parameter *const *sections, size_t count)
{
	struct buffer bytes = { 0 };
	struct str charset = { "", 0 };
	size_t i;

	for (i = 0; i < count; i++) {
		struct str value = sections[i]->readings[0];

		if (!sections[i]->extended) {
			buffer_add_str(&bytes, value);
			continue;
		}
		if (i == 0)
			charset = take_charset(readings, &value);
		add_octets(readings, &bytes, value);
	}
	add_converted(readings, charset, &bytes);
	buffer_free(&bytes);
}

static int
by_section(const void *a, const void *b)
{
	const struct mime_parameter *const *x = a, *const *y = b;

	return (*x)->section - (*y)->section;
}

/* In the order of their numbers, then as far as these have no gap, then as they stand. */
static void
add_sections(struct readings *readings, const struct mime_parameter **sections, size_t count)
{
	const struct mime_parameter *standing[MIME_PARAMETERS];
	size_t whole = 0, i;
	bool ordered = true;

	memcpy(standing, sections, count * sizeof(*sections));
	for (i = 1; i < count; i++)
		ordered &= sections[i]->section > sections[i - 1]->section;
	if (!ordered)
		qsort(sections, count, sizeof(*sections), by_section);
	while (whole < count && sections[whole]->section == (int)whole)
		whole++;
	add_joined(readings, sections, count);
	if (whole < count || !ordered)
		note(readings, MIME_PARAMETER_SECTIONS);
	if (whole && whole < count)
		add_joined(readings, sections, whole);
	if (!ordered)
		add_joined(readings, standing, count);
	if (count > 1)
		add_joined(readings, standing, 1);
}

/* The readings of those that have no section; extended ones (name*=…) are asked for apart. */
static size_t
add_single(struct readings *readings, const struct mime_value *value, struct str name,
    bool extended)
{
	size_t i, j, found = 0;

	for (i = 0; i < value->count; i++) {
		const struct mime_parameter *parameter = &value->parameters[i];

		if (!str_equal_nocase(parameter->name, name) || parameter->section >= 0 ||
		    parameter->extended != extended)
			continue;
		found++;
		if (extended)
			add_joined(readings, &parameter, 1);
		for (j = 0; !extended && j < parameter->count; j++)
			add_plain(readings, parameter->readings[j]);
	}
	if (found > 1)
		note(readings, MIME_PARAMETER_REPEATED);
	return found;
}

size_t
mime_value_readings(struct arena *arena, const struct mime_value *value, const char *name,
    struct str *readings_r, uint64_t *defects)
{
	const struct mime_parameter *sections[MIME_PARAMETERS];
	struct readings readings = { .arena = arena, .list = readings_r };
	size_t i, count = 0;

	for (i = 0; i < value->count; i++) {
		if (value->parameters[i].section >= 0 &&
		    str_equal_nocase(value->parameters[i].name, str_of(name)))
			sections[count++] = &value->parameters[i];
	}
	add_single(&readings, value, str_of(name), true);
	if (count)
		add_sections(&readings, sections, count);
	add_single(&readings, value, str_of(name), false);
	*defects |= readings.defects;
	return readings.count;
}
