/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The difference between a message as received and as delivered. Lines are compared by a longest
 * common subsequence; where both sides are long and differ much, what is between their common
 * beginning and end is shown whole.
 */
#include <stdlib.h>
#include <string.h>

#include "filterd/message/diff.h"
#include "filterd/util/memory.h"

#define CELLS_MAXIMUM (4u * 1024 * 1024)	/* of the table of subsequence lengths */

struct lines {
	struct str *items;
	size_t count, room;
};

static void
lines_add(struct lines *lines, struct str line)
{
	if (lines->count == lines->room) {
		lines->room = lines->room ? lines->room * 2 : 64;
		lines->items = memory_resize(lines->items, lines->room * sizeof(*lines->items));
	}
	lines->items[lines->count++] = line;
}

/* Text cut at LF; a CR before it is dropped. */
static void
lines_add_text(struct lines *lines, struct str text)
{
	while (text.length) {
		const char *end = memchr(text.data, '\n', text.length);
		size_t length = end ? (size_t)(end - text.data) : text.length;
		struct str line = { text.data, length };

		if (length && line.data[length - 1] == '\r')
			line.length--;
		lines_add(lines, line);
		length += end ? 1 : 0;
		text.data += length;
		text.length -= length;
	}
}

static bool
is_control(char byte)
{
	unsigned char c = (unsigned char)byte;

	return (c < 32 && c != '\t') || c == 127;
}

static void
print_line(char mark, struct str line, struct buffer *to)
{
	size_t i = 0, plain;

	buffer_add_char(to, mark);
	while (i < line.length) {
		for (plain = i; plain < line.length && !is_control(line.data[plain]); plain++)
			;
		buffer_add(to, line.data + i, plain - i);
		for (i = plain; i < line.length && is_control(line.data[i]); i++)
			buffer_printf(to, "\\x%02x", (unsigned char)line.data[i]);
	}
	buffer_add_char(to, '\n');
}

static void
print_all(char mark, const struct str *lines, size_t count, struct buffer *to)
{
	size_t i;

	for (i = 0; i < count; i++)
		print_line(mark, lines[i], to);
}

/* table[i][j]: length of the longest common subsequence of old from i on and new from j on. */
static unsigned *
subsequence_table(const struct str *old, size_t old_count, const struct str *new, size_t new_count)
{
	size_t width = new_count + 1;
	unsigned *table = memory_array((old_count + 1) * width, sizeof(*table));
	size_t i, j;

	for (i = old_count; i-- > 0;)
		for (j = new_count; j-- > 0;) {
			unsigned *cell = &table[i * width + j];

			if (str_equal(old[i], new[j]))
				*cell = cell[width + 1] + 1;
			else
				*cell = cell[width] > cell[1] ? cell[width] : cell[1];
		}
	return table;
}

static void
print_changes(const struct str *old, size_t old_count, const struct str *new, size_t new_count,
    size_t cells, struct buffer *to)
{
	size_t width = new_count + 1, i = 0, j = 0;
	unsigned *table;

	if ((old_count + 1) > cells / width) {
		print_all('-', old, old_count, to);
		print_all('+', new, new_count, to);
		return;
	}
	table = subsequence_table(old, old_count, new, new_count);
	while (i < old_count || j < new_count) {
		bool old_goes = i < old_count &&
		    (j == new_count || table[(i + 1) * width + j] >= table[i * width + j + 1]);

		if (i < old_count && j < new_count && str_equal(old[i], new[j])) {
			i++;
			j++;
		} else if (old_goes)
			print_line('-', old[i++], to);
		else
			print_line('+', new[j++], to);
	}
	free(table);
}

/* The lines from the nth on; NULL: there are none. */
static const struct str *
lines_from(const struct lines *lines, size_t n)
{
	return n < lines->count ? &lines->items[n] : NULL;
}

/* One part of the message; frees the lines. */
static void
print_part(const char *title, struct lines *old, struct lines *new, size_t cells, struct buffer *to)
{
	size_t head = 0, tail = 0;

	while (head < old->count && head < new->count &&
	    str_equal(old->items[head], new->items[head]))
		head++;
	while (tail < old->count - head && tail < new->count - head &&
	    str_equal(old->items[old->count - 1 - tail], new->items[new->count - 1 - tail]))
		tail++;
	if (head + tail < old->count || head + tail < new->count) {
		buffer_printf(to, "@@ %s, line %zu @@\n", title, head + 1);
		print_changes(lines_from(old, head), old->count - head - tail,
		    lines_from(new, head), new->count - head - tail, cells, to);
	}
	free(old->items);
	free(new->items);
}

static void
add_path(struct lines *lines, struct arena *arena, const char *command,
    const struct mf_address *address)
{
	char *line = arena_printf(arena, "%s:<%s>", command, address->text);
	const char *const *argument;

	for (argument = address->arguments; argument && *argument; argument++)
		line = arena_printf(arena, "%s %s", line, *argument);
	lines_add(lines, str_of(line));
}

static struct lines
envelope_lines(const struct state *state, struct arena *arena)
{
	struct lines lines = { 0 };
	size_t i;

	if (state->sender)
		add_path(&lines, arena, "MAIL FROM", state->sender);
	for (i = 0; i < state->recipient_count; i++)
		add_path(&lines, arena, "RCPT TO", state->recipients[i]);
	return lines;
}

static struct lines
header_lines(const struct state *state, struct arena *arena)
{
	struct lines lines = { 0 };
	size_t i;

	for (i = 0; i < state->field_count; i++) {
		const struct field_node *field = state->fields[i];
		char *text = arena_alloc(arena, field->name.length + field->value.length + 2);

		memcpy(text, field->name.data, field->name.length);
		text[field->name.length] = ':';
		memcpy(text + field->name.length + 1, field->value.data, field->value.length);
		lines_add_text(&lines, (struct str){ text,
		    field->name.length + 1 + field->value.length });
	}
	return lines;
}

static struct lines
body_lines(const struct state *state)
{
	struct lines lines = { 0 };
	struct str bytes;

	if (state->body && body_bytes(state->body, &bytes))
		lines_add_text(&lines, bytes);
	return lines;
}

static void
print_body(const struct model *model, const struct diff_options *options, size_t cells,
    struct buffer *to)
{
	struct lines old, new;

	if (model->current->body == model->original.body)
		return;
	if (options->body) {
		old = body_lines(&model->original);
		new = body_lines(model->current);
		print_part("body", &old, &new, cells, to);
	} else {
		buffer_printf(to, "@@ body, %zu bytes, was %zu @@\n",
		    model->current->body ? body_size(model->current->body) : 0,
		    model->original.body ? body_size(model->original.body) : 0);
	}
}

void
diff_add(struct model *model, const struct diff_options *options, struct buffer *to)
{
	size_t cells = options->cells ? options->cells : CELLS_MAXIMUM;
	struct arena *arena;
	struct lines old, new;

	if (model->current == &model->original)
		return;
	arena = arena_create(0, 0);
	old = envelope_lines(&model->original, arena);
	new = envelope_lines(model->current, arena);
	print_part("envelope", &old, &new, cells, to);
	old = header_lines(&model->original, arena);
	new = header_lines(model->current, arena);
	print_part("header", &old, &new, cells, to);
	print_body(model, options, cells, to);
	if (model->current->quarantine)
		print_line('+', str_of(arena_printf(arena, "quarantine: %s",
		    model->current->quarantine)), to);
	arena_destroy(&arena);
}
