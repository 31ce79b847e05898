/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Binding of statements to structs by option tables. Owns nothing: all that is bound lives in the
 * scope's arena. A mistake is noted and binding goes on; what one mistake has spoilt is not
 * reported again.
 */
#include <stdlib.h>
#include <string.h>

#include "filterd/config/schema_binding.h"
#include "filterd/util/buffer.h"
#include "filterd/util/memory.h"

static void bind_struct(struct schema_binding *binding, const struct config_statement *first,
    const struct schema_target *targets, size_t target_count);

/* ---- arguments ---- */

/* Whether the statement ends somehow; where it does not the parser has said so, and what is missing
 * with its end is not reported again. */
static bool
ended_well(const struct config_statement *statement)
{
	return statement->end.kind != CONFIG_BRACE_CLOSE && statement->end.kind != CONFIG_END;
}

static size_t
required_behind(const struct schema_binding *binding, const struct schema_slot *slot)
{
	const struct schema_slot *end = binding->slots + binding->slot_count;
	size_t count = 0;

	while (++slot < end)
		if (slot->option->flags & MF_ARGUMENT_FLAG &&
		    slot->option->flags & MF_REQUIRED_FLAG)
			count++;
	return count;
}

static bool
template_behind(const struct schema_binding *binding, const struct schema_slot *slot)
{
	const struct schema_slot *end = binding->slots + binding->slot_count;

	while (++slot < end)
		if (slot->option->flags & MF_ARGUMENT_FLAG &&
		    slot->option->type == MF_TYPE_TEMPLATE)
			return true;
	return false;
}

/* Whether an optional argument does not take the nth value. */
static bool
passes_over(const struct schema_binding *binding, const struct schema_slot *slot, size_t n)
{
	const struct config_token *token = &binding->owner->values[n];

	if (binding->owner->value_count - n <= required_behind(binding, slot))
		return true;
	if (slot->option->type == MF_TYPE_STRING && token->kind == CONFIG_STRING &&
	    template_behind(binding, slot))
		return true;
	return !schema_fits(slot->option, token);
}

/* Sets the argument from the values from the nth on. Returns how many it took. */
static size_t
bind_argument(struct schema_binding *binding, struct schema_slot *slot, size_t n)
{
	const struct config_statement *owner = binding->owner;
	struct schema_given given = {
		.option = slot->option,
		.keyword = owner->name.text.data,
		.tokens = owner->values + n,
		.count = schema_types[slot->option->type].takes_all ? owner->value_count - n : 1,
		.end = &owner->end,
	};

	slot->set_by = owner;
	schema_set(binding->schema, &given, slot->member);
	return given.count;
}

/* False: one is missing or there are too many. */
static bool
bind_arguments(struct schema_binding *binding, const char *end)
{
	const struct config_statement *owner = binding->owner;
	size_t i, n = 0;

	for (i = 0; i < binding->slot_count; i++) {
		struct schema_slot *slot = &binding->slots[i];
		bool required = slot->option->flags & MF_REQUIRED_FLAG;

		if (!(slot->option->flags & MF_ARGUMENT_FLAG))
			continue;
		if (n < owner->value_count && (required || !passes_over(binding, slot, n))) {
			n += bind_argument(binding, slot, n);
		} else if (required) {
			schema_error(binding->schema, owner->end.at,
			    "expected %s of \"%s\", found %s",
			    schema_argument_name(slot->option, binding->schema->scope->arena),
			    owner->name.text.data,
			    config_shown(&owner->end, binding->schema->scope->arena));
			return false;
		}
	}
	if (n < owner->value_count)
		schema_expect_end(binding->schema, owner, n, end, "");
	return n == owner->value_count;
}

/* ---- statements ---- */

/* " in listener inbound" */
static const char *
inside(const struct schema_binding *binding)
{
	if (!binding->what)
		return "";
	return arena_printf(binding->schema->scope->arena, " in %s", binding->what);
}

static void
report_duplicate(struct schema_binding *binding, const struct schema_slot *slot,
    const struct config_statement *statement)
{
	struct arena *arena = binding->schema->scope->arena;
	struct config_position first = slot->set_by->name.at;
	const char *where = first.source == statement->name.at.source ?
	    arena_printf(arena, "line %u", first.line) : config_where(first, arena);

	schema_error(binding->schema, statement->name.at,
	    "\"%s\" is given twice%s; the first is in %s", statement->name.text.data,
	    inside(binding), where);
}

/* For text of several words without quotes. */
static const char *
quotes_hint(const struct mf_option *option, const struct config_statement *statement)
{
	bool text = option->type == MF_TYPE_STRING || option->type == MF_TYPE_TEMPLATE;

	return text && statement->values[0].kind == CONFIG_WORD &&
	    statement->values[1].kind == CONFIG_WORD ? "; text with blanks stands in quotes" : "";
}

static void
bind_value(struct schema_binding *binding, struct schema_slot *slot,
    const struct config_statement *statement)
{
	struct schema *schema = binding->schema;
	struct schema_given given = {
		.option = slot->option,
		.tokens = statement->values,
		.count = statement->value_count,
		.end = &statement->end,
	};
	bool missing = !statement->value_count;

	slot->set_by = statement;
	if (missing && ended_well(statement))
		schema_error(schema, statement->end.at, "expected %s after \"%s\", found %s",
		    schema_expected(slot->option, schema->scope->arena), statement->name.text.data,
		    config_shown(&statement->end, schema->scope->arena));
	else if (!schema_types[slot->option->type].takes_all && statement->value_count > 1)
		schema_expect_end(schema, statement, 1, ";", quotes_hint(slot->option, statement));
	else if (statement->has_block)
		schema_expect_end(schema, statement, statement->value_count, ";", "");
	if (!missing)
		schema_set(schema, &given, slot->member);
}

/* "rule block-executables": the keyword and, when the first argument is a string, its value. */
static const char *
block_name(const struct mf_option *table, const struct config_statement *statement,
    struct arena *arena)
{
	bool named = table->flags & MF_ARGUMENT_FLAG && table->type == MF_TYPE_STRING;

	if (!named || !statement->value_count || statement->values->kind > CONFIG_STRING)
		return statement->name.text.data;
	return arena_printf(arena, "%s %s", statement->name.text.data,
	    statement->values->text.data);
}

/* Fills the struct of a block option; statement NULL: with defaults alone. */
static void
fill_block(struct schema_binding *outer, const struct mf_option *option,
    const struct config_statement *statement, char *values)
{
	struct schema_binding inner = { .schema = outer->schema, .owner = statement };
	struct schema_target target = { option->table, values };
	bool wants = schema_wants_block(option);

	inner.arguments_only = !wants || option->flags & SCHEMA_LATER_FLAG;
	if (statement)
		inner.what = block_name(option->table, statement, outer->schema->scope->arena);
	if (statement && statement->has_block && !wants)
		schema_expect_end(outer->schema, statement, statement->value_count, ";", "");
	bind_struct(&inner, statement ? statement->block : NULL, &target, 1);
}

static void
bind_block(struct schema_binding *binding, struct schema_slot *slot,
    const struct config_statement *statement)
{
	struct mf_blocks *blocks = (struct mf_blocks *)(void *)slot->member;
	struct mf_block *block;

	slot->set_by = statement;
	if (slot->option->flags & SCHEMA_SINGLE_FLAG) {
		fill_block(binding, slot->option, statement, slot->member);
		return;
	}
	block = (struct mf_block *)&blocks->items[blocks->count++];
	block->keyword = slot->option->name;
	block->options = slot->next;
	block->where = config_where(statement->name.at, binding->schema->scope->arena);
	fill_block(binding, slot->option, statement, slot->next);
	slot->next += slot->option->table_size;
}

static bool
comes_once(const struct mf_option *option)
{
	return option->type != MF_TYPE_BLOCK || option->flags & SCHEMA_SINGLE_FLAG;
}

static void
report_unknown(struct schema_binding *binding, const struct config_statement *statement)
{
	struct arena *arena = binding->schema->scope->arena;
	const char **names = arena_array(arena, binding->slot_count, sizeof(*names));
	const char *nearest;
	size_t i;

	for (i = 0; i < binding->slot_count; i++)
		if (!(binding->slots[i].option->flags & MF_ARGUMENT_FLAG))
			names[i] = schema_name(binding->slots[i].option, arena);
	nearest = str_nearest(statement->name.text.data, names, binding->slot_count);
	for (i = 0; i < binding->slot_count; i++)
		binding->slots[i].misspelled |= nearest && names[i] == nearest;
	schema_error(binding->schema, statement->name.at, "unknown option %s%s%s",
	    config_shown(&statement->name, arena), inside(binding),
	    config_hint(arena, statement->name.text.data, names, binding->slot_count));
}

static void
bind_statement(struct schema_binding *binding, const struct config_statement *statement)
{
	struct schema_slot *slot = schema_find_slot(binding, NULL, statement->name.text);

	if (statement->damaged)
		binding->schema->failed = true;
	else if (!slot && !binding->pass_unknown)
		report_unknown(binding, statement);
	for (; slot; slot = schema_find_slot(binding, slot + 1, statement->name.text)) {
		if (slot->set_by && comes_once(slot->option))
			report_duplicate(binding, slot, statement);
		else if (slot->option->type == MF_TYPE_BLOCK)
			bind_block(binding, slot, statement);
		else if (statement->damaged)
			slot->set_by = statement;
		else
			bind_value(binding, slot, statement);
	}
}

/* ---- structs ---- */

static void
make_slots(struct schema_binding *binding, const struct schema_target *targets, size_t target_count)
{
	const struct mf_option *option;
	size_t i, count = 0;

	for (i = 0; i < target_count; i++)
		for (option = targets[i].table; option && option->type != MF_TYPE_END; option++)
			count++;
	binding->slots = memory_array(count, sizeof(*binding->slots));
	for (i = 0; i < target_count; i++)
		for (option = targets[i].table; option && option->type != MF_TYPE_END; option++) {
			struct schema_slot *slot = &binding->slots[binding->slot_count++];

			slot->option = option;
			slot->member = (char *)targets[i].values + option->offset;
			if (option->type != MF_TYPE_BLOCK)
				schema_set_default(binding->schema, option, slot->member);
		}
}

/* Makes room for the structs of each block option, and for the blocks of each member. */
static void
make_room(struct schema_binding *binding, const struct buffer *statements)
{
	const struct config_statement *const *items = (const void *)buffer_text(statements);
	struct arena *arena = binding->schema->scope->arena;
	size_t i, j, count = statements->length / sizeof(*items);

	for (i = 0; i < count; i++) {
		struct schema_slot *slot = schema_find_slot(binding, NULL, items[i]->name.text);

		for (; slot; slot = schema_find_slot(binding, slot + 1, items[i]->name.text))
			slot->count++;
	}
	for (i = 0; i < binding->slot_count; i++) {
		struct schema_slot *slot = &binding->slots[i];
		struct mf_blocks *blocks = (struct mf_blocks *)(void *)slot->member;
		size_t total = 0;

		if (comes_once(slot->option))
			continue;
		slot->next = arena_array(arena, slot->count, slot->option->table_size);
		for (j = 0; j < binding->slot_count; j++)
			if (binding->slots[j].member == slot->member)
				total += binding->slots[j].count;
		if (!blocks->items)
			blocks->items = arena_array(arena, total, sizeof(*blocks->items));
	}
}

static void
bind_statements(struct schema_binding *binding, const struct config_statement *first)
{
	const struct config_statement *const *items;
	struct buffer statements = { 0 };
	size_t i;

	schema_collect(binding, first, &statements);
	make_room(binding, &statements);
	items = (const void *)buffer_text(&statements);
	for (i = 0; i < statements.length / sizeof(*items); i++)
		bind_statement(binding, items[i]);
	buffer_free(&statements);
}

/* What no statement has set: blocks that are always there get their defaults, what is required is
 * missing. */
static void
bind_absent(struct schema_binding *binding)
{
	const struct config_statement *owner = binding->owner;
	size_t i;

	for (i = 0; i < binding->slot_count; i++) {
		struct schema_slot *slot = &binding->slots[i];

		if (slot->set_by || slot->option->flags & MF_ARGUMENT_FLAG)
			continue;
		if (slot->option->flags & SCHEMA_SINGLE_FLAG)
			fill_block(binding, slot->option, NULL, slot->member);
		if (slot->option->flags & MF_REQUIRED_FLAG && !slot->misspelled &&
		    (!owner || owner->has_block))
			schema_error(binding->schema,
			    owner ? owner->name.at : (struct config_position){ 0 },
			    "\"%s\" is missing%s",
			    schema_name(slot->option, binding->schema->scope->arena),
			    inside(binding));
	}
}

/* Whether an option of the targets is set by a statement. */
static bool
takes_statements(const struct schema_target *targets, size_t target_count)
{
	size_t i;

	for (i = 0; i < target_count; i++)
		if (targets[i].table && schema_needs_braces(targets[i].table))
			return true;
	return false;
}

/* Fills the targets. The caller has set all of the binding but its slots. */
static void
bind_struct(struct schema_binding *binding, const struct config_statement *first,
    const struct schema_target *targets, size_t target_count)
{
	const struct config_statement *owner = binding->owner;
	struct config_scope *scope = binding->schema->scope;
	bool statements = takes_statements(targets, target_count);
	const char *label = scope->label, *end = statements ? "{" : ";";
	size_t i;

	for (i = 0; i < target_count; i++)
		schema_note_filled(binding->schema, &targets[i], owner);
	make_slots(binding, targets, target_count);
	if (owner && owner->damaged)
		binding->schema->failed = true;
	else if (owner && bind_arguments(binding, end) && statements && !owner->has_block &&
	    ended_well(owner))
		schema_expect_end(binding->schema, owner, owner->value_count, end, "");
	if (statements && owner && owner->value_count && owner->values->kind <= CONFIG_STRING)
		scope->label = owner->values->text.data;
	if (!binding->arguments_only) {
		bind_statements(binding, first);
		bind_absent(binding);
	}
	scope->label = label;
	free(binding->slots);
}

struct schema *
schema_create(struct config_scope *scope)
{
	struct schema *schema = arena_alloc(scope->arena, sizeof(*schema));

	schema->scope = scope;
	return schema;
}

bool
schema_bind(struct schema *schema, const struct config_statement *owner,
    const struct config_statement *first, const struct schema_target *targets, size_t target_count,
    const char *what, bool pass_unknown)
{
	struct schema_binding binding = {
		.schema = schema, .owner = owner, .what = what, .pass_unknown = pass_unknown
	};
	bool outer = schema->failed, good;

	schema->failed = false;
	bind_struct(&binding, owner ? owner->block : first, targets, target_count);
	good = !schema->failed;
	schema->failed = outer || !good;
	return good;
}
