/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzes scenario files: the input is one. Every step must have a verb and as many words as it
 * takes, and a mistake a line of the file; content of blocks reads as it is written.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "filterd/scenario/scenario.h"

#define INPUT_MAXIMUM 16384

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Content that was read is written, read again, and must be the same. */
static void
check_content(const struct scenario *scenario, const struct places *places,
    const struct step *step)
{
	struct buffer content = { 0 }, text = { 0 }, again = { 0 };
	struct scenario written;
	const char *error;
	unsigned line;

	if (scenario_content(scenario->arena, places, step, 0, &content, &error)) {
		buffer_add_text(&text, "# Written\n> body");
		scenario_add_content(&text, (struct str){ buffer_text(&content), content.length });
		assert(scenario_read(&written, places, (struct str){ text.data, text.length },
		    &line, &error));
		assert(scenario_content(written.arena, places, &written.steps[0], 0, &again,
		    &error));
		assert(again.length == content.length &&
		    memcmp(buffer_text(&again), buffer_text(&content), again.length) == 0);
		scenario_free(&written);
	}
	buffer_free(&content);
	buffer_free(&text);
	buffer_free(&again);
}

static void
check_step(const struct scenario *scenario, const struct places *places, const struct step *step)
{
	assert(step->verb && step->line && step->count <= WORDS_MOST);
	assert(step->count >= step->verb->least && step->count <= step->verb->most);
	for (size_t i = 0; i < step->count; i++)
		assert(step->words[i].text.data[step->words[i].text.length] == '\0');
	if (step->verb->block == BLOCK_CONTENT && step->block.data)
		check_content(scenario, places, step);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct places places = { .count = 0 };
	struct scenario scenario;
	const char *error;
	unsigned line;

	if (size > INPUT_MAXIMUM)
		return 0;
	places_set(&places, "dir", "/tmp/somewhere");
	if (scenario_read(&scenario, &places, (struct str){ (const char *)data, size }, &line,
	    &error))
		for (size_t i = 0; i < scenario.count; i++)
			check_step(&scenario, &places, &scenario.steps[i]);
	else
		assert(error);
	scenario_free(&scenario);
	return 0;
}
