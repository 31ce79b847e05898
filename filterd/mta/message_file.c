/* SPDX-License-Identifier: BSD-2-Clause */
/* A message as it lies in a file: taken apart and put together again without changing a byte. */
#include <string.h>

#include "filterd/mta/message_file.h"
#include "filterd/util/buffer.h"

#define PIECE (64 * 1024)

/* The next line with its end; length 0 at the end of the text. */
static struct str
next_line(struct str rest)
{
	const char *end = rest.length ? memchr(rest.data, '\n', rest.length) : NULL;

	return (struct str){ rest.data, end ? (size_t)(end - rest.data) + 1 : rest.length };
}

static struct str
behind(struct str text, size_t skip)
{
	return (struct str){ text.data + skip, text.length - skip };
}

static struct str
without_line_end(struct str line)
{
	if (line.length && line.data[line.length - 1] == '\n')
		line.length--;
	if (line.length && line.data[line.length - 1] == '\r')
		line.length--;
	return line;
}

/* Bytes of the field's name, RFC 5322 section 2.2; 0: the line is no field. Blanks may stand before
 * the colon (section 4.5). */
static size_t
name_length(struct str line, size_t *colon_r)
{
	size_t length = 0, colon;

	while (length < line.length && line.data[length] > 32 && line.data[length] < 127 &&
	    line.data[length] != ':')
		length++;
	colon = length;
	while (colon < line.length && (line.data[colon] == ' ' || line.data[colon] == '\t'))
		colon++;
	if (!length || colon == line.length || line.data[colon] != ':')
		return 0;
	*colon_r = colon;
	return length;
}

/* The raw field's value with folds as LF. */
static struct str
unfold_ends(struct arena *arena, struct str raw)
{
	char *value = arena_copy(arena, raw.data, raw.length);
	size_t from, to = 0;

	for (from = 0; from < raw.length; from++)
		if (raw.data[from] != '\r' || from + 1 == raw.length || raw.data[from + 1] != '\n')
			value[to++] = raw.data[from];
	value[to] = '\0';
	return (struct str){ value, to };
}

/* Whole bytes of the field that begins here, continuation lines included. */
static size_t
field_length(struct str rest)
{
	size_t length = next_line(rest).length;

	while (length < rest.length && (rest.data[length] == ' ' || rest.data[length] == '\t'))
		length += next_line(behind(rest, length)).length;
	return length;
}

static size_t
count_lines(struct str text)
{
	size_t lines = 0;

	while (text.length) {
		text = behind(text, next_line(text).length);
		lines++;
	}
	return lines;
}

static void
take_field(struct message_file *file, struct str raw, size_t name, size_t colon,
    struct arena *arena)
{
	struct file_field *field = &file->fields[file->field_count++];

	field->raw = raw;
	field->name = arena_str(arena, (struct str){ raw.data, name });
	field->value = unfold_ends(arena, without_line_end(behind(raw, colon + 1)));
}

/* Where the header section ends at the latest: no need to count the lines of the body. */
static struct str
header_section(struct str text)
{
	struct str rest = text;

	while (rest.length && without_line_end(next_line(rest)).length)
		rest = behind(rest, next_line(rest).length);
	return (struct str){ text.data, text.length - rest.length };
}

struct message_file
message_file_parse(const char *name, struct str text, struct arena *arena)
{
	struct message_file file = { .name = name, .text = text };
	struct str first = next_line(text);
	struct str rest = text;
	size_t colon;

	file.crlf = first.length > 1 && memcmp(first.data + first.length - 2, "\r\n", 2) == 0;
	file.fields = arena_array(arena, count_lines(header_section(text)) + 1,
	    sizeof(*file.fields));
	while (rest.length) {
		struct str line = without_line_end(next_line(rest));
		size_t length = name_length(line, &colon);
		size_t whole = field_length(rest);

		if (!length)
			break;
		take_field(&file, (struct str){ rest.data, whole }, length, colon, arena);
		rest = behind(rest, whole);
	}
	if (rest.length && !without_line_end(next_line(rest)).length)
		file.separator = next_line(rest);
	file.body = behind(rest, file.separator.length);
	return file;
}

/* ---- mailboxes ---- */

static bool
is_from_line(struct str line)
{
	return line.length >= 5 && memcmp(line.data, "From ", 5) == 0;
}

/* ">From ", ">>From " and so on. */
static bool
is_quoted_from(struct str line)
{
	size_t i = 0;

	while (i < line.length && line.data[i] == '>')
		i++;
	return i > 0 && is_from_line(behind(line, i));
}

/* The message behind its "From " line, without the empty line that divides it from the next. */
static struct str
unquote(struct str text, struct arena *arena)
{
	struct buffer message = { 0 };
	struct str result;

	while (text.length) {
		struct str line = next_line(text);

		buffer_add_str(&message, is_quoted_from(line) ? behind(line, 1) : line);
		text = behind(text, line.length);
	}
	result = arena_str(arena, (struct str){ buffer_text(&message), message.length });
	buffer_free(&message);
	return result;
}

/* Bytes up to the next "From " line; *divider_r: those of the empty line before it. */
static size_t
message_length(struct str text, size_t *divider_r)
{
	size_t length = 0, empty = 0;

	while (length < text.length) {
		struct str line = next_line(behind(text, length));

		if (empty && is_from_line(line))
			break;
		empty = without_line_end(line).length ? 0 : line.length;
		length += line.length;
	}
	*divider_r = empty;
	return length;
}

void
mailbox_each(struct str text, struct arena *arena, bool (*visit)(void *argument,
    struct str message), void *argument)
{
	if (!is_from_line(text)) {
		visit(argument, text);
		return;
	}
	while (text.length) {
		struct str rest = behind(text, next_line(text).length);
		size_t divider;
		size_t length = message_length(rest, &divider);

		if (!visit(argument, unquote((struct str){ rest.data, length - divider }, arena)))
			return;
		text = behind(rest, length);
	}
}

/* ---- bodies ---- */

bool
message_file_body(const struct message_file *file, bool (*take)(void *argument, const void *bytes,
    size_t size),
    void *argument)
{
	struct buffer piece = { 0 };
	struct str rest = file->body;
	bool wanted = true;

	while (rest.length && wanted) {
		struct str line = next_line(rest);
		struct str text = without_line_end(line);

		buffer_add_str(&piece, text);
		buffer_add(&piece, "\r\n", 2);
		rest = behind(rest, line.length);
		if (piece.length < PIECE && rest.length)
			continue;
		wanted = take(argument, piece.data, piece.length);
		piece.length = 0;
	}
	buffer_free(&piece);
	return wanted;
}

/* The empty text may be NULL, which fwrite() does not take. */
static void
write_text(struct str text, FILE *to)
{
	if (text.length)
		fwrite(text.data, 1, text.length, to);
}

/* Text with CRLF, LF or both as line ends, written with the file's own. */
static void
write_lines(const struct message_file *file, struct str text, FILE *to)
{
	while (text.length) {
		struct str line = next_line(text);
		struct str bare = line;

		if (bare.data[bare.length - 1] == '\n')
			bare = without_line_end(line);
		write_text(bare, to);
		if (bare.length < line.length)
			fputs(file->crlf ? "\r\n" : "\n", to);
		text = behind(text, line.length);
	}
}

/* The file's field that this node is, or is equal to; NULL: a filter made it. */
static const struct file_field *
origin(const struct message_file *file, const struct model *model, const struct field_node *node,
    size_t *from)
{
	size_t i;

	for (i = 0; i < model->original.field_count && i < file->field_count; i++) {
		size_t at = (*from + i) % model->original.field_count;

		if (field_same(model->original.fields[at], node)) {
			*from = at + 1;
			return &file->fields[at];
		}
	}
	return NULL;
}

static void
write_field(const struct message_file *file, const struct field_node *node, FILE *to)
{
	write_text(node->name, to);
	fputc(':', to);
	write_lines(file, node->value, to);
	fputs(file->crlf ? "\r\n" : "\n", to);
}

static void
write_body(const struct message_file *file, const struct model *model, FILE *to)
{
	struct str bytes;

	if (body_equal(model->current->body, model->original.body))
		write_text(file->body, to);
	else if (body_bytes(model->current->body, &bytes))
		write_lines(file, bytes, to);
}

/* Whether an empty line has to be made: a filter gave a body to a message without one. */
static bool
lacks_separator(const struct message_file *file, const struct model *model)
{
	struct body *body = model->current->body;

	return !file->separator.length && body_size(body) &&
	    !body_equal(body, model->original.body);
}

bool
message_file_write(const struct message_file *file, struct model *model, FILE *to)
{
	const struct state *state = model->current;
	const char *line_end = file->crlf ? "\r\n" : "\n";
	bool divide = lacks_separator(file, model);
	size_t i, from = 0;

	for (i = 0; i < state->field_count; i++) {
		const struct file_field *field = origin(file, model, state->fields[i], &from);
		bool more = i + 1 < state->field_count || divide;

		if (!field) {
			write_field(file, state->fields[i], to);
			continue;
		}
		write_text(field->raw, to);
		if (more && field->raw.data[field->raw.length - 1] != '\n')
			fputs(line_end, to);
	}
	write_text(file->separator, to);
	if (divide)
		fputs(line_end, to);
	write_body(file, model, to);
	return fflush(to) == 0 && !ferror(to);
}
