/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Authentication-Results fields. The first byte says how to read the rest: as a field, as an ARC
 * one, or as a value to be written. What is parsed, of a field that is in error
 * too, can be written, what is written is parsed again to the same, and writing that gives the same
 * bytes; no line but folds, none too long. Whose field it is, is found out too, whatever the
 * bytes.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "filterd/util/arena.h"
#include "plugins/auth-results/authres.h"
#include "plugins/auth-results/claim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void *
alloc(void *owner, size_t size)
{
	return arena_alloc(owner, size);
}

static void
check_lines(const char *text)
{
	size_t line = 30;

	assert(text[0] == ' ');
	for (; *text; text++) {
		assert(*text != '\r' && *text != 0x7f);
		assert((unsigned char)*text >= ' ' || *text == '\n' || *text == '\t');
		assert(*text != '\n' || text[1] == '\t');
		line = *text == '\n' ? 0 : line + 1;
		assert(line < 998);
	}
}

static void
check_same(const struct authres *a, const struct authres *b)
{
	const struct authres_result *x = a->results, *y = b->results;

	assert(a->instance == b->instance);
	for (; x && y; x = x->next, y = y->next) {
		const struct authres_property *p = x->properties, *q = y->properties;

		assert(strcmp(x->method, y->method) == 0 && strcmp(x->value, y->value) == 0);
		assert(!x->reason == !y->reason);
		for (; p && q; p = p->next, q = q->next)
			assert(strcmp(p->ptype, q->ptype) == 0 &&
			    strcmp(p->property, q->property) == 0);
		assert(!p && !q);
	}
	assert(!x && !y);
}

/* Keywords of a size that is not written make a difference that is meant. */
static bool
has_long_keyword(const struct authres *results)
{
	const struct authres_result *result;
	const struct authres_property *property;

	for (result = results->results; result; result = result->next) {
		if (strlen(result->method) > 63 || strlen(result->value) > 63)
			return true;
		for (property = result->properties; property; property = property->next)
			if (strlen(property->ptype) > 63 || strlen(property->property) > 63)
				return true;
	}
	return false;
}

/* Written, read, written. */
static void
check_written(const struct authres_memory *memory, const struct authres *results, bool utf8)
{
	char *text = authres_format(memory, results, 23, utf8);
	struct authres again;

	check_lines(text);
	assert(strlen(text) <= AUTHRES_WRITTEN_MAXIMUM + 800);
	assert(authres_parse(memory, text, strlen(text), results->instance != 0, &again, NULL));
	if (strlen(text) < AUTHRES_WRITTEN_MAXIMUM / 2 && !has_long_keyword(results))
		check_same(results, &again);
	assert(strcmp(authres_format(memory, &again, 23, utf8), text) == 0);
}

/* The bytes as reason and value of one result. */
static void
check_value(const struct authres_memory *memory, const char *value, bool utf8)
{
	struct authres_property property = { "header", "x", value, NULL };
	struct authres_result result = { "dkim", 0, "pass", value, &property, NULL };
	struct authres results = { 0, *value ? value : "mx", 0, &result };

	check_written(memory, &results, utf8);
}

static void
check_claim(const char *text, size_t length)
{
	static const char *const ours[] = { "mx.example.org" };

	claim_is_field(text, length);
	claim_of(text, length, ours, 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_create(0, 0);
	struct authres_memory memory = { alloc, arena };
	unsigned how = size ? data[0] : 0;
	const char *text = size ? arena_copy(arena, data + 1, size - 1) : "";
	size_t length = size ? size - 1 : 0;
	struct authres parsed;

	check_claim(text, length);
	if (how & 2)
		check_value(&memory, text, how & 1);
	else if (authres_parse(&memory, text, length, how & 1, &parsed, NULL) || parsed.results)
		check_written(&memory, &parsed, how & 4);
	arena_destroy(&arena);
	return 0;
}
