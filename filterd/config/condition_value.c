/* SPDX-License-Identifier: BSD-2-Clause */
/* Operands of comparisons. A mistake is noted; nothing here is fatal. */
#include <string.h>

#include "filterd/config/condition_value.h"

#define DIGITS_MAXIMUM 15	/* of a number; so many a double holds exactly */

bool
condition_reserved(struct str word)
{
	static const char *const words[] = { "and", "or", "not", "in", "any", "all", "exists" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_equal(word, str_of(words[i])))
			return true;
	return false;
}

/* Notes that another kind of value was expected. */
static bool
expected(struct config_scope *scope, const struct config_token *token, const char *what)
{
	config_error(scope->errors, token->at, "expected %s, found %s", what,
	    config_shown(token, scope->arena));
	return false;
}

/* ---- numbers ---- */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* What a letter behind a number multiplies it by; 0: no such letter. */
static double
unit_factor(struct str unit)
{
	static const char letters[] = "kmg";
	double factor = 1024;
	size_t i;

	if (unit.length == 0)
		return 1;
	for (i = 0; unit.length == 1 && letters[i]; i++, factor *= 1024)
		if (letters[i] == str_lower(unit.data[0]))
			return factor;
	return 0;
}

/* [+-] digits [. digits] [k|m|g], whatever the locale. */
static bool
parse_number(struct str text, double *number_r)
{
	double value = 0, scale = 1, factor;
	bool negative = text.length && text.data[0] == '-', fraction = false;
	size_t digits = 0;
	size_t i = text.length && (text.data[0] == '-' || text.data[0] == '+');

	for (; i < text.length && (is_digit(text.data[i]) || text.data[i] == '.'); i++) {
		if (text.data[i] == '.') {
			if (fraction || digits == 0)
				return false;
			fraction = true;
			continue;
		}
		value = value * 10 + (text.data[i] - '0');
		scale = fraction ? scale * 10 : scale;
		digits++;
	}
	factor = unit_factor((struct str){ text.data + i, text.length - i });
	if (digits == 0 || digits > DIGITS_MAXIMUM || (fraction && scale == 1) || factor == 0)
		return false;
	*number_r = (negative ? -value : value) / scale * factor;
	return true;
}

bool
condition_number(struct config_scope *scope, const struct config_token *token, double *number_r)
{
	return parse_number(token->text, number_r) ||
	    expected(scope, token, "a number such as 10, 3.5 or 64k");
}

/* ---- addresses, text, lists, regexes ---- */

bool
condition_network(struct config_scope *scope, const struct config_token *token,
    struct network *network_r)
{
	const char *error;

	switch (network_parse(token->text, network_r, &error)) {
	case NETWORK_FOUND:
		return true;
	case NETWORK_BAD:
		config_error(scope->errors, token->at, "%s", error);
		return false;
	case NETWORK_NONE:
		break;
	}
	return expected(scope, token, "an address or a network such as 192.0.2.0/24");
}

bool
condition_text(struct config_scope *scope, const struct config_token *token, struct str *text_r)
{
	struct field field;
	const char *error;

	if (token->kind == CONFIG_WORD && (condition_reserved(token->text) ||
	    field_parse(token->text, scope->arena, &field, &error))) {
		config_error(scope->errors, token->at,
		    "expected text, found %s \"%s\"; put it in quotes if it is meant as text",
		    condition_reserved(token->text) ? "the word" : "the field", token->text.data);
		return false;
	}
	*text_r = config_plain(token, scope->arena);
	return true;
}

bool
condition_list(struct config_scope *scope, const struct config_token *token,
    const struct mf_list **list_r)
{
	const char **names;
	size_t i;

	for (i = 0; i < scope->list_count; i++) {
		*list_r = scope->lists[i];
		if (strcmp(list_name(*list_r), token->text.data + 1) == 0)
			return true;
	}
	names = arena_array(scope->arena, scope->list_count, sizeof(*names));
	for (i = 0; i < scope->list_count; i++)
		names[i] = arena_printf(scope->arena, "@%s", list_name(scope->lists[i]));
	config_error(scope->errors, token->at, "unknown list \"%s\"%s", token->text.data,
	    config_hint(scope->arena, token->text.data, names, scope->list_count));
	return false;
}

/* The words that a field can have as values; *count_r of them. */
static const char **
values_of(const struct field *field, struct arena *arena, size_t *count_r)
{
	char *text = arena_strdup(arena, field->values), *word, *rest = NULL;
	const char **words = arena_array(arena, strlen(text) / 2 + 1, sizeof(*words));

	*count_r = 0;
	for (word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		words[(*count_r)++] = word;
	return words;
}

static bool
is_among(const char *text, const char *const *words, size_t count)
{
	while (count && strcmp(words[count - 1], text) != 0)
		count--;
	return count > 0;
}

bool
condition_value(struct config_scope *scope, const struct config_token *token,
    const struct field *field, const char *text)
{
	const char **words;
	size_t count;

	if (!field->values)
		return true;
	words = values_of(field, scope->arena, &count);
	if (is_among(text, words, count))
		return true;
	config_error(scope->errors, token->at, "expected a value that %s can have, found \"%s\"%s",
	    field->spelled, text, config_hint(scope->arena, text, words, count));
	return false;
}

bool
condition_values(struct config_scope *scope, const struct config_token *token,
    const struct field *field, const struct mf_list *list)
{
	const char **words, *name = NULL;
	size_t count;

	if (!field->values)
		return true;
	words = values_of(field, scope->arena, &count);
	while ((name = list_next_name(list, name)) != NULL && is_among(name, words, count))
		;
	if (!name)
		return true;
	config_error(scope->errors, token->at,
	    "expected a list of values that %s can have, found \"%s\" in \"%s\"%s",
	    field->spelled, name, token->text.data,
	    config_hint(scope->arena, name, words, count));
	return false;
}

struct mf_regex *
condition_regex(struct config_scope *scope, const struct config_token *token, bool decoded_text)
{
	const char *error;
	size_t offset;
	struct mf_regex *regex = regex_compile(token->text, token->flags, decoded_text,
	    scope->limits, scope->arena, &error, &offset);

	if (!regex)
		config_error(scope->errors, config_position_inside(token->at, offset + 1, 1),
		    "regex: %s", error);
	return regex;
}
