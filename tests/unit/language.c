/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of conditions and templates share. A test that puts in too much aborts. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/language.h"

static bool
each(void *subject, const struct field *field, field_visitor *visitor, void *argument)
{
	struct language *language = subject;
	size_t i;

	language->visits++;
	for (i = 0; i < language->value_count; i++) {
		if (!field_equal(field, &language->values[i].field))
			continue;
		language->shown++;
		if (visitor(argument, &language->values[i].value))
			return true;
	}
	return false;
}

static void
limit_reached(void *subject, const char *rule, const char *where, const char *pattern)
{
	struct language *language = subject;

	language->limits++;
	language->limit_rule = rule;
	language->limit_where = where;
	language->limit_pattern = pattern;
}

static void
field_used(void *argument, const struct field *field)
{
	struct language *language = argument;

	if (language->used_count < LANGUAGE_USED)
		language->used[language->used_count++] = *field;
}

static struct mf_list *
make_list(const char *name, const char *const *entries)
{
	struct mf_list *list = list_create(name);
	const char *error;

	for (; *entries; entries++)
		if (!list_add(list, str_of(*entries), &error))
			abort();
	list_seal(list);
	return list;
}

struct language *
language_create(void)
{
	static const char *const partners[] = { "example.org", ".example.net", "bob@example.com",
		NULL };
	static const char *const nets[] = { "192.0.2.0/24", "2001:db8::/32", NULL };
	static const char *const empty[] = { NULL };
	struct language *language = calloc(1, sizeof(*language));

	assert(language);
	language->arena = arena_create(0, 0);
	language->errors = config_errors_create();
	language->lists[0] = make_list("partners", partners);
	language->lists[1] = make_list("nets", nets);
	language->lists[2] = make_list("empty", empty);
	language->scope = (struct config_scope){
		.arena = language->arena,
		.errors = language->errors,
		.lists = language->lists,
		.list_count = 3,
		.limits = { 100000, 10000, 20480 },
		.label = "",
		.field_used = field_used,
		.argument = language,
		.patterns = pattern_groups_create(language->arena),
	};
	language->source = (struct field_source){
		.each = each,
		.limit_reached = limit_reached,
		.subject = language,
		.stage = MF_STAGE_MESSAGE,
		.arena = arena_create(0, 0),
	};
	return language;
}

void
language_destroy(struct language *language)
{
	size_t i;

	for (i = 0; i < 3; i++)
		list_destroy(&language->lists[i]);
	arena_destroy(&language->source.arena);
	arena_destroy(&language->arena);
	config_errors_destroy(&language->errors);
	free(language);
}

/* ---- values ---- */

static struct language_value *
add_value(struct language *language, const char *field)
{
	struct language_value *added = &language->values[language->value_count++];
	const char *error;

	if (language->value_count > LANGUAGE_VALUES ||
	    !field_parse(str_of(field), language->arena, &added->field, &error))
		abort();
	added->value = (struct field_value){ .text = STR("") };
	return added;
}

void
language_text(struct language *language, const char *field, struct str text)
{
	add_value(language, field)->value.text = text;
}

void
language_number(struct language *language, const char *field, double number)
{
	add_value(language, field)->value.number = number;
}

void
language_ip(struct language *language, const char *field, const char *address)
{
	struct language_value *added = add_value(language, field);
	struct network network;
	const char *error;

	if (network_parse(str_of(address), &network, &error) != NETWORK_FOUND)
		abort();
	memcpy(added->ip, network.first, 16);
	added->value.ip = added->ip;
	added->value.text = str_of(address);
}

void
language_clear(struct language *language)
{
	language->value_count = 0;
}

/* ---- parsing ---- */

const struct config_statement *
language_statement(struct language *language, const char *word, const char *text)
{
	const char *line = arena_printf(language->arena, "%s %s;\n", word, text);
	struct config_tree *tree = config_parse_alone("t.conf", str_of(line), language->arena,
	    language->errors);

	return tree->first;
}

struct mf_condition *
language_condition(struct language *language, const char *text)
{
	const struct config_statement *statement = language_statement(language, "when", text);

	if (!statement || statement->damaged)
		return NULL;
	return condition_parse(&language->scope, statement->values, statement->value_count,
	    &statement->end);
}

struct mf_template *
language_template(struct language *language, const char *text)
{
	const struct config_statement *statement = language_statement(language, "log", text);

	if (!statement || statement->damaged || statement->value_count != 1)
		return NULL;
	return template_parse(&language->scope, statement->values);
}

const char *
language_mistakes(struct language *language)
{
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);
	const char *copy;

	assert(to);
	config_errors_print(language->errors, to);
	fclose(to);
	copy = arena_copy(language->arena, text, size);
	free(text);
	return copy;
}
