/* SPDX-License-Identifier: BSD-2-Clause */
/* A log line as key=value or as a JSON object. */
#include <stdio.h>
#include <string.h>

#include "filterd/service/json.h"
#include "filterd/service/log_text.h"
#include "filterd/util/utf8.h"

const char *const log_level_names[] = { "error", "warning", "notice", "info", "debug" };

/* Code points that would break or disguise a line on a terminal: C0 and C1 controls, line and
 * paragraph separators, and the marks that turn the direction of text (Unicode annex 9). */
static const struct {
	uint32_t first, last;
} unprintable[] = {
	{ 0x00, 0x1f }, { 0x7f, 0x9f }, { 0x200e, 0x200f }, { 0x2028, 0x202e }, { 0x2066, 0x2069 },
	{ 0xfeff, 0xfeff },
};

#define UNPRINTABLE (sizeof(unprintable) / sizeof(unprintable[0]))

static bool
is_printable(uint32_t point)
{
	size_t i;

	for (i = 0; i < UNPRINTABLE; i++)
		if (point >= unprintable[i].first && point <= unprintable[i].last)
			return false;
	return true;
}

static bool
needs_quotes(struct str text)
{
	size_t i;

	for (i = 0; i < text.length; i++)
		if (text.data[i] <= ' ' || text.data[i] >= 0x7f || strchr("\"\\=", text.data[i]))
			return true;
	return text.length == 0;
}

static void
add_quoted(struct buffer *to, struct str text)
{
	size_t at = 0;

	buffer_add_char(to, '"');
	while (at < text.length) {
		uint32_t point;
		size_t length = utf8_next((struct str){ text.data + at, text.length - at }, &point);
		bool plain = length && is_printable(point);
		size_t i;

		if (plain && (point == '"' || point == '\\'))
			buffer_add_char(to, '\\');
		for (i = 0; i < (length ? length : 1); i++) {
			if (plain)
				buffer_add_char(to, text.data[at + i]);
			else
				buffer_printf(to, "\\x%02x", (unsigned char)text.data[at + i]);
		}
		at += i;
	}
	buffer_add_char(to, '"');
}

void
log_text_fields(struct buffer *to, const struct log_field *fields, size_t count)
{
	const char *blank = "";
	size_t i;

	for (i = 0; i < count; i++) {
		if (!fields[i].text.data)
			continue;
		buffer_printf(to, "%s%s=", blank, fields[i].key);
		if (needs_quotes(fields[i].text))
			add_quoted(to, fields[i].text);
		else
			buffer_add_str(to, fields[i].text);
		blank = " ";
	}
}

void
log_json_fields(struct buffer *to, const struct log_field *fields, size_t count)
{
	char divider = '{';
	size_t i;

	for (i = 0; i < count; i++) {
		if (!fields[i].text.data)
			continue;
		buffer_add_char(to, divider);
		json_text(to, str_of(fields[i].key));
		buffer_add_char(to, ':');
		if (fields[i].bare)
			buffer_add_str(to, fields[i].text);
		else
			json_text(to, fields[i].text);
		divider = ',';
	}
	buffer_add_text(to, divider == '{' ? "{}" : "}");
}

void
log_time(char text_r[LOG_TIME_BYTES], const struct timespec *time)
{
	struct tm broken;
	size_t length;

	gmtime_r(&time->tv_sec, &broken);
	length = strftime(text_r, LOG_TIME_BYTES, "%Y-%m-%dT%H:%M:%S", &broken);
	snprintf(text_r + length, LOG_TIME_BYTES - length, ".%06ldZ", time->tv_nsec / 1000);
}
