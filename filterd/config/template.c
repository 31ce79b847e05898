/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Templates: parsed to a list of pieces, expanded by walking it. A mistake in one is noted; nothing
 * here is fatal.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filterd/config/shown.h"
#include "filterd/config/template.h"
#include "filterd/util/buffer.h"

#define LARGE_TEXT (64 * 1024)	/* bytes from which a result is handed over, not copied */

enum piece_kind { PIECE_TEXT, PIECE_GROUP, PIECE_FIELD };

struct piece {
	enum piece_kind kind;
	struct str text;
	int group;
	struct field field;
	struct piece *next;
};

struct mf_template {
	struct piece *first;
	enum mf_stage stage;
	int highest_group;
	const char *where;	/* "file:line" */
	const char *label;	/* of the block that holds it */
};

/* ---- parsing ---- */

/* Two cursors: into the text that means something, and into the spelling, in which places count. */
struct reading {
	struct config_scope *scope;
	const struct config_token *token;
	struct str meant;		/* without a string's quotes and escapes */
	size_t text;			/* into meant */
	size_t raw;			/* into token->raw */
	struct buffer literal;		/* text seen since the last piece */
	struct mf_template *template;
	struct piece **tail;
};

static bool
at_end(const struct reading *reading)
{
	return reading->text >= reading->meant.length;
}

static char
character(const struct reading *reading, size_t ahead)
{
	size_t at = reading->text + ahead;

	return at < reading->meant.length ? reading->meant.data[at] : '\0';
}

static char
raw_character(const struct reading *reading, size_t ahead)
{
	size_t at = reading->raw + ahead;

	return at < reading->token->raw.length ? reading->token->raw.data[at] : '\0';
}

/* Steps over one character. In a string all escapes but "\$" are two characters spelled, one
 * meant. */
static void
step(struct reading *reading)
{
	bool escape = reading->token->kind == CONFIG_STRING && raw_character(reading, 0) == '\\' &&
	    raw_character(reading, 1) != '$';

	reading->text++;
	reading->raw += escape ? 2 : 1;
}

static bool
mistake(struct reading *reading, size_t raw, size_t length, const char *text)
{
	config_error(reading->scope->errors,
	    config_position_inside(reading->token->at, raw, length), "%s", text);
	return false;
}

static struct piece *
add_piece(struct reading *reading, enum piece_kind kind)
{
	struct piece *piece = arena_alloc(reading->scope->arena, sizeof(*piece));

	piece->kind = kind;
	*reading->tail = piece;
	reading->tail = &piece->next;
	return piece;
}

/* The text seen so far becomes a piece. */
static void
end_literal(struct reading *reading)
{
	struct buffer *literal = &reading->literal;

	if (literal->length == 0)
		return;
	add_piece(reading, PIECE_TEXT)->text = arena_str(reading->scope->arena,
	    (struct str){ literal->data, literal->length });
	literal->length = 0;
}

static void
read_group(struct reading *reading)
{
	struct pattern_groups *patterns = reading->scope->patterns;
	int group = character(reading, 1) - '0';

	end_literal(reading);
	add_piece(reading, PIECE_GROUP)->group = group;
	if (group > reading->template->highest_group)
		reading->template->highest_group = group;
	if (patterns && group > patterns->highest_group)
		patterns->highest_group = group;
	step(reading);
	step(reading);
}

static void
use_field(struct reading *reading, const struct field *field)
{
	struct config_scope *scope = reading->scope;

	add_piece(reading, PIECE_FIELD)->field = *field;
	if (field->stage > reading->template->stage)
		reading->template->stage = field->stage;
	if (scope->field_used)
		scope->field_used(scope->argument, field);
}

/* ${field}; the name may hold braces of its own: ${macro.{auth_type}}. */
static bool
read_field(struct reading *reading)
{
	size_t dollar = reading->raw, start = reading->text + 2, name = reading->raw + 2;
	unsigned depth = 0;
	struct field field;
	const char *error;

	end_literal(reading);
	for (;; step(reading)) {
		if (at_end(reading))
			return mistake(reading, dollar, 2,
			    "expected a \"}\" that closes this \"${\"");
		if (character(reading, 0) == '{')
			depth++;
		else if (character(reading, 0) == '}' && --depth == 0)
			break;
	}
	if (!field_parse((struct str){ reading->meant.data + start, reading->text - start },
	    reading->scope->arena, &field, &error))
		return mistake(reading, name, reading->raw - name, error);
	use_field(reading, &field);
	step(reading);
	return true;
}

/* What stands behind a dollar. */
static bool
read_dollar(struct reading *reading)
{
	char next = character(reading, 1);

	if (next == '{')
		return read_field(reading);
	if (next >= '0' && next <= '9') {
		read_group(reading);
		return true;
	}
	if (next != '$')
		return mistake(reading, reading->raw, 1,
		    "expected a field in braces, a digit or another \"$\" behind \"$\"");
	buffer_add_char(&reading->literal, '$');
	step(reading);
	step(reading);
	return true;
}

/* Whether "\$" stands here: a dollar that means itself. "\\" before "$" is a backslash, not
 * this. */
static bool
is_plain_dollar(const struct reading *reading)
{
	return raw_character(reading, 0) == '\\' && raw_character(reading, 1) == '$';
}

/* Reads all; false when a mistake was noted. */
static bool
read_pieces(struct reading *reading)
{
	while (!at_end(reading)) {
		if (is_plain_dollar(reading)) {
			buffer_add_char(&reading->literal, '$');
			step(reading);
			step(reading);
		} else if (character(reading, 0) == '$') {
			if (!read_dollar(reading))
				return false;
		} else {
			buffer_add_char(&reading->literal, character(reading, 0));
			step(reading);
		}
	}
	end_literal(reading);
	return true;
}

struct mf_template *
template_parse(struct config_scope *scope, const struct config_token *token)
{
	struct mf_template *template = arena_alloc(scope->arena, sizeof(*template));
	struct reading reading = { .scope = scope, .token = token, .template = template,
		.tail = &template->first };
	bool good;

	template->stage = MF_STAGE_CONNECT;
	template->highest_group = -1;
	template->where = config_where(token->at, scope->arena);
	template->label = scope->label ? scope->label : "";
	reading.meant = token->kind == CONFIG_STRING ? token->text : token->raw;
	reading.raw = token->kind == CONFIG_STRING ? 1 : 0;
	good = read_pieces(&reading);
	buffer_free(&reading.literal);
	return good ? template : NULL;
}

/* ---- expanding ---- */

struct expansion {
	struct buffer *to;
	size_t end;			/* length that the buffer may reach */
	bool cut;			/* that was too little */
	struct field_source *source;
	const struct captures *captures;
	bool raw_groups;		/* groups keep their line ends */
	bool shown;			/* values are made fit for people to see, in this form */
	enum mf_form form;
};

static void
add_text(struct expansion *expansion, struct str text)
{
	size_t left = expansion->end - expansion->to->length;

	if (text.length > left) {
		expansion->cut = true;
		text.length = left;
		while (text.length && ((unsigned char)text.data[text.length] & 0xc0) == 0x80)
			text.length--;
	}
	buffer_add_str(expansion->to, text);
}

/* What a stranger may have written: CR, LF and NUL become blanks. */
static void
add_value(struct expansion *expansion, struct str value)
{
	struct buffer *to = expansion->to;
	size_t i = to->length;

	add_text(expansion, value);
	for (; i < to->length; i++)
		if (to->data[i] == '\r' || to->data[i] == '\n' || to->data[i] == '\0')
			to->data[i] = ' ';
}

/* "3", "3.5", "-0.125". */
static void
add_number(struct expansion *expansion, double number)
{
	char text[512];
	size_t length = (size_t)snprintf(text, sizeof(text), "%.3f", number);

	while (text[length - 1] == '0')
		length--;
	if (text[length - 1] < '0')
		length--;
	add_text(expansion, (struct str){ text, length });
}

struct joining {
	struct expansion *expansion;
	enum field_type type;
	bool begun;			/* a value was added */
};

static bool
join_value(void *argument, const struct field_value *value)
{
	struct joining *joining = argument;

	if (joining->begun)
		add_text(joining->expansion, STR(", "));
	joining->begun = true;
	if (joining->type == FIELD_NUMBER)
		add_number(joining->expansion, value->number);
	else
		add_value(joining->expansion, value->text);
	return joining->expansion->cut;
}

static void
add_plain(struct expansion *expansion, const struct piece *piece)
{
	struct joining joining = { .expansion = expansion, .type = piece->field.type };

	if (piece->kind == PIECE_FIELD)
		expansion->source->each(expansion->source->subject, &piece->field, join_value,
		    &joining);
	else if (expansion->raw_groups)
		add_text(expansion, expansion->captures->group[piece->group]);
	else
		add_value(expansion, expansion->captures->group[piece->group]);
}

/* The beginning of what the piece gives, so that nobody outside pushes the rest out of the text. */
static void
add_shown(struct expansion *expansion, const struct piece *piece)
{
	struct buffer value = { 0 }, shown = { 0 };
	struct expansion beginning = { .to = &value, .end = TEMPLATE_SHOWN_MAXIMUM,
		.source = expansion->source, .captures = expansion->captures };

	add_plain(&beginning, piece);
	shown_add(&shown, (struct str){ buffer_text(&value), value.length }, expansion->form);
	add_text(expansion, (struct str){ buffer_text(&shown), shown.length });
	buffer_free(&value);
	buffer_free(&shown);
}

static void
expand(struct expansion *expansion, const struct mf_template *template)
{
	const struct piece *piece;

	for (piece = template->first; piece && !expansion->cut; piece = piece->next) {
		if (piece->kind == PIECE_TEXT)
			add_text(expansion, piece->text);
		else if (expansion->shown)
			add_shown(expansion, piece);
		else
			add_plain(expansion, piece);
	}
}

/* The buffer's text, for the arena to keep. A large one, such as a whole body, is handed over
 * instead of copied, and does not count against the arena's cap: the message's size bounds it. */
static struct str
arena_buffer(struct arena *arena, struct buffer *buffer)
{
	struct str text = { buffer->data, buffer->length };

	if (buffer->length > LARGE_TEXT) {
		arena_cleanup(arena, free, buffer->data);
		*buffer = (struct buffer){ 0 };
		return text;
	}
	text = arena_str(arena, (struct str){ buffer_text(buffer), buffer->length });
	buffer_free(buffer);
	return text;
}

static struct str
expand_whole(const struct mf_template *text, struct field_source *source, bool shown,
    enum mf_form form)
{
	struct buffer buffer = { 0 };
	struct expansion expansion = { .to = &buffer, .end = TEMPLATE_TEXT_MAXIMUM,
		.source = source, .captures = &source->captures, .shown = shown, .form = form };

	if (!text)
		return STR("");
	expand(&expansion, text);
	return arena_buffer(source->arena, &buffer);
}

struct str
template_expand(const struct mf_template *text, struct field_source *source)
{
	return expand_whole(text, source, false, MF_FORM_TEXT);
}

struct str
template_expand_shown(const struct mf_template *text, struct field_source *source,
    enum mf_form form)
{
	return expand_whole(text, source, true, form);
}

enum mf_stage
template_stage(const struct mf_template *text)
{
	return text ? text->stage : MF_STAGE_CONNECT;
}

int
template_highest_group(const struct mf_template *text)
{
	return text ? text->highest_group : -1;
}

/* ---- replacing ---- */

static size_t
one_character_on(const struct mf_regex *regex, struct str subject, size_t at)
{
	at++;
	while (regex_is_utf(regex) && at < subject.length &&
	    ((unsigned char)subject.data[at] & 0xc0) == 0x80)
		at++;
	return at;
}

struct replacing {
	const struct mf_regex *regex;
	const struct mf_template *with;
	struct str subject;
	struct field_source *source;
	struct buffer result;
	size_t copied;			/* bytes of the subject that the result has */
	size_t empty;			/* where the last empty match was; SIZE_MAX: nowhere */
};

/* Replaces one match; false when the result grows too much. */
static bool
replace_one(struct replacing *replacing, const struct captures *captures)
{
	struct buffer *result = &replacing->result;
	struct str match = captures->group[0];
	size_t start = (size_t)(match.data - replacing->subject.data);
	struct expansion expansion = { .to = result, .source = replacing->source,
		.captures = captures, .raw_groups = true };

	/* \K can begin a match inside the one before it; an empty match is found once more from
	 * its own place. */
	if (start < replacing->copied || (match.length == 0 && start == replacing->empty))
		return true;
	replacing->empty = match.length == 0 ? start : SIZE_MAX;
	buffer_add(result, replacing->subject.data + replacing->copied, start - replacing->copied);
	replacing->copied = start + match.length;
	if (!replacing->with)
		return true;
	expansion.end = replacing->subject.length + TEMPLATE_GROWTH_MAXIMUM;
	if (result->length > expansion.end)
		return false;
	expand(&expansion, replacing->with);
	return !expansion.cut;
}

static enum regex_outcome
replace_all(struct replacing *replacing)
{
	enum regex_outcome outcome;
	struct captures captures;
	bool replaced = false;
	size_t at = 0, end;

	while (at <= replacing->subject.length) {
		outcome = regex_match_from(replacing->regex, replacing->subject, at, &captures,
		    &end);
		if (outcome == REGEX_LIMIT)
			return REGEX_LIMIT;
		if (outcome == REGEX_NO_MATCH)
			break;
		if (!replace_one(replacing, &captures))
			return REGEX_LIMIT;
		replaced = true;
		at = end > at ? end : one_character_on(replacing->regex, replacing->subject, at);
	}
	if (!replaced)
		return REGEX_NO_MATCH;
	buffer_add(&replacing->result, replacing->subject.data + replacing->copied,
	    replacing->subject.length - replacing->copied);
	return REGEX_MATCH;
}

bool
template_replace(const struct mf_regex *regex, const struct mf_template *with,
    struct str subject, struct field_source *source, struct str *result_r)
{
	struct replacing replacing = { .regex = regex, .with = with, .subject = subject,
		.source = source, .empty = SIZE_MAX };
	enum regex_outcome outcome;

	if (!subject.data)
		replacing.subject = STR("");
	outcome = replace_all(&replacing);
	if (outcome == REGEX_MATCH) {
		*result_r = arena_buffer(source->arena, &replacing.result);
		return true;
	}
	if (outcome == REGEX_LIMIT)
		source->limit_reached(source->subject, with ? with->label : "",
		    with ? with->where : "", regex_text(regex));
	buffer_free(&replacing.result);
	return false;
}
