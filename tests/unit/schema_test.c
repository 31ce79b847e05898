/* SPDX-License-Identifier: BSD-2-Clause */
/* Binding by option tables: every type, arguments, blocks, mistakes, places. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "filterd/config/condition.h"
#include "filterd/config/schema.h"
#include "filterd/config/template.h"
#include "filterd/util/buffer.h"
#include "tests/unit/mistakes.h"

/* ---- a table with everything ---- */

struct reply {
	int64_t code;
	const char *enhanced;
	const struct mf_template *text;
};

static const struct mf_option reply_table[] = {
	MF_OPTIONAL_ARGUMENT(struct reply, code, "550", "code"),
	MF_OPTIONAL_ARGUMENT(struct reply, enhanced, NULL, "enhanced code"),
	MF_OPTIONAL_ARGUMENT(struct reply, text, NULL, "text"),
	MF_OPTION_END
};

struct addition {
	const char *name;
	double weight;
	const char *value;
};

static const struct mf_option field_table[] = {
	MF_ARGUMENT(struct addition, name, "name"),
	MF_OPTIONAL_ARGUMENT(struct addition, weight, "1", "weight"),
	MF_ARGUMENT(struct addition, value, "value"),
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
	MF_BLOCK(struct rule, actions, "reject", reply_table, struct reply, "refuse"),
	MF_BLOCK(struct rule, actions, "add-field", field_table, struct addition, "add a field"),
	MF_BLOCK(struct rule, actions, "stop", no_table, struct nothing, "no more rules"),
	MF_OPTION_END
};

struct inner {
	int64_t depth;
	const char *label;
};

static const struct mf_option inner_table[] = {
	MF_RANGE(struct inner, depth, "3", 1, 10, "depth"),
	MF_OPTION(struct inner, label, "none", "label"),
	MF_OPTION_END
};

enum { COLOUR_RED, COLOUR_GREEN, COLOUR_DARK_BLUE };

struct options {
	bool on_off;
	int64_t integer;
	int64_t bounded;
	int64_t workers;
	double number;
	const char *string;
	struct mf_strings strings;
	struct mf_duration duration;
	struct mf_size size;
	int colour;
	const struct mf_list *list;
	const struct mf_regex *regex;
	const struct mf_condition *condition;
	const struct mf_template *template;
	struct mf_blocks rules;
	struct inner inner;
};

static const struct mf_option table[] = {
	MF_OPTION(struct options, on_off, "on", "truth"),
	MF_OPTION(struct options, integer, "-7", "whole number"),
	MF_RANGE(struct options, bounded, "5", 1, 10, "bounded"),
	{ "workers", "auto", "workers", MF_TYPE_INTEGER, 0, offsetof(struct options, workers),
	    "auto", NULL, 0, 1, 64 },
	MF_OPTION(struct options, number, "2.5", "number"),
	MF_OPTION(struct options, string, "[spam] ", "text"),
	MF_OPTION(struct options, strings, "a \"b c\"", "words"),
	MF_RANGE(struct options, duration, "10s", 10, 3600000, "time"),
	MF_OPTION(struct options, size, "64k", "size"),
	MF_CHOICE(struct options, colour, "red green dark-blue", "green", "colour"),
	MF_OPTION(struct options, list, NULL, "list"),
	MF_OPTION(struct options, regex, "/a b/i", "regex"),
	MF_OPTION(struct options, condition, "size > 10k and not auth.user", "condition"),
	MF_OPTION(struct options, template, "Hello ${client.name}", "template"),
	MF_BLOCK(struct options, rules, "rule", rule_table, struct rule, "rule"),
	{ "inner", NULL, "inner", MF_TYPE_BLOCK, SCHEMA_SINGLE_FLAG,
	    offsetof(struct options, inner), NULL, inner_table, sizeof(struct inner), 0, 0 },
	MF_OPTION_END
};

/* ---- what a test has ---- */

struct world {
	struct mistakes *mistakes;
	struct config_scope scope;
	struct mf_list *list;
	struct schema *schema;
	struct config_tree *tree;
	struct options options;
};

static int
setup(void **state)
{
	struct world *world = test_calloc(1, sizeof(*world));
	const char *error;

	mistakes_setup((void **)&world->mistakes);
	world->list = list_create("partners");
	assert_true(list_add(world->list, STR("example.org"), &error));
	list_seal(world->list);
	world->scope = (struct config_scope){
		.arena = world->mistakes->arena, .errors = world->mistakes->errors, .label = "",
		.lists = &world->list, .list_count = 1,
		.limits = { .match = 1000, .depth = 1000, .heap = 1000 },
	};
	*state = world;
	return 0;
}

static int
teardown(void **state)
{
	struct world *world = *state;

	list_destroy(&world->list);
	mistakes_teardown((void **)&world->mistakes);
	test_free(world);
	return 0;
}

static bool
bind_targets(struct world *world, const char *text, const struct schema_target *targets,
    size_t count, bool pass_unknown)
{
	world->scope.errors = world->mistakes->errors;
	world->schema = schema_create(&world->scope);
	world->tree = config_parse_alone("t", str_of(text), world->mistakes->arena,
	    world->mistakes->errors);
	return schema_bind(world->schema, NULL, world->tree->first, targets, count, NULL,
	    pass_unknown);
}

/* Binds the text to the table above; the struct is there for the test only. */
static struct options *
bind(struct world *world, const char *text)
{
	const struct schema_target target = { table, &world->options };
	bool good;

	memset(&world->options, 0, sizeof(world->options));
	good = bind_targets(world, text, &target, 1, false);
	assert_int_equal(good, config_errors_count(world->mistakes->errors) == 0);
	return &world->options;
}

static struct options *
bind_well(void **state, const char *text)
{
	struct world *world = *state;
	struct options *options = bind(world, text);

	assert_string_equal(mistakes_printed(world->mistakes), "");
	return options;
}

static void
assert_mistakes(void **state, const char *text, const char *expected)
{
	struct world *world = *state;

	bind(world, text);
	assert_string_equal(mistakes_taken(world->mistakes), expected);
}

/* ---- values ---- */

static void
test_defaults(void **state)
{
	struct options *options = bind_well(state, "");

	assert_true(options->on_off);
	assert_int_equal(options->integer, -7);
	assert_int_equal(options->bounded, 5);
	assert_int_equal(options->workers, 0);
	assert_true(options->number == 2.5);
	assert_string_equal(options->string, "[spam] ");
	assert_int_equal(options->strings.count, 2);
	assert_string_equal(options->strings.items[1], "b c");
	assert_int_equal(options->duration.milliseconds, 10000);
	assert_int_equal(options->size.bytes, 65536);
	assert_int_equal(options->colour, COLOUR_GREEN);
	assert_null(options->list);
	assert_string_equal(regex_text(options->regex), "/a b/i");
	assert_int_equal(condition_stage(options->condition), MF_STAGE_MESSAGE);
	assert_int_equal(template_stage(options->template), MF_STAGE_CONNECT);
	assert_int_equal(options->rules.count, 0);
	assert_int_equal(options->inner.depth, 3);
	assert_string_equal(options->inner.label, "none");
}

static void
test_values(void **state)
{
	struct world *world = *state;
	struct options *options = bind_well(state,
	    "on-off off; integer 9223372036854775807; bounded 10; workers 64; number -0.5e1;\n"
	    "string \"a \\$b\"; strings c \"d e\" /f/; duration 500ms; size 2g; colour dark-blue;\n"
	    "list @partners; regex /x(y)/; condition client.ip in @partners or (size<3);\n"
	    "template \"$1 ${helo}\"; inner { depth 10; }");

	assert_false(options->on_off);
	assert_int_equal(options->integer, INT64_MAX);
	assert_int_equal(options->bounded, 10);
	assert_int_equal(options->workers, 64);
	assert_true(options->number == -5);
	assert_string_equal(options->string, "a $b");
	assert_int_equal(options->strings.count, 3);
	assert_string_equal(options->strings.items[2], "/f/");
	assert_int_equal(options->duration.milliseconds, 500);
	assert_int_equal(options->size.bytes, 2ull << 30);
	assert_int_equal(options->colour, COLOUR_DARK_BLUE);
	assert_ptr_equal(options->list, world->list);
	assert_int_equal(regex_group_count(options->regex), 1);
	assert_int_equal(template_highest_group(options->template), 1);
	assert_int_equal(options->inner.depth, 10);
	assert_string_equal(options->inner.label, "none");
}

static void
test_spellings(void **state)
{
	static const char *const on[] = { "on", "yes", "true" },
				 *const off[] = { "off", "no", "false" };
	struct world *world = *state;
	size_t i;

	for (i = 0; i < 3; i++) {
		assert_true(bind_well(state, arena_printf(world->mistakes->arena, "on-off %s;",
		    on[i]))
			->on_off);
		assert_false(bind_well(state, arena_printf(world->mistakes->arena, "on-off %s;",
		    off[i]))
			->on_off);
	}
	assert_string_equal(bind_well(state, "string /var/tmp;")->string, "/var/tmp");
	assert_string_equal(bind_well(state, "string /etc/;")->string, "/etc/");
	assert_int_equal(bind_well(state, "integer \"12\";")->integer, 12);
	assert_int_equal(bind_well(state, "workers auto;")->workers, 0);
	assert_non_null(bind_well(state, "template word;")->template);
	assert_non_null(bind_well(state, "template /a/b;")->template);
}

static void
test_durations_and_sizes(void **state)
{
	int64_t duration;
	uint64_t size;

	(void)state;
	assert_true(schema_duration(STR("2d"), &duration) && duration == 172800000);
	assert_true(schema_duration(STR("1H"), &duration) && duration == 3600000);
	assert_true(schema_duration(STR("0s"), &duration) && duration == 0);
	assert_true(schema_duration(STR("106751991167d"), &duration));
	assert_false(schema_duration(STR("106751991168d"), &duration));
	assert_false(schema_duration(STR("18446744073709551616ms"), &duration));
	assert_false(schema_duration(STR("10"), &duration));
	assert_false(schema_duration(STR("s"), &duration));
	assert_false(schema_duration(STR("-1s"), &duration));
	assert_false(schema_duration(STR("1.5s"), &duration));
	assert_false(schema_duration(STR("1s "), &duration));
	assert_false(schema_duration(STR(""), &duration));
	assert_true(schema_size(STR("0"), &size) && size == 0);
	assert_true(schema_size(STR("10M"), &size) && size == 10485760);
	assert_true(schema_size(STR("9223372036854775807"), &size) && size == INT64_MAX);
	assert_false(schema_size(STR("9223372036854775808"), &size));
	assert_false(schema_size(STR("8589934592g"), &size));
	assert_false(schema_size(STR("1kb"), &size));
	assert_false(schema_size(STR("0x10"), &size));
}

static void
test_values_that_are_wrong(void **state)
{
	assert_mistakes(state, "on-off maybe;",
	    "1:8: expected on or off for \"on-off\", found \"maybe\"\n");
	assert_mistakes(state, "integer 1.5;",
	    "1:9: expected a whole number for \"integer\", found \"1.5\"\n");
	assert_mistakes(state, "integer 9223372036854775808;",
	    "1:9: expected a whole number for \"integer\", found \"9223372036854775808\"\n");
	assert_mistakes(state, "integer (;",
	    "1:9: expected a whole number for \"integer\", found \"(\"\n");
	assert_mistakes(state, "bounded 11;",
	    "1:9: expected 1 to 10 for \"bounded\", found \"11\"\n");
	assert_mistakes(state, "workers 0;",
	    "1:9: expected auto or 1 to 64 for \"workers\", found \"0\"\n");
	assert_mistakes(state, "workers atuo;",
	    "1:9: expected auto or a whole number for \"workers\", found \"atuo\"; did you mean "
	    "\"auto\"?\n");
	assert_mistakes(state, "number 1e999;",
	    "1:8: expected a number for \"number\", found \"1e999\"\n");
	assert_mistakes(state, "number nan;",
	    "1:8: expected a number for \"number\", found \"nan\"\n");
	assert_mistakes(state, "duration 10;",
	    "1:10: expected a duration such as 500ms, 10s, 5m, 1h or 2d for \"duration\", found "
	    "\"10\"\n");
	assert_mistakes(state, "duration 9ms;",
	    "1:10: expected 10ms to 1h for \"duration\", found \"9ms\"\n");
	assert_mistakes(state, "size 1t;",
	    "1:6: expected a size such as 64k, 10m or 1g for \"size\", found \"1t\"\n");
	assert_mistakes(state, "colour gren;",
	    "1:8: expected red or green or dark-blue for \"colour\", found \"gren\"; did you mean "
	    "\"green\"?\n");
	assert_mistakes(state, "string ~;",
	    "1:8: expected a word or a string in quotes for \"string\", found \"~\"\n");
	assert_mistakes(state, "strings a (b) c;",
	    "1:11: expected words or strings in quotes for \"strings\", found \"(\"\n"
	    "1:13: expected words or strings in quotes for \"strings\", found \")\"\n");
	assert_mistakes(state, "template );",
	    "1:10: expected a word or a string in quotes for \"template\", found \")\"\n");
}

static void
test_names_and_patterns_that_are_wrong(void **state)
{
	assert_mistakes(state, "list partners;",
	    "1:6: expected a list, written @name, for \"list\", found \"partners\"\n");
	assert_mistakes(state, "list @partnres;",
	    "1:6: unknown list \"@partnres\"; did you mean \"@partners\"?\n");
	assert_mistakes(state, "regex a;",
	    "1:7: expected a regex, /pattern/ and flags out of imsux, with \"\\/\" for a "
	    "\"/\" in it, for \"regex\", found \"a\"\n");
	assert_mistakes(state, "regex /a/b/;",
	    "1:7: expected a regex, /pattern/ and flags out of imsux, with \"\\/\" for "
	    "a \"/\" in it, for \"regex\", found \"/a/b/\"\n");
	assert_mistakes(state, "regex /ab(c/;", "1:12: regex: missing closing parenthesis\n");
	assert_mistakes(state, "condition size > and;",
	    "1:18: expected a number such as 10, 3.5 or 64k, found \"and\"\n");
	assert_mistakes(state, "template \"a ${hleo}\";",
	    "1:15: unknown field \"hleo\"; did you mean \"helo\"?\n");
}

/* ---- the shape of statements ---- */

static void
test_missing_values(void **state)
{
	assert_mistakes(state, "integer;",
	    "1:8: expected a whole number after \"integer\", found \";\"\n");
	assert_mistakes(state, "condition;",
	    "1:10: expected a condition after \"condition\", found \";\"\n");
	assert_mistakes(state, "colour;",
	    "1:7: expected red or green or dark-blue after \"colour\", found \";\"\n");
	assert_mistakes(state, "strings { }",
	    "1:9: expected words or strings in quotes after \"strings\", found \"{\"\n");
}

static void
test_too_many_values(void **state)
{
	assert_mistakes(state, "integer 1 2;",
	    "1:11: expected \";\" after the value of \"integer\", found \"2\"\n");
	assert_mistakes(state, "string a b;",
	    "1:10: expected \";\" after the value of \"string\", found \"b\"; text with blanks "
	    "stands in quotes\n");
	assert_mistakes(state, "integer 1 { }",
	    "1:11: expected \";\" after the value of \"integer\", found \"{\"\n");
	assert_mistakes(state, "inner 1 { }", "1:7: expected \"{\" after \"inner\", found \"1\"\n");
	assert_mistakes(state, "rule a b { stop; }",
	    "1:8: expected \"{\" after the value of \"rule\", found \"b\"\n");
	assert_mistakes(state, "rule a { stop 1; }",
	    "1:15: expected \";\" after \"stop\", found \"1\"\n");
}

static void
test_missing_semicolons(void **state)
{
	struct options *options;

	assert_mistakes(state, "integer 1\nbounded 99;",
	    "1:10: expected \";\" after the value of \"integer\", found \"bounded\"\n"
	    "2:9: expected 1 to 10 for \"bounded\", found \"99\"\n");
	options = &((struct world *)*state)->options;
	assert_int_equal(options->integer, 1);
	assert_mistakes(state, "condition auth.user\nstring a size 99k colour red;",
	    "1:20: expected \";\" after the value of \"condition\", found \"string\"\n"
	    "2:10: expected \";\" after the value of \"string\", found \"size\"\n"
	    "2:19: expected \";\" after the value of \"size\", found \"colour\"\n");
	assert_non_null(options->condition);
	assert_string_equal(options->string, "a");
	assert_int_equal(options->size.bytes, 99 << 10);
	assert_int_equal(options->colour, COLOUR_RED);
	assert_mistakes(state, "integer 2\nrule a { stop reject; }",
	    "1:10: expected \";\" after the value of \"integer\", found \"rule\"\n"
	    "2:15: expected \";\" after \"stop\", found \"reject\"\n");
	assert_int_equal(options->rules.count, 1);
	assert_int_equal(((const struct rule *)options->rules.items[0].options)->actions.count, 2);
	assert_mistakes(state, "condition auth.user\nand not size;", "");
	assert_mistakes(state, "integer 1\nstirng a;",
	    "1:10: expected \";\" after the value of \"integer\", found \"stirng\"\n"
	    "2:1: unknown option \"stirng\"; did you mean \"string\"?\n");
	assert_mistakes(state, "condition auth.user\nstirng a;",
	    "1:20: expected \";\" after the value of \"condition\", found \"stirng\"\n"
	    "2:1: unknown option \"stirng\"; did you mean \"string\"?\n");
	assert_mistakes(state, "condition not size and size > 5;", "");
	assert_mistakes(state, "strings size string;", "");
}

static void
test_braces(void **state)
{
	assert_mistakes(state, "inner;", "1:6: expected \"{\" after \"inner\", found \";\"\n");
	assert_mistakes(state, "rule a;",
	    "1:7: expected \"{\" after the value of \"rule\", found \";\"\n");
	assert_mistakes(state, "rule { stop; }",
	    "1:6: expected NAME of \"rule\", found \"{\"\n");
	assert_mistakes(state, "rule a { stop { x; } }",
	    "1:15: expected \";\" after \"stop\", found \"{\"\n");
	assert_mistakes(state, "rule a\ninteger 1;",
	    "1:7: expected \"{\" after the value of \"rule\", found \"integer\"\n");
}

static void
test_unknown_and_repeated(void **state)
{
	assert_mistakes(state, "intger 1;",
	    "1:1: unknown option \"intger\"; did you mean \"integer\"?\n");
	assert_mistakes(state, "on_off on;",
	    "1:1: unknown option \"on_off\"; did you mean \"on-off\"?\n");
	assert_mistakes(state, "rule a { wehn size; zzz; }",
	    "1:10: unknown option \"wehn\" in rule a; did you mean \"when\"?\n"
	    "1:21: unknown option \"zzz\" in rule a\n");
	assert_mistakes(state, "rule a { name b; }", "1:10: unknown option \"name\" in rule a\n");
	assert_mistakes(state, "integer 1;\ninteger 2;\ninner { }\ninner { depth 99; }",
	    "2:1: \"integer\" is given twice; the first is in line 1\n"
	    "4:1: \"inner\" is given twice; the first is in line 3\n");
	assert_mistakes(state, "rule a { when size; when body.raw; }",
	    "1:21: \"when\" is given twice in rule a; the first is in line 1\n");
}

static void
test_damaged_statements_are_not_reported_again(void **state)
{
	assert_mistakes(state, "integer \"5;\nbounded 3;",
	    "1:9: unterminated string: expected '\"' before the end of the line\n");
	assert_mistakes(state, "rule \"a {\nwhne; }",
	    "1:6: unterminated string: expected '\"' before the end of the line\n"
	    "2:1: unknown option \"whne\" in rule a; did you mean \"when\"?\n");
}

/* ---- arguments and blocks ---- */

static void
assert_reply(void **state, const char *text, int64_t code, const char *enhanced, bool has_text)
{
	struct world *world = *state;
	const struct options *options = bind_well(state,
	    arena_printf(world->mistakes->arena, "rule a { reject %s; }", text));
	const struct rule *rule = options->rules.items[0].options;
	const struct reply *reply = rule->actions.items[0].options;

	assert_int_equal(reply->code, code);
	if (enhanced)
		assert_string_equal(reply->enhanced, enhanced);
	else
		assert_null(reply->enhanced);
	assert_int_equal(reply->text != NULL, has_text);
}

static void
test_optional_arguments(void **state)
{
	assert_reply(state, "", 550, NULL, false);
	assert_reply(state, "554", 554, NULL, false);
	assert_reply(state, "5.7.1", 550, "5.7.1", false);
	assert_reply(state, "\"No\"", 550, NULL, true);
	assert_reply(state, "554 \"No\"", 554, NULL, true);
	assert_reply(state, "5.7.1 \"No\"", 550, "5.7.1", true);
	assert_reply(state, "554 5.7.1 \"No\"", 554, "5.7.1", true);
	assert_reply(state, "554 5.7.1 No", 554, "5.7.1", true);
	assert_mistakes(state, "rule a { reject 554 5.7.1 \"No\" 7; }",
	    "1:32: expected \";\" after the values of \"reject\", found \"7\"\n");
}

static void
assert_field(void **state, const char *text, const char *name, double weight, const char *value)
{
	struct world *world = *state;
	const struct options *options = bind_well(state,
	    arena_printf(world->mistakes->arena, "rule a { add-field %s; }", text));
	const struct rule *rule = options->rules.items[0].options;
	const struct addition *field = rule->actions.items[0].options;

	assert_string_equal(field->name, name);
	assert_true(field->weight == weight);
	assert_string_equal(field->value, value);
}

static void
test_required_arguments_come_first(void **state)
{
	assert_field(state, "X y", "X", 1, "y");
	assert_field(state, "X 3", "X", 1, "3");
	assert_field(state, "X 3 y", "X", 3, "y");
	assert_mistakes(state, "rule a { add-field X y z; }",
	    "1:24: expected \";\" after the values of \"add-field\", found \"z\"\n");
	assert_mistakes(state, "rule a { add-field X; }",
	    "1:21: expected VALUE of \"add-field\", found \";\"\n");
	assert_mistakes(state, "rule a { add-field; }",
	    "1:19: expected NAME of \"add-field\", found \";\"\n");
	assert_mistakes(state, "rule a { add-field X (; }",
	    "1:22: expected a word or a string in quotes for VALUE of \"add-field\", found "
	    "\"(\"\n");
}

static void
test_blocks_stand_in_written_order(void **state)
{
	const struct options *options = bind_well(state,
	    "rule one { stop; reject 551; add-field a b; reject 552; }\nrule two { }\ninteger 1; "
	    "rule three { stop; }");
	const struct rule *rules = options->rules.items[0].options;
	const struct mf_block *actions = rules[0].actions.items;

	assert_int_equal(options->rules.count, 3);
	assert_ptr_equal(options->rules.items[1].options, &rules[1]);
	assert_string_equal(rules[2].name, "three");
	assert_string_equal(options->rules.items[2].keyword, "rule");
	assert_string_equal(options->rules.items[2].where, "t:3");
	assert_int_equal(rules[0].actions.count, 4);
	assert_string_equal(actions[0].keyword, "stop");
	assert_string_equal(actions[1].keyword, "reject");
	assert_string_equal(actions[2].keyword, "add-field");
	assert_int_equal(((const struct reply *)actions[1].options)->code, 551);
	assert_int_equal(((const struct reply *)actions[3].options)->code, 552);
	assert_ptr_equal((const struct reply *)actions[1].options + 1, actions[3].options);
}

/* ---- several targets, places, labels ---- */

struct common {
	const char *plugin;
	const struct mf_condition *when;
	int64_t level;
};

static const struct mf_option common_table[] = {
	MF_REQUIRED(struct common, plugin, "plugin"),
	MF_OPTION(struct common, when, NULL, "condition"),
	MF_RANGE(struct common, level, "1", 1, 9, "level"),
	MF_OPTION_END
};

struct own {
	const struct mf_condition *when;
	const char *tag;
};

static const struct mf_option own_table[] = {
	MF_OPTION(struct own, when, NULL, "condition"),
	MF_OPTION(struct own, tag, "x", "tag"),
	MF_OPTION_END
};

static void
test_several_targets(void **state)
{
	struct world *world = *state;
	struct common common = { 0 };
	struct own own = { 0 };
	const struct schema_target targets[] = { { common_table, &common }, { NULL, NULL },
		{ own_table, &own } };

	assert_true(bind_targets(world, "plugin a; when size; tag b; level 3;", targets, 3, false));
	assert_string_equal(common.plugin, "a");
	assert_int_equal(common.level, 3);
	assert_string_equal(own.tag, "b");
	assert_non_null(common.when);
	assert_non_null(own.when);
	assert_false(bind_targets(world, "when siez; gat b;", targets, 3, false));
	assert_string_equal(mistakes_taken(world->mistakes),
	    "1:6: unknown field \"siez\"; did you mean \"size\"?\n"
	    "1:12: unknown option \"gat\"; did you mean \"tag\"?\n");
}

static void
test_unknown_can_be_passed(void **state)
{
	struct world *world = *state;
	struct common common = { 0 };
	const struct schema_target target = { common_table, &common };

	assert_true(bind_targets(world, "plugin a; rule x { y; } z;", &target, 1, true));
	assert_false(bind_targets(world, "rule x { y; } level 77;", &target, 1, true));
	assert_non_null(strstr(mistakes_printed(world->mistakes), "\"plugin\" is missing\n"));
	assert_non_null(strstr(mistakes_printed(world->mistakes), "expected 1 to 9 for \"level\""));
}

static void
test_required(void **state)
{
	struct world *world = *state;
	struct common common = { 0 };
	const struct schema_target target = { common_table, &common };

	bind_targets(world, "filter a { level 2; }", &target, 0, true);
	assert_false(schema_bind(world->schema, world->tree->first, NULL, &target, 1, "filter a",
	    false));
	assert_string_equal(mistakes_taken(world->mistakes),
	    "1:1: \"plugin\" is missing in filter a\n"
	    "1:8: expected \"{\" after \"filter\", found \"a\"\n");
	bind_targets(world, "filter { plguin a; }", &target, 0, true);
	assert_false(schema_bind(world->schema, world->tree->first, NULL, &target, 1, "filter",
	    false));
	assert_string_equal(mistakes_taken(world->mistakes),
	    "1:10: unknown option \"plguin\" in filter; did you mean \"plugin\"?\n");
}

static void
test_places(void **state)
{
	struct world *world = *state;
	const struct options *options = bind_well(state,
	    "integer 1;\nstrings a b;\nrule x {\n\treject 551;\n}");
	const struct rule *rule = options->rules.items[0].options;
	const struct reply *reply = rule->actions.items[0].options;

	assert_int_equal(schema_position(world->schema, &options->integer).column, 9);
	assert_int_equal(schema_position(world->schema, &options->strings).column, 9);
	assert_int_equal(schema_position(world->schema, &options->strings.items[1]).column, 11);
	assert_int_equal(schema_position(world->schema, &rule->name).column, 6);
	assert_int_equal(schema_position(world->schema, &rule->when).line, 3);
	assert_int_equal(schema_position(world->schema, &rule->when).column, 1);
	assert_int_equal(schema_position(world->schema, &reply->code).column, 9);
	assert_int_equal(schema_position(world->schema, &reply->text).column, 2);
	assert_null(schema_position(world->schema, &options->number).source);
	assert_null(schema_position(world->schema, world).source);
	assert_true(schema_given(world->schema, &options->integer));
	assert_false(schema_given(world->schema, &options->number));
	assert_string_equal(schema_statement(world->schema, reply)->name.text.data, "reject");
	assert_null(schema_statement(world->schema, &options->integer));
}

static const char *labels[8];
static size_t label_count;

static void
note_label(void *argument, const struct field *field)
{
	const struct config_scope *scope = argument;

	(void)field;
	labels[label_count++] = scope->label;
}

static void
test_labels(void **state)
{
	struct world *world = *state;

	label_count = 0;
	world->scope.field_used = (void (*)(void *, const struct field *))note_label;
	world->scope.argument = &world->scope;
	bind_well(state,
	    "condition helo; template a; rule x { when helo; reject \"${helo}\"; } rule \"y z\" { "
	    "when helo; }");
	assert_int_equal(label_count, 7);
	assert_string_equal(labels[0], "");	/* three defaults */
	assert_string_equal(labels[3], "");
	assert_string_equal(labels[4], "x");
	assert_string_equal(labels[5], "x");
	assert_string_equal(labels[6], "y z");
	assert_string_equal(world->scope.label, "");
}

static void
test_look_up_of_options(void **state)
{
	(void)state;
	assert_ptr_equal(schema_option(table, STR("on-off")), &table[0]);
	assert_null(schema_option(table, STR("on_off")));
	assert_null(schema_option(table, STR("on")));
	assert_null(schema_option(NULL, STR("on-off")));
}

/* ---- documentation ---- */

static void
test_print(void **state)
{
	struct world *world = *state;
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);
	char *copy;

	schema_print(rule_table, to);
	schema_print(table + 3, to);
	fclose(to);
	copy = arena_strdup(world->mistakes->arena, text);
	free(text);
	assert_ptr_equal(strstr(copy, "- `name` (string, required): name\n"), copy);
	assert_non_null(strstr(copy, "\n- `when` (condition): condition\n"));
	assert_non_null(strstr(copy,
	    "\n- `reject [CODE] [ENHANCED] [TEXT];` (any number of times): refuse\n"
	    "    - `code` (integer, default `550`, may be left out): code\n"));
	assert_non_null(strstr(copy,
	    "- `add-field NAME [WEIGHT] VALUE;` (any number of times): add a field\n"));
	assert_non_null(strstr(copy, "- `stop;` (any number of times): no more rules\n"));
	assert_non_null(strstr(copy,
	    "- `workers` (integer or `auto`, 1 to 64, default `auto`): workers\n"));
	assert_non_null(strstr(copy, "- `duration` (duration, 10ms to 1h, default `10s`): time\n"));
	assert_non_null(strstr(copy,
	    "- `colour` (`red` or `green` or `dark-blue`, default `green`): colour\n"));
	assert_non_null(strstr(copy,
	    "- `rule NAME { … }` (any number of times): rule\n    - `name` (string, required): "
	    "name\n"));
	assert_non_null(strstr(copy,
	    "- `inner { … }`: inner\n    - `depth` (integer, 1 to 10, default `3`): depth\n"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_defaults),
		TEST(test_values),
		TEST(test_spellings),
		TEST(test_durations_and_sizes),
		TEST(test_values_that_are_wrong),
		TEST(test_names_and_patterns_that_are_wrong),
		TEST(test_missing_values),
		TEST(test_too_many_values),
		TEST(test_missing_semicolons),
		TEST(test_braces),
		TEST(test_unknown_and_repeated),
		TEST(test_damaged_statements_are_not_reported_again),
		TEST(test_optional_arguments),
		TEST(test_required_arguments_come_first),
		TEST(test_blocks_stand_in_written_order),
		TEST(test_several_targets),
		TEST(test_unknown_can_be_passed),
		TEST(test_required),
		TEST(test_places),
		TEST(test_labels),
		TEST(test_look_up_of_options),
		TEST(test_print),
	};

	return cmocka_run_group_tests_name("schema", tests, NULL, NULL);
}
