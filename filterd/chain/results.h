/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The results board: entries in the shape of RFC 8601 section 2.2, and one running score with named
 * symbols. A message's board begins with what was put on the connection's board before MAIL.
 * Transactions: a mark is taken before a callback; going back to it drops what came after.
 */
#ifndef FILTERD_CHAIN_RESULTS_H
#define FILTERD_CHAIN_RESULTS_H

#include <stdbool.h>
#include <stddef.h>

#include "filterd/util/arena.h"

struct result_property {
	const char *name;		/* "header.d" */
	const char *value;
	struct result_property *next;
};

struct mf_result {
	const char *method, *value, *reason;	/* reason may be NULL */
	struct result_property *properties;	/* in the order added */
	struct arena *arena;			/* what it and its properties live in */
	struct mf_result *next;
};

/* One addition of points; a symbol's points are the sum of its entries. */
struct symbol {
	const char *name;
	double points;			/* finite */
	struct symbol *next;
};

/* Not to be copied or moved: it points into itself. */
struct board {
	struct arena *arena;
	struct mf_result *results, **results_end;
	struct symbol *symbols, **symbols_end;
	double score;
};

struct board_mark {
	struct mf_result **results_end;
	struct symbol **symbols_end;
	double score;
};

void board_init(struct board *board, struct arena *arena);

/* Copies all entries of another board to the end of this one. */
void board_copy(struct board *board, const struct board *from);

/* Moves them there; the other board is then empty. Its arena must live as long as the board's. */
void board_move(struct board *board, struct board *from);

/* Whether a text is a Keyword of RFC 8601 section 2.2: 1 to 63 letters, digits, "-" and "_"; and
 * whether it is ptype "." property, of which the same holds. NULL is none. */
bool result_keyword(const char *text);
bool result_property_name(const char *text);

/* Texts are copied; only the reason may be NULL. */
struct mf_result *board_add(
    struct board *board, const char *method, const char *value, const char *reason);
void board_property(struct mf_result *result, const char *name, const char *value);

/* Points that are no finite number count as 0. */
void board_symbol(struct board *board, const char *name, double points);

struct board_mark board_mark(const struct board *board);

/* Whether results or symbols have been added since. */
bool board_changed(const struct board *board, struct board_mark mark);

/* What came after the mark is moved to the end of dropped, which may be NULL. */
void board_rollback(struct board *board, struct board_mark mark, struct board *dropped);

/* The nth result of a method; NULL past the last. */
const struct mf_result *board_result(const struct board *board, const char *method, size_t n);

/* The result at an index among all; NULL past the last. */
const struct mf_result *board_result_at(const struct board *board, size_t index);

/* NULL when it has none of that name. */
const char *result_property(const struct mf_result *result, const char *name);

/* points_r may be NULL. */
bool board_has_symbol(const struct board *board, const char *name, double *points_r);

#endif
