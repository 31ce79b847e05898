/* SPDX-License-Identifier: BSD-2-Clause */
/* Pieces of JSON. They are written for each message, and printf(3) takes its time. */
#include <math.h>

#include "filterd/service/json.h"

void
json_add_string(struct buffer *to, const char *text)
{
	if (text)
		json_text(to, str_of(text));
	else
		buffer_add(to, "null", 4);
}

void
json_add_key(struct buffer *to, const char *key)
{
	if (to->data[to->length - 1] != '{')
		buffer_add_char(to, ',');
	json_text(to, str_of(key));
	buffer_add_char(to, ':');
}

void
json_add_item(struct buffer *to)
{
	if (to->data[to->length - 1] != '[')
		buffer_add_char(to, ',');
}

void
json_add_member(struct buffer *to, const char *key, const char *text)
{
	json_add_key(to, key);
	json_add_string(to, text);
}

static void
add_integer(struct buffer *to, int64_t number)
{
	uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
	char digits[20];
	size_t i = sizeof(digits);

	do {
		digits[--i] = (char)('0' + left % 10);
		left /= 10;
	} while (left);
	if (number < 0)
		buffer_add_char(to, '-');
	buffer_add(to, digits + i, sizeof(digits) - i);
}

void
json_add_number(struct buffer *to, const char *key, double number)
{
	json_add_key(to, key);
	if (!isfinite(number))
		buffer_add(to, "null", 4);
	else if (fabs(number) < 1e9 && number == (double)(int64_t)number)
		add_integer(to, (int64_t)number);
	else
		buffer_printf(to, "%.10g", number);
}

void
json_add_integer(struct buffer *to, const char *key, int64_t number)
{
	json_add_key(to, key);
	add_integer(to, number);
}

void
json_add_bool(struct buffer *to, const char *key, bool value)
{
	json_add_key(to, key);
	buffer_add_text(to, value ? "true" : "false");
}

void
json_add_flag(struct buffer *to, const char *key, bool set)
{
	if (set)
		json_add_bool(to, key, true);
}
