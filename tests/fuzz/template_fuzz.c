/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzes templates. The input is the values of a statement, a NUL, the value of a field, a NUL, a
 * pattern, a NUL and a subject. Each value that is a template is expanded: the text stays within
 * its limit and has no line end that the template itself has not. Replacing every match by itself
 * changes nothing.
 */
#include <assert.h>
#include <string.h>

#include "tests/fuzz/part.h"
#include "tests/unit/language.h"

#define INPUT_MAXIMUM 1024

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
has_line_end(struct str text)
{
	size_t i;

	for (i = 0; i < text.length; i++)
		if (text.data[i] == '\r' || text.data[i] == '\n' || text.data[i] == '\0')
			return true;
	return false;
}

static void
test_expansion(struct language *language, const struct config_token *token,
    const struct mf_template *template)
{
	struct str text = template_expand(template, &language->source);

	assert(text.length <= TEMPLATE_TEXT_MAXIMUM);
	assert(text.data[text.length] == '\0');
	assert(has_line_end(token->text) || has_line_end(token->raw) || !has_line_end(text));
	assert(template_highest_group(template) < REGEX_GROUPS);
	assert(template_stage(template) <= MF_STAGE_MESSAGE);
}

static void
test_replacing(struct language *language, const struct mf_template *template, struct str pattern,
    struct str subject)
{
	struct mf_template *itself = language_template(language, "\"$0\"");
	struct str result;
	const char *error;
	size_t offset;
	struct mf_regex *regex = regex_compile(pattern, STR(""), false, language->scope.limits,
	    language->arena, &error, &offset);

	if (!regex) {
		assert(offset <= pattern.length);
		return;
	}
	if (template_replace(regex, itself, subject, &language->source, &result))
		assert(str_equal(result, subject));
	template_replace(regex, template, subject, &language->source, &result);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct config_statement *statement;
	struct mf_template *template = NULL;
	struct language *language;
	struct str rest = { (const char *)data, size }, value, pattern;
	size_t i;

	if (size > INPUT_MAXIMUM)
		return 0;
	language = language_create();
	language->scope.limits = (struct regex_limits){ 2000, 500, 64 };
	statement = language_statement(language, "log",
	    arena_str(language->arena, fuzz_part(&rest, '\0')).data);
	value = fuzz_part(&rest, '\0');
	pattern = fuzz_part(&rest, '\0');
	language_text(language, "subject", value);
	language_text(language, "header.X", rest);
	language_text(language, "header.X", value);
	language->source.captures.group[1] = rest;
	for (i = 0; statement && !statement->damaged && i < statement->value_count; i++) {
		template = template_parse(&language->scope, &statement->values[i]);
		if (template)
			test_expansion(language, &statement->values[i], template);
	}
	test_replacing(language, template, pattern, rest);
	language_destroy(language);
	return 0;
}
