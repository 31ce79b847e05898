/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The statements of a block as they are to be bound. Where a ";" was forgotten one statement runs
 * on into the next: the mistake is noted and the two are told apart by the names of the options,
 * so that it hides nothing else.
 */
#include "filterd/config/schema_binding.h"

/* ---- options ---- */

bool
schema_wants_block(const struct mf_option *option)
{
	return option->type == MF_TYPE_BLOCK && schema_needs_braces(option->table);
}

struct schema_slot *
schema_find_slot(const struct schema_binding *binding, struct schema_slot *from, struct str name)
{
	struct schema_slot *end = binding->slots + binding->slot_count;
	struct schema_slot *slot;

	for (slot = from ? from : binding->slots; slot < end; slot++)
		if (!(slot->option->flags & MF_ARGUMENT_FLAG) && schema_name_is(slot->option, name))
			return slot;
	return NULL;
}

/* ---- what ends a statement ---- */

void
schema_expect_end(struct schema *schema, const struct config_statement *statement, size_t n,
    const char *end, const char *hint)
{
	static const char *const after[] = { "", "the value of ", "the values of " };
	const struct config_token *found =
	    n < statement->value_count ? &statement->values[n] : &statement->end;
	const struct config_token *last = n ? &statement->values[n - 1] : &statement->name;
	bool new_line = found->at.line != last->at.line;

	schema_error(schema, new_line ? config_position_behind(last->at) : found->at,
	    "expected \"%s\" after %s\"%s\", found %s%s", end, after[n < 2 ? n : 2],
	    statement->name.text.data, config_shown(found, schema->scope->arena), hint);
}

/* The number of values that a statement of this option takes at most. */
static size_t
most_values(const struct mf_option *option)
{
	const struct mf_option *argument;
	size_t count = 0;

	if (option->type != MF_TYPE_BLOCK)
		return schema_types[option->type].takes_all ? SIZE_MAX : 1;
	for (argument = option->table; argument->type != MF_TYPE_END; argument++)
		if (argument->flags & MF_ARGUMENT_FLAG) {
			if (schema_types[argument->type].takes_all)
				return SIZE_MAX;
			count++;
		}
	return count;
}

static bool
joins(const struct config_token *token)
{
	static const char *const words[] = { "and", "or", "not", "in", "any", "all", "exists" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (token->kind == CONFIG_WORD && str_equal(token->text, str_of(words[i])))
			return true;
	return token->kind == CONFIG_OPERATOR || token->kind == CONFIG_OPEN;
}

/* Whether the nth value, one too many, begins another statement: it is the name of an option, or
 * stands on a new line. Within a condition nothing is too many but a word behind a value. */
static bool
begins_statement(const struct schema_binding *binding, const struct mf_option *option,
    const struct config_statement *statement, size_t n)
{
	const struct config_token *token = &statement->values[n];
	const struct config_token *last = n ? token - 1 : &statement->name;

	if (token->kind != CONFIG_WORD)
		return false;
	if (option->type == MF_TYPE_CONDITION && (joins(last) || joins(token)))
		return false;
	if (schema_find_slot(binding, NULL, token->text))
		return true;
	return token->at.line != last->at.line && !schema_wants_block(option);
}

/* The index of the value at which another statement begins because a ";" was forgotten;
 * value_count: there is none. */
static size_t
next_statement(const struct schema_binding *binding, const struct mf_option *option,
    const struct config_statement *statement)
{
	size_t i = option->type == MF_TYPE_CONDITION ? 1 : most_values(option);

	while (i < statement->value_count && !begins_statement(binding, option, statement, i))
		i++;
	return i < statement->value_count ? i : statement->value_count;
}

/* What stands before the nth value. */
static struct config_statement *
left_of(struct arena *arena, const struct config_statement *whole, size_t n)
{
	struct config_statement *left = arena_alloc(arena, sizeof(*left));

	*left = *whole;
	left->value_count = n;
	left->has_block = false;
	left->block = NULL;
	left->end = whole->values[n];
	return left;
}

/* What the nth value begins. */
static struct config_statement *
right_of(struct arena *arena, const struct config_statement *whole, size_t n)
{
	struct config_statement *right = arena_alloc(arena, sizeof(*right));

	*right = *whole;
	right->name = whole->values[n];
	right->values = whole->values + n + 1;
	right->value_count = whole->value_count - n - 1;
	return right;
}

static void
add_statement(struct buffer *statements, const struct config_statement *statement)
{
	buffer_add(statements, &statement, sizeof(statement));
}

void
schema_collect(struct schema_binding *binding, const struct config_statement *statement,
    struct buffer *statements)
{
	struct arena *arena = binding->schema->scope->arena;

	for (; statement; statement = statement->next) {
		const struct config_statement *rest = statement;
		const struct schema_slot *slot;

		while ((slot = schema_find_slot(binding, NULL, rest->name.text)) &&
		    !rest->damaged) {
			size_t n = next_statement(binding, slot->option, rest);

			if (n == rest->value_count)
				break;
			if (!schema_wants_block(slot->option))
				schema_expect_end(binding->schema, rest, n, ";", "");
			add_statement(statements, left_of(arena, rest, n));
			rest = right_of(arena, rest, n);
		}
		add_statement(statements, rest);
	}
}
