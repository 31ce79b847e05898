/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines of OpenDKIM's flat files. Nothing is refused here: any bytes are lines of something. */
#include "plugins/dkim-sign/open_table.h"

static struct dkim_text
next_line(struct dkim_text *rest)
{
	const char *end = memchr(rest->data, '\n', rest->length);
	struct dkim_text line = { rest->data, end ? (size_t)(end - rest->data) : rest->length };
	size_t taken = line.length + (end ? 1 : 0);

	rest->data += taken;
	rest->length -= taken;
	return line;
}

static struct dkim_text
without_comment(struct dkim_text line)
{
	const char *comment = memchr(line.data, '#', line.length);

	if (comment)
		line.length = (size_t)(comment - line.data);
	return dkim_trim(line);
}

bool
open_table_next(struct open_cursor *cursor, struct open_line *line_r)
{
	while (cursor->rest.length > 0) {
		struct dkim_text line = without_comment(next_line(&cursor->rest));
		size_t key = 0;

		cursor->number++;
		if (line.length == 0)
			continue;
		while (key < line.length && !dkim_is_space(line.data[key]))
			key++;
		line_r->key = (struct dkim_text){ line.data, key };
		line_r->value = dkim_trim((struct dkim_text){ line.data + key, line.length - key });
		line_r->number = cursor->number;
		return true;
	}
	return false;
}

bool
open_field(struct dkim_text *rest, bool whole, struct dkim_text *field_r)
{
	const char *colon = whole ? NULL : memchr(rest->data, ':', rest->length);
	size_t length = colon ? (size_t)(colon - rest->data) : rest->length;

	if (rest->length == 0)
		return false;
	*field_r = dkim_trim((struct dkim_text){ rest->data, length });
	length += colon ? 1 : 0;
	rest->data += length;
	rest->length -= length;
	return true;
}
