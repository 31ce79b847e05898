/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugins/dkim/text.h"

struct dkim_text
dkim_trim(struct dkim_text text)
{
	while (text.length && dkim_is_space(text.data[0])) {
		text.data++;
		text.length--;
	}
	while (text.length && dkim_is_space(text.data[text.length - 1]))
		text.length--;
	return text;
}

bool
dkim_text_same(struct dkim_text a, struct dkim_text b)
{
	size_t i;

	if (a.length != b.length)
		return false;
	for (i = 0; i < a.length; i++) {
		if (dkim_lower(a.data[i]) != dkim_lower(b.data[i]))
			return false;
	}
	return true;
}

bool
dkim_text_is(struct dkim_text text, const char *word)
{
	return dkim_text_same(text, dkim_text_of(word));
}

bool
dkim_next_item(struct dkim_text *rest, struct dkim_text *item_r)
{
	const char *colon;
	size_t length;

	if (!rest->data)
		return false;
	colon = rest->length ? memchr(rest->data, ':', rest->length) : NULL;
	length = colon ? (size_t)(colon - rest->data) : rest->length;
	*item_r = dkim_trim((struct dkim_text){ rest->data, length });
	rest->data = colon ? colon + 1 : NULL;
	rest->length -= colon ? length + 1 : length;
	return true;
}

bool
dkim_list_has(struct dkim_text list, const char *word)
{
	struct dkim_text item;

	while (dkim_next_item(&list, &item)) {
		if (dkim_text_is(item, word))
			return true;
	}
	return false;
}

bool
dkim_number(struct dkim_text text, size_t digits, uint64_t *number_r)
{
	uint64_t number = 0;
	size_t i;

	if (!text.length || text.length > digits)
		return false;
	for (i = 0; i < text.length; i++) {
		unsigned digit = (unsigned char)text.data[i] - (unsigned)'0';

		if (digit > 9)
			return false;
		if (number > (UINT64_MAX - digit) / 10)
			number = UINT64_MAX;
		else
			number = number * 10 + digit;
	}
	*number_r = number;
	return true;
}
