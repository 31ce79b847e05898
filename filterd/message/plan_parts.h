/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts that plan.c puts together. */
#ifndef FILTERD_MESSAGE_PLAN_PARTS_H
#define FILTERD_MESSAGE_PLAN_PARTS_H

#include "filterd/message/plan.h"

/* A plan as it grows. */
struct plan_builder {
	struct arena *arena;
	const struct plan_target *target;
	const struct state *original, *current;
	struct action *actions;
	size_t count, room;
};

/* A new action at the end, zeroed but for its kind. */
struct action *plan_add(struct plan_builder *builder, enum action_kind kind);

void plan_sender(struct plan_builder *builder);
void plan_recipients(struct plan_builder *builder);
void plan_headers(struct plan_builder *builder);

#define UNMATCHED ((size_t)-1)

/* Finds the field of the original state that each field of the current one is made of;
 * UNMATCHED: of none, it is inserted. Matches keep their order, and the actions that they leave
 * to be done are as few as can be. With ends_only the matched fields of the current state stand
 * side by side, so that fields are inserted before the first and after the last of them only.
 * match_r has room for all fields of the current state. */
void plan_align(const struct plan_builder *builder, bool ends_only, size_t *match_r);

/* The value as it goes to the MTA. */
struct str plan_value(const struct plan_builder *builder, struct str value);


#endif
