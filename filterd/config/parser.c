/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tokens to a tree of statements. After a mistake reading goes on behind the next ";" or at the
 * next brace, so that one run shows all mistakes; what a mistake is likely to have spoilt is not
 * reported again. Nothing is fatal.
 */
#include <string.h>

#include "filterd/config/include.h"

/* ---- tokens ---- */

static void
advance(struct config_parser *parser)
{
	parser->previous = parser->token.at;
	parser->token = config_lexer_next(&parser->lexer);
}

/* Passes a ";" or brace: what follows begins anew, undamaged. */
static void
pass_end(struct config_parser *parser)
{
	parser->lexer.damaged = false;
	advance(parser);
}

static bool
at(const struct config_parser *parser, enum config_token_kind kind)
{
	return parser->token.kind == kind;
}

static bool
at_value(const struct config_parser *parser)
{
	return parser->token.kind <= CONFIG_CLOSE;
}

static void
mistake(struct config_parser *parser, struct config_position place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void
mistake(struct config_parser *parser, struct config_position place, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	config_verror(parser->reading->errors, place, format, arguments);
	va_end(arguments);
}

static const char *
shown(const struct config_parser *parser, const struct config_token *token)
{
	return config_shown(token, parser->reading->arena);
}

/* ---- recovery ---- */

/* Passes the rest of a block whose "{" was taken, with its "}". */
static void
skip_block(struct config_parser *parser)
{
	unsigned open = 1;

	while (open && !at(parser, CONFIG_END)) {
		if (at(parser, CONFIG_BRACE_OPEN))
			open++;
		if (at(parser, CONFIG_BRACE_CLOSE))
			open--;
		pass_end(parser);
	}
}

/* Passes what cannot be a statement: values, then a ";" or a block. */
static void
skip_statement(struct config_parser *parser)
{
	while (at_value(parser))
		advance(parser);
	if (at(parser, CONFIG_SEMICOLON)) {
		pass_end(parser);
	} else if (at(parser, CONFIG_BRACE_OPEN)) {
		pass_end(parser);
		skip_block(parser);
	}
}

/* ---- statements ---- */

static void parse_statements(struct config_parser *parser, const struct config_statement *block);

static void
parse_values(struct config_parser *parser, struct config_statement *statement)
{
	struct arena *arena = parser->reading->arena;
	struct config_token *values;
	size_t count = 0;

	parser->values.length = 0;
	for (; at_value(parser); count++) {
		if (count < CONFIG_VALUES_MAXIMUM)
			buffer_add(&parser->values, &parser->token, sizeof(parser->token));
		if (count == CONFIG_VALUES_MAXIMUM)
			mistake(parser, parser->token.at, "\"%s\" has more than %u values",
			    statement->name.text.data, CONFIG_VALUES_MAXIMUM);
		advance(parser);
	}
	statement->value_count = parser->values.length / sizeof(*values);
	values = arena_array(arena, statement->value_count, sizeof(*values));
	if (statement->value_count)
		memcpy(values, parser->values.data, parser->values.length);
	statement->values = values;
}

static void
expect_semicolon(struct config_parser *parser, const struct config_statement *statement)
{
	static const char *const after[] = { "", "the value of ", "the values of " };
	size_t count = statement->value_count < 2 ? statement->value_count : 2;

	mistake(parser, config_position_behind(parser->previous),
	    "expected \";\" after %s\"%s\", found %s", after[count], statement->name.text.data,
	    shown(parser, &parser->token));
}

/* The first statement that stands no further right than the one whose block it is in: the "}" is
 * missing before it. */
static const struct config_statement *
first_outdented(const struct config_statement *statement)
{
	const struct config_statement *inner;

	for (inner = statement->block; inner; inner = inner->next)
		if (inner->name.at.source == statement->name.at.source &&
		    inner->name.at.line > statement->name.at.line &&
		    inner->name.at.column <= statement->name.at.column)
			return inner;
	return NULL;
}

static void
report_unclosed(struct config_parser *parser, const struct config_statement *statement)
{
	const struct config_statement *inner = first_outdented(statement);
	struct config_reading *reading = parser->reading;
	const char *hint = "";

	if (inner)
		hint = arena_printf(reading->arena, "; is a \"}\" missing before line %u?",
		    inner->name.at.line);
	if (!reading->tree->broken)
		mistake(parser, statement->end.at,
		    "the block of \"%s\" opened here is never closed%s", statement->name.text.data,
		    hint);
	reading->tree->broken = true;
}

static void
parse_block(struct config_parser *parser, struct config_statement *statement)
{
	struct config_statement **outer_end = parser->end;

	pass_end(parser);
	statement->has_block = true;
	if (parser->depth == CONFIG_DEPTH_MAXIMUM) {
		mistake(parser, statement->end.at, "blocks stand more than %u deep",
		    CONFIG_DEPTH_MAXIMUM);
		skip_block(parser);
		return;
	}
	parser->depth++;
	parser->quiet = false;
	parser->end = &statement->block;
	parse_statements(parser, statement);
	parser->end = outer_end;
	parser->depth--;
	if (at(parser, CONFIG_BRACE_CLOSE))
		pass_end(parser);
	else
		report_unclosed(parser, statement);
}

/* Puts the statement into the tree, or in its place what it includes. */
static void
keep_statement(struct config_parser *parser, struct config_statement *statement)
{
	struct config_reading *reading = parser->reading;

	if (!str_equal(statement->name.text, STR("include"))) {
		*parser->end = statement;
		parser->end = &statement->next;
	} else if (statement->has_block) {
		mistake(parser, statement->end.at, "expected \";\" after \"include\", found \"{\"");
	} else if (statement->damaged) {
		return;
	} else if (statement->value_count != 1) {
		mistake(parser, statement->name.at,
		    "expected one file name or pattern after \"include\"");
	} else if (!reading->include) {
		mistake(parser, statement->name.at, "nothing can be included here");
	} else {
		reading->include(parser, statement);
	}
}

static void
parse_statement(struct config_parser *parser)
{
	struct config_statement *statement = arena_alloc(parser->reading->arena,
	    sizeof(*statement));

	statement->name = parser->token;
	advance(parser);
	parse_values(parser, statement);
	statement->end = parser->token;
	statement->damaged = parser->quiet = parser->lexer.damaged;
	if (at(parser, CONFIG_SEMICOLON))
		pass_end(parser);
	else if (at(parser, CONFIG_BRACE_OPEN))
		parse_block(parser, statement);
	else if (!statement->damaged)
		expect_semicolon(parser, statement);
	keep_statement(parser, statement);
}

static void
unexpected_brace(struct config_parser *parser)
{
	if (!parser->reading->tree->broken)
		mistake(parser, parser->token.at, "unexpected \"}\": no block is open");
	parser->reading->tree->broken = true;
	pass_end(parser);
}

static void
unexpected_token(struct config_parser *parser)
{
	if (!parser->quiet && at(parser, CONFIG_SEMICOLON))
		mistake(parser, parser->token.at,
		    "unexpected \";\": there is no statement before it");
	else if (!parser->quiet)
		mistake(parser, parser->token.at, "expected the name of an option, found %s",
		    shown(parser, &parser->token));
	skip_statement(parser);
}

/* The statements of a block, up to its "}", or of the whole text when block is NULL. */
static void
parse_statements(struct config_parser *parser, const struct config_statement *block)
{
	while (!at(parser, CONFIG_END)) {
		if (at(parser, CONFIG_WORD))
			parse_statement(parser);
		else if (!at(parser, CONFIG_BRACE_CLOSE))
			unexpected_token(parser);
		else if (block)
			return;
		else
			unexpected_brace(parser);
	}
}

/* ---- texts ---- */

void
config_parser_run(struct config_parser *parser, const char *name, struct str text)
{
	struct config_reading *reading = parser->reading;
	struct config_source *source = arena_alloc(reading->arena, sizeof(*source));
	const struct str mark = STR("\xef\xbb\xbf");	/* what some editors put before UTF-8 */

	if (text.length >= mark.length && memcmp(text.data, mark.data, mark.length) == 0)
		text = (struct str){ text.data + mark.length, text.length - mark.length };
	source->name = arena_strdup(reading->arena, name);
	source->text = text;
	if (!reading->tree->source)
		reading->tree->source = source;
	config_lexer_begin(&parser->lexer, source, reading->arena, reading->errors);
	advance(parser);
	parse_statements(parser, NULL);
	buffer_free(&parser->values);
}

struct config_tree *
config_parser_text(const char *name, struct str text, config_include *include, struct arena *arena,
    struct config_errors *errors)
{
	struct config_tree *tree = arena_alloc(arena, sizeof(*tree));
	struct config_reading reading = {
		.arena = arena, .errors = errors, .tree = tree, .include = include
	};
	struct config_parser parser = { .reading = &reading, .end = &tree->first };

	config_parser_run(&parser, name, arena_str(arena, text));
	return tree;
}

struct config_tree *
config_parse_alone(const char *name, struct str text, struct arena *arena,
    struct config_errors *errors)
{
	return config_parser_text(name, text, NULL, arena, errors);
}
