/* SPDX-License-Identifier: BSD-2-Clause */
/* The configuration language: text to trees, every mistake in it, limits, included files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "filterd/config/parser.h"
#include "filterd/util/buffer.h"
#include "tests/unit/mistakes.h"

/* ---- trees as text ---- */

static void
write_token(struct buffer *to, const struct config_token *token)
{
	static const char *const marks[] = { "", "S", "R", "O", "(", ")" };

	buffer_printf(to, " %s<%s>%s", marks[token->kind], token->text.data,
	    token->kind == CONFIG_REGEX ? token->flags.data : "");
}

/* "name <word> S<string> { inner; };": the shape of a tree, "!" behind a damaged statement's
 * name. */
static void
write_statements(struct buffer *to, const struct config_statement *statement)
{
	size_t i;

	for (; statement; statement = statement->next) {
		buffer_printf(to, "%s%s", statement->name.text.data, statement->damaged ? "!" : "");
		for (i = 0; i < statement->value_count; i++)
			write_token(to, &statement->values[i]);
		if (statement->has_block) {
			buffer_add_text(to, " { ");
			write_statements(to, statement->block);
			buffer_add_text(to, "}");
		}
		buffer_add_text(to, "; ");
	}
}

static const char *
shape(struct mistakes *mistakes, const struct config_tree *tree)
{
	struct buffer text = { 0 };
	const char *copy;

	write_statements(&text, tree->first);
	copy = arena_strdup(mistakes->arena, buffer_text(&text));
	buffer_free(&text);
	return copy;
}

static const struct config_tree *
parse(struct mistakes *mistakes, struct str text)
{
	return config_parse_alone("t", text, mistakes->arena, mistakes->errors);
}

static void
assert_tree(void **state, const char *text, const char *expected)
{
	struct mistakes *mistakes = *state;
	const struct config_tree *tree = parse(mistakes, str_of(text));

	assert_string_equal(mistakes_taken(mistakes), "");
	assert_false(tree->broken);
	assert_string_equal(shape(mistakes, tree), expected);
}

/* The mistakes are exactly these, and this could be read. */
static void
assert_mistakes(void **state, const char *text, const char *expected, const char *tree)
{
	struct mistakes *mistakes = *state;
	const struct config_tree *parsed = parse(mistakes, str_of(text));

	assert_string_equal(mistakes_taken(mistakes), expected);
	assert_string_equal(shape(mistakes, parsed), tree);
}

/* ---- what is right ---- */

static void
test_statements(void **state)
{
	assert_tree(state, "", "");
	assert_tree(state, " \n\t# nothing\n", "");
	assert_tree(state, "a;", "a; ");
	assert_tree(state, "a b c;d;", "a <b> <c>; d; ");
	assert_tree(state, "a{}b c{d;e{f;}}", "a { }; b <c> { d; e { f; }; }; ");
	assert_tree(state, "\xef\xbb\xbf" "a;\r\nb;\r\n", "a; b; ");
	assert_tree(state, "a # c; \n b#c; # d", "a <b#c>; ");
}

static void
test_strings(void **state)
{
	assert_tree(state, "a \"\";", "a S<>; ");
	assert_tree(state, "a \"b; {c} # d\";", "a S<b; {c} # d>; ");
	assert_tree(state, "a \"\\\"\\\\\\n\\t\\r\";", "a S<\"\\\n\t\r>; ");
	assert_tree(state, "a \"$1 ${b} \\$c\";", "a S<$1 ${b} \\$c>; ");
	assert_tree(state, "a (\"b\");", "a (<(> S<b> )<)>; ");
}

static void
test_words(void **state)
{
	assert_tree(state, "a inet6:8891@[::1] *.conf x=1 -5 it's;",
	    "a <inet6:8891@[::1]> <*.conf> <x=1> <-5> <it's>; ");
	assert_tree(state, "a ${b} x${c.d}y macro.{e} ${macro.{f}};",
	    "a <${b}> <x${c.d}y> <macro.{e}> <${macro.{f}}>; ");
	assert_tree(state, "a b.{c;}", "a <b.> { c; }; ");
	assert_tree(state, "a \xc3\xa9;", "a <\xc3\xa9>; ");
}

static void
test_operators(void **state)
{
	assert_tree(state, "a b==c d!=e f<g h<=i j>k l>=m n=o;",
	    "a <b> O<==> <c> <d> O<!=> <e> <f> O<<> <g> <h> O<<=> <i> <j> O<>> <k> <l> O<>=> <m> "
	    "<n=o>; ");
	assert_tree(state, "a b~/c/ d !~ /e/i !f;", "a <b> O<~> R<c> <d> O<!~> R<e>i <!f>; ");
	assert_tree(state, "a not(b or(c));", "a <not> (<(> <b> <or> (<(> <c> )<)> )<)>; ");
}

static void
test_regexes(void **state)
{
	assert_tree(state, "a ~ /b c;{}\"()#/i;", "a O<~> R<b c;{}\"()#>i; ");
	assert_tree(state, "a ~ /\\/b\\\\/;", "a O<~> R<\\/b\\\\>; ");
	assert_tree(state, "a ~\n /b/q;", "a O<~> R<b>q; ");
	assert_tree(state, "a /b c/imsux \"d\";", "a R<b c>imsux S<d>; ");
	assert_tree(state, "a //;", "a R<>; ");
}

static void
test_paths(void **state)
{
	assert_tree(state, "a /b/c /d;", "a </b/c> </d>; ");
	assert_tree(state, "a /var/run/filterd.sock;", "a </var/run/filterd.sock>; ");
	assert_tree(state, "a /b/q c;", "a </b/q> <c>; ");
	assert_tree(state, "a /b c\n/;", "a </b> <c> </>; ");
	assert_tree(state, "a unix:/b/i;", "a <unix:/b/i>; ");
}

static void
test_positions(void **state)
{
	struct mistakes *mistakes = *state;
	const struct config_tree *tree = parse(mistakes, STR("a;\n\tbc  \"d\\n\" {\n}"));
	const struct config_statement *second = tree->first->next;

	assert_int_equal(second->name.at.line, 2);
	assert_int_equal(second->name.at.column, 2);
	assert_int_equal(second->name.at.length, 2);
	assert_int_equal(second->name.at.offset, 4);
	assert_int_equal(second->values[0].at.column, 6);
	assert_int_equal(second->values[0].at.length, 5);
	assert_int_equal(second->end.kind, CONFIG_BRACE_OPEN);
	assert_int_equal(second->end.at.column, 12);
	assert_ptr_equal(second->name.at.source, tree->source);
}

static void
test_plain_text_of_tokens(void **state)
{
	struct mistakes *mistakes = *state;
	const struct config_tree *tree = parse(mistakes, STR("a b \"c\\$\\\\$\" /d/i /etc/;"));
	const struct config_token *values = tree->first->values;

	assert_string_equal(config_plain(&values[0], mistakes->arena).data, "b");
	assert_string_equal(config_plain(&values[1], mistakes->arena).data, "c$\\$");
	assert_string_equal(config_plain(&values[2], mistakes->arena).data, "/d/i");
	assert_string_equal(config_plain(&values[3], mistakes->arena).data, "/etc/");
	assert_string_equal(config_shown(&values[0], mistakes->arena), "\"b\"");
	assert_string_equal(config_shown(&values[1], mistakes->arena), "\"c\\$\\\\$\"");
}

/* ---- mistakes ---- */

static void
test_missing_semicolons(void **state)
{
	assert_mistakes(state, "a b",
	    "1:4: expected \";\" after the value of \"a\", found the end of the file\n", "a <b>; ");
	assert_mistakes(state, "a { b }\nc;", "1:6: expected \";\" after \"b\", found \"}\"\n",
	    "a { b; }; c; ");
	assert_mistakes(state, "a { b c d\n}\n",
	    "1:10: expected \";\" after the values of \"b\", found \"}\"\n", "a { b <c> <d>; }; ");
}

static void
test_stray_tokens(void **state)
{
	assert_mistakes(state, ";a;;",
	    "1:1: unexpected \";\": there is no statement before it\n"
	    "1:4: unexpected \";\": there is no statement before it\n",
	    "a; ");
	assert_mistakes(state, "a { };", "1:6: unexpected \";\": there is no statement before it\n",
	    "a { }; ");
	assert_mistakes(state, "\"a\" b; c;", "1:1: expected the name of an option, found \"a\"\n",
	    "c; ");
	assert_mistakes(state, "{ a; { b; } } c;",
	    "1:1: expected the name of an option, found \"{\"\n", "c; ");
	assert_mistakes(state, "a { (b) c; d; }",
	    "1:5: expected the name of an option, found \"(\"\n", "a { d; }; ");
	assert_mistakes(state, "a { == { c; } d; }",
	    "1:5: expected the name of an option, found \"==\"\n", "a { d; }; ");
}

static void
test_braces_that_do_not_match(void **state)
{
	struct mistakes *mistakes = *state;

	assert_mistakes(state, "a; } b; } c;", "1:4: unexpected \"}\": no block is open\n",
	    "a; b; c; ");
	assert_mistakes(state, "a {\n b {\n  c;\n",
	    "2:4: the block of \"b\" opened here is never closed\n", "a { b { c; }; }; ");
	assert_mistakes(state, "a {\n\tb {\n\t\tc;\n}\nd;\n",
	    "1:3: the block of \"a\" opened here is never closed; is a \"}\" missing before line "
	    "5?\n",
	    "a { b { c; }; d; }; ");
	assert_true(parse(mistakes, STR("}"))->broken);
	assert_true(parse(mistakes, STR("a {"))->broken);
	assert_false(parse(mistakes, STR("a { b \"c; }"))->broken);
}

static void
test_strings_with_mistakes(void **state)
{
	const char *unterminated =
	    "1:3: unterminated string: expected '\"' before the end of the line\n";

	assert_mistakes(state, "a \"b;\nc;", unterminated, "a! S<b>; c; ");
	assert_mistakes(state, "a \"b {\nc; }\nd;", unterminated, "a! S<b> { c; }; d; ");
	assert_mistakes(state, "a \"b\nc;", unterminated, "a! S<b>; c; ");
	assert_mistakes(state, "a \"b # c;  \nd;", unterminated, "a! S<b # c>; d; ");
	assert_mistakes(state, "a \"b\n\"c\" d;\ne;", unterminated, "a! S<b>; e; ");
	assert_mistakes(state, "a \"b\\", unterminated, "a! S<b\\>; ");
	assert_mistakes(state, "a \"\\d\";",
	    "1:4: unknown escape in a string: expected \\\" \\\\ \\$ \\n \\t or \\r;"
	    " a backslash is \\\\\n",
	    "a! S<\\d>; ");
	assert_mistakes(state, "a \"b\"c;", "1:6: expected a blank or \";\" behind the string\n",
	    "a! S<b> <c>; ");
	assert_mistakes(state, "a b\"c\";", "1:4: expected a blank before the string\n",
	    "a! <b> S<c>; ");
	assert_mistakes(state, "a \"\x01\";", "1:4: unexpected control character in a string\n",
	    "a! S<\x01>; ");
}

static void
test_regexes_with_mistakes(void **state)
{
	assert_mistakes(state, "a ~ /b;\nc;",
	    "1:5: unterminated regex: expected \"/\" before the end of the line\n",
	    "a! O<~> R</b>; c; ");
	assert_mistakes(state, "a !~ /b\\/;\nc;",
	    "1:6: unterminated regex: expected \"/\" before the end of the line\n",
	    "a! O<!~> R</b\\/>; c; ");
	assert_mistakes(state, "a ~ /b/c/ d;",
	    "1:7: expected a blank or \";\" behind the regex; a \"/\" inside it is "
	    "written \"\\/\"\n",
	    "a! O<~> R</b/c/> <d>; ");
}

static void
test_control_characters(void **state)
{
	struct mistakes *mistakes = *state;
	const struct config_tree *tree = parse(mistakes, STR("a \0\0 b;c;"));

	assert_string_equal(mistakes_taken(mistakes),
	    "1:3: unexpected control character: this is not text\n");
	assert_string_equal(shape(mistakes, tree), "a! <b>; c; ");
}

static void
test_all_mistakes_in_one_run(void **state)
{
	assert_mistakes(state,
	    "a \"b;\n"
	    "c { d \"\\q\"; e }\n"
	    ";\n"
	    "f ~ /g;\n"
	    "h\n",
	    "1:3: unterminated string: expected '\"' before the end of the line\n"
	    "2:8: unknown escape in a string: expected \\\" \\\\ \\$ \\n \\t or \\r; a backslash "
	    "is \\\\\n"
	    "2:14: expected \";\" after \"e\", found \"}\"\n"
	    "3:1: unexpected \";\": there is no statement before it\n"
	    "4:5: unterminated regex: expected \"/\" before the end of the line\n"
	    "5:2: expected \";\" after \"h\", found the end of the file\n",
	    "a! S<b>; c { d! S<\\q>; e; }; f! O<~> R</g>; h; ");
}

/* ---- limits ---- */

/* begin, then the piece count times, then end. */
static struct str
repeated(struct mistakes *mistakes, const char *begin, const char *piece, size_t count,
    const char *end)
{
	struct buffer text = { 0 };
	struct str copy;

	buffer_add_text(&text, begin);
	while (count--)
		buffer_add_text(&text, piece);
	buffer_add_text(&text, end);
	copy = arena_str(mistakes->arena, (struct str){ text.data, text.length });
	buffer_free(&text);
	return copy;
}

static void
test_depth_is_limited(void **state)
{
	struct mistakes *mistakes = *state;

	parse(mistakes, repeated(mistakes, "", "a{", 32, "b;}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}"));
	assert_string_equal(mistakes_taken(mistakes), "");
	parse(mistakes, repeated(mistakes, "", "a{", 33, "b;}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}"));
	assert_string_equal(mistakes_taken(mistakes), "1:66: blocks stand more than 32 deep\n");
	parse(mistakes, repeated(mistakes, "", "a{", 1000000, ""));
	assert_non_null(strstr(mistakes_taken(mistakes), "blocks stand more than 32 deep"));
}

static void
test_values_are_limited(void **state)
{
	struct mistakes *mistakes = *state;

	assert_int_equal(parse(mistakes, repeated(mistakes, "a", " b", 10000,
	    ";c;"))->first->value_count,
	    10000);
	assert_string_equal(mistakes_taken(mistakes), "");
	assert_int_equal(parse(mistakes, repeated(mistakes, "a", " b", 10001,
	    ";c;"))->first->value_count,
	    10000);
	assert_string_equal(mistakes_taken(mistakes),
	    "1:20003: \"a\" has more than 10000 values\n");
}

/* ---- files ---- */

struct folder {
	struct mistakes *mistakes;
	char path[32];
};

static int
folder_setup(void **state)
{
	struct folder *folder = test_malloc(sizeof(*folder));

	strcpy(folder->path, "/tmp/filterd-parser.XXXXXX");
	assert_non_null(mkdtemp(folder->path));
	assert_int_equal(chdir(folder->path), 0);
	mistakes_setup((void **)&folder->mistakes);
	*state = folder;
	return 0;
}

static int
folder_teardown(void **state)
{
	struct folder *folder = *state;
	const char *command = arena_printf(folder->mistakes->arena, "rm -rf %s", folder->path);

	assert_int_equal(system(command), 0);
	mistakes_teardown((void **)&folder->mistakes);
	test_free(folder);
	return chdir("/");
}

static void
write_file(const char *path, struct str text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text.data, 1, text.length, file), text.length);
	assert_int_equal(fclose(file), 0);
}

static void
assert_file(void **state, const char *expected, const char *tree)
{
	struct folder *folder = *state;
	struct mistakes *mistakes = folder->mistakes;
	const struct config_tree *parsed = config_parse_file("t", mistakes->arena,
	    mistakes->errors);

	assert_string_equal(mistakes_printed(mistakes), expected);
	assert_string_equal(shape(mistakes, parsed), tree);
	mistakes_taken(mistakes);
}

static void
test_includes(void **state)
{
	assert_int_equal(mkdir("d", 0700), 0);
	write_file("t",
	    STR("a;\ninclude d/*.conf;\nb { include \"d/inner\"; }\ninclude none*;\nc;"));
	write_file("d/2.conf", STR("two;"));
	write_file("d/1.conf", STR("one;\ninclude inner;"));
	write_file("d/inner", STR("i;"));
	assert_file(state, "", "a; one; i; two; b { i; }; c; ");
}

static void
test_include_mistakes(void **state)
{
	write_file("t", STR("include none; include;\ninclude a b;\ninclude x { }\na;"));
	assert_file(state,
	    "t:1:9: cannot read \"none\": No such file or directory\n"
	    "    include none; include;\n            ^~~~\n"
	    "t:1:15: expected one file name or pattern after \"include\"\n"
	    "    include none; include;\n                  ^~~~~~~\n"
	    "t:2:1: expected one file name or pattern after \"include\"\n"
	    "    include a b;\n    ^~~~~~~\n"
	    "t:3:11: expected \";\" after \"include\", found \"{\"\n"
	    "    include x { }\n              ^\n", "a; ");
	write_file("t", STR("include .;"));
	assert_file(
	    state, "t:1:9: cannot read \".\": Is a directory\n    include .;\n            ^\n", "");
}

static void
test_include_of_itself(void **state)
{
	write_file("t", STR("include u; a;"));
	write_file("u", STR("b; include ./t;"));
	assert_file(state,
	    "u:1:12: \"./t\" includes itself\n    b; include ./t;\n               ^~~\n", "b; a; ");
	write_file("u", STR("b;"));
	write_file("t", STR("include u; include u;"));
	assert_file(state, "", "b; b; ");
}

static void
test_braces_end_with_their_file(void **state)
{
	write_file("t", STR("a { include u;"));
	write_file("u", STR("b; }"));
	assert_file(
	    state, "u:1:4: unexpected \"}\": no block is open\n    b; }\n       ^\n", "a { b; }; ");
}

static void
test_include_depth_is_limited(void **state)
{
	struct folder *folder = *state;
	struct mistakes *mistakes = folder->mistakes;
	unsigned i;

	write_file("t", STR("include f0;"));
	for (i = 0; i < 20; i++)
		write_file(arena_printf(mistakes->arena, "f%u", i),
		    str_of(arena_printf(mistakes->arena, "a%u; include f%u;", i, i + 1)));
	config_parse_file("t", mistakes->arena, mistakes->errors);
	assert_string_equal(mistakes_printed(mistakes),
	    "f15:1:14: files are included more than 16 deep\n"
	    "    a15; include f16;\n"
	    "                 ^~~\n");
}

static void
test_number_of_files_is_limited(void **state)
{
	struct folder *folder = *state;
	struct mistakes *mistakes = folder->mistakes;
	unsigned i;

	/* 3 files of 3 files of …: more than 1000 together, without a file that includes itself */
	write_file("t", STR("include f0; include f0; include f0;"));
	for (i = 0; i < 8; i++)
		write_file(arena_printf(mistakes->arena, "f%u", i),
		    str_of(arena_printf(mistakes->arena, "include f%u; include f%u; include f%u;",
			i + 1, i + 1, i + 1)));
	write_file("f8", STR("a;"));
	config_parse_file("t", mistakes->arena, mistakes->errors);
	assert_non_null(strstr(mistakes_printed(mistakes), "more than 1000 files are read"));
}

static void
test_file_size_is_limited(void **state)
{
	struct folder *folder = *state;
	struct mistakes *mistakes = folder->mistakes;
	size_t size = CONFIG_FILE_MAXIMUM;
	char *blanks = test_malloc(size + 1);

	memset(blanks, ' ', size + 1);
	write_file("t", (struct str){ blanks, size });
	assert_non_null(config_parse_file("t", mistakes->arena, mistakes->errors)->source);
	assert_string_equal(mistakes_taken(mistakes), "");
	write_file("t", (struct str){ blanks, size + 1 });
	assert_null(config_parse_file("t", mistakes->arena, mistakes->errors)->source);
	assert_string_equal(mistakes_printed(mistakes),
	    "t: cannot be read: it is larger than 4194304 bytes\n");
	test_free(blanks);
}

static void
test_file_that_is_not_there(void **state)
{
	assert_file(state, "t: cannot be read: No such file or directory\n", "");
}

static void
test_text_without_files(void **state)
{
	struct folder *folder = *state;
	struct mistakes *mistakes = folder->mistakes;
	const struct config_tree *tree;

	write_file("u", STR("b;"));
	tree = config_parse_text("t", STR("a; include u;"), mistakes->arena, mistakes->errors);
	assert_string_equal(shape(mistakes, tree), "a; b; ");
	assert_int_equal(config_errors_count(mistakes->errors), 0);
	tree = config_parse_alone("t", STR("a; include u;"), mistakes->arena, mistakes->errors);
	assert_string_equal(shape(mistakes, tree), "a; ");
	assert_string_equal(mistakes_taken(mistakes), "1:4: nothing can be included here\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, mistakes_setup, mistakes_teardown)
#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_statements),
		TEST(test_strings),
		TEST(test_words),
		TEST(test_operators),
		TEST(test_regexes),
		TEST(test_paths),
		TEST(test_positions),
		TEST(test_plain_text_of_tokens),
		TEST(test_missing_semicolons),
		TEST(test_stray_tokens),
		TEST(test_braces_that_do_not_match),
		TEST(test_strings_with_mistakes),
		TEST(test_regexes_with_mistakes),
		TEST(test_control_characters),
		TEST(test_all_mistakes_in_one_run),
		TEST(test_depth_is_limited),
		TEST(test_values_are_limited),
		FILE_TEST(test_includes),
		FILE_TEST(test_include_mistakes),
		FILE_TEST(test_include_of_itself),
		FILE_TEST(test_braces_end_with_their_file),
		FILE_TEST(test_include_depth_is_limited),
		FILE_TEST(test_number_of_files_is_limited),
		FILE_TEST(test_file_size_is_limited),
		FILE_TEST(test_file_that_is_not_there),
		FILE_TEST(test_text_without_files),
	};

	return cmocka_run_group_tests_name("config parser", tests, NULL, NULL);
}
