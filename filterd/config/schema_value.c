/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The types of options: which words are values of a type, and how a member is set from them.
 * Every mistake is noted with what was expected; the member then keeps its default.
 */
#include <inttypes.h>
#include <math.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "filterd/config/condition.h"
#include "filterd/config/condition_value.h"
#include "filterd/config/lexer.h"
#include "filterd/config/schema_value.h"
#include "filterd/config/source.h"
#include "filterd/config/template.h"

#define CHOICES_OFFERED 64	/* the nearest is looked for among the first words of a choice */

/* ---- text to numbers ---- */

struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit durations[] = {
	{ "d", 24 * 60 * 60 * 1000 }, { "h", 60 * 60 * 1000 }, { "m", 60 * 1000 }, { "s", 1000 },
	{ "ms", 1 }, { NULL, 0 }
};
static const struct unit sizes[] = {
	{ "g", 1u << 30 }, { "m", 1u << 20 }, { "k", 1u << 10 }, { "", 1 }, { NULL, 0 }
};

/* Reads digits; *rest_r is what follows them. False: there are none, or too many. */
static bool
read_digits(struct str text, uint64_t *value_r, struct str *rest_r)
{
	uint64_t value = 0;
	size_t i;

	for (i = 0; i < text.length && text.data[i] >= '0' && text.data[i] <= '9'; i++)
		if (__builtin_mul_overflow(value, 10u, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(text.data[i] - '0'), &value))
			return false;
	*value_r = value;
	*rest_r = (struct str){ text.data + i, text.length - i };
	return i > 0;
}

static bool
read_with_unit(struct str text, const struct unit *units, uint64_t maximum, uint64_t *value_r)
{
	const struct unit *unit;
	struct str rest;
	uint64_t value;

	if (!read_digits(text, &value, &rest))
		return false;
	for (unit = units; unit->name; unit++)
		if (str_equal_nocase(rest, str_of(unit->name)))
			return !__builtin_mul_overflow(value, unit->factor, value_r) &&
			    *value_r <= maximum;
	return false;
}

bool
schema_duration(struct str text, int64_t *milliseconds_r)
{
	uint64_t value;

	if (!read_with_unit(text, durations, INT64_MAX, &value))
		return false;
	*milliseconds_r = (int64_t)value;
	return true;
}

bool
schema_size(struct str text, uint64_t *bytes_r)
{
	return read_with_unit(text, sizes, INT64_MAX, bytes_r);
}

struct str
schema_choice(const char *choices, size_t n)
{
	struct str word = { choices, 0 };

	do {
		word.data += word.length + strspn(word.data + word.length, " ");
		word.length = strcspn(word.data, " ");
	} while (n-- && word.length);
	return word;
}

/* ---- reading words; without a locale: the process never sets one ---- */

static bool
read_bool(const struct mf_option *option, struct str text, union schema_scalar *value_r)
{
	static const char *const words[] = { "off", "on", "no", "yes", "false", "true" };
	size_t i;

	(void)option;
	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (str_equal(text, str_of(words[i]))) {
			value_r->truth = i % 2;
			return true;
		}
	return false;
}

static bool
read_word_of(const char *choices, struct str text, size_t *index_r)
{
	struct str word;

	for (*index_r = 0; (word = schema_choice(choices, *index_r)).length; ++*index_r)
		if (str_equal(text, word))
			return true;
	return false;
}

static bool
read_integer(const struct mf_option *option, struct str text, union schema_scalar *value_r)
{
	bool negative = text.length && text.data[0] == '-';
	struct str rest;
	uint64_t value;
	size_t index;

	if (option->choices && read_word_of(option->choices, text, &index)) {
		value_r->integer = (int64_t)index;
		return true;
	}
	if (negative)
		text = (struct str){ text.data + 1, text.length - 1 };
	if (!read_digits(text, &value, &rest) || rest.length || value > INT64_MAX)
		return false;
	value_r->integer = negative ? -(int64_t)value : (int64_t)value;
	return true;
}

static bool
read_number(const struct mf_option *option, struct str text, union schema_scalar *value_r)
{
	char *end;

	(void)option;
	if (!text.length || strspn(text.data, "+-.0123456789eE") != text.length)
		return false;
	value_r->number = strtod(text.data, &end);
	return end == text.data + text.length && isfinite(value_r->number);
}

static bool
read_duration(const struct mf_option *option, struct str text, union schema_scalar *value_r)
{
	(void)option;
	return schema_duration(text, &value_r->integer);
}

static bool
read_size(const struct mf_option *option, struct str text, union schema_scalar *value_r)
{
	uint64_t bytes;

	(void)option;
	if (!schema_size(text, &bytes))
		return false;
	value_r->integer = (int64_t)bytes;
	return true;
}

static bool
read_choice(const struct mf_option *option, struct str text, union schema_scalar *value_r)
{
	size_t index;

	if (!read_word_of(option->choices, text, &index))
		return false;
	value_r->choice = (int)index;
	return true;
}

/* ---- errors ---- */

/* The name of the option, as it stands in an error. */
static const char *
given_name(struct schema *schema, const struct schema_given *given)
{
	struct arena *arena = schema->scope->arena;

	if (given->keyword)
		return arena_printf(arena, "%s of \"%s\"",
		    schema_argument_name(given->option, arena), given->keyword);
	return arena_printf(arena, "\"%s\"", schema_name(given->option, arena));
}

static void
expected(struct schema *schema, const struct schema_given *given, const char *what,
    const char *hint)
{
	schema_error(schema, given->tokens->at, "expected %s for %s, found %s%s", what,
	    given_name(schema, given), config_shown(given->tokens, schema->scope->arena), hint);
}

const char *
schema_bound_text(const struct mf_option *option, int64_t bound, struct arena *arena)
{
	const struct unit *unit = option->type == MF_TYPE_DURATION ? durations :
	    option->type == MF_TYPE_SIZE ? sizes : NULL;

	for (; unit && unit->name; unit++)
		if (bound && bound % (int64_t)unit->factor == 0)
			return arena_printf(arena, "%" PRId64 "%s", bound / (int64_t)unit->factor,
			    unit->name);
	return arena_printf(arena, "%" PRId64, bound);
}

const char *
schema_expected(const struct mf_option *option, struct arena *arena)
{
	const char *text = "";
	struct str word;
	size_t i;

	if (!option->choices)
		return schema_types[option->type].expected;
	for (i = 0; (word = schema_choice(option->choices, i)).length; i++)
		text = arena_printf(arena, "%s%s%.*s", text, i ? " or " : "", (int)word.length,
		    word.data);
	if (option->type == MF_TYPE_INTEGER)
		return arena_printf(arena, "%s or a whole number", text);
	return text;
}

static void
wrong_type(struct schema *schema, const struct schema_given *given)
{
	const struct mf_option *option = given->option;
	struct arena *arena = schema->scope->arena;
	const char *words[CHOICES_OFFERED];
	struct str word;
	size_t i = 0;

	for (; option->choices && i < CHOICES_OFFERED &&
	     (word = schema_choice(option->choices, i)).length;
	     i++)
		words[i] = arena_str(arena, word).data;
	expected(schema, given, schema_expected(option, arena),
	    config_hint(arena, given->tokens->text.data, words, i));
}

/* ---- setting a member ---- */

static bool
within_bounds(const struct mf_option *option, struct str text, int64_t value)
{
	size_t index;

	if (!schema_types[option->type].bounded || option->minimum >= option->maximum)
		return true;
	if (option->choices && read_word_of(option->choices, text, &index))
		return true;
	return value >= option->minimum && value <= option->maximum;
}

static void
set_scalar(struct schema *schema, const struct schema_given *given, void *member)
{
	const struct mf_option *option = given->option;
	const struct schema_type *type = &schema_types[option->type];
	struct arena *arena = schema->scope->arena;
	struct str text = given->tokens->text;
	union schema_scalar value = { .integer = 0 };

	if (given->tokens->kind > CONFIG_STRING || !type->read(option, text, &value))
		wrong_type(schema, given);
	else if (!within_bounds(option, text, value.integer))
		expected(schema, given, arena_printf(arena, "%s%s%s to %s",
		    option->choices ? option->choices : "", option->choices ? " or " : "",
		    schema_bound_text(option, option->minimum, arena),
		    schema_bound_text(option, option->maximum, arena)), "");
	else
		memcpy(member, &value, type->size);
}

static void
set_string(struct schema *schema, const struct schema_given *given, void *member)
{
	if (given->tokens->kind > CONFIG_REGEX)
		wrong_type(schema, given);
	else
		*(const char **)member = config_plain(given->tokens, schema->scope->arena).data;
}

static void
set_strings(struct schema *schema, const struct schema_given *given, void *member)
{
	struct arena *arena = schema->scope->arena;
	const char **items = arena_array(arena, given->count, sizeof(*items));
	bool good = true;
	size_t i;

	for (i = 0; i < given->count; i++) {
		struct schema_given one = *given;

		one.tokens = &given->tokens[i];
		set_string(schema, &one, &items[i]);
		schema_note(schema, &items[i], one.tokens->at);
		good = good && items[i];
	}
	if (good)
		*(struct mf_strings *)member = (struct mf_strings){ given->count, items };
}

static void
set_list(struct schema *schema, const struct schema_given *given, void *member)
{
	if (!schema_fits(given->option, given->tokens))
		wrong_type(schema, given);
	else if (!condition_list(schema->scope, given->tokens, member))
		schema->failed = true;
}

static void
set_regex(struct schema *schema, const struct schema_given *given, void *member)
{
	const struct mf_regex *regex;

	if (!schema_fits(given->option, given->tokens)) {
		wrong_type(schema, given);
		return;
	}
	regex = condition_regex(schema->scope, given->tokens, false);
	if (regex)
		*(const struct mf_regex **)member = regex;
	else
		schema->failed = true;
}

static void
set_condition(struct schema *schema, const struct schema_given *given, void *member)
{
	const struct mf_condition *condition = condition_parse(schema->scope, given->tokens,
	    given->count, given->end);

	if (condition)
		*(const struct mf_condition **)member = condition;
	else
		schema->failed = true;
}

/* The text of a file that a token names, as a token. False: a mistake was noted. */
static bool
read_template_file(struct schema *schema, struct config_token *token)
{
	struct config_scope *scope = schema->scope;
	struct config_source *source = arena_alloc(scope->arena, sizeof(*source));
	struct source_paths paths;
	struct source_file file;
	const char *path = config_plain(token, scope->arena).data;
	const char *error = "expected one file";

	if (!source_glob(token->at.source->name, path, scope->arena, &paths, &error) ||
	    paths.count != 1 ||
	    !source_read(paths.items[0], TEMPLATE_TEXT_MAXIMUM, scope->arena, &file, &error)) {
		config_error(scope->errors, token->at, "cannot read \"%s\": %s", path, error);
		return false;
	}
	source->name = paths.items[0];
	source->text = arena_str(scope->arena,
	    (struct str){ buffer_text(&file.text), file.text.length });
	buffer_free(&file.text);
	*token = (struct config_token){ .kind = CONFIG_WORD, .text = source->text,
		.raw = source->text, .flags = STR(""), .at = { source, 0, 0, 1, 1 } };
	return true;
}

static void
set_template(struct schema *schema, const struct schema_given *given, void *member)
{
	struct config_token token = *given->tokens;
	const struct mf_template *text;

	if (token.kind > CONFIG_REGEX) {
		wrong_type(schema, given);
		return;
	}
	if (given->option->flags & MF_FILE_FLAG && !read_template_file(schema, &token)) {
		schema->failed = true;
		return;
	}
	if (token.kind == CONFIG_REGEX) {
		token.kind = CONFIG_WORD;
		token.text = config_plain(given->tokens, schema->scope->arena);
	}
	text = template_parse(schema->scope, &token);
	if (text)
		*(const struct mf_template **)member = text;
	else
		schema->failed = true;
}

/* ---- the types ---- */

#define MEMBER(type) sizeof(type), alignof(type)

const struct schema_type schema_types[SCHEMA_TYPE_COUNT] = {
	[MF_TYPE_BOOL] = { "on or off", "on or off", MEMBER(bool),
	    .read = read_bool, .set = set_scalar },
	[MF_TYPE_INTEGER] = { "integer", "a whole number", MEMBER(int64_t),
	    .bounded = true, .read = read_integer, .set = set_scalar },
	[MF_TYPE_NUMBER] = { "number", "a number", MEMBER(double),
	    .read = read_number, .set = set_scalar },
	[MF_TYPE_STRING] = { "string", "a word or a string in quotes", MEMBER(const char *),
	    .set = set_string },
	[MF_TYPE_STRINGS] = { "strings", "words or strings in quotes", MEMBER(struct mf_strings),
	    .takes_all = true, .lexed = true, .set = set_strings },
	[MF_TYPE_DURATION] = { "duration", "a duration such as 500ms, 10s, 5m, 1h or 2d",
	    MEMBER(struct mf_duration), .bounded = true, .read = read_duration, .set = set_scalar },
	[MF_TYPE_SIZE] = { "size", "a size such as 64k, 10m or 1g", MEMBER(struct mf_size),
	    .bounded = true, .read = read_size, .set = set_scalar },
	[MF_TYPE_CHOICE] = { "choice", "a word", MEMBER(int),
	    .read = read_choice, .set = set_scalar },
	[MF_TYPE_LIST] = { "list", "a list, written @name,", MEMBER(const struct mf_list *),
	    .no_default = true, .set = set_list },
	[MF_TYPE_REGEX] = { "regex",
	    "a regex, /pattern/ and flags out of imsux, with \"\\/\" for a \"/\" in it,",
	    MEMBER(const struct mf_regex *), .lexed = true, .set = set_regex },
	[MF_TYPE_CONDITION] = { "condition", "a condition", MEMBER(const struct mf_condition *),
	    .takes_all = true, .lexed = true, .set = set_condition },
	[MF_TYPE_TEMPLATE] = { "template", "a word or a string in quotes",
	    MEMBER(const struct mf_template *), .set = set_template },
	[MF_TYPE_BLOCK] = { "block", "a block", MEMBER(struct mf_blocks), .no_default = true },
};

bool
schema_fits(const struct mf_option *option, const struct config_token *token)
{
	const struct schema_type *type = &schema_types[option->type];
	union schema_scalar ignored;

	if (option->type == MF_TYPE_REGEX)
		return token->kind == CONFIG_REGEX;
	if (option->type == MF_TYPE_LIST)
		return token->kind == CONFIG_WORD && token->text.length > 1 &&
		    token->text.data[0] == '@';
	if (type->read)
		return token->kind == CONFIG_WORD && type->read(option, token->text, &ignored);
	return type->takes_all || token->kind <= CONFIG_REGEX;
}

void
schema_set(struct schema *schema, const struct schema_given *given, void *member)
{
	schema_note(schema, member, given->tokens->at);
	schema_types[given->option->type].set(schema, given, member);
}

/* The tokens of a default: of what is lexed those that the text holds, else one word. */
static const struct config_token *
default_tokens(struct schema *schema, const struct mf_option *option, size_t *count_r)
{
	struct arena *arena = schema->scope->arena;
	struct config_source *source = arena_alloc(arena, sizeof(*source));
	struct config_token *word;

	source->name = arena_printf(arena, "default of \"%s\"", option->name);
	source->text = str_of(option->standard);
	if (schema_types[option->type].lexed)
		return config_lex(source, arena, schema->scope->errors, count_r);
	word = arena_alloc(arena, sizeof(*word));
	word->text = word->raw = source->text;
	word->flags = STR("");
	word->at = (struct config_position){ source, 0, source->text.length, 1, 1 };
	*count_r = 1;
	return word;
}

void
schema_set_default(struct schema *schema, const struct mf_option *option, void *member)
{
	struct schema_given given = { .option = option };

	if (!option->standard)
		return;
	given.tokens = default_tokens(schema, option, &given.count);
	given.end = &given.tokens[given.count];
	if (given.count)
		schema_types[option->type].set(schema, &given, member);
}
