/* SPDX-License-Identifier: BSD-2-Clause */
/* The text of new parts and changed headers. */
#include <string.h>

#include "filterd/message/mime_edit_parts.h"
#include "filterd/message/mime_encode.h"
#include "filterd/message/mime_param.h"

struct str
mime_take_buffer(struct arena *arena, struct buffer *buffer)
{
	struct str text = arena_str(arena, (struct str){ buffer_text(buffer), buffer->length });

	buffer_free(buffer);
	return text;
}

void
mime_add_field(struct buffer *buffer, struct str name, struct str value)
{
	buffer_add_str(buffer, name);
	buffer_add_char(buffer, ':');
	mime_add_lines(buffer, value);
	buffer_add(buffer, "\r\n", 2);
}

void
mime_add_fields(struct buffer *buffer, const struct mime_view *view, const struct mime_part *part,
    bool (*keep)(const void *argument, struct str name), const void *argument)
{
	size_t i;

	for (i = 0; i < part->field_count; i++) {
		const struct mime_field *field = &part->fields[i];
		struct str raw = mime_bytes(view, field->range);

		if (!keep(argument, field->name))
			continue;
		if (part->parent == MIME_NONE) {
			mime_add_field(buffer, field->name, field->value);
			continue;
		}
		buffer_add_str(buffer, raw);
		if (!raw.length || raw.data[raw.length - 1] != '\n')
			buffer_add(buffer, "\r\n", 2);
	}
}

bool
mime_is_content_field(const void *unused, struct str name)
{
	(void)unused;
	return str_has_prefix_nocase(name, STR("content-"));
}

bool
mime_is_other_field(const void *unused, struct str name)
{
	return !mime_is_content_field(unused, name);
}

const char *
mime_add_encoded(struct buffer *buffer, bool text, struct str bytes)
{
	struct buffer lines = { 0 };
	struct str content = bytes;
	const char *encoding = "base64";

	if (text) {
		mime_add_lines(&lines, bytes);
		content = (struct str){ buffer_text(&lines), lines.length };
	}
	if (!text) {
		mime_add_base64(buffer, content);
	} else if (!mime_beyond_7bit(content)) {
		encoding = "7bit";
		buffer_add_str(buffer, content);
	} else {
		encoding = "quoted-printable";
		mime_add_quoted_printable(buffer, content);
	}
	buffer_free(&lines);
	return encoding;
}

void
mime_add_part(struct buffer *buffer, const struct mime_content *content)
{
	const char *type = content->type ? content->type : "text/plain; charset=utf-8";
	bool text = str_has_prefix_nocase(str_of(type), STR("text/"));
	struct buffer body = { 0 };
	const char *encoding = mime_add_encoded(&body, text, content->bytes);

	buffer_printf(buffer, "Content-Type: %s\r\n", type);
	if (content->disposition)
		buffer_printf(buffer, "Content-Disposition: %s\r\n", content->disposition);
	buffer_printf(buffer, "Content-Transfer-Encoding: %s\r\n\r\n", encoding);
	buffer_add(buffer, buffer_text(&body), body.length);
	buffer_free(&body);
}

/* "=_" can stand in no quoted-printable or base64 content (RFC 2045 section 6.7). The message may
 * hold the rest of it by chance, or on purpose. */
const char *
mime_new_boundary(const struct mime_view *view, struct arena *arena)
{
	unsigned long long seed = str_hash(view->bytes.length > 4096 ?
	    (struct str){ view->bytes.data, 4096 } : view->bytes) ^ view->bytes.length;
	const char *boundary;

	do
		boundary = arena_printf(arena, "=_filterd_%016llx", seed++);
	while (view->bytes.length && memmem(view->bytes.data, view->bytes.length, boundary,
	    strlen(boundary)));
	return boundary;
}

/* Values as they are read; those of RFC 2231 stay encoded. */
static void
add_parameter(struct buffer *buffer, const struct mime_parameter *parameter)
{
	struct str value = parameter->count ? parameter->readings[0] : STR("");
	size_t i;

	buffer_printf(buffer, ";\r\n\t%.*s", (int)parameter->name.length, parameter->name.data);
	if (parameter->section >= 0)
		buffer_printf(buffer, "*%d", parameter->section);
	if (parameter->extended) {
		buffer_printf(buffer, "*=%.*s", (int)value.length, value.data);
		return;
	}
	buffer_add_text(buffer, "=\"");
	for (i = 0; i < value.length; i++) {
		if (value.data[i] == '"' || value.data[i] == '\\')
			buffer_add_char(buffer, '\\');
		buffer_add_char(buffer, value.data[i]);
	}
	buffer_add_char(buffer, '"');
}

const char *
mime_with_charset(const struct mime_part *part, struct arena *arena, const char *charset)
{
	struct buffer text = { 0 };
	struct mime_value value = { .count = 0 };
	size_t i;

	for (i = 0; i < part->field_count; i++) {
		if (str_equal_nocase(part->fields[i].name, STR("Content-Type"))) {
			mime_value_parse(arena, part->fields[i].value, &value);
			break;
		}
	}
	buffer_printf(&text, "%.*s; charset=%s", (int)part->type.length, part->type.data, charset);
	for (i = 0; i < value.count; i++) {
		if (!str_equal_nocase(value.parameters[i].name, STR("charset")))
			add_parameter(&text, &value.parameters[i]);
	}
	return mime_take_buffer(arena, &text).data;
}
