/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzes conditions. The input is a condition, a NUL, and values of some fields, a NUL between two.
 * What parses is evaluated at every stage; it must be false before its own, give the same answer
 * twice, and the opposite behind "not".
 */
#include <assert.h>
#include <string.h>

#include "tests/fuzz/part.h"
#include "tests/unit/language.h"

#define INPUT_MAXIMUM 1024

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
add_values(struct language *language, struct str rest)
{
	static const char *const fields[] = { "subject", "helo", "sender.domain", "header.X",
		"header.X", "recipient", "recipient", "body.raw" };
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]) && rest.length; i++)
		language_text(language, fields[i], fuzz_part(&rest, '\0'));
	language_number(language, "size", (double)rest.length);
	language_ip(language, "client.ip", "192.0.2.1");
}

static bool
test_stages(struct language *language, const struct mf_condition *condition)
{
	enum mf_stage stage;
	bool answer = false;

	assert(condition_stage(condition) >= MF_STAGE_CONNECT);
	assert(condition_stage(condition) <= MF_STAGE_MESSAGE);
	for (stage = MF_STAGE_START; stage <= MF_STAGE_MESSAGE; stage++) {
		language->source.stage = stage;
		answer = condition_test(condition, &language->source);
		assert(stage >= condition_stage(condition) || !answer);
		assert(answer == condition_test(condition, &language->source));
	}
	return answer;
}

/* The same condition behind "not" and in brackets, unless its text ended the statement early. */
static void
test_negation(struct language *language, const char *text, bool answer)
{
	size_t count = language_statement(language, "when", text)->value_count;
	const char *negation = arena_printf(language->arena, "not (%s\n)", text);
	const struct config_statement *statement = language_statement(language, "when", negation);
	struct mf_condition *condition = language_condition(language, negation);

	if (statement && statement->value_count == count + 3 && condition)
		assert(condition_test(condition, &language->source) == !answer);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct language *language;
	struct str rest = { (const char *)data, size };
	struct mf_condition *condition;
	const char *text;

	if (size > INPUT_MAXIMUM)
		return 0;
	language = language_create();
	language->scope.limits = (struct regex_limits){ 2000, 500, 64 };
	text = arena_str(language->arena, fuzz_part(&rest, '\0')).data;
	condition = language_condition(language, text);
	if (condition) {
		add_values(language, rest);
		test_negation(language, text, test_stages(language, condition));
	} else {
		language_mistakes(language);
	}
	language_destroy(language);
	return 0;
}
