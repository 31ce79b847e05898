/* SPDX-License-Identifier: BSD-2-Clause */
/* The texts of mistakes, for tests. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "filterd/util/buffer.h"
#include "filterd/util/memory.h"
#include "tests/unit/mistakes.h"

int
mistakes_setup(void **state)
{
	struct mistakes *mistakes = memory_alloc(sizeof(*mistakes));

	mistakes->arena = arena_create(0, 0);
	mistakes->errors = config_errors_create();
	*state = mistakes;
	return 0;
}

int
mistakes_teardown(void **state)
{
	struct mistakes *mistakes = *state;

	config_errors_destroy(&mistakes->errors);
	arena_destroy(&mistakes->arena);
	free(mistakes);
	return 0;
}

const char *
mistakes_printed(const struct mistakes *mistakes)
{
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);
	const char *copy;

	assert(to);
	config_errors_print(mistakes->errors, to);
	fclose(to);
	copy = arena_copy(mistakes->arena, text, size);
	free(text);
	return copy;
}

/* Whether a printed line is the first of a mistake: it begins with the file's name "t". */
static bool
is_headline(const char *line)
{
	return strncmp(line, "t:", 2) == 0;
}

const char *
mistakes_taken(struct mistakes *mistakes)
{
	struct buffer taken = { 0 };
	const char *line = mistakes_printed(mistakes);
	const char *copy;

	while (*line) {
		size_t length = strcspn(line, "\n") + 1;

		if (is_headline(line))
			buffer_add(&taken, line + 2, length - 2);
		line += length;
	}
	copy = arena_strdup(mistakes->arena, buffer_text(&taken));
	buffer_free(&taken);
	config_errors_destroy(&mistakes->errors);
	mistakes->errors = config_errors_create();
	return copy;
}
