/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A plugin's option table is foreign data: everything that binding relies on is checked here
 * first. What is found is the plugin author's mistake, so the text names the option; the caller
 * names the plugin.
 */
#include <string.h>

#include "filterd/config/schema_value.h"

#define NAME_MAXIMUM	64	/* bytes of an option's name */
#define TABLE_MAXIMUM	256	/* options of a table */
#define DEPTH_MAXIMUM	8	/* tables within tables */
#define TOTAL_MAXIMUM	4096	/* options of all tables together, each counted where it is used */

struct check {
	struct arena *arena;
	const char **error_r;
	size_t total;
};

/* Says what is wrong with the option. Always false. */
static bool
wrong(struct check *check, const struct mf_option *option, const char *what)
{
	*check->error_r = arena_printf(
	    check->arena, "option \"%.*s\": %s", NAME_MAXIMUM, option->name, what);
	return false;
}

/* ---- one option ---- */

static bool
name_valid(const char *name)
{
	size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_");

	return length && length <= NAME_MAXIMUM && !name[length] && name[0] >= 'a' &&
	    name[0] <= 'z' && strcmp(name, "include") != 0;
}

static bool
place_valid(const struct mf_option *option, size_t size)
{
	const struct schema_type *type = &schema_types[option->type];

	return type->size <= size && option->offset <= size - type->size &&
	    option->offset % type->alignment == 0;
}

static bool
bounds_valid(const struct mf_option *option)
{
	if (option->minimum == 0 && option->maximum == 0)
		return true;
	return schema_types[option->type].bounded && option->minimum <= option->maximum &&
	    (option->type == MF_TYPE_INTEGER || option->minimum >= 0);
}

/* Whether the default is a value of the option's own type. What it names in the config, a list,
 * is not known yet. */
static bool
default_valid(const struct mf_option *option, struct arena *arena)
{
	struct config_errors *errors = config_errors_create();
	struct config_scope scope = {
		.arena = arena, .errors = errors, .label = "",
		.limits = { .match = 1000, .depth = 1000, .heap = 1024 },
	};
	void *member = arena_alloc(arena, schema_types[option->type].size);
	bool valid;

	schema_set_default(schema_create(&scope), option, member);
	valid = config_errors_count(errors) == 0;
	config_errors_destroy(&errors);
	return valid;
}

/* The first thing that is wrong with an option by itself; NULL: nothing. */
static const char *
mistake_in(const struct mf_option *option, size_t size, struct arena *arena)
{
	bool block = option->type == MF_TYPE_BLOCK;

	if (option->flags & ~(unsigned)(MF_ARGUMENT_FLAG | MF_REQUIRED_FLAG | MF_FILE_FLAG))
		return "unknown flags";
	if (option->flags & MF_FILE_FLAG && (option->type != MF_TYPE_TEMPLATE || option->standard))
		return "a file is for MF_TYPE_TEMPLATE, without a default";
	if (!option->help)
		return "no help text";
	if (!place_valid(option, size))
		return "its member is not within the options, or not aligned";
	if (!bounds_valid(option))
		return "bounds that are in the wrong order or mean nothing for its type";
	if (!option->choices != (option->type != MF_TYPE_CHOICE))
		return "choices are for MF_TYPE_CHOICE, which must have them";
	if (option->choices && !schema_choice(option->choices, 0).length)
		return "no choices";
	if (block != (option->table != NULL) || block != (option->table_size != 0))
		return "a table is for MF_TYPE_BLOCK, which must have one with its size";
	if (block && option->flags & MF_ARGUMENT_FLAG)
		return "a block cannot be an argument";
	if (option->standard && schema_types[option->type].no_default)
		return "a default is not possible for its type";
	if (option->standard && !default_valid(option, arena))
		return "its default is not a value of its type";
	return NULL;
}

/* ---- options beside each other ---- */

static bool
same_name(const struct mf_option *a, const struct mf_option *b, struct arena *arena)
{
	return schema_name_is(a, str_of(schema_name(b, arena)));
}

/* Two options may not write to the same bytes, but for blocks that share their member. */
static bool
overlap(const struct mf_option *a, const struct mf_option *b)
{
	if (a->type == MF_TYPE_BLOCK && b->type == MF_TYPE_BLOCK && a->offset == b->offset)
		return false;
	return a->offset < b->offset + schema_types[b->type].size &&
	    b->offset < a->offset + schema_types[a->type].size;
}

static bool
check_others(struct check *check, const struct mf_option *table, const struct mf_option *option)
{
	const struct mf_option *other;

	for (other = table; other < option; other++) {
		bool other_argument = other->flags & MF_ARGUMENT_FLAG;

		if (same_name(other, option, check->arena))
			return wrong(check, option, "stands twice in its table");
		if (overlap(other, option))
			return wrong(check, option, "shares its member with another option");
		if (other_argument && option->flags & MF_ARGUMENT_FLAG &&
		    schema_types[other->type].takes_all)
			return wrong(check, option,
			    "stands behind an argument that takes all that is left");
	}
	return true;
}

/* ---- tables ---- */

/* Checks one table, and adds its sub-tables by the same function, at most DEPTH_MAXIMUM deep. */
static bool
check_table(struct check *check, const struct mf_option *table, size_t size, unsigned depth)
{
	const struct mf_option *option;

	for (option = table; option->type != MF_TYPE_END; option++) {
		const char *what;

		if (option - table >= TABLE_MAXIMUM || ++check->total > TOTAL_MAXIMUM) {
			*check->error_r = "too many options, or MF_OPTION_END is missing";
			return false;
		}
		if (!option->name || !name_valid(option->name)) {
			*check->error_r = arena_printf(check->arena,
			    "option %td of a table: its name is not [a-z][a-z0-9-]*",
			    option - table + 1);
			return false;
		}
		if ((unsigned)option->type >= SCHEMA_TYPE_COUNT)
			return wrong(check, option, "of a type that this version does not know");
		what = mistake_in(option, size, check->arena);
		if (what)
			return wrong(check, option, what);
		if (!check_others(check, table, option))
			return false;
		if (option->type == MF_TYPE_BLOCK && depth == DEPTH_MAXIMUM)
			return wrong(check, option, "tables stand too deep");
		if (option->type == MF_TYPE_BLOCK &&
		    !check_table(check, option->table, option->table_size, depth + 1))
			return false;
	}
	return true;
}

bool
schema_table_valid(const struct mf_option *table, size_t size, struct arena *arena,
    const char **error_r)
{
	struct check check = { .arena = arena, .error_r = error_r };

	return !table || check_table(&check, table, size, 1);
}

bool
schema_table_fits(const struct mf_option *table, const struct mf_option *every,
    struct arena *arena, const char **error_r)
{
	struct check check = { .arena = arena, .error_r = error_r };
	const struct mf_option *option, *other;

	for (option = table; option->type != MF_TYPE_END; option++) {
		if (option->flags & MF_ARGUMENT_FLAG)
			return wrong(&check, option,
			    "an argument is for blocks; a filter has its name alone");
		for (other = every; other->type != MF_TYPE_END; other++)
			if (same_name(option, other, arena) &&
			    !(other->flags & MF_ARGUMENT_FLAG) &&
			    (option->type != other->type || option->choices))
				return wrong(&check, option,
				    "every filter has one of that name, of other values");
	}
	return true;
}
