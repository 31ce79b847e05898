/* SPDX-License-Identifier: BSD-2-Clause */
/* Header fields of a plan; the rules, by their numbers, stand in plan.c. */
#include "filterd/message/plan_parts.h"

#define INDEX_FRONT	1u
#define INDEX_END	(1u << 30)	/* past any list of fields, within a signed 32-bit count */

/* Fields that Sendmail makes itself when the client sends none (rule S5). */
static const char *const made_by_sendmail[] = {
	"Date", "From", "Message-Id", "Resent-Date", "Resent-From", "Resent-Message-Id"
};

struct str
plan_value(const struct plan_builder *builder, struct str value)
{
	if (builder->target->leading_space || !value.length || value.data[0] != ' ')
		return value;
	return (struct str){ value.data + 1, value.length - 1 };
}

/* value.data NULL deletes. */
static void
add_change(struct plan_builder *builder, const char *name, size_t n, struct str value)
{
	struct action *action = plan_add(builder, ACTION_CHANGE_HEADER);

	action->name = name;
	action->index = (unsigned)n;
	action->value = value;
}

static void
add_field(struct plan_builder *builder, enum action_kind kind, unsigned index,
    const struct field_node *field)
{
	struct action *action = plan_add(builder, kind);

	action->name = field->name.data;
	action->index = index;
	action->value = plan_value(builder, field->value);
}

/* The place of an original field among those of its name, from 1. */
static size_t
nth_of_name(const struct state *original, size_t index)
{
	size_t i, n = 1;

	for (i = 0; i < index; i++)
		n += str_equal_nocase(original->fields[i]->name, original->fields[index]->name);
	return n;
}

/* Changes and deletions from the last field to the first (rule B1). */
static void
change_fields(struct plan_builder *builder, const size_t *match)
{
	const struct state *original = builder->original, *current = builder->current;
	size_t row = original->field_count, column = current->field_count;

	while (row-- > 0) {
		const struct field_node *old = original->fields[row], *new;

		while (column > 0 && (match[column - 1] == UNMATCHED || match[column - 1] > row))
			column--;
		if (column == 0 || match[column - 1] != row) {
			add_change(builder, old->name.data, nth_of_name(original, row),
			    (struct str){ NULL, 0 });
			continue;
		}
		new = current->fields[column - 1];
		if (!field_same(old, new)) {
			add_change(builder, old->name.data, nth_of_name(original, row),
			    plan_value(builder, new->value));
		}
	}
}

/* One behind the last matched field; 0 when none is matched. */
static size_t
matched_end(const size_t *match, size_t count)
{
	while (count && match[count - 1] == UNMATCHED)
		count--;
	return count;
}

/* From the first to the last: all that stand before a field are in their places when it is
 * inserted (rule P3). */
static void
insert_by_index(struct plan_builder *builder, const size_t *match)
{
	const struct state *current = builder->current;
	size_t end = matched_end(match, current->field_count);
	size_t i;

	for (i = 0; i < current->field_count; i++) {
		const struct field_node *field = current->fields[i];

		if (match[i] != UNMATCHED)
			continue;
		if (i < end)
			add_field(builder, ACTION_INSERT_HEADER, (unsigned)i + 1, field);
		else
			add_field(builder, ACTION_ADD_HEADER, 0, field);
	}
}

static bool
has_unmatched(const struct plan_builder *builder, const size_t *match, struct str name)
{
	const struct state *current = builder->current;
	size_t i;

	for (i = 0; i < current->field_count; i++) {
		if (match[i] == UNMATCHED && str_equal_nocase(current->fields[i]->name, name))
			return true;
	}
	return false;
}

/* A field that comes in the place of one that Sendmail would make (rule S5). */
static void
delete_made_by_sendmail(struct plan_builder *builder, const size_t *match)
{
	size_t i;

	for (i = 0; i < sizeof(made_by_sendmail) / sizeof(made_by_sendmail[0]); i++) {
		struct str name = str_of(made_by_sendmail[i]);

		if (state_field_count(builder->original, name) == 0 &&
		    has_unmatched(builder, match, name))
			add_change(builder, name.data, 1, (struct str){ NULL, 0 });
	}
}

/* Before the matched fields from the last to the first, behind them from the first to the last
 * (rules S3 and S4). */
static void
insert_at_ends(struct plan_builder *builder, const size_t *match)
{
	const struct state *current = builder->current;
	size_t end = matched_end(match, current->field_count), first = 0, i;

	while (first < end && match[first] == UNMATCHED)
		first++;
	for (i = first; i-- > 0;)
		add_field(builder, ACTION_INSERT_HEADER, INDEX_FRONT, current->fields[i]);
	for (i = end; i < current->field_count; i++)
		add_field(builder, ACTION_INSERT_HEADER, INDEX_END, current->fields[i]);
}

void
plan_headers(struct plan_builder *builder)
{
	size_t *match;

	if (builder->current->fields == builder->original->fields)
		return;
	match = arena_array(builder->arena, builder->current->field_count + 1, sizeof(*match));
	plan_align(builder, builder->target->sendmail, match);
	change_fields(builder, match);
	if (!builder->target->sendmail) {
		insert_by_index(builder, match);
		return;
	}
	if (!builder->target->headers_unseen)
		delete_made_by_sendmail(builder, match);
	insert_at_ends(builder, match);
}
