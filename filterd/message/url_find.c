/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses that stand in plain text: RFC 3986, appendix C, and the habits of writers. */
#include <string.h>

#include "filterd/message/url.h"
#include "filterd/util/utf8.h"

static const struct str beginnings[] = {
	{ "http://", 7 }, { "https://", 8 }, { "ftp://", 6 }, { "mailto:", 7 }, { "www.", 4 },
};

/* Only of ASCII: other writing systems put no blank in front. */
static bool
is_word(unsigned char c)
{
	return (c >= '0' && c <= '9') || (str_lower((char)c) >= 'a' && str_lower((char)c) <= 'z');
}

/* Bytes of the beginning that stands there; 0: none. */
static size_t
beginning_size(struct str text, size_t at)
{
	const struct str rest = { text.data + at, text.length - at };
	size_t i;

	if (!strchr("hHfFmMwW", rest.data[0]) || !rest.data[0])
		return 0;
	if (at > 0 && is_word((unsigned char)text.data[at - 1]))
		return 0;
	for (i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++) {
		if (str_has_prefix_nocase(rest, beginnings[i]))
			return beginnings[i].length;
	}
	return 0;
}

/* Characters that end an address: blanks, quotation marks, brackets that RFC 3986 does not have. */
static bool
ends_address(uint32_t point)
{
	static const uint32_t ends[] = { 0xa0, 0xab, 0xbb, 0x1680, 0x3000, 0x300c, 0x300d, 0xff5e,
		0xfeff, 0xfffd };
	size_t i;

	if (point <= ' ' || point == 0x7f)
		return true;
	if (point < 0x80)
		return strchr("<>\"`{}|^", (int)point) != NULL;
	if (point >= 0x2000 && point <= 0x206f)
		return true;
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (point == ends[i])
			return true;
	}
	return false;
}

static size_t
count(struct str text, char c)
{
	size_t i, found = 0;

	for (i = 0; i < text.length; i++)
		found += text.data[i] == c;
	return found;
}

/* Without what ends the sentence around it. A bracket stays when its partner is in the address. */
static struct str
without_punctuation(struct str address)
{
	static const char closing[] = ")]", opening[] = "([";
	size_t extra[2];
	size_t i;

	for (i = 0; i < 2; i++) {
		size_t opened = count(address, opening[i]), closed = count(address, closing[i]);

		extra[i] = closed > opened ? closed - opened : 0;
	}
	while (address.length) {
		char last = address.data[address.length - 1];
		const char *bracket = strchr(closing, last);

		if (bracket && extra[bracket - closing] > 0)
			extra[bracket - closing]--;
		else if (!strchr(".,;:!?'*_", last))
			break;
		address.length--;
	}
	return address;
}

static struct str
address_at(struct str text, size_t at)
{
	struct str rest = { text.data + at, text.length - at };
	struct str address = { rest.data, 0 };

	while (rest.length && address.length < URL_MAXIMUM) {
		uint32_t point;
		size_t size = utf8_next(rest, &point);

		if (!size || ends_address(point))
			break;
		rest.data += size;
		rest.length -= size;
		address.length += size;
	}
	return without_punctuation(address);
}

bool
url_find(struct str text, size_t maximum, url_visitor *visitor, void *argument)
{
	size_t i = 0;

	while (i < text.length) {
		size_t beginning = beginning_size(text, i);
		struct str address;

		if (!beginning) {
			i++;
			continue;
		}
		address = address_at(text, i);
		if (address.length > beginning) {
			if (maximum == 0)
				return false;
			maximum--;
			if (visitor(argument, address))
				return true;
			i += address.length;
		} else {
			i += beginning;
		}
	}
	return true;
}
