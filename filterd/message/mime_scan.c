/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The structure of a message: one pass over the lines of its body, with a stack of the parts that
 * are open. A line that begins with "--" is compared with the boundaries of all multiparts that are
 * open, innermost first, as RFC 2046 section 5.1.2 has it: an outer boundary ends what is inside.
 */
#include <string.h>

#include "filterd/message/mime_parts.h"

#define FIRST_PARTS	8
#define FIRST_FIELDS	8
#define VIEW_MAXIMUM	((size_t)16 << 20)	/* bytes of memory; then no part is added */
#define LINE_MAXIMUM	998	/* bytes, RFC 5322 section 2.1.1 */

enum phase { PHASE_HEADER, PHASE_CONTENT, PHASE_PREAMBLE, PHASE_EPILOGUE, PHASE_UUENCODE };

struct scanner {
	struct mime_view *view;
	size_t part_room;
	size_t *levels;			/* the parts that are open, outermost first */
	size_t level_count;
	enum phase phase;		/* of the innermost */
	struct mime_field *fields;	/* of the header that is read */
	size_t field_count, field_room;
	unsigned flags;			/* of its content, enum mime_line_flag */
	bool bare, wide;		/* likewise: LF without CR, lines too long */
	bool full;			/* no part is added any more */
};

static struct mime_part *
level_part(const struct scanner *scanner, size_t level)
{
	return &scanner->view->parts[scanner->levels[level]];
}

static struct mime_part *
innermost(const struct scanner *scanner)
{
	return level_part(scanner, scanner->level_count - 1);
}

static struct str
line_text(const struct scanner *scanner, const struct mime_line *line)
{
	return (struct str){ scanner->view->bytes.data + line->begin, line->end - line->begin };
}

/* ---- parts ---- */

static struct mime_part *
add_part(struct scanner *scanner, size_t parent, size_t begin)
{
	struct mime_view *view = scanner->view;
	struct mime_part *part, *grown;

	if (view->count == scanner->part_room) {
		scanner->part_room *= 2;
		grown = arena_array(view->arena, scanner->part_room, sizeof(*grown));
		memcpy(grown, view->parts, view->count * sizeof(*grown));
		view->parts = grown;
	}
	part = &view->parts[view->count];
	*part = (struct mime_part){
		.index = view->count++,
		.parent = parent,
		.depth = parent == MIME_NONE ? 0 : view->parts[parent].depth + 1,
		.delimiter = { begin, begin },
		.header = { begin, begin },
		.body = { begin, begin },
	};
	return part;
}

static void
open_part(struct scanner *scanner, const struct mime_part *part, enum phase phase)
{
	scanner->levels[scanner->level_count++] = part->index;
	scanner->phase = phase;
	scanner->field_count = 0;
	scanner->flags = 0;
	scanner->bare = scanner->wide = false;
}

/* Whether the innermost part may have one within; else a defect of it. */
static bool
may_hold(struct scanner *scanner, struct mime_part *part)
{
	if (scanner->view->count >= scanner->view->limits.parts ||
	    arena_used(scanner->view->arena) > VIEW_MAXIMUM)
		mime_note(part, MIME_TOO_MANY_PARTS);
	else if (part->depth >= scanner->view->limits.depth)
		mime_note(part, MIME_TOO_DEEP);
	else
		return true;
	return false;
}

/* ---- what a part's lines hold ---- */

static void
look_at(struct scanner *scanner, const struct mime_line *line)
{
	struct str text = line_text(scanner, line);

	scanner->flags |= mime_line_flags(text.data, text.length);
	scanner->bare |= line->bare;
	scanner->wide |= text.length > LINE_MAXIMUM;
}

/* Notes what was seen of the part's content. */
static void
settle_content(const struct scanner *scanner, struct mime_part *part)
{
	bool binary = str_equal(part->encoding_name, STR("binary"));

	if ((scanner->flags & MIME_LINE_8BIT) && !binary &&
	    !str_equal(part->encoding_name, STR("8bit")))
		mime_note(part, MIME_8BIT);
	if ((scanner->flags & MIME_LINE_NUL) && !binary)
		mime_note(part, MIME_NUL);
	if ((scanner->flags & MIME_LINE_CR) && !binary)
		mime_note(part, MIME_BARE_CR);
	if (scanner->bare && !binary)
		mime_note(part, MIME_BARE_LF);
	if (scanner->wide && !binary)
		mime_note(part, MIME_LONG_LINE);
}

/* ---- headers ---- */

static void
keep_fields(struct scanner *scanner, struct mime_part *part)
{
	struct mime_field *fields;

	if (!scanner->field_count)
		return;
	fields = arena_array(scanner->view->arena, scanner->field_count, sizeof(*fields));
	memcpy(fields, scanner->fields, scanner->field_count * sizeof(*fields));
	part->fields = fields;
	part->field_count = scanner->field_count;
}

/* RFC 2046 section 5.1.5: within a digest parts are messages. */
static struct str
standard_type(const struct scanner *scanner, const struct mime_part *part)
{
	if (part->parent != MIME_NONE &&
	    str_equal(scanner->view->parts[part->parent].type, STR("multipart/digest")))
		return STR("message/rfc822");
	return STR("text/plain");
}

/* Its header is read: what follows is content, or parts. */
static void
begin_content(struct scanner *scanner, size_t begin)
{
	struct mime_part *part = innermost(scanner);

	settle_content(scanner, part);
	if (scanner->flags & MIME_LINE_8BIT)
		mime_note(part, MIME_HEADER_8BIT);
	part->defects &= ~(MIME_DEFECT_BIT(MIME_8BIT) | MIME_DEFECT_BIT(MIME_LONG_LINE));
	part->body = (struct mime_range){ begin, begin };
	mime_interpret(scanner->view, part, standard_type(scanner, part));
	scanner->flags = 0;
	scanner->bare = scanner->wide = false;
	scanner->phase = PHASE_CONTENT;
	if ((part->multipart || part->message) && !may_hold(scanner, part))
		part->multipart = part->message = false;
	if (part->multipart)
		scanner->phase = PHASE_PREAMBLE;
	if (part->message)
		open_part(scanner, add_part(scanner, part->index, begin), PHASE_HEADER);
}

static void
end_header(struct scanner *scanner, size_t end, bool terminated)
{
	struct mime_part *part = innermost(scanner);

	part->header.end = end;
	keep_fields(scanner, part);
	if (!terminated)
		mime_note(part, MIME_HEADER_UNTERMINATED);
	begin_content(scanner, end);
}

static void
add_field(struct scanner *scanner, struct mime_field field)
{
	struct mime_field *grown;

	if (scanner->field_count == scanner->view->limits.fields) {
		mime_note(innermost(scanner), MIME_HEADER_TOO_LARGE);
		return;
	}
	if (scanner->field_count == scanner->field_room) {
		scanner->field_room = scanner->field_room ? scanner->field_room * 2 : FIRST_FIELDS;
		grown = arena_array(scanner->view->arena, scanner->field_room, sizeof(*grown));
		if (scanner->field_count)
			memcpy(grown, scanner->fields, scanner->field_count * sizeof(*grown));
		scanner->fields = grown;
	}
	scanner->fields[scanner->field_count++] = field;
}

/* Name and value of the line that begins a field; a line without colon has no name. */
static void
begin_field(struct scanner *scanner, const struct mime_line *line)
{
	struct str text = line_text(scanner, line), name;
	const char *colon = memchr(text.data, ':', text.length);
	struct mime_field field = { .name = { "", 0 }, .value = text,
		.range = { line->begin, line->next } };

	if (colon) {
		name = (struct str){ text.data, (size_t)(colon - text.data) };
		field.name = str_trim(name);
		field.value = (struct str){ colon + 1, text.length - name.length - 1 };
	}
	if (!colon || field.name.length != name.length ||
	    memchr(field.name.data, ' ', field.name.length))
		mime_note(innermost(scanner), MIME_HEADER_SYNTAX);
	add_field(scanner, field);
}

static void
extend_field(struct scanner *scanner, const struct mime_line *line)
{
	struct mime_field *field = &scanner->fields[scanner->field_count - 1];

	field->range.end = line->next;
	field->value.length =
	    (size_t)(scanner->view->bytes.data + line->end - field->value.data);
}

static void
header_line(struct scanner *scanner, const struct mime_line *line)
{
	struct str text = line_text(scanner, line);

	look_at(scanner, line);
	if (!text.length) {
		end_header(scanner, line->next, true);
		return;
	}
	if (mime_is_blank(text))
		mime_note(innermost(scanner), MIME_HEADER_BLANK);
	if (text.data[0] != ' ' && text.data[0] != '\t')
		begin_field(scanner, line);
	else if (scanner->field_count)
		extend_field(scanner, line);
	else
		mime_note(innermost(scanner), MIME_HEADER_SYNTAX);
}

/* ---- boundaries ---- */

/* How a line answers to a boundary. */
enum match { MATCH_NONE, MATCH_PREFIX, MATCH_OPEN, MATCH_CLOSE };

/* The text behind the "--" of a line. Only blanks may stand behind the boundary. */
static enum match
match_boundary(struct str text, struct str boundary)
{
	struct str tail;

	if (text.length < boundary.length ||
	    memcmp(text.data, boundary.data, boundary.length) != 0)
		return MATCH_NONE;
	tail = (struct str){ text.data + boundary.length, text.length - boundary.length };
	if (mime_is_blank(tail))
		return MATCH_OPEN;
	if (tail.length >= 2 && memcmp(tail.data, "--", 2) == 0 &&
	    mime_is_blank((struct str){ tail.data + 2, tail.length - 2 }))
		return MATCH_CLOSE;
	return MATCH_PREFIX;
}

/* The best match of a part's boundaries. The first one that is met is its boundary. */
static enum match
match_part(struct mime_part *part, struct str text)
{
	enum match best = MATCH_NONE;
	size_t i;

	for (i = 0; part->multipart && i < part->boundary_count; i++) {
		enum match match = match_boundary(text, part->boundaries[i]);

		if (match > best)
			best = match;
		if (match >= MATCH_OPEN && !part->boundary.length)
			part->boundary = part->boundaries[i];
	}
	return best;
}

/* The multipart to which the line is a boundary; false: to none. */
static bool
find_boundary(struct scanner *scanner, const struct mime_line *line, size_t *level_r,
    enum match *match_r)
{
	struct str text = line_text(scanner, line);
	size_t level, matches = 0;
	bool found = false;

	if (text.length < 3 || text.data[0] != '-' || text.data[1] != '-')
		return false;
	text = (struct str){ text.data + 2, text.length - 2 };
	for (level = scanner->level_count; level-- > 0;) {
		enum match match = match_part(level_part(scanner, level), text);

		if (match == MATCH_NONE)
			continue;
		matches++;
		if (matches > 1 || match == MATCH_PREFIX)
			mime_note(level_part(scanner, level), MIME_BOUNDARY_AMBIGUOUS);
		if (match != MATCH_PREFIX && !found) {
			found = true;
			*level_r = level;
			*match_r = match;
		}
	}
	return found;
}

/* Where the content before a boundary ends: the line end in front belongs to the boundary (RFC 2046
 * section 5.1.1), unless it ends a header. */
static size_t
content_end(const struct scanner *scanner, size_t line_begin)
{
	const char *bytes = scanner->view->bytes.data;
	size_t floor = innermost(scanner)->body.begin, end = line_begin;

	if (scanner->phase == PHASE_HEADER)
		return end;
	if (end > floor && bytes[end - 1] == '\n')
		end--;
	if (end < line_begin && end > floor && bytes[end - 1] == '\r')
		end--;
	return end;
}

static void
end_part(struct mime_part *part, size_t end)
{
	part->body.end = end;
	if (part->multipart && !part->closed) {
		mime_note(part, part->close ? MIME_BOUNDARY_UNCLOSED : MIME_BOUNDARY_UNUSED);
		part->close = end;
	}
}

/* Ends the parts beyond a level. */
static void
end_parts(struct scanner *scanner, size_t level_count, size_t line_begin)
{
	size_t end;

	while (scanner->phase == PHASE_HEADER && scanner->level_count > level_count)
		end_header(scanner, line_begin, false);
	end = content_end(scanner, line_begin);
	while (scanner->level_count > level_count) {
		settle_content(scanner, innermost(scanner));
		scanner->flags = 0;
		scanner->bare = scanner->wide = false;
		if (scanner->phase == PHASE_UUENCODE)
			mime_note(innermost(scanner), MIME_UUENCODE_INVALID);
		end_part(innermost(scanner), end);
		scanner->level_count--;
		scanner->phase = PHASE_CONTENT;
	}
}

static void
boundary_line(struct scanner *scanner, const struct mime_line *line, size_t level, enum match match)
{
	struct mime_part *part, *child;
	size_t begin = content_end(scanner, line->begin);

	end_parts(scanner, level + 1, line->begin);
	part = level_part(scanner, level);
	settle_content(scanner, part);
	if (match == MATCH_OPEN && part->closed) {
		mime_note(part, MIME_AFTER_CLOSE);
		part->closed = false;
	}
	if (match == MATCH_CLOSE) {
		part->closed = true;
		part->close = begin;
		scanner->phase = PHASE_EPILOGUE;
		return;
	}
	part->close = line->next;
	scanner->phase = PHASE_EPILOGUE;
	if (!may_hold(scanner, part)) {
		scanner->full = true;
		return;
	}
	child = add_part(scanner, part->index, line->next);
	child->delimiter.begin = begin;
	open_part(scanner, child, PHASE_HEADER);
}

/* ---- content ---- */

/* "begin 644 name" of a uuencoded file (POSIX uuencode): where the name stands; 0: it is none. */
static size_t
uuencode_name(struct str text)
{
	size_t i = 6;

	if (text.length < 11 || memcmp(text.data, "begin ", 6) != 0)
		return 0;
	while (i < text.length && text.data[i] >= '0' && text.data[i] <= '7')
		i++;
	if (i < 9 || i > 10 || i + 1 >= text.length || text.data[i] != ' ')
		return 0;
	return i + 1;
}

/* A uuencoded file within text is a part of it. */
static bool
begin_uuencode(struct scanner *scanner, const struct mime_line *line)
{
	struct str text = line_text(scanner, line);
	struct mime_part *part = innermost(scanner);
	size_t at = uuencode_name(text);
	struct mime_part *file;
	struct str *name;

	if (!at || part->encoding != MIME_IDENTITY || !may_hold(scanner, part))
		return false;
	mime_note(part, MIME_UUENCODE_INLINE);
	settle_content(scanner, part);
	file = add_part(scanner, part->index, line->begin);
	name = arena_array(scanner->view->arena, 1, sizeof(*name));
	*name = mime_clean(scanner->view->arena,
	    (struct str){ text.data + at, text.length - at });
	file->names = name;
	file->name_count = 1;
	file->type = STR("application/octet-stream");
	file->encoding = MIME_UUENCODE;
	file->inlined = true;
	open_part(scanner, file, PHASE_UUENCODE);
	return true;
}

static void
uuencode_line(struct scanner *scanner, const struct mime_line *line)
{
	struct mime_part *file = innermost(scanner);

	look_at(scanner, line);
	if (!str_equal(str_trim(line_text(scanner, line)), STR("end")))
		return;
	settle_content(scanner, file);
	file->body.end = line->next;
	scanner->level_count--;
	scanner->phase = PHASE_CONTENT;
	scanner->flags = 0;
	scanner->bare = scanner->wide = false;
}

/* What looks like a boundary and a header behind it, in content that is not said to have parts. */
static bool
looks_like_parts(const struct scanner *scanner, const struct mime_line *line)
{
	struct str text = line_text(scanner, line);
	struct str rest = { scanner->view->bytes.data + line->next,
		scanner->view->bytes.length - line->next };

	return text.length > 2 && text.data[0] == '-' && text.data[1] == '-' &&
	    str_has_prefix_nocase(rest, STR("content-"));
}

static void
content_line(struct scanner *scanner, const struct mime_line *line)
{
	char first = scanner->view->bytes.data[line->begin];

	if (first == 'b' && begin_uuencode(scanner, line)) {
		look_at(scanner, line);
		return;
	}
	if (first == '-' && looks_like_parts(scanner, line))
		mime_note(innermost(scanner), MIME_UNDECLARED_PARTS);
	look_at(scanner, line);
}

static void
preamble_line(struct scanner *scanner, const struct mime_line *line)
{
	if (looks_like_parts(scanner, line))
		mime_note(innermost(scanner), MIME_UNDECLARED_PARTS);
	look_at(scanner, line);
}

static void
epilogue_line(struct scanner *scanner, const struct mime_line *line)
{
	struct mime_part *part = innermost(scanner);

	look_at(scanner, line);
	if (!scanner->full && !mime_is_blank(line_text(scanner, line)))
		mime_note(part, MIME_AFTER_CLOSE);
}

static void (*const lines[])(struct scanner *scanner, const struct mime_line *line) = {
	[PHASE_HEADER] = header_line,
	[PHASE_CONTENT] = content_line,
	[PHASE_PREAMBLE] = preamble_line,
	[PHASE_EPILOGUE] = epilogue_line,
	[PHASE_UUENCODE] = uuencode_line,
};

static void
scan(struct scanner *scanner)
{
	struct str bytes = scanner->view->bytes;
	size_t at = 0, from = 0;

	while (at < bytes.length) {
		struct mime_line line = mime_line_at(bytes, at);
		enum match match;
		size_t level;

		if (!scanner->full && find_boundary(scanner, &line, &level, &match))
			boundary_line(scanner, &line, level, match);
		else
			lines[scanner->phase](scanner, &line);
		at = line.next;
		mime_passed(scanner->view, &from, at);
	}
	/* What ends with the message loses no line end. */
	while (scanner->phase == PHASE_HEADER)
		end_header(scanner, bytes.length, false);
	while (scanner->level_count) {
		settle_content(scanner, innermost(scanner));
		if (scanner->phase == PHASE_UUENCODE)
			mime_note(innermost(scanner), MIME_UUENCODE_INVALID);
		scanner->phase = PHASE_CONTENT;
		end_part(innermost(scanner), bytes.length);
		scanner->level_count--;
	}
}

/* Readers that take the first boundary that fits need not agree with those that look for all of
 * it. */
static void
compare_boundaries(struct mime_view *view, const struct mime_part *part)
{
	const struct mime_part *outer = part;

	while (part->multipart && outer->parent != MIME_NONE) {
		size_t i, j;

		outer = &view->parts[outer->parent];
		for (i = 0; i < part->boundary_count; i++) {
			for (j = 0; outer->multipart && j < outer->boundary_count; j++) {
				if (match_boundary(part->boundaries[i], outer->boundaries[j]) ||
				    match_boundary(outer->boundaries[j], part->boundaries[i]))
					mime_note(&view->parts[part->index],
					    MIME_BOUNDARY_AMBIGUOUS);
			}
		}
	}
}

struct mime_view *
mime_parse(struct arena *arena, const struct mime_limits *limits, const struct mime_field *fields,
    size_t field_count, struct str body, const struct mime_paging *paging)
{
	struct mime_view *view = arena_alloc(arena, sizeof(*view));
	struct scanner scanner = { .view = view, .part_room = FIRST_PARTS };
	struct mime_part *message;
	size_t i;

	*view = (struct mime_view){ .arena = arena, .limits = *limits, .bytes = body };
	if (paging)
		view->paging = *paging;
	view->parts = arena_array(arena, FIRST_PARTS, sizeof(*view->parts));
	scanner.levels = arena_array(arena, limits->depth + 2, sizeof(*scanner.levels));
	message = add_part(&scanner, MIME_NONE, 0);
	message->fields = fields;
	message->field_count = field_count;
	open_part(&scanner, message, PHASE_HEADER);
	for (i = 0; i < field_count; i++)
		scanner.flags |= mime_line_flags(fields[i].value.data, fields[i].value.length) &
		    (MIME_LINE_8BIT | MIME_LINE_NUL);
	begin_content(&scanner, 0);
	scan(&scanner);
	for (i = 0; i < view->count; i++)
		compare_boundaries(view, &view->parts[i]);
	return view;
}
