/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzes the configuration: the input is a file, read and bound as the daemon's settings and, its
 * filter blocks, to a table with every type of option, without a look at any other file. Every
 * token must stand where it says, a schema that found a mistake must have noted one, and what has
 * no mistake must be complete.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "filterd/config/settings.h"

#define INPUT_MAXIMUM 8192

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- a plugin's options ---- */

struct action {
	int64_t code;
	const char *word;
	const struct mf_template *text;
};

static const struct mf_option action_table[] = {
	MF_OPTIONAL_ARGUMENT(struct action, code, "550", "code"),
	MF_OPTIONAL_ARGUMENT(struct action, word, NULL, "word"),
	MF_OPTIONAL_ARGUMENT(struct action, text, NULL, "text"),
	MF_OPTION_END
};

struct change {
	const char *name;
	const struct mf_regex *pattern;
	const struct mf_template *with;
};

static const struct mf_option change_table[] = {
	MF_ARGUMENT(struct change, name, "name"),
	MF_ARGUMENT(struct change, pattern, "pattern"),
	MF_ARGUMENT(struct change, with, "replacement"),
	MF_OPTION_END
};

struct nothing {
	char unused;
};

static const struct mf_option no_table[] = { MF_OPTION_END };

struct rule {
	const char *name;
	const struct mf_condition *when;
	struct mf_blocks actions;
};

static const struct mf_option rule_table[] = {
	MF_ARGUMENT(struct rule, name, "name"),
	MF_OPTION(struct rule, when, NULL, "condition"),
	MF_BLOCK(struct rule, actions, "reject", action_table, struct action, "refuse"),
	MF_BLOCK(struct rule, actions, "replace-header", change_table, struct change, "change"),
	MF_BLOCK(struct rule, actions, "stop", no_table, struct nothing, "no more"),
	MF_OPTION_END
};

struct options {
	struct mf_blocks rules;
	bool flag;
	double number;
	struct mf_strings words;
	struct mf_size size;
	const struct mf_list *list;
};

static const struct mf_option option_table[] = {
	MF_BLOCK(struct options, rules, "rule", rule_table, struct rule, "a rule"),
	MF_OPTION(struct options, flag, "off", "flag"),
	MF_OPTION(struct options, number, "1.5", "number"),
	MF_OPTION(struct options, words, "a b", "words"),
	MF_OPTION(struct options, size, "64k", "size"),
	MF_OPTION(struct options, list, NULL, "list"),
	MF_OPTION_END
};

/* ---- what must hold ---- */

static void
check_token(const struct config_token *token)
{
	const struct config_position *at = &token->at;
	const char *text = at->source->text.data, *c, *line = text;
	unsigned lines = 1;

	assert(at->offset <= at->source->text.length);
	assert(at->length <= at->source->text.length - at->offset);
	assert(token->raw.length == at->length && token->raw.data == text + at->offset);
	assert(token->text.data[token->text.length] == '\0');
	for (c = text; c < text + at->offset; c++)
		if (*c == '\n') {
			lines++;
			line = c + 1;
		}
	assert(lines == at->line && (size_t)(text + at->offset - line) + 1 == at->column);
}

/* As deep as the parser reads blocks. */
static void
check_statements(const struct config_statement *statement)
{
	size_t i;

	for (; statement; statement = statement->next) {
		check_token(&statement->name);
		check_token(&statement->end);
		for (i = 0; i < statement->value_count; i++)
			check_token(&statement->values[i]);
		assert(statement->has_block || !statement->block);
		check_statements(statement->block);
	}
}

static void
check_good_settings(const struct settings *settings)
{
	struct listener_address address;
	const char *error;
	size_t i, j;

	for (i = 0; i < settings->listener_count; i++) {
		const struct listener_settings *listener = &settings->listeners[i];

		assert(settings_listener(settings, listener->name) == listener);
		assert(listener_address_parse(listener->socket, &address, &error));
		assert(listener->statement && listener->where && listener->chain.count);
		for (j = 0; j < listener->chain.count; j++)
			assert(settings_filter(settings, listener->chain.items[j]));
	}
	for (i = 0; i < settings->filter_count; i++)
		assert(settings->filters[i].plugin && settings->filters[i].statement);
}

static void
check_good_options(const struct options *options)
{
	size_t i;

	for (i = 0; i < options->rules.count; i++) {
		const struct rule *rule = options->rules.items[i].options;

		assert(rule->name && (!rule->actions.count || rule->actions.items[0].options));
	}
}

/* ---- reading ---- */

static void
bind_filters(struct settings *settings)
{
	struct config_errors *errors = settings->scope.errors;
	size_t i;

	for (i = 0; i < settings->filter_count; i++) {
		struct filter_settings *common = arena_alloc(settings->arena, sizeof(*common));
		struct options *options = arena_alloc(settings->arena, sizeof(*options));
		const struct schema_target targets[] = { { filter_option_table, common },
			{ option_table, options } };
		bool good = schema_bind(settings->schema, settings->filters[i].statement, NULL,
		    targets, 2, "filter", false);

		assert(good || config_errors_count(errors));
		if (good)
			check_good_options(options);
		assert(schema_position(settings->schema, options).source);
	}
}

static void
print(const struct config_errors *errors)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	assert(to);
	config_errors_print(errors, to);
	fclose(to);
	assert((size == 0) == (config_errors_count(errors) == 0));
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct str text = { (const char *)data, size };
	struct config_errors *errors;
	struct settings *settings;

	if (size > INPUT_MAXIMUM)
		return 0;
	errors = config_errors_create();
	settings = settings_read_text("fuzz.conf", text, SETTINGS_ALONE, errors);
	assert(settings || config_errors_count(errors));
	if (settings) {
		check_statements(settings->tree->first);
		if (!config_errors_count(errors))
			check_good_settings(settings);
		bind_filters(settings);
	}
	print(errors);
	config_errors_destroy(&errors);
	settings_destroy(&settings);
	return 0;
}
