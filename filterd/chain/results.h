/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The results board: entries in the shape of RFC 8601 section 2.2, and one running score with named symbols. A message's
 * board begins with what was put on the connection's board before MAIL. Transactions: a mark is taken before a callback; going back to it drops what came after.
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
	struct mf_result *next;
};

/* One addition of points; a symbol's points are the sum of its entries. */
struct symbol {
	const char *name;
	double points;
	struct symbol *next;
};

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
/* Copies entries into this board. */
void board_copy(struct board *board, const struct board *from);
struct mf_result *board_add(struct board *board, const char *method, const char *value, const char *reason);
void board_property(struct board *board, struct mf_result *result, const char *name, const char *value);
void board_symbol(struct board *board, const char *name, double points);
struct board_mark board_mark(const struct board *board);
/* What came after the mark is moved into dropped (may be NULL). */
void board_rollback(struct board *board, struct board_mark mark, struct board *dropped);
/* The nth result of a method; NULL past the last. */
const struct mf_result *board_result(const struct board *board, const char *method, size_t n);
const char *result_property(const struct mf_result *result, const char *name);
bool board_has_symbol(const struct board *board, const char *name, double *points_r);

#endif
