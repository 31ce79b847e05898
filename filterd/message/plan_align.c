/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which fields of the original state live on in the current one: a heaviest common subsequence.
 * A field that is kept saves two actions (delete and insert), one whose value is changed in
 * place saves one. Fields are few; where the product of both counts passes CELLS_MAXIMUM, only
 * what is the same at the beginning and the end is matched, so the time stays linear.
 */
#include <stdint.h>
#include <stdlib.h>

#include "filterd/message/plan_parts.h"
#include "filterd/util/memory.h"

#define CELLS_MAXIMUM	((size_t)1 << 20)
#define KEPT		2
#define CHANGED		1

/* The fields between what is the same at both ends. */
struct middle {
	const struct plan_builder *builder;
	size_t from;			/* the first one, in both states */
	size_t rows, columns;		/* of the original, of the current state */
};

/* What matching two fields saves. An empty value cannot be given to a field in place: that
 * deletes it. */
static uint32_t
saving(const struct middle *middle, size_t row, size_t column)
{
	const struct field_node *old = middle->builder->original->fields[middle->from + row];
	const struct field_node *new = middle->builder->current->fields[middle->from + column];

	if (old == new)
		return KEPT;
	if (!str_equal(old->name, new->name))
		return 0;
	if (str_equal(old->value, new->value))
		return KEPT;
	return plan_value(middle->builder, new->value).length ? CHANGED : 0;
}

static bool
too_many(const struct middle *middle)
{
	return middle->columns && middle->rows + 1 > CELLS_MAXIMUM / (middle->columns + 1);
}

/* Matches the fields that are the same at the beginning and the end, and gives what is left. */
static struct middle
trim(const struct plan_builder *builder, size_t *match_r)
{
	const struct state *original = builder->original, *current = builder->current;
	size_t rows = original->field_count, columns = current->field_count, from = 0;

	while (from < rows && from < columns &&
	    field_same(original->fields[from], current->fields[from])) {
		match_r[from] = from;
		from++;
	}
	while (rows > from && columns > from &&
	    field_same(original->fields[rows - 1], current->fields[columns - 1]))
		match_r[--columns] = --rows;
	return (struct middle){ builder, from, rows - from, columns - from };
}

/* best[row][column]: the most that fields from that row and column on can save. */
static void
align_anywhere(const struct middle *middle, size_t *match_r)
{
	size_t width = middle->columns + 1;
	uint32_t *best = memory_array((middle->rows + 1) * width, sizeof(*best));
	size_t row = middle->rows, column;

	while (row-- > 0) {
		for (column = middle->columns; column-- > 0;) {
			uint32_t *cell = &best[row * width + column];
			uint32_t worth = saving(middle, row, column);

			*cell = cell[1] > cell[width] ? cell[1] : cell[width];
			if (worth && cell[width + 1] + worth > *cell)
				*cell = cell[width + 1] + worth;
		}
	}
	for (row = column = 0; row < middle->rows && column < middle->columns;) {
		const uint32_t *cell = &best[row * width + column];

		if (*cell == cell[width])
			row++;
		else if (*cell == cell[1])
			column++;
		else
			match_r[middle->from + column++] = middle->from + row++;
	}
	free(best);
}

/* The state of align_side_by_side: what a match saves with all that stand side by side before
 * it, and the row of the one before. */
struct side {
	uint32_t saved;
	uint32_t before;		/* row + 1; 0: it is the first */
};

/* Fills the column and returns its best row; rows without a match keep 0. */
static size_t
fill_column(const struct middle *middle, size_t column, const struct side *previous,
    struct side *sides)
{
	struct side chain = { 0, 0 };
	size_t row, best = 0;

	for (row = 0; row < middle->rows; row++) {
		uint32_t worth = saving(middle, row, column);

		if (worth)
			sides[row] = (struct side){ chain.saved + worth, chain.before };
		if (sides[row].saved > sides[best].saved)
			best = row;
		if (previous && previous[row].saved > chain.saved)
			chain = (struct side){ previous[row].saved, (uint32_t)row + 1 };
	}
	return best;
}

static void
align_side_by_side(const struct middle *middle, size_t *match_r)
{
	struct side *sides = memory_array(middle->rows * middle->columns, sizeof(*sides));
	size_t column, row = 0, last = 0;
	uint32_t most = 0;

	for (column = 0; column < middle->columns; column++) {
		struct side *here = sides + column * middle->rows;
		const struct side *previous = column ? here - middle->rows : NULL;
		size_t best = fill_column(middle, column, previous, here);

		if (here[best].saved > most) {
			most = here[best].saved;
			row = best;
			last = column;
		}
	}
	for (column = last; most; column--) {
		uint32_t before = sides[column * middle->rows + row].before;

		match_r[column] = row;
		if (!before)
			break;
		row = before - 1;
	}
	free(sides);
}

static void
clear(size_t *match, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		match[i] = UNMATCHED;
}

/* Only the longer one of beginning and end. */
static void
align_one_end(const struct plan_builder *builder, size_t *match_r)
{
	size_t count = builder->current->field_count;
	struct middle middle = trim(builder, match_r);
	size_t end = middle.from + middle.columns;

	if (middle.from < count - end)
		clear(match_r, end);
	else
		clear(match_r + middle.from, count - middle.from);
}

void
plan_align(const struct plan_builder *builder, bool ends_only, size_t *match_r)
{
	struct middle whole = {
		builder, 0, builder->original->field_count, builder->current->field_count
	};
	struct middle middle;

	clear(match_r, whole.columns);
	if (!whole.rows || !whole.columns)
		return;
	if (!ends_only) {
		middle = trim(builder, match_r);
		if (!too_many(&middle))
			align_anywhere(&middle, match_r);
	} else if (too_many(&whole)) {
		align_one_end(builder, match_r);
	} else {
		align_side_by_side(&whole, match_r);
	}
}
