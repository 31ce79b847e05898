/* SPDX-License-Identifier: BSD-2-Clause */
/* What the option table of a plugin must be like: each way in which it can be wrong, by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "filterd/config/schema.h"
#include "tests/unit/mistakes.h"

#define SIZE 16		/* bytes of the options that the tables here fill */

static const struct mf_option empty_table[] = { MF_OPTION_END };

static void
assert_invalid(void **state, const struct mf_option *table, size_t size, const char *expected)
{
	struct mistakes *mistakes = *state;
	const char *error = NULL;

	assert_false(schema_table_valid(table, size, mistakes->arena, &error));
	assert_string_equal(error, expected);
}

/* ---- what is valid ---- */

struct options {
	struct mf_blocks blocks;
	const struct mf_condition *when;
	int choice;
	bool flag;
};

struct sub {
	const char *name;
	int64_t level;
};

static const struct mf_option sub_table[] = {
	MF_ARGUMENT(struct sub, name, "name"),
	MF_RANGE(struct sub, level, "3", 1, 9, "level"),
	MF_OPTION_END
};

static const struct mf_option good_table[] = {
	MF_BLOCK(struct options, blocks, "one", sub_table, struct sub, "a block"),
	MF_BLOCK(struct options, blocks, "two", empty_table, struct sub, "another, same member"),
	MF_OPTION(struct options, when, "not auth.user", "condition"),
	MF_CHOICE(struct options, choice, "red green", "green", "choice"),
	MF_OPTION(struct options, flag, "off", "flag"),
	MF_OPTION_END
};

static void
test_valid(void **state)
{
	struct mistakes *mistakes = *state;
	const char *error = "";

	assert_true(schema_table_valid(NULL, 0, mistakes->arena, &error));
	assert_true(schema_table_valid(empty_table, 0, mistakes->arena, &error));
	assert_true(
	    schema_table_valid(good_table, sizeof(struct options), mistakes->arena, &error));
	assert_invalid(state, good_table, sizeof(struct options) - 8,
	    "option \"choice\": its member is not within the options, or not aligned");
}

/* ---- one option that is wrong ---- */

struct invalid {
	const char *expected;		/* behind "option "a": " */
	struct mf_option option;	/* name and help stand for NULL here */
};

static const struct invalid invalid_options[] = {
	{ "of a type that this version does not know", { .type = (enum mf_option_type)99 } },
	{ "unknown flags", { .type = MF_TYPE_BOOL, .flags = SCHEMA_SINGLE_FLAG } },
	{ "unknown flags", { .type = MF_TYPE_BOOL, .flags = 1 << 3 } },
	{ "a file is for MF_TYPE_TEMPLATE, without a default",
	    { .type = MF_TYPE_STRING, .flags = MF_FILE_FLAG } },
	{ "a file is for MF_TYPE_TEMPLATE, without a default",
	    { .type = MF_TYPE_TEMPLATE, .flags = MF_FILE_FLAG, .standard = "x" } },
	{ "its member is not within the options, or not aligned",
	    { .type = MF_TYPE_INTEGER, .offset = 9 } },
	{ "its member is not within the options, or not aligned",
	    { .type = MF_TYPE_INTEGER, .offset = 4 } },
	{ "its member is not within the options, or not aligned",
	    { .type = MF_TYPE_INTEGER, .offset = SIZE_MAX - 7 } },
	{ "bounds that are in the wrong order or mean nothing for its type",
	    { .type = MF_TYPE_INTEGER, .minimum = 5, .maximum = 1 } },
	{ "bounds that are in the wrong order or mean nothing for its type",
	    { .type = MF_TYPE_SIZE, .minimum = -1, .maximum = 1 } },
	{ "bounds that are in the wrong order or mean nothing for its type",
	    { .type = MF_TYPE_STRING, .maximum = 1 } },
	{ "choices are for MF_TYPE_CHOICE, which must have them", { .type = MF_TYPE_CHOICE } },
	{ "choices are for MF_TYPE_CHOICE, which must have them",
	    { .type = MF_TYPE_INTEGER, .choices = "auto" } },
	{ "no choices", { .type = MF_TYPE_CHOICE, .choices = " " } },
	{ "a table is for MF_TYPE_BLOCK, which must have one with its size",
	    { .type = MF_TYPE_BLOCK } },
	{ "a table is for MF_TYPE_BLOCK, which must have one with its size",
	    { .type = MF_TYPE_BLOCK, .table = empty_table } },
	{ "a table is for MF_TYPE_BLOCK, which must have one with its size",
	    { .type = MF_TYPE_BOOL, .table = empty_table, .table_size = 8 } },
	{ "a block cannot be an argument", { .type = MF_TYPE_BLOCK, .flags = MF_ARGUMENT_FLAG,
	    .table = empty_table, .table_size = 8 } },
	{ "a default is not possible for its type", { .type = MF_TYPE_LIST, .standard = "@x" } },
};

static const struct mf_option bad_defaults[] = {
	{ .type = MF_TYPE_BOOL, .standard = "maybe" },
	{ .type = MF_TYPE_INTEGER, .standard = "0", .minimum = 1, .maximum = 2 },
	{ .type = MF_TYPE_NUMBER, .standard = "many" },
	{ .type = MF_TYPE_DURATION, .standard = "10" },
	{ .type = MF_TYPE_SIZE, .standard = "10kb" },
	{ .type = MF_TYPE_CHOICE, .standard = "c", .choices = "a b" },
	{ .type = MF_TYPE_REGEX, .standard = "/(/" },
	{ .type = MF_TYPE_REGEX, .standard = "word" },
	{ .type = MF_TYPE_CONDITION, .standard = "nofield" },
	{ .type = MF_TYPE_TEMPLATE, .standard = "${nofield}" },
	{ .type = MF_TYPE_STRINGS, .standard = "\"b" },
};

/* The option, named "a", alone in a table. */
static void
assert_option_invalid(void **state, struct mf_option option, const char *expected)
{
	struct mf_option table[] = { option, MF_OPTION_END };
	struct mistakes *mistakes = *state;

	table[0].name = "a";
	table[0].help = "help";
	assert_invalid(
	    state, table, SIZE, arena_printf(mistakes->arena, "option \"a\": %s", expected));
}

static void
test_invalid_options(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(invalid_options) / sizeof(*invalid_options); i++)
		assert_option_invalid(
		    state, invalid_options[i].option, invalid_options[i].expected);
}

static void
test_invalid_defaults(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(bad_defaults) / sizeof(*bad_defaults); i++)
		assert_option_invalid(
		    state, bad_defaults[i], "its default is not a value of its type");
}

static void
test_invalid_names(void **state)
{
	static const char *const names[] = { NULL, "", "A", "-a", "1", "a b", "include",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };
	struct mf_option table[] = { { .type = MF_TYPE_BOOL, .help = "help" }, MF_OPTION_END };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		table[0].name = names[i];
		assert_invalid(state, table, SIZE,
		    "option 1 of a table: its name is not [a-z][a-z0-9-]*");
	}
	table[0].name = "a";
	table[0].help = NULL;
	assert_invalid(state, table, SIZE, "option \"a\": no help text");
}

/* ---- options that are wrong together ---- */

static void
test_invalid_neighbours(void **state)
{
	static const struct mf_option twice[] = {
		{ .name = "a-b", .help = "help", .type = MF_TYPE_BOOL },
		{ .name = "a_b", .help = "help", .type = MF_TYPE_BOOL, .offset = 1 },
		MF_OPTION_END
	};
	static const struct mf_option shared[] = {
		{ .name = "a", .help = "help", .type = MF_TYPE_INTEGER },
		{ .name = "b", .help = "help", .type = MF_TYPE_BOOL, .offset = 7 },
		MF_OPTION_END
	};
	static const struct mf_option after_all[] = { { .name = "a",
							  .help = "help",
							  .type = MF_TYPE_CONDITION,
							  .flags = MF_ARGUMENT_FLAG },
		{ .name = "b",
		    .help = "help",
		    .type = MF_TYPE_BOOL,
		    .flags = MF_ARGUMENT_FLAG,
		    .offset = 8 },
		MF_OPTION_END
	};

	assert_invalid(state, twice, SIZE, "option \"a_b\": stands twice in its table");
	assert_invalid(state, shared, SIZE, "option \"b\": shares its member with another option");
	assert_invalid(state, after_all, SIZE,
	    "option \"b\": stands behind an argument that takes all that is left");
}

static void
test_tables_without_end(void **state)
{
	static struct mf_option endless[300], wheel[2];
	static char names[300][8];
	size_t i;

	for (i = 0; i < 300; i++) {
		snprintf(names[i], sizeof(names[i]), "o%zu", i);
		endless[i] = (struct mf_option){
			.name = names[i], .help = "help", .type = MF_TYPE_BOOL, .offset = i
		};
	}
	assert_invalid(state, endless, 300, "too many options, or MF_OPTION_END is missing");
	wheel[0] = (struct mf_option){ .name = "again", .help = "help", .type = MF_TYPE_BLOCK,
		.table = wheel, .table_size = sizeof(struct mf_blocks) };
	assert_invalid(state, wheel, SIZE, "option \"again\": tables stand too deep");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, mistakes_setup, mistakes_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_valid),
		TEST(test_invalid_options),
		TEST(test_invalid_defaults),
		TEST(test_invalid_names),
		TEST(test_invalid_neighbours),
		TEST(test_tables_without_end),
	};

	return cmocka_run_group_tests_name("schema check", tests, NULL, NULL);
}
