/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugins/dkim/tags.h"

static bool
is_letter(char c)
{
	c = dkim_lower(c);
	return c >= 'a' && c <= 'z';
}

/* tag-name = ALPHA *ALNUMPUNC */
static bool
is_name(struct dkim_text text)
{
	size_t i;

	if (!text.length || !is_letter(text.data[0]))
		return false;
	for (i = 1; i < text.length; i++) {
		char c = text.data[i];

		if (!is_letter(c) && !(c >= '0' && c <= '9') && c != '_')
			return false;
	}
	return true;
}

static bool
is_value(struct dkim_text text)
{
	size_t i;

	for (i = 0; i < text.length; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if ((c < ' ' && !dkim_is_space((char)c)) || c == 0x7f)
			return false;
	}
	return true;
}

static const struct dkim_tag *
find(const struct dkim_tags *tags, struct dkim_text name)
{
	size_t i;

	for (i = 0; i < tags->count; i++) {
		const struct dkim_tag *tag = &tags->items[i];

		if (tag->name.length == name.length &&
		    memcmp(tag->name.data, name.data, name.length) == 0)
			return tag;
	}
	return NULL;
}

/* Reads "name = value". */
static const char *
parse_spec(struct dkim_text spec, struct dkim_tags *tags)
{
	const char *equals = spec.length ? memchr(spec.data, '=', spec.length) : NULL;
	struct dkim_tag tag;

	if (!equals)
		return dkim_trim(spec).length ? "a tag without \"=\"" : "an empty tag";
	tag.name = dkim_trim((struct dkim_text){ spec.data, (size_t)(equals - spec.data) });
	tag.raw.data = equals + 1;
	tag.raw.length = spec.length - (size_t)(equals + 1 - spec.data);
	tag.value = dkim_trim(tag.raw);
	if (!is_name(tag.name))
		return "a tag whose name is none";
	if (!is_value(tag.value))
		return "a control character in a value";
	if (find(tags, tag.name))
		return "a tag that comes twice";
	if (tags->count == DKIM_TAGS_MAX)
		return "too many tags";
	tags->items[tags->count++] = tag;
	return NULL;
}

const char *
dkim_tags_parse(struct dkim_text text, struct dkim_tags *tags_r)
{
	const char *error = NULL;

	tags_r->count = 0;
	if (text.length > DKIM_TAG_LIST_MAX)
		return "too long a list of tags";
	while (!error) {
		const char *end = text.length ? memchr(text.data, ';', text.length) : NULL;
		size_t length = end ? (size_t)(end - text.data) : text.length;

		error = parse_spec((struct dkim_text){ text.data, length }, tags_r);
		if (!end)
			break;
		text.data += length + 1;
		text.length -= length + 1;
		/* The last tag may be followed by ";", and that by white space. */
		if (!dkim_trim(text).length)
			break;
	}
	return error;
}

const struct dkim_tag *
dkim_tags_find(const struct dkim_tags *tags, const char *name)
{
	return find(tags, dkim_text_of(name));
}
