/* SPDX-License-Identifier: BSD-2-Clause */
/* Option tables as documentation, in Markdown. The pages under docs/ are made from it. */
#include <stdlib.h>

#include "filterd/config/schema_value.h"

#define INDENT 4	/* columns a level */

/* The arguments of a block as they are written: " NAME [CODE]". */
static void
print_arguments(const struct mf_option *table, struct arena *arena, FILE *to)
{
	for (; table->type != MF_TYPE_END; table++) {
		bool required = table->flags & MF_REQUIRED_FLAG;

		if (table->flags & MF_ARGUMENT_FLAG)
			fprintf(to, required ? " %s" : " [%s]", schema_argument_name(table, arena));
	}
}

static void
print_type(const struct mf_option *option, FILE *to)
{
	struct str word;
	size_t i;

	if (option->type != MF_TYPE_CHOICE)
		fputs(schema_types[option->type].name, to);
	if (option->flags & MF_FILE_FLAG)
		fputs(" in a file", to);
	for (i = 0; option->choices && (word = schema_choice(option->choices, i)).length; i++)
		fprintf(to, "%s`%.*s`", i || option->type != MF_TYPE_CHOICE ? " or " : "",
		    (int)word.length, word.data);
}

static void
print_bounds(const struct mf_option *option, struct arena *arena, FILE *to)
{
	if (option->minimum < option->maximum)
		fprintf(to, ", %s to %s", schema_bound_text(option, option->minimum, arena),
		    schema_bound_text(option, option->maximum, arena));
}

static void
print_default(const struct mf_option *option, FILE *to)
{
	if (option->standard && option->standard[0])
		fprintf(to, ", default `%s`", option->standard);
	else if (option->standard)
		fputs(", default empty", to);
}

static void
print_option(const struct mf_option *option, struct arena *arena, unsigned depth, FILE *to)
{
	bool block = option->type == MF_TYPE_BLOCK;

	fprintf(to, "%*s- `%s", (int)(depth * INDENT), "", schema_name(option, arena));
	if (block) {
		print_arguments(option->table, arena, to);
		fputs(schema_needs_braces(option->table) ? " { … }`" : ";`", to);
		fputs(option->flags & SCHEMA_SINGLE_FLAG ? "" : " (any number of times)", to);
	} else {
		fputs("` (", to);
		print_type(option, to);
		print_bounds(option, arena, to);
		print_default(option, to);
		fputs(option->flags & MF_REQUIRED_FLAG ? ", required)" :
		    option->flags & MF_ARGUMENT_FLAG ? ", may be left out)" : ")", to);
	}
	fprintf(to, ": %s\n", option->help);
}

static void
print_table(const struct mf_option *table, struct arena *arena, unsigned depth, FILE *to)
{
	for (; table && table->type != MF_TYPE_END; table++) {
		print_option(table, arena, depth, to);
		if (table->type == MF_TYPE_BLOCK)
			print_table(table->table, arena, depth + 1, to);
	}
}

void
schema_print(const struct mf_option *table, FILE *to)
{
	struct arena *arena = arena_create(0, 0);

	print_table(table, arena, 0, to);
	arena_destroy(&arena);
}
