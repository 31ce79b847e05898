/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of options; which token set which member, and which statement filled which struct. Places
 * are asked for when a mistake is found later, so their look-up may be linear.
 */
#include "filterd/config/schema_value.h"

/* ---- names ---- */

bool
schema_name_is(const struct mf_option *option, struct str name)
{
	size_t i;

	for (i = 0; i < name.length; i++)
		if ((option->name[i] == '_' ? '-' : option->name[i]) != name.data[i])
			return false;
	return option->name[i] == '\0';
}

const char *
schema_name(const struct mf_option *option, struct arena *arena)
{
	char *name = arena_strdup(arena, option->name);
	char *c;

	for (c = name; *c; c++)
		if (*c == '_')
			*c = '-';
	return name;
}

const char *
schema_argument_name(const struct mf_option *option, struct arena *arena)
{
	char *name = arena_strdup(arena, schema_name(option, arena));
	char *c;

	for (c = name; *c; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
	return name;
}

const struct mf_option *
schema_option(const struct mf_option *table, struct str name)
{
	for (; table && table->type != MF_TYPE_END; table++)
		if (schema_name_is(table, name))
			return table;
	return NULL;
}

bool
schema_needs_braces(const struct mf_option *table)
{
	for (; table->type != MF_TYPE_END; table++)
		if (!(table->flags & MF_ARGUMENT_FLAG))
			return true;
	return false;
}

/* ---- places ---- */

void
schema_error(struct schema *schema, struct config_position at, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	config_verror(schema->scope->errors, at, format, arguments);
	va_end(arguments);
	schema->failed = true;
}

void
schema_note(struct schema *schema, const void *member, struct config_position at)
{
	struct schema_set *set = arena_alloc(schema->scope->arena, sizeof(*set));

	set->member = member;
	set->at = at;
	set->next = schema->sets;
	schema->sets = set;
}

static const struct schema_set *
find_set(const struct schema *schema, const void *member)
{
	const struct schema_set *set = schema->sets;

	while (set && set->member != member)
		set = set->next;
	return set;
}

static size_t
table_extent(const struct mf_option *table)
{
	size_t extent = 0;

	for (; table && table->type != MF_TYPE_END; table++) {
		bool single = table->flags & SCHEMA_SINGLE_FLAG;
		size_t end = table->offset +
		    (single ? table->table_size : schema_types[table->type].size);

		if (end > extent)
			extent = end;
	}
	return extent;
}

void
schema_note_filled(struct schema *schema, const struct schema_target *target,
    const struct config_statement *owner)
{
	struct schema_filled *filled = arena_alloc(schema->scope->arena, sizeof(*filled));
	size_t extent = table_extent(target->table);

	filled->values = target->values;
	filled->size = extent ? extent : 1;	/* without options it has a place all the same */
	filled->owner = owner;
	filled->next = schema->filled;
	schema->filled = filled;
}

const struct config_statement *
schema_statement(const struct schema *schema, const void *values)
{
	const struct schema_filled *filled;
	const char *address = values;

	for (filled = schema->filled; filled; filled = filled->next)
		if (address >= filled->values && address < filled->values + filled->size)
			return filled->owner;
	return NULL;
}

struct config_position
schema_position(const struct schema *schema, const void *member)
{
	const struct schema_set *set = find_set(schema, member);
	const struct config_statement *owner;

	if (set)
		return set->at;
	owner = schema_statement(schema, member);
	return owner ? owner->name.at : (struct config_position){ 0 };
}

bool
schema_given(const struct schema *schema, const void *member)
{
	return find_set(schema, member) != NULL;
}
