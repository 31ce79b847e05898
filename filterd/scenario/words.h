/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The words of a scenario's line: bare ones and "quoted" ones with C-like escapes, placeholders
 * filled in; and the same backwards, bytes to a quoted word. What is returned lives in the caller's
 * arena.
 */
#ifndef FILTERD_SCENARIO_WORDS_H
#define FILTERD_SCENARIO_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "filterd/util/arena.h"
#include "filterd/util/buffer.h"
#include "filterd/util/str.h"

#define WORDS_MOST	64	/* words a line */

struct word {
	struct str text;	/* ends in NUL */
	bool quoted;
};

/* ${name} stands for value; what no place names stays as it is. */
struct place {
	const char *name;
	const char *value;
};

struct places {
	struct place items[32];
	size_t count;
};

/* Sets a place; an older one of that name is replaced. Both texts are borrowed. False when there
 * is no room. */
bool places_set(struct places *places, const char *name, const char *value);

/* The text with its places filled in. */
struct str places_fill(const struct places *places, struct arena *arena, struct str text);

/* Splits a line into at most WORDS_MOST words. False: *error_r says what is wrong with it. */
bool words_split(const struct places *places, struct arena *arena, struct str line,
    struct word *words_r, size_t *count_r, const char **error_r);

/* Appends the bytes as a quoted word; at most most of them, then "…" and the length. 0: all. */
void words_quote(struct buffer *out, struct str bytes, size_t most);

#endif
