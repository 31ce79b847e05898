/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The mistakes found in a configuration. Each is rendered when it is noted, source line and caret
 * included, so that it outlives the source. Owns its texts. Nothing here is fatal.
 */
#include <stdlib.h>
#include <string.h>

#include "filterd/config/errors.h"
#include "filterd/util/buffer.h"
#include "filterd/util/memory.h"
#include "filterd/util/utf8.h"

#define KEPT_MAXIMUM	100	/* errors */
#define TEXT_MAXIMUM	600	/* bytes of a text before it is cut */
#define EXCERPT_BEFORE	70	/* bytes of the source line shown before the caret */
#define EXCERPT_MAXIMUM	140	/* bytes of the source line shown */
#define INDENT		"    "	/* of the lines below a mistake */

struct kept {
	struct config_position at;	/* at.source is not looked into: it may be gone */
	const char *file;		/* "" without a place */
	const char *text;		/* one line */
	const char *excerpt;		/* source line and caret line, or "" */
};

struct config_errors {
	struct arena *arena;
	struct kept kept[KEPT_MAXIMUM];
	size_t kept_count;
	size_t count;
};

struct config_errors *
config_errors_create(void)
{
	struct config_errors *errors = memory_alloc(sizeof(*errors));

	errors->arena = arena_create(0, 0);
	return errors;
}

void
config_errors_destroy(struct config_errors **errors)
{
	if (!*errors)
		return;
	arena_destroy(&(*errors)->arena);
	free(*errors);
	*errors = NULL;
}

size_t
config_errors_count(const struct config_errors *errors)
{
	return errors->count;
}

/* ---- rendering ---- */

/* Bytes of the character that the text begins with; 0: it is none, or a control character. */
static size_t
printable_length(struct str text)
{
	uint32_t point;
	size_t length = utf8_next(text, &point);

	return length && (point < 0x20 || (point >= 0x7f && point < 0xa0)) ? 0 : length;
}

/* Adds the first character of the text so that it can be seen. Returns the bytes taken;
 * *columns_r is its width. */
static size_t
show_character(struct buffer *to, struct str text, size_t *columns_r)
{
	size_t length = printable_length(text);

	*columns_r = 1;
	if (length) {
		buffer_add(to, text.data, length);
		return length;
	}
	buffer_printf(to, "\\x%02x", (unsigned char)text.data[0]);
	*columns_r = 4;
	return 1;
}

static char *
visible(struct arena *arena, const char *raw)
{
	struct str rest = str_of(raw);
	struct buffer buffer = { 0 };
	char *text;

	while (rest.length && buffer.length < TEXT_MAXIMUM) {
		size_t columns, taken = show_character(&buffer, rest, &columns);

		rest.data += taken;
		rest.length -= taken;
	}
	if (rest.length)
		buffer_add_text(&buffer, "...");
	text = arena_strdup(arena, buffer_text(&buffer));
	buffer_free(&buffer);
	return text;
}

/* The part of the source line that is shown, as offsets into the source. */
struct window {
	size_t begin, end;
	bool cut_before, cut_behind;
};

static bool
inside_character(struct str text, size_t offset)
{
	return offset < text.length && ((unsigned char)text.data[offset] & 0xc0) == 0x80;
}

static struct window
window_around(struct str text, size_t offset)
{
	struct window window = { offset, offset, false, false };

	while (window.begin && text.data[window.begin - 1] != '\n' &&
	    offset - window.begin < EXCERPT_BEFORE)
		window.begin--;
	window.cut_before = window.begin && text.data[window.begin - 1] != '\n';
	while (window.cut_before && window.begin < offset && inside_character(text, window.begin))
		window.begin++;
	while (window.end < text.length && text.data[window.end] != '\n' &&
	    window.end - window.begin < EXCERPT_MAXIMUM)
		window.end++;
	window.cut_behind = window.end < text.length && text.data[window.end] != '\n';
	while (window.cut_behind && window.end > offset && inside_character(text, window.end))
		window.end--;
	if (!window.cut_behind && window.end > window.begin && text.data[window.end - 1] == '\r')
		window.end--;
	return window;
}

/* The source line, and below it the line of marks. */
struct excerpt {
	struct buffer line, marks;
	bool begun;		/* the caret has been set */
};

/* Shows one character of the source and what stands below it. Returns the bytes taken. */
static size_t
add_character(struct excerpt *excerpt, struct str rest, bool before, bool marked)
{
	bool tab = rest.data[0] == '\t';
	size_t columns = 1, taken = 1;

	if (tab)
		buffer_add_char(&excerpt->line, '\t');
	else
		taken = show_character(&excerpt->line, rest, &columns);
	while (columns-- && (before || marked)) {
		if (before)
			buffer_add_char(&excerpt->marks, tab ? '\t' : ' ');
		else
			buffer_add_char(&excerpt->marks, excerpt->begun ? '~' : '^');
		excerpt->begun |= !before;
	}
	return taken;
}

static char *
render_excerpt(struct arena *arena, struct config_position at)
{
	struct str text = at.source->text;
	struct window window = window_around(text, at.offset);
	size_t marked_end = at.offset + at.length;
	struct excerpt excerpt = { 0 };
	char *rendered;
	size_t i = window.begin;

	if (window.cut_before) {
		buffer_add_text(&excerpt.line, "...");
		buffer_add_text(&excerpt.marks, "   ");
	}
	while (i < window.end) {
		struct str rest = { text.data + i, window.end - i };

		if (rest.data[0] == '\t' && excerpt.begun)
			marked_end = i;
		i += add_character(&excerpt, rest, i < at.offset, i == at.offset || i < marked_end);
	}
	if (!excerpt.begun)
		buffer_add_char(&excerpt.marks, '^');
	rendered = arena_printf(arena, INDENT "%s%s\n" INDENT "%s\n", buffer_text(&excerpt.line),
	    window.cut_behind ? "..." : "", buffer_text(&excerpt.marks));
	buffer_free(&excerpt.line);
	buffer_free(&excerpt.marks);
	return rendered;
}

/* ---- collecting ---- */

static bool
noted_already(const struct config_errors *errors, const struct kept *candidate)
{
	size_t i;

	for (i = 0; i < errors->kept_count; i++) {
		const struct kept *kept = &errors->kept[i];

		if (kept->at.line == candidate->at.line &&
		    kept->at.column == candidate->at.column &&
		    strcmp(kept->text, candidate->text) == 0 &&
		    strcmp(kept->file, candidate->file) == 0)
			return true;
	}
	return false;
}

void
config_verror(struct config_errors *errors, struct config_position at, const char *format,
    va_list arguments)
{
	struct kept kept = { .at = at, .file = "", .excerpt = "" };

	if (errors->kept_count == KEPT_MAXIMUM) {
		errors->count++;
		return;
	}
	kept.text = visible(errors->arena, arena_vprintf(errors->arena, format, arguments));
	if (at.source)
		kept.file = visible(errors->arena, at.source->name);
	if (noted_already(errors, &kept))
		return;
	if (at.source && at.line)
		kept.excerpt = render_excerpt(errors->arena, at);
	errors->kept[errors->kept_count++] = kept;
	errors->count++;
}

void
config_error(struct config_errors *errors, struct config_position at, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	config_verror(errors, at, format, arguments);
	va_end(arguments);
}

/* ---- printing ---- */

static int
compare_unsigned(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

/* In the order file, line, column; at one place as noted. */
static int
compare_kept(const void *a, const void *b)
{
	const struct kept *const *left = a, *const *right = b;
	int order = strcmp((*left)->file, (*right)->file);

	if (!order)
		order = compare_unsigned((*left)->at.line, (*right)->at.line);
	if (!order)
		order = compare_unsigned((*left)->at.column, (*right)->at.column);
	return order ? order : (*left > *right) - (*left < *right);
}

static void
add_one(const struct kept *kept, struct buffer *to)
{
	if (kept->file[0] && kept->at.line)
		buffer_printf(to, "%s:%u:%u: ", kept->file, kept->at.line, kept->at.column);
	else if (kept->file[0])
		buffer_printf(to, "%s: ", kept->file);
	buffer_printf(to, "%s\n%s", kept->text, kept->excerpt);
}

void
config_errors_add(const struct config_errors *errors, struct buffer *to)
{
	const struct kept *sorted[KEPT_MAXIMUM];
	size_t i;

	for (i = 0; i < errors->kept_count; i++)
		sorted[i] = &errors->kept[i];
	qsort(sorted, errors->kept_count, sizeof(*sorted), compare_kept);
	for (i = 0; i < errors->kept_count; i++)
		add_one(sorted[i], to);
	if (errors->count > errors->kept_count)
		buffer_printf(
		    to, "... and %zu more mistakes\n", errors->count - errors->kept_count);
}

void
config_errors_print(const struct config_errors *errors, FILE *to)
{
	struct buffer text = { 0 };

	config_errors_add(errors, &text);
	fputs(buffer_text(&text), to);
	buffer_free(&text);
}

/* ---- places and hints ---- */

char *
config_where(struct config_position at, struct arena *arena)
{
	if (!at.source)
		return arena_strdup(arena, "");
	return arena_printf(arena, "%s:%u", at.source->name, at.line);
}

struct config_position
config_position_inside(struct config_position at, size_t skip, size_t length)
{
	for (; skip > 0; skip--, at.offset++) {
		bool line_end = at.source && at.offset < at.source->text.length &&
		    at.source->text.data[at.offset] == '\n';

		at.line += line_end;
		at.column = line_end ? 1 : at.column + 1;
	}
	at.length = length;
	return at;
}

struct config_position
config_position_behind(struct config_position at)
{
	return config_position_inside(at, at.length, 0);
}

const char *
config_hint(struct arena *arena, const char *word, const char *const *candidates, size_t count)
{
	const char *nearest = str_nearest(word, candidates, count);

	return nearest ? arena_printf(arena, "; did you mean \"%s\"?", nearest) : "";
}
