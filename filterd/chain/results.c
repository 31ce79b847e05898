/* SPDX-License-Identifier: BSD-2-Clause */
/* The results board: two lists and a sum. Texts are copied; none may be NULL but a reason. */
#include <math.h>
#include <string.h>

#include "filterd/chain/results.h"

#define KEYWORD_MAXIMUM 63	/* bytes, as of a label in RFC 5321 */

void
board_init(struct board *board, struct arena *arena)
{
	*board = (struct board){ .arena = arena };
	board->results_end = &board->results;
	board->symbols_end = &board->symbols;
}

static bool
is_keyword_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    c == '-' || c == '_';
}

/* Not by strspn(3), which makes a table of the set each time: this runs for each property. */
static size_t
keyword_length(const char *text)
{
	size_t length = 0;

	while (is_keyword_byte(text[length]))
		length++;
	return length <= KEYWORD_MAXIMUM ? length : 0;
}

bool
result_keyword(const char *text)
{
	size_t length = text ? keyword_length(text) : 0;

	return length && !text[length];
}

bool
result_property_name(const char *text)
{
	size_t length = text ? keyword_length(text) : 0;

	return length && text[length] == '.' && result_keyword(text + length + 1);
}

static void
append_result(struct board *board, struct mf_result *result)
{
	result->next = NULL;
	*board->results_end = result;
	board->results_end = &result->next;
}

struct mf_result *
board_add(struct board *board, const char *method, const char *value, const char *reason)
{
	struct mf_result *result = arena_alloc(board->arena, sizeof(*result));

	result->arena = board->arena;
	result->method = arena_strdup(board->arena, method);
	result->value = arena_strdup(board->arena, value);
	result->reason = reason ? arena_strdup(board->arena, reason) : NULL;
	append_result(board, result);
	return result;
}

void
board_property(struct mf_result *result, const char *name, const char *value)
{
	struct result_property *property = arena_alloc(result->arena, sizeof(*property));
	struct result_property **end = &result->properties;

	property->name = arena_strdup(result->arena, name);
	property->value = arena_strdup(result->arena, value);
	while (*end)
		end = &(*end)->next;
	*end = property;
}

void
board_symbol(struct board *board, const char *name, double points)
{
	struct symbol *symbol = arena_alloc(board->arena, sizeof(*symbol));

	symbol->name = arena_strdup(board->arena, name);
	symbol->points = isfinite(points) ? points : 0;
	*board->symbols_end = symbol;
	board->symbols_end = &symbol->next;
	board->score += symbol->points;
}

void
board_copy(struct board *board, const struct board *from)
{
	const struct mf_result *result;
	const struct result_property *property;
	const struct symbol *symbol;

	for (result = from->results; result; result = result->next) {
		struct mf_result *copy = board_add(
		    board, result->method, result->value, result->reason);

		for (property = result->properties; property; property = property->next)
			board_property(copy, property->name, property->value);
	}
	for (symbol = from->symbols; symbol; symbol = symbol->next)
		board_symbol(board, symbol->name, symbol->points);
}

void
board_move(struct board *board, struct board *from)
{
	if (from->results) {
		*board->results_end = from->results;
		board->results_end = from->results_end;
	}
	if (from->symbols) {
		*board->symbols_end = from->symbols;
		board->symbols_end = from->symbols_end;
	}
	board->score += from->score;
	board_init(from, from->arena);
}

struct board_mark
board_mark(const struct board *board)
{
	return (struct board_mark){ board->results_end, board->symbols_end, board->score };
}

bool
board_changed(const struct board *board, struct board_mark mark)
{
	return board->results_end != mark.results_end || board->symbols_end != mark.symbols_end;
}

void
board_rollback(struct board *board, struct board_mark mark, struct board *dropped)
{
	struct board gone = { .arena = board->arena, .results = *mark.results_end,
		.results_end = board->results_end, .symbols = *mark.symbols_end,
		.symbols_end = board->symbols_end, .score = board->score - mark.score };

	*mark.results_end = NULL;
	*mark.symbols_end = NULL;
	board->results_end = mark.results_end;
	board->symbols_end = mark.symbols_end;
	board->score = mark.score;
	if (dropped)
		board_move(dropped, &gone);
}

const struct mf_result *
board_result(const struct board *board, const char *method, size_t n)
{
	const struct mf_result *result;

	for (result = board->results; result; result = result->next)
		if (strcmp(result->method, method) == 0 && n-- == 0)
			return result;
	return NULL;
}

const struct mf_result *
board_result_at(const struct board *board, size_t index)
{
	const struct mf_result *result = board->results;

	while (result && index-- > 0)
		result = result->next;
	return result;
}

const char *
result_property(const struct mf_result *result, const char *name)
{
	const struct result_property *property;

	for (property = result->properties; property; property = property->next)
		if (strcmp(property->name, name) == 0)
			return property->value;
	return NULL;
}

bool
board_has_symbol(const struct board *board, const char *name, double *points_r)
{
	const struct symbol *symbol;
	double points = 0;
	bool found = false;

	for (symbol = board->symbols; symbol; symbol = symbol->next) {
		if (strcmp(symbol->name, name) != 0)
			continue;
		points += symbol->points;
		found = true;
	}
	if (points_r)
		*points_r = points;
	return found;
}
